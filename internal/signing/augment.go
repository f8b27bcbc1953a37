package signing

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// augmentFor limits everything that is done to keep one file provable.
const augmentFor = time.Minute

// Augment carries a file as far as it can towards a level: a timestamp (B-T), the evidence about all chains
// in the file (B-LT), and a document timestamp over everything (B-LTA). Nothing in the file changes; what is
// there already is not done again. The answer is the new content, or the old one when nothing was added, and
// how far it came; the error then says what was in the way. A step that needs somebody who cannot be reached
// leaves no trace. Call it outside of transactions.
func (s *Service) Augment(ctx context.Context, ref objects.Ref, want judge.Level) (objects.Ref, judge.Level, error) {
	p, err := s.preserve(ctx, ref, want, false)
	return p.ref, p.level, err
}

// preserved is how far a file came. report is nil when nothing was added.
type preserved struct {
	ref    objects.Ref
	level  judge.Level
	report *storedReport
}

// preserve is Augment; again adds evidence for the last timestamp and a newer one behind it.
func (s *Service) preserve(ctx context.Context, ref objects.Ref, want judge.Level, again bool) (preserved, error) {
	ctx, cancel := context.WithTimeout(ctx, augmentFor)
	defer cancel()
	old := preserved{ref: ref}
	if s.Stamper == nil {
		return old, errNoStamper
	}
	f, err := s.fetch(ctx, ref)
	if err != nil {
		return old, err
	}
	defer f.Close()
	p := &preserving{Service: s, file: f, size: ref.Size, again: again}
	if p.whom, err = s.whom(ctx); err != nil {
		return old, err
	}
	stopped := p.steps(ctx, want)
	old.level = p.level
	if p.size == ref.Size {
		return old, errors.Join(stopped, p.note(ctx, ref.Hash, stopped))
	}
	report, err := p.prove(ctx, ref.Size)
	if err != nil {
		return old, err
	}
	out, err := s.Keeper.KeepStream(ctx, upload.PDF, p.size, func() io.ReadCloser {
		return io.NopCloser(io.NewSectionReader(f, 0, p.size))
	})
	if err != nil {
		return old, fmt.Errorf("store preserved file: %w", err)
	}
	err = postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		if err := saveReport(ctx, tx, out.Hash, report); err != nil {
			return err
		}
		return audit.Append(ctx, tx, access.Actor{}, report.checkedAt, audit.Event{Kind: audit.FilePreserved,
			Details: map[string]any{"input": ref.Hash.Hex(), "output": out.Hash.Hex(), "level": string(p.level), "until": p.endsAt}})
	})
	if err == nil {
		err = p.note(ctx, out.Hash, stopped)
	}
	if err != nil {
		return old, err
	}
	return preserved{ref: out, level: p.level, report: &report}, stopped
}

// note keeps how far some content came and until when, for the job that goes on from there.
func (p *preserving) note(ctx context.Context, h objects.Hash, stopped error) error {
	if p.level == "" {
		return nil // nothing that is signed
	}
	if p.endsAt.IsZero() {
		p.endsAt = p.Now()
	}
	failure := ""
	if stopped != nil {
		failure = failureOf(stopped)
	}
	return savePreserved(context.WithoutCancel(ctx), p.DB, row{hash: h, level: p.level, endsAt: p.endsAt, failure: failure, at: p.Now()})
}

// preserving is the work on one file.
type preserving struct {
	*Service
	whom   whom
	file   *os.File
	size   int64
	again  bool
	level  judge.Level
	endsAt time.Time // of the certificates of the newest timestamp
	survey pades.Survey
	added  int // document timestamps
}

// Why a file does not come further. People see the level that it has.
var (
	errNoStamper = errors.New("nobody gives out timestamps here")
	errUnsigned  = errors.New("file has no signature that can be preserved")
	errNoChain   = errors.New("no signature leads to a trusted list")
	errNoStamp   = errors.New("nobody gave out a timestamp")
	errNoTell    = errors.New("nobody tells whether a certificate was revoked")
)

// heldUp reports whether a file does not come further for a reason that is not ours: somebody who does not
// answer, or the file itself.
func heldUp(err error) bool {
	var refused *errs.Error
	return errors.Is(err, errNoStamper) || errors.Is(err, errUnsigned) || errors.Is(err, errNoChain) || errors.Is(err, errNoStamp) ||
		errors.Is(err, errNoTell) || errors.As(err, &refused)
}

func (p *preserving) steps(ctx context.Context, want judge.Level) (err error) {
	if err := p.examine(ctx); err != nil {
		return err
	}
	if p.level = judge.BB; want == judge.BB {
		return nil
	}
	if !p.stamped() {
		if err := p.addTimestamp(ctx); err != nil {
			return err
		}
		if err := p.examine(ctx); err != nil {
			return err
		}
	}
	if p.level = judge.BT; want == judge.BT {
		return nil
	}
	grown, err := p.addEvidence(ctx)
	if err != nil {
		return err
	}
	if p.level = judge.BLT; want == judge.BLT {
		return nil
	}
	if last := p.survey.Signatures[len(p.survey.Signatures)-1]; grown || p.again || !last.Document || last.End != p.size {
		if err := p.addTimestamp(ctx); err != nil {
			return err
		}
	}
	p.level = judge.BLTA
	return nil
}

func (p *preserving) examine(ctx context.Context) (err error) {
	if p.survey, err = sandbox.Examine(ctx, p.Runner, p.file); err != nil {
		return sandbox.Refusal(err)
	}
	if !slices.ContainsFunc(p.survey.Signatures, func(s pades.Surveyed) bool { return !s.Document }) {
		return errUnsigned
	}
	for _, s := range p.survey.Signatures { // until the end of the last one's authority
		ders := [][]byte{s.Certificate}
		if !s.Document {
			ders = nil
			for _, stamp := range s.Stamps {
				ders = append(ders, stamp.Certificate)
			}
		}
		if chain := parsed(ders); len(chain) > 0 {
			p.endsAt = endOf(chain)
		}
	}
	return nil
}

// stamped reports whether every signature has a timestamp of its own or is covered by one of the document.
func (p *preserving) stamped() bool {
	for i, s := range p.survey.Signatures {
		if !s.Document && len(s.Stamps) == 0 && p.coveredAt(i).IsZero() {
			return false
		}
	}
	return true
}

// coveredAt is the time of the first document timestamp over signature i; zero without one.
func (p *preserving) coveredAt(i int) time.Time {
	for _, later := range p.survey.Signatures[i+1:] {
		if later.Document {
			return later.At
		}
	}
	return time.Time{}
}

// addTimestamp adds a document timestamp over the whole file.
func (p *preserving) addTimestamp(ctx context.Context) error {
	plan, err := sandbox.PrepareTimestamp(ctx, p.Runner, p.file, tokenHole)
	if err != nil {
		return sandbox.Refusal(err)
	}
	digest, err := plan.Digest(io.NewSectionReader(p.file, 0, p.size))
	if err != nil {
		return err
	}
	token, err := p.Stamper.Stamp(ctx, digest)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoStamp, err)
	}
	if err := plan.Fill(token.Raw); err != nil {
		return err
	}
	if err := p.append(plan); err != nil {
		return err
	}
	p.endsAt = endOf(token.Chain)
	p.added++
	return nil
}

// endOf is when the first certificate of a chain ends, its root not counted.
func endOf(chain []*x509.Certificate) time.Time {
	end := chain[0].NotAfter
	for _, c := range chain[:max(1, len(chain)-1)] {
		if c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end
}

func (p *preserving) append(plan pades.Plan) error {
	if _, err := p.file.WriteAt(plan.Appendix, p.size); err != nil {
		return fmt.Errorf("write preserved file: %w", noRoom(err))
	}
	p.size = plan.Size
	return nil
}

// addEvidence adds what is missing about the chains of all signatures that lead to somebody we trust: all of
// it or nothing. Those of strangers are left as they are.
func (p *preserving) addEvidence(ctx context.Context) (grown bool, err error) {
	known := &collection{preserving: p, evidence: revocation.Evidence{CRLs: slices.Clone(p.survey.Store.CRLs),
		OCSPs: slices.Clone(p.survey.Store.OCSPs), Now: p.Now()}}
	known.evidence.Certificates = append(known.evidence.Certificates, parsed(p.survey.Store.Certs)...)
	for i, sig := range p.survey.Signatures {
		if last := i == len(p.survey.Signatures)-1; sig.Document && last && !p.again {
			continue // its own chain is for the next timestamp
		}
		if err := known.about(ctx, i); err != nil {
			return false, err
		}
	}
	if !known.signer {
		return false, errNoChain
	}
	plan, err := sandbox.AppendDSS(ctx, p.Runner, p.file, known.found)
	if err != nil {
		return false, sandbox.Refusal(err)
	}
	if len(plan.Appendix) == 0 {
		return false, nil
	}
	return true, p.append(plan)
}

// collection is the evidence that is known, and what of it the file should hold.
type collection struct {
	*preserving
	evidence revocation.Evidence
	found    pades.Evidence
	signer   bool // somebody who signed leads to a list
}

// about collects the evidence about signature i and its timestamps, as of the time that is proven for each.
func (c *collection) about(ctx context.Context, i int) error {
	sig := c.survey.Signatures[i]
	c.evidence.CRLs, c.evidence.OCSPs = append(c.evidence.CRLs, sig.CRLs...), append(c.evidence.OCSPs, sig.OCSPs...)
	covered := c.coveredAt(i)
	if covered.IsZero() {
		covered = c.Now()
	}
	if sig.Document {
		_, err := c.chain(ctx, chainOf{sig.Certificate, sig.Certificates, c.whom.tsa, covered})
		return err
	}
	at := covered
	for _, stamp := range sig.Stamps {
		ok, err := c.chain(ctx, chainOf{stamp.Certificate, stamp.Certificates, c.whom.tsa, covered})
		if err != nil {
			return err
		}
		if ok && stamp.At.Before(at) {
			at = stamp.At
		}
	}
	var anchors []*x509.Certificate
	for _, l := range c.whom.lists {
		anchors = append(anchors, l.Anchors...)
	}
	trusted, err := c.chain(ctx, chainOf{sig.Certificate, sig.Certificates, anchors, at})
	c.signer = c.signer || trusted
	return err
}

// chainOf is a certificate whose chain is looked for.
type chainOf struct {
	certificate []byte
	carried     [][]byte
	anchors     []*x509.Certificate
	at          time.Time
}

// chain adds a chain and what tells about its certificates; false when it leads to nobody we trust.
func (c *collection) chain(ctx context.Context, q chainOf) (trusted bool, err error) {
	cert, err := x509.ParseCertificate(q.certificate)
	if err != nil {
		return false, nil //nolint:nilerr // a stranger's
	}
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range q.anchors {
		roots.AddCert(a)
	}
	for _, m := range slices.Concat(parsed(q.carried), c.evidence.Certificates, []*x509.Certificate{c.PKI.Issuing}) {
		middle.AddCert(m)
	}
	chains, err := cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, CurrentTime: q.at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return false, nil //nolint:nilerr // a stranger's, or ended before any proven time
	}
	for i, link := range chains[0] {
		c.found.Certs = append(c.found.Certs, link.Raw)
		if i == len(chains[0])-1 {
			break
		}
		if err := c.status(ctx, link, chains[0][i+1], q.at); err != nil {
			return false, err
		}
	}
	return true, nil
}

// status adds what tells about one certificate at a time, from what is there or else from who knows.
func (c *collection) status(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) error {
	s, err := revocation.Evaluate(cert, issuer, c.evidence, at)
	if err == nil && s.State == revocation.Unknown {
		if err := c.ask(ctx, cert, issuer); err != nil {
			return err
		}
		s, err = revocation.Evaluate(cert, issuer, c.evidence, at)
	}
	switch {
	case err != nil:
		return err
	case s.State == revocation.Unknown:
		return fmt.Errorf("%w: %s: %s", errNoTell, cert.Subject.CommonName, s.Why)
	case s.Kind == revocation.OCSP:
		c.found.OCSPs = append(c.found.OCSPs, s.Source)
	default:
		c.found.CRLs = append(c.found.CRLs, s.Source)
	}
	if !s.Signer.Equal(issuer) {
		c.found.Certs = append(c.found.Certs, s.Signer.Raw)
	}
	return nil
}

// ask gets what tells about a certificate: from the development PKI about its own, else from who issued it.
func (c *collection) ask(ctx context.Context, cert, issuer *x509.Certificate) error {
	crls, ocsps, err := c.PKI.Evidence(cert, c.Now())
	if err != nil {
		return err
	}
	if len(crls)+len(ocsps) == 0 {
		for _, e := range Inquire(ctx, c.Fetcher, c.Log, judge.Need{Certificate: cert.Raw, Issuer: issuer.Raw}) {
			if e.Kind == revocation.OCSP {
				ocsps = append(ocsps, e.Body)
			} else {
				crls = append(crls, e.Body)
			}
		}
	}
	c.evidence.CRLs, c.evidence.OCSPs = append(c.evidence.CRLs, crls...), append(c.evidence.OCSPs, ocsps...)
	return nil
}

func parsed(ders [][]byte) []*x509.Certificate {
	var out []*x509.Certificate
	for _, der := range ders {
		if c, err := x509.ParseCertificate(der); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// prove judges the file after it grew: nothing in it broke, and the last thing in it is our timestamp, or
// evidence that came without one.
func (p *preserving) prove(ctx context.Context, before int64) (storedReport, error) {
	report, used, err := p.Service.examine(ctx, p.file, p.whom, nil)
	if err != nil {
		return storedReport{}, sandbox.Refusal(err)
	}
	broken := func(sig judge.Signature) bool {
		return sig.SubIndication == judge.FormatFailure || sig.SubIndication == judge.HashFailure || sig.SubIndication == judge.SigCryptoFailure
	}
	fresh := 0
	for _, sig := range report.Signatures {
		switch {
		case broken(sig):
			return storedReport{}, withCause(errEarlier, sig.Reason+": "+sig.Finding)
		case sig.End > before && sig.Kind == judge.OfTimestamp && sig.Status != judge.Failed:
			fresh++
		case sig.End > before:
			return storedReport{}, withCause(errRefusedFile, sig.Reason+": "+sig.Finding)
		}
	}
	if fresh != p.added || report.Problem != "" {
		return storedReport{}, withCause(errRefusedFile, fmt.Sprintf("%d timestamps instead of %d, %s", fresh, p.added, report.Problem))
	}
	return p.stored(report, p.whom, used), nil
}
