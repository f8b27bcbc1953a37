package exchange

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/org"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// attemptsPerRound is how often a delivery is tried before it fails and waits for its sender.
const attemptsPerRound = 5

// pauses are how long to wait after the first, second, ... attempt of a round that failed.
var pauses = [attemptsPerRound - 1]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute}

// overdue is how long after its time an attempt may be before the sweep makes it: then the node that
// was working the job has died.
const overdue = 15 * time.Second

// DeliverArgs is the job that makes one attempt at one delivery. Attempt counts from 1 over all
// rounds, so that a repeat of the job finds its attempt made and does nothing.
type DeliverArgs struct {
	Delivery id.Delivery `json:"delivery"`
	Attempt  int         `json:"attempt"`
}

// Kind names the job.
func (DeliverArgs) Kind() string { return "exchange.deliver" }

// SweepArgs is the regular job that makes attempts whose own job was lost with its node.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "exchange.sweep" }

// RegisterJobs adds the workers of this feature.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, job *jobs.Job[DeliverArgs]) error {
		return s.Deliver(ctx, job.Args.Delivery, job.Args.Attempt)
	})
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[SweepArgs]) error { return s.Sweep(ctx) })
	jobs.Every(r, 15*time.Second, SweepArgs{})
}

// enqueue plans an attempt, now when at is zero. A job with a time of its own would wait for River's
// scheduler, which looks every few seconds only. Urgent documents go first (NĐ 30/2020 Đ.4, QĐ 28/2018 Đ.6).
func (s *Service) enqueue(ctx context.Context, tx *postgres.Tx, deliveryID id.Delivery, attempt, urgency int, at time.Time) error {
	o := jobs.Options{Priority: 4 - urgency, ScheduledAt: at}
	o.UniqueOpts.ByArgs = true
	return s.jobs.Insert(ctx, tx, DeliverArgs{deliveryID, attempt}, &o)
}

// Sweep makes the attempts that are overdue, urgent ones first.
func (s *Service) Sweep(ctx context.Context) error {
	found, err := listDue(ctx, s.db, s.now().Add(-overdue), 200)
	if err != nil {
		return err
	}
	for _, d := range found {
		if err := s.Deliver(ctx, d.delivery, d.attempt); err != nil {
			return err
		}
	}
	return nil
}

// Deliver makes one attempt: it marks the delivery as sent, looks whether the recipient is there and
// every file is in the store, and marks it as delivered with status 01, or plans the next attempt.
// It may run any number of times, also at the same moment on several nodes. The two steps are two
// transactions, because another transport than this installation's own has a network between them.
func (s *Service) Deliver(ctx context.Context, deliveryID id.Delivery, attempt int) error {
	d, due, err := s.markSent(ctx, deliveryID, attempt)
	if err != nil || !due {
		return err
	}
	failure, err := s.carry(ctx, d)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		d, err := lockDelivery(ctx, tx, deliveryID)
		if err != nil || !d.Transport.mayFollow(Delivered) || d.Attempts != attempt-1 {
			return err // another run of this attempt was faster
		}
		return s.endAttempt(ctx, tx, d, failure)
	})
}

// markSent moves a queued delivery to sent; due is false when this attempt was made already.
func (s *Service) markSent(ctx context.Context, deliveryID id.Delivery, attempt int) (d Delivery, due bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		if d, err = lockDelivery(ctx, tx, deliveryID); err != nil {
			return err
		}
		if due = d.Attempts == attempt-1 && (d.Transport == Sent || d.Transport.mayFollow(Sent)); !due || d.Transport == Sent {
			return nil
		}
		d.Transport = Sent
		d, err = s.finish(ctx, tx, access.Actor{}, d, change{at: s.now()})
		return err
	})
	return d, due, err
}

// failure says why an attempt failed; the zero value that it did not. Key is a message key.
type failure struct {
	key   string
	final bool // trying again by itself makes no sense
}

// carry brings a document to its recipient. Inside one installation both read the same store, so
// that it is there as soon as the recipient exists and every file is whole. Errors are those of the
// database; a store that fails is a failure of the attempt.
func (s *Service) carry(ctx context.Context, d Delivery) (failure, error) {
	active, err := isActive(ctx, s.db, d.Recipient, org.Today(s.now()))
	if err != nil {
		return failure{}, err
	}
	if !active {
		return failure{key: "exchange.recipient_dissolved", final: true}, nil
	}
	files, err := document.ListFiles(ctx, s.db, d.Document)
	if err != nil {
		return failure{}, err
	}
	for _, f := range files {
		info, err := s.store.Stat(ctx, f.Ref.Hash)
		switch {
		case errors.Is(err, objects.ErrMissing):
			return failure{key: "exchange.file_missing"}, nil
		case errors.Is(err, objects.ErrDamaged), err == nil && info.Size != f.Ref.Size:
			return failure{key: "exchange.file_damaged"}, nil
		case err != nil:
			return failure{key: "exchange.store_unavailable"}, nil
		}
	}
	return failure{}, nil
}

// endAttempt records how an attempt ended, and plans the next one where there is one.
func (s *Service) endAttempt(ctx context.Context, tx *postgres.Tx, d Delivery, f failure) error {
	now := s.now()
	d.end(f, now)
	c := change{at: now}
	switch d.Transport {
	case Delivered:
		c.kind, c.agency = audit.DeliveryArrived, d.Recipient
	case Failed:
		c.kind, c.agency, c.reason = audit.DeliveryFailed, d.Sender, f.key
	default:
		if err := s.enqueue(ctx, tx, d.ID, d.Attempts+1, d.Urgency, *d.NextTryAt); err != nil {
			return err
		}
		s.feed.Touch(tx, d.topics()...)
		return updateDelivery(ctx, tx, d)
	}
	_, err := s.finish(ctx, tx, access.Actor{}, d, c)
	return err
}

// end is the rule of one attempt's end: arrived, failed for good, or to be tried again at NextTryAt.
func (d *Delivery) end(f failure, now time.Time) {
	d.Attempts++
	d.Failure, d.NextTryAt = f.key, nil
	if f.key == "" {
		d.Transport, d.Status, d.ArrivedAt = Delivered, Arrived, &now
		return
	}
	made := (d.Attempts-1)%attemptsPerRound + 1
	if f.final || made == attemptsPerRound {
		d.Attempts += attemptsPerRound - made // the next round begins at a multiple and has all its attempts
		d.Transport = Failed
		return
	}
	next := now.Add(pauses[made-1])
	d.NextTryAt = &next
}
