package judge_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/tsp"
)

// stamped signs with a timestamp of an authority in the message; spoil changes the token before.
func (b bench) stamped(t testing.TB, file []byte, s pades.Signer, a *tsp.Authority, spoil func([]byte)) []byte {
	t.Helper()
	plan, err := pades.Prepare(bytes.NewReader(file), int64(len(file)), pades.Request{Name: "x", At: now, Hole: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	digest, err := plan.Digest(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	attributes, err := cms.Attributes(digest, s.Certificate, cms.Usual)
	if err != nil {
		t.Fatal(err)
	}
	value, err := cms.Usual.Sign(s.Key, attributes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(value)
	token, err := a.Stamp(context.Background(), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	if spoil != nil {
		spoil(token.Raw)
	}
	message, err := cms.Build(cms.Parts{Attributes: attributes, Algorithm: cms.Usual, Value: value, Certificate: s.Certificate, Chain: s.Chain, Timestamp: token.Raw})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Fill(message); err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), plan.Appendix...)
}

// authority is that of a PKI, with the clock of the test.
func authority(t testing.TB, p *devpki.PKI, at time.Time) *tsp.Authority {
	t.Helper()
	made, err := p.Authority(now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	a := *made
	a.Now = func() time.Time { return at }
	return &a
}

func only(t testing.TB, r judge.Report) judge.Signature {
	t.Helper()
	if len(r.Signatures) != 1 {
		t.Fatalf("%d signatures, %s", len(r.Signatures), r.Problem)
	}
	return r.Signatures[0]
}

func expect(t *testing.T, s judge.Signature, status judge.Status, word judge.SubIndication) {
	t.Helper()
	if s.Status != status || s.SubIndication != word {
		t.Errorf("got %s %s (%s: %s), want %s %s", s.Status, s.SubIndication, s.Reason, s.Finding, status, word)
	}
}

func TestJudge_signatureTimestamp(t *testing.T) {
	b := newBench(t)
	file := b.stamped(t, pdftest.Page("x"), b.leader, authority(t, b.pki, now), nil)
	s := only(t, b.judge(t, file))
	expect(t, s, judge.Passed, "")
	if s.Level != judge.BT || !s.TimeProven || s.BestTime == nil || !s.BestTime.Equal(now) {
		t.Errorf("level %s, proven %v at %v", s.Level, s.TimeProven, s.BestTime)
	}
	opts := b.options(t)
	opts.TSA = nil
	s = only(t, judged(t, file, opts))
	expect(t, s, judge.Passed, "")
	if s.Level != judge.BB || s.TimeProven || !slices.Contains(s.Findings, judge.NoteTimestamp) {
		t.Errorf("authority not trusted: level %s, proven %v, %v", s.Level, s.TimeProven, s.Findings)
	}
	broken := b.stamped(t, pdftest.Page("x"), b.leader, authority(t, b.pki, now), func(raw []byte) { raw[len(raw)-3] ^= 1 })
	s = only(t, b.judge(t, broken))
	if s.TimeProven || s.Level != judge.BB || !slices.Contains(s.Findings, judge.NoteBadTimestamp) {
		t.Errorf("destroyed token: level %s, proven %v, %v", s.Level, s.TimeProven, s.Findings)
	}
}

// Without anything about revocation a good signature is not known to be good, and the report says what is
// missing. A signer who is an anchor needs nothing.
func TestJudge_withoutEvidence(t *testing.T) {
	b := newBench(t)
	file := b.sign(t, pdftest.Page("x"), b.leader)
	opts := b.options(t)
	opts.CRLs = nil
	r := judged(t, file, opts)
	s := only(t, r)
	expect(t, s, judge.Indeterminate, judge.TryLater)
	if s.Revocation != judge.RevocationUnknown || len(r.Needs) != 2 {
		t.Errorf("revocation %s, %d needs", s.Revocation, len(r.Needs))
	}
	opts.Lists[0].Anchors = []*x509.Certificate{b.leader.Certificate}
	r = judged(t, file, opts)
	expect(t, only(t, r), judge.Passed, "")
	if len(r.Needs) != 0 {
		t.Errorf("an anchor needs %d", len(r.Needs))
	}
	opts.Lists = nil
	expect(t, only(t, judged(t, file, opts)), judge.Indeterminate, judge.NoChain)
	stale := b.options(t)
	stale.Now = now.AddDate(0, 1, 0)
	expect(t, only(t, judged(t, file, stale)), judge.Indeterminate, judge.TryLater)
}

func (b bench) revoke(t testing.TB, s pades.Signer, at time.Time) {
	t.Helper()
	if err := b.pki.Revoke(s.Certificate.SerialNumber.Text(16), at, 1); err != nil {
		t.Fatal(err)
	}
}

// What the signer claims about the time counts against the signer only; what a trusted authority says
// counts.
func TestJudge_revoked(t *testing.T) {
	foreign, err := devpki.Open(filepath.Join(t.TempDir(), "foreign"), now.Add(-48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	revoked := now.Add(-10 * time.Minute)
	for name, c := range map[string]struct {
		sign    func(b bench) []byte
		revoked time.Time
		status  judge.Status
		word    judge.SubIndication
	}{
		"claims a time after it":  {func(b bench) []byte { return b.sign(t, pdftest.Page("x"), b.leader) }, revoked, judge.Failed, judge.Revoked},
		"claims a time before it": {func(b bench) []byte { return b.sign(t, pdftest.Page("x"), b.leader) }, now.Add(time.Minute), judge.Indeterminate, judge.RevokedNoPOE},
		"proven to be older":      {func(b bench) []byte { return b.stamped(t, pdftest.Page("x"), b.leader, authority(t, b.pki, now), nil) }, now.Add(time.Minute), judge.Passed, ""},
		"proven by nobody we trust": {func(b bench) []byte {
			return b.stamped(t, pdftest.Page("x"), b.leader, authority(t, foreign, now), nil)
		}, now.Add(time.Minute), judge.Indeterminate, judge.RevokedNoPOE},
		"token dated before, not trusted": {func(b bench) []byte {
			return b.stamped(t, pdftest.Page("x"), b.leader, authority(t, foreign, revoked.Add(-time.Minute)), nil)
		}, revoked, judge.Failed, judge.Revoked},
		"token dated before, destroyed": {func(b bench) []byte {
			return b.stamped(t, pdftest.Page("x"), b.leader, authority(t, b.pki, revoked.Add(-time.Minute)), func(raw []byte) { raw[len(raw)-3] ^= 1 })
		}, revoked, judge.Failed, judge.Revoked},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			file := c.sign(b)
			b.revoke(t, b.leader, c.revoked)
			expect(t, only(t, b.judge(t, file)), c.status, c.word)
		})
	}
}

func TestJudge_validity(t *testing.T) {
	b := newBench(t)
	file := b.sign(t, pdftest.Page("x"), b.leader)
	end := b.leader.Certificate.NotAfter
	for name, c := range map[string]struct {
		at     time.Time
		status judge.Status
		word   judge.SubIndication
	}{
		"before it was valid": {b.leader.Certificate.NotBefore.Add(-time.Hour), judge.Failed, judge.NotYetValid},
		"now":                 {time.Time{}, judge.Passed, ""},
		"after its end":       {end.Add(time.Hour), judge.Indeterminate, judge.OutOfBoundsNoPOE},
	} {
		t.Run(name, func(t *testing.T) {
			opts := b.options(t)
			opts.At = c.at
			expect(t, only(t, judged(t, file, opts)), c.status, c.word)
		})
	}
}
