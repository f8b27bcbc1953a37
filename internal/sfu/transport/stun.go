package transport

import (
	"encoding/binary"
	"net"
	"time"

	"github.com/pion/stun/v4"
)

// check answers one connectivity check (RFC 8445 section 7.3). Checks that do not prove the secret of a
// session get no answer: nobody can use us to send packets at others. Strangers' are dropped before anything
// is kept of them.
func (h *Hub) check(b []byte, on way) {
	s := h.byName(checksName(b))
	if s == nil {
		h.Dropped.Add(1)
		return
	}
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	_, pwd := s.Secret()
	if m.Decode() != nil || m.Type != stun.BindingRequest || stun.NewShortTermIntegrity(pwd).Check(m) != nil {
		h.Dropped.Add(1)
		h.Rejects.Checks.Add(1)
		return
	}
	now := time.Now()
	if !s.allow(&s.checks, checkPace, now) {
		return
	}
	if on.stream == nil && !h.learn(s, on.addr, now) {
		h.Rejects.Checks.Add(1)
		return
	}
	answer, err := stun.Build(m, stun.BindingSuccess,
		&stun.XORMappedAddress{IP: net.IP(on.addr.Addr().AsSlice()), Port: int(on.addr.Port())},
		stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		return
	}
	r := &Route{way: on}
	s.proven(r, m, now)
	r.send(answer.Raw)
}

// Sizes of a STUN message (RFC 8489 section 5).
const (
	stunHeader   = 20
	stunCookie   = 0x2112a442
	stunUsername = 0x0006
)

// checksName is our half of the name in a check; nil when the bytes are none.
func checksName(b []byte) []byte {
	if len(b) < stunHeader || binary.BigEndian.Uint32(b[4:]) != stunCookie || int(binary.BigEndian.Uint16(b[2:])) != len(b)-stunHeader {
		return nil
	}
	for b = b[stunHeader:]; len(b) >= 4; {
		kind, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if b = b[4:]; n > len(b) {
			return nil
		}
		if kind == stunUsername {
			for i, c := range b[:n] {
				if c == ':' {
					return b[:i]
				}
			}
			return nil
		}
		b = b[min(len(b), (n+3)&^3):]
	}
	return nil
}

// proven takes note of a good check. The client, who controls, nominates: the way of the highest priority
// among those that are alive wins, and the newest among equals. While the present one is alive, another must be
// shown to be the client's by a packet that only it can have sent just now: a recorded check leads nothing away.
func (s *Session) proven(r *Route, m *stun.Message, now time.Time) {
	s.seen.Store(now.UnixNano())
	if r.stream != nil {
		r.stream.belongs(s)
	}
	if v, err := m.Get(stun.AttrPriority); err == nil && len(v) == 4 {
		r.priority = binary.BigEndian.Uint32(v)
	}
	r.touched.Store(now.UnixNano())
	current := s.route.Load()
	switch {
	case current == nil:
		s.lead(r)
	case current.way == r.way:
		current.touched.Store(now.UnixNano())
		if m.Contains(stun.AttrUseCandidate) {
			s.priority.Store(r.priority)
			s.next.Store(nil)
		}
	case !m.Contains(stun.AttrUseCandidate) || current.alive(now) && r.priority < s.priority.Load():
	case current.alive(now) && s.secured.Load():
		s.next.Store(r)
	default:
		s.lead(r)
	}
	s.start()
}

// start begins to agree on keys, once, and only when not too many are at it: the next check tries again.
func (s *Session) start() {
	if s.started.Load() {
		return
	}
	if s.hub.handshakes.Add(1) > maxHandshakes {
		s.hub.handshakes.Add(-1)
		s.hub.Rejects.Handshakes.Add(1)
		return
	}
	if !s.started.CompareAndSwap(false, true) {
		s.hub.handshakes.Add(-1)
		return
	}
	s.hub.wait.Go(s.handshake)
}

// staleRoute is after how much silence another way is taken at once.
const staleRoute = 6 * time.Second

func (r *Route) alive(now time.Time) bool {
	return now.Sub(time.Unix(0, r.touched.Load())) < staleRoute
}
