package udp_test

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"nghisu/internal/sfu/udp"
)

// Two who ask for any port never get the same, and nobody takes a port that is in use.
func TestListen_ownPort(t *testing.T) {
	free := netip.MustParseAddrPort("127.0.0.1:0")
	seen := map[netip.AddrPort]bool{}
	for range 600 {
		s, err := udp.Listen(free, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer s[0].Close()
		if seen[s[0].Addr()] {
			t.Fatalf("%s was given twice", s[0].Addr())
		}
		seen[s[0].Addr()] = true
	}
	for a := range seen {
		if s, err := udp.Listen(a, 1); !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("%s is taken a second time: %v, %v", a, s, err)
		}
		break
	}
}

// Several sockets of one server share a port.
func TestListen_shared(t *testing.T) {
	all, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"), 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		defer s.Close()
		if s.Addr() != all[0].Addr() {
			t.Errorf("%s and %s", s.Addr(), all[0].Addr())
		}
	}
}
