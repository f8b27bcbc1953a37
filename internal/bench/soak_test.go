package bench

import (
	"testing"
	"time"
)

func TestMeasureSoak(t *testing.T) {
	got, err := MeasureSoak(t.Context(), SoakPlan{For: 5 * time.Second, People: 4, Loss: 0.02, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	if got.Missing != 0 || got.Fallen != 0 || got.Resent == 0 || got.Packets == 0 {
		t.Errorf("%+v", got)
	}
}

// What grows is told from what only trembles.
func TestTrendOf(t *testing.T) {
	level, leak, noise := make([]float64, 100), make([]float64, 100), make([]float64, 100)
	for i := range level {
		level[i] = 1000
		leak[i] = 1000 + 3*float64(i) + float64(i*7919%23)
		noise[i] = 1000 + float64(i*7919%401)
	}
	for name, c := range map[string]struct {
		samples []float64
		flat    bool
		growth  float64
	}{"level": {level, true, 0}, "leak": {leak, false, 297}, "noise": {noise, true, -65}, "too few": {level[:2], false, 0}} {
		got := trendOf(c.samples, flatPart, 0)
		if got.Flat != c.flat || got.Growth < c.growth-60 || got.Growth > c.growth+60 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
