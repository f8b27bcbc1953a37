package exchange

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

var _ = postgres.MapConstraint("deliveries_once", errs.New(errs.Conflict, "exchange.already_sent"))

const deliveryColumns = `d.id, d.document_id, d.sender_id, d.sender_name, d.recipient_id, d.transport, coalesce(d.status, 0), d.urgency,
	d.type_code, d.number, d.symbol, d.issued_on, d.subject, d.file_count, d.attempts, d.failure, d.next_try_at, d.queued_at,
	d.arrived_at, d.opened_at, d.decided_at, d.arrival_number, d.arrival_year, d.refusal_reason, d.changed_at, d.version`

// places are where the columns go.
func (d *Delivery) places() []any {
	return []any{&d.ID, &d.Document, &d.Sender, &d.SenderName, &d.Recipient, &d.Transport, &d.Status, &d.Urgency,
		&d.TypeCode, &d.Number, &d.Symbol, &d.IssuedOn, &d.Subject, &d.FileCount, &d.Attempts, &d.Failure, &d.NextTryAt, &d.QueuedAt,
		&d.ArrivedAt, &d.OpenedAt, &d.DecidedAt, &d.ArrivalNumber, &d.ArrivalYear, &d.RefusalReason, &d.ChangedAt, &d.Version}
}

func scanDelivery(row pgx.CollectableRow) (d Delivery, err error) { return d, row.Scan(d.places()...) }

// findDelivery reads a delivery; with suffix "for update" nobody else changes it until the
// transaction ends.
func findDelivery(ctx context.Context, q postgres.Querier, deliveryID id.Delivery, suffix string) (Delivery, error) {
	var d Delivery
	err := q.QueryRow(ctx, `select `+deliveryColumns+` from deliveries d where d.id = $1 `+suffix, deliveryID).Scan(d.places()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Delivery{}, errs.Missing()
	}
	return d, postgres.Translate(err)
}

func lockDelivery(ctx context.Context, tx *postgres.Tx, deliveryID id.Delivery) (Delivery, error) {
	return findDelivery(ctx, tx, deliveryID, "for update")
}

// insertDeliveries queues a document for all its recipients, in their order.
func insertDeliveries(ctx context.Context, tx *postgres.Tx, d document.Document, ids []id.Delivery, now time.Time) error {
	recipients := make([]id.Agency, 0, len(d.Recipients))
	for _, r := range d.Recipients {
		recipients = append(recipients, r.Agency)
	}
	_, err := tx.Exec(ctx, `insert into deliveries (id, document_id, sender_id, recipient_id, transport, urgency, type_code, number,
			symbol, issued_on, subject, sender_name, file_count, queued_at, changed_at, next_try_at)
		select x.id, $3, $4, x.recipient, 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13
		from unnest($1::uuid[], $2::uuid[]) x (id, recipient)`,
		ids, recipients, d.ID, d.Agency, d.Urgency, d.TypeCode, d.Number, d.Symbol, d.IssuedOn, d.Subject, d.AgencyName, len(d.Files), now)
	return err
}

// updateDelivery writes what can change about a delivery.
func updateDelivery(ctx context.Context, tx *postgres.Tx, d Delivery) error {
	var status *Status
	if d.Status != 0 {
		status = &d.Status
	}
	_, err := tx.Exec(ctx, `update deliveries set transport = $2, status = $3, attempts = $4, failure = $5, next_try_at = $6,
			arrived_at = $7, arrival_number = $8, arrival_year = $9, refusal_reason = $10, changed_at = $11, version = version + 1
		where id = $1`, d.ID, string(d.Transport), status, d.Attempts, d.Failure, d.NextTryAt, d.ArrivedAt, d.ArrivalNumber,
		d.ArrivalYear, d.RefusalReason, d.ChangedAt)
	return err
}

func updateOpened(ctx context.Context, tx *postgres.Tx, deliveryID id.Delivery, by id.Appointment, now time.Time) error {
	_, err := tx.Exec(ctx, `update deliveries set opened_at = $3, opened_by = $2 where id = $1`, deliveryID, by, now)
	return err
}

func updateDecided(ctx context.Context, tx *postgres.Tx, deliveryID id.Delivery, by id.Appointment, now time.Time) error {
	_, err := tx.Exec(ctx, `update deliveries set decided_at = $3, decided_by = $2 where id = $1`, deliveryID, by, now)
	return err
}

// insertEvents records the present state of the deliveries. by is nil when the system did it.
func insertEvents(ctx context.Context, tx *postgres.Tx, by *id.Appointment, at time.Time, reason string, ds ...Delivery) error {
	ids, events := make([]id.Delivery, 0, len(ds)), make([]id.Event, 0, len(ds))
	for _, d := range ds {
		ids, events = append(ids, d.ID), append(events, id.New[id.Event]())
	}
	_, err := tx.Exec(ctx, `insert into delivery_events (id, delivery_id, at, transport, status, appointment_id, reason)
		select x.event, d.id, $3, d.transport, d.status, $4, $5
		from unnest($1::uuid[], $2::uuid[]) x (event, delivery) join deliveries d on d.id = x.delivery`, events, ids, at, by, reason)
	return err
}

func listEvents(ctx context.Context, q postgres.Querier, deliveryID id.Delivery) ([]Event, error) {
	rows, err := q.Query(ctx, `select at, transport, coalesce(status, 0), appointment_id, reason from delivery_events
		where delivery_id = $1 order by at, id`, deliveryID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	var by []*id.Appointment
	var named []id.Appointment
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Event, error) {
		var e Event
		var who *id.Appointment
		err := row.Scan(&e.At, &e.Transport, &e.Status, &who, &e.Reason)
		if by = append(by, who); who != nil {
			named = append(named, *who)
		}
		return e, err
	})
	if err != nil || len(named) == 0 {
		return events, postgres.Translate(err)
	}
	people, err := document.Appointments(ctx, q, named)
	if err != nil {
		return nil, err
	}
	for i, who := range by {
		if who != nil {
			a := people[*who]
			events[i].By = &a
		}
	}
	return events, nil
}

// incoming is the series of numbers of arrival: one for paper and electronic (NĐ 30/2020 Đ.22).
const incoming = "incoming"

// takeNumber takes the next number of a series. The row stays locked until the transaction ends, so
// a number is used exactly when its transaction commits: no duplicates, no gaps.
func takeNumber(ctx context.Context, tx *postgres.Tx, agency id.Agency, year int) (n int, err error) {
	return n, tx.QueryRow(ctx, `insert into number_series (agency_id, series, year, last) values ($1, $2, $3, 1)
		on conflict (agency_id, series, year) do update set last = number_series.last + 1 returning last`,
		agency, incoming, year).Scan(&n)
}

// nextNumber is the number that would be taken now.
func nextNumber(ctx context.Context, q postgres.Querier, agency id.Agency, year int) (n int, err error) {
	err = q.QueryRow(ctx, `select coalesce(max(last), 0) + 1 from number_series where agency_id = $1 and series = $2 and year = $3`,
		agency, incoming, year).Scan(&n)
	return n, postgres.Translate(err)
}

func listOutgoing(ctx context.Context, q postgres.Querier, documentID id.Document) ([]Delivery, error) {
	rows, err := q.Query(ctx, `select `+deliveryColumns+`, a.name from deliveries d join agencies a on a.id = d.recipient_id
		join document_recipients r on r.document_id = d.document_id and r.agency_id = d.recipient_id
		where d.document_id = $1 order by r.ordinal`, documentID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Delivery, err error) {
		return d, row.Scan(append(d.places(), &d.RecipientName)...)
	})
	return found, postgres.Translate(err)
}

func countDeliveries(ctx context.Context, q postgres.Querier, sender id.Agency, documents []id.Document) (map[id.Document]Counts, error) {
	rows, err := q.Query(ctx, `select document_id,
			count(*) filter (where transport = 'queued'), count(*) filter (where transport = 'sent'),
			count(*) filter (where status = 1), count(*) filter (where transport = 'failed'),
			count(*) filter (where status = 3), count(*) filter (where status = 2)
		from deliveries where document_id = any($1) and sender_id = $2 group by document_id`, documents, sender)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	m := map[id.Document]Counts{}
	var documentID id.Document
	var c Counts
	_, err = pgx.ForEachRow(rows, []any{&documentID, &c.Queued, &c.Sent, &c.Delivered, &c.Failed, &c.Accepted, &c.Refused}, func() error {
		m[documentID] = c
		return nil
	})
	return m, postgres.Translate(err)
}

// isActive reports whether the agency exists on the day.
func isActive(ctx context.Context, q postgres.Querier, agency id.Agency, day time.Time) (ok bool, err error) {
	err = q.QueryRow(ctx, `select exists (select from agencies
		where id = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2))`, agency, day).Scan(&ok)
	return ok, postgres.Translate(err)
}

// due is a delivery whose next attempt should have been made.
type due struct {
	delivery id.Delivery
	attempt  int
}

// listDue lists deliveries whose attempt is overdue since before, urgent ones first.
func listDue(ctx context.Context, q postgres.Querier, before time.Time, limit int) ([]due, error) {
	rows, err := q.Query(ctx, `select id, attempts + 1 from deliveries where next_try_at < $1
		order by urgency desc, next_try_at limit $2`, before, limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d due, err error) { return d, row.Scan(&d.delivery, &d.attempt) })
	return found, postgres.Translate(err)
}
