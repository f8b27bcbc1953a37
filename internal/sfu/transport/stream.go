package transport

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"nghisu/internal/sfu/udp"
)

// Limits of TCP.
const (
	maxStreams    = 2000             // connections of one node
	proveWithin   = 10 * time.Second // until a connection proved to belong to a session
	streamQueue   = 256              // frames waiting for a slow client; more are lost
	streamSilence = 40 * time.Second
)

// stream is one TCP connection with frames of RFC 4571.
type stream struct {
	conn    net.Conn
	out     chan []byte
	session atomic.Pointer[Session]
	leave   func() // the place of those that belong to nobody yet
}

// belongs notes whose stream it is.
func (s *stream) belongs(session *Session) {
	s.session.Store(session)
	s.leave()
}

// send queues a frame; a client that does not take them loses them, as on any network.
func (s *stream) send(b []byte) {
	frame := make([]byte, 2+len(b))
	binary.BigEndian.PutUint16(frame, uint16(len(b)))
	copy(frame[2:], b)
	select {
	case s.out <- frame:
	default:
	}
}

func (h *Hub) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			select {
			case <-h.stop:
				return
			case <-time.After(50 * time.Millisecond): // out of descriptors, for instance
				continue
			}
		}
		peer := c.RemoteAddr().(*net.TCPAddr).AddrPort()
		peer = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
		if h.streams.Add(1) > maxStreams || !h.unproven.enter(peer.Addr()) {
			h.streams.Add(-1)
			h.Rejects.Streams.Add(1)
			_ = c.Close()
			continue
		}
		h.wait.Go(func() {
			defer h.streams.Add(-1)
			h.stream(c, peer)
		})
	}
}

// stream reads frames until the connection ends; its first must be a check that proves a session.
func (h *Hub) stream(c net.Conn, peer netip.AddrPort) {
	s := &stream{conn: c, out: make(chan []byte, streamQueue), leave: sync.OnceFunc(func() { h.unproven.leave(peer.Addr()) })}
	defer s.leave()
	stop := make(chan struct{})
	h.wait.Go(func() { s.write(stop, h.stop) })
	defer close(stop)
	defer c.Close()
	on := way{addr: peer, stream: s}
	r := bufio.NewReaderSize(c, 16<<10)
	buf := make([]byte, udp.MTU)
	began := time.Now()
	for {
		limit := streamSilence
		if s.session.Load() == nil {
			if limit = proveWithin - time.Since(began); limit <= 0 {
				return
			}
		}
		if c.SetReadDeadline(time.Now().Add(limit)) != nil {
			return
		}
		if _, err := io.ReadFull(r, buf[:2]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(buf))
		if n > len(buf) {
			return
		}
		if _, err := io.ReadFull(r, buf[:n]); err != nil {
			return
		}
		session := s.session.Load()
		switch {
		case n == 0:
		case buf[0] < 4:
			h.check(buf[:n], on)
		case session == nil:
			return
		default:
			session.receive(buf[:n], on)
		}
	}
}

// write sends queued frames until the connection or the hub ends.
func (s *stream) write(stop, closing <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-closing:
			_ = s.conn.Close()
			return
		case b := <-s.out:
			_ = s.conn.SetWriteDeadline(time.Now().Add(proveWithin))
			if _, err := s.conn.Write(b); err != nil {
				_ = s.conn.Close()
				return
			}
		}
	}
}
