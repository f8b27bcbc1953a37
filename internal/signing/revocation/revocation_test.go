package revocation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"nghisu/internal/signing/revocation"
)

var now = time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var serial int64

// issue makes a certificate below parent, or one that signs itself when parent is nil.
func issue(t testing.TB, name string, parent *pair, change func(c *x509.Certificate)) pair {
	t.Helper()
	serial++
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(1000 + serial),
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	if change != nil {
		change(template)
	}
	p := pair{key: newKey(t)}
	above, by := template, p.key
	if parent != nil {
		above, by = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, above, p.key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	if p.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return p
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
}

// world is an authority with one holder, an authority of the same name and a stranger.
type world struct {
	ca, holder, twin, stranger pair
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{ca: issue(t, "CA", nil, authority), twin: issue(t, "CA", nil, authority), stranger: issue(t, "Stranger", nil, authority)}
	w.holder = issue(t, "Holder", &w.ca, nil)
	return w
}

func (w world) ask(t testing.TB, e revocation.Evidence, at time.Time) revocation.Status {
	t.Helper()
	if e.Now.IsZero() {
		e.Now = now
	}
	s, err := revocation.Evaluate(w.holder.cert, w.ca.cert, e, at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func crl(t testing.TB, by pair, change func(l *x509.RevocationList)) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(24 * time.Hour)}
	if change != nil {
		change(l)
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, by.cert, by.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func lists(cert *x509.Certificate, at time.Time, reason int) func(l *x509.RevocationList) {
	return func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: cert.SerialNumber, RevocationTime: at, ReasonCode: reason}}
	}
}

func extension(t testing.TB, oid asn1.ObjectIdentifier, critical bool, value any) func(l *x509.RevocationList) {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: oid, Critical: critical, Value: der})
	}
}

// answer is an OCSP response of responder, with its certificate inside unless it is the issuer.
func answer(t testing.TB, w world, responder pair, change func(r *ocsp.Response)) []byte {
	t.Helper()
	r := ocsp.Response{Status: ocsp.Good, SerialNumber: w.holder.cert.SerialNumber, ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour)}
	if responder.cert != w.ca.cert {
		r.Certificate = responder.cert
	}
	if change != nil {
		change(&r)
	}
	der, err := ocsp.CreateResponse(w.ca.cert, responder.cert, r, responder.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

var (
	scopeOID = asn1.ObjectIdentifier{2, 5, 29, 28}
	deltaOID = asn1.ObjectIdentifier{2, 5, 29, 27}
)

func TestEvaluate_lists(t *testing.T) {
	w := newWorld(t)
	inPart := asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: []byte("\xa0\x0d\xa0\x0b\x86\x09http://x/")}
	for name, c := range map[string]struct {
		der  []byte
		want revocation.State
		why  string
	}{
		"nobody revoked":        {crl(t, w.ca, nil), revocation.Good, ""},
		"revoked":               {crl(t, w.ca, lists(w.holder.cert, now.Add(-2*time.Hour), 1)), revocation.Revoked, ""},
		"on hold":               {crl(t, w.ca, lists(w.holder.cert, now.Add(-2*time.Hour), 6)), revocation.Revoked, ""},
		"revoked later":         {crl(t, w.ca, lists(w.holder.cert, now.Add(time.Minute), 0)), revocation.Good, ""},
		"another one revoked":   {crl(t, w.ca, lists(w.ca.cert, now.Add(-2*time.Hour), 0)), revocation.Good, ""},
		"of another issuer":     {crl(t, w.stranger, nil), revocation.Unknown, "no evidence"},
		"of an issuer's twin":   {crl(t, w.twin, nil), revocation.Unknown, "nobody who may"},
		"expired":               {crl(t, w.ca, func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = now.Add(-48*time.Hour), now.Add(-time.Hour) }), revocation.Unknown, "expired"},
		"from the future":       {crl(t, w.ca, func(l *x509.RevocationList) { l.ThisUpdate = now.Add(time.Hour) }), revocation.Unknown, "future"},
		"delta":                 {crl(t, w.ca, extension(t, deltaOID, true, 1)), revocation.Unknown, "changes"},
		"unknown critical":      {crl(t, w.ca, extension(t, asn1.ObjectIdentifier{1, 2, 3}, true, 1)), revocation.Unknown, "critical"},
		"unknown, not critical": {crl(t, w.ca, extension(t, asn1.ObjectIdentifier{1, 2, 3}, false, 1)), revocation.Good, ""},
		"only authorities": {crl(t, w.ca, extension(t, scopeOID, true, struct {
			CAs bool `asn1:"tag:2"`
		}{true})), revocation.Unknown, "scope"},
		"only users": {crl(t, w.ca, extension(t, scopeOID, true, struct {
			Users bool `asn1:"tag:1"`
		}{true})), revocation.Good, ""},
		"only some reasons": {crl(t, w.ca, extension(t, scopeOID, true, struct {
			Reasons asn1.BitString `asn1:"tag:3"`
		}{asn1.BitString{Bytes: []byte{0x40}, BitLength: 2}})), revocation.Unknown, "scope"},
		"of another point": {crl(t, w.ca, extension(t, scopeOID, true, struct{ Point asn1.RawValue }{inPart})), revocation.Unknown, "distribution point"},
		"garbage":          {[]byte("garbage"), revocation.Unknown, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.ask(t, revocation.Evidence{CRLs: [][]byte{c.der}}, now)
			if s.State != c.want || !strings.Contains(s.Why, c.why) {
				t.Errorf("got %+v, want %s %q", s, c.want, c.why)
			}
			if c.want != revocation.Unknown && (s.Kind != revocation.CRL || !s.Signer.Equal(w.ca.cert) || s.NextUpdate.IsZero()) {
				t.Errorf("not said what decided: %+v", s)
			}
		})
	}
}

// Old evidence of a revocation stays true; old evidence that there is none does not.
func TestEvaluate_oldList(t *testing.T) {
	w := newWorld(t)
	old := func(reason int) []byte {
		return crl(t, w.ca, func(l *x509.RevocationList) {
			lists(w.holder.cert, now.Add(-50*time.Hour), reason)(l)
			l.ThisUpdate, l.NextUpdate = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
		})
	}
	if s := w.ask(t, revocation.Evidence{CRLs: [][]byte{old(1)}}, now); s.State != revocation.Revoked || s.Reason != 1 {
		t.Errorf("key known to others: %+v", s)
	}
	if s := w.ask(t, revocation.Evidence{CRLs: [][]byte{old(6)}}, now); s.State != revocation.Unknown {
		t.Errorf("on hold long ago: %+v", s)
	}
	if s := w.ask(t, revocation.Evidence{CRLs: [][]byte{old(1)}}, now.Add(-60*time.Hour)); s.State != revocation.Good || s.At.IsZero() {
		t.Errorf("before the revocation: %+v", s)
	}
	later := crl(t, w.ca, func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = now.AddDate(2, 0, 0), now.AddDate(2, 0, 1) })
	if s := w.ask(t, revocation.Evidence{CRLs: [][]byte{later}, Now: now.AddDate(2, 0, 0)}, now); s.State != revocation.Unknown {
		t.Errorf("made after the certificate's end: %+v", s)
	}
}

// A list by a delegate counts when the issuer certified it and, under another name, the certificate names it.
func TestEvaluate_delegatedList(t *testing.T) {
	w := newWorld(t)
	crlSigner := func(c *x509.Certificate) { authority(c); c.KeyUsage = x509.KeyUsageCRLSign }
	sameName := issue(t, "CA", &w.ca, crlSigner)
	e := revocation.Evidence{CRLs: [][]byte{crl(t, sameName, nil)}, Certificates: []*x509.Certificate{sameName.cert}}
	if s := w.ask(t, e, now); s.State != revocation.Good || !s.Signer.Equal(sameName.cert) {
		t.Errorf("second key of the issuer: %+v", s)
	}
	e.Certificates = []*x509.Certificate{w.twin.cert}
	e.CRLs = [][]byte{crl(t, w.twin, nil)}
	if s := w.ask(t, e, now); s.State != revocation.Unknown {
		t.Errorf("twin that the issuer did not certify: %+v", s)
	}
	other := issue(t, "List issuer", &w.ca, crlSigner)
	indirect := extension(t, scopeOID, true, struct {
		Indirect bool `asn1:"tag:4"`
	}{true})
	name, err := asn1.Marshal([]asn1.RawValue{{Class: 2, Tag: 4, IsCompound: true, Bytes: w.ca.cert.RawSubject}})
	if err != nil {
		t.Fatal(err)
	}
	entry := x509.RevocationListEntry{SerialNumber: w.holder.cert.SerialNumber, RevocationTime: now.Add(-time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: name}}}
	list := crl(t, other, func(l *x509.RevocationList) {
		indirect(l)
		l.RevokedCertificateEntries = []x509.RevocationListEntry{entry}
	})
	e = revocation.Evidence{CRLs: [][]byte{list}, Certificates: []*x509.Certificate{other.cert}}
	if s := w.ask(t, e, now); s.State != revocation.Unknown {
		t.Errorf("not named by the certificate: %+v", s)
	}
	issuer, err := asn1.Marshal(asn1.RawValue{Class: 2, Tag: 4, IsCompound: true, Bytes: other.cert.RawSubject})
	if err != nil {
		t.Fatal(err)
	}
	points, err := asn1.Marshal([]struct{ Issuer asn1.RawValue }{{asn1.RawValue{Class: 2, Tag: 2, IsCompound: true, Bytes: issuer}}})
	if err != nil {
		t.Fatal(err)
	}
	named := issue(t, "Holder", &w.ca, func(c *x509.Certificate) {
		c.SerialNumber = w.holder.cert.SerialNumber
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: points}}
	})
	e.Now = now
	if s, err := revocation.Evaluate(named.cert, w.ca.cert, e, now); err != nil || s.State != revocation.Revoked {
		t.Errorf("named by the certificate: %+v, %v", s, err)
	}
}

func TestEvaluate_responses(t *testing.T) {
	w := newWorld(t)
	signing := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} }
	delegate, unfit := issue(t, "Responder", &w.ca, signing), issue(t, "Responder", &w.ca, nil)
	stranger := issue(t, "Responder", &w.stranger, signing)
	ended := issue(t, "Responder", &w.ca, func(c *x509.Certificate) { signing(c); c.NotAfter = now.AddDate(0, -1, 0) })
	for name, c := range map[string]struct {
		der  []byte
		want revocation.State
		why  string
	}{
		"good by the issuer":     {answer(t, w, w.ca, nil), revocation.Good, ""},
		"good, SHA-256":          {answer(t, w, w.ca, func(r *ocsp.Response) { r.IssuerHash = crypto.SHA256 }), revocation.Good, ""},
		"good by a delegate":     {answer(t, w, delegate, nil), revocation.Good, ""},
		"delegate without usage": {answer(t, w, unfit, nil), revocation.Unknown, "not for responses"},
		"delegate that ended":    {answer(t, w, ended, nil), revocation.Unknown, "not valid"},
		"by a stranger":          {answer(t, w, stranger, nil), revocation.Unknown, "stranger"},
		"by another authority":   {answer(t, w, w.stranger, nil), revocation.Unknown, "stranger"},
		"revoked": {answer(t, w, w.ca, func(r *ocsp.Response) {
			r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, now.Add(-time.Hour), 1
		}), revocation.Revoked, ""},
		"revoked later": {answer(t, w, w.ca, func(r *ocsp.Response) {
			r.Status, r.RevokedAt = ocsp.Revoked, now.Add(time.Minute)
		}), revocation.Good, ""},
		"unknown":         {answer(t, w, w.ca, func(r *ocsp.Response) { r.Status = ocsp.Unknown }), revocation.Unknown, "does not know"},
		"another serial":  {answer(t, w, w.ca, func(r *ocsp.Response) { r.SerialNumber = big.NewInt(5) }), revocation.Unknown, "no evidence"},
		"expired":         {answer(t, w, w.ca, func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = now.Add(-3*time.Hour), now.Add(-time.Hour) }), revocation.Unknown, "expired"},
		"undated and old": {answer(t, w, w.ca, func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = now.Add(-30*time.Hour), time.Time{} }), revocation.Unknown, "expired"},
		"from the future": {answer(t, w, w.ca, func(r *ocsp.Response) { r.ThisUpdate = now.Add(30 * time.Minute) }), revocation.Unknown, "future"},
		"try later":       {ocsp.TryLaterErrorResponse, revocation.Unknown, "error 3"},
		"garbage":         {[]byte{0x30, 0}, revocation.Unknown, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.ask(t, revocation.Evidence{OCSPs: [][]byte{c.der}}, now)
			if s.State != c.want || !strings.Contains(s.Why, c.why) {
				t.Errorf("got %+v, want %s %q", s, c.want, c.why)
			}
		})
	}
	good := answer(t, w, w.ca, nil)
	for i := range good { // one bit anywhere: never another certificate's or another's word
		broken := append([]byte{}, good...)
		broken[i] ^= 4
		if s := w.ask(t, revocation.Evidence{OCSPs: [][]byte{broken}}, now); s.State == revocation.Good && s.ThisUpdate != now.Add(-time.Hour) {
			t.Errorf("bit of byte %d changed: %+v", i, s)
		}
	}
}

func TestEvaluate_together(t *testing.T) {
	w := newWorld(t)
	e := revocation.Evidence{OCSPs: [][]byte{answer(t, w, w.ca, nil)}, CRLs: [][]byte{crl(t, w.ca, lists(w.holder.cert, now.Add(-2*time.Hour), 0))}}
	if s := w.ask(t, e, now); s.State != revocation.Revoked {
		t.Errorf("one says good, one revoked: %+v", s)
	}
	signing := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} }
	delegate := issue(t, "Responder", &w.ca, signing)
	e = revocation.Evidence{OCSPs: [][]byte{answer(t, w, delegate, nil)}, CRLs: [][]byte{crl(t, w.ca, func(l *x509.RevocationList) {
		lists(delegate.cert, now.Add(-48*time.Hour), 1)(l)
		l.NextUpdate = now.Add(-30 * time.Minute)
	})}}
	if s := w.ask(t, e, now); s.State != revocation.Unknown || !strings.Contains(s.Why, "responder's certificate was revoked") {
		t.Errorf("by a responder that was revoked: %+v", s)
	}
	if _, err := revocation.Evaluate(w.holder.cert, w.twin.cert, e, now); !errors.Is(err, revocation.ErrIssuer) {
		t.Errorf("another issuer: %v", err)
	}
}

func FuzzEvaluate(f *testing.F) {
	w := newWorld(f)
	signing := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} }
	stranger := issue(f, "Responder", &w.stranger, signing)
	f.Add(crl(f, w.stranger, nil))
	f.Add(crl(f, w.twin, lists(w.holder.cert, now, 1)))
	f.Add(crl(f, w.twin, extension(f, scopeOID, true, struct {
		Indirect bool `asn1:"tag:4"`
	}{true})))
	f.Add(answer(f, w, stranger, nil))
	f.Add(answer(f, w, w.stranger, nil))
	// nothing of the seeds is signed by who may: whatever comes out of them is not good
	f.Fuzz(func(t *testing.T, der []byte) {
		e := revocation.Evidence{CRLs: [][]byte{der}, OCSPs: [][]byte{der}, Certificates: []*x509.Certificate{stranger.cert, w.twin.cert}}
		if s := w.ask(t, e, now); s.State != revocation.Unknown {
			t.Errorf("%s from %x", s.State, der)
		}
	})
}
