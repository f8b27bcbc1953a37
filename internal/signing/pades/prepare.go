// Package pades lays signatures into PDF files as ETSI EN 319 142-1 asks (baseline B-B): one incremental
// update with a field, an invisible widget and a hole for the cryptographic message, which is filled
// afterwards, by whoever holds the key. It does not make the message (package cms does) and holds no key.
package pades

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"nghisu/internal/signing/pdf"
)

// Why a file cannot be signed: message keys, each with its own sentence.
const (
	NotPDF    = "signing.not_a_pdf"
	Broken    = "signing.broken_pdf"
	Encrypted = "signing.encrypted_pdf"
	Certified = "signing.certified_pdf"
)

// Refusal is the error for a file that cannot be signed. Key says why to people, Err to the log.
type Refusal struct {
	Key string
	Err error
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %v", r.Key, r.Err) }

func (r *Refusal) Unwrap() error { return r.Err }

// refuse turns an error of the reader into a Refusal; errors of reading pass.
func refuse(err error) error {
	switch {
	case errors.Is(err, pdf.ErrNotPDF):
		return &Refusal{NotPDF, err}
	case errors.Is(err, pdf.ErrSyntax):
		return &Refusal{Broken, err}
	}
	return err
}

// Request says what goes into the signature dictionary.
type Request struct {
	Name   string    // who signs
	Reason string    // may be empty
	At     time.Time // claimed time of signing
	Hole   int       // bytes reserved for the message
}

// Limits of a Request.
const (
	MinHole = 1 << 10
	MaxHole = 256 << 10
)

// Plan is what is to be appended to the file, with the hole still empty. Offsets are of the whole file.
type Plan struct {
	Appendix []byte
	Hole     pdf.Span // the hexadecimal string, brackets included
	Size     int64    // of the file with the appendix
}

// ByteRange is the part of the file that is signed: everything but the hole.
func (p Plan) ByteRange() [4]int64 { return [4]int64{0, p.Hole.Start, p.Hole.End, p.Size - p.Hole.End} }

// Fill puts the message into the hole; the rest of the hole stays zero.
func (p Plan) Fill(message []byte) error {
	digits := int(p.Hole.End-p.Hole.Start) - 2
	if 2*len(message) > digits {
		return fmt.Errorf("message of %d bytes does not fit into a hole of %d", len(message), digits/2)
	}
	at := len(p.Appendix) - int(p.Size-p.Hole.Start) + 1
	const hexDigits = "0123456789abcdef"
	for i, c := range message {
		p.Appendix[at+2*i] = hexDigits[c>>4]
		p.Appendix[at+2*i+1] = hexDigits[c&15]
	}
	return nil
}

// Prepare plans one more signature on a file. Nothing of the file changes; every key of the form and
// of the page stays. The error is a Refusal when the file itself is the reason.
func Prepare(r io.ReaderAt, size int64, req Request) (Plan, error) {
	if req.Hole < MinHole || req.Hole > MaxHole {
		return Plan{}, fmt.Errorf("hole of %d bytes", req.Hole)
	}
	d, err := pdf.Open(r, size)
	if err != nil {
		return Plan{}, refuse(err)
	}
	if d.Encrypted() {
		return Plan{}, &Refusal{Encrypted, errors.New("trailer with /Encrypt")}
	}
	if Locked(d) {
		return Plan{}, &Refusal{Certified, errors.New("certified with P=1")}
	}
	p, err := plan(d, req)
	return p, refuse(err)
}

// Locked reports whether a certification forbids every change (ISO 32000-1 12.8.2.2, P=1).
func Locked(d *pdf.Doc) bool {
	_, root, err := d.Root()
	if err != nil {
		return false
	}
	sig := d.Dict(d.Dict(root.Get("Perms")).Get("DocMDP"))
	for _, o := range d.Array(sig.Get("Reference")) {
		ref := d.Dict(o)
		p, _ := d.Resolve(d.Dict(ref.Get("TransformParams")).Get("P"))
		if ref.Get("TransformMethod") == pdf.Name("DocMDP") && p == pdf.Int(1) {
			return true
		}
	}
	return false
}

// rangeHole is the place of the ByteRange; every number has room for ten digits.
const rangeHole = "[0 0000000000 0000000000 0000000000]"

func plan(d *pdf.Doc, req Request) (Plan, error) {
	u := pdf.NewUpdate(d)
	sig := pdf.Dict{
		{Key: "Type", Value: pdf.Name("Sig")}, {Key: "Filter", Value: pdf.Name("Adobe.PPKLite")},
		{Key: "SubFilter", Value: pdf.Name("ETSI.CAdES.detached")},
		{Key: "ByteRange", Value: pdf.Raw(rangeHole)},
		{Key: "Contents", Value: pdf.Raw("<" + strings.Repeat("0", 2*req.Hole) + ">")},
		{Key: "M", Value: pdf.String{Bytes: []byte(pdf.FormatDate(req.At))}},
	}
	if req.Name != "" {
		sig = append(sig, pdf.Entry{Key: "Name", Value: pdf.EncodeText(req.Name)})
	}
	if req.Reason != "" {
		sig = append(sig, pdf.Entry{Key: "Reason", Value: pdf.EncodeText(req.Reason)})
	}
	value := u.Add(sig)
	if err := addField(d, u, value); err != nil {
		return Plan{}, err
	}
	data, spans, err := u.Bytes()
	if err != nil {
		return Plan{}, err
	}
	return lay(d.Size, data, spans[value.Num])
}

// lay finds the holes of the signature dictionary and writes the ByteRange.
func lay(size int64, data []byte, span pdf.Span) (Plan, error) {
	object := data[span.Start:span.End]
	from := bytes.Index(object, []byte("/Contents <")) + len("/Contents ")
	to := from + bytes.IndexByte(object[from:], '>') + 1
	p := Plan{Appendix: data, Size: size + int64(len(data))}
	p.Hole = pdf.Span{Start: size + span.Start + int64(from), End: size + span.Start + int64(to)}
	r := p.ByteRange()
	text := fmt.Sprintf("[%d %d %d %d]", r[0], r[1], r[2], r[3])
	if len(text) > len(rangeHole) {
		return Plan{}, fmt.Errorf("file of %d bytes is too large", size)
	}
	at := bytes.Index(object, []byte(rangeHole))
	copy(object[at:], text+strings.Repeat(" ", len(rangeHole)-len(text)))
	return p, nil
}

// addField adds a field of type signature with an invisible widget on the first page.
func addField(d *pdf.Doc, u *pdf.Update, value pdf.Ref) error {
	pageRef, page, err := d.FirstPage()
	if err != nil {
		return err
	}
	name, err := freeName(d)
	if err != nil {
		return err
	}
	point := pdf.Array{pdf.Int(0), pdf.Int(0), pdf.Int(0), pdf.Int(0)}
	looks := u.AddStream(pdf.Dict{{Key: "Type", Value: pdf.Name("XObject")}, {Key: "Subtype", Value: pdf.Name("Form")},
		{Key: "BBox", Value: point}, {Key: "Resources", Value: pdf.Dict{}}}, nil)
	widget := u.Add(pdf.Dict{
		{Key: "Type", Value: pdf.Name("Annot")}, {Key: "Subtype", Value: pdf.Name("Widget")},
		{Key: "FT", Value: pdf.Name("Sig")}, {Key: "T", Value: pdf.EncodeText(name)}, {Key: "V", Value: value},
		{Key: "F", Value: pdf.Int(132)}, // printed, locked: PDF/A asks for the first
		{Key: "Rect", Value: point}, {Key: "P", Value: pageRef},
		{Key: "AP", Value: pdf.Dict{{Key: "N", Value: looks}}},
	})
	if err := appendTo(d, u, page, "Annots", widget, func(p pdf.Dict) { u.Replace(pageRef, p) }); err != nil {
		return err
	}
	return addToForm(d, u, widget)
}

// freeName is the first of Signature1, Signature2, ... that no field has.
func freeName(d *pdf.Doc) (string, error) {
	fields, err := d.Fields()
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	for _, f := range fields {
		root, _, _ := strings.Cut(f.Name, ".")
		used[root] = true
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("Signature%d", i); !used[name] {
			return name, nil
		}
	}
}

// appendTo appends ref to the array under key of dict, where it lies: in an object of its own, or in
// dict, which save then writes.
func appendTo(d *pdf.Doc, u *pdf.Update, dict pdf.Dict, key pdf.Name, ref pdf.Ref, save func(pdf.Dict)) error {
	own, isRef := dict.Get(key).(pdf.Ref)
	o, err := d.Resolve(dict.Get(key))
	if err != nil {
		return err
	}
	list, isArray := o.(pdf.Array)
	list = append(slices.Clip(list), ref)
	if isRef && isArray && d.Locate(own.Num).Kind >= pdf.InFile {
		u.Replace(own, list)
		return nil
	}
	save(dict.With(key, list))
	return nil
}

// addToForm lists the widget among the fields and says that there are signatures.
func addToForm(d *pdf.Doc, u *pdf.Update, widget pdf.Ref) error {
	rootRef, root, err := d.Root()
	if err != nil {
		return err
	}
	own, isRef := root.Get("AcroForm").(pdf.Ref)
	o, err := d.Resolve(root.Get("AcroForm"))
	if err != nil {
		return err
	}
	form, isForm := o.(pdf.Dict)
	if !isForm {
		ref := u.Add(pdf.Dict{{Key: "Fields", Value: pdf.Array{widget}}, {Key: "SigFlags", Value: pdf.Int(3)}})
		u.Replace(rootRef, root.With("AcroForm", ref))
		return nil
	}
	before := form
	if err := appendTo(d, u, form, "Fields", widget, func(f pdf.Dict) { form = f }); err != nil {
		return err
	}
	flags, _ := form.Get("SigFlags").(pdf.Int)
	if flags&3 != 3 {
		form = form.With("SigFlags", flags|3)
	}
	switch {
	case pdf.Equal(before, form):
	case isRef:
		u.Replace(own, form)
	default:
		u.Replace(rootRef, root.With("AcroForm", form))
	}
	return nil
}
