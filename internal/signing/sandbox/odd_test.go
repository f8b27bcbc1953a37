//go:build linux

package sandbox_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"nghisu/internal/errs"
	"nghisu/internal/signing/page/pagetest"
	"nghisu/internal/signing/sandbox"
)

// No odd file breaks more than the question about it: every one is answered or refused with a reason.
func TestPool_oddFiles(t *testing.T) {
	files, err := filepath.Glob("../../../../shared/data/pdf-odd/*.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the collection of odd PDF files (../shared/data/pdf-odd beside the checkout) is not here")
	}
	if sampled > 1 {
		var some []string
		for i := 0; i < len(files); i += sampled {
			some = append(some, files[i])
		}
		files = some
	}
	pool := open(t, sandbox.Options{Files: 2, Pages: 2, Cache: pagetest.Cache(t)})
	drawn := 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		_, textErr := sandbox.Text(t.Context(), pool, f, sandbox.TextRequest{Pages: []int{1, -1}})
		_, pictureErr := sandbox.Picture(t.Context(), pool, f, sandbox.PictureRequest{Page: 1, DPI: 100})
		revisions, listErr := sandbox.Revisions(t.Context(), pool, f)
		for _, err := range []error{textErr, pictureErr, listErr} {
			var known *errs.Error
			if err != nil && (!errors.As(err, &known) || known.Code == errs.Internal) {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
			if errors.Is(err, sandbox.ErrDied) || errors.Is(err, sandbox.ErrTimeout) {
				t.Errorf("%s cost a child: %v", filepath.Base(name), err)
			}
		}
		if pictureErr == nil {
			drawn++
		}
		if listErr == nil && (len(revisions) == 0 || revisions[len(revisions)-1].Number != len(revisions)) {
			t.Errorf("%s: revisions %+v", filepath.Base(name), revisions)
		}
		_ = f.Close()
	}
	if drawn*10 < len(files)*8 {
		t.Errorf("only %d of %d files were drawn", drawn, len(files))
	}
	t.Logf("%d of %d files were drawn", drawn, len(files))
}
