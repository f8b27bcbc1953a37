package transport

import (
	"encoding/binary"
	"net"
	"strings"
	"time"

	"github.com/pion/stun/v4"
)

// check answers one connectivity check (RFC 8445 section 7.3). Checks that do not prove the secret of a
// session get no answer: nobody can use us to send packets at others.
func (h *Hub) check(b []byte, r *Route) {
	if !stun.IsMessage(b) {
		h.Dropped.Add(1)
		return
	}
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil || m.Type != stun.BindingRequest {
		h.Dropped.Add(1)
		return
	}
	var name stun.Username
	if name.GetFrom(m) != nil {
		h.Dropped.Add(1)
		return
	}
	ours, _, _ := strings.Cut(name.String(), ":")
	s := h.byName(ours)
	if s == nil {
		h.Dropped.Add(1)
		return
	}
	_, pwd := s.Secret()
	if stun.NewShortTermIntegrity(pwd).Check(m) != nil {
		h.Dropped.Add(1)
		return
	}
	answer, err := stun.Build(m, stun.BindingSuccess,
		&stun.XORMappedAddress{IP: net.IP(r.addr.Addr().AsSlice()), Port: int(r.addr.Port())},
		stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		return
	}
	s.proven(r, m)
	r.send(answer.Raw)
}

// proven takes note of a good check. The client, who controls, nominates: the way of the highest priority
// among those that are alive wins, and the newest among equals.
func (s *Session) proven(r *Route, m *stun.Message) {
	now := time.Now()
	stale := now.Sub(s.Seen()) > staleRoute
	s.seen.Store(now.UnixNano())
	if r.stream != nil {
		r.stream.session.Store(s)
	} else {
		s.hub.learn(s, r.addr)
	}
	var priority uint32
	if v, err := m.Get(stun.AttrPriority); err == nil && len(v) == 4 {
		priority = binary.BigEndian.Uint32(v)
	}
	current := s.route.Load()
	nominated := m.Contains(stun.AttrUseCandidate)
	switch {
	case current == nil, nominated && (stale || priority >= s.priority.Load() || !current.alive(now)):
		if current == nil || current.addr != r.addr || current.sock != r.sock || current.stream != r.stream {
			s.route.Store(r)
		}
		s.priority.Store(priority)
	}
	if cur := s.route.Load(); cur.addr == r.addr && cur.stream == r.stream {
		cur.touched.Store(now.UnixNano())
	}
	s.starting.Do(func() { s.hub.wait.Go(s.handshake) })
}

// staleRoute is after how much silence another way is taken at once.
const staleRoute = 6 * time.Second

func (r *Route) alive(now time.Time) bool {
	return now.Sub(time.Unix(0, r.touched.Load())) < staleRoute
}
