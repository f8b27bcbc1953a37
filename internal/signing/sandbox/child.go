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
	"sync"
	"time"
)

// child is a process of ours as the parent sees it. One question at a time.
type child struct {
	cmd      *exec.Cmd
	wire     wire
	noise    *capped
	ended    chan struct{} // closed when the process is gone
	failure  error         // how it ended; after ended
	answered int
}

// hello is the first message to a child: which kind it is.
type hello struct {
	Lane  lane   `json:"lane"`
	Cache string `json:"cache"` // folder of the compiled page engine
}

// startChild starts a process. The caller's thread must live as long as the child shall.
func startChild(path string, args []string, h hello) (*child, error) {
	ours, theirs, err := wirePair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c := &child{cmd: exec.Command(path, args...), wire: ours, noise: &capped{max: maxNoise}, ended: make(chan struct{})}
	c.cmd.Env, c.cmd.Dir = []string{"GOTRACEBACK=none"}, "/"
	c.cmd.Stderr = c.noise
	c.cmd.ExtraFiles = []*os.File{theirs} // descriptor 3
	c.cmd.WaitDelay = time.Second
	isolate(c.cmd)
	if err := c.cmd.Start(); err != nil {
		_ = ours.conn.Close()
		return nil, fmt.Errorf("start child: %w", err)
	}
	go func() { // ends with the process, which kill and a closed wire end
		c.failure = c.cmd.Wait()
		close(c.ended)
	}()
	text, err := json.Marshal(h)
	if err == nil {
		err = c.wire.send(text, nil, nil)
	}
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("greet child: %w: %.300s", err, c.noise)
	}
	return c, nil
}

// ask puts one question. After an error the child is gone.
func (c *child) ask(ctx context.Context, file *os.File, question []byte, cpu, clock time.Duration) (Response, error) {
	limited, cancel := context.WithTimeout(ctx, clock)
	defer cancel()
	limited, over := context.WithCancelCause(limited)
	defer over(nil)
	go c.watch(limited, over, cpu)
	stop := context.AfterFunc(limited, func() { _ = c.wire.conn.SetDeadline(time.Now()) })
	defer stop()
	var text, blob []byte
	err := c.wire.send(question, nil, file)
	if err == nil {
		text, blob, _, err = c.wire.receive(maxResponse)
	}
	var resp Response
	if err == nil {
		err = json.Unmarshal(text, &resp)
	}
	if err == nil && stop() {
		c.answered++
		resp.Blob = blob
		return resp, nil
	}
	if limited.Err() == nil { // it is dying by itself: let it say of what
		select {
		case <-c.ended:
		case <-time.After(time.Second):
		}
	}
	c.kill()
	switch {
	case ctx.Err() != nil:
		return Response{}, ctx.Err()
	case limited.Err() != nil:
		if cause := context.Cause(limited); errors.Is(cause, errCPU) {
			return Response{}, fmt.Errorf("%w: %w", ErrDied, cause)
		}
		return Response{}, ErrTimeout
	}
	return Response{}, fmt.Errorf("%w: %w: %.300s", ErrDied, errors.Join(c.failure, err), c.noise)
}

// errCPU is not the machine's fault, as a timeout may be: it is the file's.
var errCPU = errors.New("too much processor time")

// watch calls over when the process used more processor time than it may since now. It ends with the context.
func (c *child) watch(ctx context.Context, over context.CancelCauseFunc, cpu time.Duration) {
	const step = 100 * time.Millisecond
	began, tick := time.Duration(-1), time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		used := timeOf(c.cmd.Process.Pid)
		if began < 0 { // what a step may have used is little: most questions end before the first one
			began = used
		}
		if used-began > cpu {
			over(errCPU)
		}
	}
}

// kill ends the process and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // fails only when it is gone already
	_ = c.wire.conn.Close()
	<-c.ended
}

// capped keeps the first max bytes and drops the rest.
type capped struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
	max int
}

func (c *capped) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf.Write(b[:min(len(b), c.max-c.buf.Len())])
	return len(b), nil
}

func (c *capped) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}

var _ io.Writer = (*capped)(nil)
