package trust_test

import (
	"encoding/pem"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/trust"
	"nghisu/storage/postgres/pgtest"
)

func key(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

// Only the administrator of the installation manages the lists; only authorities come onto them, once each.
func TestService_lists(t *testing.T) {
	db, now := pgtest.New(t), time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	agency := orgtest.Agency(t, db, "H77.1", "Sở Tài chính")
	admin := orgtest.Person(t, db, agency, "Lê Quản Trị", access.SystemAdmin)
	other := orgtest.Person(t, db, agency, "Nguyễn Văn An", access.AgencyAdmin, access.Clerk)
	pki, err := devpki.Open(filepath.Join(t.TempDir(), "pki"), now)
	if err != nil {
		t.Fatal(err)
	}
	holder, err := pki.Obtain("x", devpki.Holder{Name: "x", Organisation: "y"}, now)
	if err != nil {
		t.Fatal(err)
	}
	s := trust.New(trust.Deps{DB: db, Now: func() time.Time { return now }})
	text := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }
	root := text(pki.Root.Raw)
	for name, c := range map[string]struct {
		actor access.Actor
		body  []byte
		want  string
	}{
		"somebody else":    {other, root, "access.denied"},
		"no certificate":   {admin, []byte("x"), "keys.broken_certificate"},
		"two at once":      {admin, append(text(pki.Root.Raw), text(pki.Issuing.Raw)...), "trust.one_certificate"},
		"not an authority": {admin, text(holder.Certificate.Raw), "trust.no_authority"},
	} {
		if _, err := s.Add(t.Context(), c.actor, trust.Public, c.body); err == nil || name != "somebody else" && key(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	added, err := s.Add(t.Context(), admin, trust.PublicService, root)
	if err != nil || added.Name != pki.Root.Subject.CommonName {
		t.Fatalf("%+v, %v", added, err)
	}
	if _, err := s.Add(t.Context(), admin, trust.PublicService, root); key(err) != "trust.already_there" {
		t.Errorf("twice on one list: %v", err)
	}
	if _, err := s.Add(t.Context(), admin, trust.TSA, root); err != nil {
		t.Errorf("on another list: %v", err)
	}
	lists, err := trust.Load(t.Context(), db)
	if err != nil || len(lists[trust.PublicService]) != 1 || len(lists[trust.TSA]) != 1 || !lists[trust.TSA][0].Equal(pki.Root) {
		t.Errorf("lists %v, %v", lists, err)
	}
	if _, err := s.Anchors(t.Context(), other); err == nil {
		t.Error("somebody else reads the lists")
	}
	if err := s.Remove(t.Context(), other, added.ID); err == nil {
		t.Error("somebody else takes an authority off")
	}
	if err := s.Remove(t.Context(), admin, added.ID); err != nil {
		t.Error(err)
	}
	if err := s.Remove(t.Context(), admin, added.ID); key(err) != "trust.not_found" {
		t.Errorf("twice: %v", err)
	}
	all, err := s.Anchors(t.Context(), admin)
	if err != nil || len(all) != 1 || all[0].List != trust.TSA || all[0].AddedBy != "Lê Quản Trị" {
		t.Errorf("what stays: %+v, %v", all, err)
	}
	var kinds int
	if err := db.QueryRow(t.Context(), `select count(*) from audit_events where kind in ('signing.trust_added', 'signing.trust_removed')`).Scan(&kinds); err != nil || kinds != 3 {
		t.Errorf("%d audit events, %v", kinds, err)
	}
}
