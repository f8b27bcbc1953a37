package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
)

// Meeting is a meeting as the caller sees it.
type Meeting struct {
	ID            id.Meeting     `json:"id" format:"uuid"`
	Title         string         `json:"title"`
	AgencyID      id.Agency      `json:"agency_id" format:"uuid"`
	AgencyName    string         `json:"agency_name" doc:"The organiser"`
	StartsAt      time.Time      `json:"starts_at"`
	EndsAt        time.Time      `json:"ends_at"`
	Place         string         `json:"place"`
	Online        bool           `json:"online"`
	State         string         `json:"state" enum:"draft,convened,live,closed,cancelled"`
	Chair         AppointmentRef `json:"chair"`
	Secretary     AppointmentRef `json:"secretary"`
	Items         []AgendaItem   `json:"items" nullable:"false"`
	Invitations   []Invitation   `json:"invitations" nullable:"false"`
	CurrentItemID *id.Item       `json:"current_item_id" format:"uuid"`
	OpenedAt      *time.Time     `json:"opened_at"`
	ClosedAt      *time.Time     `json:"closed_at"`
	CancelReason  string         `json:"cancel_reason"`
	JoinFrom      time.Time      `json:"join_from" doc:"When the room opens"`
	MyRole        string         `json:"my_role" enum:",chair,secretary,operator,hall,point,member,observer"`
	MyAnswer      string         `json:"my_answer" enum:",none,accepted,declined"`
	Version       int            `json:"version"`
	UpdatedAt     time.Time      `json:"updated_at"`
	Can           []string       `json:"can" nullable:"false" enum:"change,convene,open,close,cancel,answer,call_item,join,ask_floor,lead_floor"`
}

// AgendaItem is one item of the agenda.
type AgendaItem struct {
	ID        id.Item    `json:"id" format:"uuid"`
	Ordinal   int        `json:"ordinal"`
	Title     string     `json:"title"`
	Minutes   int        `json:"minutes"`
	Presenter string     `json:"presenter"`
	StartsAt  time.Time  `json:"starts_at" doc:"As planned: start of the meeting and the minutes of the items before"`
	StartedAt *time.Time `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Papers    []Paper    `json:"papers" nullable:"false"`
}

// Paper is a paper of an agenda item, as its newest revision.
type Paper struct {
	ID          id.Paper  `json:"id" format:"uuid"`
	Name        string    `json:"name"`
	Revision    int       `json:"revision"`
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"`
	AddedAt     time.Time `json:"added_at"`
	AddedByName string    `json:"added_by_name"`
}

// Invitation is a person's place in a meeting.
type Invitation struct {
	Appointment  AppointmentRef `json:"appointment"`
	Role         string         `json:"role" enum:"chair,secretary,operator,hall,point,member,observer"`
	SentAt       *time.Time     `json:"sent_at"`
	SeenAt       *time.Time     `json:"seen_at"`
	Answer       string         `json:"answer" enum:"none,accepted,declined"`
	AnswerReason string         `json:"answer_reason"`
	AnsweredAt   *time.Time     `json:"answered_at"`
}

// MeetingSummary is a meeting in a list.
type MeetingSummary struct {
	ID            id.Meeting `json:"id" format:"uuid"`
	Title         string     `json:"title"`
	AgencyName    string     `json:"agency_name"`
	StartsAt      time.Time  `json:"starts_at"`
	EndsAt        time.Time  `json:"ends_at"`
	Place         string     `json:"place"`
	Online        bool       `json:"online"`
	State         string     `json:"state" enum:"draft,convened,live,closed,cancelled"`
	ChairName     string     `json:"chair_name"`
	ItemCount     int        `json:"item_count"`
	InvitedCount  int        `json:"invited_count"`
	AcceptedCount int        `json:"accepted_count"`
	DeclinedCount int        `json:"declined_count"`
	MyRole        string     `json:"my_role" enum:",chair,secretary,operator,hall,point,member,observer"`
	MyAnswer      string     `json:"my_answer" enum:",none,accepted,declined"`
}

// MeetingFacts are what the secretary states about a meeting.
type MeetingFacts struct {
	Title       string          `json:"title" minLength:"1" maxLength:"300"`
	StartsAt    time.Time       `json:"starts_at"`
	EndsAt      time.Time       `json:"ends_at"`
	Place       string          `json:"place,omitempty" maxLength:"300"`
	Online      bool            `json:"online"`
	ChairID     id.Appointment  `json:"chair_id" format:"uuid"`
	SecretaryID *id.Appointment `json:"secretary_id,omitempty" format:"uuid" doc:"The caller when absent"`
}

// NewMeeting is a meeting to be made.
type NewMeeting struct {
	MeetingFacts
	Items []ItemFacts `json:"items,omitempty" maxItems:"60"`
}

// ItemFacts are what the secretary states about an agenda item.
type ItemFacts struct {
	Title     string `json:"title" minLength:"1" maxLength:"500"`
	Minutes   int    `json:"minutes" minimum:"0" maximum:"600"`
	Presenter string `json:"presenter,omitempty" maxLength:"300"`
}

// Invitee is one person to invite; chair and secretary are always invited.
type Invitee struct {
	AppointmentID id.Appointment `json:"appointment_id" format:"uuid"`
	Role          string         `json:"role" enum:"member,operator,hall,point,observer,chair,secretary"`
}

// MeetingPath names a meeting in the address.
type MeetingPath struct {
	Meeting id.Meeting `path:"meeting_id" format:"uuid"`
}

// MeetingCommandInput names a meeting and the version the caller saw in the address.
type MeetingCommandInput struct {
	MeetingPath
	IfMatch
}

// ItemPath names an item of an agenda and the version the caller saw in the address.
type ItemPath struct {
	Item id.Item `path:"item_id" format:"uuid"`
	IfMatch
}

// MeetingsQuery says which meetings to list.
type MeetingsQuery struct {
	When string `query:"when" enum:"upcoming,past,all" default:"upcoming" doc:"upcoming: the next first; past and all: the newest first"`
	Page
}

// registerMeeting adds the routes of meetings.
func (a *API) registerMeeting() {
	const tag = "meeting"
	get(a, Op{ID: "list-meetings", Path: "/meetings", Tag: tag, Access: Acting, Summary: "Meetings the caller organises or is invited to"}, a.listMeetings)
	get(a, Op{ID: "get-meeting", Path: "/meetings/{meeting_id}", Tag: tag, Access: Acting, Summary: "A meeting with agenda, papers and invitations"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.Get(ctx, actor, in.Meeting))
		})
	post(a, Op{ID: "create-meeting", Path: "/meetings", Tag: tag, Access: Role(access.Secretary), Summary: "Make a draft of a meeting"},
		func(ctx context.Context, actor access.Actor, in *struct{ Body NewMeeting }) (*Answer[Meeting], error) {
			items := make([]meeting.ItemFacts, len(in.Body.Items))
			for i, f := range in.Body.Items {
				items[i] = meeting.ItemFacts(f)
			}
			return meetingAnswer(a.Meetings.Create(ctx, actor, in.Body.facts(), items))
		})
	put(a, Op{ID: "change-meeting", Path: "/meetings/{meeting_id}", Tag: tag, Access: Acting, Summary: "State title, times, place, chair and secretary anew"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body MeetingFacts
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.Change(ctx, actor, in.Meeting, in.Version(), in.Body.facts()))
		})
	a.registerMeetingCourse(tag)
	a.registerAgenda(tag)
	a.registerPapers(tag)
	a.registerFloor(tag)
	a.registerFloorLead(tag)
}

func (a *API) listMeetings(ctx context.Context, actor access.Actor, in *MeetingsQuery) (*List[MeetingSummary], error) {
	found, next, err := a.Meetings.List(ctx, actor, meeting.ListQuery{When: in.When, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	items := make([]MeetingSummary, len(found))
	for i, s := range found {
		items[i] = MeetingSummary{ID: s.ID, Title: s.Title, AgencyName: s.AgencyName, StartsAt: s.StartsAt, EndsAt: s.EndsAt,
			Place: s.Place, Online: s.Online, State: string(s.State), ChairName: s.ChairName, ItemCount: s.ItemCount,
			InvitedCount: s.Invited, AcceptedCount: s.Accepted, DeclinedCount: s.Declined, MyRole: string(s.MyRole), MyAnswer: string(s.MyAnswer)}
	}
	return list(items, next), nil
}

// registerMeetingCourse adds the commands that move a meeting on.
func (a *API) registerMeetingCourse(tag string) {
	moves := []struct {
		verb, summary string
		do            func(ctx context.Context, actor access.Actor, m id.Meeting, version int) (meeting.View, error)
	}{
		{"convene", "Send the invitations", a.Meetings.Convene},
		{"open", "Begin the meeting", a.Meetings.Open},
		{"close", "End the meeting", a.Meetings.Close},
	}
	for _, m := range moves {
		post(a, Op{ID: m.verb + "-meeting", Path: "/meetings/{meeting_id}/" + m.verb, Tag: tag, Access: Acting, Summary: m.summary},
			func(ctx context.Context, actor access.Actor, in *MeetingCommandInput) (*Answer[Meeting], error) {
				return meetingAnswer(m.do(ctx, actor, in.Meeting, in.Version()))
			})
	}
	post(a, Op{ID: "cancel-meeting", Path: "/meetings/{meeting_id}/cancel", Tag: tag, Access: Acting, Summary: "Say that the meeting will not be held"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body struct {
				Reason string `json:"reason" minLength:"1" maxLength:"1000"`
			}
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.Cancel(ctx, actor, in.Meeting, in.Version(), in.Body.Reason))
		})
	post(a, Op{ID: "answer-invitation", Path: "/meetings/{meeting_id}/answer", Tag: tag, Access: Acting, Summary: "Accept or decline the own invitation"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingPath
			Body struct {
				Answer string `json:"answer" enum:"accepted,declined"`
				Reason string `json:"reason,omitempty" maxLength:"1000" doc:"Needed to decline"`
			}
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.Answer(ctx, actor, in.Meeting, meeting.Answer(in.Body.Answer), in.Body.Reason))
		})
	put(a, Op{ID: "set-invitations", Path: "/meetings/{meeting_id}/invitations", Tag: tag, Access: Acting, Summary: "Say who is invited, in order"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body struct {
				People []Invitee `json:"people" maxItems:"600" nullable:"false"`
			}
		}) (*Answer[Meeting], error) {
			people := make([]meeting.Invitee, len(in.Body.People))
			for i, p := range in.Body.People {
				people[i] = meeting.Invitee{Appointment: p.AppointmentID, Role: meeting.Role(p.Role)}
			}
			return meetingAnswer(a.Meetings.Invite(ctx, actor, in.Meeting, in.Version(), people))
		})
}

// registerAgenda adds the routes of agenda items.
func (a *API) registerAgenda(tag string) {
	post(a, Op{ID: "add-item", Path: "/meetings/{meeting_id}/items", Tag: tag, Access: Acting, Summary: "Put an item at the end of the agenda"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body ItemFacts
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.AddItem(ctx, actor, in.Meeting, in.Version(), meeting.ItemFacts(in.Body)))
		})
	put(a, Op{ID: "change-item", Path: "/items/{item_id}", Tag: tag, Access: Acting, Summary: "State an agenda item anew"},
		func(ctx context.Context, actor access.Actor, in *struct {
			ItemPath
			Body ItemFacts
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.ChangeItem(ctx, actor, in.Item, in.Version(), meeting.ItemFacts(in.Body)))
		})
	del(a, Op{ID: "remove-item", Path: "/items/{item_id}", Tag: tag, Access: Acting, Summary: "Take an item off the agenda"},
		func(ctx context.Context, actor access.Actor, in *ItemPath) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.RemoveItem(ctx, actor, in.Item, in.Version()))
		})
	put(a, Op{ID: "order-items", Path: "/meetings/{meeting_id}/order", Tag: tag, Access: Acting, Summary: "Put the agenda into another order"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body struct {
				ItemIDs []id.Item `json:"item_ids" maxItems:"60" nullable:"false"`
			}
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.Reorder(ctx, actor, in.Meeting, in.Version(), in.Body.ItemIDs))
		})
	post(a, Op{ID: "call-item", Path: "/meetings/{meeting_id}/call-item", Tag: tag, Access: Acting, Summary: "Go on to an item of the agenda"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body struct {
				ItemID id.Item `json:"item_id" format:"uuid"`
			}
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.CallItem(ctx, actor, in.Meeting, in.Body.ItemID, in.Version()))
		})
}

// registerPapers adds the routes of the papers of agenda items.
func (a *API) registerPapers(tag string) {
	post(a, Op{ID: "add-paper", Path: "/items/{item_id}/papers", Tag: tag, Access: Acting, Summary: "Put a complete upload under an agenda item"},
		func(ctx context.Context, actor access.Actor, in *struct {
			Item id.Item `path:"item_id" format:"uuid"`
			Body struct {
				UploadID id.Upload `json:"upload_id" format:"uuid"`
				Name     string    `json:"name,omitempty" maxLength:"300" doc:"The name of the file when absent"`
			}
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.AddPaper(ctx, actor, in.Item, in.Body.UploadID, in.Body.Name))
		})
	type PaperPath struct {
		Paper id.Paper `path:"paper_id" format:"uuid"`
	}
	post(a, Op{ID: "replace-paper", Path: "/papers/{paper_id}/replace", Tag: tag, Access: Acting, Summary: "Make a complete upload the next revision of a paper"},
		func(ctx context.Context, actor access.Actor, in *struct {
			PaperPath
			Body struct {
				UploadID id.Upload `json:"upload_id" format:"uuid"`
			}
		}) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.ReplacePaper(ctx, actor, in.Paper, in.Body.UploadID))
		})
	del(a, Op{ID: "remove-paper", Path: "/papers/{paper_id}", Tag: tag, Access: Acting, Summary: "Take a paper off its item"},
		func(ctx context.Context, actor access.Actor, in *PaperPath) (*Answer[Meeting], error) {
			return meetingAnswer(a.Meetings.RemovePaper(ctx, actor, in.Paper))
		})
	a.raw(http.MethodGet, Op{ID: "get-paper-content", Path: "/papers/{paper_id}/content", Tag: tag, Access: Acting,
		Summary: "The file of a paper; ?revision= for an older one"}, "application/pdf", a.paperContent)
}

func (a *API) paperContent(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	paper, err := id.Parse[id.Paper](r.PathValue("paper_id"))
	if err != nil {
		return errs.Missing()
	}
	revision := 0
	if text := r.URL.Query().Get("revision"); text != "" {
		if revision, err = strconv.Atoi(text); err != nil || revision < 1 {
			return errs.InvalidField("revision", "field.wrong_form")
		}
	}
	c, err := a.Meetings.FindPaper(r.Context(), actor, paper, revision)
	if err != nil {
		return err
	}
	return a.serveObject(w, r, c.Ref, c.Name, "application/pdf")
}

func (f MeetingFacts) facts() meeting.Facts {
	out := meeting.Facts{Title: f.Title, StartsAt: f.StartsAt, EndsAt: f.EndsAt, Place: f.Place, Online: f.Online, Chair: f.ChairID}
	if f.SecretaryID != nil {
		out.Secretary = *f.SecretaryID
	}
	return out
}

// meetingAnswer makes the answer of every operation on one meeting, also of one that lost an update.
func meetingAnswer(v meeting.View, err error) (*Answer[Meeting], error) {
	if err == nil {
		return answer(meetingBody(v)), nil
	}
	var stale *errs.Error
	if errors.As(err, &stale) {
		if current, ok := stale.Current.(meeting.View); ok {
			c := *stale
			c.Current = meetingBody(current)
			return nil, &c
		}
	}
	return nil, err
}

func meetingBody(v meeting.View) Meeting {
	m := v.Meeting
	out := Meeting{ID: m.ID, Title: m.Title, AgencyID: m.Agency, AgencyName: m.AgencyName, StartsAt: m.StartsAt, EndsAt: m.EndsAt,
		Place: m.Place, Online: m.Online, State: string(m.State), Chair: appointmentRef(m.Chair), Secretary: appointmentRef(m.Secretary),
		Items: make([]AgendaItem, len(m.Items)), Invitations: make([]Invitation, len(m.Invitations)), CurrentItemID: m.CurrentItem,
		OpenedAt: m.OpenedAt, ClosedAt: m.ClosedAt, CancelReason: m.CancelReason, JoinFrom: m.StartsAt.Add(-meeting.JoinBefore),
		MyRole: string(v.MyRole), MyAnswer: string(v.MyAnswer), Version: m.Version, UpdatedAt: m.UpdatedAt, Can: make([]string, len(v.Can))}
	for i, c := range v.Can {
		out.Can[i] = string(c)
	}
	for n, i := range m.Items {
		item := AgendaItem{ID: i.ID, Ordinal: i.Ordinal, Title: i.Title, Minutes: i.Minutes, Presenter: i.Presenter,
			StartsAt: i.StartsAt, StartedAt: i.StartedAt, EndedAt: i.EndedAt, Papers: make([]Paper, len(i.Papers))}
		for k, p := range i.Papers {
			item.Papers[k] = Paper{ID: p.ID, Name: p.Name, Revision: p.Revision, Size: p.Size, SHA256: p.Hash.Hex(), AddedAt: p.AddedAt, AddedByName: p.AddedBy}
		}
		out.Items[n] = item
	}
	for n, i := range m.Invitations {
		out.Invitations[n] = Invitation{Appointment: appointmentRef(i.Person), Role: string(i.Role), SentAt: i.SentAt, SeenAt: i.SeenAt,
			Answer: string(i.Answer), AnswerReason: i.Reason, AnsweredAt: i.AnsweredAt}
	}
	return out
}
