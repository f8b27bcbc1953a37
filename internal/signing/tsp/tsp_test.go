package tsp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/tsp"
)

var start = time.Now().Truncate(time.Second)

// sha256Of is what tokens of these tests are about.
func sha256Of(text string) []byte {
	h := sha256.Sum256([]byte(text))
	return h[:]
}

// authority makes a root and a timestamp authority below it; change may spoil the latter's certificate.
func authority(t testing.TB, key crypto.Signer, change func(c *x509.Certificate)) *tsp.Authority {
	t.Helper()
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{Subject: pkix.Name{CommonName: "Root"}, SerialNumber: big.NewInt(1), NotBefore: start.Add(-time.Hour),
		NotAfter: start.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root = create(t, root, root, rootKey.Public(), rootKey)
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "TSA"}, SerialNumber: big.NewInt(2), NotBefore: start.Add(-time.Hour),
		NotAfter: start.AddDate(0, 1, 0), KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{tsp.Usage()}}
	if change != nil {
		change(leaf)
	}
	leaf = create(t, leaf, root, key.Public(), rootKey)
	return &tsp.Authority{Certificate: leaf, Key: key, Chain: []*x509.Certificate{root}, Now: func() time.Time { return start }}
}

func create(t testing.TB, template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ecKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func trust(roots ...*x509.Certificate) func(context.Context) ([]*x509.Certificate, error) {
	return func(context.Context) ([]*x509.Certificate, error) { return roots, nil }
}

// client asks the server that handler makes, and trusts the root of a.
func client(t *testing.T, a *tsp.Authority, handler http.Handler) *tsp.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &tsp.Client{URL: server.URL, Roots: trust(a.Chain...)}
}

func TestClient_Stamp(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	long, longest := sha512.Sum384([]byte("x")), sha512.Sum512([]byte("x"))
	for name, c := range map[string]struct {
		key    crypto.Signer
		alg    cms.Algorithm
		digest []byte
	}{
		"P-256, SHA-256":   {ecKey(t), cms.Usual, sha256Of("x")},
		"P-256, SHA-512":   {ecKey(t), cms.Algorithm{Hash: crypto.SHA512}, longest[:]},
		"RSA, SHA-384":     {rsaKey, cms.Usual, long[:]},
		"RSA PSS, SHA-256": {rsaKey, cms.Algorithm{Hash: crypto.SHA256, PSS: true}, sha256Of("x")},
	} {
		t.Run(name, func(t *testing.T) {
			a := authority(t, c.key, nil)
			a.Algorithm = c.alg
			token, err := client(t, a, a).Stamp(t.Context(), c.digest)
			if err != nil {
				t.Fatal(err)
			}
			if !token.Time.Equal(start) || !token.Certificate.Equal(a.Certificate) || len(token.Chain) != 2 || token.Weak || token.Accuracy != time.Second {
				t.Errorf("token %+v", token)
			}
			if !c.alg.PSS { // openssl ts knows no PSS
				opensslVerifies(t, a, token.Raw, c.digest)
			}
			same, err := a.Stamp(t.Context(), c.digest)
			if err != nil || same.Serial.Cmp(token.Serial) == 0 {
				t.Errorf("in this process: %v", err)
			}
		})
	}
}

// opensslVerifies asks an independent judge.
func opensslVerifies(t *testing.T, a *tsp.Authority, token, digest []byte) {
	t.Helper()
	dir := t.TempDir()
	in, ca := filepath.Join(dir, "token"), filepath.Join(dir, "ca.pem")
	if err := errors.Join(os.WriteFile(in, token, 0o600), os.WriteFile(ca, certPEM(a.Chain[0]), 0o600)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "openssl", "ts", "-verify", "-digest", hex.EncodeToString(digest), "-in", in, "-token_in", "-CAfile", ca).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

func certPEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// Tokens by openssl are read: another writer of the same norm, with fractions of a second and other orders.
func TestClient_Stamp_byOpenssl(t *testing.T) {
	key := ecKey(t)
	a := authority(t, key, nil)
	dir := t.TempDir()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	conf := fmt.Sprintf(`[tsa]
default_tsa = t
[t]
serial = %[1]s/serial
signer_cert = %[1]s/tsa.pem
signer_key = %[1]s/key.pem
certs = %[1]s/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 3
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha1
`, dir)
	for name, data := range map[string][]byte{"serial": []byte("01\n"), "tsa.pem": certPEM(a.Certificate), "ca.pem": certPEM(a.Chain[0]),
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), "conf": []byte(conf)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := client(t, a, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		file := filepath.Join(dir, "query")
		if err := os.WriteFile(file, query, 0o600); err != nil {
			t.Error(err)
		}
		cmd := exec.CommandContext(r.Context(), "openssl", "ts", "-reply", "-config", filepath.Join(dir, "conf"), "-queryfile", file)
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("openssl: %v", err)
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(out)
	}))
	token, err := c.Stamp(t.Context(), sha256Of("x"))
	if err != nil || token.Accuracy != 1500*time.Millisecond+100*time.Microsecond || token.Policy.String() != "1.2.3.4" {
		t.Errorf("%+v, %v", token, err)
	}
}

// spoiled answers with what change makes of a good answer.
func spoiled(a *tsp.Authority, change func(query, answer []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, _ := io.ReadAll(r.Body)
		answer, err := a.Answer(query)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(change(query, answer))
	})
}

func TestClient_Stamp_refuses(t *testing.T) {
	a := authority(t, ecKey(t), nil)
	digest, other := sha256Of("x"), sha256Of("y")
	answerTo := func(q []byte) []byte {
		out, err := a.Answer(q)
		if err != nil {
			t.Error(err)
		}
		return out
	}
	for name, c := range map[string]struct {
		handler http.Handler
		want    error
	}{
		"wrong imprint": {spoiled(a, func(q, _ []byte) []byte { return answerTo(bytes.Replace(q, digest, other, 1)) }), tsp.ErrImprint},
		"wrong nonce": {spoiled(a, func(q, answer []byte) []byte {
			changed := bytes.Clone(q)
			changed[len(changed)-4] ^= 1 // the last byte of the nonce, before certReq
			return answerTo(changed)
		}), tsp.ErrAnswer},
		"signature destroyed": {spoiled(a, func(_, answer []byte) []byte {
			answer[len(answer)-20] ^= 1
			return answer
		}), tsp.ErrSignature},
		"rejection":     {spoiled(a, func(_, _ []byte) []byte { return answerTo([]byte("no request")) }), tsp.ErrRefused},
		"garbage":       {spoiled(a, func(_, _ []byte) []byte { return bytes.Repeat([]byte{0x30}, 300) }), tsp.ErrMalformed},
		"empty":         {spoiled(a, func(_, _ []byte) []byte { return nil }), tsp.ErrMalformed},
		"bytes behind":  {spoiled(a, func(_, answer []byte) []byte { return append(answer, 0) }), tsp.ErrMalformed},
		"oversize":      {spoiled(a, func(_, answer []byte) []byte { return append(answer, make([]byte, 300<<10)...) }), tsp.ErrServer},
		"another type":  {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }), tsp.ErrServer},
		"server error":  {http.NotFoundHandler(), tsp.ErrServer},
		"a redirection": {http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect), tsp.ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			if token, err := client(t, a, c.handler).Stamp(t.Context(), digest); !errors.Is(err, c.want) || token.Raw != nil {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	stranger := authority(t, ecKey(t), nil)
	c := client(t, a, stranger)
	if _, err := c.Stamp(t.Context(), digest); !errors.Is(err, tsp.ErrUntrusted) {
		t.Errorf("untrusted: %v", err)
	}
	c = client(t, a, a)
	c.Policy = asn1.ObjectIdentifier{1, 2, 3}
	if _, err := c.Stamp(t.Context(), digest); !errors.Is(err, tsp.ErrRefused) {
		t.Errorf("another policy: %v", err)
	}
	if _, err := c.Stamp(t.Context(), digest[:20]); err == nil {
		t.Error("a SHA-1 digest is sent")
	}
}

// A server that does not answer costs the caller's patience, not more.
func TestClient_Stamp_slow(t *testing.T) {
	a := authority(t, ecKey(t), nil)
	gone := make(chan struct{})
	c := client(t, a, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		close(gone)
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Stamp(ctx, sha256Of("x")); !errors.Is(err, tsp.ErrServer) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-gone
}

func TestVerify_unfitCertificates(t *testing.T) {
	both, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}, {1, 3, 6, 1, 5, 5, 7, 3, 3}})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(c *x509.Certificate){
		"no usage":     func(c *x509.Certificate) { c.ExtraExtensions = nil },
		"not critical": func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = false },
		"not alone":    func(c *x509.Certificate) { c.ExtraExtensions[0].Value = both },
		"key usage":    func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment },
		"an authority": func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			a := authority(t, ecKey(t), change)
			if _, err := client(t, a, a).Stamp(t.Context(), sha256Of("x")); !errors.Is(err, tsp.ErrUnfit) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestVerify_later(t *testing.T) {
	a := authority(t, ecKey(t), nil)
	token, err := a.Stamp(t.Context(), sha256Of("x"))
	if err != nil {
		t.Fatal(err)
	}
	verify := func(o tsp.Options) error { _, err := tsp.Verify(token.Raw, sha256Of("x"), o); return err }
	if err := verify(tsp.Options{Roots: a.Chain}); err != nil {
		t.Errorf("at its own time: %v", err)
	}
	if err := verify(tsp.Options{Roots: a.Chain, At: start.AddDate(0, 2, 0)}); !errors.Is(err, tsp.ErrNotValid) {
		t.Errorf("after the certificate's end: %v", err)
	}
	if err := verify(tsp.Options{}); !errors.Is(err, tsp.ErrUntrusted) {
		t.Errorf("without roots: %v", err)
	}
	if got, err := tsp.Verify(token.Raw, sha256Of("x"), tsp.Options{}); !errors.Is(err, tsp.ErrUntrusted) || !got.Certificate.Equal(a.Certificate) {
		t.Errorf("a genuine token of a stranger is not described: %v", err)
	}
	a.Now = func() time.Time { return start.AddDate(0, 2, 0) }
	if _, err := a.Stamp(t.Context(), sha256Of("x")); !errors.Is(err, tsp.ErrNotValid) {
		t.Errorf("made after the certificate's end: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	a := authority(f, ecKey(f), nil)
	token, err := a.Stamp(f.Context(), sha256Of("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token.Raw)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := tsp.Verify(raw, sha256Of("x"), tsp.Options{Roots: a.Chain})
		if err == nil && !got.Time.Equal(start) {
			t.Errorf("a token of another time is taken: %s", got.Time)
		}
	})
}

func FuzzAuthority_Answer(f *testing.F) {
	a := authority(f, ecKey(f), nil)
	f.Add([]byte{0x30, 3, 2, 1, 1})
	f.Add(sha256Of("x"))
	f.Fuzz(func(t *testing.T, query []byte) {
		if _, err := a.Answer(query); err != nil {
			t.Errorf("no answer: %v", err)
		}
	})
}
