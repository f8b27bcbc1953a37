package relay

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of TCP and TLS.
const (
	maxConns      = 4000
	maxUnproven   = 512              // connections that showed no credentials yet
	maxUnprovenOf = 64               // of one address: many rooms may stand behind one router
	proveWithin   = 10 * time.Second // until credentials, TLS included
	maxIdle       = 11 * time.Minute // a way ends after ten without a refresh
	writeWithin   = 10 * time.Second // to a client that takes nothing
)

// door lets connections in: a few that have proven nothing, and each of those not for long. Listeners of the library
// end at the first error, out of descriptors for instance, and keep their connections when they are closed.
type door struct {
	net.Listener
	tls     *tls.Config // nil for TCP alone
	ready   chan net.Conn
	stop    chan struct{}
	refused *atomic.Int64

	mu       sync.Mutex // below
	closed   bool
	conns    map[string]*guest // by the client's address
	unproven int
	of       map[netip.Addr]int
}

func open(l net.Listener, secure *tls.Config, refused *atomic.Int64) *door {
	d := &door{Listener: l, tls: secure, ready: make(chan net.Conn), stop: make(chan struct{}), refused: refused,
		conns: map[string]*guest{}, of: map[netip.Addr]int{}}
	go d.run()
	return d
}

func (d *door) run() {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			select {
			case <-d.stop:
				return
			case <-time.After(50 * time.Millisecond):
				continue
			}
		}
		g := d.enter(c)
		if g == nil {
			d.refused.Add(1)
			_ = c.Close()
			continue
		}
		go d.show(g)
	}
}

// show hands a connection over, after the handshake.
func (d *door) show(g *guest) {
	if d.tls != nil {
		secure := tls.Server(g.Conn, d.tls)
		ctx, cancel := context.WithDeadline(context.Background(), g.until)
		err := secure.HandshakeContext(ctx)
		cancel()
		if err != nil {
			_ = g.Close()
			return
		}
		g.Conn = secure
	}
	select {
	case d.ready <- g:
	case <-d.stop:
		_ = g.Close()
	}
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.ready:
		return c, nil
	case <-d.stop:
		return nil, net.ErrClosed
	}
}

// Close ends the listener and every connection.
func (d *door) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	all := make([]*guest, 0, len(d.conns))
	for _, g := range d.conns {
		all = append(all, g)
	}
	d.mu.Unlock()
	close(d.stop)
	for _, g := range all {
		_ = g.Close()
	}
	return d.Listener.Close()
}

// enter finds a place for a connection; nil when there is none.
func (d *door) enter(c net.Conn) *guest {
	at := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.conns) >= maxConns || d.unproven >= maxUnproven || d.of[at] >= maxUnprovenOf {
		return nil
	}
	g := &guest{Conn: c, door: d, name: c.RemoteAddr().String(), at: at, until: time.Now().Add(proveWithin)}
	d.conns[g.name] = g
	d.unproven++
	d.of[at]++
	return g
}

// proven notes that good credentials came from an address.
func (d *door) proven(a net.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.conns[a.String()]; g != nil {
		d.settle(g)
	}
}

// settle frees the place among those that have proven nothing. Needs d.mu.
func (d *door) settle(g *guest) {
	if g.proven.Swap(true) {
		return
	}
	d.unproven--
	if d.of[g.at]--; d.of[g.at] == 0 {
		delete(d.of, g.at)
	}
}

// guest is one connection.
type guest struct {
	net.Conn
	door   *door
	name   string
	at     netip.Addr
	until  time.Time // to show credentials
	proven atomic.Bool
	once   sync.Once
}

func (g *guest) Read(b []byte) (int, error) {
	until := g.until
	if g.proven.Load() {
		until = time.Now().Add(maxIdle)
	}
	if err := g.SetReadDeadline(until); err != nil {
		return 0, err
	}
	return g.Conn.Read(b)
}

func (g *guest) Write(b []byte) (int, error) {
	if err := g.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return 0, err
	}
	n, err := g.Conn.Write(b)
	if err != nil { // half a frame may have left: what follows could not be read
		_ = g.Close()
	}
	return n, err
}

func (g *guest) Close() error {
	var err error
	g.once.Do(func() {
		err = g.Conn.Close()
		g.door.mu.Lock()
		defer g.door.mu.Unlock()
		g.door.settle(g)
		delete(g.door.conns, g.name)
	})
	return err
}
