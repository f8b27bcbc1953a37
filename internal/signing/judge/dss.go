package judge

import "nghisu/internal/signing/pdf"

// dss lets the store of validation data appear and grow. It can hold nothing but certificates and
// revocation data, so that nothing can be carried in under its name.
func (x *comparison) dss(before, after pdf.Object) string {
	if before == nil && after == nil {
		return ""
	}
	if finding := x.sameHome(before, after, "store of validation data"); finding != "" {
		return finding
	}
	a, b := x.old.Dict(before), x.now.Dict(after)
	if after == nil || b == nil || before != nil && a == nil {
		return "store of validation data was removed"
	}
	lists := []pdf.Name{"Certs", "OCSPs", "CRLs"}
	if !only(b, append(lists, "Type", "VRI")...) {
		return "store of validation data is not what it says"
	}
	more := false
	for _, k := range lists {
		added, ok := grown(x.old.Array(a.Get(k)), x.now.Array(b.Get(k)))
		if !ok {
			return "validation data were removed"
		}
		if finding := x.sameHome(a.Get(k), b.Get(k), "list of validation data"); finding != "" {
			return finding
		}
		for _, o := range added {
			more = true
			if !x.plainStream(o) {
				return "validation data are not what they say"
			}
		}
	}
	if finding := x.vri(a.Get("VRI"), b.Get("VRI")); finding != "" {
		return finding
	}
	if more || before == nil {
		x.note(Change{Kind: ChangeValidation})
	}
	return ""
}

// plainStream reports whether o is a stream that can be nothing but data.
func (x *comparison) plainStream(o pdf.Object) bool {
	if _, ok := o.(pdf.Ref); !ok {
		return false
	}
	v, err := x.now.Resolve(o)
	s, ok := v.(*pdf.Stream)
	return err == nil && ok && only(s.Dict, "Length", "Filter", "DecodeParms", "DL")
}

// vri lets the entries per signature appear and grow in number.
func (x *comparison) vri(before, after pdf.Object) string {
	if before == nil && after == nil {
		return ""
	}
	if finding := x.sameHome(before, after, "validation data"); finding != "" {
		return finding
	}
	a, b := x.old.Dict(before), x.now.Dict(after)
	if b == nil || before != nil && a == nil {
		return "validation data were removed"
	}
	for _, e := range a {
		if !pdf.Equal(e.Value, b.Get(e.Key)) {
			return "validation data were changed"
		}
	}
	for _, e := range b {
		if a.Has(e.Key) || e.Key == "Type" {
			continue
		}
		entry := x.now.Dict(e.Value)
		if len(e.Key) != 40 || entry == nil || !only(entry, "Type", "Cert", "CRL", "OCSP", "TU", "TS") {
			return "validation data are not what they say"
		}
		for _, k := range []pdf.Name{"Cert", "CRL", "OCSP"} {
			for _, o := range x.now.Array(entry.Get(k)) {
				if !x.plainStream(o) {
					return "validation data are not what they say"
				}
			}
		}
		if ts := entry.Get("TS"); ts != nil && !x.plainStream(ts) {
			return "validation data are not what they say"
		}
	}
	return ""
}
