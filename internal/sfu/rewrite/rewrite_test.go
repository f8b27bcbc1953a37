package rewrite_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nghisu/internal/sfu/rewrite"
)

// packet is one packet of a made-up source: pictures of 1 to 4 packets, every second one in an upper
// temporal layer.
type packet struct {
	n     rewrite.Numbers
	upper bool
}

func source(t *rapid.T, name string, packets int) []packet {
	seq := uint64(rapid.Uint16().Draw(t, name+" first number")) + 1<<16
	ts := rapid.Uint32().Draw(t, name+" first timestamp")
	picture := rapid.Uint16Range(0, 0x7fff).Draw(t, name+" first picture")
	var out []packet
	for i := 0; len(out) < packets; i++ {
		for range rapid.IntRange(1, 4).Draw(t, "packets of a picture") {
			out = append(out, packet{rewrite.Numbers{Seq: seq, TS: ts, Picture: picture, Wide: true, Base: uint8(i / 2)}, i%2 == 1})
			seq++
		}
		ts += 3000
		picture = (picture + 1) & 0x7fff
	}
	return out
}

// Whatever is left out and whenever the source changes, an untroubled network gives consecutive numbers,
// growing timestamps and consecutive pictures.
func TestStream_noGapsOfOurMaking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s rewrite.Stream
		now := time.Unix(1000, 0)
		var last *rewrite.Out
		for range rapid.IntRange(1, 5).Draw(t, "sources") {
			thin := rapid.Bool().Draw(t, "thin out")
			for i, p := range source(t, "source", rapid.IntRange(1, 60).Draw(t, "length")) {
				now = now.Add(time.Millisecond)
				if i == 0 {
					s.Switch(p.n, now, 90000)
				}
				if thin && p.upper {
					if _, ok := s.Drop(p.n); ok {
						t.Fatal("a filler for a packet that came in order")
					}
					continue
				}
				out, ok := s.Next(p.n, now)
				if !ok {
					t.Fatalf("packet %+v was refused", p.n)
				}
				if last != nil {
					if out.Seq != last.Seq+1 {
						t.Fatalf("number %d after %d", out.Seq, last.Seq)
					}
					if int32(out.TS-last.TS) < 0 {
						t.Fatalf("timestamp %d after %d", out.TS, last.TS)
					}
					same := out.TS == last.TS
					if same && out.Picture != last.Picture || !same && out.Picture != (last.Picture+1)&0x7fff {
						t.Fatalf("picture %d after %d (same picture: %v)", out.Picture, last.Picture, same)
					}
				}
				last = &out
			}
		}
	})
}

// Whatever order packets come in, no number goes out twice, every packet gets the number it would have
// had in order, and late packets that are not for the receiver fill the gap that they left.
func TestStream_reordered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packets := source(t, "source", 60)
		var inOrder, s rewrite.Stream
		now := time.Unix(1000, 0)
		inOrder.Switch(packets[0].n, now, 90000)
		want := map[uint64]rewrite.Out{}
		for _, p := range packets {
			if p.upper {
				inOrder.Drop(p.n)
			} else {
				want[p.n.Seq], _ = inOrder.Next(p.n, now)
			}
		}
		// only packets of the lower layer are moved: a late packet of the upper one must cost a filler
		moved := append([]packet(nil), packets...)
		for range rapid.IntRange(0, 20).Draw(t, "moves") {
			i := rapid.IntRange(1, len(moved)-2).Draw(t, "from")
			if !moved[i].upper && !moved[i+1].upper {
				moved[i], moved[i+1] = moved[i+1], moved[i]
			}
		}
		s.Switch(moved[0].n, now, 90000)
		for _, p := range moved {
			if p.upper {
				s.Drop(p.n)
				continue
			}
			out, ok := s.Next(p.n, now)
			if !ok || out != want[p.n.Seq] {
				t.Fatalf("packet %+v went out as %+v (%v), in order as %+v", p.n, out, ok, want[p.n.Seq])
			}
		}
	})
}

func TestStream_latePacketsOfAnUpperLayerFillTheirGap(t *testing.T) {
	var s rewrite.Stream
	now := time.Unix(1000, 0)
	n := func(seq uint64, ts uint32, pic uint16) rewrite.Numbers {
		return rewrite.Numbers{Seq: seq, TS: ts, Picture: pic, Wide: true}
	}
	s.Switch(n(100, 0, 1), now, 90000)
	a, _ := s.Next(n(100, 0, 1), now)
	b, _ := s.Next(n(102, 6000, 3), now) // 101 is missing
	if b.Seq != a.Seq+2 {
		t.Fatalf("the gap was closed: %d after %d", b.Seq, a.Seq)
	}
	f, ok := s.Drop(n(101, 3000, 2))
	if !ok || !f.Filler || f.Seq != a.Seq+1 {
		t.Fatalf("filler %+v %v", f, ok)
	}
	if _, ok := s.Next(n(99, 0, 0), now); ok {
		t.Fatal("a packet from before the switch went out")
	}
}

func TestStream_pauseMovesTimestampsByTheTimeThatPassed(t *testing.T) {
	var s rewrite.Stream
	now := time.Unix(1000, 0)
	s.Switch(rewrite.Numbers{Seq: 5, TS: 1000}, now, 48000)
	a, _ := s.Next(rewrite.Numbers{Seq: 5, TS: 1000}, now)
	now = now.Add(2 * time.Second)
	s.Switch(rewrite.Numbers{Seq: 9000, TS: 77}, now, 48000)
	b, _ := s.Next(rewrite.Numbers{Seq: 9000, TS: 77}, now)
	if b.Seq != a.Seq+1 || b.TS-a.TS != 96000 {
		t.Fatalf("%+v after %+v", b, a)
	}
}

// A packet goes out again under the numbers that it had, as long as its source is remembered, and asking
// for it changes nothing; what never went out has none.
func TestStream_Again(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s, before rewrite.Stream
		now := time.Unix(1000, 0)
		var last, old []packet
		var lastOut, oldOut []rewrite.Out
		for range 2 {
			before, old, oldOut = s, last, lastOut
			last, lastOut = nil, nil
			thin := rapid.Bool().Draw(t, "thin out")
			all := source(t, "source", rapid.IntRange(1, 60).Draw(t, "length"))
			for i, p := range all {
				now = now.Add(time.Millisecond)
				if i == 0 {
					s.Switch(p.n, now, 90000)
				}
				if thin && p.upper {
					s.Drop(p.n)
					if out, ok := s.Again(p.n); ok {
						t.Fatalf("a packet that was left out goes out again as %+v", out)
					}
					continue
				}
				out, _ := s.Next(p.n, now)
				last, lastOut = append(last, p), append(lastOut, out)
			}
			after := all[len(all)-1].n
			after.Seq++
			if out, ok := s.Again(after); ok {
				t.Fatalf("a packet that is still to come goes out again as %+v", out)
			}
		}
		for i, p := range last {
			if out, ok := s.Again(p.n); !ok || out != lastOut[i] {
				t.Fatalf("%+v (%v), went out as %+v", out, ok, lastOut[i])
			}
		}
		for i, p := range old {
			if out, ok := before.Again(p.n); !ok || out != oldOut[i] {
				t.Fatalf("of the source before: %+v (%v), went out as %+v", out, ok, oldOut[i])
			}
		}
	})
}
