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
	// PerUser is how many ways one holder may have open at once; 6 when zero.
	PerUser int
	// Most is how many ways there may be in all; 2000 when zero.
	Most int
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

	mu              sync.Mutex
	users           map[string]int // ways open, by user
	total           int
	opened, refused int64
}

// Stats are counters since the start, and what is open now.
type Stats struct{ Open, Opened, Refused int64 }

// Stats reads the counters. Refused are ways that quotas did not allow.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{Open: int64(r.total), Opened: r.opened, Refused: r.refused}
}

// Listen binds the addresses and serves until Close.
func Listen(cfg Config) (*Relay, error) {
	if cfg.PerUser == 0 {
		cfg.PerUser = 6
	}
	if cfg.Most == 0 {
		cfg.Most = 2000
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
		AuthHandler: turn.LongTermTURNRESTAuthHandler(cfg.Secret, quiet.NewLogger("turn")),
		EventHandler: turn.EventHandler{
			OnAllocationCreated: func(_, _ net.Addr, _, user, _ string, _ net.Addr, _ int) { r.count(user, 1) },
			OnAllocationDeleted: func(_, _ net.Addr, _, user, _ string) { r.count(user, -1) },
		}}
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
	return r, nil
}

func (r *Relay) bind(sc *turn.ServerConfig) error {
	gen := generator{r.cfg.Ways}
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
		sc.ListenerConfigs = append(sc.ListenerConfigs, turn.ListenerConfig{Listener: l, RelayAddressGenerator: gen, PermissionHandler: r.permitted})
	}
	if r.cfg.TLS != "" {
		if r.cfg.Certificate == nil {
			return errors.New("TLS without a certificate")
		}
		l, err := tls.Listen("tcp", r.cfg.TLS, &tls.Config{GetCertificate: r.cfg.Certificate, MinVersion: tls.VersionTLS12})
		if err != nil {
			return err
		}
		r.tls = l.Addr().(*net.TCPAddr).AddrPort()
		sc.ListenerConfigs = append(sc.ListenerConfigs, turn.ListenerConfig{Listener: l, RelayAddressGenerator: gen, PermissionHandler: r.permitted})
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
func (r *Relay) Close() error { return r.server.Close() }

func (r *Relay) mayOpen(user, _ string, _ net.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	may := r.users[user] < r.cfg.PerUser && r.total < r.cfg.Most
	if !may {
		r.refused++
	}
	return may
}

func (r *Relay) count(user string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total += n
	r.opened += int64(max(0, n))
	if r.users[user] += n; r.users[user] <= 0 {
		delete(r.users, user)
	}
}

// permitted refuses every address that is not our media plane's. Ports are looked at by wayConn.
func (r *Relay) permitted(_ net.Addr, peer net.IP) bool {
	ip, ok := netip.AddrFromSlice(peer)
	if !ok {
		return false
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(r.cfg.Ways)), func(a netip.AddrPort) bool { return a.Addr() == ip.Unmap() })
}

// generator opens the relay's end of a way.
type generator struct {
	ways map[netip.AddrPort]netip.AddrPort
}

func (generator) Validate() error { return nil }

func (g generator) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	local := netip.Addr{}
	for _, bound := range g.ways {
		if bound.Addr().Is4() == (c.Network == "udp4") {
			local = bound.Addr()
		}
	}
	if !local.IsValid() {
		return nil, nil, errors.New("no media address of this family")
	}
	conn, err := net.ListenUDP(c.Network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		return nil, nil, err
	}
	return &wayConn{UDPConn: conn, ways: g.ways}, conn.LocalAddr(), nil
}

var errOnlyMedia = errors.New("only media are relayed")

func (generator) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errOnlyMedia
}

func (generator) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errOnlyMedia }

// wayConn is a socket that reaches our media ports only. Clients name them as they are announced; we send to
// where they are bound, because a router need not lead us out and in again.
type wayConn struct {
	*net.UDPConn
	ways map[netip.AddrPort]netip.AddrPort
}

func (c *wayConn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, errOnlyMedia
	}
	at := a.AddrPort()
	bound, ok := c.ways[netip.AddrPortFrom(at.Addr().Unmap(), at.Port())]
	if !ok {
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
		for announced, bound := range c.ways {
			if bound == from {
				return n, net.UDPAddrFromAddrPort(announced), nil
			}
		}
	}
}
