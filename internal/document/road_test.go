package document

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

// Whoever tries whatever in whatever order: a document passes the stations of NĐ 30/2020 Đ.10-19 in their
// order, each by the one whose it is; nothing follows release or the end; copies go without a signer.
func TestDocument_roadNeverLeavesItsOrder(t *testing.T) {
	agency := id.New[id.Agency]()
	post := func(roles ...access.Role) access.Actor {
		return access.Actor{Appointment: id.New[id.Appointment](), Agency: agency, Roles: roles}
	}
	clerk, leader, other, author := post(access.Clerk), post(access.Leader), post(access.Leader), post(access.Specialist)
	stranger := access.Actor{Appointment: id.New[id.Appointment](), Agency: id.New[id.Agency](), Roles: access.Roles}
	leadsTo := map[Action]State{Submit: Submitted, Return: Draft, Sign: Signed, Number: Numbered, Seal: Sealed, Send: Released, Cancel: Cancelled}
	rapid.Check(t, func(t *rapid.T) {
		d := Document{Agency: agency, State: Draft, CreatedBy: org.Appointment{ID: author.Appointment}, Signer: &org.Appointment{ID: leader.Appointment}}
		isCopy := rapid.Bool().Draw(t, "copy")
		if isCopy {
			d.Copy, d.Signer, d.CreatedBy.ID = &CopyOf{Form: SaoY, Source: FromPaper}, nil, clerk.Appointment
		}
		passed := []State{Draft}
		actors := map[string]access.Actor{"clerk": clerk, "leader": leader, "other leader": other, "author": author, "stranger": stranger}
		t.Repeat(map[string]func(*rapid.T){"act": func(t *rapid.T) {
			who := rapid.SampledFrom([]string{"clerk", "leader", "other leader", "author", "stranger"}).Draw(t, "who")
			a := rapid.SampledFrom(actions).Draw(t, "action")
			if d.May(actors[who], a) != nil {
				return
			}
			switch {
			case who == "stranger" || who == "other leader":
				t.Fatalf("%s may %s in %s", who, a, d.State)
			case slices.Contains([]Action{Sign, Return}, a) != (who == "leader") && a != Arrange:
				t.Fatalf("%s may %s", who, a)
			case slices.Contains([]Action{Number, Seal, Send}, a) && who != "clerk":
				t.Fatalf("%s may %s", who, a)
			case d.State == Released || d.State == Cancelled:
				t.Fatalf("%s after %s", a, d.State)
			}
			to, moves := leadsTo[a]
			if !moves {
				return
			}
			before := map[State]State{Submitted: Draft, Signed: Submitted, Numbered: Signed, Sealed: Numbered, Released: Sealed}
			if isCopy {
				before[Numbered] = Draft
			}
			if from, known := before[to]; known && d.State != from {
				t.Fatalf("%s leads from %s to %s", a, d.State, to)
			}
			if to == Draft && d.State != Submitted {
				t.Fatalf("%s leads from %s back to the draft", a, d.State)
			}
			d.State = to
			if passed = append(passed, to); to == Released && !isCopy && !slices.Contains(passed, Signed) {
				t.Fatalf("released without a signature: %v", passed)
			}
			if isCopy && (to == Submitted || to == Signed) {
				t.Fatalf("a copy is %s", to)
			}
		}})
	})
}
