package relay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/big"
	rand2 "math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"

	"nghisu/internal/sfu/relay"
)

// echo is a media port that sends back what it gets.
func echo(t *testing.T) netip.AddrPort {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(append([]byte("echo "), b[:n]...), from)
		}
	}()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func certificate(t *testing.T) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"relay.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert, nil }
}

// announced stands for the media port as clients are told it: an address that nobody can reach from here.
var announced = netip.MustParseAddrPort("203.0.113.5:7882")

const secret = "a secret of the tests"

func listen(t *testing.T, media netip.AddrPort) *relay.Relay {
	t.Helper()
	r, err := relay.Listen(relay.Config{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0", Certificate: certificate(t),
		Ways: map[netip.AddrPort]netip.AddrPort{announced: media}, PerUser: 2, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// client opens a way with credentials; nil when it is refused.
func client(t *testing.T, conn net.PacketConn, at, username, password string) (net.PacketConn, error) {
	t.Helper()
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	c, err := turn.NewClient(&turn.ClientConfig{TURNServerAddr: at, Conn: conn, Username: username, Password: password,
		Realm: "nghisu", LoggerFactory: quiet, RTO: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	return c.Allocate()
}

func udp(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func says(t *testing.T, way net.PacketConn, to netip.AddrPort, text string) string {
	t.Helper()
	if _, err := way.WriteTo([]byte(text), net.UDPAddrFromAddrPort(to)); err != nil {
		return err.Error()
	}
	b := make([]byte, 200)
	if err := way.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, from, err := way.ReadFrom(b)
	if err != nil {
		return "silence"
	}
	return from.String() + ": " + string(b[:n])
}

func TestRelay_threeWaysIn(t *testing.T) {
	r := listen(t, echo(t))
	user, password, err := r.Credentials("p1")
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Dial("tcp", r.TCPAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	secure, err := tls.Dial("tcp", r.TLSAddr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		conn net.PacketConn
		at   string
	}{"udp": {udp(t), r.UDPAddr().String()}, "tcp": {turn.NewSTUNConn(tcp), r.TCPAddr().String()}, "tls": {turn.NewSTUNConn(secure), r.TLSAddr().String()}} {
		t.Run(name, func(t *testing.T) {
			way, err := client(t, c.conn, c.at, user, password)
			if err != nil {
				t.Fatal(err)
			}
			if got := says(t, way, announced, "xin chào"); got != announced.String()+": echo xin chào" {
				t.Error(got)
			}
			if err := way.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Neither another machine, nor another port of ours, nor the bound address that is not announced.
func TestRelay_nothingElse(t *testing.T) {
	media, other := echo(t), echo(t)
	r := listen(t, media)
	user, password, _ := r.Credentials("p1")
	way, err := client(t, udp(t), r.UDPAddr().String(), user, password)
	if err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]netip.AddrPort{
		"another service of this machine": other, "the bound address": media,
		"another port of the media address": netip.AddrPortFrom(announced.Addr(), 22),
		"the network of the server":         netip.MustParseAddrPort("10.0.0.1:80"), "metadata": netip.MustParseAddrPort("169.254.169.254:80"),
	} {
		if got := says(t, way, to, "hello"); strings.Contains(got, "echo") {
			t.Errorf("%s was reached: %s", name, got)
		}
	}
	if got := says(t, way, announced, "still"); !strings.HasSuffix(got, "echo still") {
		t.Errorf("media after refusals: %s", got)
	}
}

func TestRelay_credentials(t *testing.T) {
	r := listen(t, echo(t))
	user, password, _ := r.Credentials("p1")
	past := fmt.Sprint(time.Now().Unix()-1) + ":p1" // its password is right, and the hour is over
	sum := hmac.New(sha1.New, []byte(secret))
	sum.Write([]byte(past))
	expired := base64.StdEncoding.EncodeToString(sum.Sum(nil))
	for name, c := range map[string][2]string{"wrong password": {user, "guess"}, "another person": {strings.Replace(user, "p1", "p2", 1), password},
		"expired": {past, expired}, "made to last": {"9999999999:p1", password}, "no time": {"p1", password}, "nothing": {"", ""}} {
		if way, err := client(t, udp(t), r.UDPAddr().String(), c[0], c[1]); err == nil {
			t.Errorf("%s: a way was opened", name)
			_ = way.Close()
		}
	}
	if r.Stats().Credentials == 0 {
		t.Error("nothing was counted")
	}
}

func TestRelay_quota(t *testing.T) {
	r := listen(t, echo(t))
	user, password, _ := r.Credentials("p1")
	var ways []net.PacketConn
	for range 2 {
		way, err := client(t, udp(t), r.UDPAddr().String(), user, password)
		if err != nil {
			t.Fatal(err)
		}
		ways = append(ways, way)
	}
	if _, err := client(t, udp(t), r.UDPAddr().String(), user, password); err == nil {
		t.Error("a third way of one person")
	}
	if err := ways[0].Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, udp(t), r.UDPAddr().String(), user, password); err != nil {
		t.Errorf("after one was closed: %v", err)
	}
	other, itsPassword, _ := r.Credentials("p2")
	if _, err := client(t, udp(t), r.UDPAddr().String(), other, itsPassword); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}

// Addresses of special purpose are refused, IPv4 and IPv6 (ASVS 17.1.1), and so is every other that is not our media.
func TestRelay_reservedAddresses(t *testing.T) {
	r := listen(t, echo(t))
	user, password, _ := r.Credentials("p1")
	way, err := client(t, udp(t), r.UDPAddr().String(), user, password)
	if err != nil {
		t.Fatal(err)
	}
	reserved := []string{"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1",
		"192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.6", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "8.8.8.8",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "100::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fe80::1", "ff02::1"}
	for _, a := range reserved {
		if got := says(t, way, netip.AddrPortFrom(netip.MustParseAddr(a), announced.Port()), "hello"); strings.Contains(got, "echo") || got == "silence" {
			t.Errorf("%s: %s", a, got)
		}
	}
	if n := r.Stats().Addresses; n < int64(len(reserved)/2) { // the client refuses the other family by itself
		t.Errorf("%d refusals counted", n)
	}
	if got := says(t, way, announced, "still"); !strings.HasSuffix(got, "echo still") {
		t.Errorf("media after refusals: %s", got)
	}
}

// A person opens no more ways at once by asking for them at the same time over many connections, with many
// passwords (ASVS 17.1.2).
func TestRelay_quotaAtOnce(t *testing.T) {
	r := listen(t, echo(t))
	var opened atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		user, password, err := r.Credentials("p1")
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", r.TCPAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if _, err := client(t, turn.NewSTUNConn(c), r.TCPAddr().String(), user, password); err == nil {
				opened.Add(1)
			}
		})
	}
	wg.Wait()
	if st := r.Stats(); opened.Load() != 2 || st.Open != 2 || st.Refused == 0 {
		t.Errorf("%d ways were opened: %+v", opened.Load(), st)
	}
}

// Connections that show no credentials find few places, half a TLS handshake included; ways that are open go on,
// and closing the relay ends all.
func TestRelay_connectionsThatProveNothing(t *testing.T) {
	r := listen(t, echo(t))
	user, password, _ := r.Credentials("p1")
	dial := func(at netip.AddrPort) net.Conn {
		c, err := net.Dial("tcp", at.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	for _, at := range []netip.AddrPort{r.TCPAddr(), r.TLSAddr()} {
		var conn net.Conn = dial(at)
		if at == r.TLSAddr() {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		}
		way, err := client(t, turn.NewSTUNConn(conn), at.String(), user, password)
		if err != nil {
			t.Fatal(err)
		}
		before := r.Stats().Connections
		var idle []net.Conn
		for range 64 {
			idle = append(idle, dial(at))
		}
		refused := dial(at)
		if _, err := refused.Read(make([]byte, 1)); err == nil {
			t.Error("a connection too many stays")
		}
		if n := r.Stats().Connections - before; n != 1 {
			t.Errorf("%d counted", n)
		}
		if got := says(t, way, announced, "still"); !strings.HasSuffix(got, "echo still") {
			t.Errorf("media meanwhile: %s", got)
		}
		for _, c := range idle {
			_ = c.Close()
		}
	}
	last := dial(r.TCPAddr())
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := last.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives the relay")
	}
}

// Whatever strangers send is answered shortly or not at all, and the relay goes on.
func TestRelay_strangers(t *testing.T) {
	r := listen(t, echo(t))
	rng := rand2.New(rand2.NewPCG(1, 2))
	stranger := udp(t)
	sent := 0
	for n := range 3000 {
		b := make([]byte, 20+rng.IntN(300))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		if n%2 == 0 { // a STUN header, an allocation in every fourth
			b[0], b[1] = 0, byte(1+2*(n%4/2))
			binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20)&^3)
			copy(b[4:], []byte{0x21, 0x12, 0xa4, 0x42})
		}
		sent += len(b)
		if _, err := stranger.WriteTo(b, net.UDPAddrFromAddrPort(r.UDPAddr())); err != nil {
			t.Fatal(err)
		}
	}
	user, password, _ := r.Credentials("p1")
	way, err := client(t, udp(t), r.UDPAddr().String(), user, password)
	if err != nil {
		t.Fatal(err)
	}
	if got := says(t, way, announced, "xin chào"); !strings.HasSuffix(got, "echo xin chào") {
		t.Error(got)
	}
	answered := 0
	for b := make([]byte, 2000); stranger.SetReadDeadline(time.Now().Add(50*time.Millisecond)) == nil; {
		n, _, err := stranger.ReadFrom(b)
		if err != nil {
			break
		}
		answered += n
	}
	if answered > sent {
		t.Errorf("%d bytes are answered with %d", sent, answered)
	}
}
