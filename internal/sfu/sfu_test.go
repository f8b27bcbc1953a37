package sfu

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

	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

func newServer(t *testing.T, change func(*Config)) *Server {
	t.Helper()
	cfg := Config{Listen: "127.0.0.1:0", Loopback: true}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
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

// client is a page: one connection that publishes sound and picture, and receives the others'.
type client struct {
	t      *testing.T
	id     string
	p      *Participant
	pc     *webrtc.PeerConnection
	audio  *webrtc.TrackLocalStaticRTP
	video  *webrtc.TrackLocalStaticRTP
	events chan Event
	ctx    context.Context
	wg     sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{}          // closed and replaced at every change
	tracks  []Track                // as told
	remote  map[string]*rtp.Packet // last packet by mid
	gaps    map[string]int         // numbers that do not follow, by mid
	ended   *Event
}

// join connects a client and starts sending.
func join(t *testing.T, s *Server, id string, networks ...webrtc.NetworkType) *client {
	t.Helper()
	se := webrtc.SettingEngine{}
	if networks != nil {
		se.SetNetworkTypes(networks)
	}
	se.SetIncludeLoopbackCandidate(true)
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	se.LoggerFactory = quiet
	m, r, err := engines()
	if err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, id: id, pc: pc, changed: make(chan struct{}), remote: map[string]*rtp.Packet{}, gaps: map[string]int{},
		events: make(chan Event, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	c.ctx = ctx
	c.audio, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", id)
	c.video, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "camera", id)
	for _, track := range []webrtc.TrackLocal{c.audio, c.video} {
		if _, err := pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
			t.Fatal(err)
		}
	}
	pc.OnTrack(c.receive)
	if c.p, err = s.Join("room", id, func(e Event) { c.events <- e }); err != nil {
		t.Fatal(err)
	}
	c.p.Forward(Audio, true)
	c.p.Forward(Video, true)
	c.wg.Go(c.signal)
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	c.p.Offer(offer.SDP)
	c.wg.Go(c.speak)
	t.Cleanup(func() {
		cancel()
		c.p.Leave()
		<-c.p.Done()
		_ = pc.GracefulClose()
		c.wg.Wait()
	})
	return c
}

// signal works the server's events.
func (c *client) signal() {
	for {
		var e Event
		select {
		case e = <-c.events:
		case <-c.ctx.Done():
			return
		}
		var err error
		switch e.Kind {
		case Answered:
			err = c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: e.SDP})
		case Offered:
			err = c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: e.SDP})
			if err == nil {
				var answer webrtc.SessionDescription
				if answer, err = c.pc.CreateAnswer(nil); err == nil {
					if err = c.pc.SetLocalDescription(answer); err == nil {
						c.p.Answer(answer.SDP)
					}
				}
			}
		}
		c.change(func() {
			if e.Kind == Mapped {
				c.tracks = e.Tracks
			}
			if e.Kind == Ended {
				c.ended = &e
			}
			if err != nil && c.ctx.Err() == nil && c.ended == nil {
				c.t.Errorf("%s: %s: %v", c.id, e.Kind, err)
			}
		})
	}
}

// speak sends a packet of each kind every 10 ms; the payload's last byte tells the sender.
func (c *client) speak() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	level := func() uint8 {
		for _, e := range c.pc.GetSenders()[0].GetParameters().HeaderExtensions {
			if e.URI == sdp.AudioLevelURI {
				return uint8(e.ID)
			}
		}
		return 1
	}
	for n := uint16(0); ; n++ {
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			return
		}
		for _, t := range []*webrtc.TrackLocalStaticRTP{c.audio, c.video} {
			p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 60000 + n, Timestamp: uint32(n) * 480}, Payload: []byte(c.id)}
			if t == c.audio {
				_ = p.SetExtension(level(), []byte{42})
			}
			_ = t.WriteRTP(p)
		}
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

// hears waits until sound and picture of exactly the named participants arrive.
func (c *client) hears(ids ...string) {
	c.t.Helper()
	c.wait(fmt.Sprintf("for media of %v", ids), func() bool {
		var got []string
		for _, t := range c.tracks {
			if p := c.remote[t.Mid]; p != nil && string(p.Payload) == t.Participant {
				got = append(got, t.Participant+string(t.Kind))
			}
		}
		var want []string
		for _, id := range ids {
			want = append(want, id+"audio", id+"video")
		}
		slices.Sort(got)
		slices.Sort(want)
		return slices.Equal(got, want)
	})
}

// Who speaks is known by the loudness that the sender's browser measured (RFC 6464).
func TestServer_loudness(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	b.hears("a")
	a.hears("b")
	b.wait("for loudness", func() bool {
		for _, track := range b.tracks {
			if p := b.remote[track.Mid]; track.Kind == Audio && p != nil && len(p.GetExtensionIDs()) == 1 {
				return string(p.GetExtension(p.GetExtensionIDs()[0])) == string([]byte{42})
			}
		}
		return false
	})
}

func TestServer_everybodyHearsTheOthers(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.hears("b")
	b.hears("a")
	late := join(t, s, "c")
	late.hears("a", "b")
	a.hears("b", "c")
	b.hears("a", "c")
	if st := s.Stats(); st.Rooms != 1 || st.Participants != 3 || st.Forwarded == 0 {
		t.Errorf("stats %+v", st)
	}
}

// Where a network blocks UDP, media go over TCP.
func TestServer_tcp(t *testing.T) {
	s := newServer(t, func(c *Config) { c.ListenTCP = "127.0.0.1:0" })
	a, b := join(t, s, "a", webrtc.NetworkTypeTCP4), join(t, s, "b")
	a.hears("b")
	b.hears("a")
}

// A slot that is free is used again without a new m-line, and its stream stays one without gaps.
func TestServer_leaveAndRejoin(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.hears("b")
	b.p.Leave()
	a.hears()
	c := join(t, s, "c")
	a.hears("c")
	c.hears("a")
	if n := len(a.pc.GetTransceivers()); n != 4 {
		t.Errorf("%d m-lines after one left and one came, want 4", n)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for mid, n := range a.gaps {
		if n > 0 {
			t.Errorf("m-line %s: %d numbers do not follow", mid, n)
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
				p, err := s.Join("room", fmt.Sprintf("x%d-%d", n, k), func(Event) {})
				if err != nil {
					t.Error(err)
					return
				}
				p.Offer("v=0")
				<-p.Done()
			}
		})
	}
	clients := []*client{join(t, s, "b"), join(t, s, "c"), join(t, s, "d"), join(t, s, "e")}
	wg.Wait()
	clients[3].p.Leave()
	a.hears("b", "c", "d")
	clients[0].hears("a", "c", "d")
}

func TestParticipant_Forward(t *testing.T) {
	s := newServer(t, nil)
	a, b := join(t, s, "a"), join(t, s, "b")
	b.hears("a")
	a.p.Forward(Audio, false)
	quiet := s.Stats().Received + 200
	b.wait("for time to pass", func() bool { return s.Stats().Received > quiet })
	b.mu.Lock()
	mid := b.tracks[slices.IndexFunc(b.tracks, func(t Track) bool { return t.Kind == Audio })].Mid
	last := *b.remote[mid]
	b.mu.Unlock()
	quiet = s.Stats().Received + 200
	b.wait("for time to pass", func() bool { return s.Stats().Received > quiet })
	b.mu.Lock()
	if now := b.remote[mid].SequenceNumber; now != last.SequenceNumber {
		t.Errorf("sound went on while muted: %d packets", now-last.SequenceNumber)
	}
	b.mu.Unlock()
	a.p.Forward(Audio, true)
	b.wait("for sound after the mute", func() bool { return b.remote[mid].SequenceNumber == last.SequenceNumber+3 })
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gaps[mid] != 0 || int32(b.remote[mid].Timestamp-last.Timestamp) <= 0 {
		t.Errorf("after the mute: %d gaps, timestamp %d after %d", b.gaps[mid], b.remote[mid].Timestamp, last.Timestamp)
	}
}

func TestParticipant_badDescriptions(t *testing.T) {
	s := newServer(t, func(c *Config) { c.MaxParticipants = 40 })
	a, b := join(t, s, "a"), join(t, s, "b")
	a.hears("b")
	offer := func() string {
		pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			t.Fatal(err)
		}
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
	for name, sdp := range map[string]string{
		"empty":           "",
		"no description":  "xin chào",
		"no m-line":       "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
		"data channel":    strings.Replace(offer, "m=audio", "m=application", 1),
		"two microphones": offer + offer[strings.Index(offer, "m=audio"):],
		"no fingerprint":  strings.ReplaceAll(offer, "a=fingerprint", "a=x"),
		"no credentials":  strings.ReplaceAll(offer, "a=ice-", "a=x-"),
		"cut":             offer[:len(offer)/3],
		"huge":            offer + strings.Repeat("a=x:y\r\n", 50000),
		"layers":          offer + "a=rid:q send\r\na=simulcast:send q\r\n",
	} {
		ended := make(chan Event, 10)
		p, err := s.Join("room", "bad", func(e Event) {
			if e.Kind == Ended {
				ended <- e
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		p.Answer(sdp) // nothing was offered: ignored
		p.Offer(sdp)
		<-p.Done()
		if e := <-ended; !errors.Is(e.Err, ErrBadDescription) {
			t.Errorf("%s: ended with %v", name, e.Err)
		}
	}
	b.p.Answer("late")
	a.hears("b")
}

func TestServer_limits(t *testing.T) {
	s := newServer(t, func(c *Config) { c.MaxParticipants = 1 })
	p, err := s.Join("room", "a", func(Event) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Join("room", "b", func(Event) {}); !errors.Is(err, ErrFull) {
		t.Errorf("second: %v", err)
	}
	p.Leave()
	<-p.Done()
	if st := s.Stats(); st.Rooms != 0 || st.Participants != 0 {
		t.Errorf("left behind: %+v", st)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Join("room", "a", func(Event) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestServer_leavesNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("a meeting", func(t *testing.T) {
		s := newServer(t, func(c *Config) { c.ListenTCP = "127.0.0.1:0" })
		a, b := join(t, s, "a"), join(t, s, "b")
		a.hears("b")
		b.hears("a")
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
	s := newServer(t, func(c *Config) {
		c.ListenTCP = "127.0.0.1:0"
		c.Announce = []netip.AddrPort{netip.MustParseAddrPort("203.0.113.5:0"), netip.MustParseAddrPort("[2001:db8::5]:9000")}
	})
	got := s.announce("v=0\r\nm=audio 9\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=candidate:2 1 udp 1 10.0.0.2 5 typ host\r\na=x\r\nm=video 9\r\na=y\r\n")
	want := fmt.Sprintf("v=0\r\nm=audio 9\r\n"+
		"a=candidate:1 1 udp 2130706431 203.0.113.5 %d typ host\r\n"+
		"a=candidate:10 1 tcp 1671430143 203.0.113.5 %d typ host tcptype passive\r\n"+
		"a=candidate:2 1 udp 2130706430 2001:db8::5 9000 typ host\r\n"+
		"a=candidate:20 1 tcp 1671430142 2001:db8::5 9000 typ host tcptype passive\r\n"+
		"a=x\r\nm=video 9\r\na=y\r\n", s.addr.Port(), s.tcpPort)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// No text, however made, brings a check down or lets an address of the page through.
func FuzzCheckOffer(f *testing.F) {
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=mid:0\r\n")
	f.Add("v=0\r\nm=video")
	f.Fuzz(func(t *testing.T, text string) {
		clean, err := checkOffer(text)
		if err == nil && strings.Contains(clean, "\na=candidate:") {
			t.Errorf("a candidate is left: %q", clean)
		}
		if _, err := checkAnswer(text, 3); err == nil && clean == "" && text == "" {
			t.Error("an empty answer was taken")
		}
	})
}
