package pades

import (
	"bytes"
	"fmt"

	"nghisu/internal/signing/pdf"
)

// form is an appearance stream that fills a place.
func (w *writer) form(at place, ops []byte, resources pdf.Dict) pdf.Ref {
	dict := pdf.Dict{{Key: "Type", Value: pdf.Name("XObject")}, {Key: "Subtype", Value: pdf.Name("Form")},
		{Key: "BBox", Value: pdf.Array{pdf.Int(0), pdf.Int(0), real(at.width), real(at.height)}}, {Key: "Resources", Value: resources}}
	if m := at.matrix(); m != nil {
		dict = append(dict, pdf.Entry{Key: "Matrix", Value: m})
	}
	return w.u.AddStream(dict, ops)
}

// look draws the appearance of a signature: nothing at all is an empty one, which readers and PDF/A want.
func (w *writer) look(at place, a Appearance) (pdf.Ref, error) {
	if at.invisible() || len(a.Image) == 0 && a.Text == "" {
		return w.form(at, nil, pdf.Dict{}), nil
	}
	whole := area{0, 0, at.width, at.height}
	picture, words := whole, whole
	if len(a.Image) > 0 && a.Text != "" {
		if at.width > at.height {
			picture.w = at.width * 0.4
			words.x, words.w = picture.w, at.width-picture.w
		} else {
			picture.y, picture.h = at.height/2, at.height/2
			words.h = at.height / 2
		}
	}
	var t typeset
	var image *pdf.Ref
	if len(a.Image) > 0 {
		ref, width, height, err := w.image(a.Image)
		if err != nil {
			return pdf.Ref{}, err
		}
		image = &ref
		scale := min(picture.w/float64(width), picture.h/float64(height))
		wd, ht := float64(width)*scale, float64(height)*scale
		t.ops = fmt.Appendf(t.ops, "q\n%s 0 0 %s %s %s cm\n/Im1 Do\nQ\n", num(wd), num(ht),
			num(picture.x+(picture.w-wd)/2), num(picture.y+(picture.h-ht)/2))
	}
	if a.Text != "" {
		t.write(fit(a.Style.face(), a.Text, a.Style.Size, words), a.Style, words, false)
	}
	resources := t.resources(w.u)
	if image != nil {
		resources = append(resources, pdf.Entry{Key: "XObject", Value: pdf.Dict{{Key: "Im1", Value: *image}}})
	}
	return w.form(at, t.ops, resources), nil
}

// claimsPDFA1 reports whether the document says that it is PDF/A-1, which knows no transparency (ISO
// 19005-1 6.4).
func (w *writer) claimsPDFA1() bool {
	if w.opaque != nil {
		return *w.opaque
	}
	claims := false
	if _, root, err := w.d.Root(); err == nil {
		if o, err := w.d.Resolve(root.Get("Metadata")); err == nil {
			if s, ok := o.(*pdf.Stream); ok {
				data, err := w.d.Decode(s, maxMetadata)
				claims = err == nil && partOne(data)
			}
		}
	}
	w.opaque = &claims
	return claims
}

const maxMetadata = 4 << 20

// partOne looks for pdfaid:part with the value 1, as an element or as an attribute.
func partOne(xmp []byte) bool {
	for rest := xmp; ; {
		_, after, found := bytes.Cut(rest, []byte("pdfaid:part"))
		if !found {
			return false
		}
		value := bytes.TrimLeft(after, " \t\r\n=>\"'")
		if len(value) > 0 && value[0] == '1' {
			return true
		}
		rest = after
	}
}
