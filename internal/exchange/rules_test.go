package exchange

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
)

func TestDelivery_Can(t *testing.T) {
	sender, recipient := id.New[id.Agency](), id.New[id.Agency]()
	person := func(a id.Agency, roles ...access.Role) access.Actor { return access.Actor{Agency: a, Roles: roles} }
	actors := map[string]access.Actor{
		"recipient's clerk":      person(recipient, access.Clerk),
		"recipient's leader":     person(recipient, access.Leader),
		"recipient's specialist": person(recipient, access.Specialist),
		"sender's clerk":         person(sender, access.Clerk),
		"sender's secretary":     person(sender, access.Secretary),
		"stranger":               person(id.New[id.Agency](), access.Clerk, access.Leader, access.Secretary),
	}
	one := 1
	for name, c := range map[string]struct {
		d   Delivery
		can map[string][]Action
	}{
		"queued": {Delivery{Transport: Queued}, nil},
		"sent":   {Delivery{Transport: Sent}, nil},
		"failed": {Delivery{Transport: Failed}, map[string][]Action{"sender's clerk": {Retry}}},
		"arrived": {Delivery{Transport: Delivered, Status: Arrived}, map[string][]Action{
			"recipient's clerk": {Open, Accept, Refuse}, "recipient's leader": {Open}}},
		"accepted": {Delivery{Transport: Delivered, Status: Accepted, ArrivalNumber: &one}, map[string][]Action{
			"recipient's clerk": {Open}, "recipient's leader": {Open}}},
		"refused": {Delivery{Transport: Delivered, Status: Refused}, map[string][]Action{
			"recipient's clerk": {Open}, "recipient's leader": {Open}}},
	} {
		c.d.Sender, c.d.Recipient = sender, recipient
		for who, actor := range actors {
			want := c.can[who]
			if want == nil {
				want = []Action{}
			}
			if diff := cmp.Diff(want, c.d.Can(actor)); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, who, diff)
			}
		}
		if err := c.d.May(actors["stranger"], Accept); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: a stranger learns %v", name, err)
		}
		if err := c.d.May(actors["recipient's leader"], Accept); c.d.Transport == Delivered && !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: the leader accepts: %v", name, err)
		}
	}
}

// Every pair of filters reads the strands it has to, in either order.
func TestFilter_strands(t *testing.T) {
	two := 2
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		f     Filter
		bound strand
		want  int
	}{
		"one sender":                  {Filter{State: All}, strand{urgency: 3}, 12},
		"accepted ones":               {Filter{State: AcceptedOnes}, strand{urgency: 3}, 4},
		"refused and urgent":          {Filter{State: RefusedOnes, Urgency: &two}, strand{urgency: 3}, 1},
		"urgent of any answer":        {Filter{State: All, Urgency: &two}, strand{urgency: 3}, 3},
		"waiting from the beginning":  {Filter{State: Waiting}, strand{urgency: 3}, 4},
		"waiting, come to urgency 1":  {Filter{State: Waiting}, strand{urgency: 1, at: at}, 2},
		"waiting, all of 2 were seen": {Filter{State: Waiting, Urgency: &two}, strand{urgency: 1, at: at}, 0},
	} {
		got := c.f.strands(c.bound)
		if len(got) != c.want {
			t.Errorf("%s: %d strands instead of %d", name, len(got), c.want)
		}
		if c.f.State == Waiting && len(got) > 1 && (!got[0].at.Equal(c.bound.at) || !got[1].at.Equal(forever)) {
			t.Errorf("%s: bounds %v and %v", name, got[0].at, got[1].at)
		}
		if !slices.IsSortedFunc(got, func(a, b strand) int { return int(a.status)*10 - a.urgency - int(b.status)*10 + b.urgency }) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
