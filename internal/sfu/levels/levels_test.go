package levels_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nghisu/internal/sfu/levels"
)

type scene struct {
	*levels.Meter[string]
	now time.Time
}

// speak lets time pass in which everybody's packets tell a level; people who are not named send nothing.
func (s *scene) speak(d time.Duration, level map[string]uint8) {
	for range int(d / (20 * time.Millisecond)) {
		s.now = s.now.Add(20 * time.Millisecond)
		for who, l := range level {
			s.Hear(who, l, s.now)
		}
	}
}

func newScene() *scene { return &scene{levels.New[string](), time.Unix(1000, 0)} }

func TestLoudest_threeOfMany(t *testing.T) {
	s := newScene()
	s.speak(time.Second, map[string]uint8{"a": 20, "b": 30, "c": 40, "d": 50, "e": 90})
	if got := s.Loudest(3, s.now); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Fatal(got)
	}
	if got := s.Loudest(9, s.now); slices.Contains(got, "e") {
		t.Fatalf("background noise is heard: %v", got)
	}
}

func TestLoudest_pauseBetweenWordsKeepsThePlace(t *testing.T) {
	s := newScene()
	s.speak(time.Second, map[string]uint8{"a": 25})
	s.Loudest(1, s.now)
	s.speak(400*time.Millisecond, map[string]uint8{"a": 100, "b": 30})
	if got := s.Loudest(1, s.now); !slices.Equal(got, []string{"b"}) && !slices.Equal(got, []string{"a"}) {
		t.Fatal(got)
	}
	s = newScene()
	s.speak(time.Second, map[string]uint8{"a": 25})
	s.Loudest(1, s.now)
	s.speak(200*time.Millisecond, map[string]uint8{"a": 100})
	if got := s.Loudest(1, s.now); !slices.Equal(got, []string{"a"}) {
		t.Fatalf("a breath cost the place: %v", got)
	}
}

func TestLoudest_equalVoicesDoNotFlicker(t *testing.T) {
	s := newScene()
	s.speak(time.Second, map[string]uint8{"a": 30, "b": 30})
	first := s.Loudest(1, s.now)
	for i := range 100 {
		s.speak(100*time.Millisecond, map[string]uint8{"a": 28 + uint8(i%5), "b": 32 - uint8(i%5)})
		if got := s.Loudest(1, s.now); !slices.Equal(got, first) {
			t.Fatalf("turn %d: %v, at first %v", i, got, first)
		}
	}
}

func TestLoudest_whoStopsSendingIsGone(t *testing.T) {
	s := newScene()
	s.speak(time.Second, map[string]uint8{"a": 20})
	s.Loudest(3, s.now)
	s.now = s.now.Add(2 * time.Second)
	if got := s.Loudest(3, s.now); len(got) != 0 {
		t.Fatal(got)
	}
	s.speak(time.Second, map[string]uint8{"a": 20})
	s.Leave("a")
	if got := s.Loudest(3, s.now); len(got) != 0 {
		t.Fatal(got)
	}
}

// Never more than asked for, nobody twice, nobody unknown, whatever is told.
func TestLoudest_anything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScene()
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			who := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "who")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				s.Leave(who)
			case 1:
				s.now = s.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			default:
				s.Hear(who, rapid.Byte().Draw(t, "level"), s.now)
			}
			n := rapid.IntRange(0, 4).Draw(t, "n")
			got := s.Loudest(n, s.now)
			sorted := slices.Clone(got)
			slices.Sort(sorted)
			if len(got) > n || len(slices.Compact(sorted)) != len(got) {
				t.Fatalf("%v of %d", got, n)
			}
		}
	})
}
