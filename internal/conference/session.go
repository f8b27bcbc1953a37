package conference

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/sfu"
)

// Reasons of leaving that the page knows of by itself.
const (
	reasonLeft = "left"
	reasonLost = "connection_lost"
	reasonAnew = "rejoined"
)

// A page sends some ten messages to join and one at each turn of a switch; an offer to every change
// of the room is answered.
const (
	messagesPerSecond = 20
	messageBurst      = 200
	maxDevice         = 64 // characters
)

// Session is one socket's part in rooms: it is in one room at a time. Its methods are called by the
// socket's reader, one after the other.
type Session struct {
	s      *Service
	send   func(message any)
	seat   *member
	trial  *trial
	tokens float64
	filled time.Time
}

// Open makes the session of a socket. send never blocks and may be called from any goroutine.
func (s *Service) Open(send func(message any)) *Session {
	return &Session{s: s, send: send, tokens: messageBurst, filled: time.Now()}
}

// clientMessage holds the fields of all messages of a page.
type clientMessage struct {
	Meeting     id.Meeting          `json:"meeting_id"`
	Device      string              `json:"device"`
	Mic         bool                `json:"mic"`
	Camera      bool                `json:"camera"`
	Screen      bool                `json:"screen"`
	Other       string              `json:"other"` // what becomes of another device of the same person
	SDP         string              `json:"sdp"`
	Roles       map[string]sfu.Role `json:"roles"` // of m-lines, by mid
	Participant string              `json:"participant_id"`
	Part        string              `json:"part"` // of a connection test
}

func (m clientMessage) switches() switches {
	return switches{mic: m.Mic, camera: m.Camera, screen: m.Screen}
}

// Handle works one message. A refusal is told to the page as "room.error" and changes nothing else.
func (x *Session) Handle(ctx context.Context, actor access.Actor, kind string, payload json.RawMessage) {
	if !x.allowed() {
		x.leave("too_fast")
		x.send(errorMessage{Type: "room.error", Of: kind, Key: "conference.too_fast"})
		return
	}
	err := x.handle(ctx, actor, kind, payload)
	if err == nil {
		return
	}
	key := "internal"
	var known *errs.Error
	if errors.As(err, &known) {
		key = known.Key
	}
	if code := errs.CodeOf(err); code == errs.Internal || code == errs.Unavailable {
		x.s.Log.WarnContext(ctx, "room message failed", "type", kind, "error", err)
	}
	x.send(errorMessage{Type: "room.error", Of: kind, Key: key})
}

// Close leaves the room, and ends a connection test.
func (x *Session) Close(reason string) {
	x.leave(reason)
	x.endTrial()
}

func (x *Session) leave(reason string) {
	if x.seat != nil {
		x.s.leave(x.seat, reason)
		x.seat = nil
	}
}

func (x *Session) handle(ctx context.Context, actor access.Actor, kind string, payload json.RawMessage) error {
	var m clientMessage
	if err := json.Unmarshal(payload, &m); err != nil {
		return errs.Wrap(errs.Invalid, "conference.bad_message", err)
	}
	switch kind {
	case "room.join":
		return x.join(ctx, actor, m)
	case "room.leave":
		x.leave(reasonLeft)
		return nil
	case "room.test":
		return x.beginTrial(actor)
	case "room.test_offer":
		return x.offerTrial(m)
	case "room.test_end":
		x.endTrial()
		return nil
	}
	if x.seat == nil {
		return errs.New(errs.Conflict, "conference.not_joined")
	}
	switch kind {
	case "room.offer":
		x.s.offer(x.seat, m.SDP, m.Roles)
	case "room.media":
		x.s.setMedia(x.seat, m.switches())
	case "room.quality":
		return x.s.notePage(x.seat, payload)
	case "room.view":
		return x.s.see(x.seat, payload)
	case "room.mute":
		return x.s.mute(ctx, x.seat, m.Participant)
	case "room.mute_all":
		return x.s.muteAll(ctx, x.seat)
	case "room.ask_mic":
		return x.s.askMic(x.seat, m.Participant)
	default:
		return errs.New(errs.Invalid, "conference.bad_message")
	}
	return nil
}

func (x *Session) join(ctx context.Context, actor access.Actor, m clientMessage) error {
	if m.Device == "" || len(m.Device) > maxDevice || id.IsZero(m.Meeting) ||
		!slices.Contains([]string{otherAsk, otherReplace, otherKeep}, m.Other) {
		return errs.New(errs.Invalid, "conference.bad_message")
	}
	x.leave(reasonAnew)
	seat, err := x.s.join(ctx, joining{actor: actor, meeting: m.Meeting, device: m.Device, on: m.switches(), other: m.Other, send: x.send})
	x.seat = seat
	x.s.meters.joined(err)
	return err
}

// allowed takes one token of the session's message rate.
func (x *Session) allowed() bool {
	now := time.Now()
	x.tokens = min(messageBurst, x.tokens+now.Sub(x.filled).Seconds()*messagesPerSecond)
	x.filled = now
	if x.tokens < 1 {
		return false
	}
	x.tokens--
	return true
}
