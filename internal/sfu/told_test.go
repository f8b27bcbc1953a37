package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"pgregory.net/rapid"

	"nghisu/internal/sfu/forward"
)

// A round trip is what passed without what the client waited, over the turn of the clock's numbers too.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sent := time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "sent"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		trip := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(10*time.Second)).Draw(t, "trip"))
		waited := time.Duration(rapid.Int64Range(0, int64(5*time.Second)).Draw(t, "waited"))
		r := rtcp.ReceptionReport{LastSenderReport: uint32(forward.NTP(sent) >> 16), Delay: uint32(waited * (1 << 16) / time.Second)}
		got, ok := roundTrip(r, sent.Add(trip+waited))
		if off := got - trip; r.LastSenderReport != 0 && (!ok || off < -time.Millisecond || off > time.Millisecond) {
			t.Fatalf("%v for %v", got, trip)
		}
	})
	now := time.Unix(1000, 0)
	for name, r := range map[string]rtcp.ReceptionReport{
		"no report was there":     {},
		"from the future":         {LastSenderReport: uint32(forward.NTP(now.Add(time.Second)) >> 16)},
		"waited longer than that": {LastSenderReport: uint32(forward.NTP(now) >> 16), Delay: 1 << 20},
		"hours ago":               {LastSenderReport: uint32(forward.NTP(now.Add(-time.Hour)) >> 16)},
	} {
		if got, ok := roundTrip(r, now); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Whatever a client reports, the counts only grow, are never more than was wanted, and memory stays small.
func TestTold_reports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x told
		var came, lost int64
		for range rapid.IntRange(1, 200).Draw(t, "reports") {
			x.reports([]rtcp.ReceptionReport{{SSRC: rapid.Uint32Range(0, 100).Draw(t, "ssrc"),
				LastSequenceNumber: rapid.Uint32().Draw(t, "highest"), TotalLost: rapid.Uint32Range(0, 1<<24-1).Draw(t, "lost")}}, time.Unix(1000, 0))
			c, l := x.counts()
			if c < came || l < lost || c-came+l-lost >= 1<<20 {
				t.Fatalf("from %d and %d to %d and %d", came, lost, c, l)
			}
			came, lost = c, l
		}
		if len(x.last) > mostReported {
			t.Fatalf("%d streams remembered", len(x.last))
		}
	})
	var x told
	for _, r := range []rtcp.ReceptionReport{{SSRC: 1, LastSequenceNumber: 100}, {SSRC: 1, LastSequenceNumber: 200, TotalLost: 7}, {SSRC: 2, LastSequenceNumber: 50, TotalLost: 9}} {
		x.reports([]rtcp.ReceptionReport{r}, time.Unix(1000, 0))
	}
	if came, lost := x.counts(); came != 93 || lost != 7 {
		t.Errorf("%d came, %d lost", came, lost)
	}
}
