package sfu

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
)

// EventKind is what an Event tells.
type EventKind string

// The kinds of events.
const (
	Answered EventKind = "answer" // SDP answers the participant's offer
	Offered  EventKind = "offer"  // SDP offers a slot more; the participant must answer
	Mapped   EventKind = "tracks" // Tracks says what every slot shows now
	Ended    EventKind = "ended"  // Err: why media ended, nil after Leave; nothing follows
)

// Event is told to whoever the participant belongs to.
type Event struct {
	Kind   EventKind
	SDP    string
	Tracks []Track
	Err    error
}

// Track says that the m-line Mid of the receiver's connection carries a track of a participant.
type Track struct {
	Mid         string
	Participant string
	Kind        Kind
}

// Participant is one connection to a room. Its methods may be called from anywhere and never block.
type Participant struct {
	id     string
	room   *Room
	pc     *webrtc.PeerConnection
	notify func(Event)
	box    *mailbox
	stop   chan struct{} // closed by end
	once   sync.Once
	err    error // why it ended; written before stop is closed
	done   chan struct{}

	audioOn, videoOn atomic.Bool // what is forwarded, read by the hot path

	// Owned by run:
	readers  sync.WaitGroup // readers of tracks and of feedback
	ready    bool           // its own offer was answered
	offering bool           // our offer waits for the answer
	wanting  bool           // slots were added since the last offer
	slots    []*slot
	ups      map[Kind]*upTrack
}

// slot is one sendonly m-line of ours.
type slot struct {
	transceiver *webrtc.RTPTransceiver
	down        *downTrack
	up          *upTrack // nil when free
}

func newParticipant(r *Room, id string, pc *webrtc.PeerConnection, notify func(Event)) *Participant {
	p := &Participant{id: id, room: r, pc: pc, notify: notify, box: newMailbox(), stop: make(chan struct{}),
		done: make(chan struct{}), ups: map[Kind]*upTrack{}}
	pc.OnTrack(func(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		p.do(func() { p.publish(remote, receiver) })
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			p.end(ErrMediaFailed)
		}
	})
	return p
}

// ID is the name the participant joined under.
func (p *Participant) ID() string { return p.id }

// Done is closed when everything of the participant is released.
func (p *Participant) Done() <-chan struct{} { return p.done }

// Leave ends the participant.
func (p *Participant) Leave() { p.end(nil) }

// Offer takes the participant's one offer, with what it publishes. Answered follows, or Ended.
func (p *Participant) Offer(sdp string) { p.do(func() { p.signal(p.takeOffer, sdp) }) }

// Answer takes the answer to our last offer.
func (p *Participant) Answer(sdp string) { p.do(func() { p.signal(p.takeAnswer, sdp) }) }

// Forward says whether what the participant sends of a kind reaches the others. Nothing does at first.
func (p *Participant) Forward(kind Kind, on bool) {
	if kind == Video {
		p.videoOn.Store(on)
	} else {
		p.audioOn.Store(on)
	}
}

func (p *Participant) forwards(kind Kind) bool {
	if kind == Video {
		return p.videoOn.Load()
	}
	return p.audioOn.Load()
}

// do hands work to the loop.
func (p *Participant) do(f func()) { p.box.put(f) }

// end asks the loop to end; the first reason counts.
func (p *Participant) end(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.stop)
	})
}

// run is the loop that owns the participant.
func (p *Participant) run() {
	defer close(p.done)
	for !p.stopped() {
		select {
		case <-p.stop:
		case <-p.box.wake:
			for _, f := range p.box.take() {
				if p.stopped() {
					break
				}
				f()
			}
		}
	}
	p.box.close()
	for _, up := range p.ups {
		p.room.unpublish(up)
	}
	for _, s := range p.slots {
		s.down.show(nil)
	}
	_ = p.pc.GracefulClose() // ends the readers
	p.readers.Wait()
	p.room.leave(p)
	p.notify(Event{Kind: Ended, Err: p.err})
}

func (p *Participant) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// signal works one description of the participant. Whatever is wrong with it ends this participant
// and nobody else, a panic of a parser included.
func (p *Participant) signal(take func(sdp string) error, sdp string) {
	defer func() {
		if v := recover(); v != nil {
			p.end(fmt.Errorf("%w: panic: %v", ErrBadDescription, v))
		}
	}()
	if err := take(sdp); err != nil {
		p.room.server.cfg.Log.Debug("room description refused", "room", p.room.name, "participant", p.id, "error", err)
		p.end(fmt.Errorf("%w: %w", ErrBadDescription, err))
	}
}

func (p *Participant) takeOffer(sdp string) error {
	if p.ready {
		return fmt.Errorf("a second offer")
	}
	clean, err := checkOffer(sdp)
	if err != nil {
		return err
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: clean}); err != nil {
		return err
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err := p.setLocal(answer); err != nil {
		return err
	}
	p.ready = true
	p.notify(Event{Kind: Answered, SDP: p.room.server.announce(p.pc.LocalDescription().SDP)})
	for _, up := range p.room.published(p) {
		p.subscribe(up)
	}
	p.tellTracks()
	return nil
}

func (p *Participant) takeAnswer(sdp string) error {
	if !p.offering {
		return nil // late or repeated: nothing waits for it
	}
	clean, err := checkAnswer(sdp, len(p.slots))
	if err != nil {
		return err
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: clean}); err != nil {
		return err
	}
	p.offering = false
	return p.negotiate()
}

// negotiate offers the slots that were added, unless an offer is on its way already: then its answer
// comes back here.
func (p *Participant) negotiate() error {
	if !p.ready || p.offering || !p.wanting {
		return nil
	}
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := p.setLocal(offer); err != nil {
		return err
	}
	p.offering, p.wanting = true, false
	p.tellTracks() // m-lines have their names now
	p.notify(Event{Kind: Offered, SDP: p.room.server.announce(p.pc.LocalDescription().SDP)})
	return nil
}

// setLocal sets our description and waits until it holds our addresses, which are known at once.
func (p *Participant) setLocal(d webrtc.SessionDescription) error {
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(d); err != nil {
		return err
	}
	timeout := time.NewTimer(5 * time.Second)
	defer timeout.Stop()
	select {
	case <-gathered:
	case <-p.stop:
	case <-timeout.C:
		return fmt.Errorf("our addresses are not known")
	}
	return nil
}

// publish makes a track of the participant known to the room. One of each kind counts.
func (p *Participant) publish(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	kind := kindOf(remote.Kind())
	if p.ups[kind] != nil || remote.RID() != "" {
		return
	}
	up := newUpTrack(p, remote, receiver.GetParameters().HeaderExtensions)
	p.ups[kind] = up
	p.readers.Go(up.run)
	p.readers.Go(func() { drain(receiver) })
	p.room.publish(up)
}

// drain reads a publisher's RTCP, so that reports are worked by pion.
func drain(receiver *webrtc.RTPReceiver) {
	buf := make([]byte, 1500)
	for failures := 0; failures < mostFailures; failures++ {
		_, _, err := receiver.Read(buf)
		if ended(err) {
			return
		}
		if err == nil {
			failures = 0
		}
	}
}

// subscribe shows a track to the participant: in a free slot when there is one, which needs no
// negotiation, else in a new one.
func (p *Participant) subscribe(up *upTrack) {
	if !p.ready || !p.room.has(up) || slices.ContainsFunc(p.slots, func(s *slot) bool { return s.up == up }) {
		return // before its own offer was answered: takeOffer subscribes to everything
	}
	for _, s := range p.slots {
		if s.up == nil && s.down.kind == up.kind {
			s.up = up
			s.down.show(up)
			p.tellTracks()
			return
		}
	}
	down := newDownTrack(fmt.Sprintf("slot-%d", len(p.slots)), up.kind, &p.room.server.counters)
	t, err := p.pc.AddTransceiverFromTrack(down, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		p.end(fmt.Errorf("%w: add slot: %w", ErrMediaFailed, err))
		return
	}
	s := &slot{transceiver: t, down: down, up: up}
	p.slots = append(p.slots, s)
	down.show(up)
	p.readers.Go(func() { down.readFeedback(t.Sender()) })
	p.wanting = true
	if err := p.negotiate(); err != nil {
		p.end(fmt.Errorf("%w: offer: %w", ErrMediaFailed, err))
	}
}

// unsubscribe frees the slot that shows a track.
func (p *Participant) unsubscribe(up *upTrack) {
	for _, s := range p.slots {
		if s.up == up {
			s.up = nil
			s.down.show(nil)
			p.tellTracks()
			return
		}
	}
}

// tellTracks tells what the slots that have a name show.
func (p *Participant) tellTracks() {
	tracks := []Track{}
	for _, s := range p.slots {
		if mid := s.transceiver.Mid(); mid != "" && s.up != nil {
			tracks = append(tracks, Track{Mid: mid, Participant: s.up.owner.id, Kind: s.up.kind})
		}
	}
	p.notify(Event{Kind: Mapped, Tracks: tracks})
}
