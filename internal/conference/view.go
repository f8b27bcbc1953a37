package conference

import (
	"encoding/json"

	"nghisu/internal/errs"
	"nghisu/internal/sfu"
)

// Limits of what a page may say of its view.
const (
	maxSeen   = 64   // small pictures
	maxHeight = 8640 // pixels
)

// viewMessage is "room.view": what of the room a page shows, so that nothing else is sent to it. Heights are
// pixels of the screen; zero for what nobody looks at.
type viewMessage struct {
	Main         string   `json:"main"`
	MainHeight   int      `json:"main_height"`
	Tiles        []string `json:"tiles"`
	TileHeight   int      `json:"tile_height"`
	ScreenHeight int      `json:"screen_height"`
}

// see tells the media plane what a member's page shows.
func (s *Service) see(m *member, payload json.RawMessage) error {
	var v viewMessage
	if err := json.Unmarshal(payload, &v); err != nil {
		return errs.Wrap(errs.Invalid, "conference.bad_message", err)
	}
	if !v.sane() {
		return errs.New(errs.Invalid, "conference.bad_message")
	}
	if v.Tiles == nil {
		v.Tiles = []string{}
	}
	m.media.See(sfu.View{Main: v.Main, MainHeight: v.MainHeight, Tiles: v.Tiles, TileHeight: v.TileHeight, ShowHeight: v.ScreenHeight})
	return nil
}

func (v viewMessage) sane() bool {
	for _, h := range []int{v.MainHeight, v.TileHeight, v.ScreenHeight} {
		if h < 0 || h > maxHeight {
			return false
		}
	}
	if len(v.Tiles) > maxSeen || len(v.Main) > maxDevice {
		return false
	}
	for _, id := range v.Tiles {
		if len(id) > maxDevice {
			return false
		}
	}
	return true
}

// layersMessage tells a page which of the layers that it sends somebody watches, the smallest first.
type layersMessage struct {
	Type   string `json:"type"`
	Kind   string `json:"kind"`
	Active []bool `json:"active"`
}
