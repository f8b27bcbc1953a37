package pdf

// Field is one terminal field of the form.
type Field struct {
	Ref   Ref    // zero for a direct object
	Name  string // full name, parts joined by dots
	Dict  Dict
	Type  Name   // FT, own or inherited
	Value Object // V, own or inherited, not resolved
}

// maxFields limits the walk over a form.
const maxFields = 200_000

// Fields lists the terminal fields of the form in the order of the file. A form that forms loops or is
// too large is an error.
func (d *Doc) Fields() ([]Field, error) {
	_, root, err := d.Root()
	if err != nil {
		return nil, err
	}
	form := d.Dict(root.Get("AcroForm"))
	w := fieldWalk{d: d, seen: map[uint32]bool{}}
	for _, f := range d.Array(form.Get("Fields")) {
		if err := w.walk(f, Field{}, 0); err != nil {
			return nil, err
		}
	}
	return w.out, nil
}

type fieldWalk struct {
	d      *Doc
	seen   map[uint32]bool
	visits int
	out    []Field
}

func (w *fieldWalk) walk(o Object, parent Field, depth int) error {
	if w.visits++; depth > maxPageDepth || w.visits > maxFields {
		return syntax("form is too deep or too large")
	}
	f := parent
	f.Ref, _ = o.(Ref)
	if f.Ref.Num != 0 {
		if w.seen[f.Ref.Num] {
			return nil
		}
		w.seen[f.Ref.Num] = true
	}
	v, err := w.d.Resolve(o)
	if err != nil {
		return err
	}
	dict, ok := v.(Dict)
	if !ok {
		return nil
	}
	f.Dict = dict
	if t := w.d.text(dict.Get("T")); dict.Has("T") {
		if f.Name != "" {
			f.Name += "."
		}
		f.Name += t
	}
	if ft, err := w.d.Resolve(dict.Get("FT")); err == nil {
		if n, ok := ft.(Name); ok {
			f.Type = n
		}
	}
	if v := dict.Get("V"); v != nil {
		f.Value = v
	}
	kids := w.d.Array(dict.Get("Kids"))
	if !w.fieldKids(kids) { // none, or widgets only
		w.out = append(w.out, f)
		return nil
	}
	for _, k := range kids {
		if err := w.walk(k, f, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// fieldKids reports whether the kids are fields: at least one has a name of its own.
func (w *fieldWalk) fieldKids(kids Array) bool {
	for _, k := range kids {
		if w.d.Dict(k).Has("T") {
			return true
		}
	}
	return false
}

// text is a string object decoded as a text string; empty for anything else.
func (d *Doc) text(o Object) string {
	v, err := d.Resolve(o)
	if err != nil {
		return ""
	}
	s, _ := v.(String)
	return DecodeText(s.Bytes)
}
