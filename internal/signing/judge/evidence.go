package judge

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"

	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/tsp"
)

// Limits of the validation data of a file.
const (
	maxItem  = 8 << 20
	maxItems = 1000
)

// collect gathers certificates and revocation data from the caller, the messages and the store of the
// file (DSS, ISO 32000-2 12.8.4.3). Nothing is trusted for where it lies: whoever uses a piece checks it.
func (j *judging) collect() {
	j.certs = append(j.certs, j.opts.Extra...)
	for _, l := range j.opts.Lists {
		j.certs = append(j.certs, l.Anchors...)
	}
	for _, c := range j.found {
		j.certs = append(j.certs, c.carried()...)
		if c.message == nil {
			continue
		}
		j.crls, j.ocsps = append(j.crls, c.message.CRLs...), append(j.ocsps, c.message.OCSPs...)
		for _, raw := range c.message.Timestamps {
			if t, err := tsp.Parse(raw); err == nil {
				j.certs = append(j.certs, t.Certificates...)
			}
		}
	}
	for _, der := range storeItems(j.d, "Certs") {
		if c, err := x509.ParseCertificate(der); err == nil {
			j.certs = append(j.certs, c)
		}
	}
	j.crls = append(j.crls, storeItems(j.d, "CRLs")...)
	j.ocsps = append(j.ocsps, storeItems(j.d, "OCSPs")...)
	// last, because the first that fits decides: what the file brings itself makes its level
	j.crls, j.ocsps = append(j.crls, j.opts.CRLs...), append(j.ocsps, j.opts.OCSPs...)
}

// storeItems reads one list of the store.
func storeItems(d *pdf.Doc, key pdf.Name) [][]byte {
	_, root, err := d.Root()
	if err != nil {
		return nil
	}
	var out [][]byte
	for i, o := range d.Array(d.Dict(root.Get("DSS")).Get(key)) {
		if i >= maxItems {
			break
		}
		v, err := d.Resolve(o)
		s, ok := v.(*pdf.Stream)
		if err != nil || !ok {
			continue
		}
		if data, err := d.Decode(s, maxItem); err == nil {
			out = append(out, data)
		}
	}
	return out
}

// evidenceIn are the revocation data in the store of a revision.
func (j *judging) evidenceIn(d *pdf.Doc) map[string]bool {
	out := map[string]bool{}
	for _, key := range []pdf.Name{"CRLs", "OCSPs"} {
		for _, der := range storeItems(d, key) {
			out[string(der)] = true
		}
	}
	return out
}

// untrusted reports whether a token is genuine, and only its authority is in question.
func untrusted(err error) bool {
	return errors.Is(err, tsp.ErrUntrusted) || errors.Is(err, tsp.ErrNotValid) || errors.Is(err, tsp.ErrUnfit)
}

// used tells which of the revocation data that the caller gave decided something.
func (j *judging) used() []string {
	given := map[string]bool{}
	for _, list := range [][][]byte{j.opts.CRLs, j.opts.OCSPs} {
		for _, der := range list {
			given[string(der)] = true
		}
	}
	var out []string
	for _, c := range j.found {
		for _, e := range c.evidence {
			if given[e] {
				delete(given, e)
				sum := sha256.Sum256([]byte(e))
				out = append(out, hex.EncodeToString(sum[:]))
			}
		}
	}
	return out
}
