// Package load is a crowd of clients for measuring the media plane: they speak ICE, DTLS and SRTP as browsers
// do, send sound with its loudness and pictures in layers with real key frames, receive, lose packets by a
// chance that is the same at every run, ask for them again, and tell when every packet came. They are made to
// be cheap, not to be complete: of what they receive they open only what they must read. Their other side is
// the product's own; nothing in it knows them.
package load

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5/packetio"

	"nghisu/internal/sfu/transport"
	"nghisu/internal/sfu/udp"
)

// Line is one m-line of what a client offers.
type Line struct {
	Mid   string
	Video bool
	Send  bool
	Rids  []string // layers of a picture that is sent, the smallest first; nil for one size
}

// Config is what a client does.
type Config struct {
	Lines []Line
	Loss  float64 // part of the packets that get lost on their way to the client
	Seed  uint64  // of that chance
	// Forget leaves out the delays, for clients that are there for hours.
	Forget bool
	// Heard is told of every packet of sound, with the tag of its sender; nil for not opening any. It must not block.
	Heard func(tag uint32, at time.Time)
}

// Client is one connection. Its methods may be called from anywhere.
type Client struct {
	cfg   Config
	crowd *Crowd
	sock  atomic.Pointer[udp.Socket]
	hand  *packetio.Buffer // datagrams of the handshake
	ready chan struct{}
	done  chan struct{}
	wait  sync.WaitGroup
	start sync.Once
	end   sync.Once

	peer     atomic.Pointer[peer]
	ufrag    string // guarded by the caller of Offer and Answer
	pwd      string
	answered atomic.Int64 // when the server last answered a check, ns
	loud     atomic.Bool
	tag      atomic.Uint32
	failed   atomic.Pointer[error]

	moving sync.Mutex // changes of sock, and its end
	sealMu sync.Mutex
	seal   *srtp.Context

	out  []*outgoing // fixed by New
	wide uint16      // of the sending goroutine

	mu        sync.Mutex // below
	open      *srtp.Context
	in        map[uint32]*incoming
	chance    *mrand.Rand
	books     *twcc.Recorder
	began     time.Time
	buf       []byte
	turn      int
	lastCheck time.Time // of the crowd's turn: when the server was last asked whether it is there
}

// peer is how the server is reached, as its answer says.
type peer struct {
	addr        netip.AddrPort
	ufrag, pwd  string
	fingerprint string
}

// Crowd is clients that share a certificate and somebody who looks after them.
type Crowd struct {
	certificate tls.Certificate
	fingerprint string
	stop        chan struct{}
	wait        sync.WaitGroup

	mu      sync.Mutex
	clients map[*Client]struct{}
}

// NewCrowd makes an empty crowd.
func NewCrowd() (*Crowd, error) {
	cert, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, fmt.Errorf("make certificate of the load: %w", err)
	}
	c := &Crowd{certificate: cert, fingerprint: transport.Fingerprint(cert.Certificate[0]), stop: make(chan struct{}), clients: map[*Client]struct{}{}}
	c.wait.Go(c.tend)
	return c, nil
}

// Close ends all clients.
func (c *Crowd) Close() {
	for _, k := range c.all() {
		k.Close()
	}
	close(c.stop)
	c.wait.Wait()
}

func (c *Crowd) all() []*Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*Client, 0, len(c.clients))
	for k := range c.clients {
		out = append(out, k)
	}
	return out
}

// Times of looking after clients.
const (
	tendEvery  = 20 * time.Millisecond
	turns      = 50                     // clients take turns
	checkEvery = 2 * time.Second        // of a client that is connected
	firstEvery = 100 * time.Millisecond // before that
)

// tend sends what clients have to say of what they received, and checks their way.
func (c *Crowd) tend() {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case now := <-tick.C:
			for _, k := range c.all() {
				k.tend(now)
			}
		}
	}
}

// New makes a client with a socket on this machine.
func (c *Crowd) New(cfg Config) (*Client, error) {
	k := &Client{cfg: cfg, crowd: c, hand: packetio.NewBuffer(), ready: make(chan struct{}), done: make(chan struct{}),
		in: map[uint32]*incoming{}, chance: mrand.New(mrand.NewPCG(cfg.Seed, 1)), books: twcc.NewRecorder(1), began: time.Now(),
		turn: mrand.IntN(turns)}
	k.renew()
	k.senders()
	if err := k.Move(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clients[k] = struct{}{}
	return k, nil
}

// Move gives the client another address, as another network does. The server must be told by Renew, Offer
// and Answer, or by its luck.
func (c *Client) Move() error {
	socks, err := udp.Listen(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0), 1)
	if err != nil {
		return err
	}
	c.moving.Lock()
	defer c.moving.Unlock()
	select {
	case <-c.done:
		return errors.Join(errEnded, socks[0].Close())
	default:
	}
	old := c.sock.Swap(socks[0])
	c.wait.Go(func() { _ = socks[0].Serve(c.datagram) })
	if old != nil {
		return old.Close()
	}
	return nil
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (c *Client) renew() { c.ufrag, c.pwd = random(4), random(12) }

// Ready is closed when packets can flow.
func (c *Client) Ready() <-chan struct{} { return c.ready }

// Done is closed when the client has ended, by itself or by Close.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is why the client ended by itself.
func (c *Client) Err() error {
	if e := c.failed.Load(); e != nil {
		return *e
	}
	return nil
}

// Answered is when the server last answered a check.
func (c *Client) Answered() time.Time { return time.Unix(0, c.answered.Load()) }

// Speak makes the client loud, or as quiet as a room.
func (c *Client) Speak(on bool) { c.loud.Store(on) }

// Tag marks the sound that the client sends from now on.
func (c *Client) Tag(tag uint32) { c.tag.Store(tag) }

// Close ends the client and waits for its goroutines.
func (c *Client) Close() {
	c.shut()
	c.wait.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out, c.in = nil, nil // whoever still knows the client keeps nothing large by it
}

func (c *Client) shut() {
	c.end.Do(func() {
		c.crowd.mu.Lock()
		delete(c.crowd.clients, c)
		c.crowd.mu.Unlock()
		close(c.done)
		_ = c.hand.Close()
		c.moving.Lock()
		defer c.moving.Unlock()
		_ = c.sock.Load().Close()
	})
}

func (c *Client) fail(err error) {
	c.failed.CompareAndSwap(nil, &err)
	c.shut()
}

// datagram sorts what comes (RFC 7983).
func (c *Client) datagram(b []byte, _ netip.AddrPort) {
	switch {
	case len(b) == 0:
	case b[0] < 4:
		c.checked(b)
	case b[0] >= 20 && b[0] <= 63:
		_, _ = c.hand.Write(b, nil) // full: lost, as on any network
	case b[0] >= 128 && b[0] <= 191:
		c.media(b, time.Now())
	}
}

// check asks the server whether it is there and names this way as the one to use (RFC 8445 section 7.2).
func (c *Client) check() {
	p := c.peer.Load()
	if p == nil {
		return
	}
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(p.ufrag+":"+c.ufrag),
		stun.RawAttribute{Type: stun.AttrPriority, Value: binary.BigEndian.AppendUint32(nil, 2130706431)},
		stun.RawAttribute{Type: stun.AttrICEControlling, Value: make([]byte, 8)},
		stun.RawAttribute{Type: stun.AttrUseCandidate},
		stun.NewShortTermIntegrity(p.pwd), stun.Fingerprint)
	if err == nil {
		_ = c.sock.Load().WriteTo(m.Raw, p.addr)
	}
}

// checked takes an answer to a check; the first begins the handshake.
func (c *Client) checked(b []byte) {
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil || m.Type != stun.BindingSuccess || stun.NewShortTermIntegrity(c.peer.Load().pwd).Check(m) != nil {
		return
	}
	c.answered.Store(time.Now().UnixNano())
	c.start.Do(func() {
		c.wait.Go(func() {
			if err := c.agree(); err != nil {
				c.fail(err)
			}
		})
	})
}

// profiles are what browsers prefer of what is cheap.
var profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM}

// agree agrees on keys as the DTLS client, begins to send and waits for the end.
func (c *Client) agree() error {
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	conn, err := dtls.ClientWithOptions(&line{c}, &net.UDPAddr{},
		dtls.WithCertificates(c.crowd.certificate), dtls.WithSRTPProtectionProfiles(profiles...), dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(c.verify), dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithLoggerFactory(quiet))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("agree on keys: %w", err)
	}
	if err := c.keys(conn); err != nil {
		return err
	}
	close(c.ready)
	if len(c.out) > 0 {
		c.wait.Go(c.send)
	}
	var b [512]byte
	for {
		if _, err := conn.Read(b[:]); err != nil {
			return errEnded
		}
	}
}

var errEnded = errors.New("the server ended the connection")

func (c *Client) verify(raw [][]byte, _ [][]*x509.Certificate) error {
	if len(raw) == 0 || !strings.EqualFold(transport.Fingerprint(raw[0]), c.peer.Load().fingerprint) {
		return errors.New("certificate is not the one of the description")
	}
	return nil
}

func (c *Client) keys(conn *dtls.Conn) error {
	chosen, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("no SRTP profile")
	}
	cfg := srtp.Config{Profile: srtp.ProtectionProfile(chosen)}
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("no connection state")
	}
	if err := cfg.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return err
	}
	seal, err := srtp.CreateContext(cfg.Keys.LocalMasterKey, cfg.Keys.LocalMasterSalt, cfg.Profile)
	if err != nil {
		return err
	}
	open, err := srtp.CreateContext(cfg.Keys.RemoteMasterKey, cfg.Keys.RemoteMasterSalt, cfg.Profile)
	if err != nil {
		return err
	}
	c.sealMu.Lock()
	c.seal = seal
	c.sealMu.Unlock()
	c.mu.Lock()
	c.open = open
	c.mu.Unlock()
	return nil
}

// line is the client's way as the handshake sees it.
type line struct{ c *Client }

func (l *line) ReadFrom(b []byte) (int, net.Addr, error) {
	n, _, err := l.c.hand.Read(b, nil)
	return n, &net.UDPAddr{}, err
}

func (l *line) WriteTo(b []byte, _ net.Addr) (int, error) {
	return len(b), l.c.sock.Load().WriteTo(b, l.c.peer.Load().addr)
}

func (l *line) Close() error                       { return nil }
func (l *line) LocalAddr() net.Addr                { return &net.UDPAddr{} }
func (l *line) SetDeadline(t time.Time) error      { return l.c.hand.SetReadDeadline(t) }
func (l *line) SetReadDeadline(t time.Time) error  { return l.c.hand.SetReadDeadline(t) }
func (l *line) SetWriteDeadline(_ time.Time) error { return nil }
