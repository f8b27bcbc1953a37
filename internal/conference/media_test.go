package conference

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
)

// voice is the media of a page: it sends a microphone and receives one voice.
type voice struct {
	t     testing.TB
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	wg    sync.WaitGroup

	mu    sync.Mutex
	heard map[string]int // packets by who sent them
}

// connect gives a page that joined its media, and lets it send silence from now on, forever: what the others
// hear of it is the server's matter.
func (p *page) connect() *voice {
	p.t.Helper()
	v := &voice{t: p.t, heard: map[string]int{}, pc: newPC(p.t)}
	v.track, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", "mic")
	_, err := v.pc.AddTransceiverFromTrack(v.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err == nil {
		_, err = v.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	v.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { v.listen(track) })
	offer, err := v.pc.CreateOffer(nil)
	if err == nil {
		err = v.pc.SetLocalDescription(offer)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.say("room.offer", map[string]any{"sdp": offer.SDP, "roles": map[string]sfu.Role{v.pc.GetTransceivers()[1].Mid(): sfu.Voice}})
	answer, _ := p.hear("room.answer")["sdp"].(string)
	if err := v.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	v.wg.Go(func() { v.speak(ctx, p.actor.Name) })
	p.t.Cleanup(func() {
		cancel()
		_ = v.pc.GracefulClose()
		v.wg.Wait()
	})
	return v
}

func newPC(t testing.TB) *webrtc.PeerConnection {
	t.Helper()
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	se.LoggerFactory = quiet
	m, r := &webrtc.MediaEngine{}, &interceptor.Registry{}
	err := errors.Join(m.RegisterDefaultCodecs(), webrtc.RegisterDefaultInterceptors(m, r),
		m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio))
	if err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

// speak sends silence that says whose it is, every 10 ms.
func (v *voice) speak(ctx context.Context, name string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := uint16(0); ; n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n) * 480}, Payload: []byte(name)}
		for _, e := range v.pc.GetSenders()[0].GetParameters().HeaderExtensions {
			if e.URI == sdp.AudioLevelURI {
				_ = p.SetExtension(uint8(e.ID), []byte{127})
			}
		}
		_ = v.track.WriteRTP(p)
	}
}

func (v *voice) listen(track *webrtc.TrackRemote) {
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		v.mu.Lock()
		v.heard[string(p.Payload)]++
		v.mu.Unlock()
	}
}

func (v *voice) of(name string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.heard[name]
}

// hears waits until packets of a person arrive.
func (v *voice) hears(b *bundle, name string) {
	v.t.Helper()
	before := v.of(name)
	b.poll(v.t, name+" is heard", func() bool { return v.of(name) > before })
}

// silent proves that nothing of a person arrives any more: not one packet while 100 reach the server. What was
// under way on a busy machine is waited for.
func (v *voice) silent(b *bundle, name string) {
	v.t.Helper()
	for range 20 {
		before := v.of(name)
		b.packets(v.t, 100)
		if v.of(name) == before {
			return
		}
	}
	v.t.Errorf("packets of %s go on arriving after the right to send ended", name)
}

// packets waits until n more packets reached the server.
func (b *bundle) packets(t testing.TB, n int64) {
	t.Helper()
	until := b.media.Stats().Received + n
	b.poll(t, "packets reach the server", func() bool { return b.media.Stats().Received >= until })
}

// poll waits until ok.
func (b *bundle) poll(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick, timeout := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("in vain: %s", what)
		}
	}
}
