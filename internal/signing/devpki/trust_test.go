package devpki_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"path/filepath"
	"testing"
	"time"

	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/tsp"
)

func TestStamper(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	digest := sha256.Sum256([]byte("x"))
	stamp := func(p *devpki.PKI, at time.Time) tsp.Token {
		t.Helper()
		token, err := devpki.Stamper{PKI: p, Now: func() time.Time { return at }}.Stamp(context.Background(), digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	p := open(t, dir)
	token := stamp(p, now)
	if _, err := tsp.Verify(token.Raw, digest[:], tsp.Options{Roots: []*x509.Certificate{p.Root}}); err != nil {
		t.Error(err)
	}
	if c := token.Certificate; c.Subject.OrganizationalUnit[0] != devpki.Marker || !token.Time.Equal(now) {
		t.Errorf("subject %s, time %s", c.Subject, token.Time)
	}
	again := stamp(open(t, dir), now.Add(time.Hour)) // after a restart
	if !again.Certificate.Equal(token.Certificate) {
		t.Error("two authorities in one year")
	}
	later := stamp(p, now.AddDate(2, 0, 0))
	if !later.Certificate.NotAfter.After(token.Certificate.NotAfter) {
		t.Error("a later stamp does not last longer")
	}
}

func TestRevoke(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	p := open(t, dir)
	k, err := p.Obtain("person-1", nghia, now)
	if err != nil {
		t.Fatal(err)
	}
	state := func(cert, issuer *x509.Certificate, at time.Time) revocation.Status {
		t.Helper()
		crls, ocsps, err := p.Evidence(cert, at)
		if err != nil {
			t.Fatal(err)
		}
		s, err := revocation.Evaluate(cert, issuer, revocation.Evidence{CRLs: crls, OCSPs: ocsps}, at)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := state(k.Certificate, p.Issuing, now); s.State != revocation.Good {
		t.Errorf("before: %+v", s)
	}
	if s := state(p.Issuing, p.Root, now); s.State != revocation.Good || s.Kind != revocation.CRL {
		t.Errorf("issuing authority: %+v", s)
	}
	serial := k.Certificate.SerialNumber.Text(16)
	for range 2 {
		if err := devpki.Revoke(dir, devpki.Revoked{Serial: serial, At: now.Add(time.Hour), Reason: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if s := state(k.Certificate, p.Issuing, now.Add(2*time.Hour)); s.State != revocation.Revoked || s.Reason != 1 || !s.At.Equal(now.Add(time.Hour)) {
		t.Errorf("after: %+v", s)
	}
	list, err := p.CRL(now.Add(2 * time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s, err := revocation.Evaluate(k.Certificate, p.Issuing, revocation.Evidence{CRLs: [][]byte{list}}, now.Add(2*time.Hour))
	if err != nil || s.State != revocation.Revoked {
		t.Errorf("list: %+v, %v", s, err)
	}
	for _, r := range []devpki.Revoked{{Serial: "../x"}, {Serial: "-1"}, {Serial: "12", Reason: 8}} {
		if err := devpki.Revoke(dir, r); err == nil {
			t.Errorf("%+v is taken", r)
		}
	}
	if err := devpki.Revoke(t.TempDir(), devpki.Revoked{Serial: "12"}); err == nil {
		t.Error("a folder without keys is taken")
	}
}
