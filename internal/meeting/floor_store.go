package meeting

import (
	"context"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

var (
	_ = postgres.MapConstraint("floor_turns_topic_length", errs.InvalidField("topic", "field.too_long"))
	_ = postgres.MapConstraint("meetings_floor_seconds", errs.InvalidField("seconds", "field.not_allowed"))
	_ = postgres.MapConstraint("floor_turns_seconds", errs.InvalidField("seconds", "field.not_allowed"))
	_ = postgres.MapConstraint("floor_turns_one_each", errs.New(errs.Conflict, "floor.has_turn"))
	_ = postgres.MapConstraint("floor_turns_one_speaks", errs.New(errs.Conflict, "floor.somebody_speaks"))
)

const turnColumns = `t.id, t.item_id, t.topic, t.asked, t.asked_at, t.seconds, t.state, t.called_at, t.called_by, t.ends_at, t.ended_at, t.end_reason, `

func scanTurn(r pgx.CollectableRow) (Turn, error) {
	var t Turn
	return t, r.Scan(append([]any{&t.ID, &t.Item, &t.Topic, &t.Asked, &t.AskedAt, &t.Seconds, &t.State, &t.CalledAt, &t.CalledBy,
		&t.EndsAt, &t.EndedAt, &t.EndReason}, personFields(&t.Person)...)...)
}

// openTurns reads who speaks and who waits, in order, into f.
func openTurns(ctx context.Context, q postgres.Querier, f *Floor) error {
	rows, err := q.Query(ctx, `select `+turnColumns+personColumns+personTables+` join floor_turns t on t.appointment_id = a.id
		where t.meeting_id = $1 and t.state in ('waiting', 'speaking') order by t.ordinal`, f.Meeting)
	if err != nil {
		return err
	}
	turns, err := pgx.CollectRows(rows, scanTurn)
	for i := range turns {
		if turns[i].State == Speaking {
			f.Now = &turns[i]
		} else {
			f.Waiting = append(f.Waiting, turns[i])
		}
	}
	return err
}

// heldTurns reads the turns that were held since the meeting was opened, or go on, in the order they began.
// What was tried before the opening belongs to no record.
func heldTurns(ctx context.Context, q postgres.Querier, meetingID id.Meeting) ([]Turn, error) {
	rows, err := q.Query(ctx, `select `+turnColumns+personColumns+personTables+` join floor_turns t on t.appointment_id = a.id
		join meetings m on m.id = t.meeting_id
		where t.meeting_id = $1 and t.state in ('speaking', 'spoken') and coalesce(t.ended_at, 'infinity') >= m.opened_at
		order by t.called_at, t.id`, meetingID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTurn)
}

// readFloor reads the queue of a meeting by itself, without the rest of it.
func readFloor(ctx context.Context, q postgres.Querier, meetingID id.Meeting) (Floor, error) {
	f := Floor{Meeting: meetingID}
	var chosen FloorMode
	var invited int
	err := q.QueryRow(ctx, `select coalesce(m.floor_mode, ''), m.floor_seconds, m.floor_version,
		(select count(*) from invitations i where i.meeting_id = m.id),
		(select count(*) from floor_turns t where t.meeting_id = m.id and t.state = 'spoken' and t.ended_at >= m.opened_at)
		from meetings m where m.id = $1`, meetingID).Scan(&chosen, &f.Seconds, &f.Version, &invited, &f.Spoken)
	if err != nil {
		return Floor{}, err
	}
	f.Mode, f.Chosen = floorMode(chosen, invited), chosen != ""
	return f, openTurns(ctx, q, &f)
}

// insertTurn adds a waiting turn behind all others.
func insertTurn(ctx context.Context, q postgres.Querier, meetingID id.Meeting, t *Turn) error {
	_, err := q.Exec(ctx, `insert into floor_turns (id, meeting_id, item_id, appointment_id, topic, asked, asked_at, ordinal, seconds, state)
		select $1, $2, $3, $4, $5, $6, $7, 1 + coalesce(max(ordinal), 0), $8, 'waiting' from floor_turns where meeting_id = $2 and state = 'waiting'`,
		t.ID, meetingID, t.Item, t.Person.ID, t.Topic, t.Asked, t.AskedAt, t.Seconds)
	return err
}

// updateTurn writes how a turn stands; its place stays.
func updateTurn(ctx context.Context, q postgres.Querier, t *Turn) error {
	_, err := q.Exec(ctx, `update floor_turns set item_id = $2, seconds = $3, state = $4, called_at = $5, called_by = $6, ends_at = $7,
		ended_at = $8, end_reason = $9 where id = $1`,
		t.ID, t.Item, t.Seconds, t.State, t.CalledAt, t.CalledBy, t.EndsAt, t.EndedAt, t.EndReason)
	return err
}

// updateWaiting gives every waiting turn of a meeting another time.
func updateWaiting(ctx context.Context, q postgres.Querier, meetingID id.Meeting, seconds int) error {
	_, err := q.Exec(ctx, `update floor_turns set seconds = $2 where meeting_id = $1 and state = 'waiting'`, meetingID, seconds)
	return err
}

// writeQueue numbers the waiting turns from 1 in the given order.
func writeQueue(ctx context.Context, q postgres.Querier, turns []Turn) error {
	ids := make([]id.Turn, len(turns))
	for i := range turns {
		ids[i] = turns[i].ID
	}
	_, err := q.Exec(ctx, `update floor_turns t set ordinal = o.n from unnest($1::uuid[]) with ordinality o(id, n) where t.id = o.id`, ids)
	return err
}

// updateFloor writes mode and seconds of a meeting's floor and counts its version up.
func updateFloor(ctx context.Context, q postgres.Querier, m *Meeting) error {
	return q.QueryRow(ctx, `update meetings set floor_mode = nullif($2, ''), floor_seconds = $3, floor_version = floor_version + 1
		where id = $1 returning floor_version`, m.ID, string(m.FloorMode), m.FloorSeconds).Scan(&m.FloorVersion)
}
