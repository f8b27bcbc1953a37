package meeting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/storage/postgres"
)

// Invitee is one person to invite.
type Invitee struct {
	Appointment id.Appointment
	Role        Role // any but chair and secretary, who are invited by being named in the facts
}

// Invite makes the invitations equal to people, in their order behind chair and secretary. People of
// any agency may be invited. In a meeting that was convened, new people are invited at once.
func (s *Service) Invite(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int, people []Invitee) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoChange, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		if len(people) > MaxInvitations {
			return audit.Event{}, errs.InvalidField("people", "field.too_long")
		}
		list, err := s.invitees(ctx, tx, m, people, now)
		if err != nil {
			return audit.Event{}, err
		}
		before := m.Invitations
		m.Invitations = m.withOfficers(list, now)
		if len(m.Invitations) < len(list)+2 {
			return audit.Event{}, errs.InvalidField("people", "meeting.invited_twice")
		}
		event := audit.Event{Kind: audit.MeetingChanged, Details: map[string]any{"what": "invitations", "invited": len(m.Invitations),
			"added": without(m.Invitations, before), "removed": without(before, m.Invitations)}}
		return event, s.resettle(ctx, tx, m, now)
	})
}

// invitees makes invitations of people, apart from chair and secretary, who are always invited.
// Whoever is invited already keeps the invitation, also after leaving office.
func (s *Service) invitees(ctx context.Context, q postgres.Querier, m *Meeting, people []Invitee, now time.Time) ([]Invitation, error) {
	before := map[id.Appointment]Invitation{}
	for _, i := range m.Invitations {
		before[i.Person.ID] = i
	}
	asked := make([]id.Appointment, len(people))
	for n, p := range people {
		asked[n] = p.Appointment
	}
	found, err := findPeople(ctx, q, now, asked...)
	if err != nil {
		return nil, err
	}
	var list []Invitation
	for n, p := range people {
		path := fmt.Sprintf("people[%d]", n)
		if p.Appointment == m.Chair.ID || p.Appointment == m.Secretary.ID {
			continue
		}
		if !slices.Contains([]Role{Operator, Hall, Point, Member, Observer}, p.Role) {
			return nil, errs.InvalidField(path+".role", "field.not_allowed")
		}
		i, invited := before[p.Appointment]
		if !invited {
			person, known := found[p.Appointment]
			if !known {
				return nil, errs.InvalidField(path+".appointment_id", "meeting.unknown_person")
			}
			i = Invitation{Person: person, Answer: NoAnswer}
		}
		i.Role = p.Role
		list = append(list, i)
	}
	return list, nil
}

// without lists who is in the one list of invitations and not in the other, for the record.
func without(list, other []Invitation) []string {
	out := []string{}
	for _, i := range list {
		if !slices.ContainsFunc(other, func(o Invitation) bool { return o.Person.ID == i.Person.ID }) {
			out = append(out, i.Person.ID.String())
		}
	}
	return out
}

// withOfficers is the list of invitations with chair and secretary first, each person once. After the
// meeting was convened every invitation counts as sent.
func (m *Meeting) withOfficers(list []Invitation, now time.Time) []Invitation {
	officers := []Invitation{
		{Person: m.Chair, Role: Chair, Answer: NoAnswer},
		{Person: m.Secretary, Role: Secretary, Answer: NoAnswer},
	}
	for n := range officers { // keep what they answered
		for _, i := range slices.Concat(m.Invitations, list) {
			if i.Person.ID == officers[n].Person.ID {
				role := officers[n].Role
				officers[n] = i
				officers[n].Role = role
			}
		}
	}
	out := officers
	seen := map[id.Appointment]bool{m.Chair.ID: true, m.Secretary.ID: true}
	for _, i := range list {
		if seen[i.Person.ID] {
			continue
		}
		if i.Role == Chair || i.Role == Secretary { // was one until now
			i.Role = Member
		}
		seen[i.Person.ID] = true
		out = append(out, i)
	}
	if m.State != Draft {
		for n := range out {
			if out[n].SentAt == nil {
				out[n].SentAt = &now
			}
		}
	}
	return out
}

// Convene sends the invitations. It needs an agenda and an end that is not over.
func (s *Service) Convene(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoConvene, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		m.State = Convened
		m.Invitations = m.withOfficers(m.Invitations, now)
		for n := range m.Invitations {
			i := &m.Invitations[n]
			if i.Person.ID == actor.Appointment && i.Answer == NoAnswer { // whoever invites comes
				i.Answer, i.AnsweredAt = Accepted, &now
			}
		}
		event := audit.Event{Kind: audit.MeetingConvened, Details: map[string]any{"invited": len(m.Invitations), "items": len(m.Items)}}
		return event, saveInvitations(ctx, tx, m.ID, m.Invitations)
	})
}

// Open begins the meeting.
func (s *Service) Open(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoOpen, func(_ *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		m.State, m.OpenedAt = Live, &now
		return audit.Event{Kind: audit.MeetingOpened}, nil
	})
}

// Close ends the meeting, the item it is at and the turn of who speaks; who waits no longer does.
func (s *Service) Close(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoClose, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		m.State, m.ClosedAt = Closed, &now
		if err := s.settleFloor(ctx, tx, m, now); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Kind: audit.MeetingClosed}, m.endCurrentItem(ctx, tx, now)
	})
}

// Cancel says that the meeting will not be held, and why.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int, reason string) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoCancel, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		reason = strings.TrimSpace(reason)
		if reason == "" {
			return audit.Event{}, errs.InvalidField("reason", "field.required")
		}
		m.State, m.CancelReason = Cancelled, reason
		event := audit.Event{Kind: audit.MeetingCancelled, Details: map[string]any{"reason": reason}}
		return event, s.settleFloor(ctx, tx, m, now)
	})
}

// Answer is what the invited actor says to the invitation; a refusal needs a reason. It may be
// changed until the meeting ends. It does not count the meeting's version up, because many answer
// while the secretary works on the agenda.
func (s *Service) Answer(ctx context.Context, actor access.Actor, meetingID id.Meeting, answer Answer, reason string) (View, error) {
	reason = strings.TrimSpace(reason)
	if answer != Accepted && answer != Declined {
		return View{}, errs.InvalidField("answer", "field.not_allowed")
	}
	if answer == Declined && reason == "" {
		return View{}, errs.InvalidField("reason", "field.required")
	}
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (View, error) {
		now := s.Now()
		m, err := findMeeting(ctx, tx, meetingID, true)
		if err != nil {
			return View{}, err
		}
		st := m.standingOf(actor)
		if err := m.allow(DoAnswer, st, now); err != nil {
			return View{}, err
		}
		i := st.invitation
		i.Answer, i.Reason, i.AnsweredAt = answer, reason, &now
		if err := updateAnswer(ctx, tx, m.ID, i); err != nil {
			return View{}, err
		}
		err = audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.InvitationAnswered, Object: m.ID.UUID, Agency: m.Agency,
			Details: map[string]any{"answer": string(answer), "reason": reason}})
		if err != nil {
			return View{}, err
		}
		s.Feed.Touch(tx, live.Meeting(m.ID.UUID), live.Agency(m.Agency.UUID), live.Person(actor.Person.UUID))
		return m.View(actor, now)
	})
}
