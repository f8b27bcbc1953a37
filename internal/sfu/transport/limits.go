package transport

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Rejects counts what was not let in, since the start.
type Rejects struct {
	Checks     atomic.Int64 // connectivity checks that prove nothing, or from an address that is another's
	Forged     atomic.Int64 // packets from a known address that its keys do not open
	Flood      atomic.Int64 // above what one client may send
	Handshakes atomic.Int64 // checks after which keys could not be agreed on at once: too many were at it
	Streams    atomic.Int64 // TCP connections without a place
}

// pace is how much somebody may send: a second, and at once.
type pace struct{ perSecond, atOnce float64 }

// What one client may send: twice what a browser does with three layers, a shown screen and their
// retransmissions, or a room's codec with 14 Mbit/s. Above it is dropped, as on a line that is full.
var (
	packetPace = pace{1500, 600}  // RTP
	reportPace = pace{1000, 1000} // RTCP
	checkPace  = pace{50, 200}    // connectivity checks
	recordPace = pace{50, 200}    // datagrams of DTLS
)

// What strangers may make us keep, and what people on their way in.
const (
	maxHandshakes = 400 // agreements on keys at once
	maxUnproven   = 512 // TCP connections that belong to no session yet
	maxUnprovenOf = 64  // of one address: many rooms may stand behind one router
)

// bucket counts what is left of a pace.
type bucket struct {
	tokens float64
	filled time.Time
}

// some fills the bucket up to now and reports whether there is something in it.
func (b *bucket) some(p pace, now time.Time) bool {
	if b.filled.IsZero() {
		b.tokens = p.atOnce
	} else {
		b.tokens = min(p.atOnce, b.tokens+now.Sub(b.filled).Seconds()*p.perSecond)
	}
	b.filled = now
	return b.tokens >= 1
}

// allow takes one from a bucket that s.pace guards.
func (s *Session) allow(b *bucket, p pace, now time.Time) bool {
	s.pace.Lock()
	defer s.pace.Unlock()
	if !b.some(p, now) {
		s.hub.Rejects.Flood.Add(1)
		return false
	}
	b.tokens--
	return true
}

// unproven counts TCP connections that belong to no session yet.
type unproven struct {
	mu  sync.Mutex
	all int
	of  map[netip.Addr]int
}

// enter reserves a place; false when there is none.
func (u *unproven) enter(a netip.Addr) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all >= maxUnproven || u.of[a] >= maxUnprovenOf {
		return false
	}
	if u.of == nil {
		u.of = map[netip.Addr]int{}
	}
	u.all++
	u.of[a]++
	return true
}

func (u *unproven) leave(a netip.Addr) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all--
	if u.of[a]--; u.of[a] == 0 {
		delete(u.of, a)
	}
}
