package sfu_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
)

// camera publishes a picture in three layers of VP8 with two temporal layers each, as a browser does: it sends a
// keyframe when asked, and only the layers that it is told to send.
type camera struct {
	t      *testing.T
	p      *sfu.Participant
	id     string
	layers []*cameraLayer

	mu      sync.Mutex
	active  []bool
	told    int // times that it was told
	changed chan struct{}
	slow    bool // the largest layer does not come, whatever is asked
}

type cameraLayer struct {
	track   *webrtc.TrackLocalStaticRTP
	ssrc    webrtc.SSRC
	height  uint16
	size    int // payload of a packet; one packet a picture
	seq     uint16
	picture uint16
	base    uint8
	wantKey bool
	sent    int
}

// pictures a second, and what the layers take at that: 120, 400 and 1,200 kbit/s.
const pictureRate = 30

// newCamera joins a room and sends.
func newCamera(t *testing.T, s *sfu.Server, id string) *camera {
	t.Helper()
	pc := newPC(t)
	c := &camera{t: t, id: id, active: []bool{true, true, true}, changed: make(chan struct{})}
	var sender *webrtc.RTPSender
	for i, rid := range []string{"q", "h", "f"} {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "camera", id,
			webrtc.WithRTPStreamID(rid))
		if err != nil {
			t.Fatal(err)
		}
		c.layers = append(c.layers, &cameraLayer{track: track, height: uint16(180 << i), size: []int{500, 1600, 4800}[i] / []int{1, 2, 4}[i], wantKey: true})
		if sender == nil {
			tr, err := pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			if err != nil {
				t.Fatal(err)
			}
			sender = tr.Sender()
		} else if err := sender.AddEncoding(track); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if c.p, err = s.Join("room", id, c.event); err != nil {
		t.Fatal(err)
	}
	c.p.Forward(sfu.Video, true)
	offer, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(offer)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.p.Offer(offer.SDP, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	for i, e := range sender.GetParameters().Encodings {
		c.layers[i].ssrc = e.SSRC
	}
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { c.shoot(sender, stop) })
	for _, l := range c.layers {
		wait.Go(func() { c.feedback(sender, l.track.RID()) })
	}
	t.Cleanup(func() {
		close(stop)
		c.p.Leave()
		<-c.p.Done()
		_ = pc.GracefulClose()
		wait.Wait()
	})
	return c
}

func (c *camera) event(e sfu.Event) {
	if e.Kind != sfu.Layers {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, on := range e.Active {
		c.layers[i].wantKey = c.layers[i].wantKey || on && !c.active[i]
	}
	c.active = e.Active
	c.told++
	close(c.changed)
	c.changed = make(chan struct{})
}

// feedback answers requests for keyframes.
func (c *camera) feedback(sender *webrtc.RTPSender, rid string) {
	for {
		packets, _, err := sender.ReadSimulcastRTCP(rid)
		if err != nil {
			return
		}
		for _, p := range packets {
			if pli, ok := p.(*rtcp.PictureLossIndication); ok {
				c.mu.Lock()
				for _, l := range c.layers {
					l.wantKey = l.wantKey || uint32(l.ssrc) == pli.MediaSSRC
				}
				c.mu.Unlock()
			}
		}
	}
}

// shoot sends one picture of every active layer at a time.
func (c *camera) shoot(sender *webrtc.RTPSender, stop chan struct{}) {
	tick := time.NewTicker(time.Second / pictureRate)
	defer tick.Stop()
	var mid, rid uint8
	for _, e := range sender.GetParameters().HeaderExtensions {
		switch e.URI {
		case "urn:ietf:params:rtp-hdrext:sdes:mid":
			mid = uint8(e.ID)
		case "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id":
			rid = uint8(e.ID)
		}
	}
	for n := uint32(0); ; n++ {
		select {
		case <-tick.C:
		case <-stop:
			return
		}
		c.mu.Lock()
		for i, l := range c.layers {
			if !c.active[i] || c.slow && i == 2 {
				continue
			}
			for _, p := range l.next(n, i) {
				_ = p.SetExtension(mid, []byte("0"))
				_ = p.SetExtension(rid, []byte(l.track.RID()))
				_ = l.track.WriteRTP(p)
			}
		}
		c.mu.Unlock()
	}
}

// next is one picture: the number of its layer and of the picture stand at the end.
func (l *cameraLayer) next(n uint32, layer int) []*rtp.Packet {
	upper := n%2 == 1 && !l.wantKey
	l.picture = (l.picture + 1) & 0x7fff
	count := []int{1, 2, 4}[layer]
	var out []*rtp.Packet
	for k := range count {
		tid := byte(0)
		if upper {
			tid = 0x60 // layer 1, builds on layer 0 alone
		}
		start := byte(0x80)
		if k == 0 {
			start = 0x90
			if !upper {
				l.base++
			}
		}
		payload := []byte{start, 0xe0, 0x80 | byte(l.picture>>8), byte(l.picture), l.base, tid, 1, 0, 0, 0x9d, 1, 0x2a, 0, 1, byte(l.height), byte(l.height >> 8)}
		if l.wantKey && k == 0 {
			payload[6] = 0
		}
		payload = append(payload, make([]byte, l.size-len(payload)-6)...)
		payload = append(payload, byte(layer), tid>>6)
		payload = binary.BigEndian.AppendUint32(payload, n)
		out = append(out, &rtp.Packet{Header: rtp.Header{Version: 2, Marker: k == count-1, SequenceNumber: l.seq, Timestamp: n * 90000 / pictureRate}, Payload: payload})
		l.seq++
	}
	l.wantKey = false
	l.sent++
	return out
}

// waits until what the camera was told satisfies ok.
func (c *camera) waits(what string, ok func(active []bool) bool) {
	c.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		c.mu.Lock()
		done, changed := ok(c.active), c.changed
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			c.t.Fatalf("%s waits in vain %s; active %v", c.id, what, c.active)
		}
	}
}

// screen is what a client receives of cameras: which layer stands in which m-line, and what is wrong with its stream.
type screen struct {
	mu     sync.Mutex
	layer  map[string]int
	upper  map[string]int // pictures of the upper temporal layer since the last look
	last   map[string]*rtp.Packet
	source map[string]byte // layer of the last packet
	wrong  []string
	order  bool // the line keeps the order
	voices map[string]*voice
}

// voice is what came of one.
type voice struct {
	first, last uint16
	got         int
}

// watch looks at every packet: layers change at keyframes only, numbers follow, timestamps and pictures grow.
func (c *client) watch() *screen {
	s := &screen{layer: map[string]int{}, upper: map[string]int{}, last: map[string]*rtp.Packet{}, source: map[string]byte{}, order: true, voices: map[string]*voice{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.each = func(mid string, p *rtp.Packet) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(p.Payload) < 10 { // a voice of the tests
			v := s.voices[mid]
			if v == nil {
				v = &voice{first: p.SequenceNumber, last: p.SequenceNumber}
				s.voices[mid] = v
			}
			v.got++
			if int16(p.SequenceNumber-v.last) > 0 {
				v.last = p.SequenceNumber
			}
		}
		if len(p.Payload) < 100 || p.Payload[1] != 0xe0 {
			return
		}
		layer := p.Payload[len(p.Payload)-6]
		key := p.Payload[0] == 0x90 && p.Payload[6]&1 == 0
		last := s.last[mid]
		if last != nil && s.order {
			was := s.source[mid]
			switch {
			case p.SequenceNumber != last.SequenceNumber+1:
				s.wrong = append(s.wrong, fmt.Sprintf("%s: number %d after %d", mid, p.SequenceNumber, last.SequenceNumber))
			case int32(p.Timestamp-last.Timestamp) < 0:
				s.wrong = append(s.wrong, fmt.Sprintf("%s: timestamp %d after %d", mid, p.Timestamp, last.Timestamp))
			case layer != was && !key:
				s.wrong = append(s.wrong, fmt.Sprintf("%s: layer %d after %d without a keyframe", mid, layer, was))
			case p.Payload[0] == 0x90 && picture(p) != (picture(last)+1)&0x7fff:
				s.wrong = append(s.wrong, fmt.Sprintf("%s: picture %d after %d", mid, picture(p), picture(last)))
			}
		}
		s.layer[mid] = int(layer)
		if p.Payload[len(p.Payload)-5] > 0 {
			s.upper[mid]++
		}
		s.last[mid], s.source[mid] = p.Clone(), layer
	}
	return s
}

func picture(p *rtp.Packet) uint16 { return binary.BigEndian.Uint16(p.Payload[2:]) & 0x7fff }

// showing is whether the picture of somebody comes in a layer, of late.
func (s *screen) showing(c *client, who string, layer int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, slot := range c.slots {
		if slot.Participant == who && slot.Kind == sfu.Video && !slot.Paused {
			l, ok := s.layer[slot.Mid]
			return ok && l == layer
		}
	}
	return false
}

func (s *screen) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wrong[:min(5, len(s.wrong))] {
		t.Error(w)
	}
	if len(s.last) == 0 {
		t.Error("no picture came")
	}
}

// Every picture comes in the layer that fits its place; a change of the page changes layers at keyframes only, and a change of
// the large picture moves nobody to another m-line.
func TestLayers_fitTheirPlace(t *testing.T) {
	s := newServer(t, nil)
	a := join(t, s, "a")
	seen := a.watch()
	newCamera(t, s, "b")
	newCamera(t, s, "c")
	a.p.See(sfu.View{Main: "b", MainHeight: 700, Tiles: []string{"c"}, TileHeight: 180})
	a.wait("for b large and c small", func() bool { return seen.showing(a, "b", 2) && seen.showing(a, "c", 0) })
	a.mu.Lock()
	before := slices.Clone(a.slots)
	a.mu.Unlock()
	a.p.See(sfu.View{Main: "c", MainHeight: 700, Tiles: []string{"b"}, TileHeight: 180})
	a.wait("for c large and b small", func() bool { return seen.showing(a, "c", 2) && seen.showing(a, "b", 0) })
	a.p.See(sfu.View{Main: "c", MainHeight: 360, Tiles: []string{"b"}, TileHeight: 180})
	a.wait("for c in the middle", func() bool { return seen.showing(a, "c", 1) })
	a.mu.Lock()
	if !slices.Equal(before, a.slots) {
		t.Errorf("slots %+v, before %+v", a.slots, before)
	}
	a.mu.Unlock()
	seen.check(t)
}

// A sender is told to stop what nobody watches, after a while, and to begin again at once; who watches keeps the picture
// until the larger one is there.
func TestLayers_unwatchedStop(t *testing.T) {
	s := newServer(t, nil)
	a := join(t, s, "a")
	seen := a.watch()
	b := newCamera(t, s, "b")
	a.p.See(sfu.View{Main: "b", MainHeight: 180, Tiles: []string{}})
	a.wait("for the small picture", func() bool { return seen.showing(a, "b", 0) })
	b.waits("for the larger layers to be stopped", func(on []bool) bool { return slices.Equal(on, []bool{true, false, false}) })
	began := time.Now()
	a.p.See(sfu.View{Main: "b", MainHeight: 720, Tiles: []string{}})
	b.waits("for the largest to begin", func(on []bool) bool { return on[2] })
	if took := time.Since(began); took > time.Second {
		t.Errorf("told after %v", took)
	}
	a.wait("for the large picture", func() bool { return seen.showing(a, "b", 2) })
	b.waits("for the others to be stopped", func(on []bool) bool { return slices.Equal(on, []bool{false, false, true}) })
	a.p.See(sfu.View{Tiles: []string{}})
	b.waits("for all to be stopped", func(on []bool) bool { return !slices.Contains(on, true) })
	a.p.See(sfu.View{Main: "b", MainHeight: 360, Tiles: []string{}})
	a.wait("for the middle picture", func() bool { return seen.showing(a, "b", 1) })
	seen.check(t)
}

// A layer that its sender cannot send is replaced by the best that comes, and stays wanted, so that it is taken when it comes.
func TestLayers_thatDoNotCome(t *testing.T) {
	s := newServer(t, nil)
	a := join(t, s, "a")
	seen := a.watch()
	b := newCamera(t, s, "b")
	a.p.See(sfu.View{Main: "b", MainHeight: 720, Tiles: []string{}})
	a.wait("for the large picture", func() bool { return seen.showing(a, "b", 2) })
	b.mu.Lock()
	b.slow = true
	b.mu.Unlock()
	a.wait("for the middle picture", func() bool { return seen.showing(a, "b", 1) })
	b.mu.Lock()
	if !b.active[2] {
		t.Errorf("the layer that does not come is not wanted any more: %v", b.active)
	}
	b.slow, b.layers[2].wantKey = false, true
	b.mu.Unlock()
	a.wait("for the large picture again", func() bool { return seen.showing(a, "b", 2) })
	seen.check(t)
}

// On a narrow line a receiver gets the small layer, less important pictures are given up before the large one, and sound
// is heard all the while.
func TestLayers_narrowLine(t *testing.T) {
	s, l := behind(t, 3)
	a, v := join(t, s, "a"), join(t, s, "v")
	v.p.Forward(sfu.Video, false)
	seen := a.watch()
	seen.order = false // what is lost is a gap
	for _, id := range []string{"b", "c", "d", "e", "f"} {
		newCamera(t, s, id)
	}
	tiles := []string{"c", "d", "e", "f"}
	a.p.See(sfu.View{Main: "b", MainHeight: 720, Tiles: tiles, TileHeight: 180})
	a.waitLong("for all pictures", func() bool { return seen.showing(a, "b", 2) && seen.showing(a, "f", 0) })
	l.set(weather{narrow: 300e3, delay: 30 * time.Millisecond})
	narrow := time.Now()
	a.waitLong("for the small layer", func() bool {
		paused := 0
		for _, slot := range a.slots {
			if slot.Paused {
				paused++
			}
			if slot.Paused && slot.Participant == "b" {
				return false
			}
		}
		return seen.showing(a, "b", 0) && paused > 0
	})
	t.Logf("small after %v", time.Since(narrow).Round(100*time.Millisecond))
	lost, got := a.sound(seen, "v")
	if t.Logf("of sound %d packets came, %d did not", got, lost); got == 0 {
		t.Error("no sound came")
	}
}

// sound counts the packets of somebody's voice from now on.
func (c *client) sound(s *screen, who string) (lost, got int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, slot := range c.slots {
		if v := s.voices[slot.Mid]; slot.Participant == who && slot.Kind == sfu.Audio && v != nil {
			return int(v.last-v.first) + 1 - v.got, v.got
		}
	}
	return 0, 0
}

// waitLong is wait for what a line takes its time for.
func (c *client) waitLong(what string, ok func() bool) {
	c.t.Helper()
	timeout := time.After(90 * time.Second)
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
			c.t.Fatalf("%s waits in vain: %s; slots %+v, line %+v", c.id, what, c.slots, c.p.Quality().Down)
		}
	}
}
