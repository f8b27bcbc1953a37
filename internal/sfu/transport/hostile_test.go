package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"

	"nghisu/internal/sfu/transport"
	"nghisu/internal/sfu/transport/transporttest"
)

func listen(t *testing.T) *transport.Hub {
	t.Helper()
	at := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	h, err := transport.Listen(transport.Config{UDP: at, TCP: at})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// ear is what a session tells.
type ear struct {
	ready  chan struct{}
	rtp    chan []byte
	rtcp   chan []byte
	closed chan error
}

func newEar() *ear {
	return &ear{make(chan struct{}, 1), make(chan []byte, 10_000), make(chan []byte, 10_000), make(chan error, 1)}
}

func (e *ear) Ready(*transport.Sealer)    { e.ready <- struct{}{} }
func (e *ear) RTP(b []byte, _ time.Time)  { e.rtp <- append([]byte(nil), b...) }
func (e *ear) RTCP(b []byte, _ time.Time) { e.rtcp <- append([]byte(nil), b...) }
func (e *ear) Closed(err error)           { e.closed <- err }

// meet makes a session and its client, who knows the secret and has proven nothing yet.
func meet(t *testing.T, h *transport.Hub) (*transporttest.Peer, *transport.Session, *ear) {
	t.Helper()
	e := newEar()
	s, err := h.New(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	p := transporttest.New(t, h.Addrs()[0])
	p.Ufrag, p.Pwd = s.Secret()
	s.Expect(transport.Peer{Fingerprint: p.Fingerprint()})
	return p, s, e
}

// connect is meet, up to keys.
func connect(t *testing.T, h *transport.Hub) (*transporttest.Peer, *transport.Session, *ear) {
	t.Helper()
	p, s, e := meet(t, h)
	if !p.Check() {
		t.Fatal("a good check was not answered")
	}
	if _, err := p.Handshake(); err != nil {
		t.Fatal(err)
	}
	soon(t, e.ready, "keys")
	return p, s, e
}

func soon[T any](t *testing.T, c chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

// hello is the first datagram of a handshake, as any client sends it.
func hello(t *testing.T) []byte {
	t.Helper()
	sink := transporttest.New(t, netip.AddrPort{})
	p := transporttest.New(t, sink.Conn.LocalAddr().(*net.UDPAddr).AddrPort())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = p.Handshake()
	}()
	b := make([]byte, 2000)
	n, err := sink.Conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	_ = p.Conn.Close()
	<-done
	return b[:n]
}

// Who does not prove the secret of a session gets no answer, whatever is sent: neither a hello, nor a packet,
// nor a check with a foreign, old or mixed-up secret.
func TestHub_strangersGetNoAnswer(t *testing.T) {
	h := listen(t)
	a, _, _ := meet(t, h)
	b, restarted, _ := meet(t, h)
	oldUfrag, oldPwd := b.Ufrag, b.Pwd
	restarted.Restart()
	b.Ufrag, b.Pwd = restarted.Secret()
	stranger := transporttest.New(t, h.Addrs()[0])
	first := hello(t)
	for _, d := range [][]byte{
		first, {0}, {0x80, 96, 0, 1}, {0x80, 200, 0, 1}, make([]byte, 1500), []byte("GET / HTTP/1.1\r\n\r\n"),
		stranger.CheckWith("absent", a.Pwd), stranger.CheckWith(a.Ufrag, "guess"), stranger.CheckWith(a.Ufrag, b.Pwd),
		stranger.CheckWith(oldUfrag, oldPwd), stranger.CheckWith(b.Ufrag, oldPwd), stranger.CheckWith("", ""),
		stranger.CheckWith(a.Ufrag, a.Pwd)[:40],
	} {
		stranger.Send(d)
	}
	stranger.Ufrag, stranger.Pwd = a.Ufrag, a.Pwd // whoever knows the secret is answered, after all of the above
	if !stranger.Check() {
		t.Error("something else was answered, or the good check was not")
	}
	if n := h.Dropped.Load(); n != 13 {
		t.Errorf("%d datagrams dropped of 13", n)
	}
}

// The race of hellos: a foreign hello that comes first, or in the middle, takes no part in the client's handshake
// (ASVS 17.2.6), because only an address that has proven the secret is heard.
func TestHub_foreignHello(t *testing.T) {
	h := listen(t)
	p, _, e := meet(t, h)
	stranger := transporttest.New(t, h.Addrs()[0])
	stranger.Read()
	first := hello(t)
	for range 50 {
		stranger.Send(first)
	}
	if !p.Check() {
		t.Fatal("no answer")
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = stranger.Conn.WriteToUDPAddrPort(first, stranger.Server)
				runtime.Gosched()
			}
		}
	}()
	_, err := p.Handshake()
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	soon(t, e.ready, "keys")
	stranger.Ufrag, stranger.Pwd = p.Ufrag, p.Pwd
	if !stranger.Check() {
		t.Error("a hello was answered to somebody who proved nothing")
	}
}

// Keys are agreed on with what is approved, and with nothing else (ASVS 17.2.2).
func TestSession_approvedOnly(t *testing.T) {
	h := listen(t)
	good := map[string]dtls.ClientOption{
		"AES-128-GCM":         dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
		"AES-256-GCM":         dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
		"ChaCha20-Poly1305":   dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
		"X25519":              dtls.WithEllipticCurves(elliptic.X25519),
		"P-256":               dtls.WithEllipticCurves(elliptic.P256),
		"P-384":               dtls.WithEllipticCurves(elliptic.P384),
		"SRTP AES-256-GCM":    dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_256_GCM),
		"SRTP AES-CM, 80 bit": dtls.WithSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80),
	}
	for name, option := range good {
		p, _, e := meet(t, h)
		if !p.Check() {
			t.Fatal("no answer")
		}
		if _, err := p.Handshake(option); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		soon(t, e.ready, "keys with "+name)
	}
	bad := map[string]dtls.ClientOption{
		"AES-256-CBC with SHA-1":     dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA),
		"AES-128-CCM-8":              dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8),
		"RSA":                        dtls.WithCipherSuites(dtls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
		"SRTP without encryption":    dtls.WithSRTPProtectionProfiles(dtls.SRTP_NULL_HMAC_SHA1_80),
		"SRTP with a tag of 32 bits": dtls.WithSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_32),
		"no extended master secret":  dtls.WithExtendedMasterSecret(dtls.DisableExtendedMasterSecret),
	}
	for name, option := range bad {
		p, _, e := meet(t, h)
		if !p.Check() {
			t.Fatal("no answer")
		}
		if _, err := p.Handshake(option); err == nil {
			t.Errorf("%s: keys were agreed on", name)
		}
		if err := soon(t, e.closed, "end after "+name); !errors.Is(err, transport.ErrHandshake) {
			t.Errorf("%s: the session ended with %v", name, err)
		}
	}
	if n := h.Refused.Load(); n != int64(len(bad)) {
		t.Errorf("%d refusals counted of %d", n, len(bad))
	}
}

// The certificate must be the one that the description names (ASVS 17.2.8).
func TestSession_foreignCertificate(t *testing.T) {
	h := listen(t)
	p, s, e := meet(t, h)
	s.Expect(transport.Peer{Fingerprint: transporttest.New(t, h.Addrs()[0]).Fingerprint()})
	if !p.Check() {
		t.Fatal("no answer")
	}
	if _, err := p.Handshake(); err == nil {
		p.Send(p.Next(1, 111, []byte("sound")))
	}
	if err := soon(t, e.closed, "end"); !errors.Is(err, transport.ErrHandshake) {
		t.Errorf("the session ended with %v", err)
	}
	if len(e.ready) != 0 || len(e.rtp) != 0 {
		t.Error("keys or packets of a foreign certificate")
	}
}

// Every start makes a key of its own (ASVS 17.2.1): there is none that could leak from a file or be the same
// in two installations.
func TestHub_keyOfItsOwn(t *testing.T) {
	one, two := listen(t), listen(t)
	if one.Fingerprint() == two.Fingerprint() || len(one.Fingerprint()) != 95 {
		t.Errorf("fingerprints %s and %s", one.Fingerprint(), two.Fingerprint())
	}
}

// Packets of other keys, changed ones and repeated ones are dropped (ASVS 17.2.3); malformed ones too (17.2.4).
func TestSession_onlyAuthenticPackets(t *testing.T) {
	h := listen(t)
	p, _, e := connect(t, h)
	forger := transporttest.New(t, h.Addrs()[0])
	forger.OtherKeys()
	good := p.Next(7, 111, []byte("one"))
	changed := append([]byte(nil), good...)
	changed[len(changed)-1] ^= 1
	header := append([]byte(nil), good...)
	header[4] ^= 1
	bad := [][]byte{forger.Next(7, 111, []byte("forged")), changed, header, {0x80}, good[:11], good[:13], {0xbf, 0xff, 0, 1},
		{0x80, 200}, {0x80, 200, 0, 6, 0, 0, 0, 1}, append([]byte{0x90}, good[1:]...), append([]byte{0x8f}, good[1:]...), make([]byte, 1500)}
	bad[len(bad)-1][0] = 0xa0
	for _, b := range bad {
		p.Send(b)
	}
	p.Send(good)
	p.Send(good) // again
	p.Send(p.Next(7, 111, []byte("two")))
	for _, want := range []string{"one", "two"} {
		if got := soon(t, e.rtp, "packet"); string(got[12:]) != want {
			t.Errorf("got %q, want %q", got[12:], want)
		}
	}
	if len(e.rtp) != 0 || len(e.rtcp) != 0 {
		t.Errorf("%d packets and %d reports too many", len(e.rtp), len(e.rtcp))
	}
	if n := h.Rejects.Forged.Load(); n != int64(len(bad))+1 {
		t.Errorf("%d counted of %d", n, len(bad)+1)
	}
}

// Somebody who sends more than anybody needs loses what is too much; another loses nothing (ASVS 17.2.5).
func TestSession_flood(t *testing.T) {
	h := listen(t)
	p, _, e := connect(t, h)
	q, _, f := connect(t, h)
	began := time.Now()
	const rounds, each = 100, 150
	for i := range rounds {
		for range each {
			p.Send(p.Next(7, 111, []byte("much")))
		}
		p.Send(p.SealReport([]byte{0x80, 201, 0, 1, 0, 0, 0, 7}))
		q.Send(q.Next(8, 111, fmt.Append(nil, i)))
		if got := soon(t, f.rtp, "packet of the other"); string(got[12:]) != fmt.Sprint(i) {
			t.Fatalf("round %d: the other's packet is %q", i, got[12:])
		}
	}
	most := 600 + int(1500*time.Since(began).Seconds()) + 1
	if n := len(e.rtp); n < 600 || n > most {
		t.Errorf("%d packets of %d came through, at most %d may", n, rounds*each, most)
	}
	if n := h.Rejects.Flood.Load(); n < rounds*each-int64(most) {
		t.Errorf("%d counted", n)
	}
	if len(e.rtcp) != rounds {
		t.Errorf("%d of %d reports", len(e.rtcp), rounds)
	}
}

// An address that is somebody's stays so while that one is there: another's check from it (a written sender's
// address) is not answered and takes nothing away.
func TestHub_addressStaysItsOwners(t *testing.T) {
	h := listen(t)
	p, s, e := connect(t, h)
	thief, _, _ := meet(t, h)
	p.Send(p.CheckWith(thief.Ufrag, thief.Pwd))
	if !p.Check() {
		t.Error("the thief's check was answered")
	}
	p.Send(p.Next(7, 111, []byte("mine")))
	if got := soon(t, e.rtp, "packet of the owner"); string(got[12:]) != "mine" {
		t.Errorf("got %q", got[12:])
	}
	s.Close()
	p.Ufrag, p.Pwd = thief.Ufrag, thief.Pwd // the address is free: somebody else behind the same router
	if !p.Check() {
		t.Error("no answer after the owner was gone")
	}
}

// A check that was recorded and is sent again from elsewhere does not lead media there; the client itself may move.
func TestSession_recordedCheck(t *testing.T) {
	h := listen(t)
	p, s, e := connect(t, h)
	own := p.Conn.LocalAddr().(*net.UDPAddr).AddrPort()
	recorded := p.CheckWith(p.Ufrag, p.Pwd)
	p.Send(recorded)
	soon(t, p.Answers, "answer")
	thief := transporttest.New(t, h.Addrs()[0])
	thief.Read()
	thief.Send(recorded)
	soon(t, thief.Answers, "answer to the thief") // a few bytes, as many as were sent
	packet := p.Next(7, 111, []byte("one"))
	thief.Send(packet[:len(packet)-1])
	p.Send(packet)
	soon(t, e.rtp, "packet")
	thief.Send(packet) // a repeated packet proves nothing
	if !p.Check() {
		t.Fatal("no answer")
	}
	if at := s.Route().Addr(); at != own {
		t.Errorf("media go to %s", at)
	}
	thief.Send(p.CheckWith(p.Ufrag, p.Pwd))
	soon(t, thief.Answers, "answer at the new address")
	thief.Send(p.Next(7, 111, []byte("two")))
	soon(t, e.rtp, "packet from the new address")
	if at := s.Route().Addr(); at == own {
		t.Error("the client did not move")
	}
}

// Strangers leave nothing behind, however many datagrams they send.
func TestHub_strangersCostNoMemory(t *testing.T) {
	h := listen(t)
	a, _, _ := meet(t, h)
	first := hello(t)
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for range 200 {
		stranger := transporttest.New(t, h.Addrs()[0])
		for range 100 {
			stranger.Send(first)
			stranger.Send(stranger.CheckWith("absent", "guess"))
			stranger.Send(stranger.CheckWith(a.Ufrag, "guess"))
		}
		_ = stranger.Conn.Close()
		if !a.Check() { // all of it was worked, or lost
			t.Fatal("no answer to somebody we know")
		}
	}
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("%d bytes more", grown)
	}
	t.Logf("%d datagrams dropped, %d checks refused", h.Dropped.Load(), h.Rejects.Checks.Load())
}

// Only so many agree on keys at once; whoever comes later does so as soon as there is room, without an error.
func TestHub_handshakesAtOnce(t *testing.T) {
	h := listen(t)
	var slow []*transport.Session
	for range 400 {
		e := newEar()
		s, err := h.New(e)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		p := transporttest.New(t, h.Addrs()[0])
		p.Ufrag, p.Pwd = s.Secret()
		if !p.Check() {
			t.Fatal("no answer")
		}
		slow = append(slow, s)
	}
	p, _, e := meet(t, h)
	if !p.Check() || h.Rejects.Handshakes.Load() != 1 {
		t.Fatalf("%d had to wait", h.Rejects.Handshakes.Load())
	}
	for _, s := range slow {
		s.Close()
	}
	done := make(chan error, 1)
	go func() {
		_, err := p.Handshake()
		done <- err
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ready := false; !ready; {
		select {
		case <-tick.C:
			p.Send(p.CheckWith(p.Ufrag, p.Pwd))
		case <-e.ready:
			ready = true
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			done = nil
		}
	}
}

// TCP connections that prove nothing find few places, so that there is room for others.
func TestHub_streamsThatProveNothing(t *testing.T) {
	h := listen(t)
	dial := func() net.Conn {
		c, err := net.Dial("tcp", h.TCPAddrs()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	p, _, _ := meet(t, h)
	prove := func(c net.Conn) error {
		b := p.CheckWith(p.Ufrag, p.Pwd)
		if _, err := c.Write(append([]byte{byte(len(b) >> 8), byte(len(b))}, b...)); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, 22))
		return err
	}
	for range 63 {
		dial()
	}
	last := dial()
	if err := prove(last); err != nil { // it gives its place back
		t.Fatal(err)
	}
	next := dial()
	refused := dial()
	if _, err := refused.Read(make([]byte, 1)); err == nil {
		t.Error("a connection too many stays")
	}
	if h.Rejects.Streams.Load() != 1 {
		t.Errorf("%d counted", h.Rejects.Streams.Load())
	}
	if err := prove(next); err != nil {
		t.Error(err)
	}
}

// Whatever a check looks like, our reading of the name in it does no harm.
func FuzzHub_datagram(f *testing.F) {
	at := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	h, err := transport.Listen(transport.Config{UDP: at})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = h.Close() })
	p := transporttest.New(f, h.Addrs()[0])
	p.Read()
	f.Add(p.CheckWith("absent", "guess"))
	f.Add([]byte{0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6, 255, 255})
	f.Add([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := h.New(newEar())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		check := p.CheckWith(s.Secret())
		for _, d := range [][]byte{b[:min(len(b), 1500)], check} {
			if _, err := p.Conn.WriteToUDPAddrPort(d, p.Server); err != nil {
				t.Fatal(err)
			}
		}
		for { // bytes that happen to be a good check are answered too
			select {
			case got := <-p.Answers:
				if string(got[8:20]) == string(check[8:20]) {
					return
				}
			case <-time.After(10 * time.Second):
				t.Fatal("no answer to somebody we know")
			}
		}
	})
}
