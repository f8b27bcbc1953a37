package judge_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"testing"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/sign"
	"github.com/digitorus/pdfsign/verify"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pdftest"
)

// pdfsigned signs with the other implementation. The name is plain ASCII: its writer breaks on others.
func pdfsigned(t *testing.T, file []byte, b bench) []byte {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	data := sign.SignData{Signer: b.leader.Key, Certificate: b.leader.Certificate, DigestAlgorithm: crypto.SHA256,
		CertificateChains: [][]*x509.Certificate{{b.leader.Certificate, b.pki.Issuing}}}
	data.Signature.CertType = sign.ApprovalSignature
	data.Signature.Info = sign.SignDataSignatureInfo{Name: "Tran Van Nghia", Date: now}
	//lint:ignore SA1019 the newer interface needs files; this one takes readers
	if err := sign.Sign(bytes.NewReader(file), &out, r, int64(len(file)), data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The library is a second implementation: we read what it writes, it reads what we write.
func TestJudge_secondImplementation(t *testing.T) {
	b := newBench(t)
	theirs := pdfsigned(t, pdftest.Page("x"), b)
	if got := short(b.judge(t, theirs)); got != "valid whole" {
		t.Errorf("theirs: %s %+v", got, b.judge(t, theirs))
	}
	both := b.sign(t, theirs, b.seal)
	if got := short(b.judge(t, both)); got != "valid partial_allowed; valid whole" {
		t.Errorf("ours on theirs: %s %+v", got, b.judge(t, both))
	}
	ours := b.sign(t, pdftest.Page("x"), b.leader)
	//lint:ignore SA1019 the newer interface needs files; this one takes readers
	r, err := verify.Verify(bytes.NewReader(ours), int64(len(ours)))
	if err != nil || len(r.Signers) != 1 || !r.Signers[0].ValidSignature {
		t.Errorf("they read ours as %+v, %v", r, err)
	}
	// it rewrites the trailer and the form: for what was signed before, that is a change
	if got := short(b.judge(t, pdfsigned(t, ours, b))); got != "invalid partial_changed "+judge.ChangedAfter+"; valid whole" {
		t.Errorf("theirs on ours: %s", got)
	}
}
