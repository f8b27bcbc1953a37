package conference

import (
	"time"

	"nghisu/internal/sfu"
)

// Figures are what was measured of a participant's line over the last seconds.
type Figures struct {
	LossUp, LossDown float64 // share of packets, 0 to 1
	RoundTrip        time.Duration
	Jitter           time.Duration // of what comes from the participant
	UpAudio          int           // kilobits a second
	UpVideo          int
	UpScreen         int
	Down             int
	Estimate         int // kilobits a second that the line to the participant takes; 0 while that is not known
	Sends, SendsOf   int // the best layer of the camera that comes in, of how many; 0 for none
	Gets, GetsOf     int // the same of what stands in the participant's largest place
	Way              string
}

// Up is all that the participant sends, in kilobits a second.
func (f Figures) Up() int { return f.UpAudio + f.UpVideo + f.UpScreen }

// looks are the last looks at a participant's media, the newest last, and since when its devices are wanted.
type looks struct {
	list  []sfu.Quality
	audio time.Time // since when sound should come; zero when it should not
	video time.Time
}

// windowLooks is how many looks loss and bitrates are taken over: six seconds.
const windowLooks = 4

// leastTold is from how many packets on a share of losses says something.
const leastTold = 60

// add takes one more look; mic and camera are what the participant's page says to be on.
func (l *looks) add(q sfu.Quality, mic, camera bool) {
	if n := len(l.list); n > 0 && shrank(l.list[n-1], q) {
		l.list = l.list[:0] // a stream ended: its counts are gone
	}
	l.list = append(l.list, q)
	l.list = l.list[max(0, len(l.list)-windowLooks):]
	l.audio = since(l.audio, q.At, mic && q.Network != "")
	l.video = since(l.video, q.At, camera && q.Network != "" && watched(q))
}

func since(was, now time.Time, on bool) time.Time {
	switch {
	case !on:
		return time.Time{}
	case was.IsZero():
		return now
	}
	return was
}

// watched tells whether somebody is shown the participant's camera: a page sends nothing that nobody sees.
func watched(q sfu.Quality) bool {
	for _, u := range q.Up {
		if u.Kind == sfu.Video && u.On && u.Watched {
			return true
		}
	}
	return false
}

// sums are the counters of all streams of a look together.
type sums struct {
	came, missed             int64
	audio, video, screen     int64 // bytes
	pictures                 int64 // packets of the camera
	lastAudio, lastVideo     time.Time
	sends, of                int
	jitter                   time.Duration
	downBytes, told, lostOut int64
}

func sumOf(q sfu.Quality) sums {
	s := sums{downBytes: q.Down.Bytes, told: q.Down.Came + q.Down.Lost, lostOut: q.Down.Lost}
	for _, u := range q.Up {
		s.came += u.Packets - u.Repaired
		s.missed += u.Missed
		s.jitter = max(s.jitter, u.Jitter)
		switch u.Kind {
		case sfu.Audio:
			s.audio += u.Bytes
			s.lastAudio = later(s.lastAudio, u.LastPacket)
		case sfu.Video:
			s.video += u.Bytes
			s.pictures += u.Packets
			s.lastVideo = later(s.lastVideo, u.LastPacket)
			s.of = u.Layers
			if q.At.Sub(u.LastPacket) < lostAfter {
				s.sends = max(s.sends, u.Layer+1)
			}
		default:
			s.screen += u.Bytes
		}
	}
	return s
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// shrank tells whether counters of a look are less than those of the one before.
func shrank(a, b sfu.Quality) bool {
	x, y := sumOf(a), sumOf(b)
	return y.came < x.came || y.missed < x.missed || y.pictures < x.pictures || y.audio < x.audio || y.told < x.told || y.downBytes < x.downBytes
}

// measure says what the looks and the page's own words tell of the line.
func (l *looks) measure(began time.Time, page PageFigures) (sample, Figures) {
	x := sample{Packets: -1, ShareUp: 1, ShareDown: 1}
	if len(l.list) == 0 {
		return x, Figures{}
	}
	first, last := l.list[0], l.list[len(l.list)-1]
	if last.Network == "" {
		x.Connecting = max(last.At.Sub(began), time.Nanosecond)
		return x, Figures{}
	}
	a, b := sumOf(first), sumOf(last)
	f := Figures{RoundTrip: last.Down.RoundTrip, Jitter: b.jitter, Sends: b.sends, SendsOf: b.of, Way: way(last.Network, page.Way), Estimate: int(last.Down.Estimate / 1000)}
	if f.RoundTrip == 0 {
		f.RoundTrip = page.RoundTrip
	}
	passed := last.At.Sub(first.At)
	f.UpAudio, f.UpVideo, f.UpScreen = kbps(b.audio-a.audio, passed), kbps(b.video-a.video, passed), kbps(b.screen-a.screen, passed)
	f.Down = kbps(b.downBytes-a.downBytes, last.Down.At.Sub(first.Down.At))
	f.LossUp = share(b.missed-a.missed, b.came-a.came+b.missed-a.missed)
	f.LossDown = share(b.lostOut-a.lostOut, b.told-a.told)
	f.Gets, f.GetsOf, x.ShareDown = received(last)
	x.LossUp, x.LossDown, x.RoundTrip, x.Quiet = f.LossUp, f.LossDown, f.RoundTrip, last.At.Sub(last.Heard)
	if !l.audio.IsZero() {
		x.Unsent = last.At.Sub(later(l.audio, b.lastAudio))
	}
	if !l.video.IsZero() {
		x.Unsent = max(x.Unsent, last.At.Sub(later(l.video, b.lastVideo)))
	}
	if !l.video.IsZero() && passed > 0 && !first.At.Before(l.video) {
		x.Packets = float64(b.pictures-a.pictures) / passed.Seconds()
	}
	if page.Limited == LimitedByLine {
		x.ShareUp = min(1, float64(f.UpVideo)/wanted(last))
	}
	return x, f
}

// way is the way of media: what we see, and the relay that only the page knows of.
func way(network, page string) string {
	if page == "relay_udp" || page == "relay_tcp" || page == "relay_tls" {
		return page
	}
	return network
}

func kbps(bytes int64, passed time.Duration) int {
	if passed <= 0 || bytes <= 0 {
		return 0
	}
	return int(float64(bytes) * 8 / 1000 / passed.Seconds())
}

func share(lost, all int64) float64 {
	if all < leastTold {
		return 0
	}
	return max(0, min(1, float64(lost)/float64(all)))
}

// narrow is below which estimate a line counts as narrow: every estimate begins above it, so less is seen only
// where queues grew or packets were lost.
const narrow = 1_000_000

// received is the layer in the largest place, and the share of the bitrate that would fill all places.
func received(q sfu.Quality) (layer, of int, filled float64) {
	var rate, best float64
	for _, s := range q.Down.Slots {
		rate += s.Rate
		best += s.Best
		if of == 0 || s.Role == sfu.Main {
			layer, of = s.Layer+1, s.Layers
		}
	}
	if best <= 0 || q.Down.Estimate <= 0 || q.Down.Estimate >= narrow {
		return layer, of, 1
	}
	return layer, of, min(1, rate/best)
}

// layerRates are what a camera's layers take when nothing limits them, kilobits a second, the smallest first.
var layerRates = [...]float64{150, 500, 1500}

// wanted is what the camera's best layer that somebody watches would take, kilobits a second.
func wanted(q sfu.Quality) float64 {
	best := layerRates[0]
	for _, u := range q.Up {
		if u.Kind == sfu.Video && u.Watched {
			best = max(best, layerRates[max(0, min(len(layerRates)-1, u.Layer))])
		}
	}
	return best
}
