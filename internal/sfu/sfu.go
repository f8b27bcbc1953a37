// Package sfu is the media plane: it takes sound and pictures of the people in a room and forwards
// them to the others, on pion/webrtc. It owns sockets, peer connections and RTP; it knows no
// meeting, no person and no database. Who may join, and whose microphone is heard, is told to it by
// conference. docs/adr holds why it is as it is.
//
// Ownership: every Participant has one loop goroutine that alone touches its peer connection and its
// subscriptions; other goroutines hand it work through an unbounded mailbox and never wait for it.
// The hot path (publisher's reader -> rewriting -> socket of every receiver) holds no lock of a
// room; a packet that a receiver's socket does not take is lost, as on any network.
package sfu

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Config says where the media plane listens and what it announces.
type Config struct {
	// Listen is the UDP address all media use, "0.0.0.0:7882"; port 0 takes a free one.
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
}

type counters struct {
	rooms, participants, received, forwarded, bytes atomic.Int64
}

// Server is the media plane of one node.
type Server struct {
	cfg      Config
	api      *webrtc.API
	closers  []io.Closer
	addr     netip.AddrPort // bound UDP address
	tcpPort  uint16
	counters counters

	mu     sync.Mutex // rooms, closed
	rooms  map[string]*Room
	closed bool
}

// New binds the sockets and makes the media plane.
func New(cfg Config) (*Server, error) {
	if cfg.MaxParticipants == 0 {
		cfg.MaxParticipants = 300
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, rooms: map[string]*Room{}}
	if err := s.bind(); err != nil {
		_ = s.closeSockets()
		return nil, err
	}
	return s, nil
}

// bind opens the sockets and builds pion's API on them.
func (s *Server) bind() error {
	var se webrtc.SettingEngine
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled // pion's own text log; what matters is in our events
	se.LoggerFactory = quiet
	udp, err := s.bindUDP(quiet)
	if err != nil {
		return err
	}
	se.SetICEUDPMux(udp)
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	if s.cfg.ListenTCP != "" {
		l, err := net.Listen("tcp", s.cfg.ListenTCP)
		if err != nil {
			return fmt.Errorf("listen for media on tcp %s: %w", s.cfg.ListenTCP, err)
		}
		mux := webrtc.NewICETCPMux(quiet.NewLogger("ice"), l, 32)
		s.closers = append(s.closers, mux)
		s.tcpPort = l.Addr().(*net.TCPAddr).AddrPort().Port()
		se.SetICETCPMux(mux)
		networks = append(networks, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	se.SetNetworkTypes(networks)
	se.SetIncludeLoopbackCandidate(s.cfg.Loopback)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.DisableActiveTCP(true) // we never call a client
	se.SetICETimeouts(6*time.Second, 12*time.Second, 2*time.Second)
	media, interceptors, err := engines()
	if err != nil {
		return err
	}
	s.api = webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors))
	return nil
}

// bindUDP opens the one UDP port: on every address of the machine when Listen names none, so that
// answers leave from the address they were asked at.
func (s *Server) bindUDP(quiet logging.LoggerFactory) (ice.UDPMux, error) {
	at, err := net.ResolveUDPAddr("udp", s.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("read media address %s: %w", s.cfg.Listen, err)
	}
	if at.IP == nil || at.IP.IsUnspecified() {
		if at.Port == 0 {
			return nil, fmt.Errorf("media address %s: a port is needed", s.cfg.Listen)
		}
		opts := []ice.UDPMuxFromPortOption{ice.UDPMuxFromPortWithLogger(quiet.NewLogger("ice")),
			ice.UDPMuxFromPortWithReadBufferSize(4 << 20), ice.UDPMuxFromPortWithWriteBufferSize(4 << 20)}
		if s.cfg.Loopback {
			opts = append(opts, ice.UDPMuxFromPortWithLoopback())
		}
		mux, err := ice.NewMultiUDPMuxFromPort(at.Port, opts...)
		if err != nil {
			return nil, fmt.Errorf("listen for media on udp %s: %w", s.cfg.Listen, err)
		}
		s.closers = append(s.closers, mux)
		s.addr = netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(at.Port))
		return mux, nil
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, fmt.Errorf("listen for media on udp %s: %w", s.cfg.Listen, err)
	}
	_ = conn.SetReadBuffer(4 << 20) // the system may grant less
	_ = conn.SetWriteBuffer(4 << 20)
	mux := webrtc.NewICEUDPMux(quiet.NewLogger("ice"), conn)
	s.closers = append(s.closers, mux, conn)
	s.addr = conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return mux, nil
}

// engines are the codecs and the handling of loss: VP8 (and H.264 for devices that do nothing else)
// and Opus; retransmission, reports, and feedback from which senders find their rate.
func engines() (*webrtc.MediaEngine, *interceptor.Registry, error) {
	m := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "goog-remb"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	add := func(kind webrtc.RTPCodecType, pt webrtc.PayloadType, c webrtc.RTPCodecCapability) error {
		return m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: c, PayloadType: pt}, kind)
	}
	video := func(mime, fmtp string) webrtc.RTPCodecCapability {
		c := webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000, SDPFmtpLine: fmtp}
		if mime != webrtc.MimeTypeRTX {
			c.RTCPFeedback = feedback
		}
		return c
	}
	const h264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	err := errors.Join(
		add(webrtc.RTPCodecTypeAudio, 111, opus),
		add(webrtc.RTPCodecTypeVideo, 96, video(webrtc.MimeTypeVP8, "")),
		add(webrtc.RTPCodecTypeVideo, 97, video(webrtc.MimeTypeRTX, "apt=96")),
		add(webrtc.RTPCodecTypeVideo, 106, video(webrtc.MimeTypeH264, h264)),
		add(webrtc.RTPCodecTypeVideo, 107, video(webrtc.MimeTypeRTX, "apt=106")),
		m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio), // RFC 6464
	)
	r := &interceptor.Registry{}
	return m, r, errors.Join(err, webrtc.RegisterDefaultInterceptors(m, r))
}

// Addr is the bound UDP address.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Stats reads the counters.
func (s *Server) Stats() Stats {
	c := &s.counters
	return Stats{Rooms: c.rooms.Load(), Participants: c.participants.Load(), Received: c.received.Load(),
		Forwarded: c.forwarded.Load(), Bytes: c.bytes.Load()}
}

// Join puts a participant into a room, which is made for the first one. id must be new in the room;
// notify is called from the participant's own goroutine and must not block.
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
		s.counters.rooms.Add(1)
	}
	p, err := r.join(id, notify)
	if err != nil {
		s.dropIfEmpty(r)
	}
	return p, err
}

// left forgets a room when its last participant left.
func (s *Server) left(r *Room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropIfEmpty(r)
}

// dropIfEmpty needs s.mu.
func (s *Server) dropIfEmpty(r *Room) {
	if r.empty() && s.rooms[r.name] == r {
		delete(s.rooms, r.name)
		s.counters.rooms.Add(-1)
	}
}

// Close ends all rooms, waits for their goroutines and closes the sockets.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	var all []*Participant
	for _, r := range s.rooms {
		all = append(all, r.others(nil)...)
	}
	s.mu.Unlock()
	for _, p := range all {
		p.Leave()
	}
	for _, p := range all {
		<-p.Done()
	}
	return s.closeSockets()
}

func (s *Server) closeSockets() error {
	var all error
	for _, c := range s.closers {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			all = errors.Join(all, err)
		}
	}
	return all
}
