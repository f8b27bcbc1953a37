package slots_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"nghisu/internal/sfu/slots"
)

// Whatever is wanted: the first that fit stand, each once; nobody who stays wanted is moved; what is told
// as changed is what changed.
func TestMap_assign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "places")
		m := slots.New[int](n)
		for range rapid.IntRange(1, 12).Draw(t, "turns") {
			wanted := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 9).Draw(t, "wanted")
			before := places(m)
			changed := m.Assign(wanted)
			after := places(m)
			var first []int
			for _, w := range wanted {
				if w != 0 && !slices.Contains(first, w) && len(first) < n {
					first = append(first, w)
				}
			}
			for i := range n {
				if (before[i] != after[i]) != slices.Contains(changed, i) {
					t.Fatalf("place %d: %d, then %d; changed %v", i, before[i], after[i], changed)
				}
				if slices.Contains(first, before[i]) && after[i] != before[i] {
					t.Fatalf("%d was moved from place %d", before[i], i)
				}
			}
			stand := slices.DeleteFunc(slices.Clone(after), func(v int) bool { return v == 0 })
			slices.Sort(stand)
			slices.Sort(first)
			if !slices.Equal(stand, first) {
				t.Fatalf("wanted %v, stand %v", first, stand)
			}
		}
	})
}

func places(m *slots.Map[int]) []int {
	out := make([]int, m.Len())
	for i := range out {
		out[i] = m.At(i)
	}
	return out
}

func TestMap_put(t *testing.T) {
	m := slots.New[string](2)
	if c := m.Put([]string{"a"}); !slices.Equal(c, []int{0}) || m.At(0) != "a" || m.At(1) != "" {
		t.Fatal(c, m.At(0), m.At(1))
	}
	if c := m.Put([]string{"a", "b", "c"}); !slices.Equal(c, []int{1}) {
		t.Fatal(c)
	}
	if c := m.Put(nil); len(c) != 2 || m.At(0) != "" {
		t.Fatal(c)
	}
}
