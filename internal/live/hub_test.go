package live

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

func topics(s *Subscription) []Topic {
	got, _, _, _ := s.Take()
	slices.Sort(got)
	return got
}

func TestHub_onlyWatchedTopicsArriveAndMergeUntilTaken(t *testing.T) {
	h := NewHub()
	s := h.Subscribe()
	defer s.Close()
	mine, other := Agency(uuid.New()), Agency(uuid.New())
	s.Watch(mine)
	for range 100 {
		h.Publish(mine, other)
	}
	select {
	case <-s.Wake():
	default:
		t.Fatal("not woken")
	}
	if got := topics(s); !slices.Equal(got, []Topic{mine}) {
		t.Fatalf("got %v", got)
	}
	if got := topics(s); len(got) != 0 {
		t.Fatalf("again %v", got)
	}
	s.Unwatch(mine)
	h.Publish(mine)
	if got := topics(s); len(got) != 0 {
		t.Fatalf("unwatched %v", got)
	}
}

func TestHub_resume(t *testing.T) {
	a, b := Document(uuid.New()), Document(uuid.New())
	cases := map[string]struct {
		epoch  func(string) string
		seq    int64
		extra  int
		topics []Topic
		reset  bool
	}{
		"nothing missed":       {seq: 3, epoch: same},
		"one missed":           {seq: 2, epoch: same, topics: []Topic{a}},
		"all missed":           {seq: 0, epoch: same, topics: []Topic{a}},
		"another epoch":        {seq: 3, epoch: func(string) string { return "x" }, reset: true},
		"from the future":      {seq: 9, epoch: same, reset: true},
		"longer than the ring": {seq: 0, epoch: same, extra: ringSize, reset: true},
		"just within the ring": {seq: 3, epoch: same, extra: ringSize, topics: []Topic{a}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := NewHub()
			h.Publish(a, b, a)
			for range c.extra {
				h.Publish(a)
			}
			epoch, _ := h.Position()
			s := h.Subscribe()
			defer s.Close()
			s.Watch(a)
			s.Resume(c.epoch(epoch), c.seq)
			got, reset, _, _ := s.Take()
			if !slices.Equal(got, c.topics) || reset != c.reset {
				t.Fatalf("got %v reset %v", got, reset)
			}
		})
	}
}

func same(s string) string { return s }

func TestHub_breakTellsEverybodyToReadAgain(t *testing.T) {
	h := NewHub()
	s := h.Subscribe()
	defer s.Close()
	before, _ := h.Position()
	h.Break()
	_, reset, after, seq := s.Take()
	if !reset || before == after || seq != 0 {
		t.Fatalf("reset %v, %s -> %s at %d", reset, before, after, seq)
	}
}

// A page says all its topics again after every reconnection, and takes back many at once.
func TestSubscription_WatchUpTo(t *testing.T) {
	s := NewHub().Subscribe()
	defer s.Close()
	some := make([]Topic, 60)
	for i := range some {
		some[i] = Document(uuid.New())
	}
	for range 3 {
		if !s.WatchUpTo(100, some...) {
			t.Fatal("the same topics again were refused")
		}
	}
	more := make([]Topic, 41)
	for i := range more {
		more[i] = Document(uuid.New())
	}
	if s.WatchUpTo(100, more...) {
		t.Error("101 topics were taken")
	}
	if !s.WatchUpTo(100, more[1:]...) {
		t.Error("100 topics were refused")
	}
}
