package httpapi

import (
	"sync"
	"time"

	"nghisu/internal/id"
)

// What one socket may say, and how many one person may have. A page says some ten messages when it opens and
// one at each turn of a switch; the largest are session descriptions.
const (
	livePerSecond = 50
	liveAtOnce    = 500
	bytesAtOnce   = 4 << 20
	bytesEach     = 256 << 10 // a second
	maxSockets    = 300       // of one person: as many as a room takes
)

// pace counts what a socket said. Its zero value has not begun.
type pace struct {
	messages, bytes float64
	filled          time.Time
}

// allows reports whether a message of n bytes may still be worked. A socket above its pace is closed, and its
// page comes back with a pause.
func (p *pace) allows(n int, now time.Time) bool {
	if p.filled.IsZero() {
		p.messages, p.bytes = liveAtOnce, bytesAtOnce
	} else {
		passed := now.Sub(p.filled).Seconds()
		p.messages, p.bytes = min(liveAtOnce, p.messages+passed*livePerSecond), min(bytesAtOnce, p.bytes+passed*bytesEach)
	}
	p.filled = now
	p.messages--
	p.bytes -= float64(n)
	return p.messages >= 0 && p.bytes >= 0
}

// sockets counts the open ones of everybody.
type sockets struct {
	mu sync.Mutex
	of map[id.Person]int
}

func (s *sockets) enter(p id.Person) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[p] >= maxSockets {
		return false
	}
	if s.of == nil {
		s.of = map[id.Person]int{}
	}
	s.of[p]++
	return true
}

func (s *sockets) leave(p id.Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[p]--; s.of[p] == 0 {
		delete(s.of, p)
	}
}
