package judge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"io"
	"slices"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/tsp"
)

// cryptography checks the message of a signature or the token of a document timestamp against the bytes
// that it covers.
func (j *judging) cryptography(c *candidate) error {
	if m, ok := c.dict.Get("M").(pdf.String); ok {
		if t, ok := pdf.ParseDate(pdf.DecodeText(m.Bytes)); ok {
			c.out.Claimed = &t
		}
	}
	switch c.dict.Get("SubFilter") {
	case pdf.Name("ETSI.CAdES.detached"):
		c.out.Level = BB
	case pdf.Name("adbe.pkcs7.detached"):
		c.out.Level = CMS
		c.say(NoteOldForm)
	case pdf.Name("ETSI.RFC3161"):
		return j.readToken(c)
	default:
		c.fail(OldForm, "sub filter")
		return nil
	}
	m, err := cms.Parse(c.contents)
	if err != nil {
		c.failMessage(err)
		return nil
	}
	if c.out.Claimed == nil && !m.Claimed.IsZero() {
		c.out.Claimed = &m.Claimed
	}
	digest, err := j.digest(c, m.Digest)
	if err != nil {
		return err
	}
	carried := m.Certificates
	m.Certificates = append(slices.Clip(carried), j.opts.Extra...)
	proof, err := m.Check(digest)
	m.Certificates = carried
	if proof.Certificate != nil {
		c.describe(proof.Certificate, j.opts)
	}
	if err != nil {
		c.failMessage(err)
		return nil
	}
	if key, ok := proof.Certificate.PublicKey.(*ecdsa.PublicKey); ok && key.Curve.Params().BitSize < 256 {
		proof.Weak = true
	}
	c.message, c.proof = m, proof
	return nil
}

// readToken checks what can be checked without trusting anybody.
func (j *judging) readToken(c *candidate) error {
	c.out.Kind = OfTimestamp
	t, err := tsp.Parse(c.contents)
	if err != nil {
		c.fail(Garbled, err.Error())
		return nil
	}
	digest, err := j.digest(c, t.Hash)
	if err != nil {
		return err
	}
	c.out.Claimed = &t.Time
	err = t.Verify(digest, tsp.Options{Roots: j.opts.TSA, Extra: j.opts.Extra})
	if t.Certificate != nil {
		c.describe(t.Certificate, j.opts)
	}
	switch {
	case errors.Is(err, tsp.ErrImprint):
		c.fail(Tampered, err.Error())
	case errors.Is(err, tsp.ErrSignature):
		c.fail(Forged, err.Error())
	case errors.Is(err, tsp.ErrMalformed):
		c.fail(Garbled, err.Error())
	default:
		c.token = &t // whether to trust it comes later
	}
	return nil
}

// digest hashes what a signature covers.
func (j *judging) digest(c *candidate, hash crypto.Hash) ([]byte, error) {
	h := hash.New()
	for _, s := range []pdf.Span{{Start: 0, End: c.hole.Start}, {Start: c.hole.End, End: c.end}} {
		if _, err := io.Copy(h, io.NewSectionReader(j.r, s.Start, s.End-s.Start)); err != nil {
			return nil, err
		}
	}
	return h.Sum(nil), nil
}

func (c *candidate) failMessage(err error) {
	switch {
	case errors.Is(err, cms.ErrUnsupported):
		c.fail(OldForm, err.Error())
	case errors.Is(err, cms.ErrDigest):
		c.fail(Tampered, err.Error())
	case errors.Is(err, cms.ErrSignature):
		c.fail(Forged, err.Error())
	case errors.Is(err, cms.ErrBadCertificate):
		c.fail(WrongSigner, err.Error())
	default:
		c.fail(Garbled, err.Error())
	}
}

// say adds what is to be said besides, once.
func (c *candidate) say(key string) {
	if !slices.Contains(c.out.Findings, key) {
		c.out.Findings = append(c.out.Findings, key)
	}
}

// describe notes who the certificate names.
func (c *candidate) describe(cert *x509.Certificate, opts Options) {
	c.out.Name, c.out.Subject, c.out.Issuer = cert.Subject.CommonName, cert.Subject.String(), cert.Issuer.String()
	if len(cert.Subject.Organization) > 0 {
		c.out.Agency = cert.Subject.Organization[0]
	}
	from, to := cert.NotBefore.UTC(), cert.NotAfter.UTC()
	c.out.ValidFrom, c.out.ValidTo = &from, &to
	c.out.Certificate = cert.Raw
	c.out.Development = trial(cert, opts)
}

// trial reports whether a certificate says that it has no legal value.
func trial(cert *x509.Certificate, opts Options) bool {
	return opts.Marker != "" &&
		(slices.Contains(cert.Subject.OrganizationalUnit, opts.Marker) || slices.Contains(cert.Issuer.OrganizationalUnit, opts.Marker))
}
