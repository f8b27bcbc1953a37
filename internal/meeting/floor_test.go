package meeting

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

func TestRightsOf(t *testing.T) {
	none, all := Rights{}, Rights{Mic: true, Camera: true, Screen: true}
	camera, cameraScreen := Rights{Camera: true}, Rights{Camera: true, Screen: true}
	for _, c := range []struct {
		role                   Role
		free, called, speaking Rights
	}{
		{Chair, all, all, all},
		{Secretary, all, all, all},
		{Operator, all, cameraScreen, all},
		{Hall, all, all, all},
		{Point, all, camera, all},
		{Member, all, camera, all},
		{Observer, none, none, none},
		{"", none, none, none},
	} {
		for name, got := range map[string][2]Rights{
			"free":                {c.free, RightsOf(c.role, FreeFloor, false)},
			"called":              {c.called, RightsOf(c.role, CalledFloor, false)},
			"called and speaking": {c.speaking, RightsOf(c.role, CalledFloor, true)},
			"free and speaking":   {c.speaking, RightsOf(c.role, FreeFloor, true)},
		} {
			if got[0] != got[1] {
				t.Errorf("%q, %s: %+v, want %+v", c.role, name, got[1], got[0])
			}
		}
	}
}

// Having the floor never takes a right away, and called never gives one that free does not.
func TestRightsOf_properties(t *testing.T) {
	less := func(a, b Rights) bool { return (!a.Mic || b.Mic) && (!a.Camera || b.Camera) && (!a.Screen || b.Screen) }
	for _, role := range []Role{Chair, Secretary, Operator, Hall, Point, Member, Observer} {
		for _, mode := range []FloorMode{FreeFloor, CalledFloor} {
			if !less(RightsOf(role, mode, false), RightsOf(role, mode, true)) {
				t.Errorf("%s in %s loses by speaking", role, mode)
			}
		}
		for _, speaking := range []bool{false, true} {
			if !less(RightsOf(role, CalledFloor, speaking), RightsOf(role, FreeFloor, speaking)) {
				t.Errorf("%s may do more when called than when free", role)
			}
		}
	}
}

func TestFloorMode(t *testing.T) {
	for _, c := range []struct {
		chosen  FloorMode
		invited int
		want    FloorMode
	}{{"", 2, FreeFloor}, {"", 30, FreeFloor}, {"", 31, CalledFloor}, {FreeFloor, 200, FreeFloor}, {CalledFloor, 3, CalledFloor}} {
		if got := floorMode(c.chosen, c.invited); got != c.want {
			t.Errorf("%q with %d: %s, want %s", c.chosen, c.invited, got, c.want)
		}
	}
}

func TestFloor_extend(t *testing.T) {
	began := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name         string
		at           time.Duration // of the extension
		more         int
		ends         time.Duration
		total        int
		tooMuch      bool
		alreadyGiven time.Duration
	}{
		{"in time", 2 * time.Minute, 60, 6 * time.Minute, 360, false, 5 * time.Minute},
		{"when the time is over", 7 * time.Minute, 60, 8 * time.Minute, 480, false, 5 * time.Minute},
		{"for ever", time.Minute, 3600, 0, 0, true, 10 * time.Hour},
	} {
		ends := began.Add(c.alreadyGiven)
		f := Floor{Now: &Turn{State: Speaking, CalledAt: &began, EndsAt: &ends, Seconds: int(c.alreadyGiven.Seconds())}}
		err := f.extend(c.more, began.Add(c.at))
		if c.tooMuch {
			if err == nil {
				t.Errorf("%s: no error", c.name)
			}
			continue
		}
		if err != nil || !f.Now.EndsAt.Equal(began.Add(c.ends)) || f.Now.Seconds != c.total {
			t.Errorf("%s: ends %v after %d s, %v", c.name, f.Now.EndsAt, f.Now.Seconds, err)
		}
	}
}

// Whatever is done with a queue: nobody is in it twice, one speaks at most, nobody is lost without an end,
// and nobody overtakes but by order or call.
func TestFloor_properties(t *testing.T) {
	for seed := range uint64(200) {
		q := &play{t: t, r: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC),
			f: Floor{Seconds: 300}, ended: map[id.Turn]bool{}}
		for range 8 {
			q.people = append(q.people, org.Appointment{ID: id.New[id.Appointment]()})
		}
		for range 200 {
			q.now = q.now.Add(time.Duration(q.r.IntN(200)) * time.Second)
			q.step()
			q.check()
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
}

// play is one run of random acts on a floor.
type play struct {
	t      *testing.T
	r      *rand.Rand
	now    time.Time
	f      Floor
	people []org.Appointment
	asked  int
	ended  map[id.Turn]bool
}

func (q *play) step() {
	switch q.r.IntN(6) {
	case 0, 1:
		who := q.people[q.r.IntN(len(q.people))]
		before := q.f.turnOf(who.ID)
		turn, isNew, err := q.f.ask(who, "", nil, q.now)
		if err != nil || isNew != (before == nil) || (before != nil && turn.ID != before.ID) {
			q.t.Errorf("asked: %+v %v %v", turn, isNew, err)
		}
		if isNew {
			q.asked++
		}
	case 2:
		if len(q.f.Waiting) > 0 {
			turn, ok := q.f.leaveQueue(q.f.Waiting[q.r.IntN(len(q.f.Waiting))].ID, Withdrawn, turnWithdrawn, q.now)
			q.over(turn, ok)
		}
	case 3:
		ids := make([]id.Turn, 0, len(q.f.Waiting))
		for _, i := range q.r.Perm(len(q.f.Waiting)) {
			ids = append(ids, q.f.Waiting[i].ID)
		}
		if err := q.f.order(ids); err != nil {
			q.t.Errorf("order: %v", err)
		}
		if got := q.order(); !slices.Equal(ids, got) {
			q.t.Errorf("order %v became %v", ids, got)
		}
	case 4:
		if turn := q.f.end(turnEnded, q.now); turn != nil {
			q.over(*turn, true)
		}
	case 5:
		if len(q.f.Waiting) == 0 {
			return
		}
		if turn := q.f.end(turnNext, q.now); turn != nil {
			q.over(*turn, true)
		}
		rest := q.order()[1:]
		if !q.f.begin(q.f.Waiting[0].ID, id.New[id.Appointment](), nil, q.now) {
			q.t.Error("the next cannot begin")
		}
		if got := q.order(); !slices.Equal(rest, got) {
			q.t.Errorf("behind the next: %v, want %v", got, rest)
		}
	}
}

func (q *play) over(turn Turn, ok bool) {
	if !ok || q.ended[turn.ID] || turn.EndedAt == nil || turn.EndReason == "" {
		q.t.Errorf("ended: %v %+v", ok, turn)
	}
	q.ended[turn.ID] = true
}

func (q *play) order() []id.Turn {
	ids := make([]id.Turn, len(q.f.Waiting))
	for i, w := range q.f.Waiting {
		ids[i] = w.ID
	}
	return ids
}

func (q *play) check() {
	seen := map[id.Appointment]bool{}
	open := 0
	for _, w := range q.f.Waiting {
		if w.State != Waiting || seen[w.Person.ID] || q.ended[w.ID] || w.CalledAt != nil {
			q.t.Errorf("waits: %+v", w)
		}
		seen[w.Person.ID] = true
		open++
	}
	if n := q.f.Now; n != nil {
		open++
		if n.State != Speaking || seen[n.Person.ID] || q.ended[n.ID] || !n.EndsAt.Equal(n.CalledAt.Add(time.Duration(n.Seconds)*time.Second)) {
			q.t.Errorf("speaks: %+v", n)
		}
	}
	if open+len(q.ended) != q.asked {
		q.t.Errorf("%d asked, %d are open and %d ended", q.asked, open, len(q.ended))
	}
}

func TestFloor_order(t *testing.T) {
	f := Floor{Seconds: 300}
	var ids []id.Turn
	for range 3 {
		turn, _, _ := f.ask(org.Appointment{ID: id.New[id.Appointment]()}, "", nil, time.Time{})
		ids = append(ids, turn.ID)
	}
	for name, order := range map[string][]id.Turn{
		"too few": ids[:2], "too many": append(slices.Clone(ids), id.New[id.Turn]()), "one twice": {ids[0], ids[0], ids[2]}, "none": nil,
	} {
		if err := f.order(order); errs.CodeOf(err) != errs.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.begin(ids[0], id.Appointment{}, nil, time.Time{})
	if err := f.order(ids); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("with who speaks: %v", err)
	}
	if err := f.order([]id.Turn{ids[2], ids[1]}); err != nil || f.Waiting[0].ID != ids[2] {
		t.Errorf("the other way round: %v", err)
	}
}
