package signing

import (
	"context"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/page/pdfium"
	"nghisu/internal/signing/revision"
	"nghisu/internal/signing/sandbox"
	"nghisu/storage/objects"
)

// The use cases of this file decide no right: the caller may read the file already.

// Revision is a state that a file went through, and who signed it.
type Revision struct {
	revision.Revision
	At         *time.Time // of the signature: proven, else claimed
	SignerName string
}

// Revisions lists the states that a file went through, the oldest first. Names and times are there once the file was judged.
func (s *Service) Revisions(ctx context.Context, ref objects.Ref) ([]Revision, error) {
	b, done, err := s.shelf.take(ctx, ref)
	if err != nil {
		return nil, err
	}
	done()
	report, err := s.report(ctx, ref)
	if err != nil {
		return nil, err
	}
	signed := map[string]judge.Signature{}
	if report != nil {
		for _, sig := range report.Report.Signatures {
			signed[sig.Field] = sig
		}
	}
	out := make([]Revision, 0, len(b.revisions))
	for _, r := range b.revisions {
		rev := Revision{Revision: r}
		if sig, ok := signed[r.Field]; ok && r.Field != "" {
			rev.SignerName, rev.At = sig.Name, sig.Claimed
			if sig.TimeProven {
				rev.At = sig.BestTime
			}
		}
		out = append(out, rev)
	}
	return out, nil
}

// RevisionSize is how many bytes of a file are its n-th revision.
func (s *Service) RevisionSize(ctx context.Context, ref objects.Ref, n int) (int64, error) {
	b, done, err := s.shelf.take(ctx, ref)
	if err != nil {
		return 0, err
	}
	defer done()
	r, ok := b.revision(n)
	if !ok {
		return 0, errs.Missing()
	}
	return r.Size, nil
}

// PagePicture draws a page of a revision as PNG.
func (s *Service) PagePicture(ctx context.Context, ref objects.Ref, n, page, dpi int) ([]byte, error) {
	b, done, err := s.shelf.take(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer done()
	r, ok := b.revision(n)
	if !ok {
		return nil, errs.Missing()
	}
	return sandbox.Picture(ctx, s.Runner, b.file, sandbox.PictureRequest{Size: r.Size, Page: page, DPI: dpi})
}

// Pages that are compared: so many with one question, so many in all.
const (
	compareStep = 20
	compareMost = 400
)

// CompareRevisions draws the pages of two revisions and tells where they differ. Of very long files the first pages are
// compared; Pages says how many there are.
func (s *Service) CompareRevisions(ctx context.Context, ref objects.Ref, x, y int) (pdfium.Comparison, error) {
	b, done, err := s.shelf.take(ctx, ref)
	if err != nil {
		return pdfium.Comparison{}, err
	}
	defer done()
	from, ok1 := b.revision(x)
	to, ok2 := b.revision(y)
	if !ok1 || !ok2 {
		return pdfium.Comparison{}, errs.Missing()
	}
	if from.Size == to.Size {
		return pdfium.Comparison{}, nil
	}
	var out pdfium.Comparison
	for first := 1; first == 1 || first <= min(out.Pages, compareMost); first += compareStep {
		part, err := sandbox.Compare(ctx, s.Runner, b.file, sandbox.CompareRequest{A: from.Size, B: to.Size, First: first, Last: first + compareStep - 1})
		if err != nil {
			return pdfium.Comparison{}, err
		}
		out.Pages = part.Pages
		out.Changes = append(out.Changes, part.Changes...)
	}
	return out, nil
}
