// Package meeting owns meetings: their agenda, papers, invitations and course (convened, live,
// closed). It does not own the room in which people see and hear each other (conference) nor who is
// in it; those ask Admission.
package meeting

import (
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/objects"
)

// State is where a meeting stands. It never goes back.
type State string

// The states of a meeting.
const (
	Draft     State = "draft"     // being prepared; only its organisers know of it
	Convened  State = "convened"  // invitations were sent
	Live      State = "live"      // opened by the chair or the secretary
	Closed    State = "closed"    // held
	Cancelled State = "cancelled" // will not be held
)

// Role is what a person is in one meeting.
type Role string

// The roles of a meeting.
const (
	Chair     Role = "chair"     // chủ trì
	Secretary Role = "secretary" // thư ký
	Operator  Role = "operator"  // điều hành kỹ thuật
	Hall      Role = "hall"      // hội trường, the equipment of the hall itself
	Point     Role = "point"     // điểm cầu, a room that is connected
	Member    Role = "member"    // thành viên
	Observer  Role = "observer"  // người dự thính
)

// Answer is what an invited person said to the invitation.
type Answer string

// The answers to an invitation.
const (
	NoAnswer Answer = "none"
	Accepted Answer = "accepted"
	Declined Answer = "declined"
)

// Limits of one meeting.
const (
	MaxItems       = 60
	MaxPapers      = 40  // of one item
	MaxInvitations = 600 // a city conference is a hall and 150 to 200 rooms, some with several people
	// JoinBefore is how long before the start the room opens and the meeting may be opened: the
	// technicians of the rooms come 60 minutes early (vn-rules 5.3).
	JoinBefore = 60 * time.Minute
)

// Meeting is a meeting with its agenda and invitations.
type Meeting struct {
	ID           id.Meeting
	Agency       id.Agency // the organiser
	AgencyName   string
	Title        string
	StartsAt     time.Time
	EndsAt       time.Time
	Place        string
	Online       bool
	State        State
	Chair        org.Appointment
	Secretary    org.Appointment
	CurrentItem  *id.Item
	FloorMode    FloorMode // chosen; empty for by the number of the invited
	FloorSeconds int       // of one turn to speak
	FloorVersion int       // of the queue of speakers
	CancelReason string
	OpenedAt     *time.Time
	ClosedAt     *time.Time
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Items        []Item       // in order
	Invitations  []Invitation // chair, secretary, then the others in the order of the secretary
}

// Item is one item of the agenda.
type Item struct {
	ID        id.Item
	Ordinal   int // from 1
	Title     string
	Minutes   int
	Presenter string
	StartsAt  time.Time // planned: the start of the meeting and the minutes of the items before
	StartedAt *time.Time
	EndedAt   *time.Time
	Papers    []Paper
}

// Paper is a file of an agenda item, as its newest revision.
type Paper struct {
	ID       id.Paper
	Name     string
	Revision int // "bản", from 1
	Hash     objects.Hash
	Size     int64
	AddedAt  time.Time
	AddedBy  string // full name
}

// Invitation is a person's place in a meeting.
type Invitation struct {
	Person     org.Appointment
	Role       Role
	SentAt     *time.Time
	SeenAt     *time.Time
	Answer     Answer
	Reason     string
	AnsweredAt *time.Time
}

// Summary is a meeting in a list.
type Summary struct {
	ID         id.Meeting
	Title      string
	AgencyName string
	StartsAt   time.Time
	EndsAt     time.Time
	Place      string
	Online     bool
	State      State
	ChairName  string
	ItemCount  int
	Invited    int
	Accepted   int
	Declined   int
	MyRole     Role   // empty for an organiser who is not invited
	MyAnswer   Answer // empty without an invitation
}

// Action is something an actor may do with a meeting now.
type Action string

// The actions, as the pages ask for them.
const (
	DoChange   Action = "change"     // facts, agenda, papers, invitations
	DoConvene  Action = "convene"    // send the invitations
	DoOpen     Action = "open"       // begin
	DoClose    Action = "close"      // end
	DoCancel   Action = "cancel"     //
	DoAnswer   Action = "answer"     // the own invitation
	DoCallItem Action = "call_item"  // go on to an item
	DoJoin     Action = "join"       // the room
	DoAskFloor Action = "ask_floor"  // ask to speak
	DoLead     Action = "lead_floor" // call, order and end speakers
)

// View is a meeting as one actor sees it.
type View struct {
	Meeting  Meeting
	MyRole   Role
	MyAnswer Answer
	Can      []Action
}

// standing is what an actor is to a meeting.
type standing struct {
	organises  bool // prepares it: a secretary of the organising agency, or its own secretary
	chairs     bool
	invitation *Invitation // sent or not; nil when none
}

// standingOf finds out what the actor is to the meeting.
func (m *Meeting) standingOf(actor access.Actor) standing {
	s := standing{
		organises: m.Secretary.ID == actor.Appointment || (m.Agency == actor.Agency && actor.Has(access.Secretary)),
		chairs:    m.Chair.ID == actor.Appointment,
	}
	for i := range m.Invitations {
		if m.Invitations[i].Person.ID == actor.Appointment {
			s.invitation = &m.Invitations[i]
		}
	}
	return s
}

// invited tells whether an invitation was sent to the actor.
func (s standing) invited() bool { return s.invitation != nil && s.invitation.SentAt != nil }

// maySee tells whether the actor knows of the meeting: organisers and chair always, others once
// they were invited.
func (s standing) maySee() bool { return s.organises || s.chairs || s.invited() }

// leads tells whether the actor runs the course of the meeting.
func (s standing) leads() bool { return s.organises || s.chairs }

// View is the meeting as the actor sees it at now; NotFound when the actor may not know of it.
func (m *Meeting) View(actor access.Actor, now time.Time) (View, error) {
	s := m.standingOf(actor)
	if !s.maySee() {
		return View{}, errs.Missing()
	}
	v := View{Meeting: *m, Can: []Action{}}
	if s.invitation != nil {
		v.MyRole = s.invitation.Role
		v.MyAnswer = s.invitation.Answer
	}
	for _, a := range []Action{DoChange, DoConvene, DoOpen, DoClose, DoCancel, DoAnswer, DoCallItem, DoJoin, DoAskFloor, DoLead} {
		if m.allow(a, s, now) == nil {
			v.Can = append(v.Can, a)
		}
	}
	return v, nil
}

// allow is the rule behind every command and behind the list of what an actor can do.
func (m *Meeting) allow(a Action, s standing, now time.Time) error {
	if !s.maySee() {
		return errs.Missing()
	}
	if err := m.allowRole(a, s); err != nil {
		return err
	}
	switch a {
	case DoChange:
		return m.stateIn(Draft, Convened, Live)
	case DoConvene:
		return m.allowConvene(now)
	case DoOpen:
		if err := m.stateIn(Convened); err != nil {
			return err
		}
		if now.Before(m.StartsAt.Add(-JoinBefore)) {
			return errs.New(errs.Conflict, "meeting.too_early")
		}
	case DoClose, DoCallItem:
		return m.stateIn(Live)
	case DoCancel:
		return m.stateIn(Draft, Convened)
	case DoAnswer, DoAskFloor, DoLead:
		return m.stateIn(Convened, Live)
	case DoJoin:
		return m.allowJoin(now)
	}
	return nil
}

// allowRole says which standing an action needs.
func (m *Meeting) allowRole(a Action, s standing) error {
	switch a {
	case DoChange:
		if !s.organises {
			return errs.New(errs.Forbidden, "meeting.not_organiser")
		}
	case DoConvene, DoOpen, DoClose, DoCancel, DoCallItem:
		if !s.leads() {
			return errs.New(errs.Forbidden, "meeting.not_leading")
		}
	case DoAnswer, DoJoin:
		if !s.invited() {
			return errs.New(errs.Forbidden, "meeting.not_invited")
		}
	case DoAskFloor:
		if !s.invited() {
			return errs.New(errs.Forbidden, "meeting.not_invited")
		}
		if !s.invitation.Role.sends() {
			return errs.New(errs.Forbidden, "floor.observer")
		}
	case DoLead:
		if !s.leads() && !(s.invited() && s.invitation.Role.Leads()) {
			return errs.New(errs.Forbidden, "floor.not_leading")
		}
	}
	return nil
}

func (m *Meeting) allowConvene(now time.Time) error {
	if err := m.stateIn(Draft); err != nil {
		return err
	}
	if len(m.Items) == 0 {
		return errs.New(errs.Conflict, "meeting.no_items")
	}
	if !m.EndsAt.After(now) {
		return errs.New(errs.Conflict, "meeting.in_the_past")
	}
	return nil
}

func (m *Meeting) allowJoin(now time.Time) error {
	if !m.Online {
		return errs.New(errs.Conflict, "meeting.not_online")
	}
	if m.State == Live {
		return nil
	}
	if err := m.stateIn(Convened); err != nil {
		return err
	}
	if now.Before(m.StartsAt.Add(-JoinBefore)) {
		return errs.New(errs.Conflict, "meeting.too_early")
	}
	if now.After(m.EndsAt) {
		return errs.New(errs.Conflict, "meeting.over")
	}
	return nil
}

// stateIn is nil when the meeting is in one of the states.
func (m *Meeting) stateIn(states ...State) error {
	if slices.Contains(states, m.State) {
		return nil
	}
	return errs.New(errs.Conflict, "meeting.state_"+string(m.State))
}

// schedule computes the planned start of every item from the start of the meeting.
func (m *Meeting) schedule() {
	at := m.StartsAt
	for i := range m.Items {
		m.Items[i].StartsAt = at
		at = at.Add(time.Duration(m.Items[i].Minutes) * time.Minute)
	}
}

// item finds an item by its id; nil when it is not of this meeting.
func (m *Meeting) item(itemID id.Item) *Item {
	for i := range m.Items {
		if m.Items[i].ID == itemID {
			return &m.Items[i]
		}
	}
	return nil
}
