package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/keys"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// office is an agency with its people and a service that moves in time.
type office struct {
	*keys.Service
	db     *postgres.DB
	pki    *devpki.PKI
	leader access.Actor
	clerk  access.Actor
	admin  access.Actor
	now    time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{db: pgtest.New(t), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	agency := orgtest.Agency(t, o.db, "H77.1", "Sở Tài chính")
	o.leader = orgtest.Person(t, o.db, agency, "Nguyễn Văn An", access.Leader)
	o.clerk = orgtest.Person(t, o.db, agency, "Trần Thị Bình", access.Clerk)
	o.admin = orgtest.Person(t, o.db, agency, "Lê Quản Trị", access.SystemAdmin)
	var err error
	if o.pki, err = devpki.Open(filepath.Join(t.TempDir(), "pki"), o.now); err != nil {
		t.Fatal(err)
	}
	o.Service = keys.New(o.deps())
	return o
}

func (o *office) deps() keys.Deps {
	return keys.Deps{DB: o.db, PKI: o.pki, Now: func() time.Time { return o.now }}
}

// key is the message key of an error.
func key(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (o *office) choose(t *testing.T, h keys.Holder) keys.Certificate {
	t.Helper()
	c, err := o.Choose(t.Context(), o.db, h, id.Certificate{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func batch(cert keys.Certificate, texts ...string) keys.Batch {
	b := keys.Batch{Hash: cert.Hash()}
	for _, s := range texts {
		h := cert.Hash().New()
		h.Write([]byte(s))
		b.Digests, b.Labels = append(b.Digests, h.Sum(nil)), append(b.Labels, s)
	}
	return b
}

func TestService_Ready_givesATrialCertificate(t *testing.T) {
	o := newOffice(t)
	for name, h := range map[string]keys.Holder{"Nguyễn Văn An": keys.OfPerson(o.leader.Person), "Sở Tài chính": keys.OfAgency(o.leader.Agency)} {
		if _, err := o.Choose(t.Context(), o.db, h, id.Certificate{}); key(err) != "keys.none" {
			t.Errorf("%s, before: %v", name, err)
		}
		var wg sync.WaitGroup
		for range 3 { // two nodes, a double click
			wg.Go(func() {
				if err := o.Ready(t.Context(), o.leader, h); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := o.Certificates(t.Context(), o.db, h)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %d certificates, %v", name, len(all), err)
		}
		c := o.choose(t, h)
		if c.ID != all[0].ID || c.Name != name || !c.Development || c.Kind != keys.Development || len(c.Chain) != 1 || c.State(o.now) != keys.InUse {
			t.Errorf("certificate: %+v", c)
		}
		source, err := o.Source(c.Kind)
		if err != nil {
			t.Fatal(err)
		}
		b := batch(c, "một", "hai")
		a, err := source.Start(t.Context(), c, b)
		if err != nil || len(a.Values) != 2 {
			t.Fatalf("signed: %v, %v", a, err)
		}
		for i := range a.Values {
			if !ecdsa.VerifyASN1(c.Leaf.PublicKey.(*ecdsa.PublicKey), b.Digests[i], a.Values[i]) {
				t.Errorf("value %d is wrong", i)
			}
		}
	}
	var events int
	if err := o.db.QueryRow(t.Context(), `select count(*) from audit_events where kind = 'signing.certificate_issued'`).Scan(&events); err != nil || events != 2 {
		t.Errorf("%d certificates in the audit, %v", events, err)
	}
}

func TestService_Choose(t *testing.T) {
	o := newOffice(t)
	mine, theirs := keys.OfPerson(o.leader.Person), keys.OfPerson(o.clerk.Person)
	for actor, h := range map[*access.Actor]keys.Holder{&o.leader: mine, &o.clerk: theirs} {
		if err := o.Ready(t.Context(), *actor, h); err != nil {
			t.Fatal(err)
		}
	}
	c := o.choose(t, mine)
	if _, err := o.Choose(t.Context(), o.db, theirs, c.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if got, err := o.Choose(t.Context(), o.db, mine, c.ID); err != nil || got.ID != c.ID {
		t.Errorf("by name: %v, %v", got.ID, err)
	}
	o.now = c.Leaf.NotAfter.Add(-59 * 24 * time.Hour)
	if got := c.State(o.now); got != keys.ExpiresSoon {
		t.Errorf("59 days before the end: %s", got)
	}
	// NĐ 68/2024 Đ.29, 31: not after its time, and not before it
	o.now = c.Leaf.NotAfter.Add(time.Second)
	if _, err := o.Choose(t.Context(), o.db, mine, c.ID); key(err) != "signing.certificate_expired" {
		t.Errorf("ended, by name: %v", err)
	}
	if _, err := o.Choose(t.Context(), o.db, mine, id.Certificate{}); key(err) != "signing.certificate_expired" {
		t.Errorf("ended: %v", err)
	}
	if err := o.Ready(t.Context(), o.leader, mine); err != nil {
		t.Fatal(err)
	}
	next := o.choose(t, mine)
	if next.ID == c.ID || next.Leaf.Equal(c.Leaf) {
		t.Error("the next trial certificate is the last one")
	}
	o.now = c.Leaf.NotBefore.Add(-time.Second)
	if _, err := o.Choose(t.Context(), o.db, mine, c.ID); key(err) != "signing.certificate_expired" {
		t.Errorf("not yet valid: %v", err)
	}
}

func TestService_Signer(t *testing.T) {
	o := newOffice(t)
	if err := o.Ready(t.Context(), o.leader, keys.OfPerson(o.leader.Person)); err != nil {
		t.Fatal(err)
	}
	c := o.choose(t, keys.OfPerson(o.leader.Person))
	s, err := o.Signer(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	value, err := s.Sign(nil, digest[:], crypto.SHA256)
	if err != nil || !ecdsa.VerifyASN1(s.Public().(*ecdsa.PublicKey), digest[:], value) {
		t.Errorf("value is wrong, %v", err)
	}
	if _, err := s.Sign(nil, digest[:20], crypto.SHA256); err == nil {
		t.Error("a digest that is too short is signed")
	}
	if _, err := o.Source(keys.Agent); key(err) != "keys.no_source" {
		t.Errorf("an agent is no source: %v", err)
	}
}
