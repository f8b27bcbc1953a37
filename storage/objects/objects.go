// Package objects keeps immutable content under the name of its SHA-256 hash, and the parts of
// uploads that are not finished. It owns durability and verification: what Put acknowledged is on
// stable storage, and what no longer matches its name is reported and never served. It does not know
// who refers to an object; the tables of the features do.
package objects

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"time"

	"nghisu/internal/errs"
)

// Errors that callers test for. Both mean that the store and the tables disagree, hence Internal.
var (
	ErrDamaged = errs.New(errs.Internal, "storage.damaged") // the bytes do not match the name
	ErrMissing = errs.New(errs.Internal, "storage.missing") // nothing under this name
)

// Errors for the person: over the limit; no room; the store does not answer.
var (
	ErrTooLarge    = errs.New(errs.TooLarge, "upload.too_large")
	ErrFull        = errs.New(errs.Unavailable, "storage.full")
	ErrUnreachable = errs.New(errs.Unavailable, "storage.unavailable")
)

// Hash is the SHA-256 of an object: its name. It is bytea in the database and hexadecimal in JSON.
type Hash [sha256.Size]byte

// ParseHash reads 64 hexadecimal digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	return h, h.UnmarshalText([]byte(s))
}

// Hex is the hash as 64 lower-case digits.
func (h Hash) Hex() string { return hex.EncodeToString(h[:]) }

// String is Hex.
func (h Hash) String() string { return h.Hex() }

// IsZero reports whether h was never set.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes 64 hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.Hex()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("read hash: %d characters instead of %d", len(text), hex.EncodedLen(len(h)))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("read hash: %w", err)
	}
	return nil
}

// Value stores the hash as bytea.
func (h Hash) Value() (driver.Value, error) { return h[:], nil }

// Scan reads a bytea; a column that may be NULL needs a *Hash.
func (h *Hash) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(h) {
		return fmt.Errorf("scan hash: %T of %d bytes", src, len(b))
	}
	copy(h[:], b)
	return nil
}

// Ref names an object and its size in bytes.
type Ref struct {
	Hash Hash  `json:"sha256"`
	Size int64 `json:"size"`
}

// Info is a Ref with the time at which the store got the object.
type Info struct {
	Ref
	ModTime time.Time
}

// Object is content open for reading. Its bytes were found to match its name when it was opened; a
// read from the first to the last byte compares once more and fails with ErrDamaged instead of
// handing out the last piece.
type Object interface {
	io.ReadSeekCloser
	Size() int64
	ModTime() time.Time
}

// Part is one piece of an unfinished upload in the staging area.
type Part struct {
	Key     string
	Size    int64
	ModTime time.Time
}

// Store is the object store. Every method may be called concurrently; errors are of package errs
// (ErrTooLarge, ErrFull, ErrUnreachable, ErrDamaged, ErrMissing) or the reader's own, wrapped.
type Store interface {
	// Put streams r into the store and returns its name once it is durable. More than max bytes is
	// ErrTooLarge. After any error nothing new is visible. Content that is there already is kept, or
	// mended when it is damaged.
	Put(ctx context.Context, r io.Reader, max int64) (Ref, error)
	// Open opens an object after its bytes were verified: at the first opening in this process, after
	// any change of it in the store, and once an hour.
	Open(ctx context.Context, h Hash) (Object, error)
	// Stat tells size and age without reading the content.
	Stat(ctx context.Context, h Hash) (Info, error)
	// Verify reads the whole object, whatever was found before.
	Verify(ctx context.Context, h Hash) error
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, h Hash) error
	// List calls fn for every object whose hash is greater than after, in the order of hashes.
	List(ctx context.Context, after Hash, fn func(Info) error) error

	// PutPart makes exactly size bytes of r durable under key; see ValidKey.
	PutPart(ctx context.Context, key string, r io.Reader, size int64) error
	// OpenPart opens a part for one sequential read; ErrMissing when it is not there.
	OpenPart(ctx context.Context, key string) (io.ReadCloser, error)
	// DeletePart removes a part; one that is not there is no error.
	DeletePart(ctx context.Context, key string) error
	// ListParts calls fn for every part, in no order.
	ListParts(ctx context.Context, fn func(Part) error) error

	// Tidy removes what broken writes left behind before the given time, invisible to all other
	// methods, and tells how many.
	Tidy(ctx context.Context, before time.Time) (int, error)
}

// Options are common to all stores.
type Options struct {
	Log      *slog.Logger                      // of damage and leftovers; discarded when nil
	OnDamage func(ctx context.Context, h Hash) // called for each damaged object found; may be nil
	Now      func() time.Time                  // for the age of verifications; time.Now when nil
}

var keyForm = regexp.MustCompile(`^[a-z0-9-]{1,64}/[a-z0-9-]{1,64}$`)

// ValidKey reports whether key may name a part: two words of small letters, digits and "-",
// parted by "/".
func ValidKey(key string) bool { return keyForm.MatchString(key) }

func checkKey(key string) error {
	if !ValidKey(key) {
		return fmt.Errorf("part key %q is malformed", key)
	}
	return nil
}

// intake reads for a Put: it hashes, counts, stops over the limit and when ctx ends.
type intake struct {
	ctx  context.Context //nolint:containedctx // lives for one Put
	r    io.Reader
	max  int64
	size int64
	sum  interface {
		io.Writer
		Sum(b []byte) []byte
	}
}

func newIntake(ctx context.Context, r io.Reader, max int64) *intake {
	return &intake{ctx: ctx, r: r, max: max, sum: sha256.New()}
}

func (in *intake) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.r.Read(p)
	in.size += int64(n)
	if in.size > in.max {
		return 0, ErrTooLarge
	}
	in.sum.Write(p[:n])
	if err != nil && err != io.EOF { //nolint:errorlint // readers end with the bare value
		// Wrapped, so that nobody takes a broken connection (io.ErrUnexpectedEOF) for an end: minio-go would.
		err = fmt.Errorf("read content: %w", err)
	}
	return n, err
}

func (in *intake) ref() Ref {
	ref := Ref{Size: in.size}
	in.sum.Sum(ref.Hash[:0])
	return ref
}
