package pades

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // names signatures in the store, protects nothing
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"nghisu/internal/signing/pdf"
)

// Evidence is validation data, each piece in DER.
type Evidence struct {
	Certs [][]byte `json:"certs"`
	CRLs  [][]byte `json:"crls"`
	OCSPs [][]byte `json:"ocsps"`
}

// Store is what a document security store is to hold: evidence for each signature by its key (StoreKey),
// and under the empty key what belongs to none. At is when it was collected.
type Store struct {
	Signatures map[string]Evidence `json:"signatures"`
	At         time.Time           `json:"at"`
}

// Limits of a store in a file.
const (
	maxStored     = 2000     // pieces
	maxStoredSize = 64 << 20 // bytes of all of them
)

// StoreKey names a signature in the store: the hash of its contents, zeros at the end of the hole included
// (ISO 32000-2 table 261); of a document timestamp, the hash of the token alone.
func StoreKey(contents []byte, timestamp bool) string {
	if timestamp {
		contents = trimmed(contents)
	}
	sum := sha1.Sum(contents) //nolint:gosec // as the norm asks
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// ReadStore is the evidence in the security store of a file. What cannot be read is left out.
func ReadStore(d *pdf.Doc) Evidence {
	_, root, err := d.Root()
	if err != nil {
		return Evidence{}
	}
	s := storeReader{d: d, left: maxStoredSize, known: map[pdf.Ref]string{}}
	dss := d.Dict(root.Get("DSS"))
	return Evidence{s.read(dss.Get("Certs")), s.read(dss.Get("CRLs")), s.read(dss.Get("OCSPs"))}
}

// storeReader reads streams of a store, within limits.
type storeReader struct {
	d     *pdf.Doc
	count int
	left  int64
	known map[pdf.Ref]string // hash of the data
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
		if ref, ok := o.(pdf.Ref); ok {
			s.known[ref] = digestOf(data)
		}
		out = append(out, data)
	}
	return out
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return string(sum[:])
}

// AppendDSS plans an update that adds evidence to the document security store (ETSI EN 319 142-1 5.4.2,
// ISO 32000-2 12.8.4.3). What the store has stays, in its place; what it has already is not added again, and
// when nothing is new the appendix is empty.
func AppendDSS(r io.ReaderAt, size int64, s Store) (Plan, error) {
	w, err := open(r, size)
	if err != nil {
		return Plan{}, refuse(err)
	}
	changed, err := w.store(s)
	if err != nil {
		return Plan{}, refuse(err)
	}
	if !changed {
		return Plan{Size: size}, nil
	}
	if err := w.declare(); err != nil {
		return Plan{}, refuse(err)
	}
	data, _, err := w.u.Bytes()
	if err != nil {
		return Plan{}, refuse(err)
	}
	return Plan{Appendix: data, Size: size + int64(len(data))}, nil
}

// storeWriter is the work on the store of one update.
type storeWriter struct {
	w    *writer
	dss  pdf.Dict
	refs map[pdf.Name]map[string]pdf.Ref // streams by list and hash of their data
	new  bool
}

// storeLists are the lists of the store, with their names in the entry of a signature.
var storeLists = []struct {
	all, own pdf.Name
	of       func(Evidence) [][]byte
}{
	{"Certs", "Cert", func(e Evidence) [][]byte { return e.Certs }},
	{"CRLs", "CRL", func(e Evidence) [][]byte { return e.CRLs }},
	{"OCSPs", "OCSP", func(e Evidence) [][]byte { return e.OCSPs }},
}

// store adds evidence; false when there was nothing to add.
func (w *writer) store(s Store) (bool, error) {
	rootRef, root, err := w.d.Root()
	if err != nil {
		return false, err
	}
	own, isRef := root.Get("DSS").(pdf.Ref)
	x := &storeWriter{w: w, dss: w.d.Dict(root.Get("DSS")), refs: map[pdf.Name]map[string]pdf.Ref{}}
	isRef = isRef && x.dss != nil
	if x.dss == nil {
		x.dss = pdf.Dict{{Key: "Type", Value: pdf.Name("DSS")}}
	}
	x.readOld()
	before := x.dss
	for _, key := range slices.Sorted(maps.Keys(s.Signatures)) {
		if err := x.add(key, s.Signatures[key], s.At); err != nil {
			return false, err
		}
	}
	switch {
	case !x.new:
		return false, nil
	case isRef && !pdf.Equal(before, x.dss):
		w.u.Replace(own, x.dss)
	case isRef:
	case root.Has("DSS"):
		w.u.Replace(rootRef, w.u.Dict(rootRef).With("DSS", x.dss))
	default:
		w.u.Replace(rootRef, w.u.Dict(rootRef).With("DSS", w.u.Add(x.dss)))
	}
	return true, nil
}

// readOld learns which streams the store has.
func (x *storeWriter) readOld() {
	reader := storeReader{d: x.w.d, left: maxStoredSize, known: map[pdf.Ref]string{}}
	for _, list := range storeLists {
		reader.read(x.dss.Get(list.all))
		x.refs[list.all] = map[string]pdf.Ref{}
		for ref, digest := range reader.known {
			x.refs[list.all][digest] = ref
		}
		clear(reader.known)
	}
}

// add adds the evidence of one signature, and its entry when there is none yet: an entry says what was known
// when it was made, and stays.
func (x *storeWriter) add(key string, e Evidence, at time.Time) error {
	entry := pdf.Dict{{Key: "Type", Value: pdf.Name("VRI")}}
	for _, list := range storeLists {
		var own pdf.Array
		for _, der := range list.of(e) {
			ref, err := x.stream(list.all, der)
			if err != nil {
				return err
			}
			if !slices.Contains(own, pdf.Object(ref)) {
				own = append(own, ref)
			}
		}
		if len(own) > 0 {
			entry = append(entry, pdf.Entry{Key: list.own, Value: own})
		}
	}
	vri := x.w.u.Dict(x.dss.Get("VRI"))
	if key == "" || len(entry) == 1 || vri.Has(pdf.Name(key)) {
		return nil
	}
	x.new = true
	entry = append(entry, pdf.Entry{Key: "TU", Value: date(at)})
	vri = vri.With(pdf.Name(key), x.w.u.Add(entry))
	if own, ok := x.dss.Get("VRI").(pdf.Ref); ok && x.w.u.Dict(own) != nil {
		x.w.u.Replace(own, vri)
		return nil
	}
	x.dss = x.dss.With("VRI", vri)
	return nil
}

// stream is the stream of a piece of evidence in one of the lists, which is added when it is new.
func (x *storeWriter) stream(list pdf.Name, der []byte) (pdf.Ref, error) {
	digest := digestOf(der)
	if ref, ok := x.refs[list][digest]; ok {
		return ref, nil
	}
	ref := x.w.u.AddStream(pdf.Dict{}, der)
	x.refs[list][digest], x.new = ref, true
	return ref, x.w.appendTo(x.dss, list, ref, func(d pdf.Dict) { x.dss = d })
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
