package keys_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"testing"

	"nghisu/internal/signing/keys"
)

func TestService_Ending(t *testing.T) {
	o := newOffice(t)
	ca := newAuthority(t, o.now)
	want := func(state keys.State, counts ...int) {
		t.Helper()
		if got, err := o.Health(t.Context()); err != nil || got != state {
			t.Errorf("health %s, %v, want %s", got, err, state)
		}
		for i, days := range keys.WarnAt {
			if n, err := o.Ending(t.Context(), days); err != nil || n != counts[i] {
				t.Errorf("%d days before: %d, %v, want %d", days, n, err, counts[i])
			}
		}
	}
	add := func(h keys.Holder, days int) keys.Entry {
		t.Helper()
		leaf := ca.issue(t, ecKey(t, elliptic.P256()).Public(), "x", func(c *x509.Certificate) { c.NotAfter = o.now.AddDate(0, 0, days) })
		e, err := o.AddAgent(t.Context(), o.admin, h, certificatePEM(leaf))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	seal, me := keys.OfAgency(o.clerk.Agency), keys.OfPerson(o.leader.Person)
	if err := o.Ready(t.Context(), o.clerk, seal); err != nil { // a trial one, of five years
		t.Fatal(err)
	}
	want(keys.InUse, 0, 0, 0, 0)
	add(seal, 40)
	add(me, 5)
	want(keys.ExpiresSoon, 2, 1, 1, 0)
	add(me, 300) // renewed
	want(keys.ExpiresSoon, 1, 0, 0, 0)
	o.now = o.now.AddDate(0, 0, 41)
	want(keys.Expired, 1, 1, 1, 1)
	renewed := add(seal, 500)
	want(keys.InUse, 0, 0, 0, 0)
	if _, err := o.Disable(t.Context(), o.admin, renewed.Certificate.ID); err != nil {
		t.Fatal(err)
	}
	want(keys.Expired, 1, 1, 1, 1)
}
