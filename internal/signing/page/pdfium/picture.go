package pdfium

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"nghisu/internal/signing/page"
)

// Limits of pictures.
const (
	MinDPI    = 20
	MaxDPI    = 300
	maxPixels = 16 << 20 // A3 at 200 dpi has 8 million; larger pages come out coarser
	maxSide   = 1 << 14
)

// Picture draws a page as PNG.
func (e *Engine) Picture(r io.ReaderAt, size int64, number, dpi int) ([]byte, error) {
	d, err := e.open(r, size)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if number < 1 || number > d.pages {
		return nil, ErrNoPage
	}
	var out bytes.Buffer
	err = d.draw(number, dpi, requests.RenderImageFormatRGBA, func(img image.Image) error {
		return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
	})
	return out.Bytes(), err
}

// draw draws a page with its annotations and form fields and hands the picture to use, for as long as that runs.
func (d *document) draw(number, dpi int, format requests.RenderImageFormat, use func(image.Image) error) error {
	w, h, err := d.size(number)
	if err != nil {
		return err
	}
	width, height := pixels(w, h, dpi)
	got, err := d.RenderPageInPixels(&requests.RenderPageInPixels{Page: d.at(number), Width: width, Height: height,
		RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, ImageFormat: format})
	if err != nil {
		return fmt.Errorf("draw page %d: %w", number, err)
	}
	defer got.CleanupFunc()
	return use(got.Result.RenderedImage)
}

// pixels is the size of the picture of a page: at the resolution asked for, or at what the limits allow.
func pixels(w, h float64, dpi int) (int, int) {
	scale := float64(min(max(dpi, MinDPI), MaxDPI)) / 25.4
	scale = min(scale, math.Sqrt(maxPixels/max(w*h, 1)), maxSide/max(w, h, 1))
	return max(int(math.Round(w*scale)), 1), max(int(math.Round(h*scale)), 1)
}

// Change is what two states of a page differ in.
type Change struct {
	Page   int         `json:"page"`
	Width  float64     `json:"width"` // mm
	Height float64     `json:"height"`
	Areas  []page.Rect `json:"areas"`
}

// Comparison is the changes of some pages of two states of a file; Pages is how many there are in the longer one.
type Comparison struct {
	Pages   int      `json:"pages"`
	Changes []Change `json:"changes"` // in order of the pages; equal pages are not in it
}

// compareDPI is fine enough to see a changed full stop.
const compareDPI = 100

// Compare draws pages from first to last of two states of a file, the first a and the first b bytes of it, and tells where
// they differ. A page that only one of them has differs as a whole.
func (e *Engine) Compare(r io.ReaderAt, a, b int64, first, last int) (Comparison, error) {
	before, err := e.gray(r, a, first, last)
	if err != nil {
		return Comparison{}, err
	}
	after, err := e.gray(r, b, first, last)
	if err != nil {
		return Comparison{}, err
	}
	out := Comparison{Pages: max(before.count, after.count), Changes: []Change{}}
	for n := first; n <= min(last, out.Pages); n++ {
		x, y := before.pages[n], after.pages[n]
		c := Change{Page: n, Width: y.width, Height: y.height}
		switch {
		case x.img == nil || y.img == nil || x.img.Rect != y.img.Rect:
			if y.img == nil {
				c.Width, c.Height = x.width, x.height
			}
			c.Areas = []page.Rect{{W: c.Width, H: c.Height}}
		default:
			c.Areas = differences(x.img, y.img, y.width/float64(max(y.img.Rect.Dx(), 1)))
		}
		if len(c.Areas) > 0 {
			out.Changes = append(out.Changes, c)
		}
	}
	return out, nil
}

// drawing is a page in shades of gray.
type drawing struct {
	width, height float64
	img           *image.Gray
}

// drawings are pages of one state.
type drawings struct {
	count int
	pages map[int]drawing
}

// gray draws pages in shades of gray.
func (e *Engine) gray(r io.ReaderAt, size int64, first, last int) (drawings, error) {
	d, err := e.open(r, size)
	if err != nil {
		return drawings{}, err
	}
	defer d.close()
	out := drawings{count: d.pages, pages: map[int]drawing{}}
	for n := max(first, 1); n <= min(last, d.pages); n++ {
		var x drawing
		if x.width, x.height, err = d.size(n); err != nil {
			return out, err
		}
		err := d.draw(n, compareDPI, requests.RenderImageFormatRGBA, func(img image.Image) error {
			x.img = luminance(img)
			return nil
		})
		if err != nil {
			return out, err
		}
		out.pages[n] = x
	}
	return out, nil
}
