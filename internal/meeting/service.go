package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/internal/upload"
	"nghisu/storage/postgres"
)

// Deps are the parts a Service is made of.
type Deps struct {
	DB      *postgres.DB
	Uploads *upload.Service
	Feed    *live.Feed
	Now     func() time.Time // postgres.Now when nil
}

// Service holds the use cases of meetings.
type Service struct {
	Deps
	watchers []func(Floor)
}

// New makes a service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{Deps: d}
}

// Facts are what the secretary states about a meeting.
type Facts struct {
	Title     string
	StartsAt  time.Time
	EndsAt    time.Time
	Place     string
	Online    bool
	Chair     id.Appointment
	Secretary id.Appointment // the actor when zero
}

// Create makes a draft with its first agenda items. The organiser is the actor's agency.
func (s *Service) Create(ctx context.Context, actor access.Actor, f Facts, items []ItemFacts) (View, error) {
	if err := actor.Need(access.Secretary); err != nil {
		return View{}, err
	}
	if len(items) > MaxItems {
		return View{}, errs.InvalidField("items", "field.too_long")
	}
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (View, error) {
		now := s.Now()
		m := &Meeting{ID: id.New[id.Meeting](), Agency: actor.Agency, AgencyName: actor.AgencyName, State: Draft,
			FloorSeconds: defaultTurnSeconds, Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := s.apply(ctx, tx, actor, m, f, now); err != nil {
			return View{}, err
		}
		if err := insertMeeting(ctx, tx, m); err != nil {
			return View{}, err
		}
		for n, i := range items {
			item, err := i.clean(fmt.Sprintf("items[%d].", n))
			if err != nil {
				return View{}, err
			}
			item.Ordinal = n + 1
			if err := insertItem(ctx, tx, m.ID, item); err != nil {
				return View{}, err
			}
			m.Items = append(m.Items, item)
		}
		m.Invitations = m.withOfficers(nil, now)
		if err := saveInvitations(ctx, tx, m.ID, m.Invitations); err != nil {
			return View{}, err
		}
		m.schedule()
		return s.finish(ctx, tx, actor, m, now, audit.Event{Kind: audit.MeetingCreated, Details: map[string]any{"items": len(items)}})
	})
}

// Change states the facts of a meeting anew. version is the one the caller has seen, 0 when not told.
func (s *Service) Change(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int, f Facts) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoChange, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		if m.State == Live && !f.StartsAt.Equal(m.StartsAt) {
			return audit.Event{}, errs.New(errs.Conflict, "meeting.state_live")
		}
		if err := s.apply(ctx, tx, actor, m, f, now); err != nil {
			return audit.Event{}, err
		}
		m.Invitations = m.withOfficers(m.Invitations, now)
		m.schedule()
		if err := moveDevices(ctx, tx, m); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Kind: audit.MeetingChanged, Details: map[string]any{"what": "facts"}}, s.resettle(ctx, tx, m, now)
	})
}

// resettle saves the invitations of a meeting and makes its floor fit them.
func (s *Service) resettle(ctx context.Context, tx *postgres.Tx, m *Meeting, now time.Time) error {
	if err := saveInvitations(ctx, tx, m.ID, m.Invitations); err != nil {
		return err
	}
	return s.settleFloor(ctx, tx, m, now)
}

// apply checks facts and puts them into m.
func (s *Service) apply(ctx context.Context, q postgres.Querier, actor access.Actor, m *Meeting, f Facts, now time.Time) error {
	var wrong []errs.Field
	m.Title, m.Place, m.Online = strings.TrimSpace(f.Title), strings.TrimSpace(f.Place), f.Online
	m.StartsAt, m.EndsAt = f.StartsAt.UTC().Truncate(time.Second), f.EndsAt.UTC().Truncate(time.Second)
	if m.Title == "" {
		wrong = append(wrong, errs.Field{Path: "title", Key: "field.required"})
	}
	if !m.EndsAt.After(m.StartsAt) {
		wrong = append(wrong, errs.Field{Path: "ends_at", Key: "meeting.ends_before_start"})
	}
	if m.EndsAt.Sub(m.StartsAt) > 7*24*time.Hour {
		wrong = append(wrong, errs.Field{Path: "ends_at", Key: "meeting.too_long"})
	}
	if id.IsZero(f.Secretary) {
		f.Secretary = actor.Appointment
	}
	people, err := findPeople(ctx, q, now, f.Chair, f.Secretary)
	if err != nil {
		return err
	}
	var known bool
	if m.Chair, known = people[f.Chair]; !known {
		wrong = append(wrong, errs.Field{Path: "chair_id", Key: "meeting.unknown_person"})
	}
	if m.Secretary, known = people[f.Secretary]; !known {
		wrong = append(wrong, errs.Field{Path: "secretary_id", Key: "meeting.unknown_person"})
	} else if m.Secretary.Agency != m.Agency {
		wrong = append(wrong, errs.Field{Path: "secretary_id", Key: "meeting.secretary_of_other_agency"})
	}
	if f.Chair == f.Secretary {
		wrong = append(wrong, errs.Field{Path: "secretary_id", Key: "meeting.chair_is_secretary"})
	}
	return errs.InvalidFields(wrong)
}

// Get reads a meeting. The first reading by an invited person is noted as "seen".
func (s *Service) Get(ctx context.Context, actor access.Actor, meetingID id.Meeting) (View, error) {
	m, err := postgres.Snapshot(ctx, s.DB, func(q postgres.Querier) (*Meeting, error) {
		return findMeeting(ctx, q, meetingID, false)
	})
	if err != nil {
		return View{}, err
	}
	now := s.Now()
	v, err := m.View(actor, now)
	if err != nil {
		return View{}, err
	}
	if i := m.standingOf(actor).invitation; i != nil && i.SentAt != nil && i.SeenAt == nil {
		seen, err := markSeen(ctx, s.DB, meetingID, actor.Appointment, now)
		if err != nil {
			return View{}, postgres.Translate(err)
		}
		if seen {
			i.SeenAt = &now
			s.Feed.TouchNow(live.Meeting(meetingID.UUID))
		}
	}
	return v, nil
}

// List reads one page of the meetings the actor knows of, and the cursor of the next.
func (s *Service) List(ctx context.Context, actor access.Actor, query ListQuery) ([]Summary, string, error) {
	var after place
	if query.After != "" {
		if err := postgres.ReadCursor(query.After, &after.at, &after.id); err != nil {
			return nil, "", err
		}
	}
	items, err := listMeetings(ctx, s.DB, actor, query, after, s.Now())
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(items) <= query.Limit {
		return items, "", nil
	}
	items = items[:query.Limit]
	last := items[len(items)-1]
	return items, postgres.Cursor(last.StartsAt, last.ID), nil
}

// Admission is what conference needs to know of a meeting to run its room.
type Admission struct {
	Meeting id.Meeting
	Agency  id.Agency // the organiser, whose record the attendance belongs to

	m   *Meeting
	now time.Time
}

// Attendee is an invited person as the room shows them.
type Attendee struct {
	Person org.Appointment
	Role   Role
	Leads  bool // may mute others and call them: chair, secretary and operator
}

// Admission reads who may be in the meeting's room now.
func (s *Service) Admission(ctx context.Context, meetingID id.Meeting) (Admission, error) {
	m, err := findMeeting(ctx, s.DB, meetingID, false)
	if err != nil {
		return Admission{}, postgres.Translate(err)
	}
	return Admission{Meeting: m.ID, Agency: m.Agency, m: m, now: s.Now()}, nil
}

// Admit decides whether the actor may be in the room, and as what. Only people who were sent an
// invitation may; from an hour before the start, or while the meeting is live.
func (a Admission) Admit(actor access.Actor) (Attendee, error) {
	st := a.m.standingOf(actor)
	if err := a.m.allow(DoJoin, st, a.now); err != nil {
		return Attendee{}, err
	}
	role := st.invitation.Role
	return Attendee{Person: st.invitation.Person, Role: role, Leads: role.Leads()}, nil
}

// AdmitDevice decides whether a device may be in the room in somebody's place, and as what: as that person
// might, but it never leads.
func (a Admission) AdmitDevice(d Device) (Attendee, error) {
	switch {
	case d.Meeting != a.Meeting:
		return Attendee{}, errs.Missing()
	case !d.Works(a.now):
		return Attendee{}, errs.New(errs.Unauthenticated, "device.revoked")
	}
	who, err := a.Admit(d.Actor())
	who.Leads = false
	return who, err
}

// MaySee is nil when the actor may know of the meeting, NotFound otherwise.
func (s *Service) MaySee(ctx context.Context, actor access.Actor, meetingID id.Meeting) error {
	m, err := findMeeting(ctx, s.DB, meetingID, false)
	if err != nil {
		return postgres.Translate(err)
	}
	_, err = m.View(actor, s.Now())
	return err
}

// command is the common road of everything that changes a meeting: load with lock, rule, version,
// do, count the version up, audit, hint, answer with the new view.
func (s *Service) command(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int, a Action,
	do func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error)) (View, error) {
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (View, error) {
		now := s.Now()
		m, err := findMeeting(ctx, tx, meetingID, true)
		if err != nil {
			return View{}, err
		}
		if err := m.allow(a, m.standingOf(actor), now); err != nil {
			return View{}, err
		}
		if version != 0 && version != m.Version {
			v, err := m.View(actor, now)
			if err != nil {
				return View{}, err
			}
			return View{}, &errs.Error{Code: errs.Stale, Key: "request.stale", Current: v}
		}
		before := m.topics()
		event, err := do(tx, m, now)
		if err != nil {
			return View{}, err
		}
		if err := updateMeeting(ctx, tx, m, now); err != nil {
			return View{}, err
		}
		s.Feed.Touch(tx, before...)
		return s.finish(ctx, tx, actor, m, now, event)
	})
}

// finish records the event and sends the hints of a changed meeting.
func (s *Service) finish(ctx context.Context, tx *postgres.Tx, actor access.Actor, m *Meeting, now time.Time, e audit.Event) (View, error) {
	e.Object, e.Agency = m.ID.UUID, m.Agency
	if err := audit.Append(ctx, tx, actor, now, e); err != nil {
		return View{}, err
	}
	s.Feed.Touch(tx, m.topics()...)
	return m.View(actor, now)
}

// topics are the pages that show the meeting: its own, the organiser's, and those of everybody who was invited.
func (m *Meeting) topics() []live.Topic {
	topics := []live.Topic{live.Meeting(m.ID.UUID), live.Agency(m.Agency.UUID), live.Person(m.Chair.Person.UUID), live.Person(m.Secretary.Person.UUID)}
	for _, i := range m.Invitations {
		if i.SentAt != nil {
			topics = append(topics, live.Person(i.Person.Person.UUID))
		}
	}
	return topics
}
