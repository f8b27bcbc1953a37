package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"nghisu/internal/errs"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/page/pdfium"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/revision"
)

// Errors of files whose pages cannot be shown.
var (
	ErrUnreadable = errs.New(errs.Unsupported, "page.unreadable")
	ErrEncrypted  = errs.New(errs.Unsupported, "page.encrypted")
)

// noPage is the refusal of a page that the file does not have: it is missing like anything else.
const noPage = "no page"

// TextRequest asks for the sizes of all pages and the words on some: numbers from 1, from the end when negative.
// Size, here and below, is how many bytes of the file count; 0 is all of it.
type TextRequest struct {
	Size  int64 `json:"size"`
	Pages []int `json:"pages"`
}

// PictureRequest asks for a page as PNG.
type PictureRequest struct {
	Size int64 `json:"size"`
	Page int   `json:"page"`
	DPI  int   `json:"dpi"`
}

// CompareRequest asks how the pages of the first A and of the first B bytes differ, from page First to Last.
type CompareRequest struct {
	A     int64 `json:"a"`
	B     int64 `json:"b"`
	First int   `json:"first"`
	Last  int   `json:"last"`
}

// Text reads words.
func Text(ctx context.Context, r Runner, file *os.File, req TextRequest) ([]page.Page, error) {
	resp, err := ask(ctx, r, file, Request{Text: &req})
	return resp.Text, err
}

// Picture draws a page as PNG.
func Picture(ctx context.Context, r Runner, file *os.File, req PictureRequest) ([]byte, error) {
	resp, err := ask(ctx, r, file, Request{Picture: &req})
	if err == nil && len(resp.Blob) == 0 {
		err = fmt.Errorf("picture of page %d is empty", req.Page)
	}
	return resp.Blob, err
}

// Compare compares two states of a file.
func Compare(ctx context.Context, r Runner, file *os.File, req CompareRequest) (pdfium.Comparison, error) {
	resp, err := ask(ctx, r, file, Request{Compare: &req})
	if err != nil || resp.Comparison == nil {
		return pdfium.Comparison{}, err
	}
	return *resp.Comparison, nil
}

// Revisions lists the states that a file went through.
func Revisions(ctx context.Context, r Runner, file *os.File) ([]revision.Revision, error) {
	resp, err := ask(ctx, r, file, Request{Revisions: true})
	return resp.Revisions, err
}

// ask puts a question whose refusals are errors of this file.
func ask(ctx context.Context, r Runner, file *os.File, req Request) (Response, error) {
	resp, err := r.Run(ctx, file, req)
	switch {
	case errors.Is(err, ErrDied):
		return Response{}, errs.Wrap(errs.Unsupported, "page.too_complex", err)
	case errors.Is(err, ErrTimeout):
		return Response{}, errs.Wrap(errs.Unavailable, "page.too_slow", err)
	case err != nil:
		return Response{}, fmt.Errorf("read pages: %w", err)
	case resp.Refusal == noPage:
		return Response{}, errs.Missing()
	case resp.Refusal != "":
		return Response{}, errs.Wrap(errs.Unsupported, resp.Refusal, errors.New(resp.Detail))
	case resp.Error != "":
		return Response{}, fmt.Errorf("read pages: %s", resp.Error)
	}
	return resp, nil
}

// engine answers questions about pages, in whatever process.
type engine struct{ *pdfium.Engine }

func (e engine) pagesOf(file *os.File, req Request) Response {
	fi, err := file.Stat()
	if err != nil {
		return Response{Error: err.Error()}
	}
	size := fi.Size()
	whole := func(n int64) int64 {
		if n <= 0 || n > size {
			return size
		}
		return n
	}
	var resp Response
	switch {
	case req.Text != nil:
		resp.Text, err = e.Text(file, whole(req.Text.Size), req.Text.Pages)
		unit := units(file, whole(req.Text.Size))
		for i, p := range resp.Text {
			if len(p.Boxes) > 0 {
				resp.Text[i] = p.Scale(unit(p.Number))
			}
		}
	case req.Picture != nil:
		resp.Blob, err = e.Picture(file, whole(req.Picture.Size), req.Picture.Page, req.Picture.DPI)
	case req.Compare != nil:
		var c pdfium.Comparison
		c, err = e.Compare(file, whole(req.Compare.A), whole(req.Compare.B), req.Compare.First, req.Compare.Last)
		unit := units(file, whole(req.Compare.B))
		for i := range c.Changes {
			c.Changes[i].Scale(unit(c.Changes[i].Page))
		}
		resp.Comparison = &c
	}
	switch {
	case err == nil:
		return resp
	case errors.Is(err, pdfium.ErrNoPage):
		return Response{Refusal: noPage, Detail: err.Error()}
	case errors.Is(err, pdfium.ErrEncrypted):
		return Response{Refusal: ErrEncrypted.Key, Detail: err.Error()}
	}
	return Response{Refusal: ErrUnreadable.Key, Detail: err.Error()}
}

// units tells by how much the unit of a page is larger than a point (UserUnit), which the page engine does not.
func units(file *os.File, size int64) func(page int) float64 {
	d, err := pdf.Open(io.NewSectionReader(file, 0, size), size)
	return func(number int) float64 {
		if err != nil {
			return 1
		}
		p, err := d.Page(number)
		if err != nil {
			return 1
		}
		return p.Unit
	}
}

// ownCache is where the compiled engine of a process without data folder lies: nobody else may write there.
func ownCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "nghisu")
}

// openOnce opens the engine of this process, in a cache of its own.
var openOnce = sync.OnceValues(func() (engine, error) {
	dir := ownCache()
	if dir != "" {
		if err := pdfium.Warm(dir); err != nil {
			return engine{}, err
		}
	}
	e, err := pdfium.Open(dir)
	return engine{e}, err
})
