package conference

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
)

// device gives a token to a device in somebody's place.
func (b *bundle) device(t *testing.T, place access.Actor, name string) meeting.Device {
	t.Helper()
	added, err := b.meetings.AddDevice(t.Context(), b.secretary, b.meeting,
		meeting.DeviceFacts{Appointment: place.Appointment, Name: name, MaySend: true, MayReceive: true})
	if err != nil {
		t.Fatal(err)
	}
	return added.Device
}

// offerOf is what a client offers that sends, or receives, a picture and sound.
func offerOf(t *testing.T, way webrtc.RTPTransceiverDirection) string {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: way}); err != nil {
			t.Fatal(err)
		}
	}
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return o.SDP
}

func (b *bundle) joinDevice(t *testing.T, s *Service, d meeting.Device, way Way) DeviceSession {
	t.Helper()
	direction := webrtc.RTPTransceiverDirectionSendonly
	if way == Receives {
		direction = webrtc.RTPTransceiverDirectionRecvonly
	}
	x, err := s.JoinDevice(t.Context(), DeviceJoin{Device: d, Way: way, Offer: offerOf(t, direction)})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// news waits for the next change of participants: who is otherwise now, and who went.
func (p *page) news() (changed map[string]any, left []any) {
	p.t.Helper()
	m := p.hear("room.participants")
	if all := m["changed"].([]any); len(all) > 0 {
		changed = all[0].(map[string]any)
	}
	return changed, m["left"].([]any)
}

// A device is a participant in somebody's place, seen once however many sessions it has, and in the record.
func TestService_JoinDevice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, _ := b.seat(t, s, b.chair, "tab")
	d := b.device(t, b.member, "Camera hội trường")
	in := b.joinDevice(t, s, d, Receives)
	if p, _ := chair.news(); p["device_name"] != d.Name || p["full_name"] != "Ủy viên" || p["id"] != in.ID || p["mic"] != false {
		t.Errorf("the chair sees %v", p)
	}
	if !strings.Contains(in.Answer, "a=sendonly") || strings.Contains(in.Answer, "a=recvonly") {
		t.Errorf("answer to a receiver:\n%s", in.Answer)
	}
	out := b.joinDevice(t, s, d, Sends)
	p, left := chair.news()
	if p["id"] != out.ID || p["mic"] != true || p["camera"] != true || !slices.Equal(left, []any{in.ID}) {
		t.Errorf("the chair sees %v, and %v went", p, left)
	}
	b.pass(time.Minute)
	member, joined := b.seat(t, s, b.member, "tab") // the person's own page is asked nothing because of the device
	if n := len(joined["participants"].([]any)); n != 3 {
		t.Errorf("%d participants, want chair, device and page", n)
	}
	again := b.joinDevice(t, s, d, Sends) // after a cut: the old session goes
	for p, _ = chair.news(); p["id"] != again.ID; {
		p, _ = chair.news()
	}
	if _, left = chair.news(); !slices.Equal(left, []any{out.ID}) {
		t.Errorf("%v went, want the session before", left)
	}
	if _, err := s.DeviceSession(d.ID, Sends, out.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("the replaced session: %v", err)
	}
	if err := s.EndDevice(d.ID, Sends, again.ID); err != nil {
		t.Fatal(err)
	}
	if p, left = chair.news(); p["id"] != in.ID || !slices.Equal(left, []any{again.ID}) {
		t.Errorf("the chair sees %v, and %v went: the session that receives is shown again", p, left)
	}
	member.say("room.leave", nil)
	b.stays(t, "Chủ tịch present", "Ủy viên present", "Ủy viên replaced", "Ủy viên left", "Ủy viên left")
	b.pass(time.Minute)
	list, err := s.Attendance(t.Context(), b.chair, b.meeting)
	if err != nil || len(list) != 2 || list[1].Stays != 4 || list[1].Seconds != 120 {
		t.Errorf("attendance %+v, %v: time at once counts once", list, err)
	}
}

func TestService_JoinDevice_refusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	d := b.device(t, b.member, "Bộ mã hóa")
	sends, receives := offerOf(t, webrtc.RTPTransceiverDirectionSendonly), offerOf(t, webrtc.RTPTransceiverDirectionRecvonly)
	onlySends, onlyReceives, ended := d, d, d
	onlySends.MayReceive, onlyReceives.MaySend = false, false
	ended.ExpiresAt = b.clock().Add(-time.Second)
	for name, c := range map[string]struct {
		j   DeviceJoin
		key string
	}{
		"sends without the right":      {DeviceJoin{onlyReceives, Sends, sends}, "device.may_not_send"},
		"receives without the right":   {DeviceJoin{onlySends, Receives, receives}, "device.may_not_receive"},
		"would receive while it sends": {DeviceJoin{onlySends, Sends, receives}, "device.wrong_direction"},
		"would send while it receives": {DeviceJoin{onlyReceives, Receives, sends}, "device.wrong_direction"},
		"no description":               {DeviceJoin{d, Sends, "xin chào"}, "device.malformed"},
		"no codec that we take":        {DeviceJoin{d, Sends, strings.NewReplacer("VP8", "AV1", "H264", "H265", "opus", "G722").Replace(sends)}, "device.no_codec"},
		"its token ran out":            {DeviceJoin{ended, Sends, sends}, "device.revoked"},
	} {
		if _, err := s.JoinDevice(t.Context(), c.j); err == nil || !strings.Contains(err.Error(), c.key) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if n := b.media.Stats().Participants; n != 0 {
		t.Errorf("%d connections are left", n)
	}
	if _, there := s.rooms[b.meeting]; there {
		t.Error("an empty room is left")
	}
	other, _ := b.node(t, "two")
	b.joinDevice(t, s, d, Sends)
	if _, err := other.JoinDevice(t.Context(), DeviceJoin{d, Sends, sends}); err == nil || !strings.Contains(err.Error(), "conference.other_node") {
		t.Errorf("at another node: %v", err)
	}
}

// A point's device is heard when its place has the floor, without anybody pressing anything; it can be muted,
// and who leads lets it be heard again.
func TestService_JoinDevice_obeysTheFloor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	b.invite(t, meeting.Point, meeting.Hall)
	b.called(t)
	chair, _ := b.seat(t, s, b.chair, "tab")
	point, hall := b.joinDevice(t, s, b.device(t, b.member, "Điểm cầu"), Sends), b.joinDevice(t, s, b.device(t, b.other, "Hội trường"), Sends)
	if p, _ := chair.news(); p["mic"] != false || p["camera"] != true {
		t.Errorf("the point's device comes as %v", p)
	}
	if p, _ := chair.news(); p["mic"] != true {
		t.Errorf("the hall's device comes as %v", p)
	}
	turn := b.call(t, b.member).Now.ID
	if p, _ := chair.news(); p["id"] != point.ID || p["mic"] != true {
		t.Errorf("the point was called, and its device is %v", p)
	}
	chair.say("room.mute", map[string]any{"participant_id": point.ID})
	if p, _ := chair.news(); p["mic"] != false {
		t.Errorf("the device was muted, and is %v", p)
	}
	chair.say("room.ask_mic", map[string]any{"participant_id": point.ID})
	if p, _ := chair.news(); p["mic"] != true {
		t.Errorf("the device may be heard again, and is %v", p)
	}
	if _, err := b.meetings.EndTurn(t.Context(), b.chair, b.meeting, turn); err != nil {
		t.Fatal(err)
	}
	if p, _ := chair.news(); p["id"] != point.ID || p["mic"] != false {
		t.Errorf("the turn ended, and the device is %v", p)
	}
	chair.say("room.ask_mic", map[string]any{"participant_id": point.ID})
	if m := chair.hear("room.error"); m["key"] != "conference.mic_not_allowed" {
		t.Errorf("a device without the floor: %v", m)
	}
	if hall.ID == point.ID {
		t.Error("two devices are one participant")
	}
}

// Whoever takes a token away puts the device out at once; so does the end of the meeting.
func TestService_JoinDevice_ends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	d, other := b.device(t, b.member, "Một"), b.device(t, b.other, "Hai")
	one, two := b.joinDevice(t, s, d, Sends), b.joinDevice(t, s, other, Receives)
	if err := b.meetings.RevokeDevice(t.Context(), b.secretary, b.meeting, d.ID); err != nil {
		t.Fatal(err)
	}
	b.hub.Publish(live.Meeting(b.meeting.UUID))
	<-one.Done()
	b.stays(t, "Ủy viên device_revoked", "Đại biểu present")
	if _, err := b.meetings.Cancel(t.Context(), b.secretary, b.meeting, 0, "Hoãn"); err != nil {
		t.Fatal(err)
	}
	b.hub.Publish(live.Meeting(b.meeting.UUID))
	<-two.Done()
	b.stays(t, "Ủy viên device_revoked", "Đại biểu meeting_cancelled")
}
