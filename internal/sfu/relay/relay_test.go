package relay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"strings"
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

func listen(t *testing.T, media netip.AddrPort) *relay.Relay {
	t.Helper()
	r, err := relay.Listen(relay.Config{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0", Certificate: certificate(t),
		Ways: map[netip.AddrPort]netip.AddrPort{announced: media}, PerUser: 2})
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
	for name, c := range map[string][2]string{"wrong password": {user, "guess"}, "another person": {strings.Replace(user, "p1", "p2", 1), password},
		"expired": {"1000000000:p1", password}} {
		if way, err := client(t, udp(t), r.UDPAddr().String(), c[0], c[1]); err == nil {
			t.Errorf("%s: a way was opened", name)
			_ = way.Close()
		}
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
	other, secret, _ := r.Credentials("p2")
	if _, err := client(t, udp(t), r.UDPAddr().String(), other, secret); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}
