// Package jobs runs background work on River. A use case inserts a job in its own transaction: the
// work happens if and only if the transaction commits. Workers must be idempotent.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"nghisu/storage/postgres"
)

// Args describes one job: a plain JSON struct with Kind() string.
type Args = river.JobArgs

// Options of one insertion: queue, priority, time, uniqueness.
type Options = river.InsertOpts

// Client inserts and works jobs.
type Client struct {
	river *river.Client[pgx.Tx] // inserts only
	db    *postgres.DB
	log   *slog.Logger
}

// Registry collects workers before the client starts.
type Registry struct {
	workers  *river.Workers
	periodic []*river.PeriodicJob
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry { return &Registry{workers: river.NewWorkers()} }

// Handle registers the function that works jobs of type A. An error makes River try again later,
// with growing pauses.
func Handle[A Args](r *Registry, fn func(ctx context.Context, job *Job[A]) error) {
	river.AddWorker(r.workers, river.WorkFunc(fn))
}

// Job is one job being worked: its Args, its Attempt and MaxAttempts.
type Job[A Args] = river.Job[A]

// Again is what a job returns to be worked once more after a pause; it is no failure.
func Again(pause time.Duration) error { return river.JobSnooze(pause) }

// Every inserts a job regularly, on one node of all.
func Every[A Args](r *Registry, interval time.Duration, args A) {
	r.periodic = append(r.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil }, nil))
}

// New makes a client that inserts. Features get it before they register their workers.
func New(db *postgres.DB, log *slog.Logger) (*Client, error) {
	c, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Logger: quiet(log)})
	if err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	return &Client{river: c, db: db, log: log}, nil
}

// Insert adds a job in the caller's transaction.
func (c *Client) Insert(ctx context.Context, tx pgx.Tx, args Args, opts *Options) error {
	if _, err := c.river.InsertTx(ctx, unwrap(tx), args, opts); err != nil {
		return fmt.Errorf("insert job %s: %w", args.Kind(), err)
	}
	return nil
}

// Run works the jobs of the registry until ctx ends, then lets running jobs finish for a few seconds.
func (c *Client) Run(ctx context.Context, r *Registry) error {
	cfg := &river.Config{
		Logger: quiet(c.log), ErrorHandler: errorHandler{c.log}, Workers: r.workers, PeriodicJobs: r.periodic,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		FetchPollInterval: time.Second, FetchCooldown: 20 * time.Millisecond,
		RescueStuckJobsAfter: 5 * time.Minute, JobTimeout: 2 * time.Minute,
	}
	worker, err := river.NewClient(riverpgxv5.New(c.db.Pool), cfg)
	if err != nil {
		return fmt.Errorf("set up workers: %w", err)
	}
	if err := worker.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	<-ctx.Done()
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	if err := worker.Stop(stopCtx); err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		return worker.StopAndCancel(hard)
	}
	return nil
}

// unwrap gives River the transaction of pgx below ours.
func unwrap(tx pgx.Tx) pgx.Tx {
	if t, ok := tx.(*postgres.Tx); ok {
		return t.Tx
	}
	return tx
}

type errorHandler struct{ log *slog.Logger }

func (h errorHandler) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	h.log.WarnContext(ctx, "job failed", "job", job.Kind, "attempt", job.Attempt, "error", err)
	return nil
}

func (h errorHandler) HandlePanic(ctx context.Context, job *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	h.log.ErrorContext(ctx, "job panicked", "job", job.Kind, "panic", fmt.Sprint(v), "trace", trace)
	return nil
}

// quiet keeps River's routine lines out of the log; warnings and errors pass.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(levelled{log.Handler()}) }

type levelled struct{ slog.Handler }

func (h levelled) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h levelled) WithAttrs(a []slog.Attr) slog.Handler { return levelled{h.Handler.WithAttrs(a)} }
func (h levelled) WithGroup(g string) slog.Handler      { return levelled{h.Handler.WithGroup(g)} }
