//go:build cgo && linux

package keys_test

import (
	"crypto"
	"crypto/elliptic"
	"os"
	"path/filepath"
	"testing"

	"nghisu/internal/errs"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/keys/tokentest"
)

// withToken is a service with a token whose RSA key (a1) has its certificate in it and whose P-256 key (b2) has not.
func (o *office) withToken(t *testing.T, ca *authority) (s *keys.Service, hsm *tokentest.SoftHSM, pin string) {
	t.Helper()
	hsm = tokentest.New(t, func(keyID string, public crypto.PublicKey) []byte {
		if keyID == "b2" {
			return nil
		}
		return ca.issue(t, public, "Sở Tài chính", nil).Raw
	})
	pin = filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(pin, []byte(tokentest.PIN+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := o.deps()
	d.Sources.Tokens = []keys.Token{
		{Label: tokentest.Label, Module: hsm.Module, PIN: keys.SecretRef{File: pin}},
		{Label: "vang mat", Module: hsm.Module, PIN: keys.SecretRef{File: pin}},
	}
	s = keys.New(d)
	t.Cleanup(s.Close)
	return s, hsm, pin
}

func TestService_AddPKCS11(t *testing.T) {
	o := newOffice(t)
	ca := newAuthority(t, o.now)
	s, hsm, pin := o.withToken(t, ca)
	seal := keys.OfAgency(o.clerk.Agency)

	all, err := s.Tokens(t.Context(), o.admin)
	if err != nil || len(all) != 2 || len(all[0].Objects) != 2 {
		t.Fatalf("tokens: %+v, %v", all, err)
	}
	for _, x := range all[0].Objects {
		if (x.Leaf != nil) != (x.KeyID == "a1") {
			t.Errorf("object %+v", x)
		}
	}
	if all[1].Failure == nil || all[1].Failure.Key != "keys.token_absent" || all[1].Failure.Args["token"] != "vang mat" {
		t.Errorf("a token that is not there: %+v", all[1].Failure)
	}
	if _, err := s.Tokens(t.Context(), o.clerk); !errs.Is(err, errs.Forbidden) {
		t.Errorf("tokens, by a clerk: %v", err)
	}

	rsa, err := s.AddPKCS11(t.Context(), o.admin, seal, keys.TokenKey{Token: tokentest.Label, KeyID: "A1"})
	if err != nil || rsa.Source != "con dau a1" || rsa.Certificate.Name != "Sở Tài chính" {
		t.Fatalf("RSA: %+v, %v", rsa, err)
	}
	o.signs(t, s, o.choose(t, seal))

	stranger := ca.issue(t, ecKey(t, elliptic.P256()).Public(), "x", nil)
	add := func(token, keyID string, cert []byte) error {
		_, err := s.AddPKCS11(t.Context(), o.admin, seal, keys.TokenKey{Token: token, KeyID: keyID, Certificate: cert})
		return err
	}
	for name, x := range map[string]struct {
		got  error
		want string
	}{
		"a second time":                {add(tokentest.Label, "a1", nil), "keys.already_there"},
		"a key without a certificate":  {add(tokentest.Label, "b2", nil), "keys.key_without_certificate"},
		"somebody else's certificate":  {add(tokentest.Label, "b2", certificatePEM(stranger)), "keys.key_without_certificate"},
		"a certificate that is broken": {add(tokentest.Label, "b2", []byte("x")), "keys.broken_certificate"},
		"another key":                  {add(tokentest.Label, "c3", nil), "keys.token_without_key"},
		"a token of nobody":            {add("khac", "a1", nil), "keys.token_unknown"},
	} {
		if key(x.got) != x.want {
			t.Errorf("%s: %v", name, x.got)
		}
	}
	ec, err := s.AddPKCS11(t.Context(), o.admin, keys.OfPerson(o.leader.Person), keys.TokenKey{Token: tokentest.Label, KeyID: "b2",
		Certificate: certificatePEM(ca.issue(t, hsm.EC.Public(), "Nguyễn Văn An", nil), ca.issuing)})
	if err != nil || len(ec.Certificate.Chain) != 1 {
		t.Fatalf("P-256: %+v, %v", ec, err)
	}
	o.signs(t, s, ec.Certificate)
	o.keepsSecrets(t, []byte(tokentest.PIN))

	// another certificate than the key's in the row: what comes back does not fit, and nobody gets it
	bent := ec.Certificate
	bent.Leaf = stranger
	if _, err := o.sign(t.Context(), s, bent); key(err) != "keys.wrong_signature" {
		t.Errorf("a signature that does not fit: %v", err)
	}
	if err := os.WriteFile(pin, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.sign(t.Context(), s, ec.Certificate); key(err) != "keys.token_pin_missing" {
		t.Errorf("without the PIN: %v", err)
	}
}

func TestService_tokenWithAWrongPIN(t *testing.T) {
	o := newOffice(t)
	s, _, pin := o.withToken(t, newAuthority(t, o.now))
	if err := os.WriteFile(pin, []byte("111111"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 5 { // tried once; SoftHSM would not lock, a card does
		if all, err := s.Tokens(t.Context(), o.admin); err != nil || all[0].Failure == nil || all[0].Failure.Key != "keys.token_wrong_pin" {
			t.Fatalf("%+v, %v", all, err)
		}
	}
	if err := os.WriteFile(pin, []byte(tokentest.PIN), 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Tokens(t.Context(), o.admin); err != nil || all[0].Failure != nil {
		t.Errorf("with the right one in the file: %+v, %v", all, err)
	}
}
