package sfu

import (
	"maps"
	"slices"
	"sync"
	"time"

	"nghisu/internal/sfu/levels"
)

// Room forwards everybody's tracks to everybody else in it, as far as their slots go.
type Room struct {
	server *Server
	name   string
	stop   chan struct{}
	wake   chan struct{} // one token: the slots are to be mapped anew

	mu           sync.Mutex // everything below
	participants map[string]*Participant
	order        []*Participant // by their coming
	loudest      []string       // heard now, the loudest first
	first        string         // the loudest, and since when without a break
	firstSince   time.Time
	spoke        []string // who was the loudest, the last first
	floor        string   // who has the floor; empty for nobody

	meterMu sync.Mutex // meter; taken last, and never for long
	meter   *levels.Meter[string]
}

func newRoom(s *Server, name string) *Room {
	return &Room{server: s, name: name, stop: make(chan struct{}), wake: make(chan struct{}, 1), participants: map[string]*Participant{}, meter: levels.New[string]()}
}

// Times and sizes of rooms.
const (
	listenEvery = 100 * time.Millisecond // who is heard is decided this often
	layersEvery = 5                      // turns between two looks at the layers
	heard       = 3                      // voices at once
	recently    = 32                     // speakers that are remembered
	speaksFrom  = 2 * time.Second        // somebody who is the loudest this long speaks
)

// run decides who is heard, and looks after layers, until the room is empty.
func (r *Room) run() {
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-r.stop:
			return
		case <-r.wake:
			turn--
			r.mu.Lock()
			r.remap()
			r.mu.Unlock()
		case now := <-tick.C:
			r.mu.Lock()
			if loudest := r.listen(now); !slices.Equal(loudest, r.loudest) {
				r.loudest = loudest
				r.remap()
			}
			if r.noteSpeaker(now) {
				r.remap()
			}
			if turn%layersEvery == 0 {
				r.lookAtLayers(now)
			}
			for _, p := range r.order {
				p.feedback(turn)
			}
			r.mu.Unlock()
		}
	}
}

func (r *Room) listen(now time.Time) []string {
	r.meterMu.Lock()
	defer r.meterMu.Unlock()
	return r.meter.Loudest(heard+1, now) // one more: nobody hears oneself
}

// quiet forgets how loud somebody was.
func (r *Room) quiet(id string) {
	r.meterMu.Lock()
	defer r.meterMu.Unlock()
	r.meter.Leave(id)
}

// noteSpeaker remembers who speaks: whoever is the loudest for a while without a break, so that a cough
// changes no picture. It reports whether somebody else speaks now. Needs r.mu.
func (r *Room) noteSpeaker(now time.Time) bool {
	first := ""
	for _, id := range r.loudest {
		if p := r.participants[id]; p != nil && !p.in.unmetered.Load() { // of others nobody knows whether they speak
			first = id
			break
		}
	}
	if first != r.first {
		r.first, r.firstSince = first, now
	}
	if first == "" || now.Sub(r.firstSince) < speaksFrom || len(r.spoke) > 0 && r.spoke[0] == first {
		return false
	}
	r.spoke = slices.Insert(slices.DeleteFunc(r.spoke, func(s string) bool { return s == first }), 0, first)
	r.spoke = r.spoke[:min(len(r.spoke), recently)]
	return true
}

// join makes a participant.
func (r *Room) join(id string, notify func(Event)) (*Participant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.participants) >= r.server.cfg.MaxParticipants {
		return nil, ErrFull
	}
	if _, taken := r.participants[id]; taken {
		return nil, ErrTaken
	}
	p, err := newParticipant(r, id, notify)
	if err != nil {
		return nil, err
	}
	r.participants[id] = p
	r.order = append(r.order, p)
	return p, nil
}

// leave takes a participant out and its tracks away from the others.
func (r *Room) leave(p *Participant) {
	r.mu.Lock()
	delete(r.participants, p.id)
	r.order = slices.DeleteFunc(r.order, func(o *Participant) bool { return o == p })
	r.quiet(p.id)
	gone := func(id string) bool { return id == p.id }
	r.loudest = slices.DeleteFunc(r.loudest, gone)
	r.spoke = slices.DeleteFunc(r.spoke, gone)
	if r.floor == p.id {
		r.floor = ""
	}
	tracks := slices.Collect(maps.Values(p.tracks))
	clear(p.tracks)
	r.remap()
	for _, t := range tracks {
		t.close()
	}
	r.mu.Unlock()
	r.server.left(r)
}

func (r *Room) everybody() []*Participant {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.order)
}

func (r *Room) empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.participants) == 0
}

// remapSoon has the slots mapped anew at once, but once only for all that changes in the same moment: who
// silences a hundred does not map everybody's slots a hundred times.
func (r *Room) remapSoon() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// remap puts sources into everybody's slots anew. Needs r.mu.
func (r *Room) remap() {
	for _, p := range r.order {
		p.remap()
	}
	r.tellSenders(time.Now())
}

// sources lists the tracks of a kind of everybody but p, in the order of their coming. Needs r.mu.
func (r *Room) sources(p *Participant, kind Kind) []*Track {
	var out []*Track
	sound := kind == Audio || kind == ScreenSound
	for _, o := range r.order {
		if sound && !p.hears(o) {
			continue
		}
		if t := o.tracks[kind]; o != p && t != nil && (p.only == "" || p.only == o.id) {
			out = append(out, t)
		}
	}
	return out
}

// track is a track by its owner's id. Needs r.mu.
func (r *Room) track(id string, kind Kind) *Track {
	if p := r.participants[id]; p != nil {
		return p.tracks[kind]
	}
	return nil
}
