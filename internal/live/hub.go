package live

import (
	"maps"
	"sync"

	"github.com/google/uuid"
)

// ringSize is how many past hints a hub keeps for sockets that come back.
const ringSize = 8192

// Change is one hint with its place in the hub's order.
type Change struct {
	Seq   int64
	Topic Topic
}

// Hub hands the hints that reach this node to its sockets. Epoch names one unbroken sequence: a hub
// that may have missed something (a restart, a lost database connection) begins a new epoch, and
// whoever comes with an old one reads everything again.
type Hub struct {
	mu    sync.Mutex // guards all below
	epoch string
	seq   int64
	ring  [ringSize]Change
	subs  map[*Subscription]struct{}
}

// NewHub makes a hub without sockets.
func NewHub() *Hub {
	return &Hub{epoch: uuid.NewString(), subs: map[*Subscription]struct{}{}}
}

// Subscription is one socket's view: the topics it watches and what changed since it last looked.
type Subscription struct {
	hub     *Hub
	wake    chan struct{} // one slot: "look again"
	topics  map[Topic]struct{}
	changed map[Topic]struct{}
	reset   bool
}

// Subscribe opens a subscription. The caller must Close it.
func (h *Hub) Subscribe() *Subscription {
	s := &Subscription{hub: h, wake: make(chan struct{}, 1), topics: map[Topic]struct{}{}, changed: map[Topic]struct{}{}}
	h.mu.Lock()
	h.subs[s] = struct{}{}
	h.mu.Unlock()
	return s
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	delete(s.hub.subs, s)
	s.hub.mu.Unlock()
}

// Position is where the hub stands now.
func (h *Hub) Position() (epoch string, seq int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch, h.seq
}

// Watch adds topics. Hints from now on arrive.
func (s *Subscription) Watch(topics ...Topic) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, t := range topics {
		s.topics[t] = struct{}{}
	}
}

// WatchUpTo is Watch for a stranger: it adds all topics or, when most would be exceeded, none, and
// reports false. Topics that are watched already count once.
func (s *Subscription) WatchUpTo(most int, topics ...Topic) bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	all := maps.Clone(s.topics)
	for _, t := range topics {
		all[t] = struct{}{}
	}
	if len(all) > most {
		return false
	}
	s.topics = all
	return true
}

// Unwatch removes topics.
func (s *Subscription) Unwatch(topics ...Topic) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, t := range topics {
		delete(s.topics, t)
		delete(s.changed, t)
	}
}

// Resume brings a socket that was away up to date: the watched topics that changed after seq, or a
// reset when the hub no longer knows.
func (s *Subscription) Resume(epoch string, seq int64) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if epoch != h.epoch || seq > h.seq || h.seq-seq > ringSize {
		s.reset = true
	} else {
		for n := seq + 1; n <= h.seq; n++ {
			s.note(h.ring[n%ringSize].Topic)
		}
	}
	s.poke()
}

// Wake receives when there is something to Take.
func (s *Subscription) Wake() <-chan struct{} { return s.wake }

// Take returns what changed since the last Take, and the position to resume from. Many hints of one
// topic arrive as one: a slow socket never queues more than its topics.
func (s *Subscription) Take() (topics []Topic, reset bool, epoch string, seq int64) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for t := range s.changed {
		topics = append(topics, t)
	}
	clear(s.changed)
	reset, s.reset = s.reset, false
	return topics, reset, h.epoch, h.seq
}

// Publish hands hints to the sockets of this node.
func (h *Hub) Publish(topics ...Topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range topics {
		h.seq++
		h.ring[h.seq%ringSize] = Change{Seq: h.seq, Topic: t}
		for s := range h.subs {
			if s.note(t) {
				s.poke()
			}
		}
	}
}

// Break begins a new epoch: hints may have been missed, everybody reads again.
func (h *Hub) Break() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.epoch, h.seq = uuid.NewString(), 0
	for s := range h.subs {
		s.reset = true
		s.poke()
	}
}

// note remembers a hint when its topic is watched. Called with the hub's lock held.
func (s *Subscription) note(t Topic) bool {
	_, watched := s.topics[t]
	if watched {
		s.changed[t] = struct{}{}
	}
	return watched
}

func (s *Subscription) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
