package pades

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"io"

	"nghisu/internal/signing/pdf"
)

// Evidence is validation data, each piece in DER.
type Evidence struct {
	Certs [][]byte `json:"certs"`
	CRLs  [][]byte `json:"crls"`
	OCSPs [][]byte `json:"ocsps"`
}

// Limits of a store in a file.
const (
	maxStored     = 2000     // pieces
	maxStoredSize = 64 << 20 // bytes of all of them
)

// ReadStore is the evidence in the security store of a file. What cannot be read is left out.
func ReadStore(d *pdf.Doc) Evidence {
	_, root, err := d.Root()
	if err != nil {
		return Evidence{}
	}
	s := storeReader{d: d, left: maxStoredSize}
	dss := d.Dict(root.Get("DSS"))
	return Evidence{s.read(dss.Get("Certs")), s.read(dss.Get("CRLs")), s.read(dss.Get("OCSPs"))}
}

// storeReader reads streams of a store, within limits.
type storeReader struct {
	d     *pdf.Doc
	count int
	left  int64
}

func (s *storeReader) read(list pdf.Object) (out [][]byte) {
	for _, o := range s.d.Array(list) {
		v, err := s.d.Resolve(o)
		stream, ok := v.(*pdf.Stream)
		if err != nil || !ok || s.count >= maxStored {
			continue
		}
		s.count++
		data, err := s.d.Decode(stream, s.left)
		if err != nil {
			continue
		}
		s.left -= int64(len(data))
		out = append(out, data)
	}
	return out
}

// AppendDSS plans an update that adds evidence to the document security store (ETSI EN 319 142-1 5.4.2,
// ISO 32000-2 12.8.4.3). What the store has stays, in its place; what it has already is not added again, and
// when nothing is new the appendix is empty. Entries for single signatures (/VRI) are kept and not made: they
// are optional, and readers that know only the lists take files with them for unsupported.
func AppendDSS(r io.ReaderAt, size int64, e Evidence) (Plan, error) {
	w, err := open(r, size)
	if err != nil {
		return Plan{}, refuse(err)
	}
	changed, err := w.store(e)
	if err == nil && changed {
		err = w.declare()
	}
	if err != nil {
		return Plan{}, refuse(err)
	}
	if !changed {
		return Plan{Size: size}, nil
	}
	data, _, err := w.u.Bytes()
	if err != nil {
		return Plan{}, refuse(err)
	}
	return Plan{Appendix: data, Size: size + int64(len(data))}, nil
}

// store adds evidence; false when there was nothing to add.
func (w *writer) store(e Evidence) (changed bool, err error) {
	rootRef, root, err := w.d.Root()
	if err != nil {
		return false, err
	}
	own, isRef := root.Get("DSS").(pdf.Ref)
	dss := w.d.Dict(root.Get("DSS"))
	isRef = isRef && dss != nil
	if dss == nil {
		dss = pdf.Dict{{Key: "Type", Value: pdf.Name("DSS")}}
	}
	before := dss
	reader := storeReader{d: w.d, left: maxStoredSize}
	for _, list := range []struct {
		key pdf.Name
		new [][]byte
	}{{"Certs", e.Certs}, {"CRLs", e.CRLs}, {"OCSPs", e.OCSPs}} {
		known := map[string]bool{}
		for _, data := range reader.read(dss.Get(list.key)) {
			known[string(data)] = true
		}
		for _, der := range list.new {
			if known[string(der)] {
				continue
			}
			known[string(der)], changed = true, true
			ref := w.u.AddStream(pdf.Dict{}, der)
			if err := w.appendTo(dss, list.key, ref, func(d pdf.Dict) { dss = d }); err != nil {
				return false, err
			}
		}
	}
	switch {
	case !changed, isRef && pdf.Equal(before, dss):
	case isRef:
		w.u.Replace(own, dss)
	case root.Has("DSS"):
		w.u.Replace(rootRef, w.u.Dict(rootRef).With("DSS", dss))
	default:
		w.u.Replace(rootRef, w.u.Dict(rootRef).With("DSS", w.u.Add(dss)))
	}
	return changed, nil
}

// declare says in the catalog which extensions of PDF 1.7 the file uses: those of ETSI (document security
// store and document timestamps) and their first form by Adobe. PDF 2.0 has both. A dictionary that lies
// elsewhere is left alone.
func (w *writer) declare() error {
	rootRef, root, err := w.d.Root()
	if err != nil || w.d.Version >= "2" {
		return err
	}
	if v, ok := root.Get("Version").(pdf.Name); ok && v >= "2" {
		return nil
	}
	if _, elsewhere := root.Get("Extensions").(pdf.Ref); elsewhere {
		return nil
	}
	list := w.d.Dict(root.Get("Extensions"))
	for _, e := range []struct {
		prefix pdf.Name
		level  pdf.Int
	}{{"ADBE", 8}, {"ESIC", 5}} {
		if list.Has(e.prefix) {
			if level, ok := w.d.Dict(list.Get(e.prefix)).Get("ExtensionLevel").(pdf.Int); !ok || level >= e.level {
				continue
			}
		}
		list = list.With(e.prefix, pdf.Dict{{Key: "BaseVersion", Value: pdf.Name("1.7")}, {Key: "ExtensionLevel", Value: e.level}})
	}
	if !pdf.Equal(list, w.d.Dict(root.Get("Extensions"))) {
		w.u.Replace(rootRef, w.u.Dict(rootRef).With("Extensions", list))
	}
	return nil
}

// PrepareTimestamp plans a document timestamp: a field without looks, whose contents is a token over
// everything before it (ETSI EN 319 142-1 5.4.3). The token's imprint is Plan.Digest.
func PrepareTimestamp(r io.ReaderAt, size int64, hole int) (Plan, error) {
	if hole < MinHole || hole > MaxHole {
		return Plan{}, fmt.Errorf("hole of %d bytes", hole)
	}
	return planned(r, size, func(w *writer) (pdf.Ref, error) {
		value := w.u.Add(pdf.Dict{
			{Key: "Type", Value: pdf.Name("DocTimeStamp")}, {Key: "Filter", Value: pdf.Name("Adobe.PPKLite")},
			{Key: "SubFilter", Value: pdf.Name("ETSI.RFC3161")},
			{Key: "ByteRange", Value: pdf.Raw(rangeHole)}, {Key: "Contents", Value: emptyHole(hole)},
		})
		if err := w.signNew(w.freeName(), Request{}, value); err != nil {
			return pdf.Ref{}, err
		}
		return value, w.declare()
	})
}

// trimmed is a message without the zeros behind it.
func trimmed(contents []byte) []byte {
	var token asn1.RawValue
	if _, err := asn1.Unmarshal(contents, &token); err != nil {
		return bytes.TrimRight(contents, "\x00")
	}
	return token.FullBytes
}
