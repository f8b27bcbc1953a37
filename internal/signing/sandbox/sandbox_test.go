//go:build linux

package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/sandbox"
)

// The test binary is its own child. "odd" children behave as the question's reason says; "parent" is a
// process with a pool of its own, to be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		var err error
		switch os.Args[1] {
		case sandbox.Command:
			err = sandbox.Main()
		case "odd":
			err = sandbox.Serve(misbehave)
		case "parent":
			err = parent(os.Args[2])
		default:
			os.Exit(m.Run())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var answered int

// misbehave does what a parser must not; its answers tell the process and how many it gave.
func misbehave(f *os.File, req sandbox.Request) sandbox.Response {
	answered++
	switch kind := req.Prepare.Reason; kind {
	case "greedy":
		var all [][]byte
		for range 200 {
			b := make([]byte, 16<<20)
			for i := range b {
				b[i] = 1
			}
			all = append(all, b)
		}
		return sandbox.Response{Error: fmt.Sprint(len(all))}
	case "hoarder":
		kept = make([]byte, 250<<20)
		for i := range kept {
			kept[i] = 1
		}
	case "busy":
		for n := 1; n != 0; n++ {
		}
	case "half": // the processor time of one question: fine alone, too much together
		for began := time.Now(); time.Since(began) < 1500*time.Millisecond; {
		}
	case "deep":
		return sandbox.Response{Error: fmt.Sprint(recurse(0))}
	case "writer":
		if err := os.WriteFile(filepath.Join(os.TempDir(), fmt.Sprintf("nghisu-sandbox-%d", os.Getpid())), []byte("x"), 0o600); err != nil {
			os.Exit(7)
		}
	case "scribbler":
		if _, err := f.WriteAt([]byte("y"), 0); err != nil {
			os.Exit(7)
		}
	case "tired": // dies of its age, not of the file
		if answered > 1 {
			os.Exit(8)
		}
	case "quitter":
		os.Exit(9)
	case "sleeper":
		_ = unix.Pause()
	case "environment":
		return sandbox.Response{Error: strings.Join(os.Environ(), " ")}
	}
	return sandbox.Response{Error: fmt.Sprint(os.Getpid(), " ", answered)}
}

var kept []byte

func recurse(n int) int {
	var room [1024]byte
	room[n%1024] = byte(n)
	//lint:ignore SA5007 the stack is meant to overflow
	return recurse(n+1) + int(room[5])
}

// parent asks a sleeping child and prints nothing: whoever started it kills it.
func parent(file string) error {
	p, err := sandbox.NewPool(sandbox.Options{Files: 1, Args: []string{"odd"}})
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	_, err = p.Run(context.Background(), f, odd("sleeper"))
	return err
}

func odd(kind string) sandbox.Request {
	return sandbox.Request{Prepare: &pades.Request{Reason: kind}}
}

func open(t testing.TB, o sandbox.Options) *sandbox.Pool {
	t.Helper()
	p, err := sandbox.NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if left := children(t, os.Getpid()); len(left) != 0 {
			t.Errorf("children %v were left behind", left)
		}
	})
	return p
}

func file(t testing.TB, body []byte) *os.File {
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

// children lists the processes whose parent is pid.
func children(t testing.TB, pid int) (found []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tasks {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread ended
		}
		for _, f := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, n)
		}
	}
	return found
}

func TestPool_answers(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 1})
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

// A child that misbehaves dies alone, and soon; the next question is answered.
func TestPool_limits(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 1, Args: []string{"odd"}, CPU: 2 * time.Second})
	for _, kind := range []string{"greedy", "deep", "writer", "scribbler", "quitter", "busy"} {
		t.Run(kind, func(t *testing.T) {
			f := file(t, []byte("x"))
			if _, err := pool.Run(t.Context(), f, odd(kind)); !errors.Is(err, sandbox.ErrDied) {
				t.Errorf("got %v", err)
			}
			if got, err := os.ReadFile(f.Name()); err != nil || string(got) != "x" {
				t.Errorf("the file is %q, %v", got, err)
			}
			if r, err := pool.Run(t.Context(), f, odd("")); err != nil || r.Error == "" {
				t.Errorf("after it: %+v, %v", r, err)
			}
		})
	}
}

// Children are reused; those that answered often enough, or keep much memory, are replaced.
func TestPool_reuse(t *testing.T) {
	f := file(t, []byte("x"))
	ask := func(p *sandbox.Pool, kind string) (pid, nth string) {
		t.Helper()
		r, err := p.Run(t.Context(), f, odd(kind))
		if err != nil {
			t.Fatal(err)
		}
		pid, nth, _ = strings.Cut(r.Error, " ")
		return pid, nth
	}
	pool := open(t, sandbox.Options{Files: 2, Args: []string{"odd"}, Answers: 3})
	first, _ := ask(pool, "")
	if again, nth := ask(pool, ""); again != first || nth != "2" {
		t.Errorf("second answer from %s (%s), the first from %s", again, nth, first)
	}
	ask(pool, "")
	next, nth := ask(pool, "")
	if next == first || nth != "1" {
		t.Errorf("a child that answered three times answers again")
	}
	hoarder, _ := ask(pool, "hoarder")
	if after, _ := ask(pool, ""); hoarder != next || after == hoarder {
		t.Errorf("a child that kept 250 MB answers again")
	}
	young, _ := ask(pool, "tired")
	if other, nth := ask(pool, "tired"); other == young || nth != "1" {
		t.Errorf("the question that an old child died over was answered by %s (%s)", other, nth)
	}
}

// The limit of processor time is one question's, not the child's.
func TestPool_processorTimeOfEach(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 1, Args: []string{"odd"}, CPU: 2500 * time.Millisecond})
	f := file(t, []byte("x"))
	var last string
	for i := range 3 {
		r, err := pool.Run(t.Context(), f, odd("half"))
		if err != nil {
			t.Fatalf("question %d: %v", i+1, err)
		}
		last = r.Error
	}
	if !strings.HasSuffix(last, " 3") {
		t.Errorf("last answer %q is not the third of one child", last)
	}
}

func TestPool_environment(t *testing.T) {
	t.Setenv("NGHISU_TEST_SECRET", "secret")
	pool := open(t, sandbox.Options{Files: 1, Args: []string{"odd"}})
	r, err := pool.Run(t.Context(), file(t, []byte("x")), odd("environment"))
	if err != nil || strings.Contains(r.Error, "secret") {
		t.Errorf("child has %q, %v", r.Error, err)
	}
}

// Cancelling ends the one child that works on it, and no other.
func TestPool_endsWithItsCaller(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 2, Args: []string{"odd"}})
	f := file(t, []byte("x"))
	before, err := pool.Run(t.Context(), f, odd(""))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := pool.Run(ctx, f, odd("half"))
		done <- err
	}()
	short, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if _, err := pool.Run(short, f, odd("sleeper")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("the other question: %v", err)
	}
	cancel()
	if after, err := pool.Run(t.Context(), f, odd("")); err != nil || strings.Fields(after.Error)[0] == "" || before.Error == "" {
		t.Errorf("after it %+v, %v", after, err)
	}
	if left := children(t, os.Getpid()); len(left) != 1 {
		t.Errorf("children %v", left)
	}
}

func TestPool_manyAtOnce(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 2})
	f := file(t, pdftest.Page("x"))
	var wg sync.WaitGroup
	var good atomic.Int32
	for range 100 {
		wg.Go(func() {
			if r, err := sandbox.Judge(t.Context(), pool, f, judge.Options{Now: time.Now()}); err == nil && r.Problem == "" {
				good.Add(1)
			}
		})
	}
	wg.Wait()
	if good.Load() != 100 {
		t.Errorf("%d of 100 were answered", good.Load())
	}
	if n := len(children(t, os.Getpid())); n > 2 {
		t.Errorf("%d children", n)
	}
}

func TestPool_closed(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 1})
	pool.Close()
	if _, err := pool.Run(t.Context(), file(t, []byte("x")), odd("")); !errors.Is(err, sandbox.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

// A parent that is killed leaves no child, even one in the middle of an answer.
func TestPool_parentKilled(t *testing.T) {
	f := file(t, []byte("x"))
	cmd := exec.Command(os.Args[0], "parent", f.Name())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	wait(t, func() bool { pids = children(t, cmd.Process.Pid); return len(pids) == 1 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	wait(t, func() bool { return gone(pids[0]) })
}

// gone tells whether a process ended, even if nobody waited for it yet.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(text), ") Z ")
}

func wait(t *testing.T, done func() bool) {
	t.Helper()
	for began := time.Now(); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("it does not come")
		}
	}
}

// BenchmarkPool compares a child for each question with children that are reused.
func BenchmarkPool(b *testing.B) {
	for name, answers := range map[string]int{"fresh": 1, "reused": 0} {
		b.Run(name, func(b *testing.B) {
			pool := open(b, sandbox.Options{Files: 1, Answers: answers})
			f := file(b, pdftest.Page("x"))
			for b.Loop() {
				if _, err := sandbox.Judge(b.Context(), pool, f, judge.Options{Now: time.Now()}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
