package sfu_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/relay"
)

func newServer(t *testing.T, change func(*sfu.Config)) *sfu.Server {
	t.Helper()
	cfg := sfu.Config{Listen: "127.0.0.1:0", Loopback: true}
	if change != nil {
		change(&cfg)
	}
	s, err := sfu.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// client is a page: one connection that publishes sound and picture, and receives in slots.
type client struct {
	t      *testing.T
	id     string
	p      *sfu.Participant
	pc     *webrtc.PeerConnection
	audio  *webrtc.TrackLocalStaticRTP
	video  *webrtc.TrackLocalStaticRTP
	events chan sfu.Event
	ctx    context.Context
	wg     sync.WaitGroup

	mu      sync.Mutex
	loud    uint8
	changed chan struct{}          // closed and replaced at every change
	slots   []sfu.Slot             // as told
	remote  map[string]*rtp.Packet // last packet by mid
	gaps    map[string]int         // numbers that do not follow, by mid
	keys    int                    // requests for keyframes
	ended   *sfu.Event
	each    func(mid string, p *rtp.Packet) // told every packet; may be nil
}

// engines are the codecs of a browser.
func engines(t *testing.T) (*webrtc.MediaEngine, *interceptor.Registry) {
	t.Helper()
	m, r := &webrtc.MediaEngine{}, &interceptor.Registry{}
	err := errors.Join(m.RegisterDefaultCodecs(), webrtc.RegisterDefaultInterceptors(m, r),
		m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio))
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

func newPC(t *testing.T, networks ...webrtc.NetworkType) *webrtc.PeerConnection {
	t.Helper()
	return newPCWith(t, webrtc.Configuration{}, networks...)
}

func newPCWith(t *testing.T, cfg webrtc.Configuration, networks ...webrtc.NetworkType) *webrtc.PeerConnection {
	t.Helper()
	se := webrtc.SettingEngine{}
	if networks != nil {
		se.SetNetworkTypes(networks)
	}
	se.SetIncludeLoopbackCandidate(true)
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	se.LoggerFactory = quiet
	se.SetRelayAcceptanceMinWait(0)
	m, r := engines(t)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r)).NewPeerConnection(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

// slotsOf is what a page of the tests receives: three voices, one large picture, four small ones.
var slotsOf = []sfu.Role{sfu.Voice, sfu.Voice, sfu.Voice, sfu.Main, sfu.Tile, sfu.Tile, sfu.Tile, sfu.Tile}

// join connects a client and starts sending.
func join(t *testing.T, s *sfu.Server, id string, networks ...webrtc.NetworkType) *client {
	t.Helper()
	return joinBy(t, s, id, newPC(t, networks...))
}

// joinBy connects a client over its connection.
func joinBy(t *testing.T, s *sfu.Server, id string, pc *webrtc.PeerConnection) *client {
	t.Helper()
	c := &client{t: t, id: id, pc: pc, loud: 42, changed: make(chan struct{}), remote: map[string]*rtp.Packet{}, gaps: map[string]int{},
		events: make(chan sfu.Event, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	c.ctx = ctx
	c.audio, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", id)
	c.video, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "camera", id)
	for _, track := range []webrtc.TrackLocal{c.audio, c.video} {
		if _, err := pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
			t.Fatal(err)
		}
	}
	for _, role := range slotsOf {
		kind := webrtc.RTPCodecTypeVideo
		if role == sfu.Voice {
			kind = webrtc.RTPCodecTypeAudio
		}
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	pc.OnTrack(c.receive)
	var err error
	if c.p, err = s.Join("room", id, func(e sfu.Event) { c.events <- e }); err != nil {
		t.Fatal(err)
	}
	c.p.Forward(sfu.Audio, true)
	c.p.Forward(sfu.Video, true)
	c.wg.Go(c.follow)
	c.offer(nil)
	c.wg.Go(c.speak)
	c.wg.Go(c.feedback)
	t.Cleanup(func() {
		cancel()
		c.p.Leave()
		<-c.p.Done()
		_ = pc.GracefulClose()
		c.wg.Wait()
	})
	return c
}

// offer makes the page's offer and takes the answer.
func (c *client) offer(options *webrtc.OfferOptions) {
	c.t.Helper()
	offer, err := c.pc.CreateOffer(options)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.pc.SetLocalDescription(offer); err != nil {
		c.t.Fatal(err)
	}
	roles := map[string]sfu.Role{}
	for i, tr := range c.pc.GetTransceivers()[2:] {
		roles[tr.Mid()] = slotsOf[i]
	}
	answer, err := c.p.Offer(offer.SDP, roles)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		c.t.Fatal(err)
	}
}

// follow notes the server's events.
func (c *client) follow() {
	for {
		select {
		case e := <-c.events:
			c.change(func() {
				if e.Kind == sfu.Mapped {
					c.slots = slices.DeleteFunc(slices.Clone(e.Slots), func(s sfu.Slot) bool { return s.Participant == "" })
				}
				if e.Kind == sfu.Ended {
					c.ended = &e
				}
			})
		case <-c.ctx.Done():
			return
		}
	}
}

// feedback answers requests for keyframes, as a camera does.
func (c *client) feedback() {
	for {
		packets, _, err := c.pc.GetSenders()[1].ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				c.change(func() { c.keys++ })
			}
		}
	}
}

// speak sends a packet of each kind every 10 ms; the end of the payload tells the sender. Every tenth
// picture is a keyframe.
func (c *client) speak() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := uint16(0); ; n++ {
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			return
		}
		sound := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 60000 + n, Timestamp: uint32(n) * 480}, Payload: []byte(c.id)}
		c.mu.Lock()
		loud := c.loud
		c.mu.Unlock()
		for _, e := range c.pc.GetSenders()[0].GetParameters().HeaderExtensions {
			if e.URI == sdp.AudioLevelURI {
				_ = sound.SetExtension(uint8(e.ID), []byte{loud})
			}
		}
		_ = c.audio.WriteRTP(sound)
		frame := byte(1)
		if n%10 == 0 {
			frame = 0
		}
		picture := append([]byte{0x90, 0x80, 0x80 | byte(n>>8)&0x7f, byte(n), frame, 0, 0}, c.id...)
		_ = c.video.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: 60000 + n, Timestamp: uint32(n) * 900}, Payload: picture})
	}
}

func (c *client) receive(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := receiver.RTPTransceiver().Mid()
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		c.change(func() {
			if last := c.remote[mid]; last != nil && p.SequenceNumber != last.SequenceNumber+1 {
				c.gaps[mid]++
			}
			c.remote[mid] = p
			if c.each != nil {
				c.each(mid, p)
			}
		})
	}
}

func (c *client) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait blocks until ok, which is asked at every change of the client's view.
func (c *client) wait(what string, ok func() bool) {
	c.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		c.mu.Lock()
		done, changed := ok(), c.changed
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			c.t.Fatalf("%s waits in vain: %s", c.id, what)
		}
	}
}

// sees waits until sound and picture of exactly the named participants arrive.
func (c *client) sees(ids ...string) {
	c.t.Helper()
	c.wait(fmt.Sprintf("for media of %v", ids), func() bool {
		var got, want []string
		for _, s := range c.slots {
			if p := c.remote[s.Mid]; p != nil && strings.HasSuffix(string(p.Payload), s.Participant) {
				got = append(got, s.Participant+string(s.Kind))
			}
		}
		for _, id := range ids {
			want = append(want, id+"audio", id+"video")
		}
		slices.Sort(got)
		slices.Sort(want)
		return slices.Equal(got, want)
	})
}

// shows is whose track stands in the slots of a role; mids count from the two that send.
func (c *client) shows(role sfu.Role) (ids []string) {
	for i, r := range slotsOf {
		for _, s := range c.slots {
			if r == role && s.Mid == c.pc.GetTransceivers()[i+2].Mid() {
				ids = append(ids, s.Participant)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// Who speaks is known by the loudness that the sender's browser measured (RFC 6464).
func TestServer_loudness(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	b.sees("a")
	a.sees("b")
	b.wait("for loudness", func() bool {
		for _, slot := range b.slots {
			p := b.remote[slot.Mid]
			if slot.Kind != sfu.Audio || p == nil {
				continue
			}
			return slices.ContainsFunc(p.GetExtensionIDs(), func(id uint8) bool { return string(p.GetExtension(id)) == string([]byte{42}) })
		}
		return false
	})
}

func TestServer_everybodySeesTheOthers(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.sees("b")
	b.sees("a")
	late := join(t, s, "c")
	late.sees("a", "b")
	a.sees("b", "c")
	b.sees("a", "c")
	if st := s.Stats(); st.Rooms != 1 || st.Participants != 3 || st.Forwarded == 0 {
		t.Errorf("stats %+v", st)
	}
}

// Where a network blocks UDP, media go over TCP.
func TestServer_tcp(t *testing.T) {
	s := newServer(t, func(c *sfu.Config) { c.ListenTCP = "127.0.0.1:0" })
	a, b := join(t, s, "a", webrtc.NetworkTypeTCP4), join(t, s, "b")
	a.sees("b")
	b.sees("a")
}

// Where a network lets nothing through but a web connection, media go through the relay.
func TestServer_relay(t *testing.T) {
	s := newServer(t, func(c *sfu.Config) { c.Announce = []netip.AddrPort{netip.MustParseAddrPort("203.0.113.5:7882")} })
	r, err := relay.Listen(relay.Config{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Ways: s.Ways()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	by := func(url string) *webrtc.PeerConnection {
		user, password, err := r.Credentials("p")
		if err != nil {
			t.Fatal(err)
		}
		return newPCWith(t, webrtc.Configuration{ICETransportPolicy: webrtc.ICETransportPolicyRelay,
			ICEServers: []webrtc.ICEServer{{URLs: []string{url}, Username: user, Credential: password}}})
	}
	a := joinBy(t, s, "a", by("turn:"+r.UDPAddr().String()+"?transport=udp"))
	b := joinBy(t, s, "b", by("turn:"+r.TCPAddr().String()+"?transport=tcp"))
	a.sees("b")
	b.sees("a")
}

// A slot that is free is used again without an offer, and its stream stays one without gaps.
func TestServer_leaveAndRejoin(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.sees("b")
	b.p.Leave()
	a.sees()
	c := join(t, s, "c")
	a.sees("c")
	c.sees("a")
	a.mu.Lock()
	defer a.mu.Unlock()
	for mid, n := range a.gaps {
		if n > 0 {
			t.Errorf("m-line %s: %d numbers do not follow", mid, n)
		}
	}
}

// A network that changed is answered with a new way; keys, slots and numbers stay.
func TestParticipant_restart(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.sees("b")
	b.sees("a")
	b.offer(&webrtc.OfferOptions{ICERestart: true})
	before := s.Stats().Forwarded
	a.wait("for packets after the restart", func() bool { return s.Stats().Forwarded > before+300 })
	b.sees("a")
	a.sees("b")
}

// More people than voices: the three loudest are heard, and who has the floor always.
func TestServer_loudestAreHeard(t *testing.T) {
	s := newServer(t, nil)
	a := join(t, s, "a")
	loud := map[string]uint8{"b": 20, "c": 50, "d": 30, "e": 100, "f": 35}
	people := map[string]*client{}
	for _, id := range []string{"e", "c", "f", "d", "b"} {
		people[id] = join(t, s, id)
		people[id].change(func() { people[id].loud = loud[id] })
	}
	a.wait("for the loudest three", func() bool { return slices.Equal(a.shows(sfu.Voice), []string{"b", "d", "f"}) })
	people["e"].p.Floor(true)
	a.wait("for who has the floor", func() bool {
		return slices.Contains(a.shows(sfu.Voice), "e") && slices.Equal(a.shows(sfu.Main), []string{"e"})
	})
	people["e"].p.Floor(false)
	people["b"].p.Forward(sfu.Audio, false)
	a.wait("for the mute", func() bool { return slices.Equal(a.shows(sfu.Voice), []string{"c", "d", "f"}) })
}

// The page says whose pictures it has room for.
func TestParticipant_See(t *testing.T) {
	s := newServer(t, nil)
	a := join(t, s, "a")
	for _, id := range []string{"b", "c", "d"} {
		join(t, s, id)
	}
	a.sees("b", "c", "d")
	a.p.See(sfu.View{Main: "d", MainHeight: 360, Tiles: []string{"c"}, TileHeight: 180})
	a.wait("for the chosen pictures", func() bool {
		return slices.Equal(slices.Sorted(slices.Values(append(a.shows(sfu.Main), a.shows(sfu.Tile)...))), []string{"c", "d"})
	})
	a.p.See(sfu.View{Tiles: []string{}})
	before := map[string]uint16{}
	a.wait("for pictures nobody looks at to end", func() bool { return len(a.shows(sfu.Main))+len(a.shows(sfu.Tile)) == 0 })
	a.mu.Lock()
	for mid, p := range a.remote {
		before[mid] = p.SequenceNumber
	}
	a.mu.Unlock()
	quiet := s.Stats().Received + 200
	a.wait("for time to pass", func() bool { return s.Stats().Received > quiet })
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, role := range slotsOf {
		mid := a.pc.GetTransceivers()[i+2].Mid()
		if p := a.remote[mid]; role != sfu.Voice && p != nil && p.SequenceNumber-before[mid] > 3 {
			t.Errorf("%d packets of a picture that nobody looks at", p.SequenceNumber-before[mid])
		}
	}
}

func TestServer_storm(t *testing.T) {
	s := newServer(t, nil)
	a := join(t, s, "a")
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for k := range 3 {
				p, err := s.Join("room", fmt.Sprintf("x%d-%d", n, k), func(sfu.Event) {})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := p.Offer("v=0", nil); !errors.Is(err, sfu.ErrBadDescription) {
					t.Error(err)
				}
				p.Leave()
				<-p.Done()
			}
		})
	}
	clients := []*client{join(t, s, "b"), join(t, s, "c"), join(t, s, "d"), join(t, s, "e")}
	wg.Wait()
	clients[3].p.Leave()
	a.sees("b", "c", "d")
	clients[0].sees("a", "c", "d")
}

func TestParticipant_Forward(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	b.sees("a")
	b.mu.Lock()
	mid := b.slots[slices.IndexFunc(b.slots, func(s sfu.Slot) bool { return s.Kind == sfu.Audio })].Mid
	b.mu.Unlock()
	a.p.Forward(sfu.Audio, false)
	b.wait("for the mute", func() bool { return len(b.shows(sfu.Voice)) == 0 })
	quiet := s.Stats().Received + 200
	b.wait("for time to pass", func() bool { return s.Stats().Received > quiet })
	b.mu.Lock()
	last := *b.remote[mid]
	b.mu.Unlock()
	quiet = s.Stats().Received + 200
	b.wait("for time to pass", func() bool { return s.Stats().Received > quiet })
	b.mu.Lock()
	if now := b.remote[mid].SequenceNumber; now != last.SequenceNumber {
		t.Errorf("sound went on while muted: %d packets", now-last.SequenceNumber)
	}
	b.mu.Unlock()
	a.p.Forward(sfu.Audio, true)
	b.wait("for sound after the mute", func() bool { return b.remote[mid].SequenceNumber == last.SequenceNumber+3 })
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gaps[mid] != 0 || int32(b.remote[mid].Timestamp-last.Timestamp) <= 0 {
		t.Errorf("after the mute: %d gaps, timestamp %d after %d", b.gaps[mid], b.remote[mid].Timestamp, last.Timestamp)
	}
}

// Whatever is wrong with a description changes nothing for anybody.
func TestParticipant_badDescriptions(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.sees("b")
	good := func() string {
		pc := newPC(t)
		defer func() { _ = pc.Close() }()
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
			t.Fatal(err)
		}
		d, err := pc.CreateOffer(nil)
		if err != nil {
			t.Fatal(err)
		}
		return d.SDP
	}()
	p, err := s.Join("room", "bad", func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":           "",
		"no description":  "xin chào",
		"no m-line":       "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
		"two microphones": good + good[strings.Index(good, "m=audio"):],
		"no fingerprint":  strings.ReplaceAll(good, "a=fingerprint", "a=x"),
		"no credentials":  strings.ReplaceAll(good, "a=ice-", "a=x-"),
		"cut":             good[:len(good)/3],
		"huge":            good + strings.Repeat("a=x:y\r\n", 50000),
	} {
		if _, err := p.Offer(text, nil); !errors.Is(err, sfu.ErrBadDescription) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Offer(good, nil); err != nil {
		t.Errorf("a good description after bad ones: %v", err)
	}
	if _, err := b.p.Offer(good, nil); !errors.Is(err, sfu.ErrBadDescription) {
		t.Errorf("an offer of somebody else: %v", err)
	}
	p.Leave()
	a.sees("b")
}

// A client whose certificate is not the one its description names never gets keys.
func TestParticipant_foreignCertificate(t *testing.T) {
	s := newServer(t, nil)
	pc := newPC(t)
	defer func() { _ = pc.Close() }()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	events := make(chan sfu.Event, 10)
	p, err := s.Join("room", "mallory", func(e sfu.Event) { events <- e })
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(offer.SDP, "a=fingerprint:sha-256 ") + len("a=fingerprint:sha-256 ")
	answer, err := p.Offer(offer.SDP[:at]+strings.Repeat("00:", 31)+"00"+offer.SDP[at+95:], nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	select {
	case e := <-events:
		if e.Kind != sfu.Ended || !errors.Is(e.Err, sfu.ErrMediaFailed) {
			t.Errorf("event %+v", e)
		}
	case <-time.After(30 * time.Second):
		t.Error("the handshake did not end")
	}
}

func TestServer_limits(t *testing.T) {
	s := newServer(t, func(c *sfu.Config) { c.MaxParticipants = 1 })
	p, err := s.Join("room", "a", func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Join("room", "b", func(sfu.Event) {}); !errors.Is(err, sfu.ErrFull) {
		t.Errorf("second: %v", err)
	}
	p.Leave()
	<-p.Done()
	if _, err := s.Join("room", "a", func(sfu.Event) {}); err != nil {
		t.Errorf("a name that is free again: %v", err)
	}
	if _, err := s.Join("other", "a", func(sfu.Event) {}); err != nil {
		t.Errorf("another room: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Rooms != 0 || st.Participants != 0 {
		t.Errorf("left behind: %+v", st)
	}
	if _, err := s.Join("room", "a", func(sfu.Event) {}); !errors.Is(err, sfu.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestServer_leavesNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("a meeting", func(t *testing.T) {
		s := newServer(t, func(c *sfu.Config) { c.ListenTCP = "127.0.0.1:0" })
		a, b := join(t, s, "a"), join(t, s, "b", webrtc.NetworkTypeTCP4)
		a.sees("b")
		b.sees("a")
	})
	deadline := time.After(10 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-deadline:
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		default:
			runtime.Gosched()
		}
	}
}

func TestServer_announce(t *testing.T) {
	s := newServer(t, func(c *sfu.Config) {
		c.ListenTCP = "127.0.0.1:0"
		c.Announce = []netip.AddrPort{netip.MustParseAddrPort("203.0.113.5:0"), netip.MustParseAddrPort("[2001:db8::5]:9000")}
	})
	pc := newPC(t)
	defer func() { _ = pc.Close() }()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Join("room", "a", func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Offer(offer.SDP, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("a=candidate:1 1 udp 2130706431 203.0.113.5 %d typ host\r\n", s.Addr().Port()),
		"a=candidate:2 1 udp 2130706430 2001:db8::5 9000 typ host\r\n",
		"203.0.113.5", "a=candidate:20 1 tcp 1671430142 2001:db8::5 9000 typ host tcptype passive\r\n",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("%q is not in the answer", want)
		}
	}
	if strings.Contains(answer, "127.0.0.1") {
		t.Error("the bound address is told")
	}
}
