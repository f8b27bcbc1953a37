package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// Limits of what one page of work shows.
const (
	mostItems    = 50 // of each kind, and together
	mostMeetings = 20
	mostSent     = 10
	daysAhead    = 7 // meetings from today on
)

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB  *postgres.DB
	Now func() time.Time
}

// Service reads what waits for a person.
type Service struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{db: d.DB, now: d.Now}
}

// Work reads what waits for the actor in the present appointment, most urgent first, then what waits
// longest. Everything is asked in one exchange with the database.
func (s *Service) Work(ctx context.Context, actor access.Actor) (Work, error) {
	now := s.now()
	var w Work
	b := &pgx.Batch{}
	items := func(sql string, args ...any) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, scanItem)
			w.Items = append(w.Items, found...)
			return err
		})
	}
	if actor.Has(access.Leader) {
		items(toSign, actor.Appointment, mostItems)
	}
	if actor.Has(access.Clerk) {
		items(ofOffice, actor.Agency, mostItems)
		items(toAccept, actor.Agency, mostItems)
		items(failed, actor.Agency, mostItems)
	}
	if actor.Has(access.SystemAdmin) {
		items(expiring, nil, now, mostItems)
	} else if actor.Has(access.Clerk) {
		items(expiring, actor.Agency, now, mostItems)
	}
	items(returned, actor.Appointment, mostItems)
	items(toAnswer, actor.Appointment, now, mostItems)
	queueMeetings(b, &w, actor, now)
	queueSent(b, &w, actor)
	queueCounts(b, &w, actor, now)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return Work{}, postgres.Translate(err)
	}
	slices.SortStableFunc(w.Items, func(x, y Item) int {
		if x.Urgency != y.Urgency {
			return y.Urgency - x.Urgency
		}
		return x.Since.Compare(y.Since)
	})
	w.Items = w.Items[:min(len(w.Items), mostItems)]
	return w, nil
}

// Each query of items gives kind, object, title, meta, code, urgency, due, since.
const (
	documentCode = `case when d.number = '' then '' else d.number || '/' || d.symbol end`

	toSign = `select 'sign', d.id, d.subject, p.full_name, ` + documentCode + `, d.urgency, null::timestamptz, d.updated_at
		from documents d join appointments a on a.id = d.created_by join persons p on p.id = a.person_id
		where d.signer_id = $1 and d.state = 'submitted' order by d.urgency desc, d.updated_at limit $2`
	ofOffice = `select case d.state when 'numbered' then 'seal' when 'sealed' then 'send' else 'number' end, d.id, d.subject, p.full_name,
			` + documentCode + `, d.urgency, null::timestamptz, d.updated_at
		from documents d join appointments a on a.id = coalesce(d.signer_id, d.created_by) join persons p on p.id = a.person_id
		where d.agency_id = $1 and (d.state in ('signed', 'numbered', 'sealed') or d.state = 'draft' and d.copy_form is not null)
		order by d.urgency desc, d.updated_at limit $2`
	toAccept = `select 'accept', d.id, d.subject, d.sender_name, d.number || '/' || d.symbol, d.urgency, null::timestamptz, d.arrived_at
		from (values (3), (2), (1), (0)) u (urgency) cross join lateral (
			select * from deliveries x where x.recipient_id = $1 and x.status = 1 and x.urgency = u.urgency
			order by x.arrived_at, x.id limit $2) d`
	failed = `select 'failed_delivery', d.document_id, d.subject, a.name, d.number || '/' || d.symbol, d.urgency, null::timestamptz, d.changed_at
		from deliveries d join agencies a on a.id = d.recipient_id
		where d.sender_id = $1 and d.transport = 'failed' order by d.changed_at desc limit $2`
	// certificates that end within 60 days, more urgent at 30 and at 7, unless the holder has another that
	// lasts longer: of one agency's seal, or of everybody and of the authorities that are trusted (NĐ 68/2024
	// Đ.29, 31)
	expiring = `select 'certificate_expires', e.id, e.name, e.subject, '',
			case when e.valid_to < $2::timestamptz + interval '7 days' then 2 when e.valid_to < $2::timestamptz + interval '30 days' then 1 else 0 end,
			e.valid_to, e.valid_to - interval '60 days'
		from (
			select c.id, coalesce(p.full_name, g.name) as name, c.subject, c.valid_to
			from certificates c left join persons p on p.id = c.person_id left join agencies g on g.id = c.agency_id
			where ($1::uuid is null or c.agency_id = $1) and c.disabled_at is null and not exists (
				select from certificates n where (n.person_id = c.person_id or n.agency_id = c.agency_id) and n.disabled_at is null
					and n.valid_to > c.valid_to and (c.kind = 'development' or n.kind <> 'development'))
			union all
			select id, name, subject, valid_to from trust_anchors where $1 is null) e
		where e.valid_to < $2::timestamptz + interval '60 days' order by e.valid_to limit $3`
	returned = `select 'returned', d.id, d.subject, d.return_reason, ` + documentCode + `, d.urgency, null::timestamptz, d.updated_at
		from documents d where d.created_by = $1 and d.state = 'draft' and d.return_reason <> ''
		order by d.urgency desc, d.updated_at limit $2`
	toAnswer = `select 'answer_invitation', m.id, m.title, a.name, '', 0, m.starts_at, coalesce(i.sent_at, m.created_at)
		from invitations i join meetings m on m.id = i.meeting_id join agencies a on a.id = m.agency_id
		where i.appointment_id = $1 and i.answer = 'none' and i.role not in ('chair', 'secretary') and i.sent_at is not null
			and m.state = 'convened' and m.ends_at > $2
		order by m.starts_at limit $3`
)

func scanItem(row pgx.CollectableRow) (Item, error) {
	var i Item
	var object uuid.UUID
	err := row.Scan(&i.Kind, &object, &i.Title, &i.Meta, &i.Code, &i.Urgency, &i.DueAt, &i.Since)
	i.Object = object
	return i, err
}

// queueMeetings asks for convened and running meetings from today on that the actor takes part in.
func queueMeetings(b *pgx.Batch, w *Work, actor access.Actor, now time.Time) {
	today := org.Today(now).Add(-7 * time.Hour) // midnight in Vietnam
	b.Queue(`select m.id, m.title, m.starts_at, m.ends_at, m.place, m.online, m.state, i.answer,
			(select count(*) from agenda_items t where t.meeting_id = m.id and t.removed_at is null), p.full_name
		from invitations i join meetings m on m.id = i.meeting_id
		join appointments c on c.id = m.chair_id join persons p on p.id = c.person_id
		where i.appointment_id = $1 and m.state in ('convened', 'live') and m.starts_at < $3
			and (m.ends_at > $2 or m.state = 'live')
		order by m.starts_at limit $4`, actor.Appointment, today, today.AddDate(0, 0, daysAhead), mostMeetings).
		Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Meeting, err error) {
				return m, row.Scan(&m.ID, &m.Title, &m.StartsAt, &m.EndsAt, &m.Place, &m.Online, &m.State, &m.MyAnswer, &m.ItemCount, &m.ChairName)
			})
			w.Meetings = found
			return err
		})
}

// queueSent asks for the last released documents that the actor prepared or signed; clerks see
// those of their agency.
func queueSent(b *pgx.Batch, w *Work, actor access.Actor) {
	whose, who := `(d.created_by = $1 or d.signer_id = $1)`, actor.Appointment.UUID
	if actor.Has(access.Clerk) {
		whose, who = `d.agency_id = $1`, actor.Agency.UUID
	}
	b.Queue(`with last as (
			select d.id, d.number || '/' || d.symbol code, d.subject, d.released_at from documents d
			where `+whose+` and d.state = 'released' order by d.created_at desc limit $2)
		select l.id, l.code, l.subject, l.released_at, count(*),
			count(*) filter (where v.transport in ('queued', 'sent') or v.status = 1), count(*) filter (where v.status = 3),
			count(*) filter (where v.status = 2), count(*) filter (where v.transport = 'failed')
		from last l join deliveries v on v.document_id = l.id
		group by l.id, l.code, l.subject, l.released_at order by l.released_at desc`, who, mostSent).
		Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d SentDocument, err error) {
				return d, row.Scan(&d.Document, &d.Code, &d.Subject, &d.Sent, &d.Total, &d.Waiting, &d.Accepted, &d.Refused, &d.Failed)
			})
			w.Sent = found
			return err
		})
}

// queueCounts asks for the figures of the menu.
func queueCounts(b *pgx.Batch, w *Work, actor access.Actor, now time.Time) {
	recipient := id.Agency{} // nobody's: readers only
	if actor.Has(exchange.Readers...) {
		recipient = actor.Agency
	}
	b.Queue(`select (select count(*) from deliveries where recipient_id = $1 and status = 1),
			(select count(*) from invitations i join meetings m on m.id = i.meeting_id
			where i.appointment_id = $2 and i.answer = 'none' and i.role not in ('chair', 'secretary') and i.sent_at is not null
				and m.state = 'convened' and m.ends_at > $3)`, recipient, actor.Appointment, now).
		QueryRow(func(row pgx.Row) error { return row.Scan(&w.Counts.WaitingDeliveries, &w.Counts.Invitations) })
}
