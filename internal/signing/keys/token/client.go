package token

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Timing of a module. A token of a card takes about a second for an RSA signature.
const (
	answerWithin = 20 * time.Second
	startPause   = 250 * time.Millisecond // at least, between two starts of the child
)

// Client speaks to one module, through a child that it starts when there is something to ask. It is
// safe for concurrent use.
type Client struct {
	Module string   // path of the module's library
	Args   []string // of our binary, before the module; Command when empty
	Within time.Duration

	mu      sync.Mutex // guards what follows
	child   *child
	started time.Time
	refused map[string][sha256.Size]byte // by token: the PIN that was wrong, which must not be tried again
}

// Sign signs digests with one key: RSA PKCS #1 v1.5, or ECDSA as two numbers of equal length.
func (c *Client) Sign(ctx context.Context, token, pin, keyID string, hash crypto.Hash, digests [][]byte) ([][]byte, error) {
	r, err := c.ask(ctx, request{Token: token, PIN: pin, Sign: &signing{keyID, hash, digests}})
	return r.Values, err
}

// Look tells what is in a token.
func (c *Client) Look(ctx context.Context, token, pin string) ([]Object, Info, error) {
	r, err := c.ask(ctx, request{Token: token, PIN: pin})
	return r.Objects, r.Info, err
}

// ask has a request answered. A child that failed is replaced once: a signature that never came out of a
// token was never made for anybody.
func (c *Client) ask(ctx context.Context, req request) (response, error) {
	if err := c.refusedBefore(req); err != nil {
		return response{}, err
	}
	within := c.Within
	if within == 0 {
		within = answerWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req.Timeout = int(within.Seconds())
	var r response
	var err error
	for range 2 {
		var k *child
		if k, err = c.running(ctx); err != nil {
			return response{}, err
		}
		r, err = k.ask(ctx, req)
		if again := c.settle(k, req, err); !again {
			break
		}
	}
	return r, err
}

// refusedBefore answers for a PIN that is known to be wrong: every try brings the token nearer to its lock.
func (c *Client) refusedBefore(req request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.refused[req.Token]; ok && known == sha256.Sum256([]byte(req.PIN)) {
		return fmt.Errorf("%w: not tried again", ErrWrongPIN)
	}
	return nil
}

// running is the child, started when there is none.
func (c *Client) running(ctx context.Context) (*child, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.child != nil && c.child.alive() {
		return c.child, nil
	}
	select {
	case <-time.After(time.Until(c.started.Add(startPause))):
	case <-ctx.Done():
		return nil, ErrTimeout
	}
	args := c.Args
	if len(args) == 0 {
		args = []string{Command}
	}
	k, err := start(append(args[:len(args):len(args)], c.Module))
	c.started = time.Now()
	if err != nil {
		return nil, err
	}
	c.child = k
	return k, nil
}

// settle draws the consequences of an answer, and reports whether to ask again. After a failure that the
// module may carry along (a token that was pulled out and put in again, a device error, a crash) the
// next request meets a fresh child.
func (c *Client) settle(k *child, req request, err error) (again bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil, errors.Is(err, ErrUnsupported), errors.Is(err, ErrLocked), errors.Is(err, ErrNotBuilt), errors.Is(err, context.Canceled):
		return false
	case errors.Is(err, ErrWrongPIN):
		if c.refused == nil {
			c.refused = map[string][sha256.Size]byte{}
		}
		c.refused[req.Token] = sha256.Sum256([]byte(req.PIN))
		return false
	}
	if c.child == k {
		c.child = nil
	}
	if errors.Is(err, ErrTimeout) {
		k.kill()
		return false
	}
	k.retire()
	return true
}

// Close ends the child and waits for its end.
func (c *Client) Close() {
	c.mu.Lock()
	k := c.child
	c.child = nil
	c.mu.Unlock()
	if k != nil {
		k.kill()
		<-k.end
	}
}

// ownBinary is the path of this program; it survives a replaced file.
func ownBinary() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}
