// Package rewrite makes one unbroken outgoing stream of packets whose source changes, pauses or is
// thinned out: sequence numbers without gaps of our making, timestamps that grow by the time that passed,
// picture numbers of VP8 that follow one another. What was lost before it came to us stays a gap, so that
// the receiver asks for it, and a packet that comes late falls into the place it left. It is pure; one
// goroutine at a time.
package rewrite

import "time"

// Numbers are those of one incoming packet.
type Numbers struct {
	Seq     uint64 // unwrapped
	TS      uint32
	Picture uint16 // VP8: number of the picture, 7 or 15 bits
	Wide    bool   // it has 15
	Base    uint8  // VP8: TL0PICIDX
}

// Out are those of the outgoing packet. A Filler carries no payload: it takes the place of a packet that
// is not for this receiver, but left a gap.
type Out struct {
	Seq     uint16
	TS      uint32
	Picture uint16
	Base    uint8
	Filler  bool
}

// remembered is how many thinned-out packets are remembered, to place late ones between them.
const remembered = 128

// Stream is one outgoing stream.
type Stream struct {
	started bool
	first   uint64 // first packet of this source
	in      uint64 // highest incoming number
	seqOff  uint64
	tsOff   uint32
	picOff  uint16
	baseOff uint8
	last    Out // of the highest
	lastAt  time.Time

	dropped [remembered]drop
	drops   int // in all since the switch
}

// drop is one packet that was left out.
type drop struct {
	seq     uint64
	picture uint16
	frame   bool // the picture was left out with this packet
}

// Switch begins another source with its first packet, which Next is then called with. passed is how long
// ago the last packet went out is told by now; clock is the rate of timestamps in Hz.
func (s *Stream) Switch(n Numbers, now time.Time, clock uint32) {
	s.first, s.in, s.drops = n.Seq, n.Seq-1, 0
	if !s.started {
		s.started = true
		s.lastAt = now
		return
	}
	passed := max(1, uint32(max(0, now.Sub(s.lastAt).Seconds())*float64(clock)))
	s.seqOff = uint64(s.last.Seq+1) - n.Seq
	s.tsOff = s.last.TS + passed - n.TS
	s.picOff = s.last.Picture + 1 - n.Picture
	s.baseOff = s.last.Base + 1 - n.Base
}

// Next gives the numbers under which a packet goes out; ok is false when it is from before the switch,
// or too late to be placed.
func (s *Stream) Next(n Numbers, now time.Time) (out Out, ok bool) {
	if !s.started || n.Seq < s.first {
		return Out{}, false
	}
	if n.Seq > s.in {
		out = s.place(n, s.seqOff, s.picOff)
		s.in, s.last, s.lastAt = n.Seq, out, now
		return out, true
	}
	seqOff, picOff, ok := s.offsetsAt(n)
	return s.place(n, seqOff, picOff), ok
}

// Again gives the numbers under which a packet of this source went out before.
func (s *Stream) Again(n Numbers) (out Out, ok bool) {
	if !s.started || n.Seq < s.first || n.Seq > s.in {
		return Out{}, false
	}
	seqOff, picOff, ok := s.offsetsAt(n)
	return s.place(n, seqOff, picOff), ok
}

func (s *Stream) place(n Numbers, seqOff uint64, picOff uint16) Out {
	out := Out{Seq: uint16(n.Seq + seqOff), TS: n.TS + s.tsOff, Picture: n.Picture + picOff, Base: n.Base + s.baseOff}
	if n.Wide {
		out.Picture &= 0x7fff
	} else {
		out.Picture &= 0x7f
	}
	return out
}

// Drop leaves a packet out. It returns a filler when the packet came late: its gap is there already.
func (s *Stream) Drop(n Numbers) (filler Out, ok bool) {
	if !s.started || n.Seq < s.first {
		return Out{}, false
	}
	if n.Seq <= s.in {
		seqOff, picOff, ok := s.offsetsAt(n)
		filler = s.place(n, seqOff, picOff)
		filler.Filler = true
		return filler, ok
	}
	// what lies between stays a gap: those numbers may still come
	d := drop{seq: n.Seq, picture: n.Picture, frame: s.drops == 0 || s.newest().picture != n.Picture}
	s.in = n.Seq
	s.seqOff--
	if d.frame {
		s.picOff--
	}
	s.dropped[s.drops%remembered] = d
	s.drops++
	return Out{}, false
}

func (s *Stream) newest() drop { return s.dropped[(s.drops-1)%remembered] }

// offsetsAt are the offsets as they were when a late packet should have come; ok is false when that is forgotten,
// or when the packet itself was left out in its time.
func (s *Stream) offsetsAt(n Numbers) (seqOff uint64, picOff uint16, ok bool) {
	seqOff, picOff = s.seqOff, s.picOff
	for i := s.drops - 1; i >= 0; i-- {
		if i < s.drops-remembered {
			return 0, 0, false
		}
		d := s.dropped[i%remembered]
		if d.seq == n.Seq {
			return 0, 0, false
		}
		if d.seq < n.Seq {
			break
		}
		seqOff++
		if d.frame && d.picture != n.Picture {
			picOff++
		}
	}
	return seqOff, picOff, true
}

// Offset is by how much timestamps go out later than they came in.
func (s *Stream) Offset() uint32 { return s.tsOff }
