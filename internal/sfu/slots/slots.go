// Package slots puts a changing set of sources into a fixed number of places, so that a receiver never
// has to negotiate: whoever stays wanted stays where it is, and a newcomer takes the place of somebody who
// is not wanted any more. It is pure.
package slots

import "slices"

// Map says which source stands in which place. The zero value of T is an empty place.
type Map[T comparable] struct{ places []T }

// New makes n empty places.
func New[T comparable](n int) *Map[T] { return &Map[T]{make([]T, n)} }

// Len is the number of places.
func (m *Map[T]) Len() int { return len(m.places) }

// At is what stands in a place.
func (m *Map[T]) At(i int) T { return m.places[i] }

// Assign makes the sources stand that are wanted, the more important first; those beyond the number of
// places are left out. It returns the places whose source changed.
func (m *Map[T]) Assign(wanted []T) []int {
	var none T
	want := make([]T, 0, len(m.places))
	for _, w := range wanted {
		if len(want) == len(m.places) {
			break
		}
		if w != none && !slices.Contains(want, w) {
			want = append(want, w)
		}
	}
	var changed []int
	for i, p := range m.places {
		if p != none && !slices.Contains(want, p) {
			m.places[i] = none
			changed = append(changed, i)
		}
	}
	for _, w := range want {
		if slices.Contains(m.places, w) {
			continue
		}
		i := slices.Index(m.places, none) // there is one: at most as many are wanted as there are places
		m.places[i] = w
		if !slices.Contains(changed, i) {
			changed = append(changed, i)
		}
	}
	slices.Sort(changed)
	return changed
}

// Put makes the source of each place what is asked for, in their order, for places with a meaning of
// their own. It returns the places that changed.
func (m *Map[T]) Put(sources []T) []int {
	var changed []int
	for i := range m.places {
		var s T
		if i < len(sources) {
			s = sources[i]
		}
		if m.places[i] != s {
			m.places[i] = s
			changed = append(changed, i)
		}
	}
	return changed
}
