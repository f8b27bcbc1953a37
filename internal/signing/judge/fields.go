package judge

import (
	"fmt"
	"slices"

	"nghisu/internal/signing/pdf"
)

// What a new signature field and its widget may have. No actions, no children that were there before.
var (
	fieldKeys  = []pdf.Name{"Type", "Subtype", "FT", "T", "TU", "V", "F", "Ff", "Rect", "P", "AP", "MK", "DA", "Lock", "SV", "Border", "BS", "H", "Kids"}
	widgetKeys = []pdf.Name{"Type", "Subtype", "F", "Rect", "P", "AP", "MK", "Border", "BS", "H", "Parent"}
)

// newField checks one field that a later update added.
func (x *comparison) newField(o pdf.Object) string {
	ref, ok := o.(pdf.Ref)
	if !ok || !x.fresh[ref.Num] {
		return "a field was added that is no new object"
	}
	f := x.now.Dict(ref)
	if f.Repeated() || f.Get("FT") != pdf.Name("Sig") {
		return "a field was added that is no signature"
	}
	for _, e := range f {
		if !slices.Contains(fieldKeys, e.Key) {
			return "a signature field was added with more than it needs"
		}
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
			if !ok || !x.fresh[kid.Num] || w.Repeated() || w.Get("Parent") != pdf.Object(ref) {
				return "a signature field was added with a foreign widget"
			}
			for _, e := range w {
				if !slices.Contains(widgetKeys, e.Key) {
					return "a signature field was added with more than it needs"
				}
			}
			x.widgets[kid.Num] = true
			shown = append(shown, w)
		}
	}
	if slices.ContainsFunc(shown, x.visible) && !x.trusted(value) {
		return "a visible field was added by somebody who is not trusted"
	}
	return ""
}

// visible reports whether a widget covers any of the page.
func (x *comparison) visible(w pdf.Dict) bool {
	if !w.Has("Rect") {
		return false
	}
	rect := x.now.Array(w.Get("Rect"))
	if len(rect) != 4 {
		return true
	}
	return !pdf.Equal(rect[0], rect[2]) && !pdf.Equal(rect[1], rect[3])
}

// trusted reports whether the signature with this dictionary is good by itself, whatever came after it.
func (x *comparison) trusted(value pdf.Ref) bool {
	for _, c := range x.j.found {
		if c.value == value && value.Num != 0 {
			return c.out.Status == "" || c.out.Status == Passed
		}
	}
	return false
}

// signedFields lets fields that were laid for a signature before receive one.
func (x *comparison) signedFields() string {
	fields, err := x.old.Fields()
	if err != nil {
		return "form of the signed revision cannot be read"
	}
	for _, f := range fields {
		if f.Type != "Sig" || f.Value != nil || !x.changed[f.Ref.Num] {
			continue
		}
		now := x.now.Dict(f.Ref)
		value, ok := now.Get("V").(pdf.Ref)
		if !ok || !x.fresh[value.Num] || !sameKeys(f.Dict, now, "V", "AP", "M") || now.Repeated() || !x.trusted(value) {
			return fmt.Sprintf("field %d was changed", f.Ref.Num)
		}
		x.approved[f.Ref.Num] = true
	}
	return ""
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
		if after.Repeated() || !sameKeys(before, after, "Annots") {
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

// rest denies every change that nothing above approved.
func (x *comparison) rest() string {
	for num := range x.changed {
		if !x.approved[num] {
			return fmt.Sprintf("object %d was changed", num)
		}
	}
	return ""
}

// dss lets the store of validation data appear and grow. Its dictionaries and lists can be nothing else.
func (x *comparison) dss(before, after pdf.Object) string {
	if before == nil || pdf.Equal(before, after) && !refChanged(x, before) {
		return x.dssLists(x.old.Dict(before), x.now.Dict(after))
	}
	if finding := x.sameHome(before, after, "store of validation data"); finding != "" {
		return finding
	}
	return x.dssLists(x.old.Dict(before), x.now.Dict(after))
}

func refChanged(x *comparison, o pdf.Object) bool {
	ref, ok := o.(pdf.Ref)
	return ok && x.changed[ref.Num]
}

func (x *comparison) dssLists(before, after pdf.Dict) string {
	if before == nil {
		return ""
	}
	keys := []pdf.Name{"Type", "Certs", "OCSPs", "CRLs", "VRI"}
	for _, d := range []pdf.Dict{before, after} {
		for _, e := range d {
			if !slices.Contains(keys, e.Key) || d.Repeated() {
				return "store of validation data is not what it says"
			}
		}
	}
	for _, k := range keys[1:4] {
		if _, ok := grown(x.old.Array(before.Get(k)), x.now.Array(after.Get(k))); !ok {
			return "validation data were removed"
		}
		if finding := x.sameHome(before.Get(k), after.Get(k), "list of validation data"); finding != "" {
			return finding
		}
	}
	return x.vri(before.Get("VRI"), after.Get("VRI"))
}

// vri lets the entries per signature grow.
func (x *comparison) vri(before, after pdf.Object) string {
	if before == nil {
		return ""
	}
	if finding := x.sameHome(before, after, "validation data"); finding != "" {
		return finding
	}
	now := x.now.Dict(after)
	for _, e := range x.old.Dict(before) {
		if len(e.Key) != 40 && e.Key != "Type" || !pdf.Equal(e.Value, now.Get(e.Key)) {
			return "validation data were changed"
		}
	}
	return ""
}
