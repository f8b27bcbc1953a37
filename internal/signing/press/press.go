// Package press changes files of documents on their way: it lays empty fields and fills number and date
// into them, each as one incremental update that a child process plans, proves that every signature
// before stays good, and stores the result. It has no keys, no database and no rule of the trade.
package press

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Keeper stores content that the system made itself.
type Keeper interface {
	KeepStream(ctx context.Context, contentType string, max int64, open func() io.ReadCloser) (objects.Ref, error)
}

// Deps are the parts a Press is built from. Now is postgres.Now when nil; TempDir, for files that are
// being read, is that of the system when empty.
type Deps struct {
	Store   objects.Store
	Keeper  Keeper
	Runner  sandbox.Runner
	Now     func() time.Time
	TempDir string
}

// Press works on files.
type Press struct{ Deps }

// New makes a press.
func New(d Deps) *Press {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Press{d}
}

// Sight is what a file shows: its pages with their words, and the fields that are signed already.
type Sight struct {
	Pages  []page.Page
	Signed []string
}

// Look reads the pages and signatures of a file. A file that cannot be read is a Conflict with the reason.
func (p *Press) Look(ctx context.Context, ref objects.Ref) (Sight, error) {
	f, err := p.fetch(ctx, ref)
	if err != nil {
		return Sight{}, err
	}
	defer f.Close()
	pages, err := p.pages(ctx, f)
	if err != nil {
		return Sight{}, sandbox.Refusal(err)
	}
	report, err := p.judge(ctx, f)
	if err != nil {
		return Sight{}, err
	}
	s := Sight{Pages: pages}
	for _, sig := range report.Signatures {
		s.Signed = append(s.Signed, sig.Field)
	}
	return s, nil
}

// Lay lays empty fields into a file and stores the result.
func (p *Press) Lay(ctx context.Context, ref objects.Ref, fields []pades.Field) (objects.Ref, error) {
	return p.change(ctx, ref, func(f *os.File) (pades.Plan, error) { return sandbox.Lay(ctx, p.Runner, f, fields) })
}

// Fill fills text fields of a file, by name, and stores the result.
func (p *Press) Fill(ctx context.Context, ref objects.Ref, values map[string]string) (objects.Ref, error) {
	return p.change(ctx, ref, func(f *os.File) (pades.Plan, error) { return sandbox.FillForm(ctx, p.Runner, f, values) })
}

// change appends what plan says to the file, proves the result and stores it.
func (p *Press) change(ctx context.Context, ref objects.Ref, plan func(f *os.File) (pades.Plan, error)) (objects.Ref, error) {
	f, err := p.fetch(ctx, ref)
	if err != nil {
		return objects.Ref{}, err
	}
	defer f.Close()
	before, err := p.judge(ctx, f)
	if err != nil {
		return objects.Ref{}, err
	}
	update, err := plan(f)
	if err != nil {
		return objects.Ref{}, sandbox.Refusal(err)
	}
	if _, err := f.WriteAt(update.Appendix, ref.Size); err != nil {
		return objects.Ref{}, fmt.Errorf("write changed file: %w", noRoom(err))
	}
	after, err := p.judge(ctx, f)
	if err != nil {
		return objects.Ref{}, err
	}
	if err := unharmed(before, after); err != nil {
		return objects.Ref{}, err
	}
	out, err := p.Keeper.KeepStream(ctx, upload.PDF, update.Size, func() io.ReadCloser {
		return io.NopCloser(io.NewSectionReader(f, 0, update.Size))
	})
	if err != nil {
		return objects.Ref{}, fmt.Errorf("store changed file: %w", err)
	}
	return out, nil
}

var errHarm = errs.New(errs.Conflict, "signing.file_refused")

// unharmed proves that every signature is there as before and that the verifier finds nothing against
// it. Whether a signer is trusted no update can change, so no list of anchors is asked.
func unharmed(before, after judge.Report) error {
	if after.Problem != "" || len(before.Signatures) != len(after.Signatures) {
		return errs.Wrap(errHarm.Code, errHarm.Key, fmt.Errorf("%d of %d signatures, %s", len(after.Signatures), len(before.Signatures), after.Problem))
	}
	for _, sig := range after.Signatures {
		if sig.Result == judge.Invalid || sig.Coverage == judge.PartialChanged {
			return errs.Wrap(errHarm.Code, errHarm.Key, fmt.Errorf("%s: %s", sig.Reason, sig.Finding))
		}
	}
	return nil
}

func (p *Press) judge(ctx context.Context, f *os.File) (judge.Report, error) {
	report, err := sandbox.Judge(ctx, p.Runner, f, judge.Options{Now: p.Now()})
	return report, sandbox.Refusal(err)
}

// read are the pages whose words are read: number and date stand on the first, the signature on one of the
// last (NĐ 30/2020 Annex I).
var read = []int{1, -1, -2, -3, -4}

func (p *Press) pages(ctx context.Context, f *os.File) ([]page.Page, error) {
	return sandbox.Text(ctx, p.Runner, f, sandbox.TextRequest{Pages: read})
}

// fetch copies an object into a file that has no name any more: whoever reads it gets the bytes that
// were verified against the hash, and nothing is left behind after a crash.
func (p *Press) fetch(ctx context.Context, ref objects.Ref) (*os.File, error) {
	o, err := p.Store.Open(ctx, ref.Hash)
	if err != nil {
		return nil, fmt.Errorf("open object: %w", err)
	}
	defer o.Close()
	f, err := os.CreateTemp(p.TempDir, "nghisu-press-*")
	if err != nil {
		return nil, fmt.Errorf("make temporary file: %w", noRoom(err))
	}
	err = os.Remove(f.Name())
	if err == nil {
		_, err = io.Copy(f, o)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("read object %s: %w", ref.Hash, noRoom(err))
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

// Scan is what can be told about a scanned paper.
type Scan struct {
	Signed bool    // carries a digital signature
	Old    bool    // before PDF 1.4
	Gray   bool    // its pages are images, and none has colours
	DPI    float64 // of the coarsest page; 0 when no page is one image
}

// Scan looks at a scanned paper.
func (p *Press) Scan(ctx context.Context, ref objects.Ref) (Scan, error) {
	f, err := p.fetch(ctx, ref)
	if err != nil {
		return Scan{}, err
	}
	defer f.Close()
	report, err := p.judge(ctx, f)
	if err != nil {
		return Scan{}, err
	}
	images, err := sandbox.Scan(ctx, p.Runner, f)
	if err != nil {
		return Scan{}, sandbox.Refusal(err)
	}
	return Scan{Signed: len(report.Signatures) > 0, Old: images.Version < "1.4",
		Gray: images.Whole > 0 && !images.Colour, DPI: images.DPI}, nil
}
