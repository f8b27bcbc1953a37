package token

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// child is a running process with a module in it.
type child struct {
	cmd *exec.Cmd
	in  *os.File      // our end of its requests
	end chan struct{} // closed when it has ended

	mu      sync.Mutex // guards what follows, and writing to in
	next    uint64
	waiting map[uint64]chan response
	retired bool // takes nothing new, ends after the last answer
	ended   bool
	noise   *bytes.Buffer // the last of what it said beside its answers
}

const maxNoise = 4 << 10

// start starts a child. It speaks on descriptors of its own: modules write to standard output.
func start(args []string) (*child, error) {
	path, err := ownBinary()
	if err != nil {
		return nil, fmt.Errorf("find own binary: %w", err)
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	k := &child{in: in, end: make(chan struct{}), waiting: map[uint64]chan response{}, noise: &bytes.Buffer{}}
	k.cmd = exec.Command(path, args...)
	k.cmd.Env, k.cmd.Dir = environment(), "/"
	k.cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	k.cmd.Stdout, k.cmd.Stderr = k, k
	k.cmd.WaitDelay = waitDelay
	isolate(k.cmd)
	err = k.cmd.Start()
	_ = theirIn.Close()
	_ = theirOut.Close()
	if err != nil {
		_ = in.Close()
		_ = out.Close()
		return nil, fmt.Errorf("start child for tokens: %w", err)
	}
	go k.read(out) // ends with the child
	return k, nil
}

// environment is ours without our own settings: modules read variables that only their makers know.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "NGHISU_") {
			env = append(env, e)
		}
	}
	return env
}

// Write keeps the beginning of what a module says.
func (k *child) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.noise.Write(b[:min(len(b), maxNoise-k.noise.Len())])
	return len(b), nil
}

// read hands out responses until the child ends, then tells whoever still waits.
func (k *child) read(out *os.File) {
	defer close(k.end)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxMessage)
	for lines.Scan() {
		var r response
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			break
		}
		k.deliver(r)
	}
	_ = out.Close()
	k.kill()
	_ = k.cmd.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
	_ = k.in.Close()
	for id, wait := range k.waiting {
		delete(k.waiting, id)
		close(wait)
	}
}

func (k *child) deliver(r response) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if wait, ok := k.waiting[r.ID]; ok {
		delete(k.waiting, r.ID)
		wait <- r // has room
	}
	k.leave()
}

// leave ends a retired child that nobody waits for: it sees the end of its requests. Under mu.
func (k *child) leave() {
	if k.retired && len(k.waiting) == 0 {
		_ = k.in.Close()
	}
}

func (k *child) ask(ctx context.Context, req request) (response, error) {
	wait := make(chan response, 1)
	if err := k.send(&req, wait); err != nil {
		return response{}, err
	}
	select {
	case r, ok := <-wait:
		if !ok {
			return response{}, k.crashed()
		}
		return r, r.err()
	case <-ctx.Done():
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.waiting, req.ID)
		k.leave()
		if ctx.Err() == context.DeadlineExceeded { //nolint:errorlint // never wrapped
			return response{}, ErrTimeout
		}
		return response{}, ctx.Err()
	}
}

func (k *child) send(req *request, wait chan response) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended || k.retired {
		return fmt.Errorf("%w: %.300s", ErrCrashed, k.noise.String())
	}
	k.next++
	req.ID = k.next
	line, err := json.Marshal(req)
	if err != nil {
		return err
	}
	k.waiting[req.ID] = wait
	if _, err := k.in.Write(append(line, '\n')); err != nil {
		delete(k.waiting, req.ID)
		return fmt.Errorf("%w: %w", ErrCrashed, err)
	}
	return nil
}

func (k *child) crashed() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return fmt.Errorf("%w: %.300s", ErrCrashed, k.noise.String())
}

func (k *child) alive() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.ended && !k.retired
}

// retire lets the child answer what it was asked, and nothing more.
func (k *child) retire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.retired = true
	k.leave()
}

// Main is the child: it loads the module and answers requests until there are no more. in and out are
// the descriptors 3 and 4.
func Main(module string) error {
	in, out := os.NewFile(3, "requests"), os.NewFile(4, "responses")
	if in == nil || out == nil {
		return fmt.Errorf("only the server starts this command")
	}
	if err := limit(); err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	return answer(in, out, module)
}

// answer works requests, each in its own goroutine, until in ends; it does not wait for a module that hangs.
func answer(in io.Reader, out io.Writer, module string) error {
	m := &lazy{path: module}
	var mu sync.Mutex // guards out
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxMessage)
	for lines.Scan() {
		var req request
		if err := json.Unmarshal(lines.Bytes(), &req); err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		go func() {
			r := m.work(req)
			line, err := json.Marshal(r)
			if err != nil {
				line, _ = json.Marshal(failed(req.ID, err))
			}
			mu.Lock()
			defer mu.Unlock()
			_, _ = out.Write(append(line, '\n')) // when nobody reads any more, in ends too
		}()
	}
	return lines.Err()
}

// lazy loads the module at the first request, so that a failure is an answer.
type lazy struct {
	path string
	once sync.Once
	m    worker
	err  error
}

// worker is a loaded module.
type worker interface {
	work(req request) (response, error)
}

func (l *lazy) work(req request) response {
	l.once.Do(func() { l.m, l.err = load(l.path) })
	if l.err != nil {
		return failed(req.ID, l.err)
	}
	r, err := l.m.work(req)
	if err != nil {
		return failed(req.ID, err)
	}
	r.ID = req.ID
	return r
}
