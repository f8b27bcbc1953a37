package conference

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

// raw sends bytes as they are.
func (p *page) raw(kind, payload string) {
	p.x.Handle(context.Background(), p.actor, kind, json.RawMessage(payload))
}

// Malformed messages are refused one by one; the room goes on, also for who sent them (ASVS 17.3.2).
func TestService_malformedMessages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, bad := b.page(t, s, b.chair), b.page(t, s, b.member)
	chair.join(b.meeting, "tab1")
	chair.hear("room.joined")
	bad.join(b.meeting, "tab2")
	bad.hear("room.joined")
	for _, kind := range []string{"room.join", "room.offer", "room.media", "room.mute", "room.ask_mic", "room.", "room.nothing", "room.joined"} {
		for _, payload := range []string{``, `null5`, `[]`, `5`, `"x"`, `{"sdp":5}`, `{"mic":"yes"}`, `{"roles":[1]}`, `{"roles":{"0":{}}}`, `{"meeting_id":"x"}`,
			`{"participant_id":{}}`, `{"mic":1e999}`, strings.Repeat(`{"a":`, 20_000), strings.Repeat(`[`, 200_000), "{\"device\":\"\x00", `{`} {
			bad.raw(kind, payload)
			if m := bad.hear("room.error"); m["of"] != kind || m["key"] != "conference.bad_message" {
				t.Fatalf("%s %.40s: %v", kind, payload, m)
			}
			bad.x.tokens = messageBurst // the pace is another test's
		}
	}
	for _, payload := range []string{`{"participant_id":"` + strings.Repeat("x", 200_000) + `"}`, `{"participant_id":"' or 1=1 --"}`, `{}`} {
		bad.raw("room.mute", payload)
		if m := bad.hear("room.error"); m["key"] != "conference.not_leading" {
			t.Fatalf("mute %.40s: %v", payload, m)
		}
	}
	bad.say("room.media", map[string]any{"mic": false, "camera": true})
	if p := chair.hear("room.participants")["changed"].([]any)[0].(map[string]any); p["full_name"] != "Ủy viên" {
		t.Errorf("the chair heard of %v", p)
	}
}

// Who sends messages without end is put out; the others' come through in the meantime (ASVS 17.3.1).
func TestService_floodOfMessages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, other, bad := b.page(t, s, b.chair), b.page(t, s, b.other), b.page(t, s, b.member)
	for _, p := range []*page{chair, other, bad} {
		p.join(b.meeting, "tab")
		p.hear("room.joined")
	}
	stop, stopped := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				stopped <- n
				return
			default:
				bad.x.Handle(context.Background(), bad.actor, "room.media", json.RawMessage(`{"mic":true}`))
				bad.x.Handle(context.Background(), bad.actor, "room.media", json.RawMessage(`{"mic":false}`))
			}
		}
	}()
	for bad.hear("room.error")["key"] != "conference.too_fast" {
	}
	for on := range 20 {
		other.say("room.media", map[string]any{"mic": on%2 == 0, "camera": true, "screen": false})
	}
	mute := func() bool { // what the other says still arrives, the last word last
		for {
			p := chair.hear("room.participants")
			for _, c := range p["changed"].([]any) {
				if c := c.(map[string]any); c["full_name"] == "Đại biểu" && c["mic"] == false {
					return true
				}
			}
		}
	}
	if !mute() {
		t.Error("the other was not heard")
	}
	close(stop)
	sent := <-stopped
	bad.mu.Lock()
	heard := len(bad.got)
	bad.mu.Unlock()
	t.Logf("%d messages sent in the flood, %d answers wait", 2*sent, heard)
	b.stays(t, "Chủ tịch present", "Đại biểu present", "Ủy viên too_fast")
}

// A description that is refused is not told to the log: there are passwords in it.
func TestService_descriptionsAreNotLogged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := b.page(t, s, b.member)
	p.join(b.meeting, "tab")
	p.hear("room.joined")
	p.say("room.offer", map[string]any{"sdp": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 X 0\r\na=mid:0\r\na=ice-ufrag:a\r\na=ice-pwd:secretofthepage\r\n"})
	if m := p.hear("room.closed"); m["reason"] != "bad_description" {
		t.Errorf("closed: %v", m)
	}
	if text := log.String(); !strings.Contains(text, "room description refused") || strings.Contains(text, "secretofthepage") {
		t.Errorf("log %s", text)
	}
}
