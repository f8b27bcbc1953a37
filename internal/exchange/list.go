package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// vietnam is the time zone of dates of arrival.
var vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

// startOf is the moment at which a day, given as midnight UTC, begins in Vietnam.
func startOf(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, vietnam).UTC()
}

// ListIncoming reads a page of what arrived at the actor's agency, and the cursor of the next page:
// waiting ones by urgency and then the newest first, all others the newest first.
func (s *Service) ListIncoming(ctx context.Context, actor access.Actor, f Filter) ([]Delivery, string, error) {
	if err := actor.Need(Readers...); err != nil {
		return nil, "", err
	}
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 50
	}
	sql, args, err := f.query(actor.Agency)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanDelivery)
	if err != nil || len(found) <= f.Limit {
		return found, "", postgres.Translate(err)
	}
	found = found[:f.Limit]
	last := found[len(found)-1]
	if f.State == Waiting {
		return found, postgres.Cursor(last.Urgency, last.ArrivedAt, last.ID), nil
	}
	return found, postgres.Cursor(last.ArrivedAt, last.ID), nil
}

// CountWaiting tells how many documents wait for the clerks of the actor's agency.
func (s *Service) CountWaiting(ctx context.Context, actor access.Actor) (n int, err error) {
	if err := actor.Need(Readers...); err != nil {
		return 0, err
	}
	err = s.db.QueryRow(ctx, `select count(*) from deliveries where recipient_id = $1 and status = 1`, actor.Agency).Scan(&n)
	return n, postgres.Translate(err)
}

// strand is one run of an index in the order of arrival: one status and one urgency, below a bound.
type strand struct {
	status  Status
	urgency int
	at      time.Time // only what arrived before (at, id)
	id      uuid.UUID
}

// forever bounds a strand that has no bound.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// query makes the one statement that reads a page and one row more.
//
// Without a filter the index over (recipient, arrival) is read from the cursor on. With any filter
// the page is put together from strands: the indexes go by (recipient, [sender,] status, urgency,
// arrival), so each of the at most twelve pairs of status and urgency is one ordered run of an index,
// from which no more than a page is read. So no combination of filters, however sparse, reads more
// than a few hundred index entries, wherever in the list the page lies.
func (f Filter) query(recipient id.Agency) (string, []any, error) {
	bound, err := f.bound()
	if err != nil {
		return "", nil, err
	}
	from := time.Time{}
	if !f.From.IsZero() {
		from = startOf(f.From)
	}
	args := []any{recipient, f.Limit + 1, from}
	if f.State != Waiting && f.State != AcceptedOnes && f.State != RefusedOnes && f.Urgency == nil && id.IsZero(f.Sender) {
		args = append(args, bound.at, bound.id)
		return `select ` + deliveryColumns + ` from deliveries d
			where d.recipient_id = $1 and d.status is not null and d.arrived_at >= $3 and (d.arrived_at, d.id) < ($4, $5)
			order by d.arrived_at desc, d.id desc limit $2`, args, nil
	}
	var statuses, urgencies []int
	var ats []time.Time
	var ids []uuid.UUID
	for _, s := range f.strands(bound) {
		statuses, urgencies = append(statuses, int(s.status)), append(urgencies, s.urgency)
		ats, ids = append(ats, s.at), append(ids, s.id)
	}
	args = append(args, statuses, urgencies, ats, ids)
	sender, order := "", ""
	if !id.IsZero(f.Sender) {
		args = append(args, f.Sender)
		sender = fmt.Sprintf("and x.sender_id = $%d", len(args))
	}
	if f.State == Waiting {
		order = "%[1]s.urgency desc, "
	}
	order += "%[1]s.arrived_at desc, %[1]s.id desc"
	return fmt.Sprintf(`with page as (
			select p.id, p.urgency, p.arrived_at
			from unnest($4::smallint[], $5::smallint[], $6::timestamptz[], $7::uuid[]) s (status, urgency, at, id)
			cross join lateral (
				select x.id, x.urgency, x.arrived_at from deliveries x
				where x.recipient_id = $1 %s and x.status = s.status and x.urgency = s.urgency
					and x.arrived_at >= $3 and (x.arrived_at, x.id) < (s.at, s.id)
				order by x.arrived_at desc, x.id desc limit $2) p
			order by %s limit $2)
		select %s from page join deliveries d on d.id = page.id order by %s`,
		sender, fmt.Sprintf(order, "p"), deliveryColumns, fmt.Sprintf(order, "d")), args, nil
}

// bound is the place of the cursor, or the end of the last day when that is earlier. Its status is
// not used; its urgency is that of the cursor in a list by urgency, else 3.
func (f Filter) bound() (strand, error) {
	b := strand{urgency: 3, at: forever}
	if !f.To.IsZero() {
		b.at = startOf(f.To.AddDate(0, 0, 1))
	}
	if f.After == "" {
		return b, nil
	}
	var c strand
	var err error
	if f.State == Waiting {
		err = postgres.ReadCursor(f.After, &c.urgency, &c.at, &c.id)
	} else {
		c.urgency = 3
		err = postgres.ReadCursor(f.After, &c.at, &c.id)
	}
	if err == nil && b.at.Before(c.at) { // a cursor of another filter: the day still holds
		c.at, c.id = b.at, uuid.Nil
	}
	return c, err
}

// strands lists the runs of the index that the page is put together from.
func (f Filter) strands(bound strand) []strand {
	statuses := []Status{Arrived, Refused, Accepted}
	switch f.State {
	case Waiting:
		statuses = []Status{Arrived}
	case AcceptedOnes:
		statuses = []Status{Accepted}
	case RefusedOnes:
		statuses = []Status{Refused}
	case All:
	}
	end := forever
	if !f.To.IsZero() {
		end = startOf(f.To.AddDate(0, 0, 1))
	}
	var out []strand
	for _, status := range statuses {
		for urgency := bound.urgency; urgency >= 0; urgency-- {
			if f.Urgency != nil && *f.Urgency != urgency {
				continue
			}
			s := strand{status, urgency, bound.at, bound.id}
			if f.State == Waiting && urgency < bound.urgency {
				s.at, s.id = end, uuid.Nil // the list by urgency has not come to this one yet
			}
			out = append(out, s)
		}
	}
	return out
}
