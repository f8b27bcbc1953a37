//go:build linux

package udp

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// listen binds one socket. Only several of ours share a port: with that permission the system would also give
// a port to two that asked for any, and let two servers of one user take each other's packets.
func listen(addr netip.AddrPort, share bool) (*Socket, error) {
	var lc net.ListenConfig
	if share {
		lc.Control = func(_, _ string, c syscall.RawConn) error {
			var failed error
			err := c.Control(func(fd uintptr) {
				failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			})
			return errors.Join(err, failed)
		}
	}
	network := "udp4"
	if addr.Addr().Is6() {
		network = "udp6"
	}
	c, err := lc.ListenPacket(context.Background(), network, addr.String())
	if err != nil {
		return nil, err
	}
	return newSocket(c.(*net.UDPConn))
}

// mmsghdr is struct mmsghdr of the kernel.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

const receiveBatch = 32

// Serve hands every datagram to handle until the socket is closed. b is valid during the call only.
func (s *Socket) Serve(handle func(b []byte, from netip.AddrPort)) error {
	var (
		msgs  [receiveBatch]mmsghdr
		iovs  [receiveBatch]unix.Iovec
		names [receiveBatch]unix.RawSockaddrInet6
	)
	arena := make([]byte, receiveBatch*MTU)
	for i := range msgs {
		iovs[i].Base = &arena[i*MTU]
		iovs[i].SetLen(MTU)
		msgs[i].hdr.Iov = &iovs[i]
		msgs[i].hdr.SetIovlen(1)
		msgs[i].hdr.Name = (*byte)(unsafe.Pointer(&names[i]))
	}
	for {
		n, errno := 0, unix.Errno(0)
		err := s.raw.Read(func(fd uintptr) bool {
			for i := range msgs {
				msgs[i].hdr.Namelen = unix.SizeofSockaddrInet6
			}
			r, _, e := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&msgs[0])), receiveBatch, unix.MSG_DONTWAIT, 0, 0)
			n, errno = int(r), e
			return e != unix.EAGAIN && e != unix.EINTR
		})
		if err != nil {
			return err
		}
		if errno != 0 { // an ICMP error of some earlier send; nothing of ours
			continue
		}
		for i := range n {
			if msgs[i].hdr.Flags&unix.MSG_TRUNC == 0 {
				handle(arena[i*MTU:i*MTU+int(msgs[i].n)], fromSockaddr(&names[i]))
			}
		}
	}
}

func fromSockaddr(sa *unix.RawSockaddrInet6) netip.AddrPort {
	port := ntohs(sa.Port)
	if sa.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), port)
}

func ntohs(n uint16) uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], n)
	return binary.BigEndian.Uint16(b[:])
}

// Batch limits: messages of one system call, segments of one message (the kernel takes 64, and 65,507 bytes).
const (
	maxMessages = 64
	maxSegments = 48
	maxMessage  = 60 << 10
	arenaSize   = 256 << 10
)

// messagesAtOnce is how many messages one system call sends. Calls here never wait, so the scheduler is not
// told of them: being told, it would wake its watchdog and another thread at every packet, which in a meeting of
// ten costs as much as everything else together. In return no call may take long.
const messagesAtOnce = 16

// Batch collects datagrams and sends them together. It belongs to one goroutine at a time.
type Batch struct {
	arena []byte
	used  int
	n     int
	msgs  [maxMessages]mmsghdr
	iovs  [maxMessages]unix.Iovec
	names [maxMessages]unix.RawSockaddrInet6
	ctls  [maxMessages][24]byte
	runs  [maxMessages]run

	// Sent counts datagrams, Failed those that the system refused.
	Sent, Failed uint64
}

// run is one message: a run of segments from one socket to one address.
type run struct {
	sock  *Socket
	to    netip.AddrPort
	seg   int // length of every segment but the last
	count int
	open  bool // takes another segment
}

// noSegmentation is set when the kernel or a network card refused UDP_SEGMENT once.
var noSegmentation atomic.Bool

// NewBatch makes an empty batch.
func NewBatch() *Batch { return &Batch{arena: make([]byte, arenaSize)} }

// Reserve gives the place of the next datagram, of n bytes, to be filled before the next call of any method.
func (b *Batch) Reserve(s *Socket, to netip.AddrPort, n int) []byte {
	if b.n > 0 {
		i := b.n - 1
		r := &b.runs[i]
		if r.open && r.sock == s && n <= r.seg && r.count < maxSegments && r.to == to &&
			int(b.iovs[i].Len)+n <= maxMessage && b.used+n <= len(b.arena) && !noSegmentation.Load() {
			at := b.used
			b.used += n
			b.iovs[i].SetLen(int(b.iovs[i].Len) + n)
			r.count++
			r.open = n == r.seg
			return b.arena[at:b.used:b.used]
		}
	}
	if b.n == maxMessages || b.used+n > len(b.arena) || b.n > 0 && b.runs[b.n-1].sock != s {
		b.Flush()
	}
	i, at := b.n, b.used
	b.n++
	b.used += n
	b.iovs[i].Base = &b.arena[at]
	b.iovs[i].SetLen(n)
	b.runs[i] = run{sock: s, to: to, seg: n, count: 1, open: true}
	return b.arena[at:b.used:b.used]
}

// Flush sends what was collected. A datagram that the system does not take is lost, as on any network.
func (b *Batch) Flush() {
	if b.n == 0 {
		return
	}
	s := b.runs[0].sock
	for i := range b.n {
		b.address(i, s)
	}
	at := 0
	err := s.raw.Write(func(fd uintptr) bool {
		for at < b.n {
			r, _, e := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&b.msgs[at])), uintptr(min(b.n-at, messagesAtOnce)), unix.MSG_DONTWAIT, 0, 0)
			switch {
			case e == unix.EAGAIN:
				return false
			case e == unix.EINTR:
			case e != 0:
				b.refused(at, s, e)
				at++
			default:
				for range int(r) {
					b.Sent += uint64(b.runs[at].count)
					at++
				}
			}
		}
		return true
	})
	if err != nil { // closed meanwhile
		for ; at < b.n; at++ {
			b.Failed += uint64(b.runs[at].count)
		}
	}
	b.n, b.used = 0, 0
}

// address fills the kernel's form of message i.
func (b *Batch) address(i int, s *Socket) {
	h, r := &b.msgs[i].hdr, &b.runs[i]
	h.Iov = &b.iovs[i]
	h.SetIovlen(1)
	h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
	h.Namelen = toSockaddr(&b.names[i], r.to, s.v6)
	h.Control = nil
	h.SetControllen(0)
	if r.count > 1 {
		c := (*unix.Cmsghdr)(unsafe.Pointer(&b.ctls[i]))
		c.Level, c.Type = unix.SOL_UDP, unix.UDP_SEGMENT
		c.SetLen(unix.CmsgLen(2))
		binary.NativeEndian.PutUint16(b.ctls[i][unix.CmsgLen(0):], uint16(r.seg))
		h.Control = &b.ctls[i][0]
		h.SetControllen(unix.CmsgSpace(2))
	}
}

// refused handles a message that the kernel did not take. Where segmentation is the reason, its
// segments go one by one, now and from then on.
func (b *Batch) refused(i int, s *Socket, e unix.Errno) {
	r := &b.runs[i]
	if r.count == 1 || e != unix.EIO && e != unix.EINVAL && e != unix.EOPNOTSUPP {
		b.Failed += uint64(r.count)
		return
	}
	noSegmentation.Store(true)
	data := unsafe.Slice(b.iovs[i].Base, int(b.iovs[i].Len))
	for len(data) > 0 {
		n := min(r.seg, len(data))
		if s.WriteTo(data[:n], r.to) == nil {
			b.Sent++
		} else {
			b.Failed++
		}
		data = data[n:]
	}
}

func toSockaddr(sa *unix.RawSockaddrInet6, a netip.AddrPort, v6 bool) uint32 {
	port := ntohs(a.Port())
	if !v6 {
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(sa)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: port, Addr: a.Addr().Unmap().As4()}
		return unix.SizeofSockaddrInet4
	}
	*sa = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: port, Addr: a.Addr().As16()}
	return unix.SizeofSockaddrInet6
}
