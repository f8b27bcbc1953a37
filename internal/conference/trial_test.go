package conference

import (
	"testing"

	"github.com/pion/webrtc/v4"
)

// trialOffer is a page's description of a connection that sends sound.
func trialOffer(t *testing.T) string {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return offer.SDP
}

func TestSession_connectionTest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	p := b.page(t, s, b.stranger) // it needs no meeting
	offer := trialOffer(t)
	p.say("room.test_offer", map[string]any{"part": "send", "sdp": offer})
	if m := p.hear("room.error"); m["key"] != "conference.test_over" {
		t.Errorf("before it began: %v", m)
	}
	p.say("room.test", nil)
	if m := p.hear("room.test_ready"); m["ice_servers"] == nil {
		t.Errorf("ready: %v", m)
	}
	p.say("room.test_offer", map[string]any{"part": "send", "sdp": "rác"})
	if m := p.hear("room.error"); m["key"] != "conference.bad_description" {
		t.Errorf("garbage: %v", m)
	}
	for _, part := range []string{"send", "receive", "udp", "tcp", "relay", "more"} {
		p.say("room.test_offer", map[string]any{"part": part, "sdp": offer})
		if m := p.hear("room.test_answer"); m["part"] != part || m["sdp"] == "" {
			t.Errorf("%s: %v", part, m)
		}
	}
	for _, part := range []string{"", "one too many"} {
		p.say("room.test_offer", map[string]any{"part": part, "sdp": offer})
		if m := p.hear("room.error"); m["key"] != "conference.bad_message" {
			t.Errorf("part %q: %v", part, m)
		}
	}
	if n := b.media.Stats().Participants; n != trialParts {
		t.Errorf("%d connections, want %d", n, trialParts)
	}
	p.say("room.test_end", nil)
	if n := b.media.Stats().Participants; n != 0 {
		t.Errorf("%d connections after the end", n)
	}
	b.stays(t) // nobody was in a meeting
}

// A test ends with its time and with its socket, and a node runs a limited number of them.
func TestSession_connectionTestEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	offer := trialOffer(t)
	pages := make([]*page, 0, trialsAtOne)
	for range trialsAtOne {
		p := b.page(t, s, b.member)
		p.say("room.test", nil)
		p.hear("room.test_ready")
		pages = append(pages, p)
	}
	late := b.page(t, s, b.other)
	late.say("room.test", nil)
	if m := late.hear("room.error"); m["key"] != "conference.test_busy" {
		t.Errorf("one too many: %v", m)
	}
	pages[0].say("room.test", nil) // begins anew in its own place
	pages[0].hear("room.test_ready")
	pages[1].x.Close("left")
	late.say("room.test", nil)
	late.hear("room.test_ready")

	pages[2].say("room.test_offer", map[string]any{"part": "a", "sdp": offer})
	pages[2].hear("room.test_answer")
	pages[2].x.trial.end() // as when its time is over
	pages[2].say("room.test_offer", map[string]any{"part": "a", "sdp": offer})
	if m := pages[2].hear("room.error"); m["key"] != "conference.test_over" {
		t.Errorf("after its time: %v", m)
	}
	if n := b.media.Stats().Participants; n != 0 {
		t.Errorf("%d connections are left", n)
	}
}
