package pdf

import (
	"math"
	"strconv"
)

// Page is one page with what it inherits from the nodes above it.
type Page struct {
	Ref    Ref
	Dict   Dict
	Number int
	Box    Box     // what is shown: the crop box within the media box
	Rotate int     // 0, 90, 180 or 270, clockwise
	Unit   float64 // points in one unit of the page
}

// Box is a rectangle with its edges in order.
type Box struct{ Left, Bottom, Right, Top float64 }

// Width and Height are never negative.
func (b Box) Width() float64 { return b.Right - b.Left }

// Height is the extent upwards.
func (b Box) Height() float64 { return b.Top - b.Bottom }

// letter is the page of readers that are told none.
var letter = Box{0, 0, 612, 792}

// inherited are the attributes that a page may have from above (ISO 32000-1 7.7.3.4).
type inherited struct{ media, crop, rotate Object }

func (in inherited) below(node Dict) inherited {
	for _, x := range []struct {
		key Name
		to  *Object
	}{{"MediaBox", &in.media}, {"CropBox", &in.crop}, {"Rotate", &in.rotate}} {
		if v := node.Get(x.key); v != nil {
			*x.to = v
		}
	}
	return in
}

// FirstPage is the first page of the page tree: its reference and dictionary.
func (d *Doc) FirstPage() (Ref, Dict, error) {
	p, err := d.Page(1)
	return p.Ref, p.Dict, err
}

// Page is the page with that number, from 1.
func (d *Doc) Page(number int) (Page, error) {
	return d.FindPage(func(p Page) bool { return p.Number == number })
}

// FindPage is the first page that fits.
func (d *Doc) FindPage(fits func(Page) bool) (Page, error) {
	_, root, err := d.Root()
	if err != nil {
		return Page{}, err
	}
	w := pageWalk{d: d, fits: fits}
	found, err := w.walk(root.Get("Pages"), inherited{}, 0)
	if err != nil {
		return Page{}, err
	}
	if !found {
		return Page{}, ErrNoPage
	}
	return w.page, nil
}

type pageWalk struct {
	d      *Doc
	fits   func(Page) bool
	visits int
	page   Page // the last one met
}

// walk searches a node of the tree in depth.
func (w *pageWalk) walk(node Object, in inherited, depth int) (bool, error) {
	if w.visits++; depth > maxPageDepth || w.visits > maxPageVisits {
		return false, syntax("page tree is too deep or too large")
	}
	ref, _ := node.(Ref)
	o, err := w.d.Resolve(node)
	if err != nil {
		return false, err
	}
	dict, ok := o.(Dict)
	if !ok {
		return false, nil
	}
	in = in.below(dict)
	kids := w.d.Array(dict.Get("Kids"))
	if kids == nil || dict.Get("Type") == Name("Page") {
		if ref == (Ref{}) {
			return false, syntax("page is not an object of its own")
		}
		w.page = Page{Ref: ref, Dict: dict, Number: w.page.Number + 1}
		w.d.measure(&w.page, in)
		return w.fits(w.page), nil
	}
	for _, k := range kids {
		if found, err := w.walk(k, in, depth+1); err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// measure sets what is shown of a page.
func (d *Doc) measure(p *Page, in inherited) {
	p.Box = letter
	if b, ok := d.box(in.media); ok {
		p.Box = b
	}
	if c, ok := d.box(in.crop); ok {
		c = Box{max(c.Left, p.Box.Left), max(c.Bottom, p.Box.Bottom), min(c.Right, p.Box.Right), min(c.Top, p.Box.Top)}
		if c.Width() > 0 && c.Height() > 0 {
			p.Box = c
		}
	}
	if turn, ok := d.Number(in.rotate); ok && math.Mod(turn, 90) == 0 {
		p.Rotate = (int(math.Mod(turn, 360)) + 360) % 360
	}
	p.Unit = 1
	if u, ok := d.Number(p.Dict.Get("UserUnit")); ok && u > 0 {
		p.Unit = u
	}
}

// box reads a rectangle that has an extent.
func (d *Doc) box(o Object) (Box, bool) {
	b, ok := d.Rectangle(o)
	return b, ok && b.Width() > 0 && b.Height() > 0
}

// Rectangle reads four numbers of any order of corners.
func (d *Doc) Rectangle(o Object) (Box, bool) {
	list := d.Array(o)
	if len(list) < 4 {
		return Box{}, false
	}
	var n [4]float64
	for i := range n {
		v, ok := d.Number(list[i])
		if !ok {
			return Box{}, false
		}
		n[i] = v
	}
	return Box{min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3])}, true
}

// Number resolves o to a number that can be calculated with.
func (d *Doc) Number(o Object) (float64, bool) {
	v, err := d.Resolve(o)
	if err != nil {
		return 0, false
	}
	switch n := v.(type) {
	case Int:
		return float64(n), true
	case Real:
		f, err := strconv.ParseFloat(string(n), 64)
		return f, err == nil && !math.IsNaN(f) && math.Abs(f) < 1e9
	}
	return 0, false
}
