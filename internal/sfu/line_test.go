package sfu_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"nghisu/internal/sfu"
)

// weather is what a line does to datagrams, each way.
type weather struct {
	loss          float64
	delay, jitter time.Duration
	narrow        float64 // bits a second that reach a client; 0 for as many as come
}

// line is a bad network between all clients and the server: announced as the only way there, it passes
// datagrams on, loses and delays them by chance that is the same at every run.
type line struct {
	conn   *net.UDPConn
	server netip.AddrPort

	mu      sync.Mutex
	now     weather
	cut     bool
	rng     *rand.Rand
	clients map[netip.AddrPort]*net.UDPConn
	wait    sync.WaitGroup
}

// neck is the narrow part of the line, which every client has its own of.
type neck struct {
	free  time.Time // when all that waits is sent; guarded by the line
	queue chan waiting
}

// waiting is a datagram in the queue before the narrow part of a line.
type waiting struct {
	at   time.Time
	send func()
}

// longestQueue is how long a datagram waits before a narrow line; what would wait longer is lost.
const longestQueue = 300 * time.Millisecond

// newLine makes a line; it must be told the server before anybody joins.
func newLine(t *testing.T, seed uint64) *line {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	l := &line{conn: conn, rng: rand.New(rand.NewPCG(seed, 1)), clients: map[netip.AddrPort]*net.UDPConn{}}
	l.wait.Go(func() { l.fromClients(t) })
	t.Cleanup(func() {
		_ = conn.Close()
		l.mu.Lock()
		for _, c := range l.clients {
			_ = c.Close()
		}
		l.mu.Unlock()
		l.wait.Wait()
	})
	return l
}

func (l *line) addr() netip.AddrPort { return l.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (l *line) set(w weather) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = w
}

// pass sends a datagram on, or not, after its delay.
func (l *line) pass(b []byte, send func([]byte)) {
	l.mu.Lock()
	w, lost := l.now, l.cut || l.rng.Float64() < l.now.loss
	d := w.delay + time.Duration(l.rng.Float64()*float64(w.jitter))
	l.mu.Unlock()
	if lost {
		return
	}
	c := append([]byte(nil), b...)
	if d == 0 {
		send(c)
		return
	}
	time.AfterFunc(d, func() { send(c) })
}

func (l *line) fromClients(t *testing.T) {
	b := make([]byte, 2000)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		l.mu.Lock()
		up := l.clients[from]
		if up == nil {
			if up, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(l.server)); err != nil {
				l.mu.Unlock()
				t.Error(err)
				return
			}
			l.clients[from] = up
			l.wait.Go(func() { l.fromServer(up, from) })
		}
		l.mu.Unlock()
		l.pass(b[:n], func(c []byte) { _, _ = up.Write(c) })
	}
}

func (l *line) fromServer(up *net.UDPConn, client netip.AddrPort) {
	b := make([]byte, 2000)
	narrow := &neck{queue: make(chan waiting, 10_000)}
	l.wait.Go(narrow.drain)
	defer close(narrow.queue)
	for {
		n, err := up.Read(b)
		if err != nil {
			return
		}
		send := func(c []byte) { _, _ = l.conn.WriteToUDPAddrPort(c, client) }
		if !l.squeeze(narrow, b[:n], send) {
			l.pass(b[:n], send)
		}
	}
}

// drain sends what waits, in its order.
func (n *neck) drain() {
	for w := range n.queue {
		time.Sleep(time.Until(w.at))
		w.send()
	}
}

// squeeze puts a datagram before the narrow part of the line; false when there is none.
func (l *line) squeeze(n *neck, b []byte, send func([]byte)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.narrow == 0 || l.cut {
		return false
	}
	now := time.Now()
	if n.free.Before(now) {
		n.free = now
	}
	if n.free.Sub(now) > longestQueue {
		return true // lost
	}
	n.free = n.free.Add(time.Duration(float64(len(b)+28) * 8 / l.now.narrow * 1e9))
	c := append([]byte(nil), b...)
	n.queue <- waiting{n.free.Add(l.now.delay), func() { send(c) }}
	return true
}

// behind makes a server that is reached over a line only.
func behind(t *testing.T, seed uint64) (*sfu.Server, *line) {
	t.Helper()
	l := newLine(t, seed)
	s := newServer(t, func(c *sfu.Config) { c.Announce = []netip.AddrPort{l.addr()} })
	l.mu.Lock()
	l.server = s.Addr()
	l.mu.Unlock()
	return s, l
}

// pictures notes every number of a's camera that reaches b.
func (c *client) pictures() func() (got, lost int) {
	var mu sync.Mutex
	seen := map[uint16]bool{}
	var first, last uint16
	c.mu.Lock()
	defer c.mu.Unlock()
	c.each = func(mid string, p *rtp.Packet) {
		if len(p.Payload) < 7 || p.Payload[0] != 0x90 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if len(seen) == 0 {
			first, last = p.SequenceNumber, p.SequenceNumber
		}
		seen[p.SequenceNumber] = true
		if int16(p.SequenceNumber-last) > 0 {
			last = p.SequenceNumber
		}
	}
	return func() (got, lost int) {
		mu.Lock()
		defer mu.Unlock()
		const fresh = 60 // may still be on their way
		for n := first; n != last-fresh && int16(last-fresh-n) > 0; n++ {
			if seen[n] {
				got++
			} else {
				lost++
			}
		}
		return got, lost
	}
}

// What a bad line loses, on the way in and on the way out, is asked for and sent again.
func TestServer_lostPicturesComeAgain(t *testing.T) {
	for _, loss := range []float64{0.02, 0.05, 0.10} {
		s, l := behind(t, 7)
		a, b := join(t, s, "a"), join(t, s, "b")
		b.sees("a")
		count := b.pictures()
		l.set(weather{loss: loss, delay: 20 * time.Millisecond, jitter: 5 * time.Millisecond})
		b.wait("for 600 pictures", func() bool { got, lost := count(); return got+lost > 600 })
		l.set(weather{})
		got, lost := count()
		t.Logf("%2.0f %% lost each way: %d of %d pictures missing in the end; %d packets sent again", 100*loss, lost, got+lost, s.Stats().Resent)
		if s.Stats().Resent == 0 {
			t.Error("nothing was sent again")
		}
		if lost*100 > got+lost {
			t.Errorf("%d of %d pictures never came", lost, got+lost)
		}
		a.p.Leave()
	}
}

// Whoever is cut off and comes back within the time of consent goes on as if nothing had been.
func TestServer_shortCut(t *testing.T) {
	s, l := behind(t, 8)
	a, b := join(t, s, "a"), join(t, s, "b")
	a.sees("b")
	b.sees("a")
	l.mu.Lock()
	l.cut = true
	l.mu.Unlock()
	quiet := time.After(2500 * time.Millisecond)
	<-quiet
	l.mu.Lock()
	l.cut = false
	l.mu.Unlock()
	before := time.Now()
	count := b.pictures()
	b.wait("for pictures after the cut", func() bool { got, _ := count(); return got > 20 })
	t.Logf("pictures again after %v", time.Since(before).Round(time.Millisecond))
}
