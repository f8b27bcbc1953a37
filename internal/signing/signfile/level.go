package signfile

import (
	"context"
	"fmt"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/tsp"
)

// Stamper gives timestamps: tsp.Client and tsp.Authority do.
type Stamper interface {
	Stamp(ctx context.Context, digest []byte) (tsp.Token, error)
}

// Level is how far a signature is taken (ETSI EN 319 142-1 chapter 6). The zero value is B-B; a Stamper
// makes it B-T.
type Level struct {
	Stamper Stamper
}

// stamp adds a timestamp over the value.
func (l Level) stamp(ctx context.Context, p *cms.Parts) error {
	if l.Stamper == nil {
		return nil
	}
	token, err := l.Stamper.Stamp(ctx, cms.Usual.Digest(p.Value))
	if err != nil {
		return fmt.Errorf("get timestamp: %w", err)
	}
	p.Timestamp = token.Raw
	return nil
}

func (l Level) augment(context.Context, Job, *output, *pades.Made) error { return nil }
