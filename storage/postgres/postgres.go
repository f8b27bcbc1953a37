// Package postgres owns the connection pool, transactions, exactly-once commands and the
// translation of database errors. It knows no feature and no table but idempotency_keys.
package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// AppRole is the database role the application works under: it may not change or delete audit rows.
const AppRole = "nghisu_app"

// poolSize is the most connections of one node, unless the address says pool_max_conns. pgx would take
// as many as there are processors: then two signatures, eight jobs and the listener of the jobs
// leave nothing to the pages of a small machine. Two nodes stay below PostgreSQL's usual 100.
const poolSize = 32

// DB is the pool of the application.
type DB struct{ *pgxpool.Pool }

// Querier is what store functions take: the pool for reads, a transaction for the rest.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Open connects with the application's role. url is a PostgreSQL address; the login it names must be
// a member of AppRole. Times come back in UTC.
func Open(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database address: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = poolSize
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "nghisu"
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "set role "+AppRole)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return &DB{pool}, nil
}

// Tx is a transaction that remembers what to do once it is durable.
type Tx struct {
	pgx.Tx
	after []func()
}

// AfterCommit runs f after a successful commit, never when the transaction fails. For hints only:
// a crash between commit and f loses it.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// InTx runs fn in one read-committed transaction. Errors of the database come back translated.
func InTx(ctx context.Context, db *DB, fn func(tx *Tx) error) error {
	pgtx, err := db.Begin(ctx)
	if err != nil {
		return Translate(err)
	}
	tx := &Tx{Tx: pgtx}
	// Rollback needs a context that still lives when the request was cancelled.
	defer func() { _ = pgtx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(tx); err != nil {
		return Translate(err)
	}
	if err := pgtx.Commit(ctx); err != nil {
		return Translate(err)
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// Snapshot reads with fn at one moment of the database: what several statements return fits together.
// Errors of the database come back translated.
func Snapshot[T any](ctx context.Context, db *DB, fn func(q Querier) (T, error)) (T, error) {
	var out T
	err := pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly},
		func(tx pgx.Tx) (err error) {
			out, err = fn(tx)
			return err
		})
	return out, Translate(err)
}

// Command identifies one repeatable request: the caller's Idempotency-Key and a fingerprint of what
// was asked with it. Put into the context by httpapi, honoured by Once.
type Command struct {
	Person      id.Person
	Key         string
	Fingerprint []byte // SHA-256 over method, path and body
}

type commandKey struct{}

// WithCommand marks ctx as carrying a repeatable request.
func WithCommand(ctx context.Context, c Command) context.Context {
	return context.WithValue(ctx, commandKey{}, c)
}

// Once runs fn in a transaction exactly once per idempotency key of the context. The result is
// stored, as JSON, in the same transaction; a repeat returns the stored result without running fn,
// a repeat with another fingerprint is a conflict, two at the same moment wait for each other.
// Without a key in the context it is InTx with a result. T must survive encoding/json.
func Once[T any](ctx context.Context, db *DB, fn func(tx *Tx) (T, error)) (T, error) {
	var out T
	cmd, keyed := ctx.Value(commandKey{}).(Command)
	err := InTx(ctx, db, func(tx *Tx) error {
		if keyed {
			done, err := claimCommand(ctx, tx, cmd, &out)
			if err != nil || done {
				return err
			}
		}
		var err error
		if out, err = fn(tx); err != nil || !keyed {
			return err
		}
		body, err := json.Marshal(out)
		if err != nil {
			return fmt.Errorf("encode result of command: %w", err)
		}
		_, err = tx.Exec(ctx, `update idempotency_keys set result = $3 where person_id = $1 and key = $2`,
			cmd.Person, cmd.Key, body)
		return err
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return out, nil
}

// claimCommand takes the key for this transaction, or reads the result of the one that did before.
// A concurrent holder of the key makes the insert wait until it commits or rolls back.
func claimCommand(ctx context.Context, tx *Tx, cmd Command, out any) (done bool, err error) {
	tag, err := tx.Exec(ctx, `insert into idempotency_keys (person_id, key, fingerprint)
		values ($1, $2, $3) on conflict do nothing`, cmd.Person, cmd.Key, cmd.Fingerprint)
	if err != nil || tag.RowsAffected() == 1 {
		return false, err
	}
	var fingerprint, result []byte
	err = tx.QueryRow(ctx, `select fingerprint, result from idempotency_keys where person_id = $1 and key = $2`,
		cmd.Person, cmd.Key).Scan(&fingerprint, &result)
	if err != nil {
		return false, err
	}
	if string(fingerprint) != string(cmd.Fingerprint) {
		return false, errs.New(errs.Conflict, "request.key_reused")
	}
	return true, json.Unmarshal(result, out)
}

// constraintErrors maps names of constraints onto the errors they mean. Features add theirs with
// MapConstraint at start; a constraint that is not listed is an internal error.
var constraintErrors = map[string]*errs.Error{}

// MapConstraint says what breaking the named constraint means. Call from package variables or init only.
func MapConstraint(name string, e *errs.Error) *errs.Error {
	constraintErrors[name] = e
	return e
}

// Translate turns what pgx returns into errs: no rows -> not_found, a known constraint -> its error,
// a lost or refused connection -> unavailable. Errors that are ours already pass unchanged.
func Translate(err error) error {
	if err == nil {
		return nil
	}
	var known *errs.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.Wrap(errs.NotFound, "request.not_found", err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if e, ok := constraintErrors[pg.ConstraintName]; ok && pg.ConstraintName != "" {
			c := *e
			c.Err = err
			return &c
		}
		switch {
		case pg.Code == "40001" || pg.Code == "40P01": // serialization failure, deadlock
			return errs.Wrap(errs.Unavailable, "database.busy", err)
		case pg.Code[:2] == "57" || pg.Code[:2] == "53" || pg.Code[:2] == "08": // shutdown, no resources, connection
			return errs.Wrap(errs.Unavailable, "database.unavailable", err)
		}
		return err
	}
	var connect *pgconn.ConnectError
	var broken *net.OpError // the server died in the middle
	if errors.As(err, &connect) || errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.SafeToRetry(err) || errors.Is(err, context.DeadlineExceeded) {
		return errs.Wrap(errs.Unavailable, "database.unavailable", err)
	}
	return err
}

// Now is the clock of the product: UTC, cut to microseconds, as PostgreSQL keeps it.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
