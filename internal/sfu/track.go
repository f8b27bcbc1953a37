package sfu

import (
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
	stream *forward.Stream
	bytes  int64   // at the last look
	rate   float64 // bits a second since
	alive  time.Time
}

// mostSilent is after how long without a packet a layer is not counted on any more.
const mostSilent = 1200 * time.Millisecond

func (t *Track) close() {
	for _, l := range t.layers {
		l.stream.Close()
	}
}

func (t *Track) forward(on bool) {
	t.on = on
	for _, l := range t.layers {
		l.stream.Forward(on)
	}
}

// best is the stream to show at a height in pixels: the smallest layer that fills it among those that
// come in, else the largest of them. Layers halve the height of the one above, which is 720 at the camera's
// side. nil when there is none yet.
func (t *Track) best(height int, now time.Time) *forward.Stream {
	if len(t.layers) == 0 {
		return nil
	}
	var fit *forward.Stream
	for i, l := range t.layers {
		if now.Sub(l.alive) > mostSilent && len(t.layers) > 1 {
			continue
		}
		fit = l.stream
		if full := 720 >> (len(t.layers) - 1 - i); full*10 >= height*8 {
			break
		}
	}
	if fit == nil {
		return t.layers[0].stream
	}
	return fit
}

// has reports whether a stream is one of the track's that comes in, or its only one.
func (t *Track) has(s *forward.Stream) bool {
	for _, l := range t.layers {
		if l.stream == s {
			return true
		}
	}
	return false
}

// want is what a receiver at a height asks for: every layer with what it takes, and the best that its place
// can show. now is what is sent.
func (t *Track) want(height int, now *forward.Stream, at time.Time) layers.Want {
	w := layers.Want{Rates: make([]float64, len(t.layers)), Now: -1}
	best := t.best(height, at)
	for i, l := range t.layers {
		if at.Sub(l.alive) <= mostSilent {
			w.Rates[i] = max(l.rate, 1)
		}
		if l.stream == best {
			w.Best = i
		}
		if l.stream == now {
			w.Now = i
		}
	}
	return w
}

// lookAtLayers measures what comes in, and lets receivers change over where that changed. Needs r.mu.
func (r *Room) lookAtLayers(now time.Time) {
	changed := false
	for _, p := range r.order {
		for _, t := range p.tracks {
			for _, l := range t.layers {
				n := l.stream.Bytes()
				was := now.Sub(l.alive) <= mostSilent
				if n != l.bytes {
					l.alive = now
				}
				l.rate = float64(n-l.bytes) * 8 / (listenEvery * layersEvery).Seconds()
				l.bytes = n
				changed = changed || was != (now.Sub(l.alive) <= mostSilent) && len(t.layers) > 1
			}
		}
	}
	if changed {
		r.remap()
		return
	}
	for _, p := range r.order {
		p.share(now)
	}
}
