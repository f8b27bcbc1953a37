package keys_test

import (
	"fmt"
	"os"
	"testing"

	"nghisu/internal/signing/keys/token"
)

// The test binary is its own child for tokens, as the real one is.
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
