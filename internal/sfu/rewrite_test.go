package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"pgregory.net/rapid"
)

// Whatever the sources, their losses, their order and their switches: the stream that leaves has each
// number once, no gap at a switch, and times that grow at a switch.
func TestRewriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rewriter{clock: 90000}
		now := time.Unix(0, 0)
		seen := map[uint16]bool{}
		var highest uint16
		var lastTS uint32
		started := false
		for epoch := range uint64(rapid.IntRange(1, 6).Draw(t, "sources")) {
			seq := rapid.Uint16().Draw(t, "first number")
			ts := rapid.Uint32().Draw(t, "first time")
			first := true
			for _, step := range rapid.SliceOfN(rapid.IntRange(-3, 5), 1, 40).Draw(t, "steps") {
				now = now.Add(10 * time.Millisecond)
				h := rtp.Header{SequenceNumber: seq, Timestamp: ts}
				ok := r.rewrite(&h, epoch+1, now)
				if first && !ok {
					t.Fatal("the first packet of a source was dropped")
				}
				if ok && first && started {
					if h.SequenceNumber != highest+1 {
						t.Fatalf("gap at a switch: %d after %d", h.SequenceNumber, highest)
					}
					if int32(h.Timestamp-lastTS) <= 0 {
						t.Fatalf("time went back at a switch: %d after %d", h.Timestamp, lastTS)
					}
				}
				if ok && (!started || int16(h.SequenceNumber-highest) > 0) {
					highest, lastTS = h.SequenceNumber, h.Timestamp
				}
				if ok && first && seen[h.SequenceNumber] {
					t.Fatalf("number %d twice", h.SequenceNumber)
				}
				started, first = true, false
				seen[h.SequenceNumber] = seen[h.SequenceNumber] || ok
				seq += uint16(step)
				ts += uint32(step) * 900
			}
		}
	})
}
