package postgres

import (
	"bytes"
	"cmp"
	"context"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// settings of the server. Durability stays at PostgreSQL's defaults: full. The log holds no statement
// and no value, because they may be personal data.
var settings = []string{
	"listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", "jit=off", "max_connections=120",
	"log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse", "log_line_prefix=",
	"log_checkpoints=off", "logging_collector=off", "cluster_name=nghisu",
}

// A server that lived shorter than this counts as failed; after maxFailures in a row we give up.
const (
	shortLife   = 20 * time.Second
	maxFailures = 6
)

func (e *Embedded) command() *exec.Cmd {
	args := []string{"-D", e.data, "-c", "unix_socket_directories=" + e.socket}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	cmd := exec.Command(e.bin.Postgres(), args...)
	cmd.Dir = "/"
	cmd.Env = childEnvironment()
	cmd.SysProcAttr = e.account.Attr()
	bindToParent(cmd.SysProcAttr, e.caps)
	cmd.Stderr = &e.output
	cmd.WaitDelay = 2 * time.Second // backends that outlive the postmaster hold the pipe
	return cmd
}

// supervise runs the server until end is called, starting it again when it dies. The outcome of the
// first start goes to started. Linux ties the parent-death signal to the thread that made the child,
// so this goroutine keeps its thread; the thread ends with it, when no child is left.
func (e *Embedded) supervise(started chan<- error) {
	runtime.LockOSThread()
	defer close(e.done)
	ctx := context.Background()
	for failures := 0; ; {
		begin := time.Now()
		cmd, err := e.launch()
		if started != nil {
			started <- err
			started = nil
			if err != nil {
				return
			}
		}
		if cmd == nil && err == nil {
			return // told to stop
		}
		if err == nil {
			err = cmd.Wait()
		}
		if e.ended() {
			return
		}
		if failures++; time.Since(begin) > shortLife {
			failures = 1
		}
		if failures >= maxFailures {
			e.log.ErrorContext(ctx, "the database does not stay alive", "error", err, "output", e.output.reason())
			close(e.lost)
			return
		}
		e.log.WarnContext(ctx, "the database ended unexpectedly and is started again", "error", err, "output", e.output.reason())
		killStrays(e.data)
		time.Sleep(time.Duration(failures*failures) * 20 * time.Millisecond)
	}
}

// launch starts the child unless we are told to stop, in which case both results are nil.
func (e *Embedded) launch() (*exec.Cmd, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping {
		return nil, nil
	}
	e.output.begin()
	cmd := e.command()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e.process = cmd.Process
	return cmd, nil
}

// ended notes that the child is gone and tells whether that was wanted.
func (e *Embedded) ended() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.process = nil
	return e.stopping
}

// tail keeps the last lines a server wrote. Safe for concurrent use.
type tail struct {
	mu    sync.Mutex // guards lines and rest
	lines []string
	rest  []byte
}

// begin forgets the lines of an earlier server.
func (t *tail) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines, t.rest = nil, nil
}

// Write takes what the server writes.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = append(t.rest, p...)
	for {
		line, rest, found := bytes.Cut(t.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		t.lines = append(t.lines, string(line))
		t.lines = t.lines[max(0, len(t.lines)-50):]
		t.rest = rest
	}
}

// reason is the line that tells best why the server ended.
func (t *tail) reason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := slices.Clone(t.lines)
	if len(t.rest) > 0 {
		lines = append(lines, string(t.rest))
	}
	for _, level := range []string{"PANIC:", "FATAL:"} {
		for _, line := range lines {
			if _, text, found := strings.Cut(line, level); found {
				return strings.TrimSpace(text)
			}
		}
	}
	if len(lines) > 0 {
		return cmp.Or(strings.TrimSpace(lines[len(lines)-1]), "nothing")
	}
	return "nothing"
}
