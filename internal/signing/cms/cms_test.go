package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"nghisu/internal/signing/cms"
)

var content = []byte("nội dung được ký")

func certificate(t testing.TB, key crypto.Signer, serial int64) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "Trần Văn Nghĩa"}, SerialNumber: big.NewInt(serial),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ecKey(t testing.TB, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t testing.TB, bits int) crypto.Signer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// message signs content; carried are the certificates it carries, the signer's first.
func message(t testing.TB, key crypto.Signer, named *x509.Certificate, carried ...*x509.Certificate) []byte {
	t.Helper()
	attributes, err := cms.SignedAttributes(sha256.Sum256(content), named)
	if err != nil {
		t.Fatal(err)
	}
	value, err := cms.Sign(rand.Reader, key, attributes)
	if err != nil {
		t.Fatal(err)
	}
	der, err := cms.Assemble(attributes, value, carried[0], carried[1:])
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func check(der []byte) (cms.Proof, error) {
	m, err := cms.Parse(der)
	if err != nil {
		return cms.Proof{}, err
	}
	h := m.Digest.New()
	h.Write(content)
	return m.Check(h.Sum(nil))
}

func TestMessage_goodKeys(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"P-256": ecKey(t, elliptic.P256()), "P-384": ecKey(t, elliptic.P384()), "RSA 2048": rsaKey(t, 2048)} {
		t.Run(name, func(t *testing.T) {
			c := certificate(t, key, 1)
			der := message(t, key, c, c)
			p, err := check(append(der, 0, 0, 0))
			if err != nil || !p.Certificate.Equal(c) || !p.Bound || p.Weak {
				t.Errorf("%+v, %v", p, err)
			}
			openssl(t, der, c)
		})
	}
	if _, err := cms.Assemble(nil, nil, certificate(t, ecKey(t, elliptic.P521()), 1), nil); err == nil {
		t.Error("P-521 is taken")
	}
}

// openssl must accept what we write.
func openssl(t *testing.T, der []byte, c *x509.Certificate) {
	t.Helper()
	dir := t.TempDir()
	sig, body, anchor := filepath.Join(dir, "sig.der"), filepath.Join(dir, "content"), filepath.Join(dir, "anchor.pem")
	err := errors.Join(os.WriteFile(sig, der, 0o600), os.WriteFile(body, content, 0o600),
		os.WriteFile(anchor, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", sig, "-content", body,
		"-CAfile", anchor, "-purpose", "any", "-cades", "-out", os.DevNull).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

func TestMessage_refuses(t *testing.T) {
	key, other := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	c, twin, stranger := certificate(t, key, 1), certificate(t, key, 1), certificate(t, other, 2)
	good := message(t, key, c, c)
	weak := rsaKey(t, 1024)
	weakCert := certificate(t, weak, 3)
	tests := map[string]struct {
		der  []byte
		want error
	}{
		"bytes behind it":                {append(bytes.Clone(good), 0, 1), cms.ErrMalformed},
		"garbage":                        {bytes.Repeat([]byte{0xab}, 200), cms.ErrMalformed},
		"empty":                          {make([]byte, 200), cms.ErrMalformed},
		"cut off":                        {good[:len(good)-10], cms.ErrMalformed},
		"indefinite length":              {[]byte{0x30, 0x80, 0, 0}, cms.ErrUnsupported},
		"another key":                    {message(t, other, c, c), cms.ErrSignature},
		"named by hash, another carried": {message(t, key, c, stranger), cms.ErrBadCertificate},
		"same name, another certificate": {message(t, key, c, twin), cms.ErrBadCertificate},
		"two of one name":                {message(t, key, c, c, twin), cms.ErrBadCertificate},
		"digest changed":                 {bytes.Replace(good, digest(), bytes.Repeat([]byte{7}, 32), 1), cms.ErrDigest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if p, err := check(tt.der); !errors.Is(err, tt.want) {
				t.Errorf("got %+v, %v, want %v", p, err, tt.want)
			}
		})
	}
	if p, err := check(message(t, weak, weakCert, weakCert)); err == nil && !p.Weak {
		t.Error("RSA 1024 is not weak")
	}
}

func digest() []byte {
	h := sha256.Sum256(content)
	return h[:]
}

func FuzzParse(f *testing.F) {
	key := ecKey(f, elliptic.P256())
	c := certificate(f, key, 1)
	f.Add(message(f, key, c, c))
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(_ *testing.T, der []byte) { _, _ = check(der) })
}
