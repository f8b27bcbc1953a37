package pades_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// page is a document whose only page has these attributes, some on the node above it.
func page(above, own string) []byte {
	return pdftest.Build([]pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"},
		{Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1" + above + ">>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R" + own + ">>"},
	}, "/Root 1 0 R")
}

// picture draws page 1 with one dot for each millimetre.
func picture(t *testing.T, data []byte) image.Image {
	t.Helper()
	path := save(t, data)
	out := filepath.Join(t.TempDir(), "page.png")
	if text, code, _ := tool(t, "mutool", "draw", "-q", "-r", "25.4", "-o", out, path, "1"); code != 0 { // knows user units
		t.Fatalf("mutool: %s", text)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// arrow is red above and blue below, so that it shows which way up it is.
func arrow(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 60, 30))
	for y := range 30 {
		for x := range 60 {
			if y < 15 {
				img.Set(x, y, color.NRGBA{R: 255, A: 255})
			} else {
				img.Set(x, y, color.NRGBA{B: 255, A: 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The place is that of the page as displayed, and the picture stands upright there, whatever the page's
// rotation, boxes and unit.
func TestPrepare_place(t *testing.T) {
	_, signer := testKey(t, "x")
	for name, file := range map[string][]byte{
		"plain":           page("", "/MediaBox[0 0 595 842]"),
		"turned 90":       page("", "/MediaBox[0 0 842 595]/Rotate 90"),
		"turned 180":      page("/Rotate 180", "/MediaBox[0 0 595 842]"),
		"turned 270":      page("/MediaBox[0 0 842 595]/Rotate 270", ""),
		"turned -90":      page("/MediaBox[0 0 842 595]", "/Rotate -90"),
		"cropped":         page("", "/MediaBox[0 0 800 1000]/CropBox[100 50 695 892]"),
		"cropped, turned": page("/CropBox[50 100 892 695]", "/MediaBox[0 0 1000 800]/Rotate 90"),
		"moved":           page("", "/MediaBox[-200 -300 395 542]"),
		"corners swapped": page("", "/MediaBox[595 842 0 0]"),
		"user unit":       page("", "/MediaBox[0 0 297.5 421]/UserUnit 2"),
	} {
		t.Run(name, func(t *testing.T) {
			data, err := sign(file, signer, pades.Request{At: now, Hole: 4096, Page: 1, Rect: pades.Rect{X: 20, Y: 40, W: 60, H: 30},
				Look: pades.Appearance{Image: arrow(t)}})
			if err != nil {
				t.Fatal(err)
			}
			clean(t, save(t, data))
			img := picture(t, data)
			for _, dot := range []struct {
				x, y int
				want string
			}{{50, 45, "red"}, {50, 65, "blue"}, {23, 45, "red"}, {77, 45, "red"}, {23, 66, "blue"}, {50, 37, "white"}, {50, 73, "white"}, {17, 50, "white"}, {83, 50, "white"}} {
				if got := colour(img.At(dot.x, dot.y)); got != dot.want {
					t.Errorf("at %d, %d: %s instead of %s", dot.x, dot.y, got, dot.want)
				}
			}
		})
	}
}

func colour(c color.Color) string {
	r, g, b, _ := c.RGBA()
	switch {
	case r > 0xe000 && g > 0xe000 && b > 0xe000:
		return "white"
	case r > 0xc000 && g < 0x4000 && b < 0x4000:
		return "red"
	case b > 0xc000 && r < 0x4000 && g < 0x4000:
		return "blue"
	}
	return fmt.Sprintf("%04x %04x %04x", r, g, b)
}

// A seal is as large on paper as it was asked for, and lets what is below shine through; where the document
// claims PDF/A-1 it stands on white instead.
func TestPrepare_transparency(t *testing.T) {
	_, signer := testKey(t, "x")
	req := pades.Request{At: now, Hole: 4096, Page: 1, Rect: pades.Rect{X: 20, Y: 20, W: 36, H: 36}, Look: pades.Appearance{Image: seal(t, 200)}}
	for name, c := range map[string]struct {
		meta string
		mask bool
	}{
		"none":              {"", true},
		"A-2":               {"<pdfaid:part>2</pdfaid:part>", true},
		"A-1":               {"<pdfaid:part>1</pdfaid:part>", false},
		"A-1, as attribute": {`<rdf:Description pdfaid:part="1" pdfaid:conformance="B"/>`, false},
	} {
		data := pdftest.Build([]pdftest.Object{
			{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>"},
			{Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
			{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"},
			{Num: 4, Body: pdftest.Stream("/Type/Metadata/Subtype/XML", c.meta)},
		}, "/Root 1 0 R")
		signed, err := sign(data, signer, req)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(signed[len(data):], []byte("/SMask")); got != c.mask {
			t.Errorf("%s: mask %v", name, got)
		}
		clean(t, save(t, signed))
		img := picture(t, signed)
		r, g, b, _ := img.At(22, 38).RGBA() // on the ring
		if r < 0xd000 || g > 0xa800 || b > 0xa800 || colour(img.At(38, 38)) != "white" || colour(img.At(18, 38)) != "white" || colour(img.At(58, 38)) != "white" {
			t.Errorf("%s: seal is not where or what it should be: %x %x %x", name, r, g, b)
		}
	}
}

// The text of an appendix stands at the top right corner in lines that fit.
func TestPrepare_textBlock(t *testing.T) {
	_, signer := testKey(t, "x")
	text := "Số và ký hiệu: 05/QĐ-UBND\n05/03/2026 08:04:05 +07:00"
	signed, err := sign(page("", "/MediaBox[0 0 595 842]"), signer, pades.Request{At: now, Hole: 4096, Page: 1,
		Rect: pades.Rect{X: 130, Y: 8, W: 70, H: 14}, Look: pades.Appearance{Text: text, Style: pades.TextStyle{Size: 10, Align: pades.Right}}})
	if err != nil {
		t.Fatal(err)
	}
	out := pdftext(t, save(t, signed))
	for _, line := range strings.Split(text, "\n") {
		if !strings.Contains(out, line) {
			t.Errorf("%q is not in %q", line, out)
		}
	}
	fonts, _, _ := tool(t, "pdffonts", save(t, signed))
	if !strings.Contains(fonts, "+LiberationSerif") || !strings.Contains(fonts, "Identity-H") {
		t.Errorf("fonts: %s", fonts)
	}
	if n := len(signed) - 8192; n > 40<<10 {
		t.Errorf("%d bytes for two lines of text", n)
	}
}

// What is no picture, or no place, is refused with its own sentence.
func TestPrepare_badLooks(t *testing.T) {
	for want, req := range map[string]pades.Request{
		pades.BadImage:     {Rect: pades.Rect{W: 10, H: 10}, Look: pades.Appearance{Image: []byte("hello")}},
		pades.BadPlace:     {Rect: pades.Rect{W: -1, H: 10}},
		pades.NoPage:       {Page: 2, Rect: pades.Rect{W: 10, H: 10}},
		pades.BadFieldName: {Field: "a.b"},
	} {
		req.At, req.Hole = now, 4096
		data := page("", "/MediaBox[0 0 595 842]")
		_, err := pades.Prepare(bytes.NewReader(data), int64(len(data)), req)
		refused(t, err, want)
	}
}
