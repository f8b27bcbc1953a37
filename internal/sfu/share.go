package sfu

import (
	"time"

	"nghisu/internal/sfu/bwe"
	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/layers"
)

// What is kept free for sound, bits a second: pictures are given up before it.
const (
	soundRate  = 60_000 // of one voice with its headers
	redundancy = 35_000 // that each takes more with its redundancy
	plainBelow = 500_000

	pictureShare = 0.25 // of a line, that pictures may fill whatever is kept free
)

// firstPicture is how long a layer that comes in may take to show its first picture, before another is tried.
const firstPicture = 2 * time.Second

// share chooses what is sent of every picture by what the line takes; it reports whether a picture was given up or
// came back. Needs room.mu.
func (p *Participant) share(now time.Time) bool {
	rate := p.recv.Rate()
	if rate == 0 {
		rate = bwe.Most
	}
	p.shareSound(rate < plainBelow)
	sound := 0.0
	for _, s := range p.slots {
		if !s.video && s.shows != nil && s.shows.on {
			sound += soundRate
			if !p.plain {
				sound += redundancy
			}
		}
	}
	var wants []layers.Want
	var pictures []picture
	for _, s := range p.pictures() {
		c := picture{slot: s}
		c.steps, c.rates = s.shows.steps(now)
		c.best = s.shows.best(p.height(s.role, s.shows))
		sent, is := s.step()
		w := want(c.steps, c.rates, c.best, sent, is)
		w.Keep = s.role == "" // players know no pictures that are given up
		wants, pictures = append(wants, w), append(pictures, c)
	}
	changed := false
	for i, n := range layers.Choose(max(rate-sound, pictureShare*rate), wants) {
		changed = pictures[i].send(n, now) || changed
	}
	return changed
}

// shareSound says whether sound goes without redundancy.
func (p *Participant) shareSound(plain bool) {
	if p.plain == plain {
		return
	}
	p.plain = plain
	for _, s := range p.slots {
		if !s.video {
			s.sink.Plain(plain)
		}
	}
}

// pictures are the slots with a picture that is looked at, the more important first; others stop. Needs room.mu.
func (p *Participant) pictures() []*slot {
	var screens, mains, others []*slot
	for _, s := range p.slots {
		switch {
		case !s.video || s.shows == nil:
		case p.height(s.role, s.shows) == 0:
			s.paused = false
			s.show(nil)
		case s.role == Shown:
			screens = append(screens, s)
		case s.shows == p.main && s.role != "":
			mains = append(mains, s)
		default:
			others = append(others, s)
		}
	}
	return append(append(screens, mains...), p.byWish(others)...)
}

// byWish sorts slots as the page named their pictures. Needs room.mu.
func (p *Participant) byWish(places []*slot) []*slot {
	var out []*slot
	for _, id := range p.view.Tiles {
		for i, s := range places {
			if s != nil && s.shows.owner.id == id {
				out, places[i] = append(out, s), nil
			}
		}
	}
	for _, s := range places {
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

// step is what is sent now; false for nothing.
func (s *slot) step() (step, bool) {
	for i, l := range s.shows.layers {
		if s.stream != nil && l.stream == s.stream {
			return step{i, s.temporal}, true
		}
	}
	return step{}, false
}

// picture is one that is looked at, with the ways to send it.
type picture struct {
	*slot
	steps []step
	rates []float64
	best  int // the layer that fills its place
}

// send makes the slot send a step; it reports whether the picture was given up or came back. A layer that does
// not come in yet is waited for, while what is seen stays.
func (c picture) send(n int, now time.Time) bool {
	s, t := c.slot, c.slot.shows
	if n < 0 {
		return c.giveUp(now)
	}
	was := s.paused
	s.paused = false
	st := c.steps[n]
	c.wish(st.layer, now)
	l := t.layers[st.layer]
	if s.sink.Shows() == nil || !t.has(s.sink.Shows()) {
		// nothing is seen yet: whatever comes soonest
		if at := t.of(s.stream); at != nil && t.comes(at, now) && now.Sub(s.since) < firstPicture {
			return was
		}
		if first := t.atOnce(st.layer, now); first != nil {
			l = first
		}
	}
	s.show(l.stream)
	s.thin(st.temporal)
	return was
}

// giveUp stops the picture, because the line does not take it; or waits, because none of its layers is to be had.
func (c picture) giveUp(now time.Time) bool {
	c.wish(c.slot.shows.best(0), now)
	for _, r := range c.rates {
		if r > 0 {
			was := c.slot.paused
			c.slot.paused = true
			c.slot.show(nil)
			return !was
		}
	}
	if s := c.slot; s.stream == nil || s.shows.of(s.stream) == nil {
		s.show(s.shows.layers[0].stream)
	}
	return false
}

// wish notes that a layer is wanted, and those above it that only their sender keeps from being chosen.
func (c picture) wish(chosen int, now time.Time) {
	t := c.slot.shows
	for i := chosen; i < len(t.layers) && (i == chosen || i <= c.best && !t.usable(t.layers[i], now)); i++ {
		t.layers[i].wished = now
	}
}

// thin leaves out the temporal layers above one.
func (s *slot) thin(temporal uint8) {
	if s.temporal != temporal {
		s.temporal = temporal
		s.sink.Thin(temporal)
	}
}

// of is the layer that a stream belongs to; nil when it is none of the track's.
func (t *Track) of(s *forward.Stream) *layer {
	for _, l := range t.layers {
		if s != nil && l.stream == s {
			return l
		}
	}
	return nil
}

// has reports whether a stream is one of the track's.
func (t *Track) has(s *forward.Stream) bool { return t.of(s) != nil }
