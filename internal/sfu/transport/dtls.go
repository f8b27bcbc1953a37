package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/logging"
	"github.com/pion/srtp/v3"

	"nghisu/internal/sfu/udp"
)

// handshakeWithin limits the agreement on keys.
const handshakeWithin = 20 * time.Second

// suites and curves are all that keys are agreed on with: forward secret, authenticated encryption, and a
// certificate of ECDSA, which ours is.
var (
	suites = []dtls.CipherSuiteID{dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		dtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
	curves = []elliptic.Curve{elliptic.X25519, elliptic.P256, elliptic.P384}
)

// profiles are the protections of SRTP, the cheapest first. The last is the one that RFC 8827 asks of everybody;
// room devices know no other.
var profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}

// handshake agrees on keys, then waits for the end of the session.
func (s *Session) handshake() {
	err := s.agree()
	if errors.Is(err, ErrHandshake) {
		s.hub.Refused.Add(1)
	}
	if err == nil {
		err = ErrLeft
	}
	s.end(err)
}

var quiet = func() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled // a library's text; what matters is in our own events
	return f
}()

// shake begins the handshake: as the server, unless the client's description says that it waits for us.
func (s *Session) shake(passive bool) (*dtls.Conn, error) {
	both := []dtls.Option{
		dtls.WithCertificates(s.hub.certificate),
		dtls.WithCipherSuites(suites...),
		dtls.WithEllipticCurves(curves...),
		dtls.WithSRTPProtectionProfiles(profiles...),
		dtls.WithInsecureSkipVerify(true), // nobody vouches for it but the description
		dtls.WithVerifyPeerCertificate(s.verify),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithFlightInterval(200 * time.Millisecond),
		dtls.WithLoggerFactory(quiet),
	}
	if passive {
		options := make([]dtls.ClientOption, 0, len(both))
		for _, o := range both {
			options = append(options, o)
		}
		return dtls.ClientWithOptions(s.pipe.over(s), clientAddr{}, options...)
	}
	options := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerifyHello(true)} // the address has proven itself by ICE
	for _, o := range both {
		options = append(options, o)
	}
	return dtls.ServerWithOptions(s.pipe.over(s), clientAddr{}, options...)
}

func (s *Session) agree() error {
	ready := sync.OnceFunc(func() { s.hub.handshakes.Add(-1) })
	defer ready()
	peer := s.remote.Load()
	passive := peer != nil && peer.Passive
	conn, err := s.shake(passive)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), handshakeWithin)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	if err := s.keys(conn, passive); err != nil {
		return fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	ready()
	go func() { // ends with conn: its Read returns
		<-s.done
		_ = conn.Close()
	}()
	var buf [512]byte
	for {
		if _, err := conn.Read(buf[:]); err != nil { // data are not ours; the end is a close or silence
			return ErrLeft
		}
	}
}

func (s *Session) verify(raw [][]byte, _ [][]*x509.Certificate) error {
	want := s.remote.Load()
	if want == nil || len(raw) == 0 || !strings.EqualFold(Fingerprint(raw[0]), want.Fingerprint) {
		return errors.New("certificate is not the one of the description")
	}
	return nil
}

// keys takes the SRTP keys from the handshake (RFC 5764 section 4.2): client's and server's key, then salts.
// We are the server, unless the client is passive.
func (s *Session) keys(conn *dtls.Conn, passive bool) error {
	chosen, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("no SRTP profile")
	}
	profile := srtp.ProtectionProfile(chosen)
	keyLen, err := profile.KeyLen()
	if err != nil {
		return err
	}
	saltLen, err := profile.SaltLen()
	if err != nil {
		return err
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("no connection state")
	}
	m, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(keyLen+saltLen))
	if err != nil {
		return err
	}
	clientKey, serverKey := m[:keyLen], m[keyLen:2*keyLen]
	clientSalt, serverSalt := m[2*keyLen:2*keyLen+saltLen], m[2*keyLen+saltLen:]
	theirKey, theirSalt, ourKey, ourSalt := clientKey, clientSalt, serverKey, serverSalt
	if passive {
		theirKey, theirSalt, ourKey, ourSalt = serverKey, serverSalt, clientKey, clientSalt
	}
	open, err := srtp.CreateContext(theirKey, theirSalt, profile, srtp.SRTPReplayProtection(256), srtp.SRTCPReplayProtection(64))
	if err != nil {
		return err
	}
	seal, err := srtp.CreateContext(ourKey, ourSalt, profile)
	if err != nil {
		return err
	}
	tag, err := profile.AuthTagRTPLen()
	if err != nil {
		return err
	}
	aead, err := profile.AEADAuthTagLen()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.open, s.buf = open, make([]byte, 0, udp.MTU)
	s.mu.Unlock()
	s.secured.Store(true)
	s.handler.Ready(&Sealer{ctx: seal, overhead: tag + aead})
	return nil
}

// pipe carries the datagrams of the handshake to the library and its own to the client.
type pipe struct {
	in     chan []byte
	closed chan struct{}
	once   sync.Once

	mu       sync.Mutex
	deadline chan struct{} // closed when the read deadline has passed
	timer    *time.Timer
}

func newPipe() *pipe {
	return &pipe{in: make(chan []byte, 16), closed: make(chan struct{}), deadline: make(chan struct{})}
}

// put takes a datagram; a client that sends more than is read loses them.
func (p *pipe) put(b []byte) {
	select {
	case p.in <- append([]byte(nil), b...):
	default:
	}
}

func (p *pipe) close() { p.once.Do(func() { close(p.closed) }) }

func (p *pipe) over(s *Session) net.PacketConn { return &pipeConn{p, s} }

// pipeConn is the pipe as the library sees it.
type pipeConn struct {
	*pipe
	s *Session
}

type clientAddr struct{}

func (clientAddr) Network() string { return "ice" }
func (clientAddr) String() string  { return "client" }

func (c *pipeConn) ReadFrom(b []byte) (int, net.Addr, error) {
	c.mu.Lock()
	deadline := c.deadline
	c.mu.Unlock()
	select {
	case d := <-c.in:
		return copy(b, d), clientAddr{}, nil
	case <-c.closed:
		return 0, nil, net.ErrClosed
	case <-deadline:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

func (c *pipeConn) WriteTo(b []byte, _ net.Addr) (int, error) {
	if r := c.s.route.Load(); r != nil {
		r.send(b)
	}
	return len(b), nil
}

func (c *pipeConn) Close() error {
	c.close()
	return nil
}

func (c *pipeConn) LocalAddr() net.Addr              { return clientAddr{} }
func (c *pipeConn) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *pipeConn) SetWriteDeadline(time.Time) error { return nil }
func (c *pipeConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	select {
	case <-c.deadline:
		c.deadline = make(chan struct{})
	default:
	}
	if t.IsZero() {
		return nil
	}
	passed := c.deadline
	if d := time.Until(t); d <= 0 {
		close(passed)
	} else {
		c.timer = time.AfterFunc(d, func() { c.expire(passed) })
	}
	return nil
}

func (c *pipeConn) expire(passed chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-passed:
	default:
		if passed == c.deadline {
			close(passed)
		}
	}
}
