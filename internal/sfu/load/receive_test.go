package load

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever comes late or twice, missing are those that never came.
func TestWindow_missing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := window{on: true}
		n := uint64(rapid.IntRange(1, 30_000).Draw(t, "packets"))
		first := uint64(1 << 16)
		seed := rapid.Uint64().Draw(t, "seed") | 1
		part := rapid.Uint64Range(0, 8).Draw(t, "lost, of 8")
		lost := func(i uint64) bool { return i != 0 && (i*seed>>32)%8 < part }
		late := uint64(rapid.IntRange(0, 3000).Draw(t, "late by"))
		var missing int64
		for i := range n {
			if !lost(i) {
				w.take(first + i)
			} else if i%3 == 0 {
				missing++
			}
			if i >= late && lost(i-late) && (i-late)%3 != 0 {
				w.take(first + i - late)
				w.take(first + i - late)
			}
		}
		w.on, w.to = false, first+n-1
		for i := n - min(n, late); i < n; i++ {
			if lost(i) && i%3 != 0 {
				w.take(first + i)
			}
		}
		w.take(first + n + 1)
		if want, got := w.missing(); want != int64(n) || got != missing {
			t.Fatalf("%d of %d missing, want %d of %d", got, want, missing, n)
		}
	})
}
