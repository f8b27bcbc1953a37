//go:build cgo && linux

package tokentest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
)

// Label and PIN of the token.
const (
	Label = "con dau"
	PIN   = "654321"
)

// SoftHSM is a token with an RSA key (id a1) and a P-256 key (id b2), each with its certificate.
type SoftHSM struct {
	Module string
	Tokens string // folder of the tokens
	RSA    *rsa.PrivateKey
	EC     *ecdsa.PrivateKey
}

// New makes a token in a folder of its own, which environment variables of the test point to. certify gives
// the certificate for a key, in DER; self-signed when nil.
func New(t testing.TB, certify func(keyID string, public crypto.PublicKey) []byte) *SoftHSM {
	t.Helper()
	h := &SoftHSM{Tokens: filepath.Join(t.TempDir(), "tokens")}
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			h.Module = path
		}
	}
	if h.Module == "" {
		t.Fatal("SoftHSM is not installed: scripts/packages does it")
	}
	conf := filepath.Join(t.TempDir(), "softhsm2.conf")
	err := errors.Join(os.Mkdir(h.Tokens, 0o700), os.WriteFile(conf, []byte("directories.tokendir = "+h.Tokens+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	h.util(t, "--init-token", "--free", "--label", Label, "--pin", PIN, "--so-pin", "12345678")
	if h.RSA, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if h.EC, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if certify == nil {
		certify = h.selfSigned(t)
	}
	for keyID, key := range map[string]crypto.Signer{"a1": h.RSA, "b2": h.EC} {
		h.add(t, keyID, key)
		if der := certify(keyID, key.Public()); der != nil {
			h.put(t, keyID, der)
		}
	}
	return h
}

func (h *SoftHSM) util(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "softhsm2-util", args...).CombinedOutput(); err != nil {
		t.Fatalf("softhsm2-util: %v: %s", err, out)
	}
}

func (h *SoftHSM) add(t testing.TB, keyID string, key crypto.Signer) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	h.util(t, "--import", file, "--token", Label, "--pin", PIN, "--label", "khoa "+keyID, "--id", keyID)
}

func (h *SoftHSM) selfSigned(t testing.TB) func(string, crypto.PublicKey) []byte {
	return func(keyID string, public crypto.PublicKey) []byte {
		t.Helper()
		key := crypto.Signer(h.RSA)
		if keyID == "b2" {
			key = h.EC
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: keyID}, NotAfter: time.Now().Add(time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
}

// put writes a certificate into the token, which softhsm2-util cannot.
func (h *SoftHSM) put(t testing.TB, keyID string, der []byte) {
	t.Helper()
	raw, err := hex.DecodeString(keyID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := pkcs11.New(h.Module)
	defer ctx.Destroy()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(ctx.Initialize())
	defer func() { check(ctx.Finalize()) }()
	slots, err := ctx.GetSlotList(true)
	check(err)
	session, err := ctx.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	check(err)
	check(ctx.Login(session, pkcs11.CKU_USER, PIN))
	_, err = ctx.CreateObject(session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_SUBJECT, []byte{}), pkcs11.NewAttribute(pkcs11.CKA_ID, raw),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, der)})
	check(err)
}
