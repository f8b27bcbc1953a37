package objects

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// verifiedFor is how long a verification counts while the store reports no change. Decay of a disk
	// changes no time stamp; a full read of 200 MB takes under half a second, so an hour costs nothing.
	verifiedFor = time.Hour
	// verifiedMax bounds the memory of what was verified.
	verifiedMax = 8192
)

// stamp is what a store tells of an object that changes whenever its bytes were written.
type stamp string

// verifier remembers which objects were found whole, and reads each at most once at a time.
type verifier struct {
	opts   Options
	flight singleflight.Group

	mu   sync.Mutex // guards seen
	seen map[Hash]verification
}

type verification struct {
	stamp stamp
	at    time.Time
}

func newVerifier(opts Options) *verifier {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &verifier{opts: opts, seen: map[Hash]verification{}}
}

// known reports whether the object with this stamp was verified lately.
func (v *verifier) known(h Hash, s stamp) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	found, ok := v.seen[h]
	return ok && found.stamp == s && v.opts.Now().Sub(found.at) < verifiedFor
}

func (v *verifier) remember(h Hash, s stamp) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.seen) >= verifiedMax {
		for old := range v.seen { // any one: the cost of a wrong choice is one more read
			delete(v.seen, old)
			break
		}
	}
	v.seen[h] = verification{s, v.opts.Now()}
}

func (v *verifier) forget(h Hash) {
	v.mu.Lock()
	delete(v.seen, h)
	v.mu.Unlock()
}

// check reads the object to its end unless it is known. Callers that come while it is being read
// wait for the same reading; a caller that gives up does not stop it for the others.
func (v *verifier) check(ctx context.Context, h Hash, s stamp, open func(context.Context) (io.ReadCloser, error)) error {
	if v.known(h, s) {
		return nil
	}
	reading := v.flight.DoChan(h.Hex()+string(s), func() (any, error) {
		return nil, v.read(context.WithoutCancel(ctx), h, s, open)
	})
	select {
	case result := <-reading:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read hashes all that open yields and records the outcome.
func (v *verifier) read(ctx context.Context, h Hash, s stamp, open func(context.Context) (io.ReadCloser, error)) error {
	r, err := open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	in := newIntake(ctx, r, 1<<62)
	if _, err := io.Copy(io.Discard, in); err != nil {
		return fmt.Errorf("verify object %s: %w", h, err)
	}
	if in.ref().Hash != h {
		return v.damaged(ctx, h, in.size)
	}
	v.remember(h, s)
	return nil
}

// damaged reports an object that does not match its name.
func (v *verifier) damaged(ctx context.Context, h Hash, size int64) error {
	v.forget(h)
	v.opts.Log.ErrorContext(ctx, "object is damaged: its content does not match its name", "object", h.Hex(), "size", size)
	if v.opts.OnDamage != nil {
		v.opts.OnDamage(ctx, h)
	}
	return fmt.Errorf("object %s: %w", h, ErrDamaged)
}

// sequence follows the reads of one opened object and compares the hash when they covered it all in
// order. It is used by one goroutine.
type sequence struct {
	sum  hash.Hash
	next int64 // the byte up to which everything was hashed
}

func newSequence() *sequence { return &sequence{sum: sha256.New()} }

// took notes p read at offset at; whole reports whether everything up to size has been hashed now.
func (q *sequence) took(p []byte, at, size int64) (whole bool) {
	if at != q.next || len(p) == 0 {
		return false
	}
	q.sum.Write(p)
	q.next += int64(len(p))
	return q.next == size
}

func (q *sequence) matches(h Hash) bool { return Hash(q.sum.Sum(nil)) == h }
