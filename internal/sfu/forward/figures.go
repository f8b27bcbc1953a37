package forward

import "time"

// StreamFigures are the books on an incoming stream since its start.
type StreamFigures struct {
	Received, Missed, Repaired int64 // packets: came, lost on the way, came when asked for
	Bytes                      int64 // payload
	Asked                      int64 // packets asked for again
	Keyframes                  int64 // requests for keyframes
	Jitter                     time.Duration
	Last                       time.Time // of the last packet; zero before the first
	Watched                    bool      // somebody is shown it
}

// Figures reads the books. It waits for a packet at work, never longer.
func (s *Stream) Figures() StreamFigures {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.books.Counts()
	if !s.cfg.Resends { // nobody sends it again: what came late was overtaken, not lost
		c.Missed, c.Repaired = c.Missed-c.Repaired, 0
	}
	return StreamFigures{Received: int64(c.Received), Missed: int64(c.Missed), Repaired: int64(c.Repaired), Bytes: s.bytes.Load(),
		Asked: s.asked, Keyframes: s.keys, Jitter: c.Jitter, Last: s.last, Watched: s.count.Load() > 0}
}

// ReceiverFigures are what went to a client since it came. The shard writes them down once a second, so that
// reading them costs the packets nothing.
type ReceiverFigures struct {
	At             time.Time
	Packets, Bytes int64 // payload; with what was sent again
	Resent         int64
	Came, Lost     int64 // packets, as the client's feedback on every packet tells; both 0 without it
	Rate           float64
}

// Figures is what was written down last; the zero value in the first second.
func (r *Receiver) Figures() ReceiverFigures {
	if f := r.figures.Load(); f != nil {
		return *f
	}
	return ReceiverFigures{}
}

// publish runs in the shard.
func (r *Receiver) publish(now time.Time) {
	f := &ReceiverFigures{At: now, Packets: r.count, Bytes: r.octets, Resent: r.resent}
	if r.sent != nil {
		f.Came, f.Lost, f.Rate = r.sent.came, r.sent.lost, r.sent.line.Rate()
	}
	r.figures.Store(f)
}
