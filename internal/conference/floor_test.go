package conference

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"nghisu/internal/access"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/org/orgtest"
)

// called makes the meeting one in which people speak when they are called.
func (b *bundle) called(t *testing.T) {
	t.Helper()
	if _, err := b.meetings.SetFloor(t.Context(), b.chair, b.meeting, meeting.CalledFloor, 300); err != nil {
		t.Fatal(err)
	}
}

// invite makes member and other what they are said to be.
func (b *bundle) invite(t *testing.T, member, other meeting.Role) {
	t.Helper()
	_, err := b.meetings.Invite(t.Context(), b.secretary, b.meeting, 0, []meeting.Invitee{
		{Appointment: b.member.Appointment, Role: member}, {Appointment: b.other.Appointment, Role: other}})
	if err != nil {
		t.Fatal(err)
	}
	b.hub.Publish(live.Meeting(b.meeting.UUID))
}

// call gives somebody the floor.
func (b *bundle) call(t *testing.T, who access.Actor) meeting.Floor {
	t.Helper()
	f, err := b.meetings.Call(t.Context(), b.chair, b.meeting, meeting.Called{Person: who.Appointment})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// seat joins and returns what the page was told.
func (b *bundle) seat(t *testing.T, s *Service, who access.Actor, device string) (p *page, joined map[string]any) {
	t.Helper()
	p = b.page(t, s, who)
	p.join(b.meeting, device)
	return p, p.hear("room.joined")
}

func (p *page) rights(m map[string]any, mic, camera, screen bool) {
	p.t.Helper()
	if got, want := fmt.Sprint(m["mic"], m["camera"], m["screen"]), fmt.Sprint(mic, camera, screen); got != want {
		p.t.Errorf("%s may send mic, camera, screen: %s, want %s", p.actor.Name, got, want)
	}
}

// switched waits until the page is told that somebody's devices stand so.
func (p *page) switched(participant any, want string) {
	p.t.Helper()
	for {
		for _, c := range p.hear("room.participants")["changed"].([]any) {
			m, _ := c.(map[string]any)
			if m["id"] == participant && fmt.Sprint(m["mic"], m["camera"], m["screen"]) == want {
				return
			}
		}
	}
}

func TestFloor_rightsFollowTheTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.called(t)
	s, _ := b.node(t, "one")
	chair, joined := b.seat(t, s, b.chair, "tab")
	chair.rights(joined["rights"].(map[string]any), true, true, true)
	chair.hear("room.floor")
	member, joined := b.seat(t, s, b.member, "tab")
	member.rights(joined["rights"].(map[string]any), false, true, false)
	self := joined["participant_id"]
	member.hear("room.floor")
	chair.switched(self, "false true false") // it joined with the microphone on, as it says

	// what a page says is not what counts
	member.say("room.media", map[string]any{"mic": true, "camera": true, "screen": true})
	member.rights(member.hear("room.rights"), false, true, false)

	turn, err := b.meetings.Ask(t.Context(), b.member, b.meeting, "")
	if err != nil {
		t.Fatal(err)
	}
	if f := chair.hear("room.floor")["floor"].(map[string]any); len(f["waiting"].([]any)) != 1 || f["mode"] != "called" {
		t.Errorf("chair sees %v", f)
	}
	if _, err := b.meetings.Call(t.Context(), b.chair, b.meeting, meeting.Called{Turn: turn.ID}); err != nil {
		t.Fatal(err)
	}
	for member.hear("room.floor")["floor"].(map[string]any)["now"] == nil {
	}
	member.rights(member.hear("room.rights"), true, true, true)
	member.say("room.media", map[string]any{"mic": true, "camera": true, "screen": true})
	chair.switched(self, "true true true")

	other, joined := b.seat(t, s, b.other, "tab")
	other.rights(joined["rights"].(map[string]any), false, true, false)
	if f := other.hear("room.floor")["floor"].(map[string]any)["now"].(map[string]any); f["full_name"] != "Ủy viên" {
		t.Errorf("who comes later sees %v", f)
	}
	b.call(t, b.other)
	member.rights(member.hear("room.rights"), false, true, false)
	chair.switched(self, "false true false")
	other.rights(other.hear("room.rights"), true, true, true)

	// back again, but not unmuted by another
	b.call(t, b.member)
	member.rights(member.hear("room.rights"), true, true, true)
	chair.say("room.media", map[string]any{"mic": false})
	for _, c := range chair.hear("room.participants")["changed"].([]any) {
		if m, _ := c.(map[string]any); m["id"] == self && m["mic"] == true {
			t.Errorf("the chair's call opened a microphone: %v", m)
		}
	}
}

// What an observer sends reaches nobody, whatever the page says.
func TestFloor_observersNeverSend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	b.invite(t, meeting.Member, meeting.Observer)
	chair, _ := b.seat(t, s, b.chair, "tab")
	ear := chair.connect()
	member, _ := b.seat(t, s, b.member, "tab")
	observer, joined := b.seat(t, s, b.other, "tab")
	observer.rights(joined["rights"].(map[string]any), false, false, false)
	observer.connect()
	observer.say("room.media", map[string]any{"mic": true, "camera": true, "screen": true})
	observer.rights(observer.hear("room.rights"), false, false, false)
	member.connect()
	ear.hears(b, "Ủy viên")
	if n := ear.of("Đại biểu"); n != 0 {
		t.Errorf("%d packets of an observer were forwarded", n)
	}
}

// A turn that ends is silent at once at the server, though the page goes on sending; who has the floor is
// heard however quiet the others' measure of it.
func TestFloor_mediaFollowTheTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.called(t)
	s, _ := b.node(t, "one")
	chair, _ := b.seat(t, s, b.chair, "tab")
	chair.say("room.media", map[string]any{"camera": true})
	ear := chair.connect()
	member, _ := b.seat(t, s, b.member, "tab")
	other, _ := b.seat(t, s, b.other, "tab")
	member.connect()
	other.connect()
	for _, who := range []*page{member, other, member} {
		b.call(t, who.actor)
		who.say("room.media", map[string]any{"mic": true})
		ear.hears(b, who.actor.Name)
		for _, silent := range []*page{member, other} {
			if silent != who {
				ear.silent(b, silent.actor.Name)
			}
		}
	}
	f, err := b.meetings.FloorOf(t.Context(), b.chair, b.meeting)
	if err == nil {
		_, err = b.meetings.EndTurn(t.Context(), b.chair, b.meeting, f.Now.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	ear.silent(b, "Ủy viên")
	if _, err = b.meetings.SetFloor(t.Context(), b.chair, b.meeting, meeting.FreeFloor, 300); err != nil {
		t.Fatal(err)
	}
	ear.silent(b, "Ủy viên") // the right is back; only the person turns the microphone on
	member.say("room.media", map[string]any{"mic": true})
	ear.hears(b, "Ủy viên")
}

// A call through a node without the room reaches the room by the hint.
func TestFloor_twoNodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.called(t)
	s, _ := b.node(t, "one")
	member, _ := b.seat(t, s, b.member, "tab")
	feed := live.NewFeed()
	far := meeting.New(meeting.Deps{DB: b.db, Feed: feed, Now: b.clock})
	ctx, cancel := context.WithCancel(context.Background())
	log := slog.New(slog.DiscardHandler)
	var wg sync.WaitGroup
	wg.Go(func() { _ = feed.Run(ctx, b.db, log) })
	wg.Go(func() { _ = b.hub.Listen(ctx, b.db, log) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	if _, err := far.Call(t.Context(), b.chair, b.meeting, meeting.Called{Person: b.member.Appointment}); err != nil {
		t.Fatal(err)
	}
	member.rights(member.hear("room.rights"), true, true, true)
	if _, err := far.Ask(t.Context(), b.other, b.meeting, "Xin nói thêm"); err != nil {
		t.Fatal(err)
	}
	for len(member.hear("room.floor")["floor"].(map[string]any)["waiting"].([]any)) == 0 {
	}
}

func TestFloor_muteAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	b.invite(t, meeting.Member, meeting.Hall)
	chair, _ := b.seat(t, s, b.chair, "tab")
	secretary, _ := b.seat(t, s, b.secretary, "tab")
	hall, _ := b.seat(t, s, b.other, "tab")
	member, joined := b.seat(t, s, b.member, "tab")
	self := joined["participant_id"]
	member.say("room.mute_all", nil)
	if m := member.hear("room.error"); m["key"] != "conference.not_leading" {
		t.Errorf("a member mutes all: %v", m)
	}
	chair.say("room.mute_all", nil)
	if m := member.hear("room.muted"); m["by"] != "Chủ tịch" {
		t.Errorf("member: %v", m)
	}
	chair.switched(self, "false true false")
	s.mu.Lock()
	for _, m := range s.rooms[b.meeting].members {
		if want := m.id != self; m.mic != want {
			t.Errorf("%s: microphone %v", m.actor.Name, m.mic)
		}
	}
	s.mu.Unlock()
	b.call(t, b.member) // who has the floor is not muted with the others
	member.say("room.media", map[string]any{"mic": true, "camera": true})
	chair.switched(self, "true true false")
	secretary.say("room.mute_all", nil)
	hall.say("room.media", map[string]any{"mic": true})
	chair.switched(seatOf(s, b, b.other), "true false false")
	s.mu.Lock()
	for _, m := range s.rooms[b.meeting].members {
		if !m.mic {
			t.Errorf("%s was muted", m.actor.Name)
		}
	}
	s.mu.Unlock()
	var n, people int
	err := b.db.QueryRow(t.Context(), `select count(*), sum((details->>'people')::int) from audit_events where kind = 'conference.muted_all'`).Scan(&n, &people)
	if err != nil || n != 2 || people != 1 {
		t.Errorf("%d audit events of %d people, %v", n, people, err)
	}
}

// seatOf is the id in the room of somebody who is there.
func seatOf(s *Service, b *bundle, who access.Actor) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.rooms[b.meeting].members {
		if m.actor.Appointment == who.Appointment {
			return m.id
		}
	}
	return ""
}

func TestFloor_askMic(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	b.invite(t, meeting.Member, meeting.Observer)
	chair, joined := b.seat(t, s, b.chair, "tab")
	chairID := joined["participant_id"]
	member, joined := b.seat(t, s, b.member, "tab")
	self := joined["participant_id"]
	_, joined = b.seat(t, s, b.other, "tab")
	observer := joined["participant_id"]
	chair.say("room.ask_mic", map[string]any{"participant_id": self})
	if m := member.hear("room.mic_asked"); m["by"] != "Chủ tịch" {
		t.Errorf("member: %v", m)
	}
	for _, c := range []struct {
		who *page
		of  any
		key string
	}{
		{member, chairID, "conference.not_leading"},
		{chair, observer, "conference.mic_not_allowed"},
		{chair, "nobody", "conference.unknown_participant"},
	} {
		c.who.say("room.ask_mic", map[string]any{"participant_id": c.of})
		if m := c.who.hear("room.error"); m["key"] != c.key || m["of"] != "room.ask_mic" {
			t.Errorf("%v", m)
		}
	}
}

// Another role during the meeting counts at once.
func TestFloor_rolesChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.called(t)
	s, _ := b.node(t, "one")
	member, joined := b.seat(t, s, b.member, "tab")
	if joined["leads"] != false {
		t.Errorf("a member: %v", joined)
	}
	for _, c := range []struct {
		role                       meeting.Role
		leads, mic, camera, screen bool
	}{
		{meeting.Operator, true, false, true, true},
		{meeting.Hall, false, true, true, true},
		{meeting.Observer, false, false, false, false},
		{meeting.Point, false, false, true, false},
	} {
		b.invite(t, c.role, meeting.Member)
		m := member.hear("room.rights")
		for m["camera"] != c.camera || m["mic"] != c.mic || m["leads"] != c.leads {
			m = member.hear("room.rights")
		}
		member.rights(m, c.mic, c.camera, c.screen)
	}
}

// A room of twelve is joined with the microphone off; a page that comes back keeps what it had.
func TestFloor_largeRoomsAreJoinedMuted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	agency := orgtest.Agency(t, b.db, "H9", "Phường")
	people := []access.Actor{b.member, b.other}
	for n := range joinMutedFrom {
		people = append(people, b.person(t, agency, fmt.Sprint("Đại biểu ", n)))
	}
	invitees := make([]meeting.Invitee, len(people))
	for i, p := range people {
		invitees[i] = meeting.Invitee{Appointment: p.Appointment, Role: meeting.Member}
	}
	if _, err := b.meetings.Invite(t.Context(), b.secretary, b.meeting, 0, invitees); err != nil {
		t.Fatal(err)
	}
	mic := func(joined map[string]any) any {
		all := joined["participants"].([]any)
		return all[len(all)-1].(map[string]any)["mic"]
	}
	for n, p := range people {
		_, joined := b.seat(t, s, p, "tab")
		if want := n < joinMutedFrom; mic(joined) != want {
			t.Errorf("number %d: microphone %v", n, mic(joined))
		}
	}
	if _, joined := b.seat(t, s, b.member, "tab"); mic(joined) != true {
		t.Error("a reload lost the microphone")
	}
	b.call(t, b.chair)
	if _, joined := b.seat(t, s, b.chair, "tab"); mic(joined) != true {
		t.Error("who has the floor came muted")
	}
}

// Another mode silences many at once: everybody is told in one message.
func TestFloor_anotherMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, _ := b.seat(t, s, b.chair, "tab")
	member, _ := b.seat(t, s, b.member, "tab")
	other, _ := b.seat(t, s, b.other, "tab")
	other.hear("room.floor")
	chair.hear("room.participants")
	chair.hear("room.participants")
	b.called(t)
	for chair.hear("room.floor")["floor"].(map[string]any)["mode"] != "called" {
	}
	changed := chair.hear("room.participants")["changed"].([]any)
	if len(changed) != 2 {
		t.Errorf("the chair is told of %v", changed)
	}
	for _, c := range changed {
		if m, _ := c.(map[string]any); m["mic"] != false || m["camera"] != true {
			t.Errorf("the chair is told of %v", m)
		}
	}
	for _, p := range []*page{member, other} {
		p.rights(p.hear("room.rights"), false, true, false)
	}
}
