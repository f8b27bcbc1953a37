//go:build cgo && linux

package token_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nghisu/internal/signing/keys/token"
	"nghisu/internal/signing/keys/tokentest"
)

// The test binary is its own child, as the real one is.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == token.Command {
		if err := token.Main(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// softhsm is a token with what the tests ask of it.
type softhsm struct{ *tokentest.SoftHSM }

const (
	label = tokentest.Label
	pin   = tokentest.PIN
)

func newSoftHSM(t testing.TB) softhsm {
	t.Helper()
	return softhsm{tokentest.New(t, nil)}
}

func (h softhsm) client(t testing.TB) *token.Client {
	t.Helper()
	c := &token.Client{Module: h.Module}
	t.Cleanup(c.Close)
	return c
}

func digests(n int) (texts, out [][]byte) {
	for i := range n {
		text := []byte(fmt.Sprint("văn bản ", i))
		d := sha256.Sum256(text)
		texts, out = append(texts, text), append(out, d[:])
	}
	return texts, out
}

// good judges a value with the standard library.
func (h softhsm) good(keyID string, digest, value []byte) bool {
	if keyID == "a1" {
		return rsa.VerifyPKCS1v15(&h.RSA.PublicKey, crypto.SHA256, digest, value) == nil
	}
	half := len(value) / 2
	return ecdsa.Verify(&h.EC.PublicKey, digest, new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:]))
}

func (h softhsm) signs(t *testing.T, c *token.Client, keyID string, n int) {
	t.Helper()
	_, ds := digests(n)
	values, err := c.Sign(t.Context(), label, pin, keyID, crypto.SHA256, ds)
	if err != nil || len(values) != n {
		t.Errorf("%s: %d values, %v", keyID, len(values), err)
		return
	}
	for i := range values {
		if !h.good(keyID, ds[i], values[i]) {
			t.Errorf("%s: value %d is wrong", keyID, i)
		}
	}
}

func TestClient_signsManyAtOnceWithFewSessions(t *testing.T) {
	h := newSoftHSM(t)
	c := h.client(t)
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() { h.signs(t, c, []string{"a1", "b2"}[i%2], 3) })
	}
	wg.Wait()
	objects, info, err := c.Look(t.Context(), label, pin)
	if err != nil || len(objects) != 2 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	if info.Label != label || info.Sessions < 2 || info.Sessions > 9 {
		t.Errorf("token after 30 requests: %+v", info)
	}
	before := info.Sessions
	for range 20 {
		h.signs(t, c, "a1", 1)
	}
	if _, info, err = c.Look(t.Context(), label, pin); err != nil || info.Sessions != before {
		t.Errorf("sessions are not used again: %d, then %d, %v", before, info.Sessions, err)
	}
	for _, o := range objects {
		cert, err := x509.ParseCertificate(o.Certificates[0])
		if err != nil || cert.Subject.CommonName != o.KeyID || o.Label != "khoa "+o.KeyID || len(o.Certificates) != 2 {
			t.Errorf("object %s: %+v, %v", o.KeyID, cert, err)
		}
	}
}

func TestClient_refusals(t *testing.T) {
	h := newSoftHSM(t)
	c := h.client(t)
	_, ds := digests(1)
	sign := func(name, pin, keyID string, hash crypto.Hash) error {
		_, err := c.Sign(t.Context(), name, pin, keyID, hash, ds)
		return err
	}
	for name, x := range map[string]struct{ got, want error }{
		"another token": {sign("khac", pin, "a1", crypto.SHA256), token.ErrAbsent},
		"another key":   {sign(label, pin, "c3", crypto.SHA256), token.ErrNoKey},
		"no key id":     {sign(label, pin, "x", crypto.SHA256), token.ErrNoKey},
		"a hash of old": {sign(label, pin, "a1", crypto.SHA1), token.ErrUnsupported},
		"another module": {func() error {
			_, _, err := (&token.Client{Module: "/nothing.so"}).Look(t.Context(), label, pin)
			return err
		}(), token.ErrAbsent},
	} {
		if !errors.Is(x.got, x.want) {
			t.Errorf("%s: %v", name, x.got)
		}
	}
	h.signs(t, c, "a1", 1) // and all of that cost nothing
}

// A wrong PIN is tried once: each try brings the token nearer to its lock.
func TestClient_wrongPIN(t *testing.T) {
	h := newSoftHSM(t)
	c := h.client(t)
	_, ds := digests(1)
	for i := range 5 {
		if _, err := c.Sign(t.Context(), label, "111111", "a1", crypto.SHA256, ds); !errors.Is(err, token.ErrWrongPIN) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	h.signs(t, c, "a1", 1) // with the right one
}

// The token is pulled out and put in again.
func TestClient_tokenRemoved(t *testing.T) {
	h := newSoftHSM(t)
	c := h.client(t)
	h.signs(t, c, "a1", 1)
	away := h.Tokens + ".away"
	if err := errors.Join(os.Rename(h.Tokens, away), os.Mkdir(h.Tokens, 0o700)); err != nil {
		t.Fatal(err)
	}
	_, ds := digests(1)
	if _, err := c.Sign(t.Context(), label, pin, "b2", crypto.SHA256, ds); err == nil {
		t.Error("signed with a token that is not there")
	}
	if _, _, err := c.Look(t.Context(), label, pin); !errors.Is(err, token.ErrAbsent) {
		t.Errorf("looked at a token that is not there: %v", err)
	}
	if err := errors.Join(os.Remove(h.Tokens), os.Rename(away, h.Tokens)); err != nil {
		t.Fatal(err)
	}
	h.signs(t, c, "a1", 1)
	h.signs(t, c, "b2", 1)
}

// moody is a client of a module that misbehaves when told so.
func (h softhsm) moody(t *testing.T) (c *token.Client, be func(mood string)) {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
	if err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(t.TempDir(), "bad.so")
	if out, err := exec.CommandContext(t.Context(), "gcc", "-shared", "-fPIC", "-I", string(bytes.TrimSpace(dir)), "-o", module, "testdata/bad.c", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v: %s", err, out)
	}
	mood := filepath.Join(t.TempDir(), "mood")
	t.Setenv("BAD_MODULE", mood)
	t.Setenv("BAD_MODULE_BASE", h.Module)
	c = &token.Client{Module: module, Within: 2 * time.Second}
	t.Cleanup(c.Close)
	return c, func(text string) {
		if err := os.WriteFile(mood, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClient_moduleMisbehaves(t *testing.T) {
	h := newSoftHSM(t)
	c, be := h.moody(t)
	_, ds := digests(1)
	be("loud") // what it prints is not taken for an answer
	h.signs(t, c, "a1", 2)
	be("crash")
	for range 2 {
		if _, err := c.Sign(t.Context(), label, pin, "a1", crypto.SHA256, ds); !errors.Is(err, token.ErrCrashed) {
			t.Errorf("crash: %v", err)
		}
	}
	be("")
	h.signs(t, c, "b2", 1)
	be("hang")
	begin := time.Now()
	if _, err := c.Sign(t.Context(), label, pin, "a1", crypto.SHA256, ds); !errors.Is(err, token.ErrTimeout) {
		t.Errorf("hang after %s: %v", time.Since(begin), err)
	}
	be("")
	h.signs(t, c, "a1", 1)
	// a crash under many requests: those that could be asked again are answered
	be("crash")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Sign(t.Context(), label, pin, "a1", crypto.SHA256, ds); err == nil {
				t.Error("signed by a module that crashes")
			}
		})
	}
	wg.Wait()
	be("")
	h.signs(t, c, "a1", 1)
}

func BenchmarkClient_Sign(b *testing.B) {
	h := newSoftHSM(b)
	c := h.client(b)
	for _, keyID := range []string{"a1", "b2"} {
		for _, n := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/batch of %d", map[string]string{"a1": "RSA-2048", "b2": "P-256"}[keyID], n), func(b *testing.B) {
				_, ds := digests(n)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := c.Sign(b.Context(), label, pin, keyID, crypto.SHA256, ds); err != nil {
							b.Error(err)
						}
					}
				})
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "signatures/s")
			})
		}
	}
}
