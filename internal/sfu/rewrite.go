package sfu

import (
	"time"

	"github.com/pion/rtp"
)

// rewriter makes one unbroken outgoing stream of packets whose source changes or pauses: sequence
// numbers without gaps of our making, timestamps that grow by the time that passed. It is pure; the
// down track that owns it holds the lock.
//
// A receiver's SRTP refuses numbers that jump back, so a slot may not simply take over the numbers
// of its new source.
type rewriter struct {
	clock   uint32 // ticks a second
	started bool
	epoch   uint64 // of the source the offsets are for
	first   uint16 // first incoming number of this epoch
	early   int    // packets since then; while few, older ones are from before the switch
	seqOff  uint16
	tsOff   uint32
	lastSeq uint16 // highest outgoing
	lastTS  uint32 // its timestamp
	lastAt  time.Time
}

// earlyPackets is how long a packet that was overtaken by the first of its source is recognised.
const earlyPackets = 500

// rewrite changes h to its outgoing form; false when the packet belongs before the switch and must
// be dropped. epoch changes when the source does, or comes back from a pause.
func (r *rewriter) rewrite(h *rtp.Header, epoch uint64, now time.Time) bool {
	switch {
	case !r.started:
		r.started = true
		r.begin(h, epoch)
		r.lastSeq, r.lastTS = h.SequenceNumber, h.Timestamp
	case epoch != r.epoch:
		r.begin(h, epoch)
		passed := uint32(now.Sub(r.lastAt).Seconds() * float64(r.clock))
		r.seqOff = r.lastSeq + 1 - h.SequenceNumber
		r.tsOff = r.lastTS + max(passed, 1) - h.Timestamp
	case r.early < earlyPackets:
		r.early++
		if int16(h.SequenceNumber-r.first) < 0 {
			return false
		}
	}
	h.SequenceNumber += r.seqOff
	h.Timestamp += r.tsOff
	if int16(h.SequenceNumber-r.lastSeq) >= 0 {
		r.lastSeq, r.lastTS, r.lastAt = h.SequenceNumber, h.Timestamp, now
	}
	return true
}

func (r *rewriter) begin(h *rtp.Header, epoch uint64) {
	r.epoch, r.first, r.early = epoch, h.SequenceNumber, 0
}
