package meeting

import (
	"context"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/storage/postgres"
)

// queue is the floor of a meeting inside the transaction that changes it.
type queue struct {
	*Floor
	tx    *postgres.Tx
	m     *Meeting
	actor access.Actor
	now   time.Time
}

// Ask puts the actor at the end of the queue of speakers. Who waits or speaks keeps the turn: asking
// twice is asking once.
func (s *Service) Ask(ctx context.Context, actor access.Actor, meetingID id.Meeting, topic string) (Turn, error) {
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (Turn, error) {
		q, err := s.openQueue(ctx, tx, actor, meetingID, DoAskFloor)
		if err != nil {
			return Turn{}, err
		}
		t, isNew, err := q.ask(q.m.standingOf(actor).invitation.Person, topic, q.m.CurrentItem, q.now)
		if err != nil || !isNew {
			return t, err
		}
		if err := insertTurn(ctx, tx, meetingID, &t); err != nil {
			return Turn{}, err
		}
		_, err = s.saveFloor(ctx, q, audit.Event{Kind: audit.FloorAsked, Details: map[string]any{"turn": t.ID.String(), "topic": t.Topic}})
		return t, err
	})
}

// Withdraw takes a waiting turn out of the queue: one's own, or anybody's for who leads. A turn that
// left the queue already is left as it is.
func (s *Service) Withdraw(ctx context.Context, actor access.Actor, meetingID id.Meeting, turnID id.Turn) (Floor, error) {
	return s.floorCommand(ctx, actor, meetingID, "", func(q *queue) (audit.Event, error) {
		person, state, err := turnFacts(ctx, q.tx, meetingID, turnID)
		if err != nil {
			return audit.Event{}, err
		}
		to, reason := Withdrawn, turnWithdrawn
		if person != actor.Appointment {
			if err := q.m.allow(DoLead, q.m.standingOf(actor), q.now); err != nil {
				return audit.Event{}, err
			}
			to, reason = Removed, turnRemoved
		}
		if state == Speaking {
			return audit.Event{}, errs.New(errs.Conflict, "floor.speaks_already")
		}
		t, waited := q.leaveQueue(turnID, to, reason, q.now)
		if !waited {
			return audit.Event{}, nil
		}
		return turnEvent(audit.FloorWithdrawn, &t), updateTurn(ctx, q.tx, &t)
	})
}

// Order puts the queue into another order. It must name exactly the turns that wait; a queue that
// changed meanwhile is a conflict.
func (s *Service) Order(ctx context.Context, actor access.Actor, meetingID id.Meeting, turns []id.Turn) (Floor, error) {
	return s.floorCommand(ctx, actor, meetingID, DoLead, func(q *queue) (audit.Event, error) {
		if err := q.order(turns); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Kind: audit.FloorOrdered, Details: map[string]any{"turns": len(turns)}}, writeQueue(ctx, q.tx, q.Waiting)
	})
}

// Called says whom to call: a turn that waits, a person who may not have asked, or, with neither, the next.
type Called struct {
	Turn    id.Turn
	Person  id.Appointment
	Seconds int // 0: the floor's
	Version int // of the floor the caller saw; 0 when not told
}

// Call gives somebody the floor and ends who has it. Calling who speaks already changes nothing, so that
// two who press at once call one person; a call of "the next" on a floor that changed since Version is stale.
func (s *Service) Call(ctx context.Context, actor access.Actor, meetingID id.Meeting, c Called) (Floor, error) {
	if c.Seconds != 0 && (c.Seconds < MinTurnSeconds || c.Seconds > MaxTurnSeconds) {
		return Floor{}, errs.InvalidField("seconds", "field.not_allowed")
	}
	return s.floorCommand(ctx, actor, meetingID, DoLead, func(q *queue) (audit.Event, error) {
		t, err := s.callee(ctx, q, c)
		if err != nil || t.State == Speaking {
			return audit.Event{}, err
		}
		if ended := q.finish(turnNext); ended != nil {
			if err := updateTurn(ctx, q.tx, ended); err != nil {
				return audit.Event{}, err
			}
		}
		if t.Seconds = q.Seconds; c.Seconds != 0 {
			t.Seconds = c.Seconds
		}
		if !q.begin(t.ID, actor.Appointment, q.m.CurrentItem, q.now) {
			return audit.Event{}, errs.New(errs.Conflict, "floor.not_waiting")
		}
		return turnEvent(audit.FloorCalled, q.Now), updateTurn(ctx, q.tx, q.Now)
	})
}

// callee finds the turn a call is for; a person who did not ask gets one.
func (s *Service) callee(ctx context.Context, q *queue, c Called) (*Turn, error) {
	switch {
	case !id.IsZero(c.Turn):
		if t := q.turn(c.Turn); t != nil {
			return t, nil
		}
		if _, _, err := turnFacts(ctx, q.tx, q.Meeting, c.Turn); err != nil {
			return nil, err
		}
		return nil, errs.New(errs.Conflict, "floor.not_waiting")
	case !id.IsZero(c.Person):
		if t := q.turnOf(c.Person); t != nil {
			return t, nil
		}
		return s.invitedTurn(ctx, q, c.Person)
	case c.Version != 0 && c.Version != q.Version:
		return nil, &errs.Error{Code: errs.Stale, Key: "request.stale", Current: *q.Floor}
	case len(q.Waiting) == 0:
		return nil, errs.New(errs.Conflict, "floor.nobody_waits")
	}
	return &q.Waiting[0], nil
}

// invitedTurn makes a turn of somebody who did not ask.
func (s *Service) invitedTurn(ctx context.Context, q *queue, person id.Appointment) (*Turn, error) {
	i := q.m.invitation(person)
	if i == nil || i.SentAt == nil {
		return nil, errs.InvalidField("appointment_id", "floor.not_invited")
	}
	if !i.Role.sends() {
		return nil, errs.New(errs.Conflict, "floor.observer")
	}
	t := Turn{ID: id.New[id.Turn](), Person: i.Person, Item: q.m.CurrentItem, AskedAt: q.now, Seconds: q.Seconds, State: Waiting}
	q.Waiting = append(q.Waiting, t)
	return &q.Waiting[len(q.Waiting)-1], insertTurn(ctx, q.tx, q.Meeting, &t)
}

// Extend gives who speaks more time: behind the end, or from now when the time is over.
func (s *Service) Extend(ctx context.Context, actor access.Actor, meetingID id.Meeting, turnID id.Turn, seconds int) (Floor, error) {
	if seconds < MinTurnSeconds || seconds > MaxTurnSeconds {
		return Floor{}, errs.InvalidField("seconds", "field.not_allowed")
	}
	return s.floorCommand(ctx, actor, meetingID, DoLead, func(q *queue) (audit.Event, error) {
		if q.Now == nil || q.Now.ID != turnID {
			return audit.Event{}, s.notSpeaking(ctx, q, turnID)
		}
		if err := q.extend(seconds, q.now); err != nil {
			return audit.Event{}, err
		}
		return turnEvent(audit.FloorExtended, q.Now), updateTurn(ctx, q.tx, q.Now)
	})
}

// EndTurn takes the floor from who speaks, for who leads, or gives it back for the speaker. Nobody else is
// called by it. A turn that ended already is left as it is.
func (s *Service) EndTurn(ctx context.Context, actor access.Actor, meetingID id.Meeting, turnID id.Turn) (Floor, error) {
	return s.floorCommand(ctx, actor, meetingID, "", func(q *queue) (audit.Event, error) {
		person, state, err := turnFacts(ctx, q.tx, meetingID, turnID)
		if err != nil {
			return audit.Event{}, err
		}
		reason := turnGivenBack
		if person != actor.Appointment {
			if err := q.m.allow(DoLead, q.m.standingOf(actor), q.now); err != nil {
				return audit.Event{}, err
			}
			reason = turnEnded
		}
		switch state {
		case Spoken:
			return audit.Event{}, nil
		case Speaking:
			ended := q.finish(reason)
			return turnEvent(audit.FloorEnded, ended), updateTurn(ctx, q.tx, ended)
		}
		return audit.Event{}, errs.New(errs.Conflict, "floor.not_speaking")
	})
}

// Clear takes everybody who waits out of the queue.
func (s *Service) Clear(ctx context.Context, actor access.Actor, meetingID id.Meeting) (Floor, error) {
	return s.floorCommand(ctx, actor, meetingID, DoLead, func(q *queue) (audit.Event, error) {
		n := len(q.Waiting)
		if n == 0 {
			return audit.Event{}, nil
		}
		event := audit.Event{Kind: audit.FloorCleared, Details: map[string]any{"turns": n}}
		return event, q.drop(ctx, turnCleared, func(*Turn) bool { return true })
	})
}

// SetFloor chooses who may use the microphone, and the time of a turn. An empty mode goes by the number
// of the invited. The time counts for turns that are called from now on.
func (s *Service) SetFloor(ctx context.Context, actor access.Actor, meetingID id.Meeting, mode FloorMode, seconds int) (Floor, error) {
	if mode != "" && mode != FreeFloor && mode != CalledFloor {
		return Floor{}, errs.InvalidField("mode", "field.not_allowed")
	}
	if seconds < MinTurnSeconds || seconds > MaxTurnSeconds {
		return Floor{}, errs.InvalidField("seconds", "field.not_allowed")
	}
	return s.floorCommand(ctx, actor, meetingID, DoLead, func(q *queue) (audit.Event, error) {
		if q.m.FloorMode == mode && q.m.FloorSeconds == seconds {
			return audit.Event{}, nil
		}
		q.m.FloorMode, q.m.FloorSeconds = mode, seconds
		q.Mode, q.Chosen, q.Seconds = floorMode(mode, len(q.m.Invitations)), mode != "", seconds
		for i := range q.Waiting {
			q.Waiting[i].Seconds = seconds
		}
		event := audit.Event{Kind: audit.FloorSet, Details: map[string]any{"mode": string(q.Mode), "seconds": seconds}}
		return event, updateWaiting(ctx, q.tx, q.Meeting, seconds)
	})
}

// FloorOf reads the queue of a meeting the actor knows of.
func (s *Service) FloorOf(ctx context.Context, actor access.Actor, meetingID id.Meeting) (Floor, error) {
	if err := s.MaySee(ctx, actor, meetingID); err != nil {
		return Floor{}, err
	}
	return s.Floor(ctx, meetingID)
}

// Floor reads the queue of a meeting for the room, which has admitted its people already.
func (s *Service) Floor(ctx context.Context, meetingID id.Meeting) (Floor, error) {
	f, err := postgres.Snapshot(ctx, s.DB, func(q postgres.Querier) (Floor, error) { return readFloor(ctx, q, meetingID) })
	f.At = s.Now()
	return f, err
}

// FloorRecord lists the turns that were held, in the order they began, of a meeting the actor knows of.
func (s *Service) FloorRecord(ctx context.Context, actor access.Actor, meetingID id.Meeting) ([]Turn, error) {
	if err := s.MaySee(ctx, actor, meetingID); err != nil {
		return nil, err
	}
	turns, err := heldTurns(ctx, s.DB, meetingID)
	return turns, postgres.Translate(err)
}

// WatchFloor has f called with every floor that this node changed, at once after the commit, in the order
// the changes were made but for those of the same moment: Version tells. Call before the service is used.
func (s *Service) WatchFloor(f func(Floor)) { s.watchers = append(s.watchers, f) }

// floorCommand is the common road of everything that changes the floor of a meeting: load with lock, rule,
// do, count the version up, audit, hint. A do without an event changed nothing. Without an action the
// actor only has to know of the meeting; do decides.
func (s *Service) floorCommand(ctx context.Context, actor access.Actor, meetingID id.Meeting, a Action,
	do func(q *queue) (audit.Event, error)) (Floor, error) {
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (Floor, error) {
		q, err := s.openQueue(ctx, tx, actor, meetingID, a)
		if err != nil {
			return Floor{}, err
		}
		event, err := do(q)
		if err != nil || event.Kind == "" {
			return *q.Floor, err
		}
		return s.saveFloor(ctx, q, event)
	})
}

// openQueue locks a meeting, checks that the actor may do a, and reads its floor.
func (s *Service) openQueue(ctx context.Context, tx *postgres.Tx, actor access.Actor, meetingID id.Meeting, a Action) (*queue, error) {
	now := s.Now()
	m, err := findMeeting(ctx, tx, meetingID, true)
	if err != nil {
		return nil, err
	}
	st := m.standingOf(actor)
	if a != "" {
		err = m.allow(a, st, now)
	} else if !st.maySee() {
		err = errs.Missing()
	}
	if err != nil {
		return nil, err
	}
	f, err := readFloor(ctx, tx, meetingID)
	f.At = now
	return &queue{Floor: &f, tx: tx, m: m, actor: actor, now: now}, err
}

// saveFloor counts the version of a changed floor up, records the event and tells who watches.
func (s *Service) saveFloor(ctx context.Context, q *queue, e audit.Event) (Floor, error) {
	if err := updateFloor(ctx, q.tx, q.m); err != nil {
		return Floor{}, err
	}
	q.Version = q.m.FloorVersion
	e.Object, e.Agency = q.m.ID.UUID, q.m.Agency
	if err := audit.Append(ctx, q.tx, q.actor, q.now, e); err != nil {
		return Floor{}, err
	}
	s.announceFloor(q.tx, *q.Floor)
	return *q.Floor, nil
}

// announceFloor tells the rooms of this node at once, and everybody by a hint, after the commit.
func (s *Service) announceFloor(tx *postgres.Tx, f Floor) {
	s.Feed.Touch(tx, live.Floor(f.Meeting.UUID))
	tx.AfterCommit(func() {
		for _, watch := range s.watchers {
			watch(f)
		}
	})
}

// finish takes the floor from who speaks; what is tried before the opening does not count.
func (q *queue) finish(reason string) *Turn {
	t := q.end(reason, q.now)
	if q.m.OpenedAt == nil {
		q.Spoken = 0
	}
	return t
}

// drop removes the waiting turns that gone picks.
func (q *queue) drop(ctx context.Context, reason string, gone func(*Turn) bool) error {
	for _, w := range slices.Clone(q.Waiting) {
		if !gone(&w) {
			continue
		}
		t, _ := q.leaveQueue(w.ID, Removed, reason, q.now)
		if err := updateTurn(ctx, q.tx, &t); err != nil {
			return err
		}
	}
	return nil
}

// settleFloor makes the floor fit a meeting whose invitations or state changed in this transaction: nobody
// waits or speaks who may not, nobody at all after the end, and the mode fits the number of the invited.
func (s *Service) settleFloor(ctx context.Context, tx *postgres.Tx, m *Meeting, now time.Time) error {
	if m.State == Draft {
		return nil
	}
	f, err := readFloor(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	f.At = now
	q := &queue{Floor: &f, tx: tx, m: m, now: now}
	reason := turnNotInvited
	if m.State == Closed || m.State == Cancelled {
		reason = turnClosed
	}
	gone := func(t *Turn) bool {
		i := m.invitation(t.Person.ID)
		return reason == turnClosed || i == nil || !i.Role.sends()
	}
	if err := q.drop(ctx, reason, gone); err != nil {
		return err
	}
	if f.Now != nil && gone(f.Now) {
		if err := updateTurn(ctx, tx, q.finish(reason)); err != nil {
			return err
		}
	}
	if err := updateFloor(ctx, tx, m); err != nil {
		return err
	}
	f.Version = m.FloorVersion
	s.announceFloor(tx, f)
	return nil
}

// invitation finds the invitation of a person; nil when there is none.
func (m *Meeting) invitation(person id.Appointment) *Invitation {
	for i := range m.Invitations {
		if m.Invitations[i].Person.ID == person {
			return &m.Invitations[i]
		}
	}
	return nil
}

// notSpeaking says why a turn cannot be extended.
func (s *Service) notSpeaking(ctx context.Context, q *queue, turnID id.Turn) error {
	if _, _, err := turnFacts(ctx, q.tx, q.Meeting, turnID); err != nil {
		return err
	}
	return errs.New(errs.Conflict, "floor.not_speaking")
}

// turnFacts finds whose a turn of the meeting is and where it stands.
func turnFacts(ctx context.Context, q postgres.Querier, meetingID id.Meeting, turnID id.Turn) (person id.Appointment, state TurnState, err error) {
	err = q.QueryRow(ctx, `select appointment_id, state from floor_turns where id = $1 and meeting_id = $2`, turnID, meetingID).Scan(&person, &state)
	return person, state, err
}

func turnEvent(kind audit.Kind, t *Turn) audit.Event {
	details := map[string]any{"turn": t.ID.String(), "appointment": t.Person.ID.String(), "full_name": t.Person.FullName, "seconds": t.Seconds}
	if t.EndReason != "" {
		details["end"] = t.EndReason
	}
	return audit.Event{Kind: kind, Details: details}
}
