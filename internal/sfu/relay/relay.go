// Package relay is TURN (RFC 8656) for people whose network lets nothing through but a web connection: over
// UDP, TCP and TLS. It relays to our own media port and to nothing else, for holders of short-lived
// credentials, a few ways at a time each: nobody can use it to reach other machines, ours or strangers'.
package relay

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

// Config says where the relay listens and what it may reach.
type Config struct {
	// UDP, TCP and TLS are addresses to listen at; empty for none. TLS needs Certificate.
	UDP, TCP, TLS string
	Certificate   func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Ways are the announced media addresses with those they are bound to: all that is relayed to.
	Ways map[netip.AddrPort]netip.AddrPort
	// Secret makes credentials; nodes that share it accept one another's. Empty makes one for this process.
	Secret string
	// PerUser is how many ways one holder may have open at once; 24 when zero: a browser opens three, three more
	// after each change of its network, and the old ones stay for ten minutes.
	PerUser int
	// Most is how many ways there may be in all; 4000 when zero.
	Most int
}

// Stats are counters since the start, and what is there now.
type Stats struct {
	Open        int64 // now
	Opened      int64
	Refused     int64 // ways that a quota did not allow: of one holder, or of all
	Credentials int64 // requests refused for their credentials
	Addresses   int64 // refused: not our media
	Connections int64 // TCP or TLS connections without a place
}

// realm names us to clients; it has no other meaning.
const realm = "nghisu"

// Credentials live this long: a browser asks for them when it joins, and keeps its way by refreshing it.
const validFor = 12 * time.Hour

// Relay is a running relay.
type Relay struct {
	cfg    Config
	server *turn.Server
	udp    netip.AddrPort
	tcp    netip.AddrPort
	tls    netip.AddrPort

	doors   []*door
	closing func() error

	credentials, addresses, connections atomic.Int64 // refused

	mu              sync.Mutex
	users           map[string]int // ways open, by user
	total           int
	opened, refused int64
}

// Listen binds the addresses and serves until Close.
func Listen(cfg Config) (*Relay, error) {
	if cfg.PerUser == 0 {
		cfg.PerUser = 24
	}
	if cfg.Most == 0 {
		cfg.Most = 4000
	}
	if cfg.Secret == "" {
		b := make([]byte, 32)
		_, _ = rand.Read(b) // never fails
		cfg.Secret = hex.EncodeToString(b)
	}
	if len(cfg.Ways) == 0 {
		return nil, errors.New("a relay without anything to relay to")
	}
	r := &Relay{cfg: cfg, users: map[string]int{}}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled // strangers would fill the log
	sc := turn.ServerConfig{Realm: realm, LoggerFactory: quiet, QuotaHandler: r.mayOpen,
		AuthHandler: turn.LongTermTURNRESTAuthHandler(cfg.Secret, quiet.NewLogger("turn")), EventHandler: turn.EventHandler{
			OnAuth: func(from, _ net.Addr, _, _, _, _ string, good bool) { r.judged(from, good) }}}
	err := r.bind(&sc)
	if err == nil {
		r.server, err = turn.NewServer(sc)
	}
	if err != nil {
		for _, p := range sc.PacketConnConfigs {
			_ = p.PacketConn.Close()
		}
		for _, l := range sc.ListenerConfigs {
			_ = l.Listener.Close()
		}
		return nil, fmt.Errorf("listen for the relay: %w", err)
	}
	r.closing = sync.OnceValue(r.server.Close)
	return r, nil
}

func (r *Relay) bind(sc *turn.ServerConfig) error {
	gen := generator{r}
	if r.cfg.UDP != "" {
		c, err := net.ListenPacket("udp", r.cfg.UDP)
		if err != nil {
			return err
		}
		r.udp = c.LocalAddr().(*net.UDPAddr).AddrPort()
		sc.PacketConnConfigs = append(sc.PacketConnConfigs, turn.PacketConnConfig{PacketConn: c, RelayAddressGenerator: gen, PermissionHandler: r.permitted})
	}
	if r.cfg.TCP != "" {
		l, err := net.Listen("tcp", r.cfg.TCP)
		if err != nil {
			return err
		}
		r.tcp = l.Addr().(*net.TCPAddr).AddrPort()
		sc.ListenerConfigs = append(sc.ListenerConfigs, turn.ListenerConfig{Listener: r.door(l, nil), RelayAddressGenerator: gen, PermissionHandler: r.permitted})
	}
	if r.cfg.TLS != "" {
		if r.cfg.Certificate == nil {
			return errors.New("TLS without a certificate")
		}
		l, err := net.Listen("tcp", r.cfg.TLS)
		if err != nil {
			return err
		}
		r.tls = l.Addr().(*net.TCPAddr).AddrPort()
		secure := &tls.Config{GetCertificate: r.cfg.Certificate, MinVersion: tls.VersionTLS12}
		sc.ListenerConfigs = append(sc.ListenerConfigs, turn.ListenerConfig{Listener: r.door(l, secure), RelayAddressGenerator: gen, PermissionHandler: r.permitted})
	}
	return nil
}

// UDPAddr, TCPAddr and TLSAddr are the bound addresses; the zero value where it does not listen.
func (r *Relay) UDPAddr() netip.AddrPort { return r.udp }

// TCPAddr is the bound TCP address.
func (r *Relay) TCPAddr() netip.AddrPort { return r.tcp }

// TLSAddr is the bound TLS address.
func (r *Relay) TLSAddr() netip.AddrPort { return r.tls }

// Credentials are what a person's browser shows to the relay.
func (r *Relay) Credentials(user string) (username, password string, err error) {
	return turn.GenerateLongTermTURNRESTCredentials(r.cfg.Secret, user, validFor)
}

// Close ends all ways.
func (r *Relay) Close() error { return r.closing() }

func (r *Relay) door(l net.Listener, secure *tls.Config) *door {
	d := open(l, secure, &r.connections)
	r.doors = append(r.doors, d)
	return d
}

// Stats reads the counters.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{Open: int64(r.total), Opened: r.opened, Refused: r.refused, Credentials: r.credentials.Load(),
		Addresses: r.addresses.Load(), Connections: r.connections.Load()}
}

// judged is told of every request whether its credentials were good.
func (r *Relay) judged(from net.Addr, good bool) {
	if !good {
		r.credentials.Add(1)
		return
	}
	for _, d := range r.doors {
		d.proven(from)
	}
}

// mayOpen tells a client that its quota is used up; enter, which reserves, decides.
func (r *Relay) mayOpen(user, _ string, _ net.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.room(user)
}

// room reports whether there is a way left for a user; it counts refusals. Needs r.mu.
func (r *Relay) room(user string) bool {
	if r.users[user] < r.cfg.PerUser && r.total < r.cfg.Most {
		return true
	}
	r.refused++
	return false
}

// enter reserves a way.
func (r *Relay) enter(user string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.room(user) {
		return false
	}
	r.total++
	r.opened++
	r.users[user]++
	return true
}

func (r *Relay) leave(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total--
	if r.users[user]--; r.users[user] == 0 {
		delete(r.users, user)
	}
}

// permitted refuses every address that is not our media plane's. Ports are looked at by wayConn.
func (r *Relay) permitted(_ net.Addr, peer net.IP) bool {
	ip, ok := netip.AddrFromSlice(peer)
	if ok && slices.ContainsFunc(slices.Collect(maps.Keys(r.cfg.Ways)), func(a netip.AddrPort) bool { return a.Addr() == ip.Unmap() }) {
		return true
	}
	r.addresses.Add(1)
	return false
}

// generator opens the relay's end of a way.
type generator struct{ relay *Relay }

func (generator) Validate() error { return nil }

func (g generator) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	local := netip.Addr{}
	for _, bound := range g.relay.cfg.Ways {
		if bound.Addr().Is4() == (c.Network == "udp4") {
			local = bound.Addr()
		}
	}
	if !local.IsValid() {
		return nil, nil, errors.New("no media address of this family")
	}
	if !g.relay.enter(c.UserID) {
		return nil, nil, errQuota
	}
	conn, err := net.ListenUDP(c.Network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		g.relay.leave(c.UserID)
		return nil, nil, err
	}
	return &wayConn{UDPConn: conn, relay: g.relay, leave: sync.OnceFunc(func() { g.relay.leave(c.UserID) })}, conn.LocalAddr(), nil
}

var (
	errOnlyMedia = errors.New("only media are relayed")
	errQuota     = errors.New("too many ways are open")
)

func (generator) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errOnlyMedia
}

func (generator) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errOnlyMedia }

// wayConn is a socket that reaches our media ports only. Clients name them as they are announced; we send to
// where they are bound, because a router need not lead us out and in again.
type wayConn struct {
	*net.UDPConn
	relay *Relay
	leave func()
}

// Close implements net.PacketConn.
func (c *wayConn) Close() error {
	c.leave()
	return c.UDPConn.Close()
}

func (c *wayConn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, errOnlyMedia
	}
	at := a.AddrPort()
	bound, ok := c.relay.cfg.Ways[netip.AddrPortFrom(at.Addr().Unmap(), at.Port())]
	if !ok {
		c.relay.addresses.Add(1)
		return len(b), nil // dropped: a port that is not ours
	}
	return c.UDPConn.WriteToUDPAddrPort(b, bound)
}

func (c *wayConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.UDPConn.ReadFromUDPAddrPort(b)
		if err != nil {
			return n, nil, err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		for announced, bound := range c.relay.cfg.Ways {
			if bound == from {
				return n, net.UDPAddrFromAddrPort(announced), nil
			}
		}
	}
}
