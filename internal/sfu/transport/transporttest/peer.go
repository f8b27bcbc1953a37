// Package transporttest is the other end of a session, for tests: a client that sends exactly what it is told
// to, right or wrong.
package transporttest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"nghisu/internal/sfu/transport"
)

// Peer is a client with one socket.
type Peer struct {
	Conn        *net.UDPConn
	Server      netip.AddrPort
	Ufrag, Pwd  string // of the server, as its description tells
	Certificate tls.Certificate
	Answers     chan []byte // to checks
	Media       chan []byte // RTP and RTCP, protected

	t       testing.TB
	reading sync.Once
	records chan []byte
	seal    *srtp.Context
	seq     uint16
}

// New makes a client that knows no secret yet.
func New(t testing.TB, server netip.AddrPort) *Peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	p := &Peer{t: t, Conn: conn, Server: server, Answers: make(chan []byte, 1000), Media: make(chan []byte, 10_000), records: make(chan []byte, 100)}
	if p.Certificate, err = selfsign.GenerateSelfSigned(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Fingerprint is that of the client's certificate.
func (p *Peer) Fingerprint() string { return transport.Fingerprint(p.Certificate.Certificate[0]) }

// Send sends bytes as they are.
func (p *Peer) Send(b []byte) {
	p.t.Helper()
	if _, err := p.Conn.WriteToUDPAddrPort(b, p.Server); err != nil {
		p.t.Fatal(err)
	}
}

// CheckWith is a nominating check by another name or password than was told.
func (p *Peer) CheckWith(ufrag, pwd string) []byte {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(ufrag+":client"),
		stun.RawAttribute{Type: stun.AttrUseCandidate}, stun.RawAttribute{Type: stun.AttrPriority, Value: []byte{1, 2, 3, 4}, Length: 4},
		stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		p.t.Fatal(err)
	}
	return m.Raw
}

// Check sends a check and reports whether the first thing that comes back is its answer; everything that
// was sent before and would have been answered came before that.
func (p *Peer) Check() bool {
	p.t.Helper()
	b := p.CheckWith(p.Ufrag, p.Pwd)
	p.Send(b)
	return p.answered(b)
}

// Read begins to sort what comes in.
func (p *Peer) Read() { p.reading.Do(func() { go p.read() }) }

func (p *Peer) read() {
	b := make([]byte, 2000)
	for {
		n, err := p.Conn.Read(b)
		if err != nil {
			close(p.records)
			return
		}
		c := append([]byte(nil), b[:n]...)
		to := p.Media
		switch {
		case b[0] < 4:
			to = p.Answers
		case b[0] < 64:
			to = p.records
		}
		select {
		case to <- c:
		default:
		}
	}
}

func (p *Peer) answered(check []byte) bool {
	p.Read()
	select {
	case b := <-p.Answers:
		return stun.IsMessage(b) && string(b[8:20]) == string(check[8:20])
	case <-time.After(5 * time.Second):
		return false
	}
}

// Quiet is a log of nothing.
func Quiet() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled
	return f
}

// Profiles are those that a client offers when it is not told otherwise.
var Profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}

// Handshake agrees on keys, with further options; the connection lives until the test ends.
func (p *Peer) Handshake(options ...dtls.ClientOption) (*dtls.Conn, error) {
	p.t.Helper()
	p.Read()
	all := append([]dtls.ClientOption{dtls.WithCertificates(p.Certificate), dtls.WithSRTPProtectionProfiles(Profiles...), dtls.WithInsecureSkipVerify(true),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), dtls.WithFlightInterval(50 * time.Millisecond), dtls.WithLoggerFactory(Quiet())}, options...)
	conn, err := dtls.ClientWithOptions(&records{p}, net.UDPAddrFromAddrPort(p.Server), all...)
	if err != nil {
		return nil, err
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return conn, p.keys(conn)
}

func (p *Peer) keys(conn *dtls.Conn) error {
	chosen, _ := conn.SelectedSRTPProtectionProfile()
	profile := srtp.ProtectionProfile(chosen)
	keyLen, err := profile.KeyLen()
	if err != nil {
		return err
	}
	saltLen, err := profile.SaltLen()
	if err != nil {
		return err
	}
	state, _ := conn.ConnectionState()
	m, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(keyLen+saltLen))
	if err != nil {
		return err
	}
	p.seal, err = srtp.CreateContext(m[:keyLen], m[2*keyLen:2*keyLen+saltLen], profile)
	return err
}

// OtherKeys makes the client protect what it sends with keys that were never agreed on.
func (p *Peer) OtherKeys() {
	key, salt := make([]byte, 16), make([]byte, 12)
	_, _ = rand.Read(key) // never fails
	var err error
	if p.seal, err = srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm); err != nil {
		p.t.Fatal(err)
	}
}

// Seal protects one packet.
func (p *Peer) Seal(h rtp.Header, payload []byte) []byte {
	p.t.Helper()
	h.Version = 2
	b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		p.t.Fatal(err)
	}
	return p.SealBytes(b)
}

// SealBytes protects a packet that is ready; nil when it cannot be read even for that.
func (p *Peer) SealBytes(b []byte) []byte {
	out, err := p.seal.EncryptRTP(nil, b, nil)
	if err != nil {
		return nil
	}
	return out
}

// SealReport protects RTCP.
func (p *Peer) SealReport(b []byte) []byte {
	p.t.Helper()
	out, err := p.seal.EncryptRTCP(nil, b, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// Next is a protected packet with the next number.
func (p *Peer) Next(ssrc uint32, pt uint8, payload []byte) []byte {
	p.t.Helper()
	p.seq++
	return p.Seal(rtp.Header{SSRC: ssrc, PayloadType: pt, SequenceNumber: p.seq, Timestamp: uint32(p.seq) * 960}, payload)
}

// records is the client's socket as DTLS sees it.
type records struct{ p *Peer }

func (r *records) ReadFrom(b []byte) (int, net.Addr, error) {
	d, ok := <-r.p.records
	if !ok {
		return 0, nil, os.ErrClosed
	}
	return copy(b, d), net.UDPAddrFromAddrPort(r.p.Server), nil
}

func (r *records) WriteTo(b []byte, _ net.Addr) (int, error) {
	return r.p.Conn.WriteToUDPAddrPort(b, r.p.Server)
}

func (r *records) Close() error                     { return r.p.Conn.Close() }
func (r *records) LocalAddr() net.Addr              { return r.p.Conn.LocalAddr() }
func (r *records) SetDeadline(time.Time) error      { return nil }
func (r *records) SetReadDeadline(time.Time) error  { return nil }
func (r *records) SetWriteDeadline(time.Time) error { return nil }
