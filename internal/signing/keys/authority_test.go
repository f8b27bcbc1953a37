package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// authority issues certificates for tests, through one intermediate.
type authority struct {
	root, issuing *x509.Certificate
	key           crypto.Signer
	now           time.Time
	serial        int64
}

func newAuthority(t testing.TB, now time.Time) *authority {
	t.Helper()
	a := &authority{now: now}
	rootKey := ecKey(t, elliptic.P256())
	a.key = ecKey(t, elliptic.P256())
	ca := x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(10, 0, 0)}
	root := ca
	root.Subject = pkix.Name{CommonName: "CA gốc"}
	a.root = a.make(t, &root, &root, rootKey.Public(), rootKey)
	issuing := ca
	issuing.Subject = pkix.Name{CommonName: "CA chuyên dùng"}
	a.issuing = a.make(t, &issuing, a.root, a.key.Public(), rootKey)
	return a
}

func (a *authority) make(t testing.TB, template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	a.serial++
	template.SerialNumber = big.NewInt(a.serial)
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

// issue makes a certificate for a key; change may bend it.
func (a *authority) issue(t testing.TB, public crypto.PublicKey, name string, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: a.now.AddDate(-1, 0, 0), NotAfter: a.now.AddDate(3, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
	if change != nil {
		change(template)
	}
	return a.make(t, template, a.issuing, public, a.key)
}

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func certificatePEM(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// pkcs12File has openssl make a file; args choose its kind.
func pkcs12File(t testing.TB, key crypto.Signer, password string, certs []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pem"), filepath.Join(dir, "out.p12")
	text := certs
	if key != nil {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		text = append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), text...)
	}
	if err := os.WriteFile(in, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.CommandContext(t.Context(), "openssl", append([]string{"pkcs12", "-export", "-in", in, "-out", out, "-passout", "pass:" + password}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v: %s", err, msg)
	}
	body, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
