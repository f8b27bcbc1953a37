package org

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nghisu/storage/postgres"
)

// pipeline is a transaction that sends statements without an answer in batches: an import of 20,000
// people is some 160,000 of them. An error of a statement comes with a later one, or from flush; the
// import is all or nothing, so that is early enough. AfterCommit belongs to the transaction below.
type pipeline struct {
	pgx.Tx
	batch pgx.Batch
}

// pipelineSize is how many statements go together.
const pipelineSize = 400

// pipelined returns tx in the form that use cases take, and the function that sends the rest.
func pipelined(tx *postgres.Tx) (*postgres.Tx, func(context.Context) error) {
	p := &pipeline{Tx: tx.Tx}
	return &postgres.Tx{Tx: p}, p.flush
}

func (p *pipeline) flush(ctx context.Context) error {
	if p.batch.Len() == 0 {
		return nil
	}
	batch := p.batch
	p.batch = pgx.Batch{}
	return p.Tx.SendBatch(ctx, &batch).Close()
}

// Exec queues a statement; its tag is not known yet.
func (p *pipeline) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	p.batch.Queue(sql, args...)
	if p.batch.Len() >= pipelineSize {
		return pgconn.CommandTag{}, p.flush(ctx)
	}
	return pgconn.CommandTag{}, nil
}

// Query sends what is queued first, so that it sees it.
func (p *pipeline) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.Tx.Query(ctx, sql, args...)
}

// QueryRow sends what is queued first, so that it sees it.
func (p *pipeline) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := p.flush(ctx); err != nil {
		return failedRow{err}
	}
	return p.Tx.QueryRow(ctx, sql, args...)
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }
