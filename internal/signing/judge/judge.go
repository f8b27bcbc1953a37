// Package judge decides whether the signatures in a PDF file are to be trusted, in the order of ETSI EN
// 319 102-1: structure, signer's certificate, cryptography, chain, time, and what came after the signed
// revision. It denies by default: what it does not understand is never "valid". It reads the file through
// io.ReaderAt, does no other I/O, and belongs into a child process, because files of strangers come here.
//
// Not yet judged: revocation and proven time. Certificates of the development PKI cannot be revoked; for
// all others the issuer is not trusted, so that the result is never better than "unknown".
package judge

import (
	"cmp"
	"crypto/x509"
	"errors"
	"io"
	"slices"
	"time"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pdf"
)

// maxSignatures limits the work on one file.
const maxSignatures = 200

// Judge judges every signature of a file. The error comes from r only.
func Judge(r io.ReaderAt, size int64, opts Options) (Report, error) {
	d, err := pdf.Open(r, size)
	if err != nil {
		return problem(err)
	}
	if d.Encrypted() {
		return Report{Problem: Encrypted}, nil
	}
	fields, err := d.Fields()
	if err != nil {
		return problem(err)
	}
	j := &judging{r: r, size: size, d: d, opts: opts, names: map[string]int{}, ends: map[int64]int{}}
	for _, f := range fields {
		j.names[f.Name]++
		if f.Type == "Sig" && f.Value != nil && f.Value != (pdf.Null{}) {
			j.found = append(j.found, &candidate{field: f})
		}
	}
	if len(j.found) > maxSignatures {
		return Report{Problem: TooMany}, nil
	}
	if err := j.run(); err != nil {
		return Report{}, err
	}
	out := Report{Revisions: len(d.Sections), Signatures: make([]Signature, 0, len(j.found))}
	for _, c := range j.found {
		out.Signatures = append(out.Signatures, c.out)
	}
	return out, nil
}

func problem(err error) (Report, error) {
	switch {
	case errors.Is(err, pdf.ErrNotPDF):
		return Report{Problem: NotPDF}, nil
	case errors.Is(err, pdf.ErrSyntax):
		return Report{Problem: Broken}, nil
	}
	return Report{}, err
}

// judging is the work on one file.
type judging struct {
	r     io.ReaderAt
	size  int64
	d     *pdf.Doc
	opts  Options
	found []*candidate
	names map[string]int // how many fields have a name
	ends  map[int64]int  // how many signatures end at an offset
}

// candidate is one signature on its way to a judgement.
type candidate struct {
	field    pdf.Field
	value    pdf.Ref // the signature dictionary
	dict     pdf.Dict
	hole     pdf.Span
	end      int64 // of the signed revision
	message  []byte
	revision *pdf.Doc
	out      Signature
}

// outcome is a status with the word that EN 319 102-1 has for its cause.
type outcome struct {
	status Status
	word   SubIndication
}

// outcomes are what the reasons mean.
var outcomes = map[string]outcome{
	Good:          {Passed, ""},
	Structure:     {Failed, FormatFailure},
	Garbled:       {Failed, FormatFailure},
	ChangedAfter:  {Failed, FormatFailure},
	Tampered:      {Failed, HashFailure},
	Forged:        {Failed, SigCryptoFailure},
	WrongSigner:   {Indeterminate, NoSigningCert},
	OldForm:       {Indeterminate, SigConstraints},
	NotBound:      {Indeterminate, SigConstraints},
	FromTheFuture: {Indeterminate, SigConstraints},
	WeakCrypto:    {Indeterminate, CryptoConstraints},
	Untrusted:     {Indeterminate, NoChain},
	Unfit:         {Indeterminate, ChainConstraints},
	Expired:       {Indeterminate, OutOfBoundsNoPOE},
	NoEvidence:    {Indeterminate, TryLater},
	WasRevoked:    {Failed, Revoked},
}

// fail sets the judgement once; the first reason stands.
func (c *candidate) fail(reason, finding string) {
	if c.out.Status == "" {
		o := outcomes[reason]
		c.set(o.status, o.word, reason)
		c.out.Finding = finding
	}
}

func (c *candidate) set(s Status, word SubIndication, reason string) {
	c.out.Status, c.out.SubIndication, c.out.Reason = s, word, reason
	c.out.Result = map[Status]Result{Passed: Valid, Indeterminate: Unknown, Failed: Invalid}[s]
}

func (j *judging) run() error {
	for _, c := range j.found {
		c.out.Field, c.out.Kind, c.out.Revocation = c.field.Name, OfSignature, RevocationUnknown
		if finding := j.structure(c); finding != "" {
			c.fail(Structure, finding)
		}
		j.ends[c.end]++
	}
	for _, c := range j.found {
		c.out.End = c.end
		if c.out.Status == "" && (j.ends[c.end] > 1 || j.names[c.field.Name] > 1) {
			c.fail(Structure, "two signatures of one name or one range")
		}
		if c.out.Status != "" {
			c.out.Coverage = PartialChanged
			continue
		}
		if err := j.cryptography(c); err != nil {
			return err
		}
	}
	slices.SortStableFunc(j.found, func(a, b *candidate) int { return cmp.Compare(a.end, b.end) })
	for _, c := range j.found {
		if c.revision != nil {
			c.out.Revision = len(c.revision.Sections)
		}
		if c.revision != nil {
			j.cover(c)
		}
	}
	for _, c := range j.found {
		c.fail(Good, "")
	}
	return nil
}

// cover finds out what came after the signed revision.
func (j *judging) cover(c *candidate) {
	if c.end == j.size {
		c.out.Coverage = Whole
		return
	}
	if finding := j.compare(c); finding != "" {
		c.out.Coverage = PartialChanged
		// The most telling reason of all, unless the signature itself is already broken.
		if c.out.Status != Failed {
			c.out.Status = ""
		}
		c.fail(ChangedAfter, finding)
		return
	}
	c.out.Coverage = PartialAllowed
}

// cryptography checks message, signature and chain.
func (j *judging) cryptography(c *candidate) error {
	switch c.dict.Get("SubFilter") {
	case pdf.Name("ETSI.CAdES.detached"):
		c.out.Level = BB
	case pdf.Name("adbe.pkcs7.detached"):
		c.out.Level = CMS
	default:
		c.fail(OldForm, "sub filter")
		return nil
	}
	if m, ok := c.dict.Get("M").(pdf.String); ok {
		if t, ok := pdf.ParseDate(pdf.DecodeText(m.Bytes)); ok {
			c.out.Claimed = &t
		}
	}
	m, err := cms.Parse(c.message)
	if err != nil {
		c.failMessage(err)
		return nil
	}
	if c.out.Claimed == nil && !m.Claimed.IsZero() {
		c.out.Claimed = &m.Claimed
	}
	h := m.Digest.New()
	for _, s := range []pdf.Span{{Start: 0, End: c.hole.Start}, {Start: c.hole.End, End: c.end}} {
		if _, err := io.Copy(h, io.NewSectionReader(j.r, s.Start, s.End-s.Start)); err != nil {
			return err
		}
	}
	proof, err := m.Check(h.Sum(nil))
	if proof.Certificate != nil {
		c.describe(proof.Certificate, j.opts)
	}
	if err != nil {
		c.failMessage(err)
		return nil
	}
	j.chain(c, m, proof)
	return nil
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

// describe notes who the certificate names.
func (c *candidate) describe(cert *x509.Certificate, opts Options) {
	c.out.Name, c.out.Subject, c.out.Issuer = cert.Subject.CommonName, cert.Subject.String(), cert.Issuer.String()
	if len(cert.Subject.Organization) > 0 {
		c.out.Agency = cert.Subject.Organization[0]
	}
	from, to := cert.NotBefore.UTC(), cert.NotAfter.UTC()
	c.out.ValidFrom, c.out.ValidTo = &from, &to
	c.out.Certificate = cert.Raw
	c.out.Development = opts.Marker != "" &&
		(slices.Contains(cert.Subject.OrganizationalUnit, opts.Marker) || slices.Contains(cert.Issuer.OrganizationalUnit, opts.Marker))
}

// clockSkew is how far a claimed time may lie ahead of ours.
const clockSkew = 5 * time.Minute

// chain checks that the certificate leads to an anchor, and was valid and fit at the claimed time.
func (j *judging) chain(c *candidate, m *cms.Message, proof cms.Proof) {
	cert := proof.Certificate
	at := j.opts.Now
	if c.out.Claimed != nil {
		at = *c.out.Claimed
	}
	if proof.Weak {
		c.fail(WeakCrypto, "SHA-1 or a short key")
		return
	}
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	for _, l := range j.opts.Lists {
		for _, a := range l.Anchors {
			roots.AddCert(a)
		}
	}
	for _, a := range slices.Concat(j.opts.Extra, m.Certificates) {
		middle.AddCert(a)
	}
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
	case errors.As(err, &authority):
		c.fail(Untrusted, err.Error())
		return
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		c.fail(Expired, err.Error())
		return
	default:
		c.fail(Unfit, err.Error())
		return
	}
	switch {
	case cert.IsCA || cert.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		c.fail(Unfit, "key usage")
	case !proof.Bound:
		c.fail(NotBound, "no signing certificate attribute")
	case at.After(j.opts.Now.Add(clockSkew)):
		c.fail(FromTheFuture, "claimed time")
	}
}
