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
	river   *river.Client[pgx.Tx]
	workers *river.Workers
	db      *postgres.DB
	log     *slog.Logger
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

// Every inserts a job regularly, on one node of all.
func Every[A Args](r *Registry, interval time.Duration, args A) {
	r.periodic = append(r.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil }, nil))
}

// New makes the client. With work false it only inserts.
func New(db *postgres.DB, log *slog.Logger, r *Registry, work bool) (*Client, error) {
	cfg := &river.Config{Logger: log, ErrorHandler: errorHandler{log}}
	if work {
		cfg.Workers = r.workers
		cfg.PeriodicJobs = r.periodic
		cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}}
		cfg.FetchPollInterval = time.Second
		cfg.FetchCooldown = 20 * time.Millisecond
		cfg.RescueStuckJobsAfter = 5 * time.Minute
		cfg.JobTimeout = 2 * time.Minute
	}
	c, err := river.NewClient(riverpgxv5.New(db.Pool), cfg)
	if err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	return &Client{river: c, workers: r.workers, db: db, log: log}, nil
}

// Insert adds a job in the caller's transaction.
func (c *Client) Insert(ctx context.Context, tx pgx.Tx, args Args, opts *Options) error {
	if _, err := c.river.InsertTx(ctx, unwrap(tx), args, opts); err != nil {
		return fmt.Errorf("insert job %s: %w", args.Kind(), err)
	}
	return nil
}

// Run works jobs until ctx ends, then lets running jobs finish for a few seconds.
func (c *Client) Run(ctx context.Context) error {
	if err := c.river.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	<-ctx.Done()
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	if err := c.river.Stop(stopCtx); err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		return c.river.StopAndCancel(hard)
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
