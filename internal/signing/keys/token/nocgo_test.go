//go:build !cgo && linux

package token_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"nghisu/internal/signing/keys/token"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == token.Command {
		if err := token.Main(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A build without cgo says so.
func TestClient_saysWhatIsMissing(t *testing.T) {
	c := &token.Client{Module: "/usr/lib/softhsm/libsofthsm2.so"}
	t.Cleanup(c.Close)
	if _, _, err := c.Look(t.Context(), "x", "y"); !errors.Is(err, token.ErrNotBuilt) || token.Built {
		t.Errorf("got %v", err)
	}
}
