// Package layers shares what a line takes among the pictures that a receiver wants to see: in what quality
// each is sent, the more important first, and which are given up. It is pure.
package layers

// Want is one picture that a receiver looks at. It can be sent in several steps: its smallest layer at a low
// frame rate, the same whole, the next larger layer.
type Want struct {
	Rates []float64 // what each step takes, bits a second, the poorest first; 0 for one that is not to be had
	Best  int       // the step that fills its place; richer ones are only sent when there is none else
	Now   int       // the step that is sent now; negative for none
	Keep  bool      // never given up, whatever the line takes
}

// Changing up needs room to spare, so that a line at its limit does not change to and fro.
const (
	spare = 0.85 // share of the budget that an improvement may fill
	keep  = 1.10 // share that what is sent already may fill
)

// Choose gives the step for each want, in their order of importance; -1 for one that is given up, or cannot be
// had. First everybody gets the poorest step as far as the budget goes, so that the less important are given
// up before the more important. Then they improve by turns, a step each.
func Choose(budget float64, wants []Want) []int {
	chosen := make([]int, len(wants))
	used := 0.0
	for i, w := range wants {
		chosen[i] = cheapest(w)
		if n := chosen[i]; n < 0 || !w.Keep && used+w.Rates[n] > budget*limit(w, n) {
			chosen[i] = -1
			continue
		}
		used += w.Rates[chosen[i]]
	}
	for changed := true; changed; {
		changed = false
		for i, w := range wants {
			if chosen[i] < 0 {
				continue
			}
			n := next(w, chosen[i])
			if n < 0 || n > w.Best {
				continue
			}
			more := used + w.Rates[n] - w.Rates[chosen[i]]
			if more <= budget*limit(w, n) {
				chosen[i], used, changed = n, more, true
			}
		}
	}
	return chosen
}

// limit is the share of the budget up to which a want may take a step.
func limit(w Want, step int) float64 {
	if step <= w.Now {
		return keep
	}
	return spare
}

// cheapest is the step to begin with: the poorest, or a richer one that fits and takes no more, as when a camera's
// small layer just sends a keyframe; -1 for none.
func cheapest(w Want) int {
	n := next(w, -1)
	for k := next(w, n); n >= 0 && k >= 0 && k <= w.Best; k = next(w, k) {
		if w.Rates[k] <= w.Rates[n] {
			n = k
		}
	}
	return n
}

// next is the poorest step above one that can be had; -1 for none.
func next(w Want, above int) int {
	for i := above + 1; i < len(w.Rates); i++ {
		if w.Rates[i] > 0 {
			return i
		}
	}
	return -1
}
