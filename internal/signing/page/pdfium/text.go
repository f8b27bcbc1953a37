package pdfium

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"

	"nghisu/internal/signing/page"
)

// Limits of one question.
const (
	maxPages = 5000  // whose sizes are told
	maxChars = 60000 // of one page that are read
	maxTexts = 60    // pages whose text is read
)

// Text tells the sizes of all pages, and the words on those asked for: numbers from 1, from the end when negative
// (-1 is the last one).
func (e *Engine) Text(r io.ReaderAt, size int64, numbers []int) ([]page.Page, error) {
	d, err := e.open(r, size)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if d.pages > maxPages {
		return nil, fmt.Errorf("%w: %d pages", ErrUnreadable, d.pages)
	}
	pages := make([]page.Page, d.pages)
	for i := range pages {
		pages[i].Number = i + 1
		if pages[i].Width, pages[i].Height, err = d.size(i + 1); err != nil {
			return nil, err
		}
	}
	read := map[int]bool{}
	for _, n := range numbers {
		if n < 0 {
			n += d.pages + 1
		}
		if n < 1 || n > d.pages || read[n] || len(read) >= maxTexts {
			continue
		}
		read[n] = true
		if err := d.words(&pages[n-1]); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// words reads the words of a page.
func (d *document) words(p *page.Page) error {
	place, err := d.placer(*p)
	if err != nil {
		return err
	}
	loaded, err := d.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: d.at(p.Number)})
	if err != nil {
		return nil // a page that cannot be read has no words
	}
	text := loaded.TextPage
	count, err := d.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text})
	if err != nil {
		return fmt.Errorf("text of page %d: %w", p.Number, err)
	}
	var word strings.Builder
	var box page.Rect
	end := func() {
		if word.Len() > 0 {
			p.Boxes = append(p.Boxes, page.Box{Rect: box, Text: word.String()})
		}
		word.Reset()
		box = page.Rect{}
	}
	for i := range min(count.Count, maxChars) {
		c, err := d.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
		if err != nil {
			return fmt.Errorf("text of page %d: %w", p.Number, err)
		}
		letter := rune(c.Unicode)
		if letter == 0 || unicode.IsSpace(letter) || !unicode.IsPrint(letter) {
			end()
			continue
		}
		at, err := d.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: i})
		if err != nil {
			continue
		}
		r := place(float64(at.Rect.Left), float64(at.Rect.Bottom)).Union(place(float64(at.Rect.Right), float64(at.Rect.Top)))
		if word.Len() > 0 && !unicode.Is(unicode.Mn, letter) && (r.Y+r.H/2 < box.Y || r.Y+r.H/2 > box.Bottom() || r.X-box.Right() > box.H) {
			end() // another line, or far away
		}
		word.WriteRune(letter)
		box = box.Union(r)
	}
	end()
	return nil
}

// placer makes places of the page's own coordinates: turned, cut and from the top, as it is displayed.
func (d *document) placer(p page.Page) (func(x, y float64) page.Rect, error) {
	const fine = 100 // steps in one mm
	at := func(x, y float64) (float64, float64, error) {
		r, err := d.FPDF_PageToDevice(&requests.FPDF_PageToDevice{Page: d.at(p.Number), SizeX: int(p.Width * fine), SizeY: int(p.Height * fine), PageX: x, PageY: y})
		if err != nil {
			return 0, 0, fmt.Errorf("places on page %d: %w", p.Number, err)
		}
		return float64(r.DeviceX) / fine, float64(r.DeviceY) / fine, nil
	}
	const far = 1000
	x0, y0, err := at(0, 0)
	if err != nil {
		return nil, err
	}
	x1, y1, err := at(far, 0)
	if err != nil {
		return nil, err
	}
	x2, y2, err := at(0, far)
	if err != nil {
		return nil, err
	}
	return func(x, y float64) page.Rect {
		// a point has no size, but counts in a union
		return page.Rect{X: x0 + (x1-x0)*x/far + (x2-x0)*y/far, Y: y0 + (y1-y0)*x/far + (y2-y0)*y/far, W: 1e-9, H: 1e-9}
	}, nil
}
