package signing

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/storage/postgres"
)

// hold takes the document for one signing, on all nodes, without a transaction: by an advisory lock of
// a connection of its own. When the process dies, the connection ends and with it the lock; so whoever
// gets the lock knows that every open intent of the document is dead. Conflict when somebody else signs.
func (s *Service) hold(ctx context.Context, documentID id.Document) (release func(), err error) {
	select {
	case s.holds <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done := func() { <-s.holds }
	conn, err := s.DB.Acquire(ctx)
	if err != nil {
		done()
		return nil, postgres.Translate(err)
	}
	const key = "hashtextextended('signing:' || $1::text, 0)"
	var got bool
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(`+key+`)`, documentID.String()).Scan(&got); err != nil || !got {
		conn.Release()
		done()
		if err == nil {
			err = errBusy
		}
		return nil, postgres.Translate(err)
	}
	return func() {
		defer done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := conn.Exec(ctx, `select pg_advisory_unlock(`+key+`)`, documentID.String()); err != nil {
			_ = conn.Conn().Close(ctx) // the lock ends with the connection
		}
		conn.Release()
	}, nil
}

// abandon marks the open intents of a document as failed. Only for whoever holds the document.
func (s *Service) abandon(ctx context.Context, tx *postgres.Tx, documentID id.Document, now time.Time) error {
	dead, err := failOpen(ctx, tx, documentID, "signing.interrupted", now)
	if err != nil {
		return err
	}
	for _, d := range dead {
		err := audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.SignatureFailed, Object: documentID.UUID, Agency: d.agency,
			Details: map[string]any{"signature": d.id, "file": d.file, "purpose": d.purpose, "failure": "signing.interrupted"}})
		if err != nil {
			return err
		}
	}
	return nil
}

// SweepArgs is the job that ends intents whose process died.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "signing.sweep" }

// RegisterJobs adds the background work of signing.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[SweepArgs]) error { return s.Sweep(ctx) })
	jobs.Every(r, time.Minute, SweepArgs{})
}

// Sweep marks intents as failed that nobody works on any more. It may run several times at once.
func (s *Service) Sweep(ctx context.Context) error {
	stale, err := listStale(ctx, s.DB, s.Now().Add(-2*signFor))
	if err != nil {
		return err
	}
	for _, documentID := range stale {
		if err := s.sweepOne(ctx, documentID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepOne(ctx context.Context, documentID id.Document) error {
	release, err := s.hold(ctx, documentID)
	if err == errBusy { //nolint:errorlint // made by hold itself
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error { return s.abandon(ctx, tx, documentID, s.Now()) })
}
