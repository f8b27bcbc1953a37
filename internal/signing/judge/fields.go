package judge

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"nghisu/internal/signing/pdf"
)

// What a new signature field and its widget may have. No actions, no children that were there before.
var (
	fieldKeys  = []pdf.Name{"Type", "Subtype", "FT", "T", "TU", "V", "F", "Ff", "Rect", "P", "AP", "MK", "DA", "Lock", "SV", "Border", "BS", "H", "Kids"}
	widgetKeys = []pdf.Name{"Type", "Subtype", "F", "Rect", "P", "AP", "MK", "Border", "BS", "H", "Parent"}
)

// form lets the form gain signature fields and nothing else; what is filled in is checked field by field.
func (x *comparison) form(before, after pdf.Object) string {
	if finding := x.sameHome(before, after, "form"); finding != "" {
		return finding
	}
	a, b := x.old.Dict(before), x.now.Dict(after)
	switch {
	case a == nil && b == nil:
		return ""
	case b == nil:
		return "form was removed"
	case a == nil && !only(b, "Fields", "SigFlags", "DR", "DA"):
		return "form was added with more than signatures"
	case a != nil && !sameKeys(a, b, "Fields", "SigFlags"):
		return "form was changed"
	}
	if finding := x.sameHome(a.Get("Fields"), b.Get("Fields"), "list of fields"); finding != "" {
		return finding
	}
	added, ok := grown(x.old.Array(a.Get("Fields")), x.now.Array(b.Get("Fields")))
	if !ok {
		return "fields were removed or exchanged"
	}
	for _, o := range added {
		if finding := x.newField(o); finding != "" {
			return finding
		}
	}
	return ""
}

// newField checks one field that a later update added: a signature or a timestamp.
func (x *comparison) newField(o pdf.Object) string {
	ref, ok := o.(pdf.Ref)
	if !ok || !x.fresh[ref.Num] {
		return "a field was added that is no new object"
	}
	f := x.now.Dict(ref)
	if f.Get("FT") != pdf.Name("Sig") {
		return "a field was added that is no signature"
	}
	if !only(f, fieldKeys...) {
		return "a signature field was added with more than it needs"
	}
	value, signed := f.Get("V").(pdf.Ref)
	if f.Has("V") && (!signed || !x.fresh[value.Num]) {
		return "a signature field was added with a signature from before"
	}
	x.widgets[ref.Num] = true
	shown := []pdf.Dict{f}
	if f.Has("Kids") {
		for _, k := range x.now.Array(f.Get("Kids")) {
			kid, ok := k.(pdf.Ref)
			w := x.now.Dict(k)
			if !ok || !x.fresh[kid.Num] || w.Get("Parent") != pdf.Object(ref) {
				return "a signature field was added with a foreign widget"
			}
			if !only(w, widgetKeys...) {
				return "a signature field was added with more than it needs"
			}
			x.widgets[kid.Num] = true
			shown = append(shown, w)
		}
	}
	return x.newSignature(f, value, shown)
}

// newSignature judges what a new field does to the document: by the certification, by who signed, and by
// how much of the page it covers.
func (x *comparison) newSignature(f pdf.Dict, value pdf.Ref, shown []pdf.Dict) string {
	signer := x.j.signatureOf(value)
	stamp := x.isTimestamp(value)
	if x.rules.certified == 1 && !stamp {
		return "certified against every change"
	}
	change := Change{Kind: ChangeField, Field: fieldText(x.now, f.Get("T"))}
	switch {
	case stamp:
		change.Kind = ChangeTimestamp
	case signer != nil:
		change.Kind = ChangeSignature
	}
	for _, w := range shown {
		if !visible(x.now, w) {
			continue
		}
		page, _ := w.Get("P").(pdf.Ref)
		change.Page = x.j.pageNumber(page)
		switch {
		case stamp || signer == nil || signer.broken():
			return "a visible field was added without a good signature"
		case x.rules.certified != 0 && !signer.anchored:
			return "a visible field was added to a certified document by somebody who is not trusted"
		case x.covers(w, page):
			return "a visible field was added that covers what was signed"
		case !signer.anchored:
			x.doubt("a visible field was added by somebody who is not trusted")
		}
	}
	x.note(change)
	return ""
}

// visible reports whether a widget covers any of the page.
func visible(d *pdf.Doc, w pdf.Dict) bool {
	if !w.Has("Rect") {
		return false
	}
	rect, ok := rectangle(d, w.Get("Rect"))
	return !ok || rect.width() > 0 && rect.height() > 0
}

// box is a rectangle on a page, in its own units.
type box struct{ left, bottom, right, top float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.top - b.bottom }

// shared is what two rectangles have in common; its width or height is negative when it is nothing.
func (b box) shared(c box) box {
	return box{max(b.left, c.left), max(b.bottom, c.bottom), min(b.right, c.right), min(b.top, c.top)}
}

func rectangle(d *pdf.Doc, o pdf.Object) (box, bool) {
	list := d.Array(o)
	if len(list) != 4 {
		return box{}, false
	}
	var v [4]float64
	for i := range v {
		n, ok := number(d, list[i])
		if !ok {
			return box{}, false
		}
		v[i] = n
	}
	return box{min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])}, true
}

func number(d *pdf.Doc, o pdf.Object) (float64, bool) {
	v, err := d.Resolve(o)
	if err != nil {
		return 0, false
	}
	switch n := v.(type) {
	case pdf.Int:
		return float64(n), true
	case pdf.Real:
		f, err := strconv.ParseFloat(string(n), 64)
		return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return 0, false
}

// covers reports whether a new widget hides what the signer saw: words of the page below it, or more of
// the page than any stamp takes.
func (x *comparison) covers(w pdf.Dict, page pdf.Ref) bool {
	rect, ok := rectangle(x.now, w.Get("Rect"))
	if !ok {
		return true
	}
	media, ok := x.mediaBox(page)
	if !ok || rect.width()*rect.height() > media.width()*media.height()/4 {
		return true
	}
	return x.wordsBelow(page, rect)
}

// mediaBox is that of a page, own or inherited.
func (x *comparison) mediaBox(page pdf.Ref) (box, bool) {
	d := x.old.Dict(page)
	for range 32 {
		if d == nil {
			break
		}
		if d.Has("MediaBox") {
			b, ok := rectangle(x.old, d.Get("MediaBox"))
			return b, ok
		}
		d = x.old.Dict(d.Get("Parent"))
	}
	return box{0, 0, 612, 792}, true
}

// isTimestamp reports whether a signature dictionary is a document timestamp's.
func (x *comparison) isTimestamp(value pdf.Ref) bool {
	c := x.j.signatureOf(value)
	return c != nil && c.out.Kind == OfTimestamp
}

// signatureOf finds the signature with a dictionary; nil when there is none.
func (j *judging) signatureOf(value pdf.Ref) *candidate {
	for _, c := range j.found {
		if value.Num != 0 && c.value == value {
			return c
		}
	}
	return nil
}

// pages lets the pages of new widgets list them, and nothing else.
func (x *comparison) pages() string {
	for num := range x.widgets {
		w := x.now.Dict(pdf.Ref{Num: num})
		page, ok := w.Get("P").(pdf.Ref)
		if !ok {
			continue // listed on no page, or the page shows as changed below
		}
		before, after := x.old.Dict(page), x.now.Dict(page)
		if before.Get("Type") != pdf.Name("Page") || x.fresh[page.Num] {
			return "a signature field was added to something that is no page"
		}
		if !sameKeys(before, after, "Annots") {
			return "a page was changed"
		}
		added, ok := grown(x.old.Array(before.Get("Annots")), x.now.Array(after.Get("Annots")))
		if !ok {
			return "annotations of a page were removed or exchanged"
		}
		for _, o := range added {
			if ref, ok := o.(pdf.Ref); !ok || !x.widgets[ref.Num] {
				return "an annotation was added to a page"
			}
		}
		if x.changed[page.Num] {
			x.approved[page.Num] = true
		}
		if finding := x.sameHome(before.Get("Annots"), after.Get("Annots"), "list of annotations"); finding != "" {
			return finding
		}
	}
	return ""
}

// filled checks every field of the signed revision that is another one now, or whose looks are.
func (x *comparison) filled() string {
	var err error
	if x.fields, err = x.old.Fields(); err != nil {
		return "form of the signed revision cannot be read"
	}
	for _, f := range x.fields {
		if !x.touched(f) {
			continue
		}
		if x.rules.certified == 1 {
			return "certified against every change"
		}
		if x.rules.locked(f.Name) {
			return fmt.Sprintf("locked field %q was changed", f.Name)
		}
		var finding string
		switch f.Type {
		case "Sig":
			finding = x.signedField(f)
		case "Tx":
			finding = x.filledText(f)
		case "Btn":
			finding = x.checkedBox(f)
		default:
			finding = "a field of another kind was filled in"
		}
		if finding != "" {
			return fmt.Sprintf("field %q: %s", f.Name, finding)
		}
	}
	return ""
}

// touched reports whether a field, one of its widgets or a stream that depicts it is another object now.
func (x *comparison) touched(f pdf.Field) bool {
	if f.Ref.Num == 0 {
		return false // part of another object, which is then denied as a whole
	}
	for _, w := range x.widgetsOf(f) {
		if x.changed[w.Num] {
			return true
		}
		if looks, ok := x.old.Dict(x.old.Dict(w).Get("AP")).Get("N").(pdf.Ref); ok && x.changed[looks.Num] {
			return true
		}
	}
	return x.changed[f.Ref.Num]
}

// widgetsOf are the field itself when it is its own widget, and its kids.
func (x *comparison) widgetsOf(f pdf.Field) []pdf.Ref {
	out := []pdf.Ref{f.Ref}
	for _, k := range x.old.Array(f.Dict.Get("Kids")) {
		if ref, ok := k.(pdf.Ref); ok && ref != f.Ref {
			out = append(out, ref)
		}
	}
	return out
}

// signedField lets a field that was laid for a signature before receive one.
func (x *comparison) signedField(f pdf.Field) string {
	now := x.now.Dict(f.Ref)
	value, ok := now.Get("V").(pdf.Ref)
	signer := x.j.signatureOf(value)
	switch {
	case f.Value != nil && f.Value != pdf.Object(pdf.Null{}):
		return "a signature was exchanged"
	case !ok || !x.fresh[value.Num]:
		return "filled with something that is no new signature"
	case signer == nil || signer.broken():
		return "filled with a signature that is not good"
	}
	change := Change{Kind: ChangeSignature, Field: f.Name}
	if signer.out.Kind == OfTimestamp {
		change.Kind = ChangeTimestamp
	}
	for _, w := range x.widgetsOf(f) {
		if !sameKeys(x.old.Dict(w), x.now.Dict(w), "V", "AP", "M") {
			return "more than its signature was changed"
		}
		if finding := x.sameLooks(w); finding != "" {
			return finding
		}
		if visible(x.now, x.now.Dict(w)) {
			page, _ := x.now.Dict(w).Get("P").(pdf.Ref)
			change.Page = x.j.pageNumber(page)
		}
		x.approved[w.Num] = true
	}
	x.note(change)
	return ""
}

// sameLooks lets the appearance of a widget be another object, but a new one or its own.
func (x *comparison) sameLooks(w pdf.Ref) string {
	before, after := x.old.Dict(w).Get("AP"), x.now.Dict(w).Get("AP")
	if pdf.Equal(before, after) && !refChanged(x, before) {
		return x.ownLooks(x.old.Dict(before).Get("N"), x.now.Dict(after).Get("N"))
	}
	if finding := x.sameHome(before, after, "appearance"); finding != "" {
		return finding
	}
	a, b := x.old.Dict(before), x.now.Dict(after)
	if !only(b, "N", "D", "R") {
		return "appearance has more states than there are"
	}
	for _, e := range b {
		if finding := x.ownLooks(a.Get(e.Key), e.Value); finding != "" {
			return finding
		}
	}
	return ""
}

// ownLooks lets a stream be a new object, or be rewritten if it depicts nothing but this widget.
func (x *comparison) ownLooks(before, after pdf.Object) string {
	b, isRef := after.(pdf.Ref)
	switch {
	case !isRef:
		return "appearance is no stream"
	case x.fresh[b.Num]:
		return ""
	case before == after && !x.changed[b.Num]:
		return ""
	case before == after && x.uses(b) == 1:
		x.approved[b.Num] = true
		return ""
	}
	return "appearance is an object from elsewhere"
}

// uses counts the objects of the signed revision that refer to one.
func (x *comparison) uses(ref pdf.Ref) int {
	n := 0
	for _, refs := range x.references() {
		if slices.Contains(refs, ref.Num) {
			n++
		}
	}
	return n
}

func refChanged(x *comparison, o pdf.Object) bool {
	ref, ok := o.(pdf.Ref)
	return ok && x.changed[ref.Num]
}

func fieldText(d *pdf.Doc, o pdf.Object) string {
	v, err := d.Resolve(o)
	if err != nil {
		return ""
	}
	s, _ := v.(pdf.String)
	return pdf.DecodeText(s.Bytes)
}
