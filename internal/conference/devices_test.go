package conference

import (
	"testing"
	"time"
)

// A reload comes back as the same device and replaces what it left behind.
func TestService_reload(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	before, after := b.page(t, s, b.member), b.page(t, s, b.member)
	before.join(b.meeting, "tab")
	b.pass(time.Second)
	after.join(b.meeting, "tab")
	if m := before.hear("room.closed"); m["reason"] != "replaced" {
		t.Errorf("before: %v", m)
	}
	after.hear("room.participants")
	b.stays(t, "Ủy viên replaced", "Ủy viên present")
}

// Another device of the same person is told, and does as the person chooses; another person's is nobody's matter.
func TestService_secondDevice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, desk, phone := b.page(t, s, b.chair), b.page(t, s, b.member), b.page(t, s, b.member)
	chair.join(b.meeting, "tab")
	chair.hear("room.joined")
	b.pass(time.Second)
	desk.join(b.meeting, "desk")
	desk.hear("room.joined")

	phone.join(b.meeting, "phone")
	if m := phone.hear("room.error"); m["of"] != "room.join" || m["key"] != "conference.other_device" {
		t.Errorf("without a choice: %v", m)
	}
	phone.joinWith(b, "phone", "both")
	if m := phone.hear("room.error"); m["key"] != "conference.bad_message" {
		t.Errorf("an unknown choice: %v", m)
	}
	b.pass(time.Second)
	phone.joinWith(b, "phone", otherKeep)
	if m := phone.hear("room.joined"); len(m["participants"].([]any)) != 3 {
		t.Errorf("both: %v", m)
	}
	b.pass(time.Second)
	phone.say("room.leave", nil)
	b.stays(t, "Chủ tịch present", "Ủy viên present", "Ủy viên left")

	phone.joinWith(b, "phone", otherReplace)
	if m := desk.hear("room.closed"); m["reason"] != "moved_device" {
		t.Errorf("the earlier device: %v", m)
	}
	phone.hear("room.joined")
	b.stays(t, "Chủ tịch present", "Ủy viên moved_device", "Ủy viên left", "Ủy viên present")
	b.pass(time.Second)
	desk.joinWith(b, "desk", otherReplace)
	if m := phone.hear("room.closed"); m["reason"] != "moved_device" {
		t.Errorf("back again: %v", m)
	}
}

// One person shows a screen at a time: the later takes over, and the earlier is told.
func TestService_screen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, secretary := b.page(t, s, b.chair), b.page(t, s, b.secretary)
	chair.join(b.meeting, "tab")
	chair.hear("room.joined")
	secretary.join(b.meeting, "tab")
	secretary.hear("room.joined")
	chair.hear("room.participants")
	chair.say("room.media", map[string]any{"mic": true, "camera": true, "screen": true})
	if p := secretary.participant(); p["full_name"] != "Chủ tịch" || p["screen"] != true {
		t.Errorf("secretary heard of %v", p)
	}
	secretary.say("room.media", map[string]any{"mic": true, "camera": true, "screen": true})
	if m := chair.hear("room.screen_ended"); m["by"] != "Thư ký" {
		t.Errorf("chair heard %v", m)
	}
	if p := chair.participant(); p["full_name"] != "Chủ tịch" || p["screen"] != false {
		t.Errorf("chair heard of %v", p)
	}
	if p := chair.participant(); p["full_name"] != "Thư ký" || p["screen"] != true {
		t.Errorf("chair heard of %v", p)
	}
	late := b.page(t, s, b.member)
	late.join(b.meeting, "tab")
	shown := map[any]any{}
	for _, p := range late.hear("room.joined")["participants"].([]any) {
		shown[p.(map[string]any)["full_name"]] = p.(map[string]any)["screen"]
	}
	if shown["Chủ tịch"] != false || shown["Thư ký"] != true || shown["Ủy viên"] != false {
		t.Errorf("who comes late sees %v", shown)
	}
}

func (p *page) joinWith(b *bundle, device, other string) {
	p.t.Helper()
	p.say("room.join", map[string]any{"meeting_id": b.meeting, "device": device, "mic": true, "camera": true, "other": other})
}

// participant is the next one that the page hears of.
func (p *page) participant() map[string]any {
	p.t.Helper()
	for {
		if changed := p.hear("room.participants")["changed"].([]any); len(changed) > 0 {
			return changed[0].(map[string]any)
		}
	}
}
