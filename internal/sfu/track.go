package sfu

import (
	"cmp"
	"slices"
	"time"

	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/layers"
)

// Kind is what a track carries.
type Kind string

// The kinds of tracks.
const (
	Audio       Kind = "audio"  // a microphone
	Video       Kind = "video"  // a camera
	Screen      Kind = "screen" // a shown screen
	ScreenSound Kind = "screen_sound"
)

// Track is what a participant publishes of a kind: one stream, or up to three layers of one picture, the
// smallest first.
type Track struct {
	owner  *Participant
	kind   Kind
	mid    string
	on     bool
	layers []*layer // guarded by the room
}

// layer is one size of a picture.
type layer struct {
	rid    string
	place  int             // among the layers of the offer
	stream *forward.Stream // nil until it first comes in
	height int             // in pixels; as the pictures tell, else as it should be

	bytes    int64 // at the last look
	temporal [4]int64
	rate     float64   // bits a second, while it comes in
	shares   []float64 // of the rate that every temporal layer takes with those below it; nil without them
	alive    time.Time // when something came in

	active bool      // whether the sender was told to send it, and since when; senders begin with all
	since  time.Time // of active
	wished time.Time // when somebody last wanted it
}

// Times of layers.
const (
	mostSilent       = 1200 * time.Millisecond // after this long without a packet a layer is not counted on any more
	mostSilentScreen = 5 * time.Second         // a screen that stands still sends little
	patience         = 3 * time.Second         // that a sender has to begin a layer
	stopAfter        = 3 * time.Second         // that nobody watches a layer, before its sender is told to stop it
)

// newTrack makes a track of an m-line with its layers, of which nothing came in yet.
func newTrack(p *Participant, kind Kind, mid string, rids []string, now time.Time) *Track {
	t := &Track{owner: p, kind: kind, mid: mid, on: p.allow[kind]}
	if len(rids) == 0 {
		rids = []string{""}
	}
	top := 720
	if kind == Screen {
		top = 1080
	}
	for i, rid := range rids {
		t.layers = append(t.layers, &layer{rid: rid, place: i, height: top >> (len(rids) - 1 - i), active: true, since: now, wished: now})
	}
	return t
}

func (t *Track) layer(rid string) *layer {
	if i := slices.IndexFunc(t.layers, func(l *layer) bool { return l.rid == rid }); i >= 0 {
		return t.layers[i]
	}
	return nil
}

func (t *Track) close() {
	for _, l := range t.layers {
		if l.stream != nil {
			l.stream.Close()
		}
	}
}

func (t *Track) forward(on bool) {
	t.on = on
	for _, l := range t.layers {
		if l.stream != nil {
			l.stream.Forward(on)
		}
	}
}

// sound is the stream of a track without layers; nil when there is none yet.
func (t *Track) sound() *forward.Stream { return t.layers[0].stream }

// comes reports whether packets of a layer come in.
func (t *Track) comes(l *layer, now time.Time) bool {
	most := mostSilent
	if t.kind == Screen {
		most = mostSilentScreen
	}
	return l.stream != nil && now.Sub(l.alive) <= most
}

// usable reports whether a layer comes in, or will when its sender is told to send it.
func (t *Track) usable(l *layer, now time.Time) bool {
	return l.stream != nil && (t.comes(l, now) || !l.active || now.Sub(l.since) < patience)
}

// best is the number of the layer to show at a height in pixels: the smallest that fills it, else the
// largest. Whether it comes in is not asked.
func (t *Track) best(height int) int {
	for i, l := range t.layers {
		if l.height*10 >= height*8 {
			return i
		}
	}
	return len(t.layers) - 1
}

// atOnce is the layer to begin with, when the one at best does not come in yet: the nearest that does; nil for none.
func (t *Track) atOnce(best int, now time.Time) *layer {
	for i := best; i >= 0; i-- {
		if t.comes(t.layers[i], now) {
			return t.layers[i]
		}
	}
	for _, l := range t.layers[best:] {
		if t.comes(l, now) {
			return l
		}
	}
	return nil
}

// step is a way to send a picture: a layer, up to a temporal layer of it.
type step struct {
	layer    int
	temporal uint8
}

// steps are all ways to send the track, the poorest first, and what each takes. Only the smallest layer is
// thinned out: a larger one at a low frame rate looks worse than a smaller one.
func (t *Track) steps(now time.Time) (steps []step, rates []float64) {
	for i, l := range t.layers {
		rate := 0.0
		if t.usable(l, now) {
			rate = max(l.rate, 1)
			if l.rate == 0 {
				rate = expected(l.height)
			}
		}
		if i == 0 {
			for tid, share := range l.shares {
				if share < 0.95 {
					steps, rates = append(steps, step{0, uint8(tid)}), append(rates, rate*share)
				}
			}
		}
		steps, rates = append(steps, step{i, forward.Whole}), append(rates, rate)
	}
	return steps, rates
}

// expected is what a picture of a height takes, bits a second, before it was measured.
func expected(height int) float64 {
	switch {
	case height <= 200:
		return 150_000
	case height <= 400:
		return 500_000
	}
	return 1_500_000
}

// want is what a receiver at a height asks for; now is the step that is sent.
func want(steps []step, rates []float64, best int, now step, sent bool) layers.Want {
	w := layers.Want{Rates: rates, Now: -1}
	for i, s := range steps {
		if s.layer <= best {
			w.Best = i
		}
		if sent && (s.layer < now.layer || s.layer == now.layer && s.temporal <= now.temporal) {
			w.Now = i
		}
	}
	return w
}

// overhead is what headers and protection add to payload.
const overhead = 1.1

// look measures what came in since the last look.
func (t *Track) look(now time.Time, passed time.Duration) {
	for _, l := range t.layers {
		if l.stream == nil {
			continue
		}
		n, temporal := l.stream.Bytes(), l.stream.Temporal()
		if n != l.bytes {
			rate := float64(n-l.bytes) * 8 * overhead / passed.Seconds()
			if !t.comes(l, now) || l.rate == 0 {
				l.rate = max(rate, l.rate/2)
			}
			l.rate += (rate - l.rate) * 0.4
			l.alive = now
			l.measureTemporal(temporal)
		}
		l.bytes, l.temporal = n, temporal
		if h := l.stream.Height(); h > 0 {
			l.height = h
		}
	}
	slices.SortStableFunc(t.layers, func(a, b *layer) int { return cmp.Compare(a.height, b.height) })
}

// measureTemporal finds out which share of the layer each temporal layer takes.
func (l *layer) measureTemporal(bytes [4]int64) {
	sum, top := int64(0), -1
	for i, n := range bytes {
		if n > l.temporal[i] {
			sum += n - l.temporal[i]
			top = i
		}
	}
	if top < 1 {
		l.shares = nil
		return
	}
	if len(l.shares) != top {
		l.shares = make([]float64, top)
	}
	below := int64(0)
	for i := range l.shares {
		below += bytes[i] - l.temporal[i]
		share := float64(below) / float64(sum)
		if l.shares[i] == 0 {
			l.shares[i] = share
		}
		l.shares[i] += (share - l.shares[i]) * 0.2
	}
}

// lookAtLayers measures what comes in, and lets receivers change over. Needs r.mu.
func (r *Room) lookAtLayers(now time.Time) {
	for _, p := range r.order {
		for _, t := range p.tracks {
			t.look(now, listenEvery*layersEvery)
		}
	}
	for _, p := range r.order {
		if p.share(now) {
			p.tellSlots()
		}
	}
	r.tellSenders(now)
}

// tellSenders tells those who send which of their layers somebody watches: to begin at once, to stop after
// a while. Needs r.mu.
func (r *Room) tellSenders(now time.Time) {
	for _, p := range r.order {
		for _, t := range p.tracks {
			if !t.on || t.kind != Video && t.kind != Screen {
				continue // what is off begins whole again, so that no time is lost
			}
			changed := false
			for _, l := range t.layers {
				wanted := now.Sub(l.wished) < stopAfter || l.stream != nil && l.stream.Watched()
				if wanted != l.active {
					l.active, l.since, changed = wanted, now, true
				}
			}
			if changed {
				p.notify(Event{Kind: Layers, Track: t.kind, Active: t.active()})
			}
		}
	}
}

// active is which layers shall be sent, in the order of the offer.
func (t *Track) active() []bool {
	out := make([]bool, len(t.layers))
	for _, l := range t.layers {
		out[l.place] = l.active
	}
	return out
}
