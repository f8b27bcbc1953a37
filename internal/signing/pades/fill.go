package pades

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/pdf"
)

// Bits of Ff that matter here (ISO 32000-1 tables 221 and 228).
const (
	readOnly  = 1
	multiline = 1 << 12
	password  = 1 << 13
)

func atof(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v || v < -1e6 || v > 1e6 {
		return 0
	}
	return v
}

// FillForm plans values of text fields, by full name, with their appearances. A filled field takes no other
// value afterwards.
func FillForm(r io.ReaderAt, size int64, values map[string]string) (Plan, error) {
	return planned(r, size, func(w *writer) (pdf.Ref, error) {
		names := make([]string, 0, len(values))
		for name := range values {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if err := w.fill(norm.NFC.String(name), norm.NFC.String(values[name])); err != nil {
				return pdf.Ref{}, err
			}
		}
		return pdf.Ref{}, nil
	})
}

func (w *writer) fill(name, value string) error {
	i := slices.IndexFunc(w.fields, func(f pdf.Field) bool { return norm.NFC.String(f.Name) == name })
	if i < 0 {
		return refusal(NoField, "no field %q", name)
	}
	f := w.fields[i]
	if f.Type != "Tx" || f.Ref == (pdf.Ref{}) {
		return refusal(FieldUnfit, "field %q is of type %q", name, f.Type)
	}
	if err := w.unlocked(name); err != nil {
		return err
	}
	_, root, err := w.d.Root()
	if err != nil {
		return err
	}
	form := w.d.Dict(root.Get("AcroForm"))
	flags, _ := w.d.Number(w.inherited(f, "Ff", nil))
	switch {
	case int(flags)&readOnly != 0:
		return refusal(FieldTaken, "field %q is read-only", name)
	case int(flags)&password != 0:
		return refusal(FieldUnfit, "field %q is a password", name)
	}
	if most, ok := w.d.Number(w.inherited(f, "MaxLen", nil)); ok && most > 0 && len([]rune(value)) > int(most) {
		return refusal(FieldUnfit, "field %q takes %g characters", name, most)
	}
	style := w.styleOf(f, form)
	lines := int(flags)&multiline != 0
	if !lines {
		value = strings.Join(strings.Fields(value), " ")
	}
	if i := strings.IndexFunc(value, func(r rune) bool { return !unicode.IsSpace(r) && !style.face().Has(r) }); i >= 0 {
		return refusal(NoLetter, "%q in field %q", value[i:], name)
	}
	if err := w.redraw(f, func(at place) (pdf.Ref, error) {
		return w.value(at, value, style, lines), nil
	}); err != nil {
		return err
	}
	w.u.Replace(f.Ref, w.u.Dict(f.Ref).With("V", text(value)).With("Ff", pdf.Int(int(flags)|readOnly)))
	return nil
}

// value draws what a text field holds.
func (w *writer) value(at place, value string, style TextStyle, lines bool) pdf.Ref {
	if at.invisible() {
		return w.form(at, nil, pdf.Dict{})
	}
	const margin = 2 // points, as readers leave
	in := area{margin, 0, max(at.width-2*margin, 1), at.height}
	var t typeset
	t.ops = append(t.ops, "/Tx BMC\nq\n"...)
	if style.Size <= 0 { // the reader is to choose
		style.Size = min(max(at.height*0.66, 4), 12)
	}
	b := block{lines: []string{value}, size: style.Size}
	if lines {
		b = fit(style.face(), value, style.Size, in)
	} else if wide := style.face().Width(value) * b.size; wide > in.w {
		b.size = max(b.size*in.w/wide, smallest)
	}
	t.write(b, style, in, !lines)
	t.ops = append(t.ops, "Q\nEMC\n"...)
	return w.form(at, t.ops, t.resources(w.u))
}
