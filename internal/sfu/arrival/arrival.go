// Package arrival keeps the books on one incoming RTP stream: what came and what is missing, for the
// receiver reports (RFC 3550 section 6.4 and appendix A) and for the requests to send again (RFC 4585
// section 6.2.1). It is pure: time is handed in. One goroutine at a time.
package arrival

import (
	"slices"
	"time"
)

// Limits of asking again. A stream that lost more than maxMissing packets at once needs a keyframe, not
// retransmissions.
const (
	maxMissing = 256
	maxTries   = 8
	firstWait  = 10 * time.Millisecond // packets overtake one another
	leastWait  = 25 * time.Millisecond // between two requests for the same packet
	tooOld     = 2 * time.Second
)

// Stream is the books on one stream.
type Stream struct {
	clock       uint32
	started     bool
	base, max   uint64 // first and highest number
	received    uint64
	priorWant   uint64 // at the last report
	priorGot    uint64
	jitter      float64   // ticks
	missing     []missing // by number
	gaveUp      bool
	missed      uint64 // did not come on its own, whether it came when asked for or not
	repaired    uint64 // of these, came when asked for
	lastTS      uint32
	lastArrival time.Time
}

type missing struct {
	seq   uint64
	since time.Time
	asked time.Time
	tries int
}

// New makes the books for a stream with timestamps of clock Hz.
func New(clock uint32) *Stream { return &Stream{clock: clock} }

// Arrive notes a packet by its unwrapped number. fresh is false for one that was there already.
func (s *Stream) Arrive(seq uint64, ts uint32, now time.Time) (fresh bool) {
	switch {
	case !s.started:
		s.started, s.base, s.max, s.received = true, seq, seq, 1
		s.lastTS, s.lastArrival = ts, now
		return true
	case seq > s.max:
		s.gap(seq, now)
		s.max = seq
		s.received++
		s.moveJitter(ts, now)
		return true
	}
	i, found := slices.BinarySearchFunc(s.missing, seq, func(m missing, seq uint64) int {
		switch {
		case m.seq < seq:
			return -1
		case m.seq > seq:
			return 1
		}
		return 0
	})
	if found {
		if s.missing[i].tries > 0 {
			s.repaired++
		} else {
			s.missed-- // was only overtaken
		}
		s.missing = slices.Delete(s.missing, i, i+1)
		s.received++
		return true
	}
	return false
}

// gap notes what lies between the highest packet and a new one.
func (s *Stream) gap(seq uint64, now time.Time) {
	n := seq - s.max - 1
	if n == 0 {
		return
	}
	s.missed += n
	if n > maxMissing || len(s.missing)+int(n) > maxMissing {
		s.missing, s.gaveUp = s.missing[:0], true
		return
	}
	for q := s.max + 1; q < seq; q++ {
		s.missing = append(s.missing, missing{seq: q, since: now})
	}
}

// moveJitter is the estimate of RFC 3550 appendix A.8, from packets that came in order.
func (s *Stream) moveJitter(ts uint32, now time.Time) {
	if ts == s.lastTS { // packets of one picture say nothing
		return
	}
	passed := now.Sub(s.lastArrival).Seconds() * float64(s.clock)
	d := passed - float64(int32(ts-s.lastTS))
	if d < 0 {
		d = -d
	}
	if d < 10*float64(s.clock) { // a source that began anew is no jitter
		s.jitter += (d - s.jitter) / 16
	}
	s.lastTS, s.lastArrival = ts, now
}

// Waiting reports whether packets are missing.
func (s *Stream) Waiting() bool { return len(s.missing) > 0 || s.gaveUp }

// Ask lists the packets whose turn it is to be asked for, given the round trip to the sender, and whether all hope for an
// older one is lost, so that only a keyframe mends the picture.
func (s *Stream) Ask(now time.Time, roundTrip time.Duration) (seqs []uint16, broken bool) {
	broken, s.gaveUp = s.gaveUp, false
	wait := max(leastWait, roundTrip+roundTrip/4)
	s.missing = slices.DeleteFunc(s.missing, func(m missing) bool {
		gone := now.Sub(m.since) > tooOld || m.tries >= maxTries && now.Sub(m.asked) >= wait
		broken = broken || gone
		return gone
	})
	for i := range s.missing {
		m := &s.missing[i]
		if m.tries == 0 && now.Sub(m.since) < firstWait || m.tries > 0 && now.Sub(m.asked) < wait || m.tries >= maxTries {
			continue
		}
		m.tries++
		m.asked = now
		seqs = append(seqs, uint16(m.seq))
	}
	return seqs, broken
}

// Counts are the books since the start.
type Counts struct {
	Received uint64        // packets, with those that came again
	Missed   uint64        // packets that the line lost
	Repaired uint64        // of these, came when asked for
	Jitter   time.Duration // of the last arrivals
}

// Counts reads the books; they are zero before the first packet.
func (s *Stream) Counts() Counts {
	return Counts{s.received, s.missed, s.repaired, time.Duration(s.jitter / float64(s.clock) * float64(time.Second))}
}

// Report is what a receiver report says of the stream.
type Report struct {
	Fraction uint8 // lost since the last report, of 256
	Lost     int64 // lost in all
	Highest  uint32
	Jitter   uint32 // ticks
}

// Report closes the books of an interval.
func (s *Stream) Report() (Report, bool) {
	if !s.started {
		return Report{}, false
	}
	want := s.max - s.base + 1
	r := Report{Lost: int64(want) - int64(s.received), Highest: uint32(s.max), Jitter: uint32(s.jitter)}
	wanted, got := want-s.priorWant, s.received-s.priorGot
	s.priorWant, s.priorGot = want, s.received
	if wanted > got {
		r.Fraction = uint8(min(255, (wanted-got)*256/wanted))
	}
	return r, true
}
