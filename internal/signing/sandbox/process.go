package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"time"
)

// Command is the hidden subcommand of our binary that runs Main.
const Command = "sandbox"

// Limits of a child.
const (
	maxMemory   = 512 << 20 // bytes of data, by RLIMIT_DATA
	maxHeap     = 384 << 20 // where the collector works harder
	maxCPU      = 10        // seconds of processor time, by RLIMIT_CPU
	maxStack    = 64 << 20
	maxRequest  = 64 << 20
	maxResponse = 64 << 20
	maxNoise    = 4 << 10 // of standard error kept
)

// Pool runs children of this binary, a limited number at once.
type Pool struct {
	path    string
	args    []string
	slots   chan struct{}
	timeout time.Duration
}

// NewPool makes a pool of at most size children at once (one per processor when 0). args are put after
// the name of the binary; without any it is Command.
func NewPool(size int, args ...string) (*Pool, error) {
	path := "/proc/self/exe" // survives a replaced binary
	if _, err := os.Stat(path); err != nil {
		if path, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find own binary: %w", err)
		}
	}
	if size <= 0 {
		size = runtime.GOMAXPROCS(0)
	}
	if len(args) == 0 {
		args = []string{Command}
	}
	return &Pool{path: path, args: args, slots: make(chan struct{}, size), timeout: 20 * time.Second}, nil
}

// Run implements Runner. It waits for a place, then for the child.
func (p *Pool) Run(ctx context.Context, file *os.File, req Request) (Response, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Response{}, ctx.Err()
	}
	body, err := json.Marshal(req)
	if err != nil {
		return Response{}, fmt.Errorf("encode request: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	out, noise := &capped{max: maxResponse}, &capped{max: maxNoise}
	cmd := exec.CommandContext(limited, p.path, p.args...)
	cmd.Env, cmd.Dir = []string{"GOTRACEBACK=none"}, "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(body), out, noise
	cmd.ExtraFiles = []*os.File{file} // descriptor 3
	cmd.WaitDelay = time.Second
	isolate(cmd)
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return Response{}, ctx.Err()
	case limited.Err() != nil:
		return Response{}, ErrTimeout
	case err != nil:
		return Response{}, fmt.Errorf("%w: %w: %.300s", ErrDied, err, noise.buf.String())
	}
	var resp Response
	if err := json.Unmarshal(out.buf.Bytes(), &resp); err != nil {
		return Response{}, fmt.Errorf("%w: %w", ErrDied, err)
	}
	return resp, nil
}

// capped keeps the first max bytes and drops the rest.
type capped struct {
	buf bytes.Buffer
	max int
}

func (c *capped) Write(b []byte) (int, error) {
	c.buf.Write(b[:min(len(b), c.max-c.buf.Len())])
	return len(b), nil
}

// Main is the child: it limits itself, reads a request from standard input, answers on standard output.
// The file is descriptor 3.
func Main(in io.Reader, out io.Writer) error {
	if err := limit(); err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	debug.SetMemoryLimit(maxHeap)
	debug.SetMaxStack(maxStack)
	body, err := io.ReadAll(io.LimitReader(in, maxRequest))
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	var req Request
	if err := json.Unmarshal(body, &req); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	file := os.NewFile(3, "document")
	if file == nil {
		return errors.New("no file was handed over")
	}
	defer file.Close()
	return json.NewEncoder(out).Encode(answer(file, req))
}
