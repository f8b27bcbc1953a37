// Package scan looks at the images of a PDF that was scanned from paper: their resolution and colour, as
// far as the file tells without decoding them (NĐ 30/2020 Annex I part II). It is pure.
package scan

import (
	"io"
	"math"

	"nghisu/internal/signing/pdf"
)

// Report is what can be told.
type Report struct {
	Version string  `json:"version"` // of PDF: "1.7"
	Pages   int     `json:"pages"`   // looked at
	Whole   int     `json:"whole"`   // of these, pages that are one image
	Colour  bool    `json:"colour"`  // one of these images has colours
	DPI     float64 `json:"dpi"`     // of the coarsest; 0 when no page is one image
}

// mostPages are looked at.
const mostPages = 200

// Look reads the first pages of a file.
func Look(r io.ReaderAt, size int64) (Report, error) {
	d, err := pdf.Open(r, size)
	if err != nil {
		return Report{}, err
	}
	out := Report{Version: d.Version}
	if _, root, err := d.Root(); err == nil {
		if v, ok := root.Get("Version").(pdf.Name); ok && string(v) > out.Version {
			out.Version = string(v)
		}
	}
	_, err = d.FindPage(func(p pdf.Page) bool {
		out.Pages++
		if dpi, colour, ok := image(d, p); ok {
			if out.Whole++; out.DPI == 0 || dpi < out.DPI {
				out.DPI = dpi
			}
			out.Colour = out.Colour || colour
		}
		return out.Pages == mostPages
	})
	if err == pdf.ErrNoPage { //nolint:errorlint // what FindPage gives when no page stopped it
		err = nil
	}
	return out, err
}

// image finds the largest image of a page that has its form, as a scan of the whole page has.
func image(d *pdf.Doc, p pdf.Page) (dpi float64, colour, ok bool) {
	pageWidth, pageHeight := p.Box.Width()*p.Unit/72, p.Box.Height()*p.Unit/72 // inches
	if p.Rotate%180 != 0 {
		pageWidth, pageHeight = pageHeight, pageWidth
	}
	for _, e := range d.Dict(d.Dict(resources(d, p.Dict)).Get("XObject")) {
		o, err := d.Resolve(e.Value)
		s, is := o.(*pdf.Stream)
		if err != nil || !is || s.Dict.Get("Subtype") != pdf.Name("Image") || s.Dict.Get("ImageMask") == true {
			continue
		}
		w, wOK := d.Number(s.Dict.Get("Width"))
		h, hOK := d.Number(s.Dict.Get("Height"))
		if !wOK || !hOK || w < 1 || h < 1 || !alike(w/h, pageWidth/pageHeight) && !alike(h/w, pageWidth/pageHeight) {
			continue
		}
		if v := math.Max(w, h) / math.Max(pageWidth, pageHeight); v > dpi {
			dpi, colour, ok = v, coloured(d, s.Dict.Get("ColorSpace"), 0), true
		}
	}
	return dpi, colour, ok
}

// alike lets margins be cut off.
func alike(a, b float64) bool { return a > b*0.85 && a < b*1.15 }

// resources of a page, own or inherited.
func resources(d *pdf.Doc, node pdf.Dict) pdf.Object {
	for range 32 {
		if node == nil {
			break
		}
		if r := node.Get("Resources"); r != nil {
			return r
		}
		node = d.Dict(node.Get("Parent"))
	}
	return nil
}

// coloured reports whether a colour space has colours; what is not known counts as coloured.
func coloured(d *pdf.Doc, space pdf.Object, depth int) bool {
	o, err := d.Resolve(space)
	if err != nil || depth > 3 {
		return true
	}
	switch v := o.(type) {
	case pdf.Name:
		return v != "DeviceGray" && v != "CalGray" && v != "G"
	case pdf.Array:
		if len(v) == 0 {
			return true
		}
		name, _ := d.Resolve(v[0])
		switch name {
		case pdf.Name("CalGray"):
			return false
		case pdf.Name("Indexed"), pdf.Name("I"):
			return len(v) < 2 || coloured(d, v[1], depth+1)
		case pdf.Name("ICCBased"):
			profile, _ := d.Resolve(at(v, 1))
			if s, ok := profile.(*pdf.Stream); ok {
				n, known := d.Number(s.Dict.Get("N"))
				return !known || n != 1
			}
		}
	}
	return true
}

func at(a pdf.Array, i int) pdf.Object {
	if i < len(a) {
		return a[i]
	}
	return nil
}
