package pades

import (
	"math"
	"strconv"

	"nghisu/internal/signing/pdf"
)

// place is where a widget lies: its rectangle in units of the page, and its extent as displayed, in
// points.
type place struct {
	box           pdf.Box
	width, height float64
	turn          int // by how much the page is turned clockwise when it is displayed
}

func (p place) invisible() bool { return p.width <= 0 || p.height <= 0 }

func (p place) array() pdf.Array {
	return pdf.Array{real(p.box.Left), real(p.box.Bottom), real(p.box.Right), real(p.box.Top)}
}

// real writes a number with up to four digits behind the point.
func real(v float64) pdf.Object {
	v = math.Round(v*1e4) / 1e4
	if v == math.Trunc(v) && math.Abs(v) < 1e9 {
		return pdf.Int(v)
	}
	return pdf.Real(strconv.FormatFloat(v, 'f', -1, 64))
}

const pointsPerMM = 72 / 25.4

// place finds a page and calculates a place on it; no rect is the invisible place.
func (w *writer) place(number int, r Rect) (pdf.Page, place, error) {
	page, err := w.d.Page(max(number, 1))
	if err != nil {
		return page, place{}, err
	}
	if r == (Rect{}) {
		return page, place{}, nil
	}
	p, ok := onPage(page, r)
	if !ok {
		return page, place{}, refusal(BadPlace, "%+v", r)
	}
	return page, p, nil
}

// onPage turns a place as displayed into one of the page's own system, which the page's rotation turns. A
// place that reaches over the edge is moved onto the page, and made smaller only where the page is.
func onPage(page pdf.Page, r Rect) (place, bool) {
	for _, v := range []float64{r.X, r.Y, r.W, r.H} {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return place{}, false
		}
	}
	if r.W <= 0 || r.H <= 0 {
		return place{}, false
	}
	width, height := page.Box.Width(), page.Box.Height()
	if page.Rotate%180 != 0 {
		width, height = height, width
	}
	unit := pointsPerMM / page.Unit
	wd, ht := min(r.W*unit, width), min(r.H*unit, height)
	x, y := min(max(r.X*unit, 0), width-wd), min(max(r.Y*unit, 0), height-ht)
	p := place{width: wd * page.Unit, height: ht * page.Unit, turn: page.Rotate}
	b := page.Box
	switch page.Rotate {
	case 0:
		p.box = pdf.Box{Left: b.Left + x, Bottom: b.Top - y - ht, Right: b.Left + x + wd, Top: b.Top - y}
	case 90:
		p.box = pdf.Box{Left: b.Left + y, Bottom: b.Bottom + x, Right: b.Left + y + ht, Top: b.Bottom + x + wd}
	case 180:
		p.box = pdf.Box{Left: b.Right - x - wd, Bottom: b.Bottom + y, Right: b.Right - x, Top: b.Bottom + y + ht}
	case 270:
		p.box = pdf.Box{Left: b.Right - y - ht, Bottom: b.Top - x - wd, Right: b.Right - y, Top: b.Top - x}
	}
	return p, true
}

// placeOf is the place of a widget of the file. Its own rotation counts before that of the page.
func (w *writer) placeOf(ref pdf.Ref, widget pdf.Dict) (place, error) {
	box, ok := w.d.Rectangle(widget.Get("Rect"))
	if !ok {
		return place{}, nil
	}
	if box.Width() <= 0 || box.Height() <= 0 {
		return place{}, nil
	}
	page, err := w.pageOf(ref, widget)
	if err != nil {
		return place{}, err
	}
	p := place{box: box, turn: page.Rotate, width: box.Width() * page.Unit, height: box.Height() * page.Unit}
	if turn, ok := w.d.Number(w.d.Dict(widget.Get("MK")).Get("R")); ok {
		p.turn = (int(math.Mod(turn, 360)) + 360) % 360
	}
	if p.turn%180 != 0 {
		p.width, p.height = p.height, p.width
	}
	return p, nil
}

// pageOf finds the page that shows a widget: the one it names, or else the one that lists it. A widget on no
// page is drawn as on an ordinary one.
func (w *writer) pageOf(ref pdf.Ref, widget pdf.Dict) (pdf.Page, error) {
	named, isRef := widget.Get("P").(pdf.Ref)
	page, err := w.d.FindPage(func(p pdf.Page) bool {
		if isRef && named == p.Ref {
			return true
		}
		for _, a := range w.d.Array(p.Dict.Get("Annots")) {
			if a == pdf.Object(ref) {
				return true
			}
		}
		return false
	})
	if err == pdf.ErrNoPage {
		return pdf.Page{Unit: 1}, nil
	}
	return page, err
}

// matrix turns what is drawn upright so that it stands upright on the displayed page.
func (p place) matrix() pdf.Array {
	switch p.turn {
	case 90:
		return pdf.Array{pdf.Int(0), pdf.Int(1), pdf.Int(-1), pdf.Int(0), pdf.Int(0), pdf.Int(0)}
	case 180:
		return pdf.Array{pdf.Int(-1), pdf.Int(0), pdf.Int(0), pdf.Int(-1), pdf.Int(0), pdf.Int(0)}
	case 270:
		return pdf.Array{pdf.Int(0), pdf.Int(-1), pdf.Int(1), pdf.Int(0), pdf.Int(0), pdf.Int(0)}
	}
	return nil
}
