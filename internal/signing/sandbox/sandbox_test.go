//go:build linux

package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/sandbox"
)

// The test binary is its own child. "greedy", "busy", "deep" and "writer" behave as a parser must not.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case sandbox.Command, "greedy", "busy", "deep", "writer", "sleeper":
			os.Exit(child(os.Args[1]))
		}
	}
	os.Exit(m.Run())
}

func child(kind string) int {
	if err := sandbox.Main(os.Stdin, os.Stdout); err != nil { // sets the limits first
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	switch kind {
	case "greedy":
		var all [][]byte
		for range 200 {
			b := make([]byte, 16<<20)
			for i := range b {
				b[i] = 1
			}
			all = append(all, b)
		}
		return len(all) % 2
	case "busy":
		for n := 1; ; n++ {
			if n == 0 {
				return 0
			}
		}
	case "deep":
		return recurse(0)
	case "writer":
		if err := os.WriteFile(filepath.Join(os.TempDir(), fmt.Sprintf("nghisu-sandbox-%d", os.Getpid())), []byte("x"), 0o600); err == nil {
			return 0
		}
		return 7
	case "sleeper":
		_ = unix.Pause()
	}
	return 0
}

func recurse(n int) int {
	var room [1024]byte
	room[n%1024] = byte(n)
	//lint:ignore SA5007 the stack is meant to overflow
	return recurse(n+1) + int(room[5])
}

func file(t *testing.T, body []byte) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "x")
	if err == nil {
		_, err = f.Write(body)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestPool_answers(t *testing.T) {
	pool, err := sandbox.NewPool(1)
	if err != nil {
		t.Fatal(err)
	}
	f := file(t, pdftest.Page("x"))
	p, err := sandbox.Prepare(t.Context(), pool, f, pades.Request{Name: "Trần Văn Nghĩa", At: time.Now(), Hole: 2048})
	if err != nil || len(p.Appendix) < 4096 {
		t.Errorf("plan of %d bytes, %v", len(p.Appendix), err)
	}
	r, err := sandbox.Judge(t.Context(), pool, f, judge.Options{Now: time.Now()})
	if err != nil || r.Signatures == nil || len(r.Signatures) != 0 {
		t.Errorf("report %+v, %v", r, err)
	}
	var refusal *pades.Refusal
	_, err = sandbox.Prepare(t.Context(), pool, file(t, []byte("hello")), pades.Request{Hole: 2048})
	if !errors.As(err, &refusal) || refusal.Key != pades.NotPDF {
		t.Errorf("not a pdf: %v", err)
	}
}

// A child that misbehaves dies alone, and soon.
func TestPool_limits(t *testing.T) {
	f := file(t, []byte("x"))
	for _, kind := range []string{"greedy", "deep", "writer"} {
		t.Run(kind, func(t *testing.T) {
			pool, err := sandbox.NewPool(1, kind)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := pool.Run(t.Context(), f, sandbox.Request{}); !errors.Is(err, sandbox.ErrDied) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPool_processorTime(t *testing.T) {
	pool, err := sandbox.NewPool(1, "busy")
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Run(t.Context(), file(t, []byte("x")), sandbox.Request{})
	if !errors.Is(err, sandbox.ErrDied) && !errors.Is(err, sandbox.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

func TestPool_endsWithItsCaller(t *testing.T) {
	pool, err := sandbox.NewPool(1, "sleeper")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := pool.Run(ctx, file(t, []byte("x")), sandbox.Request{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	var status syscall.WaitStatus
	if pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil); err == nil && pid > 0 {
		t.Errorf("child %d was left behind", pid)
	}
}
