package conference

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// checkSession asks again whether the actor's session and appointment stand: a socket may be older
// than the end of them.
func (s *Service) checkSession(ctx context.Context, actor access.Actor) error {
	var stands bool
	now := s.Now()
	err := s.DB.QueryRow(ctx, `select exists (select from sessions x join appointments a on a.id = x.appointment_id
		where x.id = $1 and x.ended_at is null and x.expires_at > $2 and a.id = $3 and (a.valid_to is null or a.valid_to > $4))`,
		actor.Session, now, actor.Appointment, org.Today(now)).Scan(&stands)
	if err != nil {
		return postgres.Translate(err)
	}
	if !stands {
		return errs.New(errs.Unauthenticated, "auth.sign_in_needed")
	}
	return nil
}

// register makes this node known. An earlier life of it, which ended without a word, is closed: its
// people left when it was last seen.
func (s *Service) register(ctx context.Context) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `update room_stays st set left_at = greatest(st.joined_at, n.seen_at), leave_reason = 'node_lost'
			from nodes n where n.internal_address = $1 and n.id <> $2 and st.node_id = n.id and st.left_at is null`, s.Address, s.node)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `delete from room_leases l using nodes n
			where n.internal_address = $1 and n.id <> $2 and l.node_id = n.id`, s.Address, s.node); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `delete from nodes where internal_address = $1 and id <> $2`, s.Address, s.node); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into nodes (id, internal_address, seen_at) values ($1, $2, $3)
			on conflict (id) do update set seen_at = excluded.seen_at`, s.node, s.Address, s.Now())
		return err
	})
}

// unregister gives the leases back at the end.
func (s *Service) unregister(ctx context.Context) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, `delete from room_leases where node_id = $1`, s.node); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from nodes where id = $1`, s.node)
		return err
	})
}

// acquire takes the lease of a meeting's room, unless another node that lives has it.
func (s *Service) acquire(ctx context.Context, meetingID id.Meeting) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		if err := endOrphans(ctx, tx, s.node, now); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `insert into room_leases (meeting_id, node_id, expires_at) values ($1, $2, $3)
			on conflict (meeting_id) do update set node_id = excluded.node_id, expires_at = excluded.expires_at
			where room_leases.node_id = excluded.node_id or room_leases.expires_at <= $4`, meetingID, s.node, now.Add(leaseTime), now)
		if err == nil && tag.RowsAffected() == 0 {
			return errs.New(errs.Conflict, "conference.other_node")
		}
		return err
	})
}

// endOrphans ends the stays of nodes that died: they ended when the room's lease did.
func endOrphans(ctx context.Context, q postgres.Querier, self id.Node, now time.Time) error {
	_, err := q.Exec(ctx, `update room_stays st set left_at = greatest(st.joined_at, l.expires_at), leave_reason = 'node_lost'
		from room_leases l where l.meeting_id = st.meeting_id and l.node_id = st.node_id and l.expires_at <= $2
		and st.node_id <> $1 and st.left_at is null`, self, now)
	return err
}

// renew says that this node lives and keeps its rooms. A room whose lease another node took meanwhile
// is closed here; its people find the other node.
func (s *Service) renew(ctx context.Context) error {
	s.mu.Lock()
	held := make([]id.Meeting, 0, len(s.rooms))
	for meetingID := range s.rooms {
		held = append(held, meetingID)
	}
	s.mu.Unlock()
	var kept []id.Meeting
	err := postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		if _, err := tx.Exec(ctx, `insert into nodes (id, internal_address, seen_at) values ($1, $2, $3)
			on conflict (id) do update set seen_at = excluded.seen_at`, s.node, s.Address, now); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `update room_leases set expires_at = $3 where node_id = $1 and meeting_id = any($2) returning meeting_id`,
			s.node, held, now.Add(leaseTime))
		if err != nil {
			return err
		}
		if kept, err = pgx.CollectRows(rows, pgx.RowTo[id.Meeting]); err != nil {
			return err
		}
		return endOrphans(ctx, tx, s.node, now)
	})
	if err != nil {
		return err
	}
	s.closeMoved(held, kept)
	return nil
}

func (s *Service) closeMoved(held, kept []id.Meeting) {
	still := map[id.Meeting]bool{}
	for _, k := range kept {
		still[k] = true
	}
	for _, h := range held {
		if still[h] {
			continue
		}
		s.mu.Lock()
		var all []*member
		if r := s.rooms[h]; r != nil {
			all = s.membersOf(r)
		}
		s.mu.Unlock()
		for _, m := range all {
			s.leave(m, "moved")
		}
	}
}

// beginStay records that a person came.
func (s *Service) beginStay(ctx context.Context, m *member) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		var device *id.Device
		if m.dev != nil {
			device = &m.dev.ID
		}
		_, err := tx.Exec(ctx, `insert into room_stays (id, meeting_id, appointment_id, node_id, device, room_device_id, joined_at)
			values ($1, $2, $3, $4, $5, $6, $7)`, m.stay, m.room.meeting, m.actor.Appointment, s.node, m.device, device, now)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, m.actor, now, audit.Event{Kind: audit.RoomJoined, Object: m.room.meeting.UUID, Agency: m.room.agency,
			Details: m.details(map[string]any{"stay": m.stay.String()})})
	})
}

// details are those of an event with the device that it is about.
func (m *member) details(d map[string]any) map[string]any {
	if m.dev != nil {
		d["device"], d["device_id"], d["way"] = m.dev.Name, m.dev.ID.String(), string(m.dev.way)
	}
	return d
}

// ending is a stay that ended and is not written yet.
type ending struct {
	member *member
	at     time.Time
	reason string
}

// writeEndings records who left; what fails is tried again at the next turn.
func (s *Service) writeEndings(ctx context.Context) {
	s.mu.Lock()
	due := s.endings
	s.endings = nil
	s.mu.Unlock()
	for i, e := range due {
		if err := s.try(ctx, "write attendance", func(ctx context.Context) error { return s.endStay(ctx, e) }); err != nil {
			s.mu.Lock()
			s.endings = append(due[i:], s.endings...)
			s.mu.Unlock()
			return
		}
		s.Feed.TouchNow(live.Room(e.member.room.meeting.UUID))
	}
}

func (s *Service) endStay(ctx context.Context, e ending) error {
	m := e.member
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		tag, err := tx.Exec(ctx, `update room_stays set left_at = greatest(joined_at, $2), leave_reason = $3 where id = $1 and left_at is null`,
			m.stay, e.at, e.reason)
		if err != nil || tag.RowsAffected() == 0 { // ended by another node that took the room over
			return err
		}
		return audit.Append(ctx, tx, m.actor, s.Now(), audit.Event{Kind: audit.RoomLeft, Object: m.room.meeting.UUID, Agency: m.room.agency,
			Details: m.details(map[string]any{"stay": m.stay.String(), "reason": e.reason, "at": e.at})})
	})
}

func (s *Service) recordMute(ctx context.Context, by, target *member) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		return audit.Append(ctx, tx, by.actor, s.Now(), audit.Event{Kind: audit.RoomMuted, Object: by.room.meeting.UUID, Agency: by.room.agency,
			Details: map[string]any{"stay": target.stay.String(), "appointment": target.actor.Appointment.String()}})
	})
}

// Attendance is a person's presence in a meeting's room.
type Attendance struct {
	Person   org.Appointment
	JoinedAt time.Time  // first
	LeftAt   *time.Time // last; nil while present
	Stays    int        // how often the person came
	Seconds  int        // together, until now for who is present
}

// Attendance lists who was in the room of a meeting the actor may see, in the order of their coming.
func (s *Service) Attendance(ctx context.Context, actor access.Actor, meetingID id.Meeting) ([]Attendance, error) {
	if err := s.Meetings.MaySee(ctx, actor, meetingID); err != nil {
		return nil, err
	}
	// A person and the devices in the same place are there at the same time: that time counts once.
	rows, err := s.DB.Query(ctx, `select appointment_id, min(joined_at), count(*),
		case when bool_or(left_at is null) then null else max(left_at) end,
		(select floor(extract(epoch from coalesce(sum(upper(r) - lower(r)), interval '0')))::int
			from unnest(range_agg(tstzrange(joined_at, coalesce(left_at, greatest(joined_at, $2))))) r)
		from room_stays where meeting_id = $1 group by appointment_id order by min(joined_at), appointment_id`, meetingID, s.Now())
	if err != nil {
		return nil, postgres.Translate(err)
	}
	var ids []id.Appointment
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Attendance, error) {
		var t Attendance
		err := r.Scan(&t.Person.ID, &t.JoinedAt, &t.Stays, &t.LeftAt, &t.Seconds)
		ids = append(ids, t.Person.ID)
		return t, err
	})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	people, err := org.FindAppointments(ctx, s.DB, ids)
	for i := range list {
		list[i].Person = people[ids[i]]
	}
	return list, postgres.Translate(err)
}
