package httpapi

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
)

// Turn is one person's turn to speak.
type Turn struct {
	ID              id.Turn        `json:"id" format:"uuid"`
	AppointmentID   id.Appointment `json:"appointment_id" format:"uuid"`
	FullName        string         `json:"full_name"`
	Position        string         `json:"position"`
	AgencyName      string         `json:"agency_name"`
	AgencyShortName string         `json:"agency_short_name"`
	ItemID          *id.Item       `json:"item_id" format:"uuid" doc:"What the meeting was at"`
	Topic           string         `json:"topic" doc:"What the person wants to speak about"`
	Asked           bool           `json:"asked" doc:"The person asked; false for who was called without asking"`
	AskedAt         time.Time      `json:"asked_at"`
	CalledAt        *time.Time     `json:"called_at"`
	EndsAt          *time.Time     `json:"ends_at" doc:"When the time is over; the turn goes on until somebody ends it"`
	Seconds         int            `json:"seconds" doc:"Time given, with every extension"`
	EndedAt         *time.Time     `json:"ended_at"`
	State           string         `json:"state" enum:"waiting,speaking,spoken,withdrawn,removed"`
}

// Floor is the queue of speakers of a meeting.
type Floor struct {
	MeetingID  id.Meeting `json:"meeting_id" format:"uuid"`
	Version    int        `json:"version" doc:"Grows with every change"`
	Mode       string     `json:"mode" enum:"free,called" doc:"called: chair, secretary, hall and who has the floor use the microphone; free: everybody but observers"`
	ModeChosen bool       `json:"mode_chosen" doc:"False when the mode follows from the number of the invited"`
	Seconds    int        `json:"seconds" doc:"Of one turn"`
	Now        *Turn      `json:"now" doc:"Who has the floor"`
	Waiting    []Turn     `json:"waiting" nullable:"false" doc:"In the order they will speak"`
	Spoken     int        `json:"spoken" doc:"Turns held since the opening"`
	ServerTime time.Time  `json:"server_time"`
}

// TurnList are the turns that were held, in the order they began.
type TurnList struct {
	Items []Turn `json:"items" nullable:"false"`
}

// TurnPath names a turn of a meeting in the address.
type TurnPath struct {
	MeetingPath
	Turn id.Turn `path:"turn_id" format:"uuid"`
}

// registerFloor adds what everybody does with the queue: look, ask, withdraw, give the floor back.
func (a *API) registerFloor(tag string) {
	const path = "/meetings/{meeting_id}/floor"
	get(a, Op{ID: "get-floor", Path: path, Tag: tag, Access: Acting, Summary: "Who speaks and who waits to"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[Floor], error) {
			return floorAnswer(a.Meetings.FloorOf(ctx, actor, in.Meeting))
		})
	get(a, Op{ID: "get-floor-record", Path: path + "/record", Tag: tag, Access: Acting, Summary: "Turns that were held, for the record of the meeting"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[TurnList], error) {
			turns, err := a.Meetings.FloorRecord(ctx, actor, in.Meeting)
			return answer(TurnList{Items: turnBodies(turns)}), err
		})
	post(a, Op{ID: "ask-floor", Path: path + "/turns", Tag: tag, Access: Acting, Summary: "Ask to speak; who waits or speaks already keeps that turn"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingPath
			Body struct {
				Topic string `json:"topic,omitempty" maxLength:"300"`
			}
		}) (*Answer[Turn], error) {
			t, err := a.Meetings.Ask(ctx, actor, in.Meeting, in.Body.Topic)
			return answer(turnBody(t)), err
		})
	post(a, Op{ID: "withdraw-turn", Path: path + "/turns/{turn_id}/withdraw", Tag: tag, Access: Acting,
		Summary: "Take a waiting turn out of the queue: one's own, or anybody's for who leads"},
		func(ctx context.Context, actor access.Actor, in *TurnPath) (*Answer[Floor], error) {
			return floorAnswer(a.Meetings.Withdraw(ctx, actor, in.Meeting, in.Turn))
		})
	post(a, Op{ID: "end-turn", Path: path + "/turns/{turn_id}/end", Tag: tag, Access: Acting,
		Summary: "Take the floor from who speaks, or give one's own back"},
		func(ctx context.Context, actor access.Actor, in *TurnPath) (*Answer[Floor], error) {
			return floorAnswer(a.Meetings.EndTurn(ctx, actor, in.Meeting, in.Turn))
		})
}

// registerFloorLead adds what who leads the meeting does with the queue.
func (a *API) registerFloorLead(tag string) {
	const path = "/meetings/{meeting_id}/floor"
	put(a, Op{ID: "order-floor", Path: path + "/order", Tag: tag, Access: Acting, Summary: "Put the queue into another order"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingPath
			Body struct {
				TurnIDs []id.Turn `json:"turn_ids" maxItems:"600" nullable:"false" doc:"Every waiting turn once"`
			}
		}) (*Answer[Floor], error) {
			return floorAnswer(a.Meetings.Order(ctx, actor, in.Meeting, in.Body.TurnIDs))
		})
	post(a, Op{ID: "call-turn", Path: path + "/call", Tag: tag, Access: Acting,
		Summary: "Give the floor to a waiting turn, to a person, or to the next; who speaks ends"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingCommandInput
			Body struct {
				TurnID        *id.Turn        `json:"turn_id,omitempty" format:"uuid"`
				AppointmentID *id.Appointment `json:"appointment_id,omitempty" format:"uuid" doc:"A person who may not have asked"`
				Seconds       int             `json:"seconds,omitempty" minimum:"0" maximum:"3600" doc:"The time of a turn of this meeting when absent"`
			}
		}) (*Answer[Floor], error) {
			c := meeting.Called{Seconds: in.Body.Seconds, Version: in.Version()}
			if in.Body.TurnID != nil {
				c.Turn = *in.Body.TurnID
			}
			if in.Body.AppointmentID != nil {
				c.Person = *in.Body.AppointmentID
			}
			return floorAnswer(a.Meetings.Call(ctx, actor, in.Meeting, c))
		})
	post(a, Op{ID: "extend-turn", Path: path + "/turns/{turn_id}/extend", Tag: tag, Access: Acting, Summary: "Give who speaks more time"},
		func(ctx context.Context, actor access.Actor, in *struct {
			TurnPath
			Body struct {
				Seconds int `json:"seconds" minimum:"30" maximum:"3600"`
			}
		}) (*Answer[Floor], error) {
			return floorAnswer(a.Meetings.Extend(ctx, actor, in.Meeting, in.Turn, in.Body.Seconds))
		})
	post(a, Op{ID: "clear-floor", Path: path + "/clear", Tag: tag, Access: Acting, Summary: "Take everybody who waits out of the queue"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[Floor], error) {
			return floorAnswer(a.Meetings.Clear(ctx, actor, in.Meeting))
		})
	put(a, Op{ID: "set-floor", Path: path + "/settings", Tag: tag, Access: Acting, Summary: "Choose who may use the microphone, and the time of a turn"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingPath
			Body struct {
				Mode    string `json:"mode" enum:"free,called,by_size" doc:"by_size: called above 30 invited"`
				Seconds int    `json:"seconds" minimum:"30" maximum:"3600"`
			}
		}) (*Answer[Floor], error) {
			mode := meeting.FloorMode(in.Body.Mode)
			if in.Body.Mode == "by_size" {
				mode = ""
			}
			return floorAnswer(a.Meetings.SetFloor(ctx, actor, in.Meeting, mode, in.Body.Seconds))
		})
}

// floorAnswer makes the answer of every operation on a floor, also of one that came late.
func floorAnswer(f meeting.Floor, err error) (*Answer[Floor], error) {
	if err == nil {
		return answer(floorBody(f)), nil
	}
	var stale *errs.Error
	if errors.As(err, &stale) {
		if current, ok := stale.Current.(meeting.Floor); ok {
			c := *stale
			c.Current = floorBody(current)
			return nil, &c
		}
	}
	return nil, err
}

func floorBody(f meeting.Floor) Floor {
	out := Floor{MeetingID: f.Meeting, Version: f.Version, Mode: string(f.Mode), ModeChosen: f.Chosen, Seconds: f.Seconds,
		Waiting: turnBodies(f.Waiting), Spoken: f.Spoken, ServerTime: f.At}
	if f.Now != nil {
		now := turnBody(*f.Now)
		out.Now = &now
	}
	return out
}

func turnBodies(turns []meeting.Turn) []Turn {
	out := make([]Turn, len(turns))
	for i, t := range turns {
		out[i] = turnBody(t)
	}
	return out
}

func turnBody(t meeting.Turn) Turn {
	return Turn{ID: t.ID, AppointmentID: t.Person.ID, FullName: t.Person.FullName, Position: t.Person.Position,
		AgencyName: t.Person.AgencyName, AgencyShortName: t.Person.AgencyShortName, ItemID: t.Item, Topic: t.Topic, Asked: t.Asked,
		AskedAt: t.AskedAt, CalledAt: t.CalledAt, EndsAt: t.EndsAt, Seconds: t.Seconds, EndedAt: t.EndedAt, State: string(t.State)}
}
