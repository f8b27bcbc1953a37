package pdf

import (
	"bytes"
	"io"
)

// Found is one object met while reading a part of the file from front to back.
type Found struct {
	Ref    Ref
	Offset int64
}

// Tail reads everything from an offset to the end of the file as incremental updates must be written:
// whole objects, cross-reference sections that are in use, "startxref", "%%EOF", blanks; nothing else,
// and no object twice in one update. Whatever a reader finds there by searching, it then finds by the cross-reference
// as well.
func (d *Doc) Tail(from int64) ([]Found, error) {
	t := tail{d: d, sections: map[int64]*Section{}, seen: map[uint32]bool{}}
	for _, s := range d.Sections {
		t.sections[s.Offset] = s
	}
	for at := from; ; {
		next, err := t.item(at)
		if err != nil {
			return nil, err
		}
		if next < 0 {
			return t.found, nil
		}
		at = next
	}
}

type tail struct {
	d        *Doc
	sections map[int64]*Section
	seen     map[uint32]bool
	found    []Found
}

// item reads one thing and tells where the next begins; -1 at the end.
func (t *tail) item(at int64) (int64, error) {
	var buf [64]byte
	n, err := t.d.r.ReadAt(buf[:], min(at, t.d.Size))
	if err != nil && err != io.EOF {
		return 0, err
	}
	b := buf[:n]
	switch {
	case n == 0:
		return -1, nil
	case isSpace(b[0]):
		i := 1
		for i < n && isSpace(b[i]) {
			i++
		}
		return at + int64(i), nil
	case isDigit(b[0]):
		return t.object(at)
	case bytes.HasPrefix(b, []byte("%%EOF")):
		clear(t.seen)
		return at + 5, nil
	case bytes.HasPrefix(b, []byte("xref")):
		s := t.sections[at]
		if s == nil || s.End <= at {
			return 0, syntax("cross-reference that is not in use")
		}
		return s.End, nil
	case bytes.HasPrefix(b, []byte("startxref")):
		p := parser{buf: b, pos: 9, last: true}
		v, err := p.plainInt()
		if err != nil {
			return 0, err
		}
		if t.sections[v+t.d.Shift] == nil {
			return 0, syntax("startxref to a cross-reference that is not in use")
		}
		return at + int64(p.pos), nil
	}
	return 0, syntax("something that is no part of an update")
}

// object reads one whole object with "endobj".
func (t *tail) object(at int64) (int64, error) {
	flaws := len(t.d.Flaws)
	ref, o, end, err := t.d.objectSpan(at)
	if err != nil {
		return 0, err
	}
	if len(t.d.Flaws) != flaws || t.seen[ref.Num] {
		return 0, syntax("object %d is ambiguous", ref.Num)
	}
	t.seen[ref.Num] = true
	t.found = append(t.found, Found{ref, at})
	words := []string{"endobj"}
	if _, ok := o.(*Stream); ok {
		words = []string{"endstream", "endobj"}
	}
	for _, w := range words {
		if end, err = t.word(end, w); err != nil {
			return 0, err
		}
	}
	return end, nil
}

// word expects blanks and then w, and tells where it ends.
func (t *tail) word(at int64, w string) (int64, error) {
	var buf [32]byte
	n, err := t.d.r.ReadAt(buf[:], at)
	if err != nil && err != io.EOF {
		return 0, err
	}
	i := 0
	for i < n && isSpace(buf[i]) {
		i++
	}
	if !bytes.HasPrefix(buf[i:n], []byte(w)) {
		return 0, syntax("%s is missing", w)
	}
	return at + int64(i+len(w)), nil
}
