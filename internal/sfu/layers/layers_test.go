package layers_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"nghisu/internal/sfu/layers"
)

var three = []float64{150e3, 500e3, 1500e3}

// thin is a picture whose smallest layer can be sent at a low frame rate.
var thin = layers.Want{Rates: []float64{80e3, 150e3, 500e3}, Best: 1, Now: -1}

func want(best, now int) layers.Want { return layers.Want{Rates: three, Best: best, Now: now} }

func TestChoose(t *testing.T) {
	for name, c := range map[string]struct {
		budget float64
		wants  []layers.Want
		chosen []int
	}{
		"room for all":                  {5e6, []layers.Want{want(2, 0), want(0, 0), want(0, 0)}, []int{2, 0, 0}},
		"never better than its place":   {50e6, []layers.Want{want(1, 0)}, []int{1}},
		"the important one first":       {1e6, []layers.Want{want(2, 0), want(2, 0)}, []int{1, 0}},
		"nothing fits":                  {50e3, []layers.Want{want(2, 2), want(2, 2)}, []int{-1, -1}},
		"the small ones are given up":   {250e3, []layers.Want{want(2, 0), want(0, -1), want(0, -1)}, []int{0, -1, -1}},
		"what is shown may stay":        {410e3, []layers.Want{want(2, 0), want(0, 0), want(0, 0)}, []int{0, 0, 0}},
		"what is gone needs room":       {410e3, []layers.Want{want(2, 0), want(0, 0), want(0, -1)}, []int{0, 0, -1}},
		"thin before given up":          {470e3, []layers.Want{thin, thin, thin, thin}, []int{1, 0, 0, 0}},
		"some are never given up":       {50e3, []layers.Want{{Rates: three, Best: 2, Now: 2, Keep: true}, want(2, 2)}, []int{0, -1}},
		"at the limit it stays":         {1.45e6, []layers.Want{want(2, 2)}, []int{2}},
		"at the limit it waits":         {1.7e6, []layers.Want{want(2, 1)}, []int{1}},
		"a layer that does not come":    {5e6, []layers.Want{{Rates: []float64{150e3, 0, 1500e3}, Best: 2}}, []int{2}},
		"nothing comes":                 {5e6, []layers.Want{{Rates: []float64{0, 0}, Best: 1}}, []int{-1}},
		"a small layer that takes more": {240e3, []layers.Want{{Rates: []float64{400e3, 100e3}, Best: 1, Keep: true}, {Rates: []float64{100e3}, Now: -1}}, []int{1, 0}},
		"nobody looks":                  {5e6, nil, []int{}},
	} {
		if got := layers.Choose(c.budget, c.wants); !slices.Equal(got, c.chosen) {
			t.Errorf("%s: %v, want %v", name, got, c.chosen)
		}
	}
}

// Whatever the line takes and the cameras send: what is chosen can be had, fits its place, and fits the budget
// unless it must not be given up; nobody is given up for somebody less important; and what was chosen is
// chosen again while nothing changes.
func TestChoose_anything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget := rapid.Float64Range(0, 10e6).Draw(t, "budget")
		wants := make([]layers.Want, rapid.IntRange(0, 12).Draw(t, "wants"))
		for i := range wants {
			rates := make([]float64, rapid.IntRange(1, 3).Draw(t, "layers"))
			for k := range rates {
				rates[k] = rapid.SampledFrom([]float64{0, 100e3, 400e3, 1500e3}).Draw(t, "rate")
			}
			wants[i] = layers.Want{Rates: rates, Best: rapid.IntRange(0, 2).Draw(t, "best"), Now: rapid.IntRange(-1, 2).Draw(t, "now"),
				Keep: rapid.IntRange(0, 9).Draw(t, "keep") == 0}
		}
		chosen := layers.Choose(budget, wants)
		used, least := 0.0, 0.0
		for i, w := range wants {
			first := slices.IndexFunc(w.Rates, func(r float64) bool { return r > 0 })
			if chosen[i] < 0 {
				if first >= 0 && (w.Keep || used+w.Rates[first] <= 0.85*budget) {
					t.Fatalf("want %d gets nothing", i)
				}
				continue
			}
			if w.Rates[chosen[i]] == 0 || chosen[i] > w.Best && chosen[i] != first {
				t.Fatalf("want %d: layer %d", i, chosen[i])
			}
			used += w.Rates[chosen[i]]
			if w.Keep {
				least += w.Rates[first]
			}
		}
		if used > least+1.1*budget+1 {
			t.Fatalf("%.0f used of %.0f", used, budget)
		}
		for i := range wants {
			wants[i].Now = chosen[i]
		}
		if again := layers.Choose(budget, wants); !slices.Equal(again, chosen) {
			t.Fatalf("%v, and then %v", chosen, again)
		}
	})
}
