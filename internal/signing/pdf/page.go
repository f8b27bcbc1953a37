package pdf

// FirstPage is the first page of the page tree: its reference and dictionary.
func (d *Doc) FirstPage() (Ref, Dict, error) {
	_, root, err := d.Root()
	if err != nil {
		return Ref{}, nil, err
	}
	visits := 0
	ref, page, err := d.firstPage(root.Get("Pages"), 0, &visits)
	if err == nil && page == nil {
		err = syntax("no page")
	}
	return ref, page, err
}

// firstPage searches a node of the tree in depth; nil when nothing is below it.
func (d *Doc) firstPage(node Object, depth int, visits *int) (Ref, Dict, error) {
	if *visits++; depth > maxPageDepth || *visits > maxPageVisits {
		return Ref{}, nil, syntax("page tree is too deep or too large")
	}
	ref, _ := node.(Ref)
	o, err := d.Resolve(node)
	if err != nil {
		return ref, nil, err
	}
	dict, ok := o.(Dict)
	if !ok {
		return ref, nil, nil
	}
	kids := d.Array(dict.Get("Kids"))
	if kids == nil || dict.Get("Type") == Name("Page") {
		if ref == (Ref{}) {
			return ref, nil, syntax("page is not an object of its own")
		}
		return ref, dict, nil
	}
	for _, k := range kids {
		ref, page, err := d.firstPage(k, depth+1, visits)
		if err != nil || page != nil {
			return ref, page, err
		}
	}
	return Ref{}, nil, nil
}

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
