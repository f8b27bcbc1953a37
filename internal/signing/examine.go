package signing

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"log/slog"
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

// examine judges a file in a child. What the child misses is fetched here, where no stranger's file is
// parsed, and only for certificates that lead to somebody we trust; then it judges again. used is what
// decided of the evidence from outside of the file.
func (s *Service) examine(ctx context.Context, f *os.File, w whom, known []judge.Evidence) (report judge.Report, used []judge.Evidence, err error) {
	opts := judge.Options{Lists: w.lists, TSA: w.tsa, Extra: []*x509.Certificate{s.PKI.Issuing}, Marker: devpki.Marker, Now: s.Now()}
	return judge.Rounds(opts, append(slices.Clip(known), s.trialLists(ctx)...),
		func(o judge.Options) (judge.Report, error) { return sandbox.Judge(ctx, s.Runner, f, o) },
		func(n judge.Need) []judge.Evidence { return Inquire(ctx, s.Fetcher, s.Log, n) })
}

// trialLists are the revocation lists of the development PKI, handed in from the beginning.
func (s *Service) trialLists(ctx context.Context) (out []judge.Evidence) {
	now := s.Now()
	issued, err1 := s.PKI.CRL(now)
	above, _, err2 := s.PKI.Evidence(s.PKI.Issuing, now)
	if err := errors.Join(err1, err2); err != nil {
		s.Log.ErrorContext(ctx, "the development PKI could not say which certificates are revoked", "error", err)
		return nil
	}
	for _, der := range append(above, issued) {
		out = append(out, judge.Evidence{Kind: revocation.CRL, Body: der})
	}
	return out
}

// Inquire asks the authorities about one certificate; nothing when nobody tells.
func Inquire(ctx context.Context, f Fetcher, log *slog.Logger, n judge.Need) []judge.Evidence {
	cert, err1 := x509.ParseCertificate(n.Certificate)
	issuer, err2 := x509.ParseCertificate(n.Issuer)
	if f == nil || errors.Join(err1, err2) != nil {
		return nil
	}
	status, err := f.Fetch(ctx, cert, issuer)
	if err != nil {
		log.InfoContext(ctx, "nobody told whether a certificate is revoked", "serial", cert.SerialNumber.Text(16), "error", err)
		return nil
	}
	return []judge.Evidence{{Kind: status.Kind, Body: status.Source}}
}
