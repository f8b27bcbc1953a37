package meeting

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

var (
	_ = postgres.MapConstraint("meetings_times", errs.InvalidField("ends_at", "meeting.ends_before_start"))
	_ = postgres.MapConstraint("meetings_title_length", errs.InvalidField("title", "field.wrong_form"))
	_ = postgres.MapConstraint("agenda_items_title_length", errs.InvalidField("title", "field.wrong_form"))
	_ = postgres.MapConstraint("agenda_items_minutes", errs.InvalidField("minutes", "field.not_allowed"))
	_ = postgres.MapConstraint("papers_name_length", errs.InvalidField("name", "field.wrong_form"))
)

const personColumns = `a.id, p.id, p.full_name, a.position, g.id, g.name, g.short_name, coalesce(u.name, ''), a.roles`

const personTables = ` from appointments a join persons p on p.id = a.person_id
	join agencies g on g.id = a.agency_id left join units u on u.id = a.unit_id `

func personFields(p *org.Appointment) []any {
	return []any{&p.ID, &p.Person, &p.FullName, &p.Position, &p.Agency, &p.AgencyName, &p.AgencyShortName, &p.UnitName, &p.Roles}
}

// findPeople reads those of the appointments that are valid on the day of now (Asia/Ho_Chi_Minh).
func findPeople(ctx context.Context, q postgres.Querier, now time.Time, appointments ...id.Appointment) (map[id.Appointment]org.Appointment, error) {
	rows, err := q.Query(ctx, `select `+personColumns+personTables+`
		where a.id = any($1) and a.valid_from <= $2 and (a.valid_to is null or a.valid_to > $2)`, appointments, org.Today(now))
	if err != nil {
		return nil, err
	}
	found := map[id.Appointment]org.Appointment{}
	people, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (p org.Appointment, err error) { return p, r.Scan(personFields(&p)...) })
	for _, p := range people {
		found[p.ID] = p
	}
	return found, err
}

// findMeeting reads a meeting with everything; with lock, other writers of it wait.
func findMeeting(ctx context.Context, q postgres.Querier, meetingID id.Meeting, lock bool) (*Meeting, error) {
	sql := `select m.id, m.agency_id, m.title, m.starts_at, m.ends_at, m.place, m.online, m.state, m.chair_id, m.secretary_id,
		m.current_item_id, coalesce(m.floor_mode, ''), m.floor_seconds, m.floor_version, m.cancel_reason, m.opened_at, m.closed_at, m.version, m.created_at, m.updated_at
		from meetings m where m.id = $1`
	if lock {
		sql += ` for update`
	}
	var m Meeting
	err := q.QueryRow(ctx, sql, meetingID).Scan(&m.ID, &m.Agency, &m.Title, &m.StartsAt, &m.EndsAt, &m.Place,
		&m.Online, &m.State, &m.Chair.ID, &m.Secretary.ID, &m.CurrentItem, &m.FloorMode, &m.FloorSeconds, &m.FloorVersion,
		&m.CancelReason, &m.OpenedAt, &m.ClosedAt, &m.Version, &m.CreatedAt, &m.UpdatedAt)
	if err != nil {
		return nil, err
	}
	return &m, fill(ctx, q, &m)
}

// fill reads the parts of a meeting whose row was read.
func fill(ctx context.Context, q postgres.Querier, m *Meeting) error {
	if err := q.QueryRow(ctx, `select name from agencies where id = $1`, m.Agency).Scan(&m.AgencyName); err != nil {
		return err
	}
	for _, p := range []*org.Appointment{&m.Chair, &m.Secretary} {
		err := q.QueryRow(ctx, `select `+personColumns+personTables+` where a.id = $1`, p.ID).Scan(personFields(p)...)
		if err != nil {
			return err
		}
	}
	var err error
	if m.Items, err = listItems(ctx, q, m.ID); err != nil {
		return err
	}
	if m.Invitations, err = listInvitations(ctx, q, m.ID); err != nil {
		return err
	}
	m.schedule()
	return nil
}

func listItems(ctx context.Context, q postgres.Querier, meetingID id.Meeting) ([]Item, error) {
	rows, err := q.Query(ctx, `select id, title, minutes, presenter, started_at, ended_at from agenda_items
		where meeting_id = $1 and removed_at is null order by ordinal`, meetingID)
	if err != nil {
		return nil, err
	}
	items, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Item, error) {
		var i Item
		return i, r.Scan(&i.ID, &i.Title, &i.Minutes, &i.Presenter, &i.StartedAt, &i.EndedAt)
	})
	if err != nil {
		return nil, err
	}
	papers, err := listPapers(ctx, q, meetingID)
	for i := range items {
		items[i].Ordinal = i + 1
		items[i].Papers = papers[items[i].ID]
	}
	return items, err
}

// listPapers reads the newest revision of every paper that was not removed, by item.
func listPapers(ctx context.Context, q postgres.Querier, meetingID id.Meeting) (map[id.Item][]Paper, error) {
	rows, err := q.Query(ctx, `select distinct on (i.id, p.ordinal) p.item_id, p.id, p.name, r.revision, r.sha256, r.size, r.added_at, w.full_name
		from agenda_items i join papers p on p.item_id = i.id join paper_revisions r on r.paper_id = p.id
		join appointments a on a.id = r.added_by join persons w on w.id = a.person_id
		where i.meeting_id = $1 and i.removed_at is null and p.removed_at is null
		order by i.id, p.ordinal, r.revision desc`, meetingID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	papers := map[id.Item][]Paper{}
	for rows.Next() {
		var item id.Item
		var p Paper
		if err := rows.Scan(&item, &p.ID, &p.Name, &p.Revision, &p.Hash, &p.Size, &p.AddedAt, &p.AddedBy); err != nil {
			return nil, err
		}
		papers[item] = append(papers[item], p)
	}
	return papers, rows.Err()
}

func listInvitations(ctx context.Context, q postgres.Querier, meetingID id.Meeting) ([]Invitation, error) {
	rows, err := q.Query(ctx, `select i.role, i.sent_at, i.seen_at, i.answer, i.answer_reason, i.answered_at, `+
		personColumns+personTables+` join invitations i on i.appointment_id = a.id where i.meeting_id = $1 order by i.ordinal`, meetingID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Invitation, error) {
		var i Invitation
		return i, r.Scan(append([]any{&i.Role, &i.SentAt, &i.SeenAt, &i.Answer, &i.Reason, &i.AnsweredAt}, personFields(&i.Person)...)...)
	})
}

func insertMeeting(ctx context.Context, q postgres.Querier, m *Meeting) error {
	_, err := q.Exec(ctx, `insert into meetings (id, agency_id, title, starts_at, ends_at, place, online, state, chair_id, secretary_id, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
		m.ID, m.Agency, m.Title, m.StartsAt, m.EndsAt, m.Place, m.Online, m.State, m.Chair.ID, m.Secretary.ID, m.CreatedAt)
	return err
}

// updateMeeting writes the row of a meeting as it stands in m and counts its version up.
func updateMeeting(ctx context.Context, q postgres.Querier, m *Meeting, now time.Time) error {
	m.UpdatedAt = now
	return q.QueryRow(ctx, `update meetings set title = $2, starts_at = $3, ends_at = $4, place = $5, online = $6, state = $7,
		chair_id = $8, secretary_id = $9, current_item_id = $10, cancel_reason = $11, opened_at = $12, closed_at = $13,
		updated_at = $14, version = version + 1 where id = $1 returning version`,
		m.ID, m.Title, m.StartsAt, m.EndsAt, m.Place, m.Online, m.State, m.Chair.ID, m.Secretary.ID, m.CurrentItem,
		m.CancelReason, m.OpenedAt, m.ClosedAt, now).Scan(&m.Version)
}

// insertItem adds an item at a place of the agenda; the ones behind it were moved by writeOrder before.
func insertItem(ctx context.Context, q postgres.Querier, meetingID id.Meeting, i Item) error {
	_, err := q.Exec(ctx, `insert into agenda_items (id, meeting_id, ordinal, title, minutes, presenter) values ($1, $2, $3, $4, $5, $6)`,
		i.ID, meetingID, i.Ordinal, i.Title, i.Minutes, i.Presenter)
	return err
}

func updateItem(ctx context.Context, q postgres.Querier, i *Item) error {
	_, err := q.Exec(ctx, `update agenda_items set title = $2, minutes = $3, presenter = $4, started_at = $5, ended_at = $6 where id = $1`,
		i.ID, i.Title, i.Minutes, i.Presenter, i.StartedAt, i.EndedAt)
	return err
}

// removeItem hides an item; its row and papers stay.
func removeItem(ctx context.Context, q postgres.Querier, itemID id.Item, now time.Time) error {
	_, err := q.Exec(ctx, `update agenda_items set removed_at = $2 where id = $1`, itemID, now)
	return err
}

// writeOrder numbers the items from 1 in the given order.
func writeOrder(ctx context.Context, q postgres.Querier, items []Item) error {
	ids := make([]id.Item, len(items))
	for i := range items {
		items[i].Ordinal = i + 1
		ids[i] = items[i].ID
	}
	_, err := q.Exec(ctx, `update agenda_items t set ordinal = o.n from unnest($1::uuid[]) with ordinality o(id, n) where t.id = o.id`, ids)
	return err
}

// saveInvitations makes the rows equal to list: order, roles and sending as given; answers of people
// who stay are kept as they are in list; the others are deleted.
func saveInvitations(ctx context.Context, q postgres.Querier, meetingID id.Meeting, list []Invitation) error {
	ids := make([]id.Appointment, len(list))
	for i := range list {
		ids[i] = list[i].Person.ID
	}
	if _, err := q.Exec(ctx, `delete from invitations where meeting_id = $1 and not (appointment_id = any($2))`, meetingID, ids); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for n, i := range list {
		batch.Queue(`insert into invitations (meeting_id, appointment_id, role, ordinal, sent_at, answer, answered_at)
			values ($1, $2, $3, $4, $5, $6, $7) on conflict (meeting_id, appointment_id) do update
			set role = excluded.role, ordinal = excluded.ordinal, sent_at = excluded.sent_at,
			    answer = excluded.answer, answered_at = excluded.answered_at`,
			meetingID, i.Person.ID, i.Role, n+1, i.SentAt, i.Answer, i.AnsweredAt)
	}
	sender, ok := q.(interface {
		SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	})
	if !ok {
		return errs.New(errs.Internal, "internal")
	}
	return sender.SendBatch(ctx, batch).Close()
}

// updateAnswer writes what an invited person said.
func updateAnswer(ctx context.Context, q postgres.Querier, meetingID id.Meeting, i *Invitation) error {
	_, err := q.Exec(ctx, `update invitations set answer = $3, answer_reason = $4, answered_at = $5, seen_at = coalesce(seen_at, $5)
		where meeting_id = $1 and appointment_id = $2`, meetingID, i.Person.ID, i.Answer, i.Reason, i.AnsweredAt)
	return err
}

// markSeen notes that the invited person opened the meeting for the first time.
func markSeen(ctx context.Context, q postgres.Querier, meetingID id.Meeting, appointment id.Appointment, now time.Time) (bool, error) {
	tag, err := q.Exec(ctx, `update invitations set seen_at = $3 where meeting_id = $1 and appointment_id = $2
		and sent_at is not null and seen_at is null`, meetingID, appointment, now)
	return tag.RowsAffected() == 1, err
}

// meetingOfItem finds the meeting an item or a paper belongs to.
func meetingOfItem(ctx context.Context, q postgres.Querier, itemID id.Item) (id.Meeting, error) {
	var m id.Meeting
	return m, q.QueryRow(ctx, `select meeting_id from agenda_items where id = $1 and removed_at is null`, itemID).Scan(&m)
}

func meetingOfPaper(ctx context.Context, q postgres.Querier, paperID id.Paper) (id.Meeting, error) {
	var m id.Meeting
	return m, q.QueryRow(ctx, `select i.meeting_id from papers p join agenda_items i on i.id = p.item_id
		where p.id = $1 and p.removed_at is null and i.removed_at is null`, paperID).Scan(&m)
}

// ListQuery says which meetings to list.
type ListQuery struct {
	When  string // "upcoming" (next first), "past" or "all" (newest first)
	After string // cursor of the last page
	Limit int
}

// place is the sort key of a meeting in a list.
type place struct {
	at time.Time
	id id.Meeting
}

// listMeetings reads one page, one row more than the limit when there is a next page.
func listMeetings(ctx context.Context, q postgres.Querier, actor access.Actor, query ListQuery, after place, now time.Time) ([]Summary, error) {
	sql := `select m.id, m.title, g.name, m.starts_at, m.ends_at, m.place, m.online, m.state, cp.full_name,
		(select count(*) from agenda_items i where i.meeting_id = m.id and i.removed_at is null),
		n.invited, n.accepted, n.declined, coalesce(my.role, ''), coalesce(my.answer, '')
		from meetings m join agencies g on g.id = m.agency_id
		join appointments ca on ca.id = m.chair_id join persons cp on cp.id = ca.person_id
		left join invitations my on my.meeting_id = m.id and my.appointment_id = $1
		cross join lateral (select count(*) invited, count(*) filter (where answer = 'accepted') accepted,
			count(*) filter (where answer = 'declined') declined from invitations i where i.meeting_id = m.id) n
		where (my.sent_at is not null or m.chair_id = $1 or m.secretary_id = $1 or ($2 and m.agency_id = $3))`
	args := []any{actor.Appointment, actor.Has(access.Secretary), actor.Agency, now, query.Limit + 1}
	switch query.When {
	case "upcoming":
		sql += ` and (m.state = 'live' or (m.state in ('draft', 'convened') and m.ends_at >= $4))`
	case "past":
		sql += ` and not (m.state = 'live' or (m.state in ('draft', 'convened') and m.ends_at >= $4))`
	default:
		sql += ` and $4::timestamptz is not null`
	}
	order, than := `desc`, `<`
	if query.When == "upcoming" {
		order, than = `asc`, `>`
	}
	if query.After != "" {
		sql += ` and (m.starts_at, m.id) ` + than + ` ($6, $7)`
		args = append(args, after.at, after.id)
	}
	sql += ` order by m.starts_at ` + order + `, m.id ` + order + ` limit $5`
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Summary, error) {
		var s Summary
		return s, r.Scan(&s.ID, &s.Title, &s.AgencyName, &s.StartsAt, &s.EndsAt, &s.Place, &s.Online, &s.State, &s.ChairName,
			&s.ItemCount, &s.Invited, &s.Accepted, &s.Declined, &s.MyRole, &s.MyAnswer)
	})
}
