package conference

import (
	"errors"
	"sync"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/sfu"
)

// A connection test is a room of a page's own, in which the page meets itself: it connects over every way
// there is, sends sound and pictures by one connection and gets them back by another. It runs over the media
// plane of real meetings, and needs no meeting.
const (
	trialTime   = time.Minute
	trialParts  = 6  // connections of one test
	trialsAtOne = 40 // tests at once on one node
)

// trial is one running connection test.
type trial struct {
	s    *Service
	room string

	mu    sync.Mutex // everything below
	parts map[string]*sfu.Participant
	over  bool
	limit *time.Timer
}

type trialReadyMessage struct {
	Type       string      `json:"type"`
	ICEServers []ICEServer `json:"ice_servers"`
}

type trialAnswerMessage struct {
	Type string `json:"type"`
	Part string `json:"part"`
	SDP  string `json:"sdp"`
}

// beginTrial begins a connection test in place of an earlier one.
func (x *Session) beginTrial(actor access.Actor) error {
	x.endTrial()
	s := x.s
	if s.Media == nil {
		return errs.New(errs.Unavailable, "conference.unavailable")
	}
	s.mu.Lock()
	full := s.trials >= trialsAtOne || s.closed
	if !full {
		s.trials++
	}
	s.mu.Unlock()
	if full {
		return errs.New(errs.TooMany, "conference.test_busy")
	}
	t := &trial{s: s, room: "test:" + id.New[id.Stay]().String(), parts: map[string]*sfu.Participant{}}
	t.limit = time.AfterFunc(trialTime, t.end)
	x.trial = t
	out := trialReadyMessage{Type: "room.test_ready", ICEServers: []ICEServer{}}
	if s.ICEServers != nil {
		out.ICEServers = append(out.ICEServers, s.ICEServers(actor.Person)...)
	}
	x.send(out)
	return nil
}

// offerTrial answers a description of one of the test's connections.
func (x *Session) offerTrial(m clientMessage) error {
	if x.trial == nil {
		return errs.New(errs.Conflict, "conference.test_over")
	}
	p, err := x.trial.part(m.Part)
	if err != nil {
		return err
	}
	answer, err := p.Offer(m.SDP, m.Roles)
	switch {
	case errors.Is(err, sfu.ErrBadDescription):
		return errs.Wrap(errs.Invalid, "conference.bad_description", err)
	case err != nil:
		return errs.Wrap(errs.Conflict, "conference.test_over", err)
	}
	x.send(trialAnswerMessage{Type: "room.test_answer", Part: m.Part, SDP: answer})
	return nil
}

func (x *Session) endTrial() {
	if x.trial != nil {
		x.trial.end()
		x.trial = nil
	}
}

// part is one connection of the test, made when it is first named.
func (t *trial) part(name string) (*sfu.Participant, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.over:
		return nil, errs.New(errs.Conflict, "conference.test_over")
	case t.parts[name] != nil:
		return t.parts[name], nil
	case name == "" || len(name) > maxDevice || len(t.parts) == trialParts:
		return nil, errs.New(errs.Invalid, "conference.bad_message")
	}
	p, err := t.s.Media.Join(t.room, name, func(sfu.Event) {})
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "conference.unavailable", err)
	}
	p.Forward(sfu.Audio, true)
	p.Forward(sfu.Video, true)
	t.parts[name] = p
	return p, nil
}

// end lets everything of the test go. It may be called twice.
func (t *trial) end() {
	t.mu.Lock()
	if t.over {
		t.mu.Unlock()
		return
	}
	t.over = true
	t.limit.Stop()
	t.mu.Unlock()
	for _, p := range t.parts { // nothing is added any more
		p.Leave()
	}
	t.s.mu.Lock()
	t.s.trials--
	t.s.mu.Unlock()
}
