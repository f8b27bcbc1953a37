package pdfium

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"time"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"

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
	var out bytes.Buffer
	err := e.drawing(r, size, func(d *document) error {
		if number < 1 || number > d.pages {
			return ErrNoPage
		}
		out.Reset()
		return d.draw(number, dpi, func(img image.Image) error {
			return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
		})
	})
	return out.Bytes(), err
}

// formTime is how long drawing a page with its form fields may take. PDFium runs for ever on some broken forms: those pages
// are drawn without.
const formTime = 4 * time.Second

var errForm = errors.New("drawing the form takes too long")

// drawing opens a file and has it drawn; once more without its form when that cannot be drawn.
func (e *Engine) drawing(r io.ReaderAt, size int64, use func(*document) error) error {
	for plain := false; ; plain = true {
		d, err := e.open(r, size)
		if err != nil {
			return err
		}
		d.plain = plain
		err = use(d)
		d.close()
		if plain || !errors.Is(err, errForm) {
			return err
		}
	}
}

// draw draws a page with its annotations and form fields and hands the picture to use, for as long as that runs.
func (d *document) draw(number, dpi int, use func(image.Image) error) error {
	w, h, err := d.size(number)
	if err != nil {
		return err
	}
	width, height := pixels(w, h, dpi)
	req := &requests.RenderPageInPixels{Page: d.at(number), Width: width, Height: height, RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT,
		RenderForm: !d.plain, ImageFormat: requests.RenderImageFormatRGBA}
	var got *responses.RenderPageInPixels
	if d.plain {
		got, err = d.RenderPageInPixels(req)
	} else {
		var late bool
		late, err = d.within(formTime, func() (err error) {
			got, err = d.RenderPageInPixels(req)
			return err
		})
		if late {
			return errForm
		}
	}
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

// Scale makes everything on the page larger.
func (c *Change) Scale(by float64) {
	c.Width, c.Height = c.Width*by, c.Height*by
	for i := range c.Areas {
		c.Areas[i] = c.Areas[i].Scale(by)
	}
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
	var out drawings
	err := e.drawing(r, size, func(d *document) (err error) {
		out = drawings{count: d.pages, pages: map[int]drawing{}}
		for n := max(first, 1); n <= min(last, d.pages); n++ {
			var x drawing
			if x.width, x.height, err = d.size(n); err != nil {
				return err
			}
			err := d.draw(n, compareDPI, func(img image.Image) error {
				x.img = luminance(img)
				return nil
			})
			if err != nil {
				return err
			}
			out.pages[n] = x
		}
		return nil
	})
	return out, err
}
