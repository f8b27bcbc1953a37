package sandbox

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meters are the figures of a pool.
type meters struct {
	questions *prometheus.HistogramVec
	started   *prometheus.CounterVec
}

func newMeters(r prometheus.Registerer, p *Pool) meters {
	m := meters{
		questions: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "nghisu_sandbox_question_seconds",
			Help:    "Time from a question about a file to its answer, waiting included.",
			Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30}}, []string{"lane", "outcome"}),
		started: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nghisu_sandbox_children_started_total",
			Help: "Child processes started to read files. More than a few a minute means that files kill them."}, []string{"lane"}),
	}
	if r == nil {
		return m
	}
	r.MustRegister(m.questions, m.started)
	for name, l := range p.lanes {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "nghisu_sandbox_waiting",
			Help: "Questions that wait for a child.", ConstLabels: prometheus.Labels{"lane": string(name)}},
			func() float64 { return float64(l.queue.length()) }))
	}
	return m
}

func (m meters) observe(name lane, began time.Time, err error) {
	outcome := "answered"
	switch {
	case err == nil:
	case errors.Is(err, ErrDied):
		outcome = "died"
	case errors.Is(err, ErrTimeout):
		outcome = "timeout"
	case errors.Is(err, ErrBusy):
		outcome = "busy"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		outcome = "cancelled"
	default:
		outcome = "failed"
	}
	m.questions.WithLabelValues(string(name), outcome).Observe(time.Since(began).Seconds())
}
