package httpapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/storage/postgres/pgtest"
)

// keyFile is a PKCS #12 file whose certificate lasts for some days.
func keyFile(t *testing.T, name, password string, days int) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().AddDate(0, 0, days), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	file, err := pkcs12.Modern.Encode(key, cert, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestKeys_overHTTP(t *testing.T) {
	db := pgtest.New(t)
	f := makeFixture(t, db)
	sessions := fakeSessions{}
	api := apiUnderTest(t, db, sessions)
	as := func(role access.Role) desk {
		sessions[string(role)] = auth.Resolved{Actor: f.actorA(role), HasAppointment: true}
		return desk{t, api, string(role)}
	}
	admin, clerk := as(access.SystemAdmin), as(access.Clerk)
	health := func(want string) {
		t.Helper()
		var h Health
		admin.get(http.MethodGet, "/health", nil, &h)
		if h.Certificates != want {
			t.Errorf("health: %q, want %q", h.Certificates, want)
		}
	}
	if _, err := db.Exec(t.Context(), `update certificates set disabled_at = now()`); err != nil { // that of the fixture
		t.Fatal(err)
	}
	health("in_use")
	file := keyFile(t, "Sở A", "mật khẩu", 20)
	for name, c := range map[string]struct {
		body map[string]any
		want string
	}{
		"a wrong password": {map[string]any{"agency_id": f.agencyA, "file": file, "password": "x"}, "password of the key file"},
		"nobody":           {map[string]any{"file": file, "password": "mật khẩu"}, "one person or one agency"},
		"two holders":      {map[string]any{"agency_id": f.agencyA, "person_id": f.personA, "file": file, "password": "mật khẩu"}, "one person or one agency"},
		"no key file":      {map[string]any{"agency_id": f.agencyA, "file": []byte("x"), "password": "mật khẩu"}, "not a PKCS #12 file"},
	} {
		w := admin.do(http.MethodPost, "/signing-keys/pkcs12", encode(t, c.body))
		if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	var added SigningKey
	admin.get(http.MethodPost, "/signing-keys/pkcs12", map[string]any{"agency_id": f.agencyA, "file": file, "password": "mật khẩu"}, &added)
	if added.State != "expires_soon" || added.Kind != "pkcs12" || added.Holder.Name != "Sở A" || added.Holder.AgencyID == nil || added.Serial != "4d" {
		t.Errorf("added: %+v", added)
	}
	health("expires_soon")
	var mine MyCertificates
	clerk.get(http.MethodGet, "/signing/certificates?purpose=seal", nil, &mine)
	if len(mine.Certificates) != 1 || mine.Certificates[0].ID != added.ID || !mine.Certificates[0].ExpiresSoon || mine.Certificates[0].Development {
		t.Errorf("the agency's: %+v", mine)
	}
	if w := clerk.do(http.MethodGet, "/signing/certificates?purpose=leader", nil); w.Code != http.StatusForbidden {
		t.Errorf("a clerk's own: %d", w.Code)
	}
	as(access.Leader).get(http.MethodGet, "/signing/certificates", nil, &mine) // whoever has none gets a trial one
	if len(mine.Certificates) != 1 || !mine.Certificates[0].Development || mine.Certificates[0].Name != "Nguyễn Văn A" {
		t.Errorf("the leader's: %+v", mine)
	}
	var all SigningKeys
	admin.get(http.MethodGet, "/signing-keys?ending=true", nil, &all)
	if len(all.Keys) != 1 || all.Keys[0].ID != added.ID {
		t.Errorf("ending: %+v", all)
	}
	admin.get(http.MethodGet, "/signing-keys?limit=1", nil, &all)
	if len(all.Keys) != 1 || all.Next == "" {
		t.Errorf("first page: %+v", all)
	}
	var last SigningKeys
	admin.get(http.MethodGet, "/signing-keys?limit=1&after="+all.Next, nil, &last)
	if len(last.Keys) != 1 || last.Keys[0].ID == all.Keys[0].ID {
		t.Errorf("second page: %+v", last)
	}
	admin.get(http.MethodPost, "/signing-keys/"+added.ID.String()+"/disable", nil, &added)
	if added.State != "disabled" {
		t.Errorf("disabled: %+v", added)
	}
	health("in_use")
	for _, path := range []string{"/signing-keys/tokens", "/signing-keys/providers"} {
		if w := admin.do(http.MethodGet, path, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "[]") {
			t.Errorf("%s without settings: %d %s", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/signing/consent?state=x&code=y", "/signing/consent"} {
		if w := as(access.Leader).do(http.MethodGet, path, nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "keys.consent_unknown") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
