package pades

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/pdf"
)

// Bits of SigFlags (ISO 32000-1 table 219).
const (
	signaturesExist = 1
	appendOnly      = 2
)

// freeName is the first of Signature1, Signature2, ... that no field has.
func (w *writer) freeName() string {
	for i := 1; ; i++ {
		if name := fmt.Sprintf("Signature%d", i); !w.used(name) {
			return name
		}
	}
}

// used reports whether a name belongs to a field, or to a group of fields.
func (w *writer) used(name string) bool {
	return slices.ContainsFunc(w.fields, func(f pdf.Field) bool {
		root, _, _ := strings.Cut(norm.NFC.String(f.Name), ".")
		return root == name
	})
}

// newName refuses what cannot be the name of a new field.
func (w *writer) newName(name string) error {
	if name == "" || len(name) > 120 || strings.ContainsAny(name, ".\x00\r\n") {
		return refusal(BadFieldName, "name %q", name)
	}
	if w.used(name) {
		return refusal(FieldTaken, "a field %q is there already", name)
	}
	return nil
}

// Flags of annotations (ISO 32000-1 table 165).
const (
	printed      = 4
	lockedWidget = 128
)

// newWidget is a field and its only widget in one dictionary. PDF/A asks for the print flag.
func newWidget(kind FieldKind, name string, page pdf.Page, at place) pdf.Dict {
	widget := pdf.Dict{{Key: "Type", Value: pdf.Name("Annot")}, {Key: "Subtype", Value: pdf.Name("Widget")}}
	if kind == Text {
		widget = append(widget, pdf.Entry{Key: "FT", Value: pdf.Name("Tx")}, pdf.Entry{Key: "F", Value: pdf.Int(printed)})
	} else {
		widget = append(widget, pdf.Entry{Key: "FT", Value: pdf.Name("Sig")}, pdf.Entry{Key: "F", Value: pdf.Int(printed | lockedWidget)})
	}
	widget = append(widget, pdf.Entry{Key: "T", Value: text(name)}, pdf.Entry{Key: "Rect", Value: at.array()})
	if page.Ref != (pdf.Ref{}) { // a document without pages can be signed as well
		widget = append(widget, pdf.Entry{Key: "P", Value: page.Ref})
	}
	if at.turn != 0 {
		widget = append(widget, pdf.Entry{Key: "MK", Value: pdf.Dict{{Key: "R", Value: pdf.Int(at.turn)}}})
	}
	return widget
}

// addField adds a field with its widget to its page and to the form.
func (w *writer) addField(page pdf.Page, widget pdf.Dict, flags pdf.Int) error {
	ref := w.u.Add(widget)
	if page.Ref != (pdf.Ref{}) {
		err := w.appendTo(w.u.Dict(page.Ref), "Annots", ref, func(p pdf.Dict) { w.u.Replace(page.Ref, p) })
		if err != nil {
			return err
		}
	}
	return w.editForm(func(form pdf.Dict) (pdf.Dict, error) {
		err := w.appendTo(form, "Fields", ref, func(f pdf.Dict) { form = f })
		return form, err
	}, flags)
}

// appendTo appends ref to the array under key of dict, where it lies: in an object of its own, or in
// dict, which save then writes.
func (w *writer) appendTo(dict pdf.Dict, key pdf.Name, ref pdf.Ref, save func(pdf.Dict)) error {
	own, isRef := dict.Get(key).(pdf.Ref)
	o, err := w.u.Resolve(dict.Get(key))
	if err != nil {
		return err
	}
	list, isArray := o.(pdf.Array)
	list = append(slices.Clip(list), ref)
	if isRef && isArray && w.d.Locate(own.Num).Kind >= pdf.InFile {
		w.u.Replace(own, list)
		return nil
	}
	save(dict.With(key, list))
	return nil
}

// editForm changes the form where it lies, makes one where there is none, and adds to its flags. A
// change of nothing writes nothing.
func (w *writer) editForm(edit func(pdf.Dict) (pdf.Dict, error), flags pdf.Int) error {
	rootRef, _, err := w.d.Root()
	if err != nil {
		return err
	}
	root := w.u.Dict(rootRef)
	own, isRef := root.Get("AcroForm").(pdf.Ref)
	o, err := w.u.Resolve(root.Get("AcroForm"))
	if err != nil {
		return err
	}
	form, isForm := o.(pdf.Dict)
	before := form
	if edit != nil {
		if form, err = edit(form); err != nil {
			return err
		}
	}
	if old, _ := form.Get("SigFlags").(pdf.Int); old&flags != flags {
		form = form.With("SigFlags", old|flags)
	}
	switch {
	case !isForm:
		w.u.Replace(rootRef, root.With("AcroForm", w.u.Add(form)))
	case pdf.Equal(before, form):
	case isRef:
		w.u.Replace(own, form)
	default:
		w.u.Replace(rootRef, root.With("AcroForm", form))
	}
	return nil
}

// redraw gives every widget of a field the appearance that draw makes for its place.
func (w *writer) redraw(f pdf.Field, draw func(place) (pdf.Ref, error)) error {
	widgets := []pdf.Ref{}
	if f.Dict.Has("Rect") || f.Dict.Get("Subtype") == pdf.Name("Widget") {
		widgets = append(widgets, f.Ref)
	}
	for _, k := range w.d.Array(f.Dict.Get("Kids")) {
		if ref, ok := k.(pdf.Ref); ok && w.d.Dict(ref) != nil {
			widgets = append(widgets, ref)
		}
	}
	for _, ref := range widgets {
		dict := w.u.Dict(ref)
		at, err := w.placeOf(ref, dict)
		if err != nil {
			return err
		}
		looks, err := draw(at)
		if err != nil {
			return err
		}
		w.u.Replace(ref, dict.With("AP", pdf.Dict{{Key: "N", Value: looks}}))
	}
	return nil
}
