package bwe_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"nghisu/internal/sfu/bwe"
)

// line is a way to a receiver: it takes so many bits a second, with a queue before it, a delay, and loss.
type line struct {
	rate  float64
	delay time.Duration
	queue time.Duration // longest; more is lost
	loss  float64
	free  time.Duration
	rng   *rand.Rand
}

func (l *line) carry(at time.Duration, size int) (time.Duration, bool) {
	l.free = max(l.free, at)
	if l.free-at > l.queue || l.rng.Float64() < l.loss {
		return 0, false
	}
	l.free += time.Duration(float64(size) * 8 / l.rate * 1e9)
	return l.free + l.delay, true
}

// drive sends as much as the estimate allows, at most want, for d; it returns the estimate's mean over the
// last half and the worst queue there.
func drive(e *bwe.Estimator, l *line, from, d time.Duration, want float64) (mean float64, worst time.Duration) {
	start := time.Unix(1000, 0)
	const frame, size = 33 * time.Millisecond, 1200
	var pending []bwe.Packet
	credit, n := 0.0, 0
	for at := from; at < from+d; at += frame {
		credit += min(want, e.Rate()) * frame.Seconds() / 8
		for ; credit > size; credit -= size {
			arrived, ok := l.carry(at, size)
			pending = append(pending, bwe.Packet{Sent: start.Add(at), Size: size, Lost: !ok, Arrived: arrived})
		}
		if at > from+d/2 {
			worst = max(worst, l.free-at)
			mean += e.Rate()
			n++
		}
		if (at/frame)%3 == 0 {
			e.Feedback(start.Add(at+l.delay), pending)
			pending = nil
		}
	}
	return mean / float64(max(n, 1)), worst
}

func newLine(rate float64) *line {
	return &line{rate: rate, delay: 40 * time.Millisecond, queue: 500 * time.Millisecond, rng: rand.New(rand.NewPCG(1, 2))}
}

// A narrow line is found, used well, and its queue stays short.
func TestEstimator_narrowLines(t *testing.T) {
	for _, rate := range []float64{300e3, 800e3, 2e6, 5e6} {
		e, l := bwe.New(), newLine(rate)
		got, worst := drive(e, l, 0, 60*time.Second, 20e6)
		if got < 0.5*rate || got > 1.25*rate {
			t.Errorf("a line of %.0f kbit/s is taken for %.0f", rate/1e3, got/1e3)
		}
		t.Logf("%5.0f kbit/s: estimate %5.0f, worst queue %v", rate/1e3, got/1e3, worst)
	}
}

// A wide line with less to send is not taken for a narrow one.
func TestEstimator_littleToSend(t *testing.T) {
	e, l := bwe.New(), newLine(20e6)
	if got, _ := drive(e, l, 0, 30*time.Second, 400e3); got < 500e3 {
		t.Errorf("estimate %.0f kbit/s", got/1e3)
	}
}

// Loss by chance of a few percent does not end a conversation; heavy loss is heeded.
func TestEstimator_loss(t *testing.T) {
	e, l := bwe.New(), newLine(5e6)
	l.loss = 0.01
	if got, _ := drive(e, l, 0, 40*time.Second, 2e6); got < 1e6 {
		t.Errorf("1 %% of loss: %.0f kbit/s", got/1e3)
	}
	l.loss = 0.3
	if got, _ := drive(e, l, 40*time.Second, 20*time.Second, 2e6); got > 1.2e6 {
		t.Errorf("30 %% of loss: %.0f kbit/s", got/1e3)
	}
}

// A line that becomes narrow is followed within seconds, and its recovery within a minute.
func TestEstimator_change(t *testing.T) {
	e, l := bwe.New(), newLine(4e6)
	drive(e, l, 0, 30*time.Second, 20e6)
	l.rate = 500e3
	if got, _ := drive(e, l, 30*time.Second, 12*time.Second, 20e6); got > 700e3 {
		t.Errorf("after the line became narrow: %.0f kbit/s", got/1e3)
	}
	l.rate = 4e6
	if got, _ := drive(e, l, 42*time.Second, 60*time.Second, 20e6); got < 1.5e6 {
		t.Errorf("after it became wide again: %.0f kbit/s", got/1e3)
	}
}

// Where nothing is sent any more nothing is heard of the line: it is tried again all the same.
func TestEstimator_Idle(t *testing.T) {
	e, l := bwe.New(), newLine(50e3)
	drive(e, l, 0, 30*time.Second, 20e6)
	low := e.Rate()
	at := time.Unix(1030, 0)
	e.Idle(at)
	if e.Rate() != low {
		t.Errorf("tried at once: %.0f kbit/s", e.Rate()/1e3)
	}
	for range 120 {
		at = at.Add(time.Second)
		e.Idle(at)
	}
	if e.Rate() < 4*low || e.Rate() > 1.6*bwe.Start {
		t.Errorf("after two silent minutes %.0f kbit/s, before %.0f", e.Rate()/1e3, low/1e3)
	}
}

// Jitter on a line with room to spare does not take away the little that is sent.
func TestEstimator_jitter(t *testing.T) {
	e := bwe.New()
	rng := rand.New(rand.NewPCG(5, 6))
	start := time.Unix(1000, 0)
	const rate, size = 200e3, 500
	every := time.Duration(size * 8 / rate * 1e9)
	var pending []bwe.Packet
	for at := time.Duration(0); at < 60*time.Second; at += every {
		late := time.Duration(rng.Float64() * float64(15*time.Millisecond))
		if rng.IntN(200) == 0 {
			late += 80 * time.Millisecond
		}
		pending = append(pending, bwe.Packet{Sent: start.Add(at), Size: size, Arrived: at + 40*time.Millisecond + late})
		if len(pending) == 5 {
			e.Feedback(start.Add(at+60*time.Millisecond), pending)
			pending = nil
		}
		if e.Rate() < 1.2*rate {
			t.Fatalf("after %v: %.0f kbit/s", at, e.Rate()/1e3)
		}
	}
	t.Logf("estimate %.0f kbit/s", e.Rate()/1e3)
}
