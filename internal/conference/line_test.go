package conference

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// calm is a sample with nothing wrong.
var calm = sample{Packets: -1, ShareUp: 1, ShareDown: 1}

func with(change func(x *sample)) sample {
	x := calm
	change(&x)
	return x
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		x     sample
		level Level
		why   Why
	}{
		"nothing wrong":            {calm, Good, ""},
		"being connected":          {with(func(x *sample) { x.Connecting = 5 * time.Second }), "", ""},
		"never connected":          {with(func(x *sample) { x.Connecting = 13 * time.Second }), Lost, NotConnected},
		"cut off":                  {with(func(x *sample) { x.Quiet = 9 * time.Second }), Lost, Silent},
		"device on, nothing comes": {with(func(x *sample) { x.Unsent = 3100 * time.Millisecond }), Lost, NoMedia},
		"5 % lost up":              {with(func(x *sample) { x.LossUp = .05 }), Good, ""},
		"7 % lost up":              {with(func(x *sample) { x.LossUp = .07 }), Weak, LossUp},
		"9 % lost up":              {with(func(x *sample) { x.LossUp = .09 }), Poor, LossUp},
		"7 % lost down":            {with(func(x *sample) { x.LossDown = .07 }), Weak, LossDown},
		"30 % lost down":           {with(func(x *sample) { x.LossDown = .3 }), Poor, LossDown},
		"8 pictures' packets":      {with(func(x *sample) { x.Packets = 8 }), Poor, FewPackets},
		"no pictures wanted":       {with(func(x *sample) { x.Packets = -1 }), Good, ""},
		"0.9 s to answer":          {with(func(x *sample) { x.RoundTrip = 900 * time.Millisecond }), Weak, RoundTrip},
		"1.6 s to answer":          {with(func(x *sample) { x.RoundTrip = 1600 * time.Millisecond }), Poor, RoundTrip},
		"half of what is to go up": {with(func(x *sample) { x.ShareUp = .5 }), Good, ""},
		"40 % of it":               {with(func(x *sample) { x.ShareUp = .4 }), Weak, NarrowUp},
		"20 % of it":               {with(func(x *sample) { x.ShareUp = .2 }), Poor, NarrowUp},
		"40 % of what comes down":  {with(func(x *sample) { x.ShareDown = .4 }), Weak, NarrowDown},
		"the worse of two counts":  {with(func(x *sample) { x.LossUp, x.ShareDown = .07, .1 }), Poor, NarrowDown},
	} {
		if level, why := judge(c.x, 1); level != c.level || why != c.why {
			t.Errorf("%s: %q because of %q, want %q, %q", name, level, why, c.level, c.why)
		}
	}
}

func anySample(t *rapid.T) sample {
	return sample{
		Connecting: time.Duration(rapid.SampledFrom([]int{0, 0, 0, 5, 20}).Draw(t, "connecting")) * time.Second,
		Quiet:      time.Duration(rapid.IntRange(0, 12).Draw(t, "quiet")) * time.Second,
		Unsent:     time.Duration(rapid.IntRange(0, 4).Draw(t, "unsent")) * time.Second,
		LossUp:     rapid.Float64Range(0, 1).Draw(t, "up"), LossDown: rapid.Float64Range(0, 1).Draw(t, "down"),
		RoundTrip: time.Duration(rapid.IntRange(0, 3000).Draw(t, "trip")) * time.Millisecond,
		Packets:   rapid.Float64Range(-1, 100).Draw(t, "packets"),
		ShareUp:   rapid.Float64Range(0, 1).Draw(t, "share up"), ShareDown: rapid.Float64Range(0, 1).Draw(t, "share down"),
	}
}

// More of anything bad never makes a line better, and a reason is told exactly when it is not good.
func TestJudge_monotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := anySample(t)
		y := x
		switch rapid.IntRange(0, 6).Draw(t, "which") {
		case 0:
			y.LossUp = rapid.Float64Range(x.LossUp, 1).Draw(t, "worse")
		case 1:
			y.LossDown = rapid.Float64Range(x.LossDown, 1).Draw(t, "worse")
		case 2:
			y.RoundTrip *= 2
		case 3:
			y.ShareUp *= rapid.Float64Range(0, 1).Draw(t, "worse")
		case 4:
			y.ShareDown *= rapid.Float64Range(0, 1).Draw(t, "worse")
		case 5:
			y.Quiet, y.Unsent = 2*x.Quiet, 2*x.Unsent
		default:
			y.Packets = max(x.Packets*rapid.Float64Range(0, 1).Draw(t, "worse"), min(0, x.Packets))
		}
		was, why := judge(x, 1)
		is, _ := judge(y, 1)
		strict, _ := judge(x, strictly)
		if is.rank() < was.rank() || strict.rank() < was.rank() || (why == "") != (was == Good || was == "") {
			t.Fatalf("%+v is %q (%q), strictly %q; %+v is %q", x, was, why, strict, y, is)
		}
	})
}

// A line that stays as it is is called what it is after three samples, and never anything else after.
func TestState_settles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1000, 0)
		s := state{Level: rapid.SampledFrom([]Level{"", Good, Weak, Poor, Lost}).Draw(t, "before")}
		x := anySample(t)
		x.Connecting = 0
		least, _ := judge(x, 1)
		most, _ := judge(x, strictly)
		for range 2 * samplesBetter {
			s = s.next(x, now)
		}
		settled := s.Level
		if settled.rank() < least.rank() || settled.rank() > max(most.rank(), least.rank()) {
			t.Fatalf("settled at %q, is %q, strictly %q", settled, least, most)
		}
		for range 5 {
			if s = s.next(x, now); s.Level != settled {
				t.Fatalf("%q became %q without a reason", settled, s.Level)
			}
		}
	})
}

// Single bad samples among good ones, and good ones among bad, change nothing; nothing but being lost and
// coming back is told by one sample.
func TestState_doesNotFlicker(t *testing.T) {
	now := time.Unix(1000, 0)
	bad := with(func(x *sample) { x.LossUp = .2 })
	for _, first := range []sample{calm, bad} {
		s := state{}.next(first, now)
		was := s.Level
		for i := range 50 {
			x := []sample{calm, bad}[i%2]
			if s = s.next(x, now); s.Level != was {
				t.Fatalf("%q became %q after %d", was, s.Level, i)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := state{}.next(calm, now)
		changed := 100
		for range 60 {
			x := anySample(t)
			x.Connecting, x.Quiet, x.Unsent = 0, 0, 0
			was := s
			s = s.next(x, now)
			changed++
			if s.Level != was.Level {
				if changed < samplesWorse {
					t.Fatalf("changed to %q and %q within %d samples", was.Level, s.Level, changed)
				}
				changed = 0
			}
			if (s.Why == "") != (s.Level == Good) {
				t.Fatalf("%q because of %q", s.Level, s.Why)
			}
		}
	})
}

// The times that a person sees: what gets worse is told after 4 s, what is lost at once, what is well again after 6 s.
func TestState_course(t *testing.T) {
	now := time.Unix(1000, 0)
	s := state{}
	for i, c := range []struct {
		x    sample
		want Level
	}{
		{with(func(x *sample) { x.Connecting = time.Second }), ""},
		{calm, Good},
		{with(func(x *sample) { x.LossUp = .07 }), Good},
		{with(func(x *sample) { x.LossUp = .2 }), Weak}, // the milder of two
		{with(func(x *sample) { x.LossUp = .2 }), Weak},
		{with(func(x *sample) { x.LossUp = .2 }), Poor},
		{with(func(x *sample) { x.Quiet = time.Minute }), Lost},
		{calm, Weak}, // back
		{calm, Weak},
		{calm, Weak},
		{calm, Good},
		{with(func(x *sample) { x.Unsent = 4 * time.Second }), Lost},
	} {
		now = now.Add(measureEvery)
		before := s.Level
		if s = s.next(c.x, now); s.Level != c.want {
			t.Fatalf("step %d: %q because of %q, want %q", i, s.Level, s.Why, c.want)
		}
		if changed := before != s.Level; changed != s.Since.Equal(now) && s.Level != "" {
			t.Errorf("step %d: since %v at %v", i, s.Since, now)
		}
	}
}
