package signing

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"
	"time"

	"golang.org/x/sync/singleflight"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/revision"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/tsp"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Documents reads own documents (hidden ones are NotFound), tells where signatures stand and what they
// show, and takes back those whose signature is declined.
type Documents interface {
	Get(ctx context.Context, actor access.Actor, documentID id.Document) (document.Document, error)
	Mark(ctx context.Context, doc document.Document, purpose document.Purpose, file document.File, at time.Time) (document.Mark, error)
	Decline(ctx context.Context, tx *postgres.Tx, actor access.Actor, doc document.Document, reason string) error
}

// Keeper stores content that the system made itself.
type Keeper interface {
	KeepStream(ctx context.Context, contentType string, max int64, open func() io.ReadCloser) (objects.Ref, error)
}

// Stamper gives out timestamps: by address (tsp.Client), or in this process (devpki.Stamper).
type Stamper interface {
	Stamp(ctx context.Context, digest []byte) (tsp.Token, error)
}

// Fetcher asks the authorities named in a certificate whether it was revoked.
type Fetcher interface {
	Fetch(ctx context.Context, cert, issuer *x509.Certificate) (revocation.Status, error)
}

// Deps are the parts a Service is built from. Now is postgres.Now when nil; TempDir, for files that are
// being read, is that of the system when empty.
type Deps struct {
	DB          *postgres.DB
	Store       objects.Store
	Keeper      Keeper
	Documents   Documents
	PKI         *devpki.PKI
	Keys        *keys.Service
	Runner      sandbox.Runner
	Fetcher     Fetcher // asks authorities; nil when this node must not
	Jobs        *jobs.Client
	Stamper     Stamper                              // nil: signatures without proven time (B-B)
	Unstamped   bool                                 // sign on at B-B while the Stamper does not answer
	RenewBefore time.Duration                        // how long before the certificate of its last timestamp ends a file gets a new one
	Source      func(keys.Kind) (keys.Source, error) // Keys.Source when nil
	Feed        *live.Feed
	Log         *slog.Logger
	Now         func() time.Time
	TempDir     string
}

// Service signs documents and judges signatures.
type Service struct {
	Deps
	holds  chan struct{} // connections that guard a request, see hold
	checks singleflight.Group
	shelf  shelf
	runs   singleflight.Group // advances of requests by callers of this node
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	if d.Source == nil && d.Keys != nil {
		d.Source = d.Keys.Source
	}
	s := &Service{Deps: d, holds: make(chan struct{}, max(1, int(d.DB.Config().MaxConns)/2))}
	s.shelf.fetch = s.fetch
	s.shelf.list = func(ctx context.Context, f *os.File) ([]revision.Revision, error) {
		return sandbox.Revisions(ctx, d.Runner, f)
	}
	return s
}

// fetch copies an object into a file that has no name any more: whoever reads it gets the bytes that
// were verified against the hash, and nothing is left behind after a crash.
func (s *Service) fetch(ctx context.Context, ref objects.Ref) (*os.File, error) {
	o, err := s.Store.Open(ctx, ref.Hash)
	if err != nil {
		return nil, fmt.Errorf("open object: %w", err)
	}
	defer o.Close()
	f, err := s.nameless()
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(f, o); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("read object %s: %w", ref.Hash, noRoom(err))
	}
	return f, nil
}

// nameless makes a temporary file that has no name any more.
func (s *Service) nameless() (*os.File, error) {
	f, err := os.CreateTemp(s.TempDir, "nghisu-sign-*")
	if err != nil {
		return nil, fmt.Errorf("make temporary file: %w", noRoom(err))
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	return f, nil
}

// noRoom names the cause that a person can mend.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errs.Wrap(errs.Unavailable, objects.ErrFull.Key, err)
	}
	return err
}
