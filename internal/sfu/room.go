package sfu

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/pion/webrtc/v4"
)

// Room forwards everybody's tracks to everybody else in it.
type Room struct {
	server *Server
	name   string

	mu           sync.Mutex // participants and ups; never held while a participant works
	participants map[string]*Participant
	ups          map[*upTrack]struct{}
}

func newRoom(s *Server, name string) *Room {
	return &Room{server: s, name: name, participants: map[string]*Participant{}, ups: map[*upTrack]struct{}{}}
}

// join makes a participant and starts its loop.
func (r *Room) join(id string, notify func(Event)) (*Participant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.participants) >= r.server.cfg.MaxParticipants {
		return nil, ErrFull
	}
	if _, taken := r.participants[id]; taken {
		return nil, fmt.Errorf("join room %s: participant %s is there already", r.name, id)
	}
	pc, err := r.server.api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, fmt.Errorf("make peer connection: %w", err)
	}
	p := newParticipant(r, id, pc, notify)
	r.participants[id] = p
	r.server.counters.participants.Add(1)
	go p.run() // owned by the participant: Done tells its end, Server.Close waits for it
	return p, nil
}

// leave takes a participant out and its tracks away from the others. Called by its loop, once.
func (r *Room) leave(p *Participant) {
	r.mu.Lock()
	delete(r.participants, p.id)
	r.mu.Unlock()
	r.server.counters.participants.Add(-1)
	r.server.left(r)
}

// publish offers a new track to the others.
func (r *Room) publish(up *upTrack) {
	r.mu.Lock()
	r.ups[up] = struct{}{}
	r.mu.Unlock()
	for _, p := range r.others(up.owner) {
		p.do(func() { p.subscribe(up) })
	}
}

// unpublish takes a track away from the others.
func (r *Room) unpublish(up *upTrack) {
	r.mu.Lock()
	delete(r.ups, up)
	r.mu.Unlock()
	for _, p := range r.others(up.owner) {
		p.do(func() { p.unsubscribe(up) })
	}
}

// published lists the tracks of everybody but p, and whether a track is still there.
func (r *Room) published(p *Participant) []*upTrack {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Collect(maps.Keys(r.ups)), func(u *upTrack) bool { return u.owner == p })
}

func (r *Room) has(up *upTrack) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.ups[up]
	return ok
}

// others lists the participants but p.
func (r *Room) others(p *Participant) []*Participant {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Collect(maps.Values(r.participants)), func(o *Participant) bool { return o == p })
}

func (r *Room) empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.participants) == 0
}
