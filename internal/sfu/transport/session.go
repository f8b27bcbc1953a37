package transport

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"nghisu/internal/sfu/udp"
	"nghisu/internal/sfu/wire"
)

// Errors a session ends with.
var (
	ErrGone      = errors.New("client does not answer")
	ErrHandshake = errors.New("keys could not be agreed on")
	ErrLeft      = errors.New("client closed the connection")
)

// Handler is told what comes from a client. RTP and RTCP are called one at a time, by readers of the hub,
// with decrypted packets that are valid during the call only; they must not block.
type Handler interface {
	Ready(seal *Sealer)
	RTP(b []byte, at time.Time)
	RTCP(b []byte, at time.Time)
	Closed(err error)
}

// way is where a client's datagrams come from: a socket and an address, or a stream.
type way struct {
	sock   *udp.Socket
	addr   netip.AddrPort
	stream *stream
}

// Route is the way to a client at this moment.
type Route struct {
	way
	priority uint32
	touched  atomic.Int64 // last check on this way, ns
}

func (r *Route) send(b []byte) {
	if r.stream != nil {
		r.stream.send(b)
		return
	}
	_ = r.sock.WriteTo(b, r.addr) // lost, as on any network
}

// Addr is the client's address.
func (r *Route) Addr() netip.AddrPort { return r.addr }

// Network is "udp" or "tcp".
func (r *Route) Network() string {
	if r.stream != nil {
		return "tcp"
	}
	return "udp"
}

// Reserve gives a place for a datagram of n bytes in a batch; over a stream commit must be called after it
// was filled. It is the only way in which media leave.
func (r *Route) Reserve(b *udp.Batch, n int) (place []byte, commit func()) {
	if r.stream == nil {
		return b.Reserve(r.sock, r.addr, n), nil
	}
	place = make([]byte, n)
	return place, func() { r.stream.send(place) }
}

// Session is one client's transport. Methods may be called from anywhere.
type Session struct {
	hub     *Hub
	handler Handler
	secret  atomic.Pointer[secret]
	pipe    *pipe       // datagrams of the handshake
	started atomic.Bool // agreeing on keys
	ending  sync.Once
	done    chan struct{}

	remote   atomic.Pointer[Peer] // as the client's description names it
	route    atomic.Pointer[Route]
	priority atomic.Uint32
	seen     atomic.Int64          // last check, ns
	heard    atomic.Int64          // last packet that proved to be the client's, ns
	secured  atomic.Bool           // keys are agreed on
	next     atomic.Pointer[Route] // the client wants it, and has yet to show that it is there

	mu      sync.Mutex // opening of packets
	open    *srtp.Context
	head    rtp.Header
	rtcp    rtcp.Header
	buf     []byte
	packets bucket
	reports bucket

	pace    sync.Mutex // below
	checks  bucket
	records bucket

	// Guarded by hub.mu:
	addrs     []netip.AddrPort
	forgotten bool
}

// secret is what a client must know to be answered.
type secret struct{ ufrag, pwd string }

// Secret is the name and the password that the server's description tells the client.
func (s *Session) Secret() (ufrag, pwd string) {
	c := s.secret.Load()
	return c.ufrag, c.pwd
}

// Restart gives the session another secret (ICE restart, RFC 8445 section 9), for a client whose network
// changed. Keys and what is sent stay; the old secret is worth nothing any more.
func (s *Session) Restart() {
	fresh := &secret{random(8), random(24)}
	s.hub.rename(s, fresh)
	s.priority.Store(0)
}

// Peer is a client as its description names it.
type Peer struct {
	Fingerprint string // of its certificate
	Passive     bool   // waits for our handshake
	// SendsOnly: nothing is sent to it but reports. Then its own packets show that it is there: encoders exist
	// that check the way only at the beginning.
	SendsOnly bool
}

// Expect names the client: a session with any other certificate is never ready.
func (s *Session) Expect(p Peer) { s.remote.Store(&p) }

// Expects reports whether a certificate is the one that was named.
func (s *Session) Expects(fingerprint string) bool {
	want := s.remote.Load()
	return want != nil && strings.EqualFold(want.Fingerprint, fingerprint)
}

// there is when the client last showed that it wants to be sent what is sent.
func (s *Session) there() time.Time {
	if peer := s.remote.Load(); peer != nil && peer.SendsOnly {
		return s.Heard()
	}
	return s.Seen()
}

// Route is the way to the client; nil before its first check.
func (s *Session) Route() *Route { return s.route.Load() }

// Seen is when the client last proved to be there.
func (s *Session) Seen() time.Time { return time.Unix(0, s.seen.Load()) }

// Heard is when anything last came from the client: a check, a packet, a report.
func (s *Session) Heard() time.Time { return time.Unix(0, max(s.heard.Load(), s.seen.Load())) }

// Close ends the session and tells the client.
func (s *Session) Close() { s.end(nil) }

func (s *Session) end(err error) {
	s.ending.Do(func() {
		s.hub.forget(s)
		close(s.done)
		s.pipe.close()
		if r := s.route.Load(); r != nil && r.stream != nil {
			_ = r.stream.conn.Close()
		}
		s.handler.Closed(err)
	})
}

// receive works a datagram that came on a way of this session.
func (s *Session) receive(b []byte, on way) {
	switch {
	case b[0] >= 20 && b[0] <= 63:
		if s.allow(&s.records, recordPace, time.Now()) {
			s.pipe.put(b)
		}
	case b[0] >= 128 && b[0] <= 191:
		s.media(b, on)
	}
}

// media opens a packet. Whatever cannot be authenticated is dropped: it may be anybody's. Only what is
// authentic counts towards the client's pace, so that nobody else can use it up.
func (s *Session) media(b []byte, on way) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return
	}
	at := time.Now()
	if wire.IsRTCP(b) {
		if !s.reports.some(reportPace, at) {
			s.hub.Rejects.Flood.Add(1)
		} else if out, err := s.open.DecryptRTCP(s.buf[:0], b, &s.rtcp); err != nil {
			s.hub.Rejects.Forged.Add(1)
		} else {
			s.reports.tokens--
			s.came(on, at)
			s.handler.RTCP(out, at)
		}
		return
	}
	if len(b) < wire.HeaderLen {
		s.hub.Rejects.Forged.Add(1)
		return
	}
	if !s.packets.some(packetPace, at) {
		s.hub.Rejects.Flood.Add(1)
	} else if out, err := s.open.DecryptRTP(s.buf[:0], b, &s.head); err != nil {
		s.hub.Rejects.Forged.Add(1)
	} else {
		s.packets.tokens--
		s.came(on, at)
		s.handler.RTP(out, at)
	}
}

// came notes an authentic packet. A way that the client wants is its own when such a packet comes on it: that is
// no recorded one, sent again from elsewhere.
func (s *Session) came(on way, at time.Time) {
	s.heard.Store(at.UnixNano())
	if n := s.next.Load(); n != nil && n.way == on {
		s.lead(n)
	}
}

// lead makes r the way to the client.
func (s *Session) lead(r *Route) {
	s.priority.Store(r.priority)
	s.next.Store(nil)
	s.route.Store(r)
}

// Sealer protects packets to one client. It belongs to one goroutine at a time.
type Sealer struct {
	ctx      *srtp.Context
	overhead int
	head     rtp.Header
	rtcp     rtcp.Header
}

// Overhead is by how much RTP protects a packet longer, in bytes.
func (s *Sealer) Overhead() int { return s.overhead }

// RTP protects a packet in place: b has room for the packet of n bytes and Overhead.
func (s *Sealer) RTP(b []byte, n int) error {
	out, err := s.ctx.EncryptRTP(b[:0:len(b)], b[:n], &s.head)
	if err == nil && (len(out) != len(b) || &out[0] != &b[0]) {
		return errSealed
	}
	return err
}

var errSealed = errors.New("protected packet has another length")

// RTCP protects a compound packet.
func (s *Sealer) RTCP(b []byte) ([]byte, error) { return s.ctx.EncryptRTCP(nil, b, &s.rtcp) }

// Send sends protected bytes at once, outside of any batch.
func (s *Session) Send(b []byte) {
	if r := s.route.Load(); r != nil {
		r.send(b)
	}
}
