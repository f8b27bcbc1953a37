package judge

import (
	"slices"
	"strings"

	"nghisu/internal/signing/pdf"
)

// permissions are what a signature, and those before it, allow to happen afterwards: the certification
// (DocMDP, ISO 32000-1 12.8.2.2) and the locked fields (FieldMDP, 12.8.2.4).
type permissions struct {
	certified int // P: 1 nothing, 2 forms and signatures, 3 annotations too; 0 not certified
	locks     []lock
}

// lock names fields that must stay as they are.
type lock struct {
	action pdf.Name
	fields []string
}

func (l lock) covers(name string) bool {
	listed := slices.ContainsFunc(l.fields, func(f string) bool { return name == f || strings.HasPrefix(name, f+".") })
	switch l.action {
	case "Include":
		return listed
	case "Exclude":
		return !listed
	}
	return true // All, and whatever we do not know
}

// permissions reads those of a signature and of all before it.
func (j *judging) permissions(c *candidate) permissions {
	var p permissions
	for _, other := range j.found {
		if other.revision == nil || other.end > c.end {
			continue
		}
		for _, o := range c.revision.Array(other.dict.Get("Reference")) {
			ref := c.revision.Dict(o)
			params := c.revision.Dict(ref.Get("TransformParams"))
			switch ref.Get("TransformMethod") {
			case pdf.Name("DocMDP"):
				p.certify(params.Get("P"), 2) // the default of the norm
			case pdf.Name("FieldMDP"):
				p.locks = append(p.locks, readLock(c.revision, params))
			}
		}
		if dict := c.revision.Dict(c.revision.Dict(other.field.Ref).Get("Lock")); dict != nil {
			p.locks = append(p.locks, readLock(c.revision, dict))
			if dict.Has("P") { // ISO 32000-2 table 237
				p.certify(dict.Get("P"), 1)
			}
		}
	}
	return p
}

// certify takes the narrowest of several.
func (p *permissions) certify(o pdf.Object, otherwise int) {
	n, ok := o.(pdf.Int)
	if o == nil {
		n, ok = pdf.Int(otherwise), true
	}
	if !ok || n < 1 || n > 3 {
		n = 1
	}
	if p.certified == 0 || int(n) < p.certified {
		p.certified = int(n)
	}
}

func (p permissions) locked(name string) bool {
	return slices.ContainsFunc(p.locks, func(l lock) bool { return l.covers(name) })
}

func readLock(d *pdf.Doc, dict pdf.Dict) lock {
	var l lock
	l.action, _ = dict.Get("Action").(pdf.Name)
	for _, o := range d.Array(dict.Get("Fields")) {
		if v, err := d.Resolve(o); err == nil {
			if s, ok := v.(pdf.String); ok {
				l.fields = append(l.fields, pdf.DecodeText(s.Bytes))
			}
		}
	}
	return l
}
