// Package layers shares what a line takes among the pictures that a receiver wants to see: which layer of
// each, the more important first. It is pure.
package layers

// Want is one picture that a receiver looks at.
type Want struct {
	Rates []float64 // what each layer takes, bits a second, the smallest first; 0 for one that does not come in
	Best  int       // the layer that fills its place; better ones are never sent
	Now   int       // the layer that is sent now; negative for none
}

// Changing up needs room to spare, so that a line at its limit does not change to and fro.
const (
	spare = 0.85 // share of the budget that an improvement may fill
	keep  = 1.10 // share that what is sent already may fill
)

// Choose gives the layer for each want, in their order of importance. Everybody gets the smallest layer that
// comes in, whatever the budget: whether a picture is given up altogether is not decided here. Then they
// improve by turns, a step each. A want without any layer that comes in gets -1.
func Choose(budget float64, wants []Want) []int {
	chosen := make([]int, len(wants))
	used := 0.0
	for i, w := range wants {
		chosen[i] = next(w, -1)
		if chosen[i] >= 0 {
			used += w.Rates[chosen[i]]
		}
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
			limit := spare
			if n <= w.Now {
				limit = keep
			}
			if more <= budget*limit {
				chosen[i], used, changed = n, more, true
			}
		}
	}
	return chosen
}

// next is the smallest layer above one that comes in; -1 for none.
func next(w Want, above int) int {
	for i := above + 1; i < len(w.Rates); i++ {
		if w.Rates[i] > 0 {
			return i
		}
	}
	return -1
}
