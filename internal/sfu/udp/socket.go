// Package udp sends and receives datagrams many at a time. On Linux one system call takes in up to 32
// datagrams (recvmmsg), and sends up to 64 messages (sendmmsg), each of which may be a run of equal
// segments to one address (generic segmentation offload, UDP_SEGMENT): that, and nothing else, makes
// sending cheaper than one packet at a time (docs/adr/0014-media-plane.md). Elsewhere it does the same,
// one datagram after another.
package udp

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// MTU is the longest datagram that is taken in.
const MTU = 1600

// bufferSize is what we ask the system for, each way; it may grant less.
const bufferSize = 4 << 20

// Socket is one bound socket. Several may share an address and port; the system then spreads clients
// over them and keeps each client at one.
type Socket struct {
	conn *net.UDPConn
	raw  syscall.RawConn
	addr netip.AddrPort
	v6   bool
}

// Listen binds n sockets to one address; port 0 takes a free one.
func Listen(addr netip.AddrPort, n int) ([]*Socket, error) {
	var out []*Socket
	for range n {
		s, err := listen(addr, n > 1)
		if err != nil {
			for _, o := range out {
				_ = o.Close()
			}
			return nil, fmt.Errorf("listen on udp %s: %w", addr, err)
		}
		addr = s.addr
		out = append(out, s)
	}
	return out, nil
}

func newSocket(conn *net.UDPConn) (*Socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	_ = conn.SetReadBuffer(bufferSize)
	_ = conn.SetWriteBuffer(bufferSize)
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	addr := netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	return &Socket{conn: conn, raw: raw, addr: addr, v6: addr.Addr().Is6()}, nil
}

// Addr is the bound address.
func (s *Socket) Addr() netip.AddrPort { return s.addr }

// WriteTo sends one datagram.
func (s *Socket) WriteTo(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

// Close ends Serve.
func (s *Socket) Close() error { return s.conn.Close() }
