package forward

import (
	"time"

	"nghisu/internal/sfu/rewrite"
)

// places remembers which incoming packet went out under which number: about two seconds of video.
type places struct {
	ring    [512]place
	sources [4]*Stream // the newest last shown, by number modulo 4
	newest  uint8
	began   time.Time
	was     [4]*rewrite.Stream // how those before the newest were numbered, in the end
}

// place is one outgoing packet.
type place struct {
	in     uint32 // lower half of the unwrapped number
	out    uint16
	source uint8 // lower three bits: 0 for an empty place, else the source's number modulo 4, plus 1; above: times sent again
	again  uint8 // when it was sent again last, in units of againEvery, modulo 256; 0 for never
}

// mostAgain is how often one packet is sent again in all.
const mostAgain = 10

// source begins another source; was is how the last one was numbered.
func (p *places) source(s *Stream, was *rewrite.Stream) {
	if last := p.newest % 4; p.sources[last] != nil {
		if p.was[last] == nil {
			p.was[last] = &rewrite.Stream{}
		}
		*p.was[last] = *was
	}
	p.newest++
	p.sources[p.newest%4] = s
}

func (p *places) put(out uint16, in uint64) {
	p.ring[out%512] = place{in: uint32(in), out: out, source: p.newest%4 + 1}
}

// get finds the incoming packet to an outgoing number, and how its source was numbered, nil for as it is now; ok
// is false when it is forgotten, or was sent again just now.
func (p *places) get(out uint16, now time.Time) (s *Stream, in uint64, was *rewrite.Stream, ok bool) {
	e := &p.ring[out%512]
	if e.source == 0 || e.out != out || e.source>>3 >= mostAgain {
		return nil, 0, nil, false
	}
	if p.began.IsZero() {
		p.began = now
	}
	tick := uint8(now.Sub(p.began)/againEvery)%255 + 1
	if e.again == tick {
		return nil, 0, nil, false
	}
	e.again = tick
	e.source += 1 << 3
	s = p.sources[e.source&7-1]
	if s == nil {
		return nil, 0, nil, false
	}
	// the number lies near the newest of its stream
	newest := s.history.newest.Load()
	in = newest&^0xffffffff | uint64(e.in)
	if in > newest+1<<31 {
		in -= 1 << 32
	}
	if source := e.source&7 - 1; source != p.newest%4 {
		was = p.was[source]
	}
	return s, in, was, true
}
