package meeting_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/storage/postgres"
)

// debate is a live meeting at its second item: the office's secretary, the chair, health and stranger as
// members, the district as an observer.
func (b *bundle) debate(t *testing.T) id.Meeting {
	t.Helper()
	v := b.convened(t)
	m := v.Meeting.ID
	must(b.s.Invite(t.Context(), b.secretary, m, 0, []meeting.Invitee{
		{b.health.Appointment, meeting.Member}, {b.district.Appointment, meeting.Observer}, {b.stranger.Appointment, meeting.Point}}))(t)
	must(b.s.Open(t.Context(), b.chair, m, 0))(t)
	must(b.s.CallItem(t.Context(), b.chair, m, v.Meeting.Items[1].ID, 0))(t)
	return m
}

func names(turns []meeting.Turn) []string {
	out := []string{}
	for _, w := range turns {
		out = append(out, w.Person.FullName)
	}
	return out
}

func waits(t *testing.T, f meeting.Floor, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), names(f.Waiting)); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
}

func speaks(t *testing.T, f meeting.Floor, want string) {
	t.Helper()
	got := ""
	if f.Now != nil {
		got = f.Now.Person.FullName
	}
	if got != want {
		t.Errorf("%q speaks, want %q", got, want)
	}
}

func TestFloor_aDebate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.debate(t)
	first := must(b.s.Ask(t.Context(), b.health, m, " Về ngân sách "))(t)
	if first.Topic != "Về ngân sách" || first.State != meeting.Waiting || first.Item == nil || first.Seconds != 300 {
		t.Errorf("asked: %+v", first)
	}
	second := must(b.s.Ask(t.Context(), b.stranger, m, ""))(t)
	if again := must(b.s.Ask(t.Context(), b.health, m, "Khác"))(t); again.ID != first.ID || again.Topic != first.Topic {
		t.Errorf("asked twice: %+v", again)
	}
	f := must(b.s.FloorOf(t.Context(), b.district, m))(t)
	waits(t, f, "Đặng Hoài Nam", "Tô Thị Thanh Mai")
	f = must(b.s.Order(t.Context(), b.secretary, m, []id.Turn{second.ID, first.ID}))(t)
	waits(t, f, "Tô Thị Thanh Mai", "Đặng Hoài Nam")

	f = must(b.s.Call(t.Context(), b.chair, m, meeting.Called{Seconds: 120}))(t)
	speaks(t, f, "Tô Thị Thanh Mai")
	waits(t, f, "Đặng Hoài Nam")
	if !f.Now.EndsAt.Equal(b.now.Add(2 * time.Minute)) {
		t.Errorf("ends at %v", f.Now.EndsAt)
	}
	b.now = b.now.Add(3 * time.Minute) // the time is over; the turn is not
	f = must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	speaks(t, f, "Tô Thị Thanh Mai")
	f = must(b.s.Extend(t.Context(), b.chair, m, second.ID, 60))(t)
	if !f.Now.EndsAt.Equal(b.now.Add(time.Minute)) || f.Now.Seconds != 240 {
		t.Errorf("after more time: %+v", f.Now)
	}
	f = must(b.s.Call(t.Context(), b.chair, m, meeting.Called{Turn: first.ID}))(t)
	speaks(t, f, "Đặng Hoài Nam")
	if f.Spoken != 1 {
		t.Errorf("%d spoke", f.Spoken)
	}
	b.now = b.now.Add(time.Minute)
	f = must(b.s.EndTurn(t.Context(), b.health, m, first.ID))(t) // gives the floor back
	speaks(t, f, "")
	record := must(b.s.FloorRecord(t.Context(), b.district, m))(t)
	if diff := cmp.Diff([]string{"Tô Thị Thanh Mai", "Đặng Hoài Nam"}, names(record)); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if record[0].EndReason != "next" || record[1].EndReason != "given_back" || record[1].EndedAt.Sub(*record[1].CalledAt) != time.Minute {
		t.Errorf("record: %+v", record)
	}
	var kinds []string
	if err := b.db.QueryRow(t.Context(), `select array_agg(kind order by id) from audit_events where kind like 'meeting.floor_%'`).Scan(&kinds); err != nil {
		t.Fatal(err)
	}
	want := []string{"asked", "asked", "ordered", "called", "extended", "called", "ended"}
	for i := range want {
		want[i] = "meeting.floor_" + want[i]
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestFloor_whoMay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	m := v.Meeting.ID
	_, err := b.s.Ask(t.Context(), b.stranger, m, "")
	refused(t, err, errs.NotFound, "request.not_found")
	_, err = b.s.Ask(t.Context(), b.district, m, "")
	refused(t, err, errs.Forbidden, "floor.observer")
	turn := must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	for what, err := range map[string]error{
		"call":   second(b.s.Call(t.Context(), b.health, m, meeting.Called{})),
		"order":  second(b.s.Order(t.Context(), b.health, m, []id.Turn{turn.ID})),
		"clear":  second(b.s.Clear(t.Context(), b.health, m)),
		"set":    second(b.s.SetFloor(t.Context(), b.health, m, meeting.CalledFloor, 60)),
		"extend": second(b.s.Extend(t.Context(), b.health, m, turn.ID, 60)),
		"others": second(b.s.Withdraw(t.Context(), b.district, m, turn.ID)),
		"end":    second(b.s.EndTurn(t.Context(), b.district, m, turn.ID)),
	} {
		t.Log(what)
		refused(t, err, errs.Forbidden, "floor.not_leading")
	}
	_, err = b.s.FloorOf(t.Context(), b.stranger, m)
	refused(t, err, errs.NotFound, "request.not_found")
	_, err = b.s.FloorRecord(t.Context(), b.stranger, m)
	refused(t, err, errs.NotFound, "request.not_found")
	_, err = b.s.Call(t.Context(), b.chair, m, meeting.Called{Person: b.district.Appointment})
	refused(t, err, errs.Conflict, "floor.observer")
	_, err = b.s.Call(t.Context(), b.chair, m, meeting.Called{Person: b.stranger.Appointment})
	refused(t, err, errs.Invalid, "request.invalid")
	_, err = b.s.Call(t.Context(), b.chair, m, meeting.Called{Turn: id.New[id.Turn]()})
	refused(t, err, errs.NotFound, "request.not_found")

	// an operator leads the floor, and nothing else of the meeting
	must(b.s.Invite(t.Context(), b.secretary, m, 0, []meeting.Invitee{{b.health.Appointment, meeting.Operator}, {b.district.Appointment, meeting.Hall}}))(t)
	if who := must(b.mayJoin(t, b.health, m))(t); !who.Leads {
		t.Error("the operator does not lead")
	}
	f := must(b.s.Call(t.Context(), b.health, m, meeting.Called{Person: b.district.Appointment}))(t)
	speaks(t, f, "Bùi Quang Huy")
	if f.Now.Asked {
		t.Error("who was called counts as having asked")
	}
	_, err = b.s.Open(t.Context(), b.health, m, 0)
	refused(t, err, errs.Forbidden, "meeting.not_leading")
	got := must(b.s.Get(t.Context(), b.health, m))(t)
	if !slices.Contains(got.Can, meeting.DoLead) || !slices.Contains(got.Can, meeting.DoAskFloor) {
		t.Errorf("the operator can %v", got.Can)
	}
	draft := must(b.s.Create(t.Context(), b.secretary, b.facts(), items))(t)
	_, err = b.s.Ask(t.Context(), b.chair, draft.Meeting.ID, "")
	refused(t, err, errs.Forbidden, "meeting.not_invited")
}

func second[T any](_ T, err error) error { return err }

// Two who press "next" at once call one person, whichever way they say it.
func TestFloor_twoPressAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.debate(t)
	first := must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	must(b.s.Ask(t.Context(), b.stranger, m, ""))(t)
	seen := must(b.s.FloorOf(t.Context(), b.chair, m))(t)

	var both sync.WaitGroup
	for _, who := range []access.Actor{b.chair, b.secretary} {
		both.Go(func() {
			f, err := b.s.Call(context.Background(), who, m, meeting.Called{Turn: first.ID})
			if err != nil || f.Now == nil || f.Now.ID != first.ID {
				t.Errorf("%s: %+v %v", who.Name, f.Now, err)
			}
		})
	}
	both.Wait()
	f := must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	speaks(t, f, "Đặng Hoài Nam")
	waits(t, f, "Tô Thị Thanh Mai")

	// "the next" of a queue that has moved on since is stale, with what is there now
	_, err := b.s.Call(t.Context(), b.secretary, m, meeting.Called{Version: seen.Version})
	refused(t, err, errs.Stale, "request.stale")
	f = must(b.s.Call(t.Context(), b.secretary, m, meeting.Called{Version: f.Version}))(t)
	speaks(t, f, "Tô Thị Thanh Mai")
	_, err = b.s.Call(t.Context(), b.chair, m, meeting.Called{})
	refused(t, err, errs.Conflict, "floor.nobody_waits")
	_, err = b.s.Call(t.Context(), b.chair, m, meeting.Called{Turn: first.ID})
	refused(t, err, errs.Conflict, "floor.not_waiting")
}

// The same request twice acts once, also when the answer to the first was lost.
func TestFloor_repeats(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.debate(t)
	must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	must(b.s.Ask(t.Context(), b.stranger, m, ""))(t)
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: b.chair.Person, Key: "next-please", Fingerprint: []byte("call")})
	for range 3 {
		f := must(b.s.Call(ctx, b.chair, m, meeting.Called{}))(t)
		speaks(t, f, "Đặng Hoài Nam")
		waits(t, f, "Tô Thị Thanh Mai")
	}
}

func TestFloor_withdrawAndClear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.debate(t)
	own := must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	others := must(b.s.Ask(t.Context(), b.stranger, m, ""))(t)
	f := must(b.s.Withdraw(t.Context(), b.health, m, own.ID))(t)
	waits(t, f, "Tô Thị Thanh Mai")
	if again := must(b.s.Withdraw(t.Context(), b.health, m, own.ID))(t); again.Version != f.Version {
		t.Error("withdrawing twice changed something")
	}
	must(b.s.Withdraw(t.Context(), b.secretary, m, others.ID))(t)
	again := must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	if again.ID == own.ID {
		t.Error("asking again after withdrawing brought the old turn back")
	}
	must(b.s.Ask(t.Context(), b.stranger, m, ""))(t)
	must(b.s.Call(t.Context(), b.chair, m, meeting.Called{}))(t)
	_, err := b.s.Withdraw(t.Context(), b.health, m, again.ID)
	refused(t, err, errs.Conflict, "floor.speaks_already")
	f = must(b.s.Clear(t.Context(), b.chair, m))(t)
	waits(t, f)
	speaks(t, f, "Đặng Hoài Nam")
	_, err = b.s.EndTurn(t.Context(), b.chair, m, others.ID)
	refused(t, err, errs.Conflict, "floor.not_speaking")
	var states []string
	if err := b.db.QueryRow(t.Context(), `select array_agg(state || ' ' || end_reason order by asked_at, id) from floor_turns`).Scan(&states); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"withdrawn withdrawn", "removed removed", "speaking ", "removed cleared"}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// The floor follows the meeting: who is taken off the list or may only listen neither waits nor speaks, the
// mode follows the number of the invited, and nothing goes on after the end.
func TestFloor_followsTheMeeting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.debate(t)
	must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	must(b.s.Ask(t.Context(), b.stranger, m, ""))(t)
	var told []meeting.Floor
	b.s.WatchFloor(func(f meeting.Floor) { told = append(told, f) })
	must(b.s.Call(t.Context(), b.chair, m, meeting.Called{}))(t)
	must(b.s.Invite(t.Context(), b.secretary, m, 0, []meeting.Invitee{{b.health.Appointment, meeting.Observer}}))(t)
	f := must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	speaks(t, f, "")
	waits(t, f)
	if len(told) != 2 || told[1].Version != f.Version || told[1].Now != nil {
		t.Errorf("told: %+v", told)
	}
	must(b.s.Invite(t.Context(), b.secretary, m, 0, []meeting.Invitee{{b.health.Appointment, meeting.Member}, {b.district.Appointment, meeting.Point}}))(t)
	must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	must(b.s.Ask(t.Context(), b.district, m, ""))(t)
	must(b.s.Call(t.Context(), b.chair, m, meeting.Called{}))(t)
	must(b.s.Close(t.Context(), b.chair, m, 0))(t)
	f = must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	speaks(t, f, "")
	waits(t, f)
	record := must(b.s.FloorRecord(t.Context(), b.chair, m))(t)
	if len(record) != 2 || record[1].EndReason != "closed" {
		t.Errorf("record: %+v", record)
	}
	_, err := b.s.Ask(t.Context(), b.health, m, "")
	refused(t, err, errs.Conflict, "meeting.state_closed")
	_, err = b.s.Call(t.Context(), b.chair, m, meeting.Called{Person: b.health.Appointment})
	refused(t, err, errs.Conflict, "meeting.state_closed")
}

func TestFloor_settings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.debate(t)
	f := must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	if f.Mode != meeting.FreeFloor || f.Chosen || f.Seconds != 300 {
		t.Errorf("at first: %+v", f)
	}
	must(b.s.Ask(t.Context(), b.health, m, ""))(t)
	f = must(b.s.SetFloor(t.Context(), b.chair, m, meeting.CalledFloor, 180))(t)
	if f.Mode != meeting.CalledFloor || !f.Chosen || f.Waiting[0].Seconds != 180 {
		t.Errorf("chosen: %+v", f)
	}
	if got := must(b.s.Floor(t.Context(), m))(t); got.Mode != f.Mode || got.Waiting[0].Seconds != 180 || got.Version != f.Version {
		t.Errorf("read again: %+v", got)
	}
	for _, bad := range []struct {
		mode    meeting.FloorMode
		seconds int
	}{{"loud", 60}, {"", 29}, {"", 3601}} {
		_, err := b.s.SetFloor(t.Context(), b.chair, m, bad.mode, bad.seconds)
		refused(t, err, errs.Invalid, "request.invalid")
	}
	f = must(b.s.SetFloor(t.Context(), b.chair, m, "", 180))(t)
	if f.Mode != meeting.FreeFloor || f.Chosen {
		t.Errorf("by size again: %+v", f)
	}
	must(b.s.Call(t.Context(), b.chair, m, meeting.Called{}))(t)
	f = must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	if f.Now.Seconds != 180 {
		t.Errorf("%d seconds", f.Now.Seconds)
	}
}

// What is tried before the opening belongs to no record; a turn that goes on over it does.
func TestFloor_beforeTheOpening(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.convened(t).Meeting.ID
	must(b.s.Call(t.Context(), b.chair, m, meeting.Called{Person: b.health.Appointment}))(t)
	f := must(b.s.FloorOf(t.Context(), b.chair, m))(t)
	must(b.s.EndTurn(t.Context(), b.chair, m, f.Now.ID))(t)
	must(b.s.Call(t.Context(), b.chair, m, meeting.Called{Person: b.secretary.Appointment}))(t)
	b.now = b.now.Add(time.Minute)
	must(b.s.Open(t.Context(), b.chair, m, 0))(t)
	record := must(b.s.FloorRecord(t.Context(), b.chair, m))(t)
	if diff := cmp.Diff([]string{"Hoàng Thu Hà"}, names(record)); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if f = must(b.s.FloorOf(t.Context(), b.chair, m))(t); f.Spoken != 0 {
		t.Errorf("%d spoke", f.Spoken)
	}
}
