package conference

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"nghisu/internal/errs"
	"nghisu/internal/sfu"
)

// meters are the figures of rooms for Prometheus; docs/metrics.md. They know no person and no meeting.
type meters struct {
	lines, ways                      *prometheus.GaugeVec
	loss                             *prometheus.HistogramVec
	trip, jitter, estimate           prometheus.Histogram
	decode, concealed                prometheus.Histogram
	missed, nacks, keyframes, bytes  *prometheus.CounterVec
	limited, joins, leaves           *prometheus.CounterVec
	repaired, freezes, frozenSeconds prometheus.Counter
}

func newMeters(r prometheus.Registerer) *meters {
	const space = "nghisu_conference_"
	var all []prometheus.Collector
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: space + name, Help: help})
		all = append(all, c)
		return c
	}
	counters := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: space + name, Help: help}, []string{label})
		all = append(all, c)
		return c
	}
	gauges := func(name, help, label string) *prometheus.GaugeVec {
		c := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: space + name, Help: help}, []string{label})
		all = append(all, c)
		return c
	}
	histogram := func(name, help string, buckets ...float64) prometheus.Histogram {
		c := prometheus.NewHistogram(prometheus.HistogramOpts{Name: space + name, Help: help, Buckets: buckets})
		all = append(all, c)
		return c
	}
	m := &meters{
		lines: gauges("lines", "Participants by how their line is: connecting, good, weak, poor, lost.", "level"),
		ways:  gauges("ways", "Participants by the way of their media: none, udp, tcp, or through a relay.", "way"),
		loss: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: space + "loss_ratio", Help: "Share of packets that a participant's line lost in six seconds, looked at every two.",
			Buckets: []float64{0, .01, .02, .04, .06, .08, .12, .2, .3, .5}}, []string{"direction"}),
		trip:      histogram("round_trip_seconds", "From us to a participant and back, looked at every two seconds.", .005, .01, .025, .05, .1, .2, .4, .8, 1.5, 3),
		jitter:    histogram("jitter_seconds", "How unevenly packets of a participant come.", .001, .0025, .005, .01, .025, .05, .1, .25, .5),
		estimate:  histogram("estimate_bits_per_second", "What the line to a participant takes, as estimated.", 1e5, 2.5e5, 5e5, 1e6, 2e6, 4e6, 8e6, 16e6),
		decode:    histogram("decode_seconds", "A page's time to decode one picture, as pages tell.", .001, .0025, .005, .01, .02, .033, .066, .1, .25),
		concealed: histogram("concealed_ratio", "Share of the sound that a page had to make up in five seconds, as pages tell.", 0, .005, .01, .02, .05, .1, .2, .5),
		missed:    counters("missed_packets_total", "Packets that lines lost: up by gaps in their numbers, down by the clients' reports.", "direction"),
		repaired:  counter("repaired_packets_total", "Packets lost on the way up that came when asked for."),
		nacks:     counters("nacks_total", "Packets asked for again: up by us, down by clients.", "direction"),
		keyframes: counters("keyframe_requests_total", "Keyframes asked for: up by us, down by clients.", "direction"),
		bytes:     counters("received_bytes_total", "Payload bytes from participants.", "kind"),
		freezes:   counter("freezes_total", "Pictures that stood still, as pages tell."),
		limited:   counters("limited_reports_total", "Reports of pages that cannot send better pictures, by what limits them: bandwidth, cpu.", "by"),
		joins:     counters("joins_total", "People let into rooms (joined), and refused, by the key of the refusal.", "outcome"),
		leaves:    counters("leaves_total", "People who left rooms, by reason.", "reason"),
	}
	m.frozenSeconds = counter("frozen_seconds_total", "For how long pictures stood still, as pages tell.")
	if r != nil {
		r.MustRegister(append(all, m.loss)...)
	}
	return m
}

// now shows how many participants there are of each kind.
func (m *meters) now(levels map[Level]int, ways map[string]int) {
	for _, l := range []Level{"", Good, Weak, Poor, Lost} {
		name := string(l)
		if l == "" {
			name = "connecting"
		}
		m.lines.WithLabelValues(name).Set(float64(levels[l]))
	}
	for _, w := range knownWays {
		name := w
		if w == "" {
			name = "none"
		}
		m.ways.WithLabelValues(name).Set(float64(ways[w]))
	}
}

// measured counts one look at a participant; was is the look that was counted before.
func (m *meters) measured(f Figures, was, q sfu.Quality) {
	if q.Network == "" {
		return
	}
	m.loss.WithLabelValues("up").Observe(f.LossUp)
	m.loss.WithLabelValues("down").Observe(f.LossDown)
	if f.RoundTrip > 0 {
		m.trip.Observe(f.RoundTrip.Seconds())
	}
	if len(q.Up) > 0 {
		m.jitter.Observe(f.Jitter.Seconds())
	}
	if q.Down.Estimate > 0 {
		m.estimate.Observe(q.Down.Estimate)
	}
	var before, after upTotals
	before.add(was)
	after.add(q)
	m.missed.WithLabelValues("up").Add(grown(before.missed, after.missed))
	m.missed.WithLabelValues("down").Add(grown(was.Down.Lost, q.Down.Lost))
	m.repaired.Add(grown(before.repaired, after.repaired))
	m.nacks.WithLabelValues("up").Add(grown(before.nacks, after.nacks))
	m.nacks.WithLabelValues("down").Add(grown(was.Down.Nacks, q.Down.Nacks))
	m.keyframes.WithLabelValues("up").Add(grown(before.keyframes, after.keyframes))
	m.keyframes.WithLabelValues("down").Add(grown(was.Down.Keyframes, q.Down.Keyframes))
	for kind, n := range after.bytes {
		m.bytes.WithLabelValues(string(kind)).Add(grown(before.bytes[kind], n))
	}
}

type upTotals struct {
	missed, repaired, nacks, keyframes int64
	bytes                              map[sfu.Kind]int64
}

func (t *upTotals) add(q sfu.Quality) {
	t.bytes = map[sfu.Kind]int64{}
	for _, u := range q.Up {
		t.missed += u.Missed
		t.repaired += u.Repaired
		t.nacks += u.Nacks
		t.keyframes += u.Keyframes
		t.bytes[u.Kind] += u.Bytes
	}
}

// grown is by how much a counter grew; one that began anew counts from zero.
func grown(was, is int64) float64 {
	if is < was {
		was = 0
	}
	return float64(max(0, is-was))
}

// page counts a page's report.
func (m *meters) page(f PageFigures) {
	m.freezes.Add(float64(f.Freezes))
	m.frozenSeconds.Add(f.Frozen.Seconds())
	if f.Decode > 0 {
		m.decode.Observe(f.Decode.Seconds())
	}
	m.concealed.Observe(f.Concealed)
	if f.Limited != NotLimited {
		m.limited.WithLabelValues(string(f.Limited)).Inc()
	}
}

// joined counts an attempt to join.
func (m *meters) joined(err error) {
	outcome := "joined"
	if err != nil {
		outcome = "internal"
		var known *errs.Error
		if errors.As(err, &known) {
			outcome = known.Key
		}
	}
	m.joins.WithLabelValues(outcome).Inc()
}

// left counts somebody who left.
func (m *meters) left(reason string) { m.leaves.WithLabelValues(reason).Inc() }
