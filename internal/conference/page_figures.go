package conference

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"nghisu/internal/errs"
)

// PageFigures are what a page measured of its own part: only it sees freezes and how long decoding takes. They
// are shown, and never decide about anybody's rights.
type PageFigures struct {
	Freezes   int           // pictures that stood still since the last report
	Frozen    time.Duration // for how long together
	FPS       float64       // pictures a second of the largest one
	Width     int           // of the largest one that is received, pixels
	Concealed float64       // share of the sound that had to be made up, 0 to 1
	Decode    time.Duration // for one picture
	RoundTrip time.Duration
	Way       string  // "udp", "tcp", "relay_udp", "relay_tcp", "relay_tls"; empty while not known
	Limited   Limited // what keeps the page from sending better pictures
}

// Limited says what keeps a page from sending better pictures.
type Limited string

// What may limit a page.
const (
	NotLimited       Limited = ""
	LimitedByLine    Limited = "bandwidth"
	LimitedByMachine Limited = "cpu"
)

// qualityMessage is a page's report; docs/live-protocol.md.
type qualityMessage struct {
	Freezes   int     `json:"freezes"`
	FrozenMS  float64 `json:"frozen_ms"`
	FPS       float64 `json:"fps"`
	Width     int     `json:"width"`
	Concealed float64 `json:"concealed"`
	DecodeMS  float64 `json:"decode_ms"`
	TripMS    float64 `json:"round_trip_ms"`
	Way       string  `json:"way"`
	Limited   Limited `json:"limited"`
}

var knownWays = []string{"", "udp", "tcp", "relay_udp", "relay_tcp", "relay_tls"}

// readPageFigures takes a report whose values can be; anything else is refused whole.
func readPageFigures(payload json.RawMessage) (PageFigures, error) {
	var m qualityMessage
	if err := json.Unmarshal(payload, &m); err != nil {
		return PageFigures{}, errs.Wrap(errs.Invalid, "conference.bad_message", err)
	}
	within := func(v, most float64) bool { return !math.IsNaN(v) && v >= 0 && v <= most }
	good := within(float64(m.Freezes), 10_000) && within(m.FrozenMS, 600_000) && within(m.FPS, 240) && within(float64(m.Width), 16_384) &&
		within(m.Concealed, 1) && within(m.DecodeMS, 60_000) && within(m.TripMS, 60_000) && slices.Contains(knownWays, m.Way) &&
		slices.Contains([]Limited{NotLimited, LimitedByLine, LimitedByMachine}, m.Limited)
	if !good {
		return PageFigures{}, errs.New(errs.Invalid, "conference.bad_message")
	}
	return PageFigures{Freezes: m.Freezes, Frozen: millis(m.FrozenMS), FPS: m.FPS, Width: m.Width, Concealed: m.Concealed,
		Decode: millis(m.DecodeMS), RoundTrip: millis(m.TripMS), Way: m.Way, Limited: m.Limited}, nil
}

func millis(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
