package signing_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/keys/csctest"
	"nghisu/internal/signing/pdftest"
)

// abroad is a world whose leader has the key at a signing service that speaks CSC.
type abroad struct {
	world
	at *csctest.Server
}

func newAbroad(t *testing.T) abroad {
	t.Helper()
	w := abroad{world: newWorld(t), at: csctest.New(t)}
	who := w.Sender.Leader
	key, err := w.pki.Obtain("abroad", devpki.Holder{Name: who.Name, Organisation: w.Sender.Name, Identifier: "1"}, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.at.Do(func() {
		w.at.Credentials["c1"] = &csctest.Credential{Key: key.Signer, Mode: "implicit", Phone: true, Raw: true,
			Certs: []*x509.Certificate{key.Certificate, w.pki.Issuing, w.pki.Root}}
	})
	ring, err := keys.ReadKeyring("a:" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("a"), 32)))
	if err != nil {
		t.Fatal(err)
	}
	d := keys.Deps{DB: w.DB, PKI: w.pki, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler), PublicURL: "https://nghisu.example.vn/",
		Keyring: ring, HTTP: &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(csctest.Secret), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Sources.Providers = []keys.Provider{{Name: "thu", Title: "Dịch vụ ký thử", URL: w.at.URL, ClientID: csctest.ClientID, Secret: keys.SecretRef{File: secret}}}
	deps := w.Service.Deps
	deps.Keys, deps.Source = keys.New(d), nil
	w.Service = signing.New(deps)
	admin := orgtest.Person(t, w.DB, w.Sender.Agency, "Quản trị", access.SystemAdmin)
	if _, err := deps.Keys.AddCSC(t.Context(), admin, keys.OfPerson(who.Person), "thu", "c1"); err != nil {
		t.Fatal(err)
	}
	return w
}

// Two documents, one consent on the phone; the service is away for a while; another node finishes. The
// service sees hashes only, and signs each once.
func TestRequest_CSC(t *testing.T) {
	w := newAbroad(t)
	one, two := w.submitted(t, pdftest.Page("x")), w.submitted(t, pdftest.Page("y"))
	r, err := w.Ask(t.Context(), w.Sender.Leader, batchOf(document.ByLeader, one, two))
	if err != nil || r.State != signing.Waiting || r.Consent == nil || r.Consent.Kind != keys.App || r.Key.Kind != keys.CSC {
		t.Fatalf("%+v, %v", r, err)
	}
	w.sweep(t, w.node())
	w.wantRows(t, one, "leader waiting")
	w.at.Do(func() { w.at.Away = true })
	w.sweep(t, w.node())
	w.wantRows(t, one, "leader waiting")
	w.at.Do(func() { w.at.Away = false })
	w.at.AgreeOnPhone()
	w.sweep(t, w.node())
	for _, d := range []document.Document{one, two} {
		w.wantRows(t, d, "leader done")
		w.wantVerdict(t, w.get(t, d), "valid; person valid whole", "missing [seal]")
	}
	if n := w.at.MostSigned(); n != 1 || w.at.Count("/credentials/authorize") != 1 {
		t.Errorf("signed %d times, %d consents", n, w.at.Count("/credentials/authorize"))
	}
	refused := w.submitted(t, pdftest.Page("z"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, refused.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.at.DenyOnPhone()
	w.sweep(t, w.node())
	w.wantRows(t, refused, "leader failed keys.consent_refused")
	if d := w.get(t, refused); d.Pending != nil || d.State != document.Submitted {
		t.Errorf("afterwards %s, pending %v", d.State, d.Pending)
	}
}
