package sfu

import (
	"slices"
	"strings"
	"time"

	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/offer"
	"nghisu/internal/sfu/slots"
)

// slot is one m-line that a participant receives on. Guarded by the room.
type slot struct {
	mid   string
	role  Role
	video bool
	sink  *forward.Sink
	shows *Track

	// What of it is sent:
	stream   *forward.Stream // of the layer that the sink shows, or goes over to; nil for none
	since    time.Time       // of stream
	temporal uint8
	paused   bool // the line does not take the picture
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
	return &slot{mid: m.Mid, role: role, video: m.Kind == "video", sink: p.recv.NewSink(cfg), temporal: forward.Whole}
}

var codecs = map[string]forward.Codec{"opus": forward.Opus, "red": forward.RED, "vp8": forward.VP8, "h264": forward.H264}

// remap puts sources into the participant's slots and tells it when that changed. Needs room.mu.
func (p *Participant) remap() {
	if len(p.slots) == 0 || p.left {
		return
	}
	r := p.room
	p.main = r.mainFor(p)
	tiles := r.tilesFor(p, p.main)
	changed := p.assign(p.places(Voice), r.voicesFor(p))
	if p.view.Set {
		changed = p.assign(p.places(Main, Tile), append([]*Track{p.main}, tiles...)) || changed
	} else {
		changed = p.assign(p.places(Main), []*Track{p.main}) || changed
		changed = p.assign(p.places(Tile), tiles) || changed
	}
	changed = p.assign(p.places(Shown), on(r.sources(p, Screen))) || changed
	changed = p.assign(p.places(ShownSound), on(r.sources(p, ScreenSound))) || changed
	changed = p.placeAny() || changed
	changed = p.share(time.Now()) || changed
	if changed {
		p.tellSlots()
	}
}

func (p *Participant) tellSlots() { p.notify(Event{Kind: Mapped, Slots: p.mapping()}) }

// on leaves out what is not forwarded.
func on(tracks []*Track) []*Track {
	return slices.DeleteFunc(tracks, func(t *Track) bool { return !t.on })
}

// places are the slots of roles.
func (p *Participant) places(roles ...Role) []*slot {
	var out []*slot
	for _, s := range p.slots {
		if slices.Contains(roles, s.role) {
			out = append(out, s)
		}
	}
	return out
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
		places := slices.DeleteFunc(p.places(""), func(s *slot) bool { return s.video != video })
		if len(places) == 0 {
			continue
		}
		var tracks []*Track
		for _, k := range kinds {
			tracks = append(tracks, p.room.sources(p, k)...)
		}
		changed = p.assign(places, tracks) || changed
	}
	return changed
}

// assign makes slots show tracks, the more important first: whoever is wanted still stays in its slot. Of a
// picture share decides what is sent. Needs room.mu.
func (p *Participant) assign(places []*slot, tracks []*Track) bool {
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
	for _, i := range changed {
		places[i].shows, places[i].paused = m.At(i), false
		places[i].show(nil)
	}
	for _, s := range places {
		if !s.video && s.shows != nil && s.stream != s.shows.sound() {
			s.show(s.shows.sound())
		}
	}
	return len(changed) > 0
}

// show makes the slot's sink show a stream: nothing at once, another with its next keyframe.
func (s *slot) show(want *forward.Stream) {
	if want == s.stream {
		return
	}
	s.sink.Show(want)
	s.stream, s.since = want, time.Now()
}

// mapping is what all slots show. Needs room.mu.
func (p *Participant) mapping() []Slot {
	out := make([]Slot, 0, len(p.slots))
	for _, s := range p.slots {
		m := Slot{Mid: s.mid}
		if s.shows != nil {
			m.Participant, m.Kind, m.Paused = s.shows.owner.id, s.shows.kind, s.paused
		}
		out = append(out, m)
	}
	return out
}
