// Package levels finds out who is heard: from the loudness that every packet of sound tells (RFC 6464), the
// few loudest people, without flicker. It is pure: time is handed in. One goroutine at a time.
package levels

import (
	"cmp"
	"slices"
	"time"
)

// How loudness is judged. Decibels below the loudest that can be told, so less is louder.
const (
	silence  = 127.0
	audible  = 55.0                    // quieter than this is background
	rise     = 0.35                    // share of a new packet in the average, while it gets louder
	fall     = 0.06                    // and while it gets quieter: pauses between words are no silence
	lead     = 6.0                     // somebody must be this much louder than who is heard, to take the place
	keepFor  = 1500 * time.Millisecond // whoever was audible keeps the place this long
	goneFor  = 700 * time.Millisecond  // no packet this long is silence (DTX, muted)
	maxKnown = 2000
)

// Meter compares the people of one room.
type Meter[T cmp.Ordered] struct {
	people map[T]*person
	heard  []T
}

type person struct {
	level   float64
	last    time.Time // packet
	audible time.Time // when it was last loud enough
}

// New makes an empty meter.
func New[T cmp.Ordered]() *Meter[T] { return &Meter[T]{people: map[T]*person{}} }

// Hear notes the loudness of one packet: 0 is the loudest, 127 silence.
func (m *Meter[T]) Hear(who T, level uint8, now time.Time) {
	p := m.people[who]
	if p == nil {
		if len(m.people) >= maxKnown {
			return
		}
		p = &person{level: silence}
		m.people[who] = p
	}
	v := float64(min(level, 127))
	share := fall
	if v < p.level {
		share = rise
	}
	p.level += (v - p.level) * share
	p.last = now
	if p.level < audible {
		p.audible = now
	}
}

// Leave forgets somebody.
func (m *Meter[T]) Leave(who T) {
	delete(m.people, who)
	m.heard = slices.DeleteFunc(m.heard, func(h T) bool { return h == who })
}

// Loudest lists at most n people who are heard now, the loudest first.
func (m *Meter[T]) Loudest(n int, now time.Time) []T {
	score := func(who T) float64 {
		p := m.people[who]
		if now.Sub(p.last) > goneFor {
			return silence
		}
		return p.level
	}
	stays := func(who T) bool { p := m.people[who]; return now.Sub(p.audible) < keepFor && !p.audible.IsZero() }
	m.heard = slices.DeleteFunc(m.heard, func(who T) bool { return !stays(who) })
	var others []T
	for who := range m.people {
		if stays(who) && !slices.Contains(m.heard, who) {
			others = append(others, who)
		}
	}
	byScore := func(a, b T) int { return cmp.Or(cmp.Compare(score(a), score(b)), cmp.Compare(a, b)) }
	slices.SortFunc(others, byScore)
	slices.SortFunc(m.heard, byScore)
	for _, who := range others {
		switch {
		case len(m.heard) < n:
			m.heard = append(m.heard, who)
		case n > 0 && score(who)+lead < score(m.heard[len(m.heard)-1]):
			m.heard[len(m.heard)-1] = who
		}
		slices.SortFunc(m.heard, byScore)
	}
	if len(m.heard) > n {
		m.heard = m.heard[:n]
	}
	return slices.Clone(m.heard)
}
