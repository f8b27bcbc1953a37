package conference

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/sfu"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// bundle is a database with a convened meeting of a chair, a secretary and two members.
type bundle struct {
	db        *postgres.DB
	meetings  *meeting.Service
	hub       *live.Hub
	media     *sfu.Server
	meeting   id.Meeting
	chair     access.Actor
	secretary access.Actor
	member    access.Actor
	other     access.Actor
	stranger  access.Actor

	mu  sync.Mutex
	now time.Time
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.New(t), hub: live.NewHub(), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	agency := orgtest.Agency(t, b.db, "H1", "Văn phòng")
	b.chair, b.secretary = b.person(t, agency, "Chủ tịch"), b.person(t, agency, "Thư ký", access.Secretary)
	b.member, b.other, b.stranger = b.person(t, agency, "Ủy viên"), b.person(t, agency, "Đại biểu"), b.person(t, agency, "Người lạ")
	b.meetings = meeting.New(meeting.Deps{DB: b.db, Feed: live.NewFeed(), Now: b.clock})
	v, err := b.meetings.Create(t.Context(), b.secretary, meeting.Facts{Title: "Họp", StartsAt: b.now.Add(30 * time.Minute),
		EndsAt: b.now.Add(2 * time.Hour), Online: true, Chair: b.chair.Appointment}, []meeting.ItemFacts{{Title: "Mục 1", Minutes: 5}})
	if err == nil {
		_, err = b.meetings.Invite(t.Context(), b.secretary, v.Meeting.ID, 0, []meeting.Invitee{
			{Appointment: b.member.Appointment, Role: meeting.Member}, {Appointment: b.other.Appointment, Role: meeting.Member}})
	}
	if err == nil {
		_, err = b.meetings.Convene(t.Context(), b.secretary, v.Meeting.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.meeting = v.Meeting.ID
	if b.media, err = sfu.New(sfu.Config{Listen: "127.0.0.1:0", Loopback: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.media.Close() })
	return b
}

func (b *bundle) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := b.db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// person is somebody who is signed in.
func (b *bundle) person(t testing.TB, agency id.Agency, name string, roles ...access.Role) access.Actor {
	t.Helper()
	a := orgtest.Person(t, b.db, agency, name, append(roles, access.Leader)...)
	b.exec(t, `insert into sessions (id, token_hash, person_id, appointment_id, device, address, created_at, last_used_at, expires_at, idle_seconds)
		values ($1, $2, $3, $4, '', '', now(), now(), '2100-01-01', 3600)`, a.Session, a.Session.UUID[:], a.Person, a.Appointment)
	return a
}

// node starts a node's rooms; the returned function ends them as a clean stop does.
func (b *bundle) node(t testing.TB, address string) (*Service, func()) {
	t.Helper()
	s := New(Deps{DB: b.db, Meetings: b.meetings, Media: b.media, Feed: live.NewFeed(), Hub: b.hub,
		Log: slog.New(slog.DiscardHandler), Now: b.clock, Address: address})
	if err := s.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(ctx)
	}()
	stop := sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return s, stop
}

// page is a tab: it keeps what it was told.
type page struct {
	t     testing.TB
	x     *Session
	actor access.Actor

	mu      sync.Mutex
	got     []map[string]any
	changed chan struct{}
}

func (b *bundle) page(t testing.TB, s *Service, actor access.Actor) *page {
	t.Helper()
	p := &page{t: t, actor: actor, changed: make(chan struct{})}
	p.x = s.Open(func(message any) {
		body, err := json.Marshal(message)
		if err != nil {
			t.Error(err)
		}
		var m map[string]any
		_ = json.Unmarshal(body, &m)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got = append(p.got, m)
		close(p.changed)
		p.changed = make(chan struct{})
	})
	t.Cleanup(func() { p.x.Close("left") })
	return p
}

func (p *page) say(kind string, fields map[string]any) {
	p.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		p.t.Fatal(err)
	}
	p.x.Handle(context.Background(), p.actor, kind, body)
}

func (p *page) join(m id.Meeting, device string) {
	p.t.Helper()
	p.say("room.join", map[string]any{"meeting_id": m, "device": device, "mic": true, "camera": true})
}

// hear waits for a message of a type and forgets everything up to it.
func (p *page) hear(kind string) map[string]any {
	p.t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		p.mu.Lock()
		i := slices.IndexFunc(p.got, func(m map[string]any) bool { return m["type"] == kind })
		if i >= 0 {
			m := p.got[i]
			p.got = p.got[i+1:]
			p.mu.Unlock()
			return m
		}
		changed, got := p.changed, fmt.Sprint(p.got)
		p.mu.Unlock()
		select {
		case <-changed:
		case <-timeout:
			p.t.Fatalf("%s waits in vain for %s; heard %s", p.actor.Name, kind, got)
		}
	}
}

// stays reads the record until it has settled into want: name, and the reason of leaving.
func (b *bundle) stays(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for range 200 {
		got = nil
		rows, err := b.db.Query(t.Context(), `select p.full_name || ' ' || case when st.left_at is null then 'present' else st.leave_reason end
			from room_stays st join appointments a on a.id = st.appointment_id join persons p on p.id = a.person_id order by st.joined_at, st.id`)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			got = append(got, s)
		}
		if rows.Close(); cmp.Equal(want, got) {
			return
		}
		b.exec(t, `select pg_sleep(0.02)`)
	}
	t.Errorf("attendance (-want +got):\n%s", cmp.Diff(want, got))
}

func TestService_joinAndLeave(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, member := b.page(t, s, b.chair), b.page(t, s, b.member)
	chair.join(b.meeting, "tab1")
	joined := chair.hear("room.joined")
	if joined["leads"] != true || len(joined["participants"].([]any)) != 1 {
		t.Errorf("chair joined: %v", joined)
	}
	b.pass(time.Minute)
	member.join(b.meeting, "tab2")
	if m := member.hear("room.joined"); m["leads"] != false || len(m["participants"].([]any)) != 2 {
		t.Errorf("member joined: %v", m)
	}
	changed := chair.hear("room.participants")["changed"].([]any)[0].(map[string]any)
	if changed["full_name"] != "Ủy viên" || changed["mic"] != true {
		t.Errorf("chair heard of %v", changed)
	}
	member.say("room.media", map[string]any{"mic": false, "camera": true})
	if p := chair.hear("room.participants")["changed"].([]any)[0].(map[string]any); p["mic"] != false {
		t.Errorf("chair heard of %v", p)
	}
	b.pass(time.Minute)
	member.say("room.leave", nil)
	if left := chair.hear("room.participants")["left"].([]any); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	b.stays(t, "Chủ tịch present", "Ủy viên left")
	b.pass(time.Minute)
	list, err := s.Attendance(t.Context(), b.other, b.meeting)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	if list[0].LeftAt != nil || list[0].Seconds != 180 || list[1].Seconds != 60 || list[1].Person.FullName != "Ủy viên" {
		t.Errorf("attendance %+v", list)
	}
	if _, err := s.Attendance(t.Context(), b.stranger, b.meeting); err == nil {
		t.Error("a stranger reads the attendance")
	}
}

func TestService_refusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	p := b.page(t, s, b.member)
	for name, c := range map[string]struct {
		kind   string
		fields map[string]any
		key    string
	}{
		"not joined":     {"room.offer", map[string]any{"sdp": "x"}, "conference.not_joined"},
		"no meeting":     {"room.join", map[string]any{"device": "a"}, "conference.bad_message"},
		"no device":      {"room.join", map[string]any{"meeting_id": b.meeting}, "conference.bad_message"},
		"wrong form":     {"room.join", map[string]any{"meeting_id": 5}, "conference.bad_message"},
		"absent meeting": {"room.join", map[string]any{"meeting_id": id.New[id.Meeting](), "device": "a"}, "request.not_found"},
	} {
		p.say(c.kind, c.fields)
		if m := p.hear("room.error"); m["key"] != c.key || m["of"] != c.kind {
			t.Errorf("%s: %v", name, m)
		}
	}
	stranger := b.page(t, s, b.stranger)
	stranger.join(b.meeting, "a")
	if m := stranger.hear("room.error"); m["key"] != "request.not_found" {
		t.Errorf("stranger: %v", m)
	}
	b.exec(t, `update sessions set ended_at = now(), end_reason = 'x' where id = $1`, b.other.Session)
	other := b.page(t, s, b.other)
	other.join(b.meeting, "a")
	if m := other.hear("room.error"); m["key"] != "auth.sign_in_needed" {
		t.Errorf("ended session: %v", m)
	}
	p.join(b.meeting, "tab")
	p.hear("room.joined")
	p.say("room.mute", map[string]any{"participant_id": "x"})
	if m := p.hear("room.error"); m["key"] != "conference.not_leading" {
		t.Errorf("mute by a member: %v", m)
	}
	p.say("room.fly", nil)
	p.hear("room.error")
	p.say("room.offer", map[string]any{"sdp": "rác"})
	if m := p.hear("room.closed"); m["reason"] != "bad_description" {
		t.Errorf("garbage: %v", m)
	}
	for range messageBurst + 1 {
		p.say("room.media", nil)
	}
	for p.hear("room.error")["key"] != "conference.too_fast" {
	}
}

func TestService_mute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, member := b.page(t, s, b.chair), b.page(t, s, b.member)
	member.join(b.meeting, "tab")
	target := member.hear("room.joined")["participant_id"]
	chair.join(b.meeting, "tab")
	chair.hear("room.joined")
	chair.say("room.mute", map[string]any{"participant_id": target})
	if m := member.hear("room.muted"); m["by"] != "Chủ tịch" {
		t.Errorf("muted: %v", m)
	}
	if p := chair.hear("room.participants")["changed"].([]any)[0].(map[string]any); p["mic"] != false {
		t.Errorf("chair heard of %v", p)
	}
	member.say("room.media", map[string]any{"mic": true, "camera": true})
	if p := chair.hear("room.participants")["changed"].([]any)[0].(map[string]any); p["mic"] != true {
		t.Errorf("chair heard of %v", p)
	}
	chair.say("room.mute", map[string]any{"participant_id": "gone"})
	if m := chair.hear("room.error"); m["key"] != "conference.unknown_participant" {
		t.Errorf("nobody: %v", m)
	}
	var n int
	if err := b.db.QueryRow(t.Context(), `select count(*) from audit_events where kind = 'conference.muted'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d audit events, %v", n, err)
	}
}

// The room follows its meeting: who is taken off the list leaves, and all leave at its end.
func TestService_followsTheMeeting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, _ := b.node(t, "one")
	chair, member := b.page(t, s, b.chair), b.page(t, s, b.member)
	chair.join(b.meeting, "tab")
	member.join(b.meeting, "tab")
	member.hear("room.joined")
	if _, err := b.meetings.Invite(t.Context(), b.secretary, b.meeting, 0, nil); err != nil {
		t.Fatal(err)
	}
	b.hub.Publish(live.Meeting(b.meeting.UUID))
	if m := member.hear("room.closed"); m["reason"] != "not_invited" {
		t.Errorf("member: %v", m)
	}
	secretary := b.page(t, s, b.secretary)
	secretary.join(b.meeting, "tab")
	secretary.hear("room.joined")
	facts := meeting.Facts{Title: "Họp", StartsAt: b.now.Add(30 * time.Minute), EndsAt: b.now.Add(2 * time.Hour), Chair: b.chair.Appointment}
	change := func(online bool) {
		t.Helper()
		facts.Online = online
		if _, err := b.meetings.Change(t.Context(), b.secretary, b.meeting, 0, facts); err != nil {
			t.Fatal(err)
		}
		b.hub.Publish(live.Meeting(b.meeting.UUID))
	}
	change(false)
	for _, p := range []*page{chair, secretary} {
		if m := p.hear("room.closed"); m["reason"] != "not_online" {
			t.Errorf("meeting is in the hall only: %v", m)
		}
	}
	change(true)
	chair.join(b.meeting, "tab")
	chair.hear("room.joined")
	if _, err := b.meetings.Open(t.Context(), b.chair, b.meeting, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.meetings.Close(t.Context(), b.chair, b.meeting, 0); err != nil {
		t.Fatal(err)
	}
	b.hub.Publish(live.Meeting(b.meeting.UUID))
	if m := chair.hear("room.closed"); m["reason"] != "meeting_closed" {
		t.Errorf("chair: %v", m)
	}
}

func TestService_nodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, stopOne := b.node(t, "one")
	two, _ := b.node(t, "two")
	chair, member := b.page(t, one, b.chair), b.page(t, two, b.member)
	chair.join(b.meeting, "tab")
	chair.hear("room.joined")
	member.join(b.meeting, "tab")
	if m := member.hear("room.error"); m["key"] != "conference.other_node" {
		t.Errorf("room of a living node: %v", m)
	}
	// the lease runs out, as when node one is dead: node two takes the room over
	b.pass(leaseTime + time.Second)
	member.join(b.meeting, "tab")
	member.hear("room.joined")
	b.stays(t, "Chủ tịch node_lost", "Ủy viên present")
	if err := one.renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := chair.hear("room.closed"); m["reason"] != "moved" {
		t.Errorf("chair at node one: %v", m)
	}
	stopOne()
}

// A node that was killed comes back under its address: what it left open is closed, and its rooms are
// free at once.
func TestService_crash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dead := New(Deps{DB: b.db, Meetings: b.meetings, Media: b.media, Feed: live.NewFeed(), Hub: b.hub,
		Log: slog.New(slog.DiscardHandler), Now: b.clock, Address: "one"})
	if err := dead.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.page(t, dead, b.chair).join(b.meeting, "tab")
	b.stays(t, "Chủ tịch present")
	b.pass(time.Second)
	s, stop := b.node(t, "one")
	b.stays(t, "Chủ tịch node_lost")
	chair := b.page(t, s, b.chair)
	chair.join(b.meeting, "tab")
	chair.hear("room.joined")
	stop()
	if m := chair.hear("room.closed"); m["reason"] != "server_stopping" {
		t.Errorf("at the end: %v", m)
	}
	b.stays(t, "Chủ tịch node_lost", "Chủ tịch server_stopping")
	var n int
	if err := b.db.QueryRow(t.Context(), `select count(*) from room_leases`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d leases left, %v", n, err)
	}
	chair.join(b.meeting, "tab")
	if m := chair.hear("room.error"); m["key"] != "conference.unavailable" {
		t.Errorf("after the end: %v", m)
	}
}

// A container's name is new with every start, so that a node which was killed never comes back: its
// rows go after a day, and the stays it left open end when it was last heard of.
func TestService_Tidy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dead := New(Deps{DB: b.db, Meetings: b.meetings, Media: b.media, Feed: live.NewFeed(), Hub: b.hub,
		Log: slog.New(slog.DiscardHandler), Now: b.clock, Address: "container-1"})
	if err := dead.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.page(t, dead, b.chair).join(b.meeting, "tab")
	left := func(want string) {
		t.Helper()
		var got string
		err := b.db.QueryRow(t.Context(), `select (select count(*) from nodes) || ' nodes, ' || (select count(*) from room_leases) || ' leases'`).Scan(&got)
		if err != nil || got != want {
			t.Errorf("%s left, want %s; %v", got, want, err)
		}
	}
	s := New(Deps{DB: b.db, Hub: b.hub, Log: slog.New(slog.DiscardHandler), Now: b.clock, Address: "container-2"})
	b.pass(forgetAfter - time.Minute)
	for range 2 {
		if err := s.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	left("1 nodes, 1 leases")
	b.pass(2 * time.Minute)
	if err := s.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	left("1 nodes, 0 leases")
	b.stays(t, "Chủ tịch node_lost")
	var seconds int
	err := b.db.QueryRow(t.Context(), `select extract(epoch from left_at - joined_at)::int from room_stays`).Scan(&seconds)
	if err != nil || seconds > int(leaseTime.Seconds()) {
		t.Errorf("present for %d s, %v", seconds, err)
	}
}
