package conference

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/meeting"
	"nghisu/internal/org/orgtest"
)

// A chair calls one speaker after the other in a room of 200: the time until the speaker's page knows its
// right and everybody's page has its message. What follows, the way to the browser and back, is in no server's hand.
func BenchmarkFloor_call(b *testing.B) {
	const receivers = 200
	x := setup(b)
	agency := orgtest.Agency(b, x.db, "H9", "Phường")
	people := make([]access.Actor, receivers)
	invitees := make([]meeting.Invitee, receivers)
	for n := range people {
		people[n] = x.person(b, agency, fmt.Sprint("Điểm cầu ", n))
		invitees[n] = meeting.Invitee{Appointment: people[n].Appointment, Role: meeting.Point}
	}
	if _, err := x.meetings.Invite(b.Context(), x.secretary, x.meeting, 0, invitees); err != nil {
		b.Fatal(err)
	}
	s, _ := x.node(b, "one")
	pages := make([]*page, receivers)
	for n, who := range people {
		pages[n] = x.page(b, s, who)
		pages[n].join(x.meeting, "tab")
		pages[n].hear("room.floor")
	}
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		speaker := pages[n%receivers]
		for _, p := range pages {
			p.mu.Lock()
			p.got = nil
			p.mu.Unlock()
		}
		began := time.Now()
		if _, err := x.meetings.Call(b.Context(), x.chair, x.meeting, meeting.Called{Person: speaker.actor.Appointment}); err != nil {
			b.Fatal(err)
		}
		speaker.hear("room.rights")
		speaker.say("room.media", map[string]any{"mic": true})
		for _, p := range pages {
			p.hear("room.participants")
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
}
