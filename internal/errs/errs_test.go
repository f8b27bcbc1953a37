package errs

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestCodeOf(t *testing.T) {
	cases := map[string]struct {
		err  error
		want Code
	}{
		"nil":             {nil, ""},
		"ours":            {New(Conflict, "x"), Conflict},
		"ours, wrapped":   {fmt.Errorf("close meeting: %w", New(Gone, "x")), Gone},
		"another's":       {io.EOF, Internal},
		"the outer wins":  {Wrap(Unavailable, "x", New(NotFound, "y")), Unavailable},
		"no wrong fields": {InvalidFields(nil), ""},
		"wrong fields":    {InvalidFields([]Field{{Path: "a", Key: "b"}}), Invalid},
	}
	for name, c := range cases {
		if got := CodeOf(c.err); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
		if c.want != "" && !Is(c.err, c.want) {
			t.Errorf("%s: Is says no", name)
		}
	}
	if !errors.Is(Wrap(Internal, "x", io.EOF), io.EOF) {
		t.Error("the cause is lost")
	}
}

func TestWith_leavesTheOriginal(t *testing.T) {
	shared := New(TooMany, "auth.locked")
	a, b := shared.With("minutes", 5), shared.With("minutes", 10)
	if shared.Args != nil || a.Args["minutes"] != 5 || b.With("x", 1).Args["minutes"] != 10 {
		t.Errorf("%v %v %v", shared.Args, a.Args, b.Args)
	}
}
