package exchange

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Jobs inserts background work in a transaction.
type Jobs interface {
	Insert(ctx context.Context, tx pgx.Tx, args jobs.Args, opts *jobs.Options) error
}

// Store tells whether content is there.
type Store interface {
	Stat(ctx context.Context, h objects.Hash) (objects.Info, error)
}

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB    *postgres.DB
	Store Store
	Jobs  Jobs
	Feed  *live.Feed
	Now   func() time.Time
}

// Service holds the use cases of sending and receiving.
type Service struct {
	db    *postgres.DB
	store Store
	jobs  Jobs
	feed  *live.Feed
	now   func() time.Time
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{db: d.DB, store: d.Store, jobs: d.Jobs, feed: d.Feed, now: d.Now}
}

// Send releases a sealed document and queues one delivery for each recipient, all in one transaction.
// version is the one the caller has seen, 0 for any.
func (s *Service) Send(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (document.Document, error) {
		now := s.now()
		doc, err := document.Release(ctx, tx, actor, documentID, version, now)
		if err != nil {
			return document.Document{}, err
		}
		ids := make([]id.Delivery, len(doc.Recipients))
		queued := make([]Delivery, len(doc.Recipients))
		for i := range ids {
			ids[i] = id.New[id.Delivery]()
			queued[i].ID = ids[i]
		}
		if err := insertDeliveries(ctx, tx, doc, ids, now); err != nil {
			return document.Document{}, err
		}
		if err := insertEvents(ctx, tx, &actor.Appointment, now, "", queued...); err != nil {
			return document.Document{}, err
		}
		for _, deliveryID := range ids {
			if err := s.enqueue(ctx, tx, deliveryID, 1, doc.Urgency, time.Time{}); err != nil {
				return document.Document{}, err
			}
		}
		s.feed.Touch(tx, doc.Topics()...)
		return doc, nil
	})
}

// Accept registers an arrived document under the recipient's next number of arrival, taken in the
// same transaction (NĐ 30/2020 Đ.22).
func (s *Service) Accept(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int) (Delivery, error) {
	return s.decide(ctx, actor, deliveryID, version, decision{Accept, audit.DeliveryAccepted,
		func(tx *postgres.Tx, d *Delivery, now time.Time) error {
			year := org.Today(now).Year()
			n, err := takeNumber(ctx, tx, d.Recipient, year)
			d.Status, d.ArrivalNumber, d.ArrivalYear = Accepted, &n, &year
			return err
		}})
}

// Refuse sends an arrived document back with a reason of 1 to 1000 characters (NĐ 30/2020 Đ.21, QĐ
// 28/2018 Đ.9).
func (s *Service) Refuse(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int, reason string) (Delivery, error) {
	return s.decide(ctx, actor, deliveryID, version, decision{Refuse, audit.DeliveryRefused,
		func(_ *postgres.Tx, d *Delivery, _ time.Time) (err error) {
			d.Status = Refused
			d.RefusalReason, err = document.CleanReason(reason)
			return err
		}})
}

// decision is the recipient's answer to a delivery.
type decision struct {
	action Action
	kind   audit.Kind
	apply  func(tx *postgres.Tx, d *Delivery, now time.Time) error
}

func (s *Service) decide(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int, c decision) (Delivery, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Delivery, error) {
		now := s.now()
		d, err := lockFor(ctx, tx, actor, deliveryID, version, c.action)
		if err != nil {
			return Delivery{}, err
		}
		if err := c.apply(tx, &d, now); err != nil {
			return Delivery{}, err
		}
		if d.OpenedAt == nil { // whoever answers has looked
			if err := updateOpened(ctx, tx, d.ID, actor.Appointment, now); err != nil {
				return Delivery{}, err
			}
		}
		if err := updateDecided(ctx, tx, d.ID, actor.Appointment, now); err != nil {
			return Delivery{}, err
		}
		return s.finish(ctx, tx, actor, d, change{kind: c.kind, reason: d.RefusalReason, at: now})
	})
}

// MarkOpened records the first opening by somebody of the recipient; later ones change nothing.
func (s *Service) MarkOpened(ctx context.Context, actor access.Actor, deliveryID id.Delivery) (Delivery, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Delivery, error) {
		d, err := lockFor(ctx, tx, actor, deliveryID, 0, Open)
		if err != nil || d.OpenedAt != nil {
			return d, err
		}
		now := s.now()
		if err := updateOpened(ctx, tx, d.ID, actor.Appointment, now); err != nil {
			return Delivery{}, err
		}
		err = audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.DeliveryOpened, Object: d.ID.UUID})
		if err != nil {
			return Delivery{}, err
		}
		d.OpenedAt = &now
		s.feed.Touch(tx, d.topics()...)
		return d, nil
	})
}

// Retry starts a new round of attempts for a delivery that failed; the sender's clerk asks for it.
func (s *Service) Retry(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int) (Delivery, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Delivery, error) {
		now := s.now()
		d, err := lockFor(ctx, tx, actor, deliveryID, version, Retry)
		if err != nil {
			return Delivery{}, err
		}
		d.Transport, d.NextTryAt = Queued, &now
		if err := s.enqueue(ctx, tx, d.ID, d.Attempts+1, d.Urgency, time.Time{}); err != nil {
			return Delivery{}, err
		}
		if d, err = s.finish(ctx, tx, actor, d, change{kind: audit.DeliveryRetried, at: now}); err != nil {
			return Delivery{}, err
		}
		return d, tx.QueryRow(ctx, `select name from agencies where id = $1`, d.Recipient).Scan(&d.RecipientName)
	})
}

// lockFor locks a delivery and asks whether actor may do the action on the version they have seen.
func lockFor(ctx context.Context, tx *postgres.Tx, actor access.Actor, deliveryID id.Delivery, version int, a Action) (Delivery, error) {
	d, err := lockDelivery(ctx, tx, deliveryID)
	if err != nil {
		return Delivery{}, err
	}
	if err := d.May(actor, a); err != nil {
		return Delivery{}, err
	}
	if version != 0 && version != d.Version {
		return Delivery{}, &errs.Error{Code: errs.Stale, Key: "request.stale", Current: d}
	}
	return d, nil
}

// change is what finish records about a new state.
type change struct {
	kind   audit.Kind
	reason string
	agency id.Agency // whose audit record; the actor's when zero
	at     time.Time
}

// finish writes the new state of a delivery with its history, audit event and hints. The zero actor
// is the system.
func (s *Service) finish(ctx context.Context, tx *postgres.Tx, actor access.Actor, d Delivery, c change) (Delivery, error) {
	d.ChangedAt = c.at
	if err := updateDelivery(ctx, tx, d); err != nil {
		return Delivery{}, err
	}
	var by *id.Appointment
	if !id.IsZero(actor.Appointment) {
		by = &actor.Appointment
	}
	if err := insertEvents(ctx, tx, by, c.at, c.reason, d); err != nil {
		return Delivery{}, err
	}
	if c.kind != "" {
		err := audit.Append(ctx, tx, actor, c.at, audit.Event{Kind: c.kind, Object: d.ID.UUID, Agency: c.agency, Details: d.details(c.reason)})
		if err != nil {
			return Delivery{}, err
		}
	}
	s.feed.Touch(tx, d.topics()...)
	return findDelivery(ctx, tx, d.ID, "")
}

// details are what the audit record keeps of a change.
func (d Delivery) details(reason string) map[string]any {
	m := map[string]any{"document": d.Document.String(), "code": d.Code(), "sender": d.Sender.String(), "recipient": d.Recipient.String()}
	if d.ArrivalNumber != nil {
		m["arrival_number"] = *d.ArrivalNumber
	}
	if reason != "" {
		m["reason"] = reason
	}
	return m
}

// topics are the hints for both sides: lists, the sender's page of the document, the recipient's page.
func (d Delivery) topics() []live.Topic {
	return []live.Topic{live.Agency(d.Sender.UUID), live.Agency(d.Recipient.UUID), live.Document(d.Document.UUID), live.Delivery(d.ID.UUID)}
}
