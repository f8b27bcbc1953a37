package signfile

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/tsp"
)

// ErrNotReached means that the level that was asked for could not be reached; nothing was written.
var ErrNotReached = errors.New("level not reached")

// Stamper gives timestamps: tsp.Client and tsp.Authority do.
type Stamper interface {
	Stamp(ctx context.Context, digest []byte) (tsp.Token, error)
}

// Level is how far a signature is taken (ETSI EN 319 142-1 chapter 6). The zero value is B-B; a Stamper
// makes it B-T.
type Level struct {
	Stamper Stamper
}

// NewLevel is a level by its name, with an authority that is asked by HTTP. roots are the only
// authorities whose timestamps are taken; without any, judging them is left to who verifies.
func NewLevel(name, url string, roots []*x509.Certificate) Level {
	client := &tsp.Client{URL: url}
	if len(roots) > 0 {
		client.Roots = func(context.Context) ([]*x509.Certificate, error) { return roots, nil }
	}
	return Level{Stamper: client}
}

// stamp adds a timestamp over the value.
func (l Level) stamp(ctx context.Context, p *cms.Parts) error {
	if l.Stamper == nil {
		return nil
	}
	token, err := l.Stamper.Stamp(ctx, cms.Usual.Digest(p.Value))
	if err != nil {
		return fmt.Errorf("%w: timestamp: %w", ErrNotReached, err)
	}
	p.Timestamp = token.Raw
	return nil
}

func (l Level) augment(context.Context, Job, *output, *pades.Made) error { return nil }
