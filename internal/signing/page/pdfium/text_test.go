package pdfium_test

import (
	"bytes"
	"math"
	"testing"

	"nghisu/internal/signing/page/pagetest"
	"nghisu/internal/signing/page/pdfium"
	"nghisu/internal/signing/pdftest"
)

func sheet(extra, content string) []byte {
	return pdftest.Build([]pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]" + extra + "/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"},
		{Num: 4, Body: pdftest.Stream("", content)}, {Num: 5, Body: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}}, "/Root 1 0 R")
}

// Words stand where the page shows them, cut and turned.
func TestEngine_Text(t *testing.T) {
	engine := pagetest.Engine(t)
	const mm = 25.4 / 72
	upright := "BT /F1 18 Tf 72 700 Td (Hello) Tj ET"
	sideways := "BT /F1 18 Tf 0 1 -1 0 100 72 Tm (Hello) Tj ET" // upwards; the page is turned so that it reads well
	cases := map[string]struct {
		extra, content      string
		width, left, middle float64 // of the page and of the word, in points as shown
	}{
		"plain":  {"", upright, 600, 72, 94},
		"cut":    {"/CropBox[20 20 500 780]", upright, 480, 52, 74},
		"turned": {"/Rotate 90", sideways, 800, 72, 94},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			file := sheet(c.extra, c.content)
			pages, err := engine.Text(bytes.NewReader(file), int64(len(file)), []int{1})
			if err != nil || len(pages) != 1 || len(pages[0].Boxes) != 1 {
				t.Fatalf("%+v, %v", pages, err)
			}
			b := pages[0].Boxes[0]
			if b.Text != "Hello" || math.Abs(pages[0].Width-c.width*mm) > 0.1 || math.Abs(b.X-c.left*mm) > 0.5 || math.Abs(b.Y+b.H/2-c.middle*mm) > 2.5 {
				t.Errorf("%+v on %+v", b, pages[0])
			}
		})
	}
}

// A file that is none, or that has no such page, is refused; a page without words has none.
func TestEngine_refuses(t *testing.T) {
	engine := pagetest.Engine(t)
	for name, body := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "half": sheet("", "")[:200]} {
		if _, err := engine.Text(bytes.NewReader(body), int64(len(body)), nil); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	empty := sheet("", "")
	pages, err := engine.Text(bytes.NewReader(empty), int64(len(empty)), []int{1, 7, -9})
	if err != nil || len(pages) != 1 || len(pages[0].Boxes) != 0 {
		t.Errorf("%+v, %v", pages, err)
	}
	if _, err := engine.Picture(bytes.NewReader(empty), int64(len(empty)), 2, 100); err != pdfium.ErrNoPage { //nolint:errorlint // given as it is
		t.Errorf("page 2: %v", err)
	}
}
