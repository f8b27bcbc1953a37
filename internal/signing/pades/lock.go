package pades

import (
	"slices"

	"nghisu/internal/signing/pdf"
)

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

// docMDP is the reference by which a signature certifies (ISO 32000-1 table 254).
func docMDP(p int) pdf.Dict {
	return pdf.Dict{
		{Key: "Type", Value: pdf.Name("SigRef")}, {Key: "TransformMethod", Value: pdf.Name("DocMDP")},
		{Key: "TransformParams", Value: pdf.Dict{{Key: "Type", Value: pdf.Name("TransformParams")},
			{Key: "P", Value: pdf.Int(p)}, {Key: "V", Value: pdf.Name("1.2")}}},
	}
}

// permit enters a certification into the catalog; other permissions stay.
func (w *writer) permit(value pdf.Ref) error {
	ref, root, err := w.d.Root()
	if err != nil {
		return err
	}
	if own, ok := root.Get("Perms").(pdf.Ref); ok && w.d.Dict(own) != nil {
		w.u.Replace(own, w.u.Dict(own).With("DocMDP", value))
		return nil
	}
	perms := w.d.Dict(root.Get("Perms"))
	w.u.Replace(ref, w.u.Dict(ref).With("Perms", perms.With("DocMDP", value)))
	return nil
}

// lock is which fields a signature locks (ISO 32000-1 table 233).
type lock struct {
	action pdf.Name
	fields []string
}

func (l lock) covers(name string) bool {
	listed := slices.ContainsFunc(l.fields, func(f string) bool {
		return name == f || len(name) > len(f) && name[:len(f)] == f && name[len(f)] == '.'
	})
	switch l.action {
	case "All":
		return true
	case "Include":
		return listed
	case "Exclude":
		return !listed
	}
	return false
}

// locksOf reads what the signatures of a file lock.
func locksOf(d *pdf.Doc, fields []pdf.Field) []lock {
	var out []lock
	for _, f := range fields {
		if f.Type != "Sig" {
			continue
		}
		for _, o := range d.Array(d.Dict(f.Value).Get("Reference")) {
			if ref := d.Dict(o); ref.Get("TransformMethod") == pdf.Name("FieldMDP") {
				out = append(out, readLock(d, d.Dict(ref.Get("TransformParams"))))
			}
		}
	}
	return out
}

func readLock(d *pdf.Doc, dict pdf.Dict) lock {
	var l lock
	l.action, _ = dict.Get("Action").(pdf.Name)
	for _, o := range d.Array(dict.Get("Fields")) {
		if s, ok := o.(pdf.String); ok {
			l.fields = append(l.fields, pdf.DecodeText(s.Bytes))
		}
	}
	return l
}

// unlocked refuses fields that an earlier signature locks.
func (w *writer) unlocked(name string) error {
	for _, l := range w.locks {
		if l.covers(name) {
			return refusal(FieldLocked, "field %q is locked by an earlier signature", name)
		}
	}
	return nil
}

// lockOf is the reference by which a signature locks the fields that its own field names (ISO 32000-1
// 12.8.2.4); nil when it names none.
func (w *writer) lockOf(f pdf.Field) pdf.Object {
	dict := w.d.Dict(f.Dict.Get("Lock"))
	l := readLock(w.d, dict)
	if l.action == "" {
		return nil
	}
	params := pdf.Dict{{Key: "Type", Value: pdf.Name("TransformParams")}, {Key: "V", Value: pdf.Name("1.2")}, {Key: "Action", Value: l.action}}
	if l.action != "All" {
		names := pdf.Array{}
		for _, n := range l.fields {
			names = append(names, text(n))
		}
		params = append(params, pdf.Entry{Key: "Fields", Value: names})
	}
	root, _, _ := w.d.Root() // read once already
	return pdf.Dict{
		{Key: "Type", Value: pdf.Name("SigRef")}, {Key: "TransformMethod", Value: pdf.Name("FieldMDP")},
		{Key: "TransformParams", Value: params}, {Key: "Data", Value: root},
	}
}
