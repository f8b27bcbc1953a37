package arrival_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nghisu/internal/sfu/arrival"
)

const frame = 20 * time.Millisecond

func TestStream_report(t *testing.T) {
	s := arrival.New(48000)
	now := time.Unix(1000, 0)
	if _, ok := s.Report(); ok {
		t.Fatal("a report about nothing")
	}
	for i := range uint64(100) {
		now = now.Add(frame)
		if i%10 != 3 {
			s.Arrive(1<<16+i, uint32(i)*960, now)
		}
	}
	r, _ := s.Report()
	if r.Lost != 10 || r.Fraction != 25 || r.Jitter > 1 || r.Highest != 1<<16+99 {
		t.Errorf("%+v", r)
	}
	if r, _ = s.Report(); r.Fraction != 0 || r.Lost != 10 {
		t.Errorf("an interval without packets: %+v", r)
	}
}

func TestStream_asksUntilItCame(t *testing.T) {
	s := arrival.New(90000)
	now := time.Unix(1000, 0)
	s.Arrive(10, 0, now)
	s.Arrive(13, 3000, now)
	if seqs, _ := s.Ask(now, 0); len(seqs) != 0 {
		t.Fatalf("asked at once for what may be on its way: %v", seqs)
	}
	now = now.Add(frame)
	if seqs, _ := s.Ask(now, 0); !slices.Equal(seqs, []uint16{11, 12}) {
		t.Fatal(seqs)
	}
	if seqs, _ := s.Ask(now.Add(time.Millisecond), 0); len(seqs) != 0 {
		t.Fatalf("asked twice in a round trip: %v", seqs)
	}
	if !s.Arrive(11, 3000, now) || s.Arrive(11, 3000, now) {
		t.Fatal("a packet that was missing is fresh once")
	}
	now = now.Add(100 * time.Millisecond)
	if seqs, _ := s.Ask(now, 0); !slices.Equal(seqs, []uint16{12}) {
		t.Fatal(seqs)
	}
	broken := false
	for range 40 {
		now = now.Add(100 * time.Millisecond)
		_, b := s.Ask(now, 0)
		broken = broken || b
	}
	if !broken || s.Waiting() {
		t.Fatal("hope was never given up")
	}
}

func TestStream_aBreakAsksForAKeyframe(t *testing.T) {
	s := arrival.New(90000)
	now := time.Unix(1000, 0)
	s.Arrive(10, 0, now)
	s.Arrive(5000, 3000, now)
	if seqs, broken := s.Ask(now.Add(time.Second), 0); len(seqs) != 0 || !broken {
		t.Fatal(seqs, broken)
	}
}

// Whatever is lost, doubled and overtaken: each packet is fresh once, only missing ones are asked for, and the
// books balance.
func TestStream_anything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := arrival.New(90000)
		now := time.Unix(1000, 0)
		seen := map[uint64]bool{}
		first := uint64(70000)
		s.Arrive(first, 0, now)
		seen[first] = true
		top := first
		for range rapid.IntRange(1, 100).Draw(t, "packets") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "ms")) * time.Millisecond)
			seq := top + uint64(int64(rapid.IntRange(-5, 4).Draw(t, "step")))
			if seq < first {
				continue
			}
			fresh := s.Arrive(seq, uint32(seq)*3000, now)
			if fresh && seen[seq] {
				t.Fatalf("%d is fresh twice", seq)
			}
			seen[seq] = seen[seq] || fresh
			top = max(top, seq)
			seqs, _ := s.Ask(now, 30*time.Millisecond)
			for _, q := range seqs {
				if at := top&^0xffff | uint64(q); seen[at] {
					t.Fatalf("%d was asked for and is here", q)
				}
			}
		}
		got := int64(0)
		for _, here := range seen {
			if here {
				got++
			}
		}
		if r, _ := s.Report(); r.Lost != int64(top-first+1)-got {
			t.Fatalf("%d lost of %d to %d, %d here", r.Lost, first, top, got)
		}
	})
}

// What the line lost is told apart from what was overtaken, and from what came when asked for.
func TestStream_Counts(t *testing.T) {
	s := arrival.New(90000)
	now := time.Unix(1000, 0)
	for _, seq := range []uint64{1, 2, 6, 3} { // 3 was overtaken, 4 and 5 are lost
		s.Arrive(seq, 0, now)
	}
	now = now.Add(frame)
	s.Ask(now, 0)
	s.Arrive(4, 0, now) // came again
	s.Arrive(4, 0, now) // and once more
	if c := s.Counts(); c.Received != 5 || c.Missed != 2 || c.Repaired != 1 {
		t.Errorf("%+v", c)
	}
}

// Whatever is lost, repaired or overtaken: what was missed and never came is what the reports call lost.
func TestStream_Counts_agreeWithReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := arrival.New(90000)
		now := time.Unix(1000, 0)
		s.Arrive(0, 0, now)
		newest := uint64(0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "ms")) * time.Millisecond)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				newest += uint64(rapid.IntRange(1, 300).Draw(t, "gap"))
				s.Arrive(newest, 0, now)
			case 1:
				newest++
				s.Arrive(newest, 0, now)
			case 2:
				s.Arrive(newest-min(newest, uint64(rapid.IntRange(0, 20).Draw(t, "back"))), 0, now)
			default:
				s.Ask(now, 0)
			}
			c, r := s.Counts(), func() arrival.Report { r, _ := s.Report(); return r }()
			if c.Repaired > c.Missed || int64(c.Missed-c.Repaired) != r.Lost {
				t.Fatalf("%+v, reported lost %d", c, r.Lost)
			}
		}
	})
}
