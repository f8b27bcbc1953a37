package meeting_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// start is 30 minutes before the meeting of the tests begins.
var start = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// bundle is one database with an office, two other agencies and the people of the story.
type bundle struct {
	db        *postgres.DB
	s         *meeting.Service
	uploads   *upload.Service
	now       time.Time
	secretary access.Actor // of the office
	chair     access.Actor
	health    access.Actor // leader of a department
	district  access.Actor // leader of a district
	stranger  access.Actor // leader who is not invited
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.New(t), now: start}
	now := func() time.Time { return b.now }
	store, err := objects.OpenDisk(t.TempDir(), objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	feed := live.NewFeed()
	b.uploads = upload.New(upload.Deps{DB: b.db, Store: store, Now: now})
	b.s = meeting.New(meeting.Deps{DB: b.db, Uploads: b.uploads, Feed: feed, Now: now})
	office := orgtest.Agency(t, b.db, "H1", "Văn phòng UBND thành phố")
	b.secretary = orgtest.Person(t, b.db, office, "Hoàng Thu Hà", access.Secretary)
	b.chair = orgtest.Person(t, b.db, orgtest.Agency(t, b.db, "H0", "UBND thành phố"), "Nguyễn Hữu Thành", access.Leader)
	b.health = orgtest.Person(t, b.db, orgtest.Agency(t, b.db, "H2", "Sở Y tế"), "Đặng Hoài Nam", access.Leader)
	b.district = orgtest.Person(t, b.db, orgtest.Agency(t, b.db, "H3", "Quận Một"), "Bùi Quang Huy", access.Leader)
	b.stranger = orgtest.Person(t, b.db, orgtest.Agency(t, b.db, "H4", "Sở Tư pháp"), "Tô Thị Thanh Mai", access.Leader, access.Secretary)
	return b
}

func (b *bundle) facts() meeting.Facts {
	return meeting.Facts{Title: "Họp giao ban tháng", StartsAt: start.Add(30 * time.Minute), EndsAt: start.Add(3 * time.Hour),
		Place: "Hội trường A", Online: true, Chair: b.chair.Appointment}
}

var items = []meeting.ItemFacts{{"Khai mạc", 5, "Chánh Văn phòng"}, {"Báo cáo tháng", 30, "Sở Tài chính"}, {"Thảo luận", 45, ""}, {"Kết luận", 10, "Chủ trì"}}

// convened is a meeting of which the department's and the district's leaders were told.
func (b *bundle) convened(t *testing.T) meeting.View {
	t.Helper()
	v := must(b.s.Create(t.Context(), b.secretary, b.facts(), items))(t)
	v = must(b.s.Invite(t.Context(), b.secretary, v.Meeting.ID, v.Meeting.Version, []meeting.Invitee{
		{b.health.Appointment, meeting.Member}, {b.district.Appointment, meeting.Observer}}))(t)
	return must(b.s.Convene(t.Context(), b.secretary, v.Meeting.ID, v.Meeting.Version))(t)
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func refused(t *testing.T, err error, code errs.Code, key string) {
	t.Helper()
	if errs.CodeOf(err) != code || !strings.Contains(err.Error(), key) {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

func titles(v meeting.View) []string {
	var out []string
	for _, i := range v.Meeting.Items {
		out = append(out, i.Title)
	}
	return out
}

// mayJoin asks as the room does.
func (b *bundle) mayJoin(t *testing.T, actor access.Actor, m id.Meeting) (meeting.Attendee, error) {
	t.Helper()
	return must(b.s.Admission(t.Context(), m))(t).Admit(actor)
}

func TestService_Create(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := must(b.s.Create(t.Context(), b.secretary, b.facts(), items))(t)
	got := must(b.s.Get(t.Context(), b.secretary, v.Meeting.ID))(t)
	if diff := cmp.Diff([]string{"Khai mạc", "Báo cáo tháng", "Thảo luận", "Kết luận"}, titles(got)); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if at := got.Meeting.Items[2].StartsAt; !at.Equal(start.Add(65 * time.Minute)) {
		t.Errorf("third item starts at %v", at)
	}
	roles := []meeting.Role{got.Meeting.Invitations[0].Role, got.Meeting.Invitations[1].Role}
	if diff := cmp.Diff([]meeting.Role{meeting.Chair, meeting.Secretary}, roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]meeting.Action{meeting.DoChange, meeting.DoConvene, meeting.DoCancel}, got.Can); diff != "" {
		t.Errorf("can (-want +got):\n%s", diff)
	}

	_, err := b.s.Create(t.Context(), b.chair, b.facts(), nil)
	refused(t, err, errs.Forbidden, "access.role_missing")
	bad := b.facts()
	bad.Title, bad.EndsAt, bad.Chair = " ", bad.StartsAt, b.secretary.Appointment
	_, err = b.s.Create(t.Context(), b.secretary, bad, nil)
	refused(t, err, errs.Invalid, "request.invalid")
}

func TestService_draftIsHidden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := must(b.s.Create(t.Context(), b.secretary, b.facts(), items))(t)
	must(b.s.Invite(t.Context(), b.secretary, v.Meeting.ID, 0, []meeting.Invitee{{b.health.Appointment, meeting.Member}}))(t)
	for name, actor := range map[string]access.Actor{"named but not invited yet": b.health, "stranger": b.stranger} {
		_, err := b.s.Get(t.Context(), actor, v.Meeting.ID)
		refused(t, err, errs.NotFound, "request.not_found")
		_, err = b.s.Change(t.Context(), actor, v.Meeting.ID, 0, b.facts())
		refused(t, err, errs.NotFound, "request.not_found")
		found, _, err := b.s.List(t.Context(), actor, meeting.ListQuery{When: "all", Limit: 10})
		if err != nil || len(found) != 0 {
			t.Errorf("%s lists %v, %v", name, found, err)
		}
	}
	if _, err := b.s.Get(t.Context(), b.chair, v.Meeting.ID); err != nil {
		t.Errorf("chair: %v", err)
	}
}

func TestService_Convene(t *testing.T) {
	t.Parallel()
	b := setup(t)
	empty := must(b.s.Create(t.Context(), b.secretary, b.facts(), nil))(t)
	_, err := b.s.Convene(t.Context(), b.secretary, empty.Meeting.ID, 0)
	refused(t, err, errs.Conflict, "meeting.no_items")

	v := b.convened(t)
	if v.Meeting.State != meeting.Convened || v.MyAnswer != meeting.Accepted {
		t.Errorf("state %s, answer of who convened %s", v.Meeting.State, v.MyAnswer)
	}
	_, err = b.s.Convene(t.Context(), b.secretary, v.Meeting.ID, 0)
	refused(t, err, errs.Conflict, "meeting.state_convened")
	_, err = b.s.Get(t.Context(), b.stranger, v.Meeting.ID)
	refused(t, err, errs.NotFound, "request.not_found")

	got := must(b.s.Get(t.Context(), b.health, v.Meeting.ID))(t)
	if got.MyRole != meeting.Member || got.Meeting.Invitations[2].SeenAt == nil {
		t.Errorf("role %s, seen %v", got.MyRole, got.Meeting.Invitations[2].SeenAt)
	}
	_, err = b.s.Change(t.Context(), b.health, v.Meeting.ID, 0, b.facts())
	refused(t, err, errs.Forbidden, "meeting.not_organiser")
	_, err = b.s.Open(t.Context(), b.health, v.Meeting.ID, 0)
	refused(t, err, errs.Forbidden, "meeting.not_leading")

	// who is invited later is told at once, who is taken off knows nothing any more
	v = must(b.s.Invite(t.Context(), b.secretary, v.Meeting.ID, 0, []meeting.Invitee{{b.stranger.Appointment, meeting.Member}}))(t)
	if v.Meeting.Invitations[2].SentAt == nil {
		t.Error("late invitation was not sent")
	}
	_, err = b.s.Get(t.Context(), b.health, v.Meeting.ID)
	refused(t, err, errs.NotFound, "request.not_found")
	var added, removed []string // the record names them
	err = b.db.QueryRow(t.Context(), `select array(select jsonb_array_elements_text(details->'added')), array(select jsonb_array_elements_text(details->'removed') order by 1)
		from audit_events where object_id = $1 and details->>'what' = 'invitations' order by id desc limit 1`, v.Meeting.ID).Scan(&added, &removed)
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{b.health.Appointment.String(), b.district.Appointment.String()}
	slices.Sort(gone)
	if diff := cmp.Diff([][]string{{b.stranger.Appointment.String()}, gone}, [][]string{added, removed}); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}

	past := b.facts()
	late := must(b.s.Create(t.Context(), b.secretary, past, items))(t)
	b.now = past.EndsAt
	_, err = b.s.Convene(t.Context(), b.secretary, late.Meeting.ID, 0)
	refused(t, err, errs.Conflict, "meeting.in_the_past")
}

func TestService_Answer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	_, err := b.s.Answer(t.Context(), b.health, v.Meeting.ID, meeting.Declined, " ")
	refused(t, err, errs.Invalid, "request.invalid")
	must(b.s.Answer(t.Context(), b.health, v.Meeting.ID, meeting.Declined, "Đi công tác"))(t)
	must(b.s.Answer(t.Context(), b.district, v.Meeting.ID, meeting.Accepted, ""))(t)
	got := must(b.s.Get(t.Context(), b.secretary, v.Meeting.ID))(t)
	if i := got.Meeting.Invitations[2]; i.Answer != meeting.Declined || i.Reason != "Đi công tác" || i.SeenAt == nil {
		t.Errorf("answer %+v", i)
	}
	if got.Meeting.Version != v.Meeting.Version {
		t.Error("an answer counted the version up")
	}
	_, err = b.s.Answer(t.Context(), b.stranger, v.Meeting.ID, meeting.Accepted, "")
	refused(t, err, errs.NotFound, "request.not_found")
	found, _, err := b.s.List(t.Context(), b.health, meeting.ListQuery{When: "upcoming", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	want := []meeting.Summary{{ID: v.Meeting.ID, Title: "Họp giao ban tháng", AgencyName: "Văn phòng UBND thành phố", StartsAt: v.Meeting.StartsAt,
		EndsAt: v.Meeting.EndsAt, Place: "Hội trường A", Online: true, State: meeting.Convened, ChairName: "Nguyễn Hữu Thành", ItemCount: 4,
		Invited: 4, Accepted: 2, Declined: 1, MyRole: meeting.Member, MyAnswer: meeting.Declined}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestService_Agenda(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	first, last := v.Meeting.Items[0].ID, v.Meeting.Items[3].ID
	stale := v.Meeting.Version
	v = must(b.s.AddItem(t.Context(), b.secretary, v.Meeting.ID, stale, meeting.ItemFacts{Title: "Việc khác", Minutes: 15}))(t)
	_, err := b.s.AddItem(t.Context(), b.secretary, v.Meeting.ID, stale, meeting.ItemFacts{Title: "Việc khác", Minutes: 15})
	refused(t, err, errs.Stale, "request.stale")
	order := []id.Item{last, first, v.Meeting.Items[1].ID, v.Meeting.Items[2].ID, v.Meeting.Items[4].ID}
	_, err = b.s.Reorder(t.Context(), b.secretary, v.Meeting.ID, 0, order[1:])
	refused(t, err, errs.Invalid, "request.invalid")
	must(b.s.Reorder(t.Context(), b.secretary, v.Meeting.ID, 0, order))(t)
	must(b.s.ChangeItem(t.Context(), b.secretary, last, 0, meeting.ItemFacts{Title: "Kết luận chung", Minutes: 20}))(t)
	must(b.s.RemoveItem(t.Context(), b.secretary, first, 0))(t)
	_, err = b.s.ChangeItem(t.Context(), b.secretary, first, 0, meeting.ItemFacts{Title: "x", Minutes: 1})
	refused(t, err, errs.NotFound, "request.not_found")
	got := must(b.s.Get(t.Context(), b.secretary, v.Meeting.ID))(t)
	if diff := cmp.Diff([]string{"Kết luận chung", "Báo cáo tháng", "Thảo luận", "Việc khác"}, titles(got)); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if at := got.Meeting.Items[1].StartsAt; !at.Equal(start.Add(50 * time.Minute)) {
		t.Errorf("second item starts at %v", at)
	}
}

func TestService_course(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	m := v.Meeting.ID
	b.now = start.Add(-31 * time.Minute)
	_, err := b.s.Open(t.Context(), b.chair, m, 0)
	refused(t, err, errs.Conflict, "meeting.too_early")
	_, err = b.mayJoin(t, b.health, m)
	refused(t, err, errs.Conflict, "meeting.too_early")
	b.now = start
	st := must(b.mayJoin(t, b.health, m))(t)
	if st.Leads || st.Role != meeting.Member {
		t.Errorf("standing %+v", st)
	}
	_, err = b.mayJoin(t, b.stranger, m)
	refused(t, err, errs.NotFound, "request.not_found")
	_, err = b.s.CallItem(t.Context(), b.chair, m, v.Meeting.Items[0].ID, 0)
	refused(t, err, errs.Conflict, "meeting.state_convened")

	must(b.s.Open(t.Context(), b.chair, m, 0))(t)
	must(b.s.CallItem(t.Context(), b.chair, m, v.Meeting.Items[0].ID, 0))(t)
	b.now = start.Add(6 * time.Minute)
	v = must(b.s.CallItem(t.Context(), b.secretary, m, v.Meeting.Items[1].ID, 0))(t)
	if i := v.Meeting.Items[0]; i.EndedAt == nil || !i.EndedAt.Equal(b.now) || *v.Meeting.CurrentItem != v.Meeting.Items[1].ID {
		t.Errorf("first item %+v, current %v", i, v.Meeting.CurrentItem)
	}
	_, err = b.s.RemoveItem(t.Context(), b.secretary, v.Meeting.Items[1].ID, 0)
	refused(t, err, errs.Conflict, "meeting.item_begun")
	b.now = start.Add(5 * time.Hour)
	must(b.mayJoin(t, b.district, m))(t) // it runs late
	v = must(b.s.Close(t.Context(), b.chair, m, 0))(t)
	if v.Meeting.CurrentItem != nil || v.Meeting.Items[1].EndedAt == nil || len(v.Can) != 0 {
		t.Errorf("after the end: current %v, can %v", v.Meeting.CurrentItem, v.Can)
	}
	_, err = b.mayJoin(t, b.district, m)
	refused(t, err, errs.Conflict, "meeting.state_closed")
	_, err = b.s.Cancel(t.Context(), b.chair, m, 0, "Nhầm")
	refused(t, err, errs.Conflict, "meeting.state_closed")
	past, _, err := b.s.List(t.Context(), b.district, meeting.ListQuery{When: "past", Limit: 1})
	if err != nil || len(past) != 1 {
		t.Errorf("past: %v %v", past, err)
	}
}

func TestService_Cancel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	_, err := b.s.Cancel(t.Context(), b.secretary, v.Meeting.ID, 0, "")
	refused(t, err, errs.Invalid, "request.invalid")
	must(b.s.Cancel(t.Context(), b.secretary, v.Meeting.ID, 0, "Lùi sang tuần sau"))(t)
	got := must(b.s.Get(t.Context(), b.health, v.Meeting.ID))(t)
	if got.Meeting.State != meeting.Cancelled || got.Meeting.CancelReason != "Lùi sang tuần sau" {
		t.Errorf("%s: %q", got.Meeting.State, got.Meeting.CancelReason)
	}
}

func TestService_List_pages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 5 {
		f := b.facts()
		f.StartsAt, f.EndsAt = f.StartsAt.Add(time.Duration(n%3)*time.Hour), f.EndsAt.Add(time.Duration(n%3)*time.Hour)
		must(b.s.Create(t.Context(), b.secretary, f, items))(t)
	}
	for _, when := range []string{"upcoming", "all"} {
		seen := map[id.Meeting]bool{}
		after := ""
		for {
			page, next, err := b.s.List(t.Context(), b.secretary, meeting.ListQuery{When: when, After: after, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page {
				seen[s.ID] = true
			}
			if after = next; next == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("%s: %d meetings on all pages", when, len(seen))
		}
	}
	_, _, err := b.s.List(t.Context(), b.secretary, meeting.ListQuery{After: "@", Limit: 2})
	refused(t, err, errs.Invalid, "request.bad_cursor")
}

func TestService_papers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	item := v.Meeting.Items[1].ID
	v = must(b.s.AddPaper(t.Context(), b.secretary, item, b.upload(t, "bao-cao.pdf", "one"), "Báo cáo tháng"))(t)
	paper := v.Meeting.Items[1].Papers[0].ID
	v = must(b.s.ReplacePaper(t.Context(), b.secretary, paper, b.upload(t, "bao-cao-2.pdf", "two")))(t)
	p := v.Meeting.Items[1].Papers[0]
	if p.Revision != 2 || p.Name != "Báo cáo tháng" || p.AddedBy != "Hoàng Thu Hà" {
		t.Errorf("paper %+v", p)
	}
	got := must(b.s.Get(t.Context(), b.health, v.Meeting.ID))(t)
	if diff := cmp.Diff(p, got.Meeting.Items[1].Papers[0]); diff != "" {
		t.Errorf("paper as read (-want +got):\n%s", diff)
	}
	newest := must(b.s.FindPaper(t.Context(), b.health, paper, 0))(t)
	old := must(b.s.FindPaper(t.Context(), b.health, paper, 1))(t)
	if newest.Ref.Hash != p.Hash || old.Ref.Hash == p.Hash {
		t.Error("revisions are mixed up")
	}
	_, err := b.s.FindPaper(t.Context(), b.stranger, paper, 0)
	refused(t, err, errs.NotFound, "request.not_found")
	_, err = b.s.RemovePaper(t.Context(), b.health, paper)
	refused(t, err, errs.Forbidden, "meeting.not_organiser")
	_, err = b.s.AddPaper(t.Context(), b.secretary, item, id.New[id.Upload](), "")
	refused(t, err, errs.NotFound, "request.not_found")
	must(b.s.RemovePaper(t.Context(), b.secretary, paper))(t)
	_, err = b.s.FindPaper(t.Context(), b.health, paper, 0)
	refused(t, err, errs.NotFound, "request.not_found")
}

// upload brings a small PDF in as the secretary.
func (b *bundle) upload(t *testing.T, name, text string) id.Upload {
	t.Helper()
	content := "%PDF-1.7\n" + text + "\n%%EOF\n"
	u := must(b.uploads.Create(t.Context(), b.secretary, name, int64(len(content))))(t)
	must(b.uploads.Append(t.Context(), b.secretary, u.ID, 0, strings.NewReader(content)))(t)
	must(b.uploads.Complete(t.Context(), b.secretary, u.ID))(t)
	return u.ID
}

// A repeated command answers as the first time and does nothing again.
func TestService_repeat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := postgres.WithCommand(context.Background(), postgres.Command{Person: b.secretary.Person, Key: "12345678", Fingerprint: []byte{1}})
	one := must(b.s.Create(ctx, b.secretary, b.facts(), items))(t)
	two := must(b.s.Create(ctx, b.secretary, b.facts(), items))(t)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}
