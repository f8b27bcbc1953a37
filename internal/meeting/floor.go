package meeting

import (
	"slices"
	"strings"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

// FloorMode says who may use the microphone.
type FloorMode string

// The modes of the floor.
const (
	FreeFloor   FloorMode = "free"   // everybody but observers
	CalledFloor FloorMode = "called" // chair, secretary, hall, and who has the floor
)

// TurnState is where a turn to speak stands.
type TurnState string

// The states of a turn. Only waiting goes on to speaking; the last three are ends.
const (
	Waiting   TurnState = "waiting"
	Speaking  TurnState = "speaking"
	Spoken    TurnState = "spoken"
	Withdrawn TurnState = "withdrawn" // by the person
	Removed   TurnState = "removed"   // by who leads, or with the invitation or the meeting
)

// Limits of the floor.
const (
	calledAbove    = 30 // invited people; above, people speak when called unless it was chosen otherwise
	MinTurnSeconds = 30
	MaxTurnSeconds = 3600
	MaxTurnTopic   = 300 // characters
	// defaultTurnSeconds is the time of a turn unless the meeting says otherwise, as the schema has it.
	defaultTurnSeconds = 300
	maxTurnTotal       = 36000 // seconds of one turn with every extension
)

// The reasons why a turn ended, as they are stored.
const (
	turnEnded      = "ended"       // by who leads
	turnGivenBack  = "given_back"  // by the speaker
	turnNext       = "next"        // another was called
	turnWithdrawn  = "withdrawn"   // by who waited
	turnRemoved    = "removed"     // by who leads, while it waited
	turnCleared    = "cleared"     // with all that waited
	turnNotInvited = "not_invited" // the invitation ended, or lets only listen now
	turnClosed     = "closed"      // the meeting ended
)

// Turn is one person's turn to speak.
type Turn struct {
	ID        id.Turn
	Person    org.Appointment
	Item      *id.Item // what the meeting was at
	Topic     string   // what the person wants to speak about
	Asked     bool     // by the person; called without asking otherwise
	AskedAt   time.Time
	Seconds   int // given, with every extension
	State     TurnState
	CalledAt  *time.Time
	CalledBy  *id.Appointment
	EndsAt    *time.Time // when the time is over; the turn goes on until it is ended
	EndedAt   *time.Time
	EndReason string
}

// Floor is the queue of speakers of a meeting.
type Floor struct {
	Meeting id.Meeting
	Version int // grows with every change
	Mode    FloorMode
	Chosen  bool // the mode was chosen; it follows from the number of the invited otherwise
	Seconds int  // of one turn
	Now     *Turn
	Waiting []Turn // in the order they will speak
	Spoken  int    // turns held since the meeting was opened
	At      time.Time
}

// Rights are what somebody may send into the room now.
type Rights struct {
	Mic    bool
	Camera bool
	Screen bool
}

// Leads tells whether the role runs the room: mutes, calls, orders.
func (r Role) Leads() bool { return r == Chair || r == Secretary || r == Operator }

// RightsOf says what a person of a role may send, in a mode of the floor, speaking or not. Observers
// never send anything.
func RightsOf(role Role, mode FloorMode, speaking bool) Rights {
	if !role.sends() {
		return Rights{}
	}
	seated := role == Chair || role == Secretary || role == Hall
	return Rights{
		Mic:    seated || speaking || mode == FreeFloor,
		Camera: true,
		Screen: seated || role == Operator || speaking || mode == FreeFloor,
	}
}

// sends tells whether the role may ever send; a role that nobody knows may not.
func (r Role) sends() bool {
	return slices.Contains([]Role{Chair, Secretary, Operator, Hall, Point, Member}, r)
}

// Rights says what a person of a role may send on this floor.
func (f *Floor) Rights(person id.Appointment, role Role) Rights {
	return RightsOf(role, f.Mode, f.Speaks(person))
}

// Speaks tells whether the person has the floor.
func (f *Floor) Speaks(person id.Appointment) bool { return f.Now != nil && f.Now.Person.ID == person }

// floorMode is the mode that was chosen, or the one that fits the number of the invited.
func floorMode(chosen FloorMode, invited int) FloorMode {
	switch {
	case chosen != "":
		return chosen
	case invited > calledAbove:
		return CalledFloor
	}
	return FreeFloor
}

// turnOf finds the open turn of a person; nil when there is none.
func (f *Floor) turnOf(person id.Appointment) *Turn {
	if f.Speaks(person) {
		return f.Now
	}
	for i := range f.Waiting {
		if f.Waiting[i].Person.ID == person {
			return &f.Waiting[i]
		}
	}
	return nil
}

// turn finds an open turn by its id; nil when it is not among them.
func (f *Floor) turn(turnID id.Turn) *Turn {
	if f.Now != nil && f.Now.ID == turnID {
		return f.Now
	}
	for i := range f.Waiting {
		if f.Waiting[i].ID == turnID {
			return &f.Waiting[i]
		}
	}
	return nil
}

// ask puts a person at the end of the queue. Whoever waits or speaks already keeps that turn.
func (f *Floor) ask(person org.Appointment, topic string, item *id.Item, now time.Time) (t Turn, isNew bool, err error) {
	if t := f.turnOf(person.ID); t != nil {
		return *t, false, nil
	}
	if topic = strings.TrimSpace(topic); len([]rune(topic)) > MaxTurnTopic {
		return Turn{}, false, errs.InvalidField("topic", "field.too_long")
	}
	t = Turn{ID: id.New[id.Turn](), Person: person, Item: item, Topic: topic, Asked: true, AskedAt: now, Seconds: f.Seconds, State: Waiting}
	f.Waiting = append(f.Waiting, t)
	return t, true, nil
}

// leaveQueue takes a waiting turn out and returns it as it ended.
func (f *Floor) leaveQueue(turnID id.Turn, state TurnState, reason string, now time.Time) (Turn, bool) {
	i := slices.IndexFunc(f.Waiting, func(t Turn) bool { return t.ID == turnID })
	if i < 0 {
		return Turn{}, false
	}
	t := f.Waiting[i]
	f.Waiting = slices.Delete(slices.Clone(f.Waiting), i, i+1)
	t.State, t.EndedAt, t.EndReason = state, &now, reason
	return t, true
}

// order puts the queue into the given order, which names every waiting turn once.
func (f *Floor) order(turns []id.Turn) error {
	ordered := make([]Turn, 0, len(turns))
	seen := map[id.Turn]bool{}
	for _, turnID := range turns {
		if t := f.turn(turnID); t != nil && t.State == Waiting && !seen[turnID] {
			seen[turnID] = true
			ordered = append(ordered, *t)
		}
	}
	if len(ordered) != len(turns) || len(ordered) != len(f.Waiting) {
		return errs.New(errs.Conflict, "floor.order_changed")
	}
	f.Waiting = ordered
	return nil
}

// begin gives the floor to a waiting turn, for its seconds; whoever spoke must have ended.
func (f *Floor) begin(turnID id.Turn, by id.Appointment, item *id.Item, now time.Time) bool {
	i := slices.IndexFunc(f.Waiting, func(t Turn) bool { return t.ID == turnID })
	if i < 0 || f.Now != nil {
		return false
	}
	t := f.Waiting[i]
	f.Waiting = slices.Delete(slices.Clone(f.Waiting), i, i+1)
	ends := now.Add(time.Duration(t.Seconds) * time.Second)
	t.State, t.CalledAt, t.CalledBy, t.EndsAt, t.Item = Speaking, &now, &by, &ends, item
	f.Now = &t
	return true
}

// end takes the floor from who speaks, and returns that turn; nil when nobody does.
func (f *Floor) end(reason string, now time.Time) *Turn {
	t := f.Now
	if t == nil {
		return nil
	}
	ended := *t
	ended.State, ended.EndedAt, ended.EndReason = Spoken, &now, reason
	f.Now = nil
	f.Spoken++
	return &ended
}

// extend gives who speaks more time: behind the end, or from now when the time is over.
func (f *Floor) extend(seconds int, now time.Time) error {
	from := *f.Now.EndsAt
	if now.After(from) {
		from = now
	}
	ends := from.Add(time.Duration(seconds) * time.Second)
	total := int(ends.Sub(*f.Now.CalledAt).Round(time.Second).Seconds())
	if total > maxTurnTotal {
		return errs.InvalidField("seconds", "field.not_allowed")
	}
	t := *f.Now
	t.EndsAt, t.Seconds = &ends, total
	f.Now = &t
	return nil
}
