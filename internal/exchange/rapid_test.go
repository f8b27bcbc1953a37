package exchange

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nghisu/internal/access"
	"nghisu/internal/id"
)

// Whatever the two sides and the transport try, in whatever order: what arrived stays arrived, what
// was decided stays decided, and the sender's retry is the only way out of a failure.
func TestDelivery_stateNeverGoesBack(t *testing.T) {
	sender, recipient := id.New[id.Agency](), id.New[id.Agency]()
	rapid.Check(t, func(t *rapid.T) {
		d := Delivery{Sender: sender, Recipient: recipient, Transport: Queued}
		actors := rapid.Custom(func(t *rapid.T) access.Actor {
			return access.Actor{
				Agency: rapid.SampledFrom([]id.Agency{sender, recipient, {}}).Draw(t, "agency"),
				Roles:  rapid.SliceOfN(rapid.SampledFrom(access.Roles), 1, 3).Draw(t, "roles")}
		})
		step := func(what string, change func(d *Delivery)) {
			before := d
			change(&d)
			if before.Transport != d.Transport && !before.Transport.mayFollow(d.Transport) {
				t.Fatalf("%s leads from %s to %s", what, before.Transport, d.Transport)
			}
			if before.Transport == Delivered && d.Transport != Delivered {
				t.Fatalf("%s takes an arrival back", what)
			}
			if before.Status > Arrived && d.Status != before.Status {
				t.Fatalf("%s changes the decision %d to %d", what, before.Status, d.Status)
			}
			if (d.Status != 0) != (d.Transport == Delivered) || (d.Status == Accepted) != (d.ArrivalNumber != nil) {
				t.Fatalf("after %s: %+v", what, d)
			}
			if d.Attempts < before.Attempts {
				t.Fatalf("%s forgets attempts", what)
			}
		}
		act := func(a Action, change func(d *Delivery)) func(*rapid.T) {
			return func(t *rapid.T) {
				actor := actors.Draw(t, "actor")
				may := d.May(actor, a) == nil
				if may != slices.Contains(d.Can(actor), a) {
					t.Fatalf("may %v and can %v differ about %s", may, d.Can(actor), a)
				}
				if !may {
					return
				}
				if a == Retry && actor.Agency != sender || a != Retry && actor.Agency != recipient {
					t.Fatalf("the wrong side may %s", a)
				}
				step(string(a), change)
			}
		}
		now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
		one := 1
		t.Repeat(map[string]func(*rapid.T){
			"hand over": func(*rapid.T) {
				if d.Transport == Queued {
					step("hand over", func(d *Delivery) { d.Transport = Sent })
				}
			},
			"attempt": func(t *rapid.T) {
				if d.Transport != Sent {
					return
				}
				f := rapid.SampledFrom([]failure{{}, {key: "exchange.file_missing"}, {key: "exchange.recipient_dissolved", final: true}}).Draw(t, "failure")
				step("attempt", func(d *Delivery) { d.end(f, now) })
				if d.Transport == Failed && d.Attempts%attemptsPerRound != 0 {
					t.Fatalf("a round ended after %d attempts", d.Attempts)
				}
				if (d.Transport == Sent) != (d.NextTryAt != nil) {
					t.Fatalf("%s with next try %v", d.Transport, d.NextTryAt)
				}
			},
			"open":   act(Open, func(*Delivery) {}),
			"accept": act(Accept, func(d *Delivery) { d.Status, d.ArrivalNumber = Accepted, &one }),
			"refuse": act(Refuse, func(d *Delivery) { d.Status = Refused }),
			"retry":  act(Retry, func(d *Delivery) { d.Transport = Queued }),
		})
	})
}
