// Package transport secures the way between one client and the media plane: ICE in its lite form (RFC 8445
// section 2.5: the server answers checks and never calls), DTLS 1.2 for the keys (RFC 5764), SRTP for the
// packets, over UDP, or over TCP with frames (RFC 4571, RFC 6544) where a network blocks UDP.
//
// One Hub owns the sockets of a node. Its goroutines read; whoever sends asks a Session for its Route and
// protects packets with its Sealer. Nothing is kept or answered for addresses that did not prove that they
// know the secret of a session.
package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nghisu/internal/sfu/udp"
)

// Config says where a Hub listens.
type Config struct {
	UDP     []netip.AddrPort // addresses to bind, one port for all
	Sockets int              // sockets for each address, which share its port; 1 when zero
	TCP     []netip.AddrPort // addresses to bind; none when empty
	Log     *slog.Logger
}

// Hub owns the sockets and knows the sessions.
type Hub struct {
	cfg         Config
	certificate tls.Certificate
	fingerprint string
	sockets     []*udp.Socket
	listeners   []net.Listener
	wait        sync.WaitGroup
	stop        chan struct{}

	mu     sync.RWMutex // below
	closed bool
	names  map[string]*Session
	addrs  map[netip.AddrPort]*place

	// Dropped counts datagrams of nobody we know.
	Dropped atomic.Int64
	// Refused counts clients that proved the secret and could not agree on keys.
	Refused atomic.Int64
	// Rejects counts what was not let in otherwise.
	Rejects    Rejects
	handshakes atomic.Int64 // under way
	streams    atomic.Int64
	unproven   unproven
}

// place is an address that a session is reached at.
type place struct {
	session *Session
	touched atomic.Int64 // last check from there, ns
}

// Listen binds the sockets and begins to read.
func Listen(cfg Config) (*Hub, error) {
	h := &Hub{cfg: cfg, stop: make(chan struct{}), names: map[string]*Session{}, addrs: map[netip.AddrPort]*place{}}
	var err error
	if h.certificate, h.fingerprint, err = newCertificate(); err != nil {
		return nil, fmt.Errorf("make certificate of the media plane: %w", err)
	}
	for _, a := range cfg.UDP {
		var s []*udp.Socket
		if s, err = udp.Listen(a, max(1, cfg.Sockets)); err != nil {
			break
		}
		h.sockets = append(h.sockets, s...)
	}
	for _, a := range cfg.TCP {
		var l net.Listener
		if err != nil {
			break
		}
		if l, err = net.Listen("tcp", a.String()); err == nil {
			h.listeners = append(h.listeners, l)
		}
	}
	if err != nil {
		h.closeSockets()
		return nil, err
	}
	for _, s := range h.sockets {
		h.wait.Go(func() { h.serve(s) })
	}
	for _, l := range h.listeners {
		h.wait.Go(func() { h.accept(l) })
	}
	h.wait.Go(h.watch)
	return h, nil
}

// newCertificate makes the certificate that descriptions name by its fingerprint. It lives as long as the process.
func newCertificate() (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, "", err
	}
	now := time.Now()
	t := x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "WebRTC"}, NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, &t, &t, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, Fingerprint(der), nil
}

// Fingerprint is the SHA-256 of a certificate as descriptions write it (RFC 8122).
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	parts := make([]string, len(sum))
	for i, c := range sum {
		parts[i] = strings.ToUpper(hex.EncodeToString([]byte{c}))
	}
	return strings.Join(parts, ":")
}

// Fingerprint is that of the hub's certificate.
func (h *Hub) Fingerprint() string { return h.fingerprint }

// Addrs are the bound UDP addresses.
func (h *Hub) Addrs() []netip.AddrPort {
	var out []netip.AddrPort
	for i, s := range h.sockets {
		if i%max(1, h.cfg.Sockets) == 0 {
			out = append(out, s.Addr())
		}
	}
	return out
}

// TCPAddrs are the bound TCP addresses.
func (h *Hub) TCPAddrs() []netip.AddrPort {
	var out []netip.AddrPort
	for _, l := range h.listeners {
		out = append(out, l.Addr().(*net.TCPAddr).AddrPort())
	}
	return out
}

func (h *Hub) serve(s *udp.Socket) {
	err := s.Serve(func(b []byte, from netip.AddrPort) { h.datagram(s, b, from) })
	if !errors.Is(err, net.ErrClosed) && h.cfg.Log != nil {
		h.cfg.Log.Error("a media socket ended", "address", s.Addr(), "error", err)
	}
}

// datagram works one datagram. First bytes tell the protocols apart (RFC 7983).
func (h *Hub) datagram(s *udp.Socket, b []byte, from netip.AddrPort) {
	if len(b) == 0 {
		return
	}
	if b[0] < 4 {
		h.check(b, way{sock: s, addr: from})
		return
	}
	h.mu.RLock()
	at := h.addrs[from]
	h.mu.RUnlock()
	if at == nil {
		h.Dropped.Add(1)
		return
	}
	at.session.receive(b, way{sock: s, addr: from})
}

// New makes a session. The client is expected to prove within firstCheck that it was told the secret.
func (h *Hub) New(handler Handler) (*Session, error) {
	s := &Session{hub: h, handler: handler, pipe: newPipe(), done: make(chan struct{})}
	s.secret.Store(&secret{random(8), random(24)})
	s.seen.Store(time.Now().UnixNano())
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, net.ErrClosed
	}
	h.names[s.secret.Load().ufrag] = s
	return s, nil
}

func (h *Hub) rename(s *Session, fresh *secret) {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := s.secret.Swap(fresh)
	if !s.forgotten {
		delete(h.names, old.ufrag)
		h.names[fresh.ufrag] = s
	}
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (h *Hub) byName(ufrag []byte) *Session {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.names[string(ufrag)]
}

// maxAddrs is how many addresses one session may be reached at: home, mobile and relayed ones at once.
const maxAddrs = 16

// learn notes that an address belongs to a session; false when it belongs to another that is there: whoever
// can write a foreign sender's address on datagrams could take that sender's packets away otherwise.
func (h *Hub) learn(s *Session, a netip.AddrPort, now time.Time) bool {
	h.mu.RLock()
	at := h.addrs[a]
	h.mu.RUnlock()
	if at != nil && at.session == s {
		at.touched.Store(now.UnixNano())
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if at = h.addrs[a]; at != nil && at.session != s && now.Sub(time.Unix(0, at.touched.Load())) < staleRoute {
		return false
	}
	if s.forgotten {
		return true
	}
	if len(s.addrs) == maxAddrs {
		h.vacate(s, s.addrs[0])
		s.addrs = s.addrs[1:]
	}
	at = &place{session: s}
	at.touched.Store(now.UnixNano())
	h.addrs[a] = at
	s.addrs = append(s.addrs, a)
	return true
}

// vacate forgets an address, unless it is another session's by now. Needs h.mu.
func (h *Hub) vacate(s *Session, a netip.AddrPort) {
	if at := h.addrs[a]; at != nil && at.session == s {
		delete(h.addrs, a)
	}
}

func (h *Hub) forget(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.forgotten = true
	delete(h.names, s.secret.Load().ufrag)
	for _, a := range s.addrs {
		h.vacate(s, a)
	}
	s.addrs = nil
}

// Times of watching over sessions.
const (
	firstCheck = 20 * time.Second // until a client proved itself
	consent    = 30 * time.Second // without a check, nobody is there any more (RFC 7675)
	watchEvery = time.Second
)

// watch ends sessions whose client is gone.
func (h *Hub) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case now := <-tick.C:
			h.mu.RLock()
			var late []*Session
			for _, s := range h.names {
				limit := consent
				if s.route.Load() == nil {
					limit = firstCheck
				}
				if now.Sub(s.there()) > limit {
					late = append(late, s)
				}
			}
			h.mu.RUnlock()
			for _, s := range late {
				s.end(ErrGone)
			}
		}
	}
}

// Close ends all sessions, waits for their goroutines and closes the sockets.
func (h *Hub) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	all := make([]*Session, 0, len(h.names))
	for _, s := range h.names {
		all = append(all, s)
	}
	h.mu.Unlock()
	for _, s := range all {
		s.end(net.ErrClosed)
	}
	close(h.stop)
	err := h.closeSockets()
	h.wait.Wait()
	return err
}

func (h *Hub) closeSockets() error {
	var all error
	for _, s := range h.sockets {
		all = errors.Join(all, s.Close())
	}
	for _, l := range h.listeners {
		all = errors.Join(all, l.Close())
	}
	return all
}
