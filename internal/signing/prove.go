package signing

import (
	"context"
	"errors"
	"fmt"
	"os"

	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/sandbox"
)

// proof is what a freshly signed file has to show.
type proof struct {
	before int64 // size without the new signature
	size   int64
	cert   keys.Certificate
}

// prove judges a freshly signed file by our own verifier: exactly one signature came, it is by the expected
// certificate, it is good and covers everything; and none of those before was broken, by us or by
// anybody else.
func (s *Service) prove(ctx context.Context, f *os.File, p proof) (storedReport, error) {
	w, err := s.whom(ctx)
	if err != nil {
		return storedReport{}, err
	}
	report, used, err := s.examine(ctx, f, w, nil)
	if err != nil {
		return storedReport{}, sandbox.Refusal(err)
	}
	fresh := 0
	for _, sig := range report.Signatures {
		switch {
		case sig.Result == judge.Invalid && sig.End <= p.before:
			return storedReport{}, withCause(errEarlier, sig.Finding)
		case sig.End == p.size && sound(sig) && sig.Coverage == judge.Whole && string(sig.Certificate) == string(p.cert.Leaf.Raw):
			fresh++
		case sig.End > p.before || sig.End == 0:
			return storedReport{}, withCause(errRefusedFile, sig.Reason+": "+sig.Finding)
		}
	}
	if fresh != 1 {
		return storedReport{}, withCause(errRefusedFile, fmt.Sprintf("%d good signatures after signing, %s", fresh, report.Problem))
	}
	return s.stored(report, w, used), nil
}

// sound reports whether a new signature is as good as it can be right after signing: that nobody has
// said yet whether the certificate is revoked, or that its issuer is on no list of this installation,
// is not the file's fault. Everything before that was checked.
func sound(sig judge.Signature) bool {
	return sig.Status == judge.Passed ||
		sig.Status == judge.Indeterminate && (sig.SubIndication == judge.TryLater || sig.SubIndication == judge.NoChain)
}

// levelOf is the level of the signature that ends a file.
func levelOf(report judge.Report, size int64) string {
	for _, sig := range report.Signatures {
		if sig.End == size {
			return string(sig.Level)
		}
	}
	return ""
}

func withCause(e *errs.Error, cause string) error {
	c := *e
	c.Err = errors.New(cause)
	return &c
}

// reasonText is what readers show as the reason of the signature. Trial keys say so in every reader.
func reasonText(p document.Purpose, it Item, development bool) string {
	what := "Ký ban hành văn bản"
	if p == document.BySeal {
		what = "Chữ ký số của cơ quan trên văn bản"
	}
	if it.Code != "" {
		what += " " + it.Code
	}
	if what += "."; development {
		what += " " + devpki.Marker + "."
	}
	return what
}
