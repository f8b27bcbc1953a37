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
	"encoding/asn1"
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
	return messageBy(t, key, cms.Usual, named, carried...)
}

func messageBy(t testing.TB, key crypto.Signer, alg cms.Algorithm, named *x509.Certificate, carried ...*x509.Certificate) []byte {
	t.Helper()
	h := alg.Hash.New()
	h.Write(content)
	attributes, err := cms.Attributes(h.Sum(nil), named, alg)
	if err != nil {
		t.Fatal(err)
	}
	value, err := alg.Sign(key, attributes)
	if err != nil {
		t.Fatal(err)
	}
	der, err := cms.Build(cms.Parts{Attributes: attributes, Algorithm: alg, Value: value, Certificate: carried[0], Chain: carried[1:]})
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
	p256, p384, rsa2048, rsa3072 := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384()), rsaKey(t, 2048), rsaKey(t, 3072)
	for name, c := range map[string]struct {
		key crypto.Signer
		alg cms.Algorithm
	}{
		"P-256":            {p256, cms.Usual},
		"P-384":            {p384, cms.Usual},
		"P-384, SHA-384":   {p384, cms.Algorithm{Hash: crypto.SHA384}},
		"RSA 2048":         {rsa2048, cms.Usual},
		"RSA 2048 PSS":     {rsa2048, cms.Algorithm{Hash: crypto.SHA256, PSS: true}},
		"RSA 3072 SHA-512": {rsa3072, cms.Algorithm{Hash: crypto.SHA512}},
		"RSA 3072 PSS 384": {rsa3072, cms.Algorithm{Hash: crypto.SHA384, PSS: true}},
	} {
		t.Run(name, func(t *testing.T) {
			cert := certificate(t, c.key, 1)
			der := messageBy(t, c.key, c.alg, cert, cert)
			p, err := check(append(bytes.Clone(der), 0, 0, 0))
			if err != nil || !p.Certificate.Equal(cert) || !p.Bound || p.Weak {
				t.Errorf("%+v, %v", p, err)
			}
			openssl(t, der, cert)
		})
	}
	for name, key := range map[string]crypto.Signer{"P-521": ecKey(t, elliptic.P521()), "RSA 1024": rsaKey(t, 1024)} {
		if _, err := cms.Attributes(digest(), certificate(t, key, 1), cms.Usual); err == nil {
			t.Errorf("%s is taken for signing", name)
		}
	}
}

func TestAlgorithm_Check(t *testing.T) {
	key := rsaKey(t, 2048)
	cert := certificate(t, key, 1)
	for _, alg := range []cms.Algorithm{cms.Usual, {Hash: crypto.SHA256, PSS: true}} {
		attributes, err := cms.Attributes(digest(), cert, alg)
		if err != nil {
			t.Fatal(err)
		}
		value, err := alg.Sign(key, attributes)
		if err != nil {
			t.Fatal(err)
		}
		if err := alg.Check(cert, attributes, value); err != nil {
			t.Errorf("own value: %v", err)
		}
		other := cms.Algorithm{Hash: crypto.SHA256, PSS: !alg.PSS}
		if err := other.Check(cert, attributes, value); !errors.Is(err, cms.ErrSignature) {
			t.Errorf("value of the other padding: %v", err)
		}
	}
}

// A message is canonical: what openssl reads and writes again in DER is the same. Timestamps are found again.
func TestBuild_canonical(t *testing.T) {
	key := ecKey(t, elliptic.P256())
	c, above := certificate(t, key, 1), certificate(t, rsaKey(t, 2048), 2)
	attributes, err := cms.Attributes(digest(), c, cms.Usual)
	if err != nil {
		t.Fatal(err)
	}
	value, err := cms.Usual.Sign(key, attributes)
	if err != nil {
		t.Fatal(err)
	}
	token := []byte{0x30, 3, 2, 1, 5}
	der, err := cms.Build(cms.Parts{Attributes: attributes, Algorithm: cms.Usual, Value: value, Certificate: c,
		Chain: []*x509.Certificate{above}, Timestamp: token})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "openssl", "cms", "-cmsout", "-inform", "DER", "-outform", "DER")
	cmd.Stdin = bytes.NewReader(der)
	again, err := cmd.Output()
	if err != nil || !bytes.Equal(again, der) {
		t.Errorf("openssl writes it in another way: %v", err)
	}
	m, err := cms.Parse(der)
	if err != nil || len(m.Timestamps) != 1 || !bytes.Equal(m.Timestamps[0], token) || !bytes.Equal(m.Value(), value) || len(m.Certificates) != 2 {
		t.Errorf("read again: %+v, %v", m, err)
	}
}

// indefinite rewrites the outer levels of an encoding with lengths that are found out at the end, as old
// signers do.
func indefinite(t *testing.T, der []byte, levels int) []byte {
	t.Helper()
	var raw asn1.RawValue
	if _, err := asn1.Unmarshal(der, &raw); err != nil {
		t.Fatal(err)
	}
	if levels == 0 || !raw.IsCompound {
		return raw.FullBytes
	}
	out := []byte{der[0], 0x80}
	for body := raw.Bytes; len(body) > 0; {
		child := indefinite(t, body, levels-1)
		out = append(out, child...)
		var first asn1.RawValue
		rest, err := asn1.Unmarshal(body, &first)
		if err != nil {
			t.Fatal(err)
		}
		body = rest
	}
	return append(out, 0, 0)
}

// Old signers write BER, a signing time, no hash of the certificate; some have keys on P-521.
func TestParse_oldForms(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"RSA 2048": rsaKey(t, 2048), "P-521": ecKey(t, elliptic.P521())} {
		t.Run(name, func(t *testing.T) {
			c := certificate(t, key, 9)
			pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file, body := filepath.Join(dir, "key.pem"), filepath.Join(dir, "content")
			pair := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
				pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
			if err := errors.Join(os.WriteFile(file, pair, 0o600), os.WriteFile(body, content, 0o600)); err != nil {
				t.Fatal(err)
			}
			der, err := exec.CommandContext(t.Context(), "openssl", "cms", "-sign", "-binary", "-in", body, "-signer", file,
				"-outform", "DER", "-md", "sha256").Output()
			if err != nil {
				t.Fatal(err)
			}
			for levels := range 6 {
				ber := indefinite(t, der, levels)
				p, err := check(append(ber, 0, 0))
				if err != nil || !p.Certificate.Equal(c) || p.Bound || p.Named || p.Weak {
					t.Errorf("%d levels: %+v, %v", levels, p, err)
				}
				if m, err := cms.Parse(ber); err != nil || m.Claimed.IsZero() {
					t.Errorf("%d levels: no signing time: %v", levels, err)
				}
			}
		})
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
		"indefinite length":              {[]byte{0x30, 0x80, 0, 0}, cms.ErrMalformed},
		"indefinite without end":         {[]byte{0x30, 0x80, 0x30, 0x80}, cms.ErrMalformed},
		"nested too deep":                {bytes.Repeat([]byte{0x30, 0x80}, 4000), cms.ErrMalformed},
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
	if _, err := cms.Attributes(digest(), weakCert, cms.Usual); err == nil {
		t.Error("RSA 1024 is taken for signing")
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
	f.Add(messageBy(f, rsaKey(f, 2048), cms.Algorithm{Hash: crypto.SHA256, PSS: true}, certificate(f, rsaKey(f, 2048), 2), c))
	f.Fuzz(func(_ *testing.T, der []byte) {
		_, _ = check(der)
		_, _ = cms.ParseToken(der)
	})
}
