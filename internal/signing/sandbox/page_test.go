//go:build linux

package sandbox_test

import (
	"bytes"
	"image/png"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/page/pagetest"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/revision"
	"nghisu/internal/signing/sandbox"
)

// Text and pictures come from children that cannot write, from a cache that was made before.
func TestPool_pages(t *testing.T) {
	pool := open(t, sandbox.Options{Pages: 1, Cache: pagetest.Cache(t)})
	f := file(t, pdftest.Page("Hello there"))
	for range 3 {
		pages, err := sandbox.Text(t.Context(), pool, f, sandbox.TextRequest{Pages: []int{-1}})
		if err != nil || len(pages) != 1 || len(pages[0].Boxes) != 2 || pages[0].Boxes[1].Text != "there" {
			t.Fatalf("%+v, %v", pages, err)
		}
		picture, err := sandbox.Picture(t.Context(), pool, f, sandbox.PictureRequest{Page: 1, DPI: 72})
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(picture))
		if err != nil || img.Bounds().Dx() != 595 || img.Bounds().Dy() != 842 {
			t.Errorf("picture %v, %v", img, err)
		}
	}
	if _, err := sandbox.Picture(t.Context(), pool, f, sandbox.PictureRequest{Page: 2, DPI: 72}); !errs.Is(err, errs.NotFound) {
		t.Errorf("page 2: %v", err)
	}
	if _, err := sandbox.Text(t.Context(), pool, file(t, []byte("no pdf")), sandbox.TextRequest{}); err == nil || !strings.Contains(err.Error(), "page.unreadable") {
		t.Errorf("no pdf: %v", err)
	}
	if n := len(children(t, os.Getpid())); n > 1 {
		t.Errorf("%d children", n)
	}
}

// A page of an immense size makes a coarse picture, not an immense one.
func TestPool_largePage(t *testing.T) {
	pool := open(t, sandbox.Options{Pages: 1, Cache: pagetest.Cache(t)})
	body := bytes.Replace(pdftest.Page("x"), []byte("0 0 595 842"), []byte("0 0 9e4 9e4"), 1)
	picture, err := sandbox.Picture(t.Context(), pool, file(t, body), sandbox.PictureRequest{Page: 1, DPI: 300})
	if err != nil {
		t.Fatal(err)
	}
	c, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || c.Width*c.Height > 17<<20 {
		t.Errorf("%d x %d, %v", c.Width, c.Height, err)
	}
}

func TestPool_compare(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 1, Pages: 1, Cache: pagetest.Cache(t)})
	one := pdftest.Page("Pay 100")
	two := pdftest.Append(one, []pdftest.Object{{Num: 4, Body: pdftest.Stream("", "BT /F1 18 Tf 72 700 Td (Pay 900) Tj ET")}}, "/Root 1 0 R", nil)
	f := file(t, two)
	revisions, err := sandbox.Revisions(t.Context(), pool, f)
	if err != nil || len(revisions) != 2 || revisions[0].Size != int64(len(one)) || revisions[1].Size != int64(len(two)) {
		t.Fatalf("%+v, %v", revisions, err)
	}
	c, err := sandbox.Compare(t.Context(), pool, f, sandbox.CompareRequest{A: int64(len(one)), B: 0, First: 1, Last: 5})
	if err != nil || c.Pages != 1 || len(c.Changes) != 1 || len(c.Changes[0].Areas) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	// "1" of 18 pt at 72+35 pt from the left, 842-700 pt from the top
	if a := c.Changes[0].Areas[0]; a.X < 36 || a.Right() > 44 || a.Y < 43 || a.Bottom() > 52 {
		t.Errorf("changed at %+v", a)
	}
	same, err := sandbox.Compare(t.Context(), pool, f, sandbox.CompareRequest{A: int64(len(one)), B: int64(len(one)), First: 1, Last: 5})
	if err != nil || len(same.Changes) != 0 {
		t.Errorf("equal states: %+v, %v", same, err)
	}
}

func BenchmarkPool_pages(b *testing.B) {
	pool := open(b, sandbox.Options{Pages: 1, Cache: pagetest.Cache(b)})
	f := file(b, pdftest.Page("Hello there"))
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			if _, err := sandbox.Text(b.Context(), pool, f, sandbox.TextRequest{Pages: []int{1}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("picture", func(b *testing.B) {
		for b.Loop() {
			if _, err := sandbox.Picture(b.Context(), pool, f, sandbox.PictureRequest{Page: 1, DPI: 100}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, pid := range children(b, os.Getpid()) {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if err != nil {
			b.Fatal(err)
		}
		for l := range strings.Lines(string(status)) {
			if strings.HasPrefix(l, "VmData") || strings.HasPrefix(l, "VmRSS") || strings.HasPrefix(l, "VmHWM") {
				b.Log(strings.TrimSpace(l))
			}
		}
	}
}

// What was filled into fields, and what a signature shows, is on the picture and nowhere else.
func TestPool_comparesForms(t *testing.T) {
	pool := open(t, sandbox.Options{Files: 1, Pages: 1, Cache: pagetest.Cache(t)})
	f := file(t, pdftest.Page("Pay 100"))
	add := func(p pades.Plan, err error) {
		t.Helper()
		fi, statErr := f.Stat()
		if err != nil || statErr != nil {
			t.Fatal(err, statErr)
		}
		if _, err := f.WriteAt(p.Appendix, fi.Size()); err != nil {
			t.Fatal(err)
		}
	}
	add(sandbox.Lay(t.Context(), pool, f, []pades.Field{
		{Name: "So", Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 20, Y: 120, W: 60, H: 6}, Style: pades.TextStyle{Size: 13}},
		{Name: "NguoiKy", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 120, Y: 200, W: 50, H: 25}}}))
	add(sandbox.Prepare(t.Context(), pool, f, pades.Request{Field: "NguoiKy", Name: "Trần Văn Nghĩa", At: time.Now(), Hole: 2048,
		Look: pades.Appearance{Text: "Trần Văn Nghĩa", Style: pades.TextStyle{Size: 10}}}))
	add(sandbox.FillForm(t.Context(), pool, f, map[string]string{"So": "12/QĐ-UBND"}))
	revisions, err := sandbox.Revisions(t.Context(), pool, f)
	if err != nil || len(revisions) != 4 || revisions[2].Field != "NguoiKy" || revisions[2].Kind != revision.Signature || revisions[3].Kind != revision.Update {
		t.Fatalf("%+v, %v", revisions, err)
	}
	for n, want := range map[int]page.Rect{1: {}, 2: {X: 118, Y: 198, W: 54, H: 29}, 3: {X: 18, Y: 118, W: 64, H: 10}} {
		c, err := sandbox.Compare(t.Context(), pool, f, sandbox.CompareRequest{A: revisions[n-1].Size, B: revisions[n].Size, First: 1, Last: 1})
		if err != nil {
			t.Fatal(err)
		}
		if want == (page.Rect{}) {
			if len(c.Changes) != 0 {
				t.Errorf("empty fields show: %+v", c.Changes)
			}
			continue
		}
		if len(c.Changes) != 1 || len(c.Changes[0].Areas) == 0 {
			t.Errorf("revision %d: %+v", n+1, c)
			continue
		}
		for _, a := range c.Changes[0].Areas {
			if a.Union(want) != want {
				t.Errorf("revision %d changed %+v, outside of %+v", n+1, a, want)
			}
		}
	}
}
