package signing

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/signing/keys"
	"nghisu/storage/postgres"
)

// staleAfter is how long nobody touched an open request before the sweep looks at it.
const staleAfter = time.Minute

// AdvanceArgs is the job that goes on with a request that waits for a provider.
type AdvanceArgs struct {
	Request id.Request `json:"request"`
}

// Kind names the job.
func (AdvanceArgs) Kind() string { return "signing.advance" }

// SweepArgs is the job that goes on with requests that nobody works on: their process died, or their
// time is over.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "signing.sweep" }

// RegisterJobs adds the background work of signing.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, job *jobs.Job[AdvanceArgs]) error { return s.poll(ctx, job.Args.Request) })
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[SweepArgs]) error { return s.Sweep(ctx) })
	jobs.Every(r, time.Minute, SweepArgs{})
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[RenewArgs]) error { return s.Renew(ctx) })
	jobs.Every(r, renewEvery, RenewArgs{})
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[JudgeArgs]) error { return s.JudgeNew(ctx) })
	jobs.Every(r, judgeEvery, JudgeArgs{})
}

// poll advances a request, and comes again as long as it waits.
func (s *Service) poll(ctx context.Context, request id.Request) error {
	if _, err := s.advance(ctx, request); err != nil && !errors.Is(err, errBusy) {
		return err
	}
	r, err := findRequest(ctx, s.DB, request, "")
	if err != nil || r.State != Waiting {
		return err
	}
	return jobs.Again(pollPause(s.Now().Sub(r.CreatedAt)))
}

// pollPause is how long to wait before a provider is asked again: the older the request, the longer.
func pollPause(age time.Duration) time.Duration {
	return min(max(age/20, 2*time.Second), time.Minute)
}

// wait notes that the person has to agree elsewhere; a job asks for the values from now on.
func (j *run) wait(ctx context.Context, a keys.Answer) error {
	first := j.request.ticket == ""
	err := postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error {
		if err := saveTicket(ctx, tx, j.request.ID, a, j.Now()); err != nil {
			return err
		}
		if !first {
			return nil
		}
		j.Feed.Touch(tx, live.Person(j.request.Person.UUID))
		return j.Jobs.Insert(ctx, tx, AdvanceArgs{j.request.ID}, &jobs.Options{ScheduledAt: time.Now().Add(pollPause(0))})
	})
	if err != nil {
		return err
	}
	j.request.ticket, j.request.State = a.Ticket, Waiting
	for i := range j.work {
		if w := &j.work[i]; w.State == ItemPrepared {
			w.State = ItemWaiting
		}
	}
	return nil
}

// Sweep goes on with open requests that nobody touched for a while. It may run several times at once.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	stale, err := listStale(ctx, s.DB, now.Add(-staleAfter), now)
	if err != nil {
		return err
	}
	var first error
	for _, request := range stale {
		if _, err := s.advance(ctx, request); err != nil && !errors.Is(err, errBusy) && first == nil {
			first = err
		}
	}
	return first
}

// JudgeArgs is the job that judges what arrived or was uploaded, and again what became stale: so that
// whoever opens a document need not wait.
type JudgeArgs struct{}

// Kind names the job.
func (JudgeArgs) Kind() string { return "signing.judge" }

// How often new files are looked for, and how many are judged at a time.
const (
	judgeEvery = 15 * time.Second
	judgeBatch = 20
)

// JudgeNew judges files of documents that have no verdict under the lists of today. It may run several
// times at once.
func (s *Service) JudgeNew(ctx context.Context) error {
	w, err := s.whom(ctx)
	if err != nil {
		return err
	}
	refs, err := listUnjudged(ctx, s.DB, w.fingerprint, s.Now(), judgeBatch)
	if err != nil {
		return err
	}
	var failed error
	for _, ref := range refs {
		if _, err := s.freshReport(ctx, ref); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
