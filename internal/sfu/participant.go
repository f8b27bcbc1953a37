package sfu

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/offer"
	"nghisu/internal/sfu/transport"
)

// EventKind is what an Event tells.
type EventKind string

// The kinds of events.
const (
	Connected EventKind = "connected" // media can flow
	Mapped    EventKind = "tracks"    // Slots says what every slot shows now
	Layers    EventKind = "layers"    // Track and Active say which own layers somebody watches
	Ended     EventKind = "ended"     // Err: why media ended, nil after Leave; nothing follows
)

// Event is told to whoever the participant belongs to.
type Event struct {
	Kind   EventKind
	Slots  []Slot
	Track  Kind
	Active []bool // in the order in which they were offered: the smallest first, as pages do
	Err    error
}

// Slot says what the m-line Mid of the receiver's connection shows.
type Slot struct {
	Mid         string
	Participant string // empty for nothing
	Kind        Kind
	Paused      bool // the receiver's line does not take the picture
}

// Role is what an m-line of an offer is for. An m-line without one is a microphone or a camera when the
// client sends; when it receives, it takes any source of its kind, one after the other in the order of their
// coming, as players do that know no slots (WHEP).
type Role string

// The roles of m-lines that receive.
const (
	Voice       Role = "voice"        // one of those who are heard
	Main        Role = "main"         // the picture of who has the floor, or speaks
	Tile        Role = "tile"         // a small picture
	Shown       Role = "screen"       // the shown screen
	ShownSound  Role = "screen_sound" // its sound
	sendsScreen      = Role(Screen)
)

// Participant is one connection to a room. Its methods may be called from anywhere.
type Participant struct {
	id      string
	room    *Room
	notify  func(Event)
	session *transport.Session
	recv    *forward.Receiver
	ended   atomic.Bool
	done    chan struct{}

	in inbound // guarded by the session's lock for receiving

	// Guarded by room.mu:
	lines  []line // of the first offer
	tracks map[Kind]*Track
	allow  map[Kind]bool
	slots  []*slot
	view   View
	main   *Track // whose picture stands large; nil for nobody's
	plain  bool   // sound goes without redundancy
	only   string // the one participant to receive; empty for all
	apart  string // of whom the name is the same, nothing is heard; empty for nobody
	ufrag  string // the client's, of its last description
	left   bool
}

// line is one m-line as it was agreed on.
type line struct {
	media offer.Media
	ours  offer.Line
}

func newParticipant(r *Room, id string, notify func(Event)) (*Participant, error) {
	p := &Participant{id: id, room: r, notify: notify, done: make(chan struct{}), tracks: map[Kind]*Track{}, allow: map[Kind]bool{}}
	p.in.p = p
	var err error
	if p.session, err = r.server.hub.New(p); err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	p.recv = r.server.plane.NewReceiver(p.session)
	return p, nil
}

// ID is the name the participant joined under.
func (p *Participant) ID() string { return p.id }

// Done is closed when everything of the participant is released.
func (p *Participant) Done() <-chan struct{} { return p.done }

// Leave ends the participant.
func (p *Participant) Leave() { p.end(nil) }

// Offer answers what the participant offers, with roles by mid. The first offer says all the participant
// will ever send and receive; a later one of the same m-lines begins a new way through the network (ICE
// restart). Whatever is wrong with a description ends nobody, and changes nothing.
func (p *Participant) Offer(text string, roles map[string]Role) (answer string, err error) {
	o, err := offer.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadDescription, err)
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if p.left {
		return "", ErrClosed
	}
	if p.lines != nil {
		if err := p.same(o); err != nil {
			return "", fmt.Errorf("%w: %w", ErrBadDescription, err)
		}
		p.session.Restart()
		p.ufrag = o.Ufrag
		return p.answer(o), nil
	}
	lines, err := p.agree(o, roles)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadDescription, err)
	}
	p.lines, p.ufrag = lines, o.Ufrag
	p.session.Expect(transport.Peer{Fingerprint: o.Fingerprint, Passive: o.Passive, SendsOnly: len(p.slots) == 0})
	p.remap()
	p.room.tellSenders(time.Now())
	return p.answer(o), nil
}

// same refuses a later offer that wants something else than the first.
func (p *Participant) same(o offer.Offer) error {
	if len(o.Media) != len(p.lines) {
		return fmt.Errorf("%d m-lines, %d at first", len(o.Media), len(p.lines))
	}
	for i, m := range o.Media {
		if was := p.lines[i].media; was.Mid != m.Mid || was.Kind != m.Kind {
			return fmt.Errorf("m-line %d is another", i)
		}
	}
	if !p.session.Expects(o.Fingerprint) {
		return errors.New("another certificate")
	}
	return nil
}

func (p *Participant) answer(o offer.Offer) string { return o.Write(p.ours()) }

// ours is our side of what the participant offered. Needs room.mu.
func (p *Participant) ours() offer.Answer {
	s := p.room.server
	ufrag, pwd := p.session.Secret()
	a := offer.Answer{Session: rand.Uint64() >> 2, Ufrag: ufrag, Pwd: pwd, Fingerprint: s.hub.Fingerprint(), UDP: s.udp, TCP: s.tcp}
	for _, l := range p.lines {
		a.Lines = append(a.Lines, l.ours)
	}
	return a
}

// Entity names the way through the network that was described last: every ICE restart changes it.
func (p *Participant) Entity() string {
	ufrag, _ := p.session.Secret()
	return ufrag
}

// Renew takes what a client that speaks HTTP only says of its way after the offer (RFC 9725 section 4.3).
// When that is a new way (ICE restart), it is answered. More addresses of the old one are not needed: clients
// call us, and the answer is empty.
func (p *Participant) Renew(fragment string) (answer string, err error) {
	f, err := offer.ParseFragment(fragment)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadDescription, err)
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	switch {
	case p.left || p.lines == nil:
		return "", ErrClosed
	case f.Ufrag == p.ufrag:
		return "", nil
	}
	p.session.Restart()
	p.ufrag = f.Ufrag
	var o offer.Offer
	for _, l := range p.lines {
		o.Media = append(o.Media, l.media)
	}
	return o.WriteFragment(p.ours()), nil
}

// Sends reports whether the participant's description names something of a kind that it sends.
func (p *Participant) Sends(kind Kind) bool {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return p.tracks[kind] != nil
}

// agree decides what every m-line is for. Needs room.mu.
func (p *Participant) agree(o offer.Offer, roles map[string]Role) ([]line, error) {
	sends := map[Kind]bool{}
	var lines []line
	var slots []*slot
	for _, m := range o.Media {
		l := line{media: m}
		switch {
		case m.Refused():
		case m.Direction == offer.SendOnly || m.Direction == offer.SendRecv:
			kind := sendKind(m, roles[m.Mid])
			if sends[kind] {
				return nil, fmt.Errorf("two m-lines send %s", kind)
			}
			sends[kind] = true
			l.ours.Take = true
			p.in.arrivals.ext.Store(uint32(m.Ext[offer.ExtTransport]))
			p.tracks[kind] = newTrack(p, kind, m.Mid, m.Rids, time.Now())
			if kind == Audio {
				p.in.unmetered.Store(m.Ext[offer.ExtLevel] == 0)
			}
		case m.Direction == offer.RecvOnly:
			l.ours = offer.Line{Send: true, SSRC: rand.Uint32() | 1, Stream: "slot-" + m.Mid}
			if m.Kind == "video" && m.Codecs[0].RTX != 0 {
				l.ours.RTX = rand.Uint32() | 1
			}
			slots = append(slots, newSlot(p, m, l.ours, roles[m.Mid]))
		}
		lines = append(lines, l)
	}
	p.slots = slots
	return lines, nil
}

func sendKind(m offer.Media, r Role) Kind {
	switch {
	case r == sendsScreen && m.Kind == "video":
		return Screen
	case r == ShownSound && m.Kind == "audio":
		return ScreenSound
	case m.Kind == "video":
		return Video
	}
	return Audio
}

// Forward says whether what the participant sends of a kind reaches the others. Nothing does at first.
func (p *Participant) Forward(kind Kind, on bool) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if p.allow[kind] == on {
		return
	}
	p.allow[kind] = on
	if t := p.tracks[kind]; t != nil {
		t.forward(on)
	}
	if kind == Audio && !on {
		p.room.quiet(p.id)
	}
	p.room.remapSoon()
}

// Floor makes the participant the one who has the floor: always heard, and in everybody's main slot.
func (p *Participant) Floor(on bool) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	switch {
	case on && !p.left:
		p.room.floor = p.id
	case p.room.floor == p.id:
		p.room.floor = ""
	}
	p.room.remapSoon()
}

// Only limits what the participant receives to one other; empty for everybody.
func (p *Participant) Only(id string) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.only = id
	p.remap()
	p.room.tellSenders(time.Now())
}

// Apart says that participants of one name stand in one room of a building: none of them hears another, so
// that no loudspeaker comes back through a microphone.
func (p *Participant) Apart(name string) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.apart = name
	p.room.remap()
}

// hears reports whether p may hear somebody. Needs room.mu.
func (p *Participant) hears(o *Participant) bool {
	return o != p && (p.apart == "" || p.apart != o.apart)
}

// Silent is for how long nothing proved that the client is there.
func (p *Participant) Silent(now time.Time) time.Duration { return now.Sub(p.session.Seen()) }

// end takes the participant out; the first reason counts.
func (p *Participant) end(err error) {
	if !p.ended.CompareAndSwap(false, true) {
		return
	}
	p.room.mu.Lock()
	p.left = true
	p.room.mu.Unlock()
	p.recv.Close()
	p.session.Close()
	p.room.leave(p)
	p.notify(Event{Kind: Ended, Err: err})
	close(p.done)
}

// Ready implements transport.Handler.
func (p *Participant) Ready(seal *transport.Sealer) {
	p.recv.Ready(seal)
	p.notify(Event{Kind: Connected})
}

// RTP implements transport.Handler.
func (p *Participant) RTP(b []byte, at time.Time) { p.in.rtp(b, at) }

// RTCP implements transport.Handler.
func (p *Participant) RTCP(b []byte, at time.Time) { p.in.rtcp(b, at) }

// Closed implements transport.Handler.
func (p *Participant) Closed(err error) {
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrMediaFailed, err)
	}
	if !p.ended.Load() { // the caller may hold what end needs
		p.room.server.wait.Go(func() { p.end(err) })
	}
}
