package auth

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/alexedwards/argon2id"

	"nghisu/internal/errs"
)

// HashParams is the cost of one password hash (argon2id, RFC 9106): 64 MiB, 2 passes, one lane, so
// that it costs the same on every machine. Around 0.1 s on a small server.
var HashParams = argon2id.Params{Memory: 64 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// waiting is how many hashes may queue per slot before callers are told to come back.
const waiting = 50

// hasher computes hashes, at most slots at a time, because each takes much memory.
type hasher struct {
	params argon2id.Params
	slots  chan struct{}
	queue  atomic.Int64
	dummy  string // hash of a password nobody has, for names nobody has
}

func newHasher(params argon2id.Params, slots int) (*hasher, error) {
	h := &hasher{params: params, slots: make(chan struct{}, slots)}
	secret, err := temporaryPassword()
	if err != nil {
		return nil, err
	}
	h.dummy, err = argon2id.CreateHash(secret, &h.params)
	return h, err
}

// slot waits for a place; the caller gives it back.
func (h *hasher) slot(ctx context.Context) (func(), error) {
	if h.queue.Add(1) > int64(waiting*cap(h.slots)) {
		h.queue.Add(-1)
		return nil, errs.New(errs.Unavailable, "auth.busy")
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.queue.Add(-1) }, nil
	case <-ctx.Done():
		h.queue.Add(-1)
		return nil, errs.Wrap(errs.Unavailable, "auth.busy", ctx.Err())
	}
}

// hash makes the stored form of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	free, err := h.slot(ctx)
	if err != nil {
		return "", err
	}
	defer free()
	s, err := argon2id.CreateHash(normal(password), &h.params)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return s, nil
}

// matches compares a password with a stored hash. An empty hash costs the same time and matches nothing.
func (h *hasher) matches(ctx context.Context, password, stored string) (bool, error) {
	free, err := h.slot(ctx)
	if err != nil {
		return false, err
	}
	defer free()
	against := stored
	if stored == "" {
		against = h.dummy
	}
	ok, err := argon2id.ComparePasswordAndHash(normal(password), against)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return ok && stored != "", nil
}
