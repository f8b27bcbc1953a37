package conference

import "time"

// Level is how a participant's line is, in a word.
type Level string

// The levels, the best first.
const (
	Good Level = "good"
	Weak Level = "weak" // worse than it should be; speech is understood
	Poor Level = "poor" // speech suffers
	Lost Level = "lost" // nothing comes
)

// Why is what makes a level what it is; empty for a good one.
type Why string

// The reasons, the one that explains most first.
const (
	NotConnected Why = "not_connected" // the media connection never stood
	Silent       Why = "silent"        // nothing at all comes from the client any more
	NoMedia      Why = "no_media"      // a device is on, and nothing comes of it
	LossUp       Why = "loss_up"       // packets are lost on the way from the participant
	LossDown     Why = "loss_down"     // ... to the participant
	FewPackets   Why = "few_packets"   // pictures come too slowly
	RoundTrip    Why = "round_trip"    // answers take long
	NarrowUp     Why = "narrow_up"     // the line takes less than what is to be sent
	NarrowDown   Why = "narrow_down"   // ... than what is to be received
	Returned     Why = "returned"      // it was lost a moment ago
)

// sample is what was measured of a line over the last seconds.
type sample struct {
	Connecting time.Duration // since the participant came, while the connection never stood
	Quiet      time.Duration // since anything came from the client
	Unsent     time.Duration // since anything came of a device that is on and wanted; the longest
	LossUp     float64       // share of packets, 0 to 1; 0 when there were too few to tell
	LossDown   float64
	RoundTrip  time.Duration
	Packets    float64 // of pictures a second, when they should come; negative otherwise
	ShareUp    float64 // of the bitrate that should be sent; 1 when nothing limits it
	ShareDown  float64 // of the bitrate that should be received
}

// Bounds of the levels. Loss and shares are those of the words that Jitsi Meet shows (good: below 6 % lost or from half
// of the bitrate on; poor: 8 to 12 %, or 10 to 30 %; lost: no media for 3 s); the others those at which
// Nextcloud Talk warns. Answers that take longer than 0.8 s make people speak at once (ITU-T G.114: 0.4 s one way).
const (
	firstWithin = 12 * time.Second // until the connection stands
	lostAfter   = 3 * time.Second
	quietAfter  = 8 * time.Second // who sends nothing is heard of every few seconds only
	weakLoss    = 0.06
	poorLoss    = 0.08
	weakShare   = 0.5
	poorShare   = 0.3
	weakTrip    = 800 * time.Millisecond
	poorTrip    = 1500 * time.Millisecond
	leastPacket = 10.0
)

// judge says how a line is by one sample; nothing while the connection is being made. strict above 1 asks for more than the bounds, as much as needed to
// call a line better than it was.
func judge(x sample, strict float64) (Level, Why) {
	switch {
	case x.Connecting > firstWithin:
		return Lost, NotConnected
	case x.Connecting > 0:
		return "", ""
	case x.Quiet > quietAfter:
		return Lost, Silent
	case x.Unsent > lostAfter:
		return Lost, NoMedia
	}
	trip := time.Duration(float64(x.RoundTrip) * strict)
	up, down := x.LossUp*strict, x.LossDown*strict
	for _, c := range []struct {
		bad bool
		why Why
	}{
		{up >= poorLoss, LossUp}, {down >= poorLoss, LossDown}, {x.Packets >= 0 && x.Packets < leastPacket, FewPackets},
		{trip >= poorTrip, RoundTrip}, {x.ShareUp < poorShare*strict, NarrowUp}, {x.ShareDown < poorShare*strict, NarrowDown},
	} {
		if c.bad {
			return Poor, c.why
		}
	}
	for _, c := range []struct {
		bad bool
		why Why
	}{
		{up >= weakLoss, LossUp}, {down >= weakLoss, LossDown}, {trip >= weakTrip, RoundTrip},
		{x.ShareUp < weakShare*strict, NarrowUp}, {x.ShareDown < weakShare*strict, NarrowDown},
	} {
		if c.bad {
			return Weak, c.why
		}
	}
	return Good, ""
}

// rank orders levels; better is less.
func (l Level) rank() int {
	switch l {
	case Good:
		return 0
	case Weak:
		return 1
	case Poor:
		return 2
	case Lost:
		return 3
	}
	return -1 // not known yet
}

// state is how a line is called, and what speaks for calling it otherwise.
type state struct {
	Level Level
	Why   Why
	Since time.Time

	row   []verdict // samples in a row that call it another
	worse bool      // ... and whether they call it worse
}

type verdict struct {
	level Level
	why   Why
}

// A line gets worse by two samples, and better by three: a short burst of losses says nothing, and a mark that
// comes and goes is worse than none. A lost line is told at once, and so is its coming back, which begins weak.
const (
	samplesWorse  = 2
	samplesBetter = 3
	strictly      = 1.25
)

// next is the state after one more sample.
func (s state) next(x sample, now time.Time) state {
	level, why := judge(x, 1)
	switch {
	case level == "": // nothing can be said yet
		return s
	case s.Level == Lost && level != Lost:
		return s.become(verdict{Weak, Returned}, now)
	case s.Level == "" || level == Lost:
		return s.become(verdict{level, why}, now)
	case level.rank() > s.Level.rank():
		return s.count(verdict{level, why}, true, samplesWorse, now)
	case level.rank() < s.Level.rank():
		if level, why = judge(x, strictly); level.rank() < s.Level.rank() {
			return s.count(verdict{level, why}, false, samplesBetter, now)
		}
	}
	s.row = nil
	if level == s.Level {
		s.Why = why
	}
	return s
}

// count adds a verdict to those in a row; with enough of them the line becomes what the mildest change of
// them says.
func (s state) count(v verdict, worse bool, enough int, now time.Time) state {
	if worse != s.worse {
		s.row = nil
	}
	s.worse = worse
	s.row = append(append([]verdict(nil), s.row...), v)
	if len(s.row) < enough {
		return s
	}
	mild := s.row[0]
	for _, v := range s.row[1:] {
		if worse == (v.level.rank() < mild.level.rank()) {
			mild = v
		}
	}
	return s.become(mild, now)
}

func (s state) become(v verdict, now time.Time) state {
	if v.level != s.Level {
		s.Since = now
	}
	return state{Level: v.level, Why: v.why, Since: s.Since}
}
