package pades

import (
	"cmp"
	"crypto/x509"
	"io"
	"slices"
	"time"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/tsp"
)

// Survey is what there is to know about a file before evidence is collected for it. It proves nothing: what
// it says comes from the file.
type Survey struct {
	Signatures []Surveyed `json:"signatures"` // in the order of signing
	Store      Evidence   `json:"store"`      // what the file holds already
	Size       int64      `json:"size"`
}

// Surveyed is one signature or document timestamp.
type Surveyed struct {
	Field        string    `json:"field"`
	Certificate  []byte    `json:"certificate"`  // of the signer, or of the timestamp authority; DER
	Certificates [][]byte  `json:"certificates"` // carried
	Document     bool      `json:"document"`     // a document timestamp
	At           time.Time `json:"at"`           // of a document timestamp
	End          int64     `json:"end"`          // of what it covers
	Stamps       []Stamp   `json:"stamps"`       // of the signature itself
	CRLs         [][]byte  `json:"crls"`         // carried in the message
	OCSPs        [][]byte  `json:"ocsps"`
}

// Stamp is the timestamp of a signature.
type Stamp struct {
	Certificate  []byte    `json:"certificate"`
	Certificates [][]byte  `json:"certificates"`
	At           time.Time `json:"at"`
}

const maxSurveyed = 200

// Examine surveys a file. Signatures that cannot be read are left out.
func Examine(r io.ReaderAt, size int64) (Survey, error) {
	d, err := pdf.Open(r, size)
	if err != nil {
		return Survey{}, refuse(err)
	}
	if d.Encrypted() {
		return Survey{}, refusal(Encrypted, "trailer with /Encrypt")
	}
	fields, err := d.Fields()
	if err != nil {
		return Survey{}, refuse(err)
	}
	out := Survey{Store: ReadStore(d), Size: size}
	for _, f := range fields {
		if f.Type != "Sig" || len(out.Signatures) >= maxSurveyed {
			continue
		}
		if s, ok := examine(d, d.Dict(f.Value)); ok {
			s.Field = f.Name
			out.Signatures = append(out.Signatures, s)
		}
	}
	slices.SortStableFunc(out.Signatures, func(a, b Surveyed) int { return cmp.Compare(a.End, b.End) })
	return out, nil
}

func examine(d *pdf.Doc, dict pdf.Dict) (s Surveyed, ok bool) {
	contents, ok := dict.Get("Contents").(pdf.String)
	ends := d.Array(dict.Get("ByteRange"))
	if !ok || len(ends) != 4 {
		return s, false
	}
	from, ok1 := ends[2].(pdf.Int)
	length, ok2 := ends[3].(pdf.Int)
	if !ok1 || !ok2 {
		return s, false
	}
	s.End = int64(from) + int64(length)
	if dict.Get("SubFilter") == pdf.Name("ETSI.RFC3161") {
		t, err := tsp.Parse(trimmed(contents.Bytes))
		if err != nil || t.Certificate == nil {
			return s, false
		}
		s.Document, s.At = true, t.Time
		s.Certificate, s.Certificates = t.Certificate.Raw, raw(t.Certificates)
		return s, true
	}
	m, err := cms.Parse(contents.Bytes)
	if err != nil || m.Signer() == nil {
		return s, false
	}
	s.Certificate, s.Certificates = m.Signer().Raw, raw(m.Certificates)
	s.CRLs, s.OCSPs = m.CRLs, m.OCSPs
	for _, token := range m.Timestamps {
		if t, err := tsp.Parse(token); err == nil && t.Certificate != nil {
			s.Stamps = append(s.Stamps, Stamp{t.Certificate.Raw, raw(t.Certificates), t.Time})
		}
	}
	return s, true
}

func raw(list []*x509.Certificate) [][]byte {
	out := make([][]byte, 0, len(list))
	for _, c := range list {
		out = append(out, c.Raw)
	}
	return out
}
