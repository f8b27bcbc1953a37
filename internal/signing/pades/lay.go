package pades

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/pdf"
)

// Lay plans empty fields, all in one update. Nothing of them is seen until they are filled.
func Lay(r io.ReaderAt, size int64, fields []Field) (Plan, error) {
	return planned(r, size, func(w *writer) (pdf.Ref, error) {
		names := map[string]bool{}
		for _, f := range fields {
			name := norm.NFC.String(f.Name)
			if err := w.newName(name); err != nil {
				return pdf.Ref{}, err
			}
			if names[name] {
				return pdf.Ref{}, refusal(FieldTaken, "field %q comes twice", name)
			}
			names[name] = true
			if err := w.lay(name, f); err != nil {
				return pdf.Ref{}, err
			}
		}
		return pdf.Ref{}, nil
	})
}

func (w *writer) lay(name string, f Field) error {
	if err := w.unlocked(name); err != nil {
		return err
	}
	page, at, err := w.place(f.Page, f.Rect)
	if err != nil {
		return err
	}
	widget := append(newWidget(f.Kind, name, page, at),
		pdf.Entry{Key: "AP", Value: pdf.Dict{{Key: "N", Value: w.form(at, nil, pdf.Dict{})}}})
	switch f.Kind {
	case Signature:
		return w.addField(page, widget, signaturesExist)
	case Text:
		style, err := w.formFont(f.Style)
		if err != nil {
			return err
		}
		widget = append(widget, pdf.Entry{Key: "DA", Value: pdf.String{Bytes: []byte(defaultAppearance(style, f.Style))}},
			pdf.Entry{Key: "Q", Value: pdf.Int(f.Style.Align)})
		return w.addField(page, widget, 0)
	}
	return fmt.Errorf("field %q is of kind %q", name, f.Kind)
}

// defaultAppearance is how a reader would set what is typed into a field (ISO 32000-1 12.7.3.3); FillForm
// reads it again.
func defaultAppearance(name pdf.Name, s TextStyle) string {
	size := s.Size
	if size <= 0 {
		size = defaultSize
	}
	return fmt.Sprintf("%s %s Tf %s %s %s rg", pdf.Append(nil, name), num(size), num(s.Color.R), num(s.Color.G), num(s.Color.B))
}

// formFont sees to it that the form knows a font of the style for readers that let people type, and is its
// name. Such fonts need not be embedded: what we fill in carries its own.
func (w *writer) formFont(s TextStyle) (pdf.Name, error) {
	name, base := pdf.Name("TiRo"), pdf.Name("Times-Roman")
	switch {
	case s.Bold && s.Italic:
		name, base = "TiBI", "Times-BoldItalic"
	case s.Bold:
		name, base = "TiBo", "Times-Bold"
	case s.Italic:
		name, base = "TiIt", "Times-Italic"
	}
	return name, w.editForm(func(form pdf.Dict) (pdf.Dict, error) {
		resources := w.u.Dict(form.Get("DR"))
		fonts := w.u.Dict(resources.Get("Font"))
		if fonts.Has(name) {
			return form, nil
		}
		f := w.u.Add(pdf.Dict{{Key: "Type", Value: pdf.Name("Font")}, {Key: "Subtype", Value: pdf.Name("Type1")},
			{Key: "BaseFont", Value: base}, {Key: "Encoding", Value: pdf.Name("WinAnsiEncoding")}})
		fonts = fonts.With(name, f)
		if own, ok := resources.Get("Font").(pdf.Ref); ok && w.u.Dict(own) != nil {
			w.u.Replace(own, fonts)
			return form, nil
		}
		resources = resources.With("Font", fonts)
		if own, ok := form.Get("DR").(pdf.Ref); ok && w.u.Dict(own) != nil {
			w.u.Replace(own, resources)
			return form, nil
		}
		return form.With("DR", resources), nil
	}, 0)
}

// styleOf reads how a text field wants to be set: size, colour and kind of font of /DA, /Q.
func (w *writer) styleOf(f pdf.Field, form pdf.Dict) TextStyle {
	var s TextStyle
	da, _ := w.d.Resolve(w.inherited(f, "DA", form))
	str, _ := da.(pdf.String)
	words := strings.Fields(string(str.Bytes))
	for i, op := range words {
		switch {
		case op == "Tf" && i >= 2:
			s.Size = atof(words[i-1])
			s.Bold, s.Italic = w.fontStyle(words[i-2], form)
		case op == "g" && i >= 1:
			v := atof(words[i-1])
			s.Color = Color{v, v, v}
		case op == "rg" && i >= 3:
			s.Color = Color{atof(words[i-3]), atof(words[i-2]), atof(words[i-1])}
		case op == "k" && i >= 4:
			k := 1 - atof(words[i-1])
			s.Color = Color{(1 - atof(words[i-4])) * k, (1 - atof(words[i-3])) * k, (1 - atof(words[i-2])) * k}
		}
	}
	if q, ok := w.d.Number(w.inherited(f, "Q", form)); ok && q >= 0 && q <= 2 {
		s.Align = Align(q)
	}
	return s
}

// fontStyle guesses from the name of a font of the form whether it is bold or italic.
func (w *writer) fontStyle(name string, form pdf.Dict) (bold, italic bool) {
	fonts := w.d.Dict(w.d.Dict(form.Get("DR")).Get("Font"))
	base, _ := w.d.Dict(fonts.Get(pdf.Name(strings.TrimPrefix(name, "/")))).Get("BaseFont").(pdf.Name)
	return strings.Contains(string(base), "Bold"), strings.Contains(string(base), "Italic") || strings.Contains(string(base), "Oblique")
}

// inherited is a key of a field, of those above it, or of the form.
func (w *writer) inherited(f pdf.Field, key pdf.Name, form pdf.Dict) pdf.Object {
	node := f.Dict
	for range maxParents {
		if v := node.Get(key); v != nil {
			return v
		}
		if node = w.d.Dict(node.Get("Parent")); node == nil {
			break
		}
	}
	return form.Get(key)
}

const maxParents = 64
