package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pdfsign/verify"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/tsp"
)

// authority is a root with a key, a timestamp authority below it, and its list of what was revoked.
type authority struct {
	root *x509.Certificate
	key  crypto.Signer
	tsa  *tsp.Authority
	list []byte
	site string // where the list is
}

func newAuthority(t *testing.T, at time.Time) authority {
	t.Helper()
	var list []byte
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list) }))
	t.Cleanup(site.Close)
	a := authority{site: site.URL + "/list.crl", key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "CA thử"}, SerialNumber: big.NewInt(1), NotBefore: at.AddDate(-1, 0, 0),
		NotAfter: at.AddDate(10, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	a.root = template
	a.root = a.issue(t, template, a.key.Public())
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	leaf := a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "TSA thử"}, SerialNumber: big.NewInt(2), NotBefore: at.AddDate(-1, 0, 0),
		NotAfter: at.AddDate(3, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{tsp.Usage()}}, key.Public())
	a.tsa = &tsp.Authority{Certificate: leaf, Key: key, Chain: []*x509.Certificate{a.root}, Now: func() time.Time { return at }}
	a.list = must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: at.Add(-time.Minute),
		NextUpdate: at.AddDate(0, 0, 7)}, a.root, a.key))
	list = a.list
	return a
}

func (a authority) issue(t *testing.T, template *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	t.Helper()
	if template != a.root {
		template.CRLDistributionPoints = []string{a.site}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, public, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return must(x509.ParseCertificate(der))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// lastingBy is a file that is signed B-LTA by a key under an algorithm.
func (a authority) lastingBy(t *testing.T, key crypto.Signer, alg cms.Algorithm, at time.Time) []byte {
	t.Helper()
	cert := a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Trần Văn Nghĩa"}, SerialNumber: big.NewInt(3), NotBefore: at.AddDate(-1, 0, 0),
		NotAfter: at.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}, key.Public())
	stamp := func(digest []byte) ([]byte, error) {
		token, err := a.tsa.Stamp(context.Background(), digest)
		return token.Raw, err
	}
	file, err := sign(pdftest.Page("Xin chào"), pades.Signer{Key: key, Certificate: cert, Algorithm: alg, Stamp: stamp},
		pades.Request{Name: "Trần Văn Nghĩa", Reason: "Ký", At: at, Hole: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	file, _ = withStore(t, file, pades.Evidence{Certs: [][]byte{cert.Raw, a.root.Raw, a.tsa.Certificate.Raw}, CRLs: [][]byte{a.list}})
	plan := must(pades.PrepareTimestamp(bytes.NewReader(file), int64(len(file)), 8<<10))
	token, err := stamp(must(plan.Digest(bytes.NewReader(file))))
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Fill(token); err != nil {
		t.Fatal(err)
	}
	return append(file, plan.Appendix...)
}

// Every judge accepts a B-LTA file, as far as it can judge it: ours, pdfsig, openssl (message and document
// timestamp), qpdf, mutool and pdfcpu; pdfsign reads it.
func TestLasting_allJudges(t *testing.T) {
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	a := newAuthority(t, at)
	for name, c := range map[string]struct {
		key crypto.Signer
		alg cms.Algorithm
	}{
		"P-256":         {must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), cms.Usual},
		"P-384 SHA-384": {must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)), cms.Algorithm{Hash: crypto.SHA384}},
		"RSA":           {must(rsa.GenerateKey(rand.Reader, 2048)), cms.Usual},
		"RSA PSS":       {must(rsa.GenerateKey(rand.Reader, 2048)), cms.Algorithm{Hash: crypto.SHA256, PSS: true}},
	} {
		t.Run(name, func(t *testing.T) {
			file := a.lastingBy(t, c.key, c.alg, at)
			dir := t.TempDir()
			path, ca := filepath.Join(dir, "file.pdf"), filepath.Join(dir, "ca.crt")
			err := errors.Join(os.WriteFile(path, file, 0o600),
				os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw}), 0o600))
			if err != nil {
				t.Fatal(err)
			}
			a.ours(t, file, at)
			opensslAccepts(t, file, dir, ca)
			accepts(t, "qpdf", "No syntax or stream encoding errors", "--check", path)
			if !c.alg.PSS { // mutool knows no PSS
				accepts(t, "mutool", "The signature is valid", "sign", "-v", path)
			}
			accepts(t, "pdfsig", "Signature is Valid", "-nocert", path)
			pdfcpuAccepts(t, path, dir)
			if !c.alg.PSS { // nor does pdfsign
				pdfsignReads(t, file)
			}
		})
	}
}

func accepts(t *testing.T, name, want string, args ...string) {
	t.Helper()
	if out, code, dead := tool(t, name, args...); dead || code != 0 || !strings.Contains(out, want) {
		t.Errorf("%s: %d, %s", name, code, out)
	}
}

func (a authority) ours(t *testing.T, file []byte, at time.Time) {
	t.Helper()
	r, err := judge.Judge(bytes.NewReader(file), int64(len(file)), judge.Options{Now: at.Add(30 * time.Minute),
		Lists: []judge.TrustList{{Name: "public", Anchors: []*x509.Certificate{a.root}}}, TSA: []*x509.Certificate{a.root}})
	if err != nil || len(r.Signatures) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if s := r.Signatures[0]; s.Status != judge.Passed || s.Level != judge.BLTA || !s.TimeProven {
		t.Errorf("ours: %s %s %s %s, time proven %v", s.Status, s.Level, s.Reason, s.Finding, s.TimeProven)
	}
}

// opensslAccepts takes message and token out of the file and asks openssl about each.
func opensslAccepts(t *testing.T, file []byte, dir, ca string) {
	t.Helper()
	for i, s := range rawSignatures(t, file) {
		content, message := filepath.Join(dir, "content"), filepath.Join(dir, "message")
		if err := errors.Join(os.WriteFile(content, s.content, 0o600), os.WriteFile(message, s.message, 0o600)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			accepts(t, "openssl", "success", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", message, "-content", content,
				"-CAfile", ca, "-purpose", "any", "-out", filepath.Join(dir, "out"))
			continue
		}
		accepts(t, "openssl", "OK", "ts", "-verify", "-data", content, "-in", message, "-token_in", "-CAfile", ca)
	}
}

type rawSignature struct{ content, message []byte }

func rawSignatures(t *testing.T, file []byte) (out []rawSignature) {
	t.Helper()
	rest, at := file, 0
	for {
		i := bytes.Index(rest, []byte("/Contents <"))
		if i < 0 {
			return out
		}
		from := at + i + len("/Contents ")
		to := from + bytes.IndexByte(file[from:], '>') + 1
		end := to + bytes.Index(file[to:], []byte("%%EOF\n")) + len("%%EOF\n")
		hole := make([]byte, (to-from-2)/2)
		for k := range hole {
			hole[k] = hexDigit(file[from+1+2*k])<<4 | hexDigit(file[from+2+2*k])
		}
		size := 4 + int(hole[2])<<8 + int(hole[3]) // of a sequence of 256 to 65535 bytes
		out = append(out, rawSignature{append(bytes.Clone(file[:from]), file[to:end]...), hole[:size]})
		at, rest = to, file[to:]
	}
}

func hexDigit(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

func pdfcpuAccepts(t *testing.T, path, trusted string) {
	t.Helper()
	model.ConfigPath = "disable" // no files in the home folder
	model.TrustedCertDir = trusted
	conf := model.NewDefaultConfiguration()
	conf.AllowedRevocationHosts = []string{"127.0.0.1"} // it asks the authority even when the file brings the answer
	results, err := api.ValidateSignatures(path, true, conf)
	if err != nil || len(results) == 0 {
		t.Fatalf("pdfcpu: %v", err)
	}
	for _, r := range results {
		if r.Status != model.SignatureStatusValid {
			t.Errorf("pdfcpu: %s %s %v", r.Status, r.Reason, r.Problems)
		}
	}
}

func pdfsignReads(t *testing.T, file []byte) {
	t.Helper()
	//lint:ignore SA1019 the newer interface needs files; this one takes readers
	r, err := verify.Verify(bytes.NewReader(file), int64(len(file)))
	if err != nil || len(r.Signers) == 0 || !r.Signers[0].ValidSignature {
		t.Errorf("pdfsign: %+v, %v", r, err)
	}
}
