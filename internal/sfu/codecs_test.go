package sfu_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
)

// engineOf knows some codecs only, under payload types of its own.
func engineOf(t *testing.T, known map[uint8]webrtc.RTPCodecCapability) *webrtc.API {
	t.Helper()
	m := &webrtc.MediaEngine{}
	for pt, c := range known {
		kind := webrtc.RTPCodecTypeAudio
		if c.ClockRate == 90000 {
			kind = webrtc.RTPCodecTypeVideo
		}
		if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: c, PayloadType: webrtc.PayloadType(pt)}, kind); err != nil {
			t.Fatal(err)
		}
	}
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(se), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
}

func opus() webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
}

func redundant(opus uint8) webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", opus, opus)}
}

// connect makes a connection's offer, takes the answer, and ends it with the test.
func connect(t *testing.T, s *sfu.Server, id string, pc *webrtc.PeerConnection, roles func(mid string) map[string]sfu.Role) *sfu.Participant {
	t.Helper()
	p, err := s.Join("room", id, func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Leave()
		<-p.Done()
		_ = pc.GracefulClose()
	})
	p.Forward(sfu.Audio, true)
	p.Forward(sfu.Video, true)
	offer, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(offer)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Offer(offer.SDP, roles(pc.GetTransceivers()[0].Mid()))
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	return p
}

// sends publishes one track; next makes its payloads.
func sends(t *testing.T, s *sfu.Server, id string, api *webrtc.API, codec webrtc.RTPCodecCapability, next func(n uint32) []byte) {
	t.Helper()
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := webrtc.NewTrackLocalStaticRTP(codec, "track", id)
	if err == nil {
		_, err = pc.AddTransceiverFromTrack(out, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	}
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s, id, pc, func(string) map[string]sfu.Role { return nil })
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint32(0); ; n++ {
			select {
			case <-tick.C:
			case <-stop:
				return
			}
			_ = out.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: uint16(n), Timestamp: n * codec.ClockRate / 50}, Payload: next(n)})
		}
	})
	t.Cleanup(func() { close(stop); wait.Wait() })
}

// listens receives in one slot of a role, and returns packets as they come.
func listens(t *testing.T, s *sfu.Server, id string, api *webrtc.API, role sfu.Role) (*sfu.Participant, <-chan *rtp.Packet) {
	t.Helper()
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	kind := webrtc.RTPCodecTypeVideo
	if role == sfu.Voice {
		kind = webrtc.RTPCodecTypeAudio
	}
	if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	out := make(chan *rtp.Packet, 1000)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			select {
			case out <- p:
			default:
			}
		}
	})
	return connect(t, s, id, pc, func(mid string) map[string]sfu.Role { return map[string]sfu.Role{mid: role} }), out
}

// some waits for packets.
func some(t *testing.T, who string, from <-chan *rtp.Packet, n int) []*rtp.Packet {
	t.Helper()
	timeout := time.After(20 * time.Second)
	var out []*rtp.Packet
	for len(out) < n {
		select {
		case p := <-from:
			out = append(out, p)
		case <-timeout:
			t.Fatalf("%s: %d packets", who, len(out))
		}
	}
	return out
}

// Redundant sound comes whole to whoever understands it, under the receiver's own payload types, and without what is
// redundant to everybody else; numbers follow one another for all.
func TestServer_redundantSound(t *testing.T) {
	s := newServer(t, nil)
	block := func(n uint32) []byte { return binary.BigEndian.AppendUint32([]byte("tiếng "), n) }
	red := func(pt uint8, n uint32) []byte {
		older := block(n - 1)
		head := []byte{0x80 | pt, 960 >> 6, byte(960&63) << 2, byte(len(older)), pt}
		return slices.Concat(head, older, block(n))
	}
	_, same := listens(t, s, "same", engineOf(t, map[uint8]webrtc.RTPCodecCapability{111: opus(), 63: redundant(111)}), sfu.Voice)
	_, other := listens(t, s, "other", engineOf(t, map[uint8]webrtc.RTPCodecCapability{109: opus(), 62: redundant(109)}), sfu.Voice)
	_, plain := listens(t, s, "plain", engineOf(t, map[uint8]webrtc.RTPCodecCapability{111: opus()}), sfu.Voice)
	sends(t, s, "speaker", engineOf(t, map[uint8]webrtc.RTPCodecCapability{111: opus(), 63: redundant(111)}), redundant(111),
		func(n uint32) []byte { return red(111, n) })
	for _, c := range []struct {
		name string
		from <-chan *rtp.Packet
		pt   uint8
		want func(n uint32) []byte
	}{
		{"same types", same, 63, func(n uint32) []byte { return red(111, n) }},
		{"other types", other, 62, func(n uint32) []byte { return red(109, n) }},
		{"no redundancy", plain, 111, block},
	} {
		var last *rtp.Packet
		for _, p := range some(t, c.name, c.from, 30) {
			n := binary.BigEndian.Uint32(p.Payload[len(p.Payload)-4:])
			if p.PayloadType != c.pt || !bytes.Equal(p.Payload, c.want(n)) {
				t.Fatalf("%s: type %d, payload %q, want %d and %q", c.name, p.PayloadType, p.Payload, c.pt, c.want(n))
			}
			if last != nil && p.SequenceNumber != last.SequenceNumber+1 {
				t.Errorf("%s: number %d after %d", c.name, p.SequenceNumber, last.SequenceNumber)
			}
			last = p
		}
	}
}

// VP8 and H.264 are mixed in one room: a slot shows the one and then the other, each under its own payload type.
func TestServer_mixedCodecs(t *testing.T) {
	s := newServer(t, nil)
	vp8 := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	h264 := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: 90000,
		SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"}
	both := engineOf(t, map[uint8]webrtc.RTPCodecCapability{96: vp8, 102: h264})
	sends(t, s, "vp8", both, vp8, func(uint32) []byte { return []byte{0x10, 0, 1, 2, 3} })
	a, seen := listens(t, s, "a", both, sfu.Main)
	for _, p := range some(t, "VP8", seen, 20) {
		if p.PayloadType != 96 {
			t.Fatalf("VP8 came as type %d", p.PayloadType)
		}
	}
	only := engineOf(t, map[uint8]webrtc.RTPCodecCapability{108: h264})
	sends(t, s, "h264", only, h264, func(uint32) []byte { return []byte{0x65, 1, 2, 3} })
	_, deaf := listens(t, s, "b", engineOf(t, map[uint8]webrtc.RTPCodecCapability{96: vp8}), sfu.Main)
	a.See(sfu.View{Main: "h264", MainHeight: 720, Tiles: []string{}})
	last, changed := uint16(0), false
	for _, p := range some(t, "H.264", seen, 60) {
		if h := p.PayloadType == 102; h != (p.Payload[0] == 0x65) {
			t.Fatalf("type %d with payload %x", p.PayloadType, p.Payload)
		} else if h && !changed && last != 0 && p.SequenceNumber != last+1 {
			t.Errorf("number %d after %d", p.SequenceNumber, last)
		} else {
			changed = changed || h
		}
		last = p.SequenceNumber
	}
	if !changed {
		t.Error("the slot never showed H.264")
	}
	if p := some(t, "who knows VP8 only", deaf, 10)[9]; p.PayloadType != 96 {
		t.Errorf("who knows VP8 only got type %d", p.PayloadType)
	}
}
