// Package judge decides whether the signatures in a PDF file are to be trusted, in the order of ETSI EN
// 319 102-1: structure, signer's certificate, cryptography, time, chain, revocation, and what came after
// the signed revision. It denies by default: what it does not understand is never "valid", and what cannot
// be found out is never "good". It reads the file through io.ReaderAt, does no other I/O, and belongs into
// a child process, because files of strangers come here. What is missing to judge it tells as Needs.
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
	"nghisu/internal/signing/tsp"
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
	if opts.At.IsZero() {
		opts.At = opts.Now
	}
	j := &judging{r: r, size: size, d: d, opts: opts, names: map[string]int{}, ends: map[int64]int{},
		refs: map[placeKey][]uint32{}}
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
	out := Report{Revisions: revisions(d), Needs: j.needs, Used: j.used(), Signatures: make([]Signature, 0, len(j.found))}
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

	refs      map[placeKey][]uint32 // what objects refer to, by where they lie
	pages     map[uint32]int        // numbers of pages, when asked for
	pageCount int

	certs       []*x509.Certificate // everything known between signers and anchors
	crls, ocsps [][]byte            // everything known about revocation
	proofs      []existence         // what proven document timestamps say, oldest revision first
	needs       []Need
}

// candidate is one signature on its way to a judgement.
type candidate struct {
	field    pdf.Field
	value    pdf.Ref // the signature dictionary
	dict     pdf.Dict
	hole     pdf.Span
	end      int64 // of the signed revision
	contents []byte
	revision *pdf.Doc
	message  *cms.Message // of a signature that fits its content; nil otherwise
	proof    cms.Proof
	token    *tsp.Token // of a document timestamp that fits its content; nil otherwise
	best     time.Time  // the earliest moment it is known to have existed
	evidence []string   // hashes of the revocation data that were used, empty strings for such from outside
	anchored bool       // the certificate leads to somebody we trust
	out      Signature
}

// broken reports whether the signature proves nothing, whoever made it.
func (c *candidate) broken() bool {
	return c.revision == nil || c.out.Status == Failed || c.message == nil && c.token == nil
}

// outcome is a status with the word that EN 319 102-1 has for its cause.
type outcome struct {
	status Status
	word   SubIndication
}

// outcomes are what the reasons mean.
var outcomes = map[string]outcome{
	Good:          {Passed, ""},
	GoodPartial:   {Passed, ""},
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
	Doubtful:      {Indeterminate, SigConstraints},
	WasRevoked:    {Failed, Revoked},
	MaybeRevoked:  {Indeterminate, RevokedNoPOE},
	OutOfOrder:    {Indeterminate, TimestampOrder},
	IssuerRevoked: {Indeterminate, RevokedCANoPOE},
	WeakOnceFine:  {Indeterminate, CryptoNoPOE},
	SignedTooLate: {Failed, CertificateExpired},
	SignedTooSoon: {Failed, NotYetValid},
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
	j.collect()
	j.proveTimes()
	for _, c := range j.found {
		if c.message != nil {
			j.trust(c)
		}
	}
	for _, c := range j.found {
		if c.revision != nil {
			c.out.Revision = revisions(c.revision)
			j.cover(c)
		}
		c.fail(Good, "")
		if c.out.Status == Passed && c.out.Coverage == PartialAllowed {
			c.out.Reason = GoodPartial
		}
	}
	return nil
}

// cover finds out what came after the signed revision.
func (j *judging) cover(c *candidate) {
	if c.end == j.size {
		c.out.Coverage = Whole
		return
	}
	changes, finding, doubtful := j.compare(c)
	c.out.Changes = changes
	if finding != "" && !doubtful {
		c.out.Coverage = PartialChanged
		// The most telling reason of all, unless the signature itself is already broken.
		if c.out.Status != Failed {
			c.out.Status = ""
		}
		c.fail(ChangedAfter, finding)
		return
	}
	if doubtful {
		c.fail(Doubtful, finding)
	}
	c.out.Coverage = PartialAllowed
}

// revisions counts the states that a file went through. The first section of a linearised file comes before
// its main one and is no state of its own.
func revisions(d *pdf.Doc) int {
	n := 0
	for i, s := range d.Sections {
		if i+1 == len(d.Sections) || s.Offset > d.Sections[i+1].Offset {
			n++
		}
	}
	return n
}
