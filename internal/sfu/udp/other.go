//go:build !linux

package udp

import (
	"net"
	"net/netip"
)

func listen(addr netip.AddrPort, _ bool) (*Socket, error) {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	return newSocket(c)
}

// Serve hands every datagram to handle until the socket is closed. b is valid during the call only.
func (s *Socket) Serve(handle func(b []byte, from netip.AddrPort)) error {
	buf := make([]byte, MTU)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		handle(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

// Batch collects datagrams and sends them. It belongs to one goroutine at a time.
type Batch struct {
	buf  [MTU]byte
	n    int
	sock *Socket
	to   netip.AddrPort
	// Sent counts datagrams, Failed those that the system refused.
	Sent, Failed uint64
}

// NewBatch makes an empty batch.
func NewBatch() *Batch { return &Batch{} }

// Reserve gives the place of the next datagram, of n bytes, to be filled before the next call of any method.
func (b *Batch) Reserve(s *Socket, to netip.AddrPort, n int) []byte {
	b.Flush()
	b.sock, b.to, b.n = s, to, n
	return b.buf[:n]
}

// Flush sends what was collected. A datagram that the system does not take is lost, as on any network.
func (b *Batch) Flush() {
	if b.n == 0 {
		return
	}
	if b.sock.WriteTo(b.buf[:b.n], b.to) == nil {
		b.Sent++
	} else {
		b.Failed++
	}
	b.n = 0
}
