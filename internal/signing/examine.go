package signing

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"os"
	"slices"

	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/trust"
)

// DevelopmentList names the trust list of the development PKI. It cannot be managed: it belongs to the
// installation, and everything it signs says that it has no legal value.
const DevelopmentList = "development"

// whom says whom the verifier trusts at the moment.
type whom struct {
	lists       []judge.TrustList
	tsa         []*x509.Certificate
	fingerprint string // verdicts made under another one are stale
}

// whom reads the lists of the administrators and adds the development PKI.
func (s *Service) whom(ctx context.Context) (whom, error) {
	lists, err := trust.Load(ctx, s.DB)
	if err != nil {
		return whom{}, err
	}
	w := whom{lists: []judge.TrustList{
		{Name: string(trust.PublicService), Anchors: lists[trust.PublicService]},
		{Name: string(trust.Public), Anchors: lists[trust.Public]},
		{Name: DevelopmentList, Anchors: []*x509.Certificate{s.PKI.Root}},
	}, tsa: append(slices.Clip(lists[trust.TSA]), s.PKI.Root)}
	h := sha256.New()
	for _, l := range append(w.lists, judge.TrustList{Name: judge.TSAList, Anchors: w.tsa}) {
		h.Write([]byte(l.Name))
		for _, c := range l.Anchors {
			sum := sha256.Sum256(c.Raw)
			h.Write(sum[:])
		}
	}
	w.fingerprint = hex.EncodeToString(h.Sum(nil)[:8])
	return w, nil
}

// StampRoots are the roots of timestamp authorities whose tokens are taken.
func (s *Service) StampRoots(ctx context.Context) ([]*x509.Certificate, error) {
	w, err := s.whom(ctx)
	return w.tsa, err
}

// evidence is one list or response.
type evidence struct {
	kind revocation.Kind
	body []byte
}

// maxRounds limits how often a file is judged again with what was fetched in between: signer's chain,
// then that of a timestamp that counts now, and once more.
const maxRounds = 3

// examine judges a file in a child. What the child misses is fetched here, where no stranger's file is
// parsed, and only for certificates that lead to somebody we trust; then it judges again. What nobody
// tells stays unknown. used is what decided of the evidence from outside of the file.
func (s *Service) examine(ctx context.Context, f *os.File, w whom, known []evidence) (report judge.Report, used []evidence, err error) {
	opts := judge.Options{Lists: w.lists, TSA: w.tsa, Extra: []*x509.Certificate{s.PKI.Issuing}, Marker: devpki.Marker, Now: s.Now()}
	all := append(slices.Clip(known), s.trialLists(ctx)...)
	for _, e := range all {
		give(&opts, e)
	}
	asked := map[string]bool{}
	for range maxRounds {
		if report, err = sandbox.Judge(ctx, s.Runner, f, opts); err != nil {
			return report, nil, err
		}
		more := false
		for _, n := range report.Needs {
			if asked[string(n.Certificate)] {
				continue
			}
			asked[string(n.Certificate)] = true
			for _, e := range s.inquire(ctx, n) {
				give(&opts, e)
				all, more = append(all, e), true
			}
		}
		if !more {
			break
		}
	}
	for _, e := range all {
		sum := sha256.Sum256(e.body)
		if slices.Contains(report.Used, hex.EncodeToString(sum[:])) {
			used = append(used, e)
		}
	}
	return report, used, nil
}

// trialLists are the revocation lists of the development PKI, handed in from the beginning.
func (s *Service) trialLists(ctx context.Context) (out []evidence) {
	now := s.Now()
	issued, err1 := s.PKI.CRL(now)
	above, _, err2 := s.PKI.Evidence(s.PKI.Issuing, now)
	if err := errors.Join(err1, err2); err != nil {
		s.Log.ErrorContext(ctx, "the development PKI could not say which certificates are revoked", "error", err)
		return nil
	}
	for _, der := range append(above, issued) {
		out = append(out, evidence{revocation.CRL, der})
	}
	return out
}

func give(o *judge.Options, e evidence) {
	if e.kind == revocation.OCSP {
		o.OCSPs = append(o.OCSPs, e.body)
	} else {
		o.CRLs = append(o.CRLs, e.body)
	}
}

// inquire asks the authorities about one certificate.
func (s *Service) inquire(ctx context.Context, n judge.Need) []evidence {
	cert, err1 := x509.ParseCertificate(n.Certificate)
	issuer, err2 := x509.ParseCertificate(n.Issuer)
	if s.Fetcher == nil || errors.Join(err1, err2) != nil {
		return nil
	}
	status, err := s.Fetcher.Fetch(ctx, cert, issuer)
	if err != nil {
		s.Log.InfoContext(ctx, "nobody told whether a certificate is revoked", "serial", cert.SerialNumber.Text(16), "error", err)
		return nil
	}
	return []evidence{{status.Kind, status.Source}}
}
