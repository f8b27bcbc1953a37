package sfu_test

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
)

// Who is alone in a room and sends nothing hears from us all the same, so that a page can tell a quiet room
// from a line that is cut.
func TestParticipant_signsOfLife(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	pc := newPC(t)
	t.Cleanup(func() { _ = pc.GracefulClose() })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	p, err := s.Join("quiet", "alone", func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Leave(); <-p.Done() })
	connected := make(chan struct{})
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			close(connected)
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(offer)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Offer(offer.SDP, map[string]sfu.Role{"0": sfu.Voice})
	if err == nil {
		err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	}
	if err != nil {
		t.Fatal(err)
	}
	timeout := time.After(20 * time.Second)
	select {
	case <-connected:
	case <-timeout:
		t.Fatal("not connected")
	}
	arrived := func() uint64 {
		for _, s := range pc.GetStats() {
			if ts, ok := s.(webrtc.TransportStats); ok {
				return ts.BytesReceived
			}
		}
		return 0
	}
	first := arrived()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for signs := 0; signs < 3; {
		select {
		case <-look.C:
		case <-timeout:
			t.Fatalf("%d signs of life, %d bytes", signs, arrived())
		}
		if now := arrived(); now > first {
			first = now
			signs++
		}
	}
}
