package sfu

import (
	"slices"
	"strings"
	"time"

	"nghisu/internal/sfu/bwe"
	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/layers"
	"nghisu/internal/sfu/offer"
	"nghisu/internal/sfu/slots"
)

// slot is one m-line that a participant receives on. Guarded by the room.
type slot struct {
	mid    string
	role   Role
	video  bool
	sink   *forward.Sink
	shows  *Track
	stream *forward.Stream
}

// View is what a page has room for: whose picture it wants large, and whose small ones are on the screen.
type View struct {
	Main       string   // whose picture stands in the main slot; empty follows the floor
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

// See says what the page has room for.
func (p *Participant) See(v View) {
	v.Set = true
	v.Tiles = v.Tiles[:min(len(v.Tiles), mostTiles)]
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.view = v
	p.remap()
}

func newSlot(p *Participant, m offer.Media, l offer.Line, role Role) *slot {
	cfg := forward.SinkConfig{SSRC: l.SSRC, RTX: l.RTX, Level: m.Ext[offer.ExtLevel]}
	for _, c := range m.Codecs {
		if k, ok := codecs[strings.ToLower(c.Name)]; ok && cfg.Types[k] == 0 {
			cfg.Types[k], cfg.RTXTypes[k] = c.Type, c.RTX
		}
	}
	// a packet that is repeated bit by bit cannot carry another number
	if n := m.Ext[offer.ExtTransport]; n != 0 && (l.RTX != 0 || m.Kind == "audio") {
		cfg.Transport = n
		p.recv.Estimate()
	}
	return &slot{mid: m.Mid, role: role, video: m.Kind == "video", sink: p.recv.NewSink(cfg)}
}

var codecs = map[string]forward.Codec{"opus": forward.Opus, "red": forward.RED, "vp8": forward.VP8, "h264": forward.H264}

// remap puts sources into the participant's slots and tells it when that changed. Needs room.mu.
func (p *Participant) remap() {
	if len(p.slots) == 0 || p.left {
		return
	}
	r := p.room
	floor := r.track(r.floor, Video)
	main := r.mainFor(p)
	changed := p.place(Voice, r.voicesFor(p))
	changed = p.place(Main, []*Track{main}) || changed
	changed = p.place(Tile, r.tilesFor(p, main, floor)) || changed
	changed = p.place(Shown, on(r.sources(p, Screen))) || changed
	changed = p.place(ShownSound, on(r.sources(p, ScreenSound))) || changed
	changed = p.placeAny() || changed
	if changed {
		p.notify(Event{Kind: Mapped, Slots: p.mapping()})
	}
}

// on leaves out what is not forwarded.
func on(tracks []*Track) []*Track {
	return slices.DeleteFunc(tracks, func(t *Track) bool { return !t.on })
}

// voicesFor are who p hears: who has the floor always, then the loudest. While they fit, all are heard, so
// that the first word of a small meeting is not lost. Needs r.mu.
func (r *Room) voicesFor(p *Participant) []*Track {
	var out []*Track
	for _, id := range append([]string{r.floor}, r.loudest...) {
		if t := r.track(id, Audio); t != nil && t.owner != p && t.on {
			out = append(out, t)
		}
	}
	return append(out, on(r.sources(p, Audio))...)
}

// mainFor is whose picture stands large at p's. Needs r.mu.
func (r *Room) mainFor(p *Participant) *Track {
	for _, id := range slices.Concat([]string{p.view.Main, r.floor}, r.spoke) {
		if t := r.track(id, Video); t != nil && t.owner != p && t.on {
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
func (r *Room) tilesFor(p *Participant, main, floor *Track) []*Track {
	var out []*Track
	if p.view.Set && p.view.Tiles != nil {
		for _, id := range p.view.Tiles {
			if t := r.track(id, Video); t != nil && t.owner != p && t != main && t.on {
				out = append(out, t)
			}
		}
		return out
	}
	if floor != nil && floor.owner != p && floor != main && floor.on {
		out = append(out, floor)
	}
	for _, id := range r.spoke {
		if t := r.track(id, Video); t != nil && t.owner != p && t != main && t.on {
			out = append(out, t)
		}
	}
	for _, t := range on(r.sources(p, Video)) {
		if t != main {
			out = append(out, t)
		}
	}
	return out
}

// place makes the slots of a role show tracks. Needs room.mu.
func (p *Participant) place(role Role, tracks []*Track) bool {
	var places []*slot
	for _, s := range p.slots {
		if s.role == role {
			places = append(places, s)
		}
	}
	return p.assign(places, tracks, p.height(role))
}

// placeAny fills slots without a role: one source each, pictures and sound of a publisher alike, whether
// they are forwarded now or not. Needs room.mu.
func (p *Participant) placeAny() bool {
	changed := false
	for _, video := range []bool{false, true} {
		kinds := []Kind{Audio, ScreenSound}
		if video {
			kinds = []Kind{Video, Screen}
		}
		var places []*slot
		for _, s := range p.slots {
			if s.role == "" && s.video == video {
				places = append(places, s)
			}
		}
		if len(places) == 0 {
			continue
		}
		var tracks []*Track
		for _, k := range kinds {
			tracks = append(tracks, p.room.sources(p, k)...)
		}
		changed = p.assign(places, tracks, defaultMain) || changed
	}
	return changed
}

func (p *Participant) assign(places []*slot, tracks []*Track, height int) bool {
	if len(places) == 0 {
		return false
	}
	m := slots.New[*Track](len(places))
	var now []*Track
	for _, s := range places {
		now = append(now, s.shows)
	}
	m.Put(now)
	changed := m.Assign(tracks)
	at := time.Now()
	for _, i := range changed {
		places[i].shows = m.At(i)
	}
	for i, s := range places {
		s.aim(height, at, slices.Contains(changed, i))
	}
	p.share(at)
	return len(changed) > 0
}

// voiceRate is kept free for sound, bits a second.
const voiceRate = 150_000

// share chooses the layers of all pictures by what the line takes. Needs room.mu.
func (p *Participant) share(at time.Time) {
	rate := p.recv.Rate()
	if rate == 0 {
		rate = bwe.Most
	}
	var wants []layers.Want
	var shown []*slot
	for _, role := range []Role{Shown, Main, Tile, ""} {
		for _, s := range p.slots {
			if s.role == role && s.video && s.shows != nil && len(s.shows.layers) > 1 && p.height(role) > 0 {
				wants = append(wants, s.shows.want(p.height(role), s.stream, at))
				shown = append(shown, s)
			}
		}
	}
	for i, n := range layers.Choose(max(0, rate-voiceRate), wants) {
		if n < 0 {
			continue
		}
		if want := shown[i].shows.layers[n].stream; want != shown[i].stream {
			shown[i].sink.Show(want)
			shown[i].stream = want
		}
	}
}

// aim makes the slot's sink show the right layer of its track.
func (s *slot) aim(height int, at time.Time, another bool) {
	var want *forward.Stream
	switch {
	case s.shows == nil || height == 0:
	case !another && s.stream != nil && s.shows.has(s.stream):
		want = s.stream // share decides
	default:
		want = s.shows.best(height, at)
	}
	switch {
	case want == s.stream:
	case another || want == nil:
		s.sink.Replace(want)
	default:
		s.sink.Show(want)
	}
	s.stream = want
}

func (p *Participant) height(role Role) int {
	v := p.view
	if !v.Set {
		v.MainHeight, v.TileHeight, v.ShowHeight = defaultMain, defaultTile, defaultMain
	}
	switch role {
	case Main:
		return v.MainHeight
	case Tile:
		return v.TileHeight
	case Shown:
		return v.ShowHeight
	}
	return defaultMain
}

// mapping is what all slots show. Needs room.mu.
func (p *Participant) mapping() []Slot {
	out := make([]Slot, 0, len(p.slots))
	for _, s := range p.slots {
		m := Slot{Mid: s.mid}
		if s.shows != nil {
			m.Participant, m.Kind = s.shows.owner.id, s.shows.kind
		}
		out = append(out, m)
	}
	return out
}
