package signfile_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nghisu/internal/bench"
	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/signfile"
)

// place is a folder with a file to sign, and the job that does it.
func place(t *testing.T, data []byte) signfile.Job {
	t.Helper()
	dir := t.TempDir()
	j := signfile.Job{In: filepath.Join(dir, "in.pdf"), Out: filepath.Join(dir, "out.pdf"), Runner: sandbox.InProcess{},
		Request: pades.Request{Name: "Trần Văn Nghĩa", At: time.Now()}}
	if err := os.WriteFile(j.In, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return j
}

func selfSigned(t *testing.T, key crypto.Signer, err error) pades.Signer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s, err := bench.SelfSigned(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// judged is the verdict of our verifier, with who signed as the anchor.
func judged(t *testing.T, path string, opts judge.Options) judge.Report {
	t.Helper()
	data := read(t, path)
	r, err := judge.Judge(bytes.NewReader(data), int64(len(data)), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trusting(s pades.Signer) judge.Options {
	return judge.Options{Lists: []judge.TrustList{{Name: "x", Anchors: []*x509.Certificate{s.Certificate}}}, Now: time.Now()}
}

// alone reports whether nothing but these files is in the folder: no half of a file stays.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(names) {
		t.Errorf("folder holds %v", list)
	}
}

// Files of every size around the blocks come out whole, signed with every kind of key.
func TestSign(t *testing.T) {
	rsaKey, err1 := rsa.GenerateKey(rand.Reader, 2048)
	ec, err2 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	for _, s := range []pades.Signer{selfSigned(t, rsaKey, err1), selfSigned(t, ec, err2)} {
		for _, size := range []int{1000, 1 << 20, 5<<20 + 17} {
			for _, alg := range []cms.Algorithm{cms.Usual, {Hash: crypto.SHA512}} {
				j := place(t, bench.Document(size))
				j.Signer, j.Signer.Algorithm = s, alg
				if err := signfile.Sign(t.Context(), j); err != nil {
					t.Fatal(err)
				}
				if !bytes.HasPrefix(read(t, j.Out), read(t, j.In)) {
					t.Error("original is not the beginning")
				}
				if r := judged(t, j.Out, trusting(s)); len(r.Signatures) != 1 || r.Signatures[0].Status != judge.Passed {
					t.Errorf("%d bytes: %+v", size, r)
				}
				alone(t, filepath.Dir(j.Out), "in", "out")
			}
		}
	}
}

// A failure leaves what was there: the original, an older output, and nothing else.
func TestSign_failure(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	signer := selfSigned(t, key, err)
	fail := errors.New("no such luck")
	for name, spoil := range map[string]func(*signfile.Job){
		"key":       func(j *signfile.Job) { j.Signer.Key = broken{key, fail} },
		"timestamp": func(j *signfile.Job) { j.Level = signfile.NewLevel("B-T", "http://127.0.0.1:1/", nil) },
		"reader":    func(j *signfile.Job) { j.Runner = dead{} },
		"file":      func(j *signfile.Job) { _ = os.WriteFile(j.In, []byte("no pdf"), 0o600) },
		"same":      func(j *signfile.Job) { j.Out = j.In },
	} {
		j := place(t, pdftest.Page("x"))
		j.Signer = signer
		if err := os.WriteFile(j.Out, []byte("older"), 0o600); err != nil {
			t.Fatal(err)
		}
		old := j.Out
		spoil(&j)
		before := read(t, j.In)
		if err := signfile.Sign(t.Context(), j); err == nil {
			t.Errorf("%s: no error", name)
		}
		if string(read(t, old)) != "older" || !bytes.Equal(before, read(t, j.In)) {
			t.Errorf("%s: something was changed", name)
		}
		alone(t, filepath.Dir(old), "in", "out")
	}
}

type broken struct {
	crypto.Signer
	err error
}

func (b broken) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return nil, b.err
}

type dead struct{}

func (dead) Run(context.Context, *os.File, sandbox.Request) (sandbox.Response, error) {
	return sandbox.Response{}, sandbox.ErrDied
}

// The two steps make the same as one, however far apart; what does not belong together is refused.
func TestEmbed(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	signer := selfSigned(t, key, err)
	for _, pss := range []bool{false, true} {
		j := place(t, bench.Document(100_000))
		if j.Signer, err = signfile.Without([]*x509.Certificate{signer.Certificate}, "SHA-384", pss); err != nil {
			t.Fatal(err)
		}
		p, err := signfile.Prepare(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		value, err := key.Sign(rand.Reader, p.Hash, j.Signer.Algorithm.Options())
		if err != nil {
			t.Fatal(err)
		}
		prepared := j.Out
		second := signfile.Job{In: prepared, Out: filepath.Join(filepath.Dir(prepared), "signed.pdf"), Runner: j.Runner}
		if err := signfile.Embed(t.Context(), second, p, value); err != nil {
			t.Fatal(err)
		}
		if r := judged(t, second.Out, trusting(signer)); len(r.Signatures) != 1 || r.Signatures[0].Status != judge.Passed {
			t.Errorf("PSS %v: %+v", pss, r)
		}
		wrong := bytes.Clone(value)
		wrong[9] ^= 1
		if err := signfile.Embed(t.Context(), second, p, wrong); !errors.Is(err, signfile.ErrBadValue) {
			t.Errorf("a wrong value: %v", err)
		}
		third := second
		third.In = second.Out // its hole is filled
		third.Out += "x"
		if err := signfile.Embed(t.Context(), third, p, value); !errors.Is(err, signfile.ErrNotPrepared) {
			t.Errorf("a filled hole: %v", err)
		}
		data := read(t, prepared)
		data[50_000] ^= 1
		if err := os.WriteFile(prepared, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := signfile.Embed(t.Context(), second, p, value); !errors.Is(err, signfile.ErrNotPrepared) {
			t.Errorf("a changed file: %v", err)
		}
	}
}

// asker answers from the trial authority.
type asker struct {
	*devpki.PKI
	now time.Time
}

func (a asker) Fetch(_ context.Context, cert, issuer *x509.Certificate) (revocation.Status, error) {
	crls, ocsps, err := a.Evidence(cert, a.now)
	if err != nil {
		return revocation.Status{}, err
	}
	return revocation.Evaluate(cert, issuer, revocation.Evidence{CRLs: crls, OCSPs: ocsps, Certificates: []*x509.Certificate{a.Issuing}, Now: a.now}, a.now)
}

func (a asker) Issuer(_ context.Context, cert *x509.Certificate) (*x509.Certificate, error) {
	for _, c := range []*x509.Certificate{a.Issuing, a.Root} {
		if cert.CheckSignatureFrom(c) == nil {
			return c, nil
		}
	}
	return nil, revocation.ErrFetch
}

// Every level is what our verifier finds it to be; where the evidence is missing, or speaks against the
// signer, there is no file at all.
func TestSign_levels(t *testing.T) {
	now := time.Now()
	pki, err := devpki.Open(filepath.Join(t.TempDir(), "pki"), now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.Obtain("person", devpki.Holder{Name: "Trần Văn Nghĩa", Identifier: "079000000001"}, now)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := pki.Authority(now)
	if err != nil {
		t.Fatal(err)
	}
	authority.Now = time.Now
	signer := pades.Signer{Key: key.Signer, Certificate: key.Certificate, Chain: pki.Chain()}
	opts := judge.Options{Lists: []judge.TrustList{{Name: "x", Anchors: []*x509.Certificate{pki.Root}}}, TSA: []*x509.Certificate{pki.Root}, Now: time.Now().Add(time.Minute)}
	for want, level := range map[judge.Level]signfile.Level{
		judge.BT:   {Stamper: authority},
		judge.BLT:  {Stamper: authority, Asker: asker{pki, now}},
		judge.BLTA: {Stamper: authority, Asker: asker{pki, now}, Archive: true},
	} {
		j := place(t, pdftest.Page("x"))
		j.Signer, j.Level = signer, level
		if err := signfile.Sign(t.Context(), j); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		data := read(t, j.Out)
		survey, err := pades.Examine(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		all := survey.Signatures
		if len(all) == 0 || len(all[0].Stamps) != 1 || len(survey.Store.Certs) > 0 != (want != judge.BT) || all[len(all)-1].Document != (want == judge.BLTA) {
			t.Errorf("%s: %d signatures, %d certificates", want, len(all), len(survey.Store.Certs))
		}
		r := judged(t, j.Out, opts)
		// without evidence the verifier takes no timestamp for proven
		if s := r.Signatures[0]; s.Status == judge.Failed || want != judge.BT && (s.Level != want || s.Status != judge.Passed) {
			t.Errorf("%s: %s %s %s %s", want, s.Level, s.Status, s.SubIndication, s.Finding)
		}
	}
	if err := pki.Revoke(key.Certificate.SerialNumber.Text(16), now, 1); err != nil {
		t.Fatal(err)
	}
	j := place(t, pdftest.Page("x"))
	j.Signer, j.Level = signer, signfile.Level{Stamper: authority, Asker: asker{pki, now.Add(time.Second)}}
	if err := signfile.Sign(t.Context(), j); !errors.Is(err, signfile.ErrNotReached) {
		t.Errorf("a revoked signer: %v", err)
	}
	alone(t, filepath.Dir(j.Out), "in")
}
