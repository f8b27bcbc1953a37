// Package bwe estimates what the line to one receiver takes, from what the receiver tells of the arrival of
// every packet (transport-wide feedback). It follows draft-ietf-rmcat-gcc-02: queues that grow on the way are
// seen in the trend of the delays before packets are lost; many losses are believed too. Unlike a sender of
// one stream we cannot simply send more to find out whether more would pass: so while all goes well the
// estimate lets a little more be tried, and remembers for how long a failed try was a bad idea. It is pure:
// time is handed in. One goroutine at a time.
package bwe

import (
	"math"
	"time"
)

// Packet is one packet that was sent, and what became of it.
type Packet struct {
	Sent    time.Time
	Size    int           // bytes
	Lost    bool          // it has not come by the time of the feedback
	Arrived time.Duration // on the receiver's clock, from any beginning
}

// Bounds of the estimate, in bits a second.
const (
	Least = 30_000
	Start = 1_500_000
	Most  = 30_000_000
)

// Estimator is the estimate for one receiver.
type Estimator struct {
	rate  float64
	state state

	group  burst // the packets sent within burstTime, which travel together
	last   burst
	trend  trend
	thresh float64 // ms, moves with the line's own jitter
	over   time.Duration
	slope  float64
	lastAt time.Time // of the last feedback
	began  time.Time

	acked meter // what arrives
	sent  meter // what is sent, by our clock
	queue queue
	loss  float64

	tries tries
}

type state int

const (
	hold state = iota
	increase
	decrease
)

// burst is a group of packets.
type burst struct {
	first, last time.Time
	arrived     time.Duration
	any         bool
}

// Times and factors of the draft.
const (
	burstTime   = 5 * time.Millisecond
	overuseTime = 10 * time.Millisecond
	backOff     = 0.85
	gain        = 4.0
	firstThresh = 12.5
	leastThresh = 6.0
	mostThresh  = 600.0
	up, down    = 0.0087, 0.039
	badLoss     = 0.10
	goodLoss    = 0.02
)

// New makes an estimator.
func New() *Estimator {
	return &Estimator{rate: Start, thresh: firstThresh, state: increase, tries: tries{pause: firstPause}}
}

// Rate is the estimate in bits a second.
func (e *Estimator) Rate() float64 { return e.rate }

// Arriving is what arrives now, in bits a second.
func (e *Estimator) Arriving() float64 { return e.acked.rate }

// Loss is the share of packets that were lost of late.
func (e *Estimator) Loss() float64 { return e.loss }

// Feedback takes what the receiver told, in the order of sending.
func (e *Estimator) Feedback(now time.Time, packets []Packet) {
	lost := 0
	for _, p := range packets {
		if e.began.IsZero() {
			e.began = p.Sent
		}
		e.sent.add(p.Sent.Sub(e.began), p.Size)
		if p.Lost {
			lost++
			continue
		}
		e.queue.add(p.Arrived - p.Sent.Sub(e.began))
		e.acked.add(p.Arrived, p.Size)
		e.arrived(p)
	}
	if n := len(packets); n > 0 {
		e.loss += (float64(lost)/float64(n) - e.loss) * 0.25
	}
	passed := min(now.Sub(e.lastAt), time.Second)
	if e.lastAt.IsZero() {
		passed = 0
	}
	e.lastAt = now
	e.move(now, passed)
}

// Idle lets a little more be tried when nothing is heard of the line: without packets there is no feedback, and
// without a try nothing is sent again on a line that was found too narrow for pictures.
func (e *Estimator) Idle(now time.Time) {
	if e.lastAt.IsZero() || now.Sub(e.lastAt) < quietFor || e.rate >= Start {
		return
	}
	e.rate = e.tries.more(now, e.rate)
}

// quietFor is after how long without feedback a line counts as idle.
const quietFor = 2 * time.Second

// arrived groups packets, and compares each group with the one before.
func (e *Estimator) arrived(p Packet) {
	g := &e.group
	if g.any && p.Sent.Sub(g.first) < burstTime {
		g.last = p.Sent
		g.arrived = max(g.arrived, p.Arrived)
		return
	}
	if g.any && e.last.any {
		took := ms(g.arrived-e.last.arrived) - ms(g.last.Sub(e.last.last))
		e.judge(e.trend.add(ms(g.arrived), took), g.last.Sub(e.last.last))
	}
	if g.any {
		e.last = *g
	}
	*g = burst{first: p.Sent, last: p.Sent, arrived: p.Arrived, any: true}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// judge compares the trend with the threshold (section 5.4).
func (e *Estimator) judge(slope float64, passed time.Duration) {
	m := slope * float64(min(e.trend.n, 60)) * gain
	switch {
	case m > e.thresh:
		e.over += passed
		if e.over > overuseTime && slope >= e.slope {
			e.state, e.over = decrease, 0
		}
	case m < -e.thresh:
		e.over, e.state = 0, hold // a queue empties: wait
	default:
		e.over = 0
		if e.state != decrease {
			e.state = increase
		}
	}
	e.slope = slope
	if d := math.Abs(m) - e.thresh; d < 15 {
		k := up
		if d < 0 {
			k = down
		}
		e.thresh = min(mostThresh, max(leastThresh, e.thresh+k*d*min(100, ms(passed))))
	}
}

// move changes the estimate.
func (e *Estimator) move(now time.Time, passed time.Duration) {
	got := e.acked.rate
	switch {
	case e.loss > badLoss:
		e.rate = min(e.rate, max(e.leastByLoss(), got, e.rate*(1-0.5*e.loss)))
		e.tries.failed(now)
	case e.state == decrease:
		e.state = hold
		if e.innocent() {
			e.rate = min(e.rate, max(Least, backOff*e.rate, headroom*e.sent.rate))
			break
		}
		e.rate = max(Least, min(e.rate, backOff*max(got, Least)))
		e.tries.failed(now)
	case e.state == increase && e.loss < goodLoss:
		// not above what was tried and arrives: a silent line says nothing about a loud one
		most := max(1.5*got, Least) + 10_000
		if e.rate < most {
			e.rate = min(most, e.rate*math.Pow(1.08, passed.Seconds()))
		}
		if got > 0.5*e.rate || e.rate < Start {
			e.rate = e.tries.more(now, e.rate)
		}
	}
	e.rate = min(Most, e.rate)
}

// leastByLoss is how far losses bring the estimate down: without a queue they are not cured by sending ever less.
func (e *Estimator) leastByLoss() float64 {
	if e.loss > 0.25 || e.queue.length() >= longQueue/2 {
		return Least
	}
	return 300_000
}

// innocent reports whether delays that grow are hardly of our making: far less is sent than the line was found to
// take, all of it arrives as fast as it is sent, and no long queue stands. Then what is sent now is left alone.
func (e *Estimator) innocent() bool {
	return e.sent.rate*headroom <= e.rate && e.acked.rate >= 0.9*e.sent.rate && e.queue.length() < longQueue
}

const (
	headroom  = 1.5
	longQueue = 150 * time.Millisecond
)

// queue is how long packets wait on their way now, against the least that was seen.
type queue struct {
	least, now time.Duration
	any        bool
}

func (q *queue) add(delay time.Duration) {
	if !q.any {
		q.any, q.least, q.now = true, delay, delay
	}
	q.least = min(q.least+10*time.Microsecond, delay) // clocks drift, and ways through the network change
	q.now += (delay - q.now) / 16
}

func (q *queue) length() time.Duration { return q.now - q.least }

// tries are steps into the unknown: from time to time the estimate rises above what is proven, so that a
// better layer is sent; if that was too much, the next try waits twice as long, else half as long.
type tries struct {
	last   time.Time // try or failure
	proven bool      // last was a try
	pause  time.Duration
}

const (
	firstPause = 3 * time.Second
	mostPause  = 15 * time.Second
	step       = 1.6
	tried      = 4 * time.Second // a failure this long after a try is the try's
)

func (t *tries) more(now time.Time, rate float64) float64 {
	if t.last.IsZero() {
		t.last = now
	}
	if now.Sub(t.last) < t.pause {
		return rate
	}
	if t.proven {
		t.pause = max(firstPause, t.pause/2)
	}
	t.last, t.proven = now, true
	return rate * step
}

func (t *tries) failed(now time.Time) {
	if t.proven && now.Sub(t.last) < tried {
		t.pause = min(mostPause, 2*t.pause)
	}
	t.last, t.proven = now, false
}

// trend is the slope of the line through the last accumulated delays (section 5.3 in its form by linear
// regression).
type trend struct {
	n      int
	sum    float64
	smooth float64
	x, y   [20]float64
}

func (t *trend) add(arrived, took float64) float64 {
	t.sum += took
	t.smooth = 0.9*t.smooth + 0.1*t.sum
	t.x[t.n%len(t.x)], t.y[t.n%len(t.y)] = arrived, t.smooth
	t.n++
	if t.n < len(t.x) {
		return 0
	}
	var mx, my float64
	for i := range t.x {
		mx += t.x[i] / float64(len(t.x))
		my += t.y[i] / float64(len(t.y))
	}
	var num, den float64
	for i := range t.x {
		num += (t.x[i] - mx) * (t.y[i] - my)
		den += (t.x[i] - mx) * (t.x[i] - mx)
	}
	if den == 0 {
		return 0
	}
	return num / den
}

// meter measures a rate over half a second of the receiver's clock.
type meter struct {
	began time.Duration
	any   bool
	bits  float64
	rate  float64
}

const window = 500 * time.Millisecond

func (m *meter) add(at time.Duration, size int) {
	if !m.any || at < m.began {
		m.any, m.began, m.bits = true, at, 0
	}
	m.bits += float64(size) * 8
	if d := at - m.began; d >= window {
		now := m.bits / d.Seconds()
		if m.rate == 0 {
			m.rate = now
		}
		m.rate += (now - m.rate) * 0.5
		m.began, m.bits = at, 0
	}
}
