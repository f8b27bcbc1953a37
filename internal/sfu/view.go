package sfu

import "time"

// View is what a page has room for: whose picture it wants large, and whose small ones are on the screen.
type View struct {
	Main       string   // whose picture stands large; empty follows the floor
	MainHeight int      // pixels; 0 when nobody looks at it
	Tiles      []string // whose pictures are seen, the more important first; nil lets the server choose
	TileHeight int
	ShowHeight int // of the shown screen
	Set        bool
}

// Heights that count while a page has not told its own.
const (
	defaultMain = 720
	defaultTile = 180
)

// mostTiles limits how many names a View may have.
const mostTiles = 64

// See says what the page has room for. From then on a picture stays in the slot that it stands in, large or small,
// as long as it is seen: a change of the floor moves nobody, and interrupts no picture.
func (p *Participant) See(v View) {
	v.Set = true
	v.Tiles = v.Tiles[:min(len(v.Tiles), mostTiles)]
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.view = v
	p.remap()
	p.room.tellSenders(time.Now())
}

// voicesFor are who p hears: who has the floor always, then the loudest. While they fit, all are heard, so
// that the first word of a small meeting is not lost. Needs r.mu.
func (r *Room) voicesFor(p *Participant) []*Track {
	var out []*Track
	for _, id := range append([]string{r.floor}, r.loudest...) {
		if t := r.track(id, Audio); t != nil && p.hears(t.owner) && t.on {
			out = append(out, t)
		}
	}
	return append(out, on(r.sources(p, Audio))...)
}

// seen is a camera's picture that p may see; nil when there is none. Needs r.mu.
func (r *Room) seen(p *Participant, id string) *Track {
	if t := r.track(id, Video); t != nil && t.owner != p && t.on {
		return t
	}
	return nil
}

// mainFor is whose picture stands large at p's; nil for nobody's. Needs r.mu.
func (r *Room) mainFor(p *Participant) *Track {
	if p.view.Set && p.view.MainHeight == 0 {
		return nil
	}
	if p.view.Main != "" {
		return r.seen(p, p.view.Main)
	}
	for _, id := range append([]string{r.floor}, r.spoke...) {
		if t := r.seen(p, id); t != nil {
			return t
		}
	}
	if all := on(r.sources(p, Video)); len(all) > 0 {
		return all[0]
	}
	return nil
}

// tilesFor are the small pictures of p: those its page names, else who spoke last, and then who came first.
// Needs r.mu.
func (r *Room) tilesFor(p *Participant, main *Track) []*Track {
	var ids []string
	if p.view.Set && p.view.TileHeight == 0 {
		return nil
	}
	chosen := p.view.Set && p.view.Tiles != nil
	if ids = p.view.Tiles; !chosen {
		ids = append([]string{r.floor}, r.spoke...)
	}
	var out []*Track
	for _, id := range ids {
		if t := r.seen(p, id); t != nil && t != main {
			out = append(out, t)
		}
	}
	if chosen {
		return out
	}
	for _, t := range on(r.sources(p, Video)) {
		if t != main {
			out = append(out, t)
		}
	}
	return out
}

// height is how high p sees a picture that stands in a slot of a role. Needs room.mu.
func (p *Participant) height(role Role, t *Track) int {
	v := p.view
	if !v.Set {
		v.MainHeight, v.TileHeight, v.ShowHeight = defaultMain, defaultTile, defaultMain
	}
	switch {
	case role == Shown:
		return v.ShowHeight
	case role == "":
		return defaultMain
	case t == p.main:
		return v.MainHeight
	}
	return v.TileHeight
}
