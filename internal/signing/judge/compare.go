package judge

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"nghisu/internal/signing/pdf"
)

// comparison is the difference analysis between a signed revision and the file as it stands. It denies
// by default: every object that the later updates touch must be equal to what it was, or be one of the
// few that filling in and signing must change, changed in no other way.
type comparison struct {
	j        *judging
	rules    permissions
	old, now *pdf.Doc
	from     int64
	fields   []pdf.Field     // terminal ones of the signed revision
	fresh    map[uint32]bool // numbers the revision did not use
	changed  map[uint32]bool // numbers whose object is another one now
	approved map[uint32]bool // changed ones that are in order
	widgets  map[uint32]bool // new signature fields that are in order
	refs     map[uint32][]uint32
	changes  []Change // what came, for people
	soft     string   // what keeps the signature from passing without breaking it
}

// compare tells what the later updates did, and what of it they must not have done: finding is empty when
// all is in order. A doubtful addition is not in order, but does not prove a forgery either.
func (j *judging) compare(c *candidate) (changes []Change, finding string, doubtful bool) {
	x := &comparison{j: j, rules: j.permissions(c), old: c.revision, now: j.d, from: c.end, fresh: map[uint32]bool{},
		changed: map[uint32]bool{}, approved: map[uint32]bool{}, widgets: map[uint32]bool{}}
	steps := []func() string{x.updates, x.difference, x.unambiguous, x.trailers, x.catalog, x.filled, x.pages, x.rest, x.dangling}
	for _, step := range steps {
		if finding := step(); finding != "" {
			return append(x.changes, Change{Kind: ChangeContent}), finding, false
		}
	}
	return x.changes, x.soft, x.soft != ""
}

// updates checks that the bytes after the revision are well-formed updates on top of it.
func (x *comparison) updates() string {
	found, err := x.now.Tail(x.from)
	if err != nil {
		return "bytes after the signed revision are no update: " + err.Error()
	}
	at := map[pdf.Found]bool{}
	for _, f := range found {
		at[f] = true
	}
	listed := map[pdf.Found]bool{}
	later := 0
	for _, s := range x.now.Sections {
		if s.Offset < x.from {
			break
		}
		later++
		if !s.Stream && s.Trailer.Has("XRefStm") {
			return "update with two cross-references" // readers differ in which of them they follow
		}
		bad := false
		s.Nums(func(num uint32, l pdf.Location) {
			if l.Kind != pdf.InFile {
				return
			}
			f := pdf.Found{Ref: pdf.Ref{Num: num, Gen: l.Gen}, Offset: l.Offset}
			listed[f] = true
			bad = bad || !at[f]
		})
		if bad {
			return "update refers to something before it"
		}
	}
	if later == 0 {
		return "objects without a cross-reference"
	}
	// the chain must go on exactly where the signed revision begins
	if len(x.now.Sections)-later != len(x.old.Sections) || x.now.Sections[later].Offset != x.old.Sections[0].Offset {
		return "update does not continue the signed revision"
	}
	for _, f := range found {
		if !listed[f] && !slices.ContainsFunc(x.now.Sections[:later], func(s *pdf.Section) bool { return s.Stream && s.Offset == f.Offset }) {
			return fmt.Sprintf("object %d is not listed", f.Ref.Num)
		}
	}
	return ""
}

// difference sorts the touched numbers into new and changed ones.
func (x *comparison) difference() string {
	finding := ""
	for _, s := range x.now.Sections {
		if s.Offset < x.from {
			break
		}
		s.Nums(func(num uint32, _ pdf.Location) {
			before, after := x.old.Locate(num), x.now.Locate(num)
			switch {
			case before == after:
			case before.Kind <= pdf.Free && after.Kind <= pdf.Free:
			case before.Kind <= pdf.Free:
				x.fresh[num] = true
			case after.Kind <= pdf.Free:
				finding = fmt.Sprintf("object %d was removed", num)
			default:
				x.changed[num] = true
			}
		})
	}
	if finding != "" {
		return finding
	}
	for num := range x.changed {
		a, err1 := x.old.Object(num)
		b, err2 := x.now.Object(num)
		if err1 != nil || err2 != nil {
			return fmt.Sprintf("object %d cannot be compared", num)
		}
		if x.same(a, b) {
			delete(x.changed, num)
		}
	}
	return ""
}

// unambiguous denies new and changed objects that two readers may read differently.
func (x *comparison) unambiguous() string {
	for _, set := range []map[uint32]bool{x.fresh, x.changed} {
		for num := range set {
			o, err := x.now.Object(num)
			if err != nil {
				return fmt.Sprintf("object %d cannot be read", num)
			}
			if repeated(o) {
				return fmt.Sprintf("object %d names a key twice", num)
			}
			if s, ok := o.(*pdf.Stream); ok && s.Dict.Get("Type") == pdf.Name("ObjStm") && !x.inUse(num, s) {
				return fmt.Sprintf("object stream %d holds objects that are elsewhere", num)
			}
		}
	}
	return ""
}

// inUse reports whether everything that a new object stream holds is found in it by the cross-reference:
// a reader that searches must find the same objects as one that follows it.
func (x *comparison) inUse(num uint32, s *pdf.Stream) bool {
	data, err := x.now.Decode(s, maxContent)
	first, ok := s.Dict.Get("First").(pdf.Int)
	if err != nil || !ok || first < 0 || int64(first) > int64(len(data)) {
		return false
	}
	listed := map[uint32]bool{} // by any later update: a newer one may have replaced an object since
	for _, section := range x.now.Sections {
		if section.Offset < x.from {
			break
		}
		section.Nums(func(n uint32, at pdf.Location) {
			listed[n] = listed[n] || at.Kind == pdf.Compressed && at.Stream == num
		})
	}
	head := scanner{b: data[:first]}
	for i := 0; ; i++ {
		v, op, err := head.next(0)
		if head.end() {
			return true
		}
		inside, isNumber := v.(float64)
		if err != nil || op != "" || !isNumber {
			return false
		}
		if i%2 == 0 && !listed[uint32(inside)] {
			return false
		}
	}
}

func repeated(o pdf.Object) bool {
	switch v := o.(type) {
	case pdf.Dict:
		return v.Repeated()
	case *pdf.Stream:
		return v.Dict.Repeated()
	case pdf.Array:
		return slices.ContainsFunc(v, repeated)
	}
	return false
}

// same compares two objects and the data of streams.
func (x *comparison) same(a, b pdf.Object) bool {
	if !pdf.Equal(a, b) {
		return false
	}
	s, ok := a.(*pdf.Stream)
	if !ok {
		return true
	}
	t := b.(*pdf.Stream)
	return s.Length == t.Length && sameBytes(x.old.Raw(s), x.now.Raw(t))
}

func sameBytes(a, b io.Reader) bool {
	p, q := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		n, err1 := io.ReadFull(a, p)
		m, err2 := io.ReadFull(b, q)
		if !bytes.Equal(p[:n], q[:m]) {
			return false
		}
		if err1 != nil || err2 != nil {
			return n == m && (err1 == io.EOF || err1 == io.ErrUnexpectedEOF)
		}
	}
}

// sameKeys compares two dictionaries in all keys but the given ones.
func sameKeys(a, b pdf.Dict, but ...pdf.Name) bool {
	for _, k := range but {
		a, b = a.With(k, nil), b.With(k, nil)
	}
	return pdf.Equal(a, b)
}

// only reports whether a dictionary has no other keys than the given ones.
func only(d pdf.Dict, keys ...pdf.Name) bool {
	return !slices.ContainsFunc(d, func(e pdf.Entry) bool { return !slices.Contains(keys, e.Key) })
}

// trailers lets the trailer change only in what every update changes.
func (x *comparison) trailers() string {
	own := []pdf.Name{"Size", "Prev", "ID", "XRefStm", "Type", "W", "Index", "Filter", "DecodeParms", "Length", "Info"}
	a, b := x.old.Trailer(), x.now.Trailer()
	if b.Repeated() || !sameKeys(a, b, own...) {
		return "trailer was changed"
	}
	before, wasRef := a.Get("Info").(pdf.Ref)
	after, isRef := b.Get("Info").(pdf.Ref)
	switch {
	case !wasRef && !isRef:
	case isRef && x.fresh[after.Num]:
		x.note(Change{Kind: ChangeInfo})
	case before != after:
		return "trailer was changed"
	case x.changed[before.Num]:
		if !plainInfo(x.old.Dict(before)) || !plainInfo(x.now.Dict(after)) {
			return "document information was changed"
		}
		x.approved[before.Num] = true
		x.note(Change{Kind: ChangeInfo})
	}
	return ""
}

// plainInfo reports whether a dictionary can be nothing but document information.
func plainInfo(d pdf.Dict) bool {
	keys := []pdf.Name{"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped"}
	for _, e := range d {
		_, text := e.Value.(pdf.String)
		if !slices.Contains(keys, e.Key) || !text && e.Key != "Trapped" {
			return false
		}
	}
	return d != nil
}

// catalog lets it change in AcroForm, DSS and Extensions only.
func (x *comparison) catalog() string {
	ref, before, err1 := x.old.Root()
	_, after, err2 := x.now.Root()
	if err1 != nil || err2 != nil || !sameKeys(before, after, "AcroForm", "DSS", "Extensions") {
		return "catalog was changed"
	}
	if x.changed[ref.Num] {
		x.approved[ref.Num] = true
	}
	for _, step := range []func() string{
		func() string { return x.extensions(before.Get("Extensions"), after.Get("Extensions")) },
		func() string { return x.form(before.Get("AcroForm"), after.Get("AcroForm")) },
		func() string { return x.dss(before.Get("DSS"), after.Get("DSS")) },
	} {
		if finding := step(); finding != "" {
			return finding
		}
	}
	return ""
}

// extensions lets the list of extensions grow, by names and numbers only.
func (x *comparison) extensions(before, after pdf.Object) string {
	if finding := x.sameHome(before, after, "list of extensions"); finding != "" {
		return finding
	}
	a, b := x.old.Dict(before), x.now.Dict(after)
	if before != nil && a == nil || after != nil && b == nil || before != nil && after == nil {
		return "list of extensions was removed"
	}
	refs := false
	pdf.Refs(b, func(pdf.Ref) { refs = true })
	if refs && !pdf.Equal(a, b) {
		return "list of extensions refers to objects"
	}
	for _, e := range a {
		if !b.Has(e.Key) {
			return "an extension was removed"
		}
	}
	return ""
}

// sameHome lets a value be rewritten where it is: in the same object, in its parent, or, when there was
// none, in a new object.
func (x *comparison) sameHome(before, after pdf.Object, what string) string {
	a, wasRef := before.(pdf.Ref)
	b, isRef := after.(pdf.Ref)
	switch {
	case !wasRef && !isRef:
	case wasRef && isRef && a == b:
		if x.changed[a.Num] {
			x.approved[a.Num] = true
		}
	case isRef && x.fresh[b.Num]:
	default:
		return what + " was replaced by another object"
	}
	return ""
}

// grown is what b has more than a at its end; false when b does not begin with a.
func grown(a, b pdf.Array) (pdf.Array, bool) {
	if len(b) < len(a) || !pdf.Equal(a, b[:len(a)]) {
		return nil, len(a) == 0 && len(b) == 0
	}
	return b[len(a):], true
}

// rest denies every change that nothing above approved.
func (x *comparison) rest() string {
	for num := range x.changed {
		if !x.approved[num] {
			return fmt.Sprintf("object %d was changed", num)
		}
	}
	return ""
}

// note keeps a change for people, once.
func (x *comparison) note(c Change) {
	if !slices.Contains(x.changes, c) {
		x.changes = append(x.changes, c)
	}
}

// doubt keeps the first doubtful addition.
func (x *comparison) doubt(text string) {
	if x.soft == "" {
		x.soft = text
	}
}
