// Package sfu is the media plane: it takes sound and pictures of the people in a room and forwards them
// to the others. It owns sockets, keys and RTP; it knows no meeting, no person and no database. Who may
// join, and whose microphone is heard, is told to it by conference. docs/adr/0014-media-plane.md says why
// it is as it is.
//
// Below it: transport (ICE lite, DTLS, SRTP on the sockets of udp), offer (session descriptions), forward
// (the hot path), and the pure packages wire, arrival, rewrite, slots and levels. Here are the rooms: which
// source stands in which slot of which receiver.
//
// Locks: Room.mu guards everything of a room but the hot path, and is held while slots change hands; a
// participant's packets come in under the lock of its session. Room.mu is taken under that one, never the
// other way round: nothing waits for a session while it holds a room.
package sfu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"

	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/transport"
)

// Config says where the media plane listens and what it announces.
type Config struct {
	// Listen is the UDP address all media use, "0.0.0.0:7882"; port 0 takes a free one, of a named address only.
	Listen string
	// ListenTCP is the address for clients whose network blocks UDP; empty for none.
	ListenTCP string
	// Announce are the addresses clients are told instead of the bound ones, for a server behind
	// address translation; a zero port stands for the bound port. Empty announces the bound ones.
	Announce []netip.AddrPort
	// Loopback also serves clients on this machine; without it loopback is not announced.
	Loopback bool
	// MaxParticipants is the most connections one room takes; 300 when zero.
	MaxParticipants int
	Log             *slog.Logger
}

// Errors of joining and signalling.
var (
	ErrFull           = errors.New("room is full")
	ErrTaken          = errors.New("participant is there already")
	ErrClosed         = errors.New("media plane is closed")
	ErrBadDescription = errors.New("bad session description")
	ErrMediaFailed    = errors.New("media connection failed")
)

// Stats are counters since the start, and what is there now.
type Stats struct {
	Rooms        int64
	Participants int64
	Received     int64 // RTP packets from publishers
	Forwarded    int64 // RTP packets to receivers
	Bytes        int64 // payload bytes to receivers
	Resent       int64 // packets that receivers asked for again
	Dropped      int64 // datagrams of nobody we know
	Refused      int64 // clients that could not agree on keys
	Checks       int64 // connectivity checks that prove nothing, or come from an address that is another's
	Forged       int64 // packets from a known address that its keys do not open
	Flood        int64 // packets above what one client may send
	Waited       int64 // agreements on keys that had to wait for a place
	Streams      int64 // TCP connections without a place
}

// Server is the media plane of one node.
type Server struct {
	cfg          Config
	hub          *transport.Hub
	plane        *forward.Plane
	udp, tcp     []netip.AddrPort // announced
	participants atomic.Int64

	mu     sync.Mutex // rooms, closed
	rooms  map[string]*Room
	closed bool
	wait   sync.WaitGroup
}

// New binds the sockets and makes the media plane.
func New(cfg Config) (*Server, error) {
	if cfg.MaxParticipants == 0 {
		cfg.MaxParticipants = 300
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	udp, err := addresses(cfg.Listen, cfg.Loopback)
	if err != nil {
		return nil, fmt.Errorf("read media address %s: %w", cfg.Listen, err)
	}
	var tcp []netip.AddrPort
	if cfg.ListenTCP != "" {
		at, err := net.ResolveTCPAddr("tcp", cfg.ListenTCP)
		if err != nil {
			return nil, fmt.Errorf("read media address %s: %w", cfg.ListenTCP, err)
		}
		a := at.AddrPort()
		if !a.Addr().IsValid() {
			a = netip.AddrPortFrom(netip.IPv6Unspecified(), a.Port())
		}
		tcp = []netip.AddrPort{netip.AddrPortFrom(a.Addr().Unmap(), a.Port())}
	}
	s := &Server{cfg: cfg, rooms: map[string]*Room{}, plane: forward.New(runtime.GOMAXPROCS(0))}
	if s.hub, err = transport.Listen(transport.Config{UDP: udp, TCP: tcp, Log: cfg.Log}); err != nil {
		s.plane.Close()
		return nil, fmt.Errorf("listen for media: %w", err)
	}
	s.announce()
	return s, nil
}

// addresses are those to bind for a setting: each address of the machine when it names none, so that
// answers leave from the address they were asked at.
func addresses(listen string, loopback bool) ([]netip.AddrPort, error) {
	at, err := net.ResolveUDPAddr("udp", listen)
	if err != nil {
		return nil, err
	}
	a := at.AddrPort()
	if a.Addr().IsValid() && !a.Addr().IsUnspecified() {
		return []netip.AddrPort{netip.AddrPortFrom(a.Addr().Unmap(), a.Port())}, nil
	}
	if a.Port() == 0 {
		return nil, errors.New("a port is needed")
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var out []netip.AddrPort
	for _, i := range all {
		p, err := netip.ParsePrefix(i.String())
		if err != nil {
			continue
		}
		ip := p.Addr().Unmap()
		if ip.IsLinkLocalUnicast() || ip.IsLoopback() && !loopback || a.Addr().Is4() && ip.Is6() {
			continue
		}
		out = append(out, netip.AddrPortFrom(ip, a.Port()))
	}
	if len(out) == 0 {
		return nil, errors.New("this machine has no address")
	}
	return out, nil
}

// announce decides where clients are told to come.
func (s *Server) announce() {
	bound := s.hub.Addrs()
	var tcpPort uint16
	if t := s.hub.TCPAddrs(); len(t) > 0 {
		tcpPort = t[0].Port()
	}
	told := s.cfg.Announce
	if len(told) == 0 {
		told = bound
	}
	for _, a := range told {
		port := a.Port()
		if port == 0 {
			port = bound[0].Port()
		}
		s.udp = append(s.udp, netip.AddrPortFrom(a.Addr(), port))
		if tcpPort == 0 {
			continue
		}
		if port = tcpPort; len(s.cfg.Announce) > 0 && a.Port() != 0 {
			port = a.Port()
		}
		s.tcp = append(s.tcp, netip.AddrPortFrom(a.Addr(), port))
	}
}

// Addr is the first bound UDP address.
func (s *Server) Addr() netip.AddrPort { return s.hub.Addrs()[0] }

// Ways are the announced UDP addresses with those they are bound to.
func (s *Server) Ways() map[netip.AddrPort]netip.AddrPort {
	bound := s.hub.Addrs()
	out := map[netip.AddrPort]netip.AddrPort{}
	for _, a := range s.udp {
		out[a] = bound[0]
		for _, b := range bound {
			if a == b {
				out[a] = b
			}
		}
	}
	return out
}

// Stats reads the counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	rooms := int64(len(s.rooms))
	s.mu.Unlock()
	f, r := s.plane.Stats(), &s.hub.Rejects
	return Stats{Rooms: rooms, Participants: s.participants.Load(), Received: f.Received, Forwarded: f.Forwarded,
		Bytes: f.Bytes, Resent: f.Resent, Dropped: s.hub.Dropped.Load(), Refused: s.hub.Refused.Load(),
		Checks: r.Checks.Load(), Forged: r.Forged.Load(), Flood: r.Flood.Load(), Waited: r.Handshakes.Load(), Streams: r.Streams.Load()}
}

// Join puts a participant into a room, which is made for the first one. id must be new in the room;
// notify must not block, and may be called while the room is locked.
func (s *Server) Join(room, id string, notify func(Event)) (*Participant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	r := s.rooms[room]
	if r == nil {
		r = newRoom(s, room)
		s.rooms[room] = r
		s.wait.Go(r.run)
	}
	p, err := r.join(id, notify)
	if err != nil {
		s.dropIfEmpty(r)
		return nil, err
	}
	s.participants.Add(1)
	return p, nil
}

// left forgets a room when its last participant left.
func (s *Server) left(r *Room) {
	s.participants.Add(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropIfEmpty(r)
}

// dropIfEmpty needs s.mu.
func (s *Server) dropIfEmpty(r *Room) {
	if s.rooms[r.name] == r && r.empty() {
		delete(s.rooms, r.name)
		close(r.stop)
	}
}

// Close ends all rooms, waits for their goroutines and closes the sockets.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	var all []*Participant
	for _, r := range s.rooms {
		all = append(all, r.everybody()...)
	}
	s.mu.Unlock()
	for _, p := range all {
		p.Leave()
	}
	err := s.hub.Close()
	s.wait.Wait()
	s.plane.Close()
	return err
}
