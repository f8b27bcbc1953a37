// Package pades lays signatures and form fields into PDF files as ETSI EN 319 142-1 asks: one incremental
// update with fields, their appearances, and for a signature a hole for the cryptographic message, which is
// filled afterwards by whoever holds the key. It does not make the message (package cms does) and holds
// no key. Everything is drawn upright on the page as it is displayed.
package pades

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/pdf"
)

// Prepare plans one more signature on a file. Nothing of the file changes; every key of the form and
// of the page stays. The error is a Refusal when the file itself, or what is asked of it, is the reason.
func Prepare(r io.ReaderAt, size int64, req Request) (Plan, error) {
	if req.Hole < MinHole || req.Hole > MaxHole {
		return Plan{}, fmt.Errorf("hole of %d bytes", req.Hole)
	}
	if req.Certify < 0 || req.Certify > 3 {
		return Plan{}, fmt.Errorf("certification level %d", req.Certify)
	}
	return planned(r, size, func(w *writer) (pdf.Ref, error) { return w.signature(req) })
}

// planned opens a file, makes one update and cuts the hole of the signature that fn adds, if it does.
func planned(r io.ReaderAt, size int64, fn func(*writer) (pdf.Ref, error)) (Plan, error) {
	w, err := open(r, size)
	if err != nil {
		return Plan{}, refuse(err)
	}
	value, err := fn(w)
	if err != nil {
		return Plan{}, refuse(err)
	}
	data, spans, err := w.u.Bytes()
	if err != nil {
		return Plan{}, refuse(err)
	}
	if value == (pdf.Ref{}) {
		return Plan{Appendix: data, Size: size + int64(len(data))}, nil
	}
	return cut(size, data, spans[value.Num])
}

// writer is the work on one update.
type writer struct {
	d      *pdf.Doc
	u      *pdf.Update
	fields []pdf.Field // of the file as it is
	locks  []lock
	opaque *bool // whether the file claims PDF/A-1; nil until somebody asks
}

func open(r io.ReaderAt, size int64) (*writer, error) {
	d, err := pdf.Open(r, size)
	if err != nil {
		return nil, err
	}
	if d.Encrypted() {
		return nil, refusal(Encrypted, "trailer with /Encrypt")
	}
	if Locked(d) {
		return nil, refusal(Certified, "certified with P=1")
	}
	w := &writer{d: d, u: pdf.NewUpdate(d)}
	if w.fields, err = d.Fields(); err != nil {
		return nil, err
	}
	w.locks = locksOf(d, w.fields)
	return w, nil
}

// signature adds the signature dictionary and puts it into its field.
func (w *writer) signature(req Request) (pdf.Ref, error) {
	field, err := w.fieldFor(req)
	if err != nil {
		return pdf.Ref{}, err
	}
	var references pdf.Array
	if req.Certify > 0 {
		if w.signed() {
			return pdf.Ref{}, refusal(LateCertify, "there is a signature already")
		}
		references = append(references, docMDP(req.Certify))
	}
	if r := w.lockOf(field); r != nil {
		references = append(references, r)
	}
	value := w.u.Add(signatureDict(req, references))
	if req.Certify > 0 {
		if err := w.permit(value); err != nil {
			return pdf.Ref{}, err
		}
	}
	if field.Ref == (pdf.Ref{}) {
		return value, w.signNew(field.Name, req, value)
	}
	return value, w.signExisting(field, req, value)
}

func signatureDict(req Request, references pdf.Array) pdf.Dict {
	sig := pdf.Dict{
		{Key: "Type", Value: pdf.Name("Sig")}, {Key: "Filter", Value: pdf.Name("Adobe.PPKLite")},
		{Key: "SubFilter", Value: pdf.Name("ETSI.CAdES.detached")},
		{Key: "ByteRange", Value: pdf.Raw(rangeHole)},
		{Key: "Contents", Value: emptyHole(req.Hole)},
		{Key: "M", Value: date(req.At)},
	}
	for _, e := range []struct {
		key  pdf.Name
		text string
	}{{"Name", req.Name}, {"Reason", req.Reason}, {"Location", req.Location}} {
		if e.text != "" {
			sig = append(sig, pdf.Entry{Key: e.key, Value: text(e.text)})
		}
	}
	if len(references) > 0 {
		sig = append(sig, pdf.Entry{Key: "Reference", Value: references})
	}
	return sig
}

// text is a text string, its letters composed: readers draw a letter and its marks apart otherwise.
func text(s string) pdf.String { return pdf.EncodeText(norm.NFC.String(s)) }

func date(t time.Time) pdf.String { return pdf.String{Bytes: []byte(pdf.FormatDate(t))} }

// signed reports whether any field of the file holds a signature.
func (w *writer) signed() bool {
	for _, f := range w.fields {
		if f.Type == "Sig" && w.filled(f) {
			return true
		}
	}
	return false
}

// filled reports whether a field has a value.
func (w *writer) filled(f pdf.Field) bool {
	v, err := w.d.Resolve(f.Value)
	return err != nil || v != nil && v != pdf.Object(pdf.Null{})
}

// fieldFor finds the field to be signed; one without a reference is to be made.
func (w *writer) fieldFor(req Request) (pdf.Field, error) {
	if req.Field == "" {
		name := w.freeName()
		return pdf.Field{Name: name}, w.unlocked(name)
	}
	name := norm.NFC.String(req.Field)
	if err := w.unlocked(name); err != nil {
		return pdf.Field{}, err
	}
	found := false
	for _, f := range w.fields {
		if norm.NFC.String(f.Name) != name {
			continue
		}
		found = true
		switch {
		case f.Type != "Sig":
			return pdf.Field{}, refusal(FieldUnfit, "field %q is of type %q", name, f.Type)
		case f.Ref == (pdf.Ref{}):
			return pdf.Field{}, refusal(FieldUnfit, "field %q is no object of its own", name)
		case !w.filled(f):
			return f, nil
		}
	}
	if found {
		return pdf.Field{}, refusal(FieldTaken, "field %q is signed", name)
	}
	if req.Existing {
		return pdf.Field{}, refusal(NoField, "no field %q", name)
	}
	return pdf.Field{Name: name}, w.newName(name)
}

// signNew makes a field with its widget and its signature.
func (w *writer) signNew(name string, req Request, value pdf.Ref) error {
	page, place, err := w.place(req.Page, req.Rect)
	if anywhere := req.Page == 0 && req.Rect == (Rect{}); err != nil && !(anywhere && errors.Is(err, pdf.ErrNoPage)) {
		return err
	}
	looks, err := w.look(place, req.Look)
	if err != nil {
		return err
	}
	widget := append(newWidget(Signature, name, page, place), pdf.Entry{Key: "V", Value: value},
		pdf.Entry{Key: "AP", Value: pdf.Dict{{Key: "N", Value: looks}}})
	return w.addField(page, widget, signaturesExist|appendOnly)
}

// signExisting puts the signature into a field of the file, and its looks into the widgets of it.
func (w *writer) signExisting(f pdf.Field, req Request, value pdf.Ref) error {
	if err := w.redraw(f, func(place place) (pdf.Ref, error) { return w.look(place, req.Look) }); err != nil {
		return err
	}
	w.u.Replace(f.Ref, w.u.Dict(f.Ref).With("V", value))
	for _, k := range w.d.Array(f.Dict.Get("Kids")) { // some readers know a widget apart only by its own value
		if ref, ok := k.(pdf.Ref); ok && w.u.Dict(ref) != nil {
			w.u.Replace(ref, w.u.Dict(ref).With("V", value))
			break
		}
	}
	return w.editForm(nil, signaturesExist|appendOnly)
}
