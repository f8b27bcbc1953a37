package signfile

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/tsp"
)

// ErrNotReached means that the level that was asked for could not be reached; nothing was written.
var ErrNotReached = errors.New("level not reached")

// Stamper gives timestamps: tsp.Client and tsp.Authority do.
type Stamper interface {
	Stamp(ctx context.Context, digest []byte) (tsp.Token, error)
}

// Level is how far a signature is taken (ETSI EN 319 142-1 chapter 6). The zero value is B-B; a Stamper
// makes it B-T, an Asker as well B-LT, Archive B-LTA.
type Level struct {
	Stamper Stamper
	Asker   Asker
	Archive bool                // a document timestamp over everything
	Known   []*x509.Certificate // authorities, for chains that are not carried whole
}

// NewLevel is a level by its name, with an authority that is asked by HTTP. roots are the only
// authorities whose timestamps are taken; without any, judging them is left to who verifies.
func NewLevel(name, url string, roots []*x509.Certificate) Level {
	if name == "B-B" {
		return Level{}
	}
	client := &tsp.Client{URL: url}
	if len(roots) > 0 {
		client.Roots = func(context.Context) ([]*x509.Certificate, error) { return roots, nil }
	}
	l := Level{Stamper: client, Archive: name == "B-LTA", Known: roots}
	if name != "B-T" {
		l.Asker = &revocation.Fetcher{}
	}
	return l
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
