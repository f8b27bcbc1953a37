package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys"
	"nghisu/storage/postgres"
)

const password = "mật khẩu 123"

// field is the key of the first field that is wrong, or of the error itself.
func field(err error) string {
	if e, ok := err.(*errs.Error); ok && len(e.Fields) > 0 {
		return e.Fields[0].Path + " " + e.Fields[0].Key
	}
	return key(err)
}

func keyring(t testing.TB, names ...string) *keys.Keyring {
	t.Helper()
	var lines []string
	for _, name := range names {
		raw := bytes.Repeat([]byte(name[:1]), 32)
		lines = append(lines, name+":"+base64.StdEncoding.EncodeToString(raw))
	}
	k, err := keys.ReadKeyring(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestReadPKCS12(t *testing.T) {
	now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	ca := newAuthority(t, now)
	key2048, key384 := rsaKey(t, 2048), ecKey(t, elliptic.P384())
	good := ca.issue(t, key2048.Public(), "Nguyễn Văn An", nil)
	chain := certificatePEM(good, ca.issuing, ca.root)
	ec := ca.issue(t, key384.Public(), "Nguyễn Văn An", nil)
	change := func(f func(*x509.Certificate)) []byte {
		return certificatePEM(ca.issue(t, key2048.Public(), "Nguyễn Văn An", f))
	}
	weak := rsaKey(t, 1536)
	p224 := ecKey(t, elliptic.P224())
	cases := map[string]struct {
		file     []byte
		password string
		want     string // key of the refusal
		chain    int
	}{
		"AES":                   {pkcs12File(t, key2048, password, chain), password, "", 1},
		"RC2 and 3DES":          {pkcs12File(t, key2048, password, chain, "-legacy"), password, "", 1},
		"3DES":                  {pkcs12File(t, key2048, password, chain, "-legacy", "-descert"), password, "", 1},
		"P-384, alone":          {pkcs12File(t, key384, password, certificatePEM(ec)), password, "", 0},
		"issuers first":         {pkcs12File(t, key2048, password, certificatePEM(ca.root, ca.issuing, good)), password, "", 1},
		"valid from next year":  {pkcs12File(t, key2048, password, change(func(c *x509.Certificate) { c.NotBefore = now.AddDate(1, 0, 0) })), password, "", 0},
		"wrong password":        {pkcs12File(t, key2048, password, chain), "x", "password keys.wrong_password", 0},
		"wrong password, old":   {pkcs12File(t, key2048, password, chain, "-legacy"), "", "password keys.wrong_password", 0},
		"no key":                {pkcs12File(t, nil, password, chain, "-nokeys"), password, "file keys.no_private_key", 0},
		"no file of this form":  {[]byte("%PDF-1.7"), password, "file keys.broken_file", 0},
		"empty":                 {nil, password, "file keys.broken_file", 0},
		"expired":               {pkcs12File(t, key2048, password, change(func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) })), password, "keys.expired", 0},
		"to encrypt only":       {pkcs12File(t, key2048, password, change(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })), password, "keys.wrong_usage", 0},
		"an authority":          {pkcs12File(t, key2048, password, change(func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })), password, "keys.wrong_usage", 0},
		"short RSA":             {pkcs12File(t, weak, password, certificatePEM(ca.issue(t, weak.Public(), "x", nil))), password, "keys.weak", 0},
		"P-224":                 {pkcs12File(t, p224, password, certificatePEM(ca.issue(t, p224.Public(), "x", nil))), password, "keys.unsupported", 0},
		"cut off in the middle": {pkcs12File(t, key2048, password, chain)[:900], password, "file keys.broken_file", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, err := keys.ReadPKCS12(c.file, c.password, now)
			if field(err) != c.want {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if err == nil && (len(p.Chain) != c.chain || p.Leaf.Subject.CommonName != "Nguyễn Văn An" || !p.Leaf.PublicKey.(interface {
				Equal(x crypto.PublicKey) bool
			}).Equal(p.Key.Public())) {
				t.Errorf("read %s with %d above", p.Leaf.Subject, len(p.Chain))
			}
		})
	}
}

func (o *office) withKeyring(t testing.TB, names ...string) *keys.Service {
	d := o.deps()
	d.Keyring = keyring(t, names...)
	return keys.New(d)
}

func TestService_AddPKCS12(t *testing.T) {
	o := newOffice(t)
	s := o.withKeyring(t, "a")
	ca := newAuthority(t, o.now)
	private := rsaKey(t, 2048)
	file := pkcs12File(t, private, password, certificatePEM(ca.issue(t, private.Public(), "Sở Tài chính", nil), ca.issuing))
	seal := keys.OfAgency(o.clerk.Agency)
	if err := s.Ready(t.Context(), o.clerk, seal); err != nil { // a trial certificate is there
		t.Fatal(err)
	}
	if _, err := s.AddPKCS12(t.Context(), o.clerk, seal, file, password); !errs.Is(err, errs.Forbidden) {
		t.Errorf("by a clerk: %v", err)
	}
	if _, err := o.AddPKCS12(t.Context(), o.admin, seal, file, password); key(err) != "keys.no_encryption_key" {
		t.Errorf("without key-encryption keys: %v", err)
	}
	if _, err := s.AddPKCS12(t.Context(), o.admin, keys.OfPerson(id.New[id.Person]()), file, password); key(err) != "keys.no_holder" {
		t.Errorf("for nobody: %v", err)
	}
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: o.admin.Person, Key: "key-0001", Fingerprint: []byte("x")})
	var e keys.Entry
	for range 2 { // a repeat changes nothing
		var err error
		if e, err = s.AddPKCS12(ctx, o.admin, seal, file, password); err != nil {
			t.Fatal(err)
		}
	}
	if e.HolderName != "Sở Tài chính" || e.State != keys.InUse || e.Certificate.Kind != keys.PKCS12 || len(e.Certificate.Chain) != 1 {
		t.Errorf("entry: %+v", e)
	}
	if _, err := s.AddPKCS12(t.Context(), o.admin, seal, file, password); key(err) != "keys.already_there" {
		t.Errorf("twice: %v", err)
	}
	c := o.choose(t, seal)
	if c.ID != e.Certificate.ID || c.Development {
		t.Errorf("taken without a choice: %s %v", c.Kind, c.Name)
	}
	o.signs(t, s, c)
	o.keepsSecrets(t, private.D.Bytes())

	// rotation: a new key first, the old one behind; later the old one is gone
	both := o.withKeyring(t, "b", "a")
	o.signs(t, both, c)
	if err := both.Reseal(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.signs(t, o.withKeyring(t, "b"), c)
	if _, err := o.sign(t.Context(), o.withKeyring(t, "a"), c); key(err) != "keys.encryption_key_missing" {
		t.Errorf("without the key: %v", err)
	}
	// the row of one certificate does not open for another
	other, err := both.AddPKCS12(t.Context(), o.admin, seal, pkcs12File(t, private, "x", certificatePEM(ca.issue(t, private.Public(), "x", nil))), "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.Exec(t.Context(), `update private_keys set sealed = (select sealed from private_keys where certificate_id = $1) where certificate_id = $2`,
		c.ID, other.Certificate.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.sign(t.Context(), both, other.Certificate); key(err) != "keys.encryption_key_missing" {
		t.Errorf("a key in another's row: %v", err)
	}
	o.disabled(t, both, c)
}

func (o *office) sign(ctx context.Context, s *keys.Service, c keys.Certificate) (keys.Answer, error) {
	source, err := s.Source(c.Kind)
	if err != nil {
		return keys.Answer{}, err
	}
	return source.Start(ctx, c, batch(c, "x"))
}

func (o *office) signs(t *testing.T, s *keys.Service, c keys.Certificate) {
	t.Helper()
	a, err := o.sign(t.Context(), s, c)
	if err != nil || !fits(c, a.Values[0], "x") {
		t.Fatalf("signature is wrong, %v", err)
	}
}

// fits judges a value with the standard library.
func fits(c keys.Certificate, value []byte, text string) bool {
	h := c.Hash().New()
	h.Write([]byte(text))
	if k, ok := c.Leaf.PublicKey.(*ecdsa.PublicKey); ok {
		return ecdsa.VerifyASN1(k, h.Sum(nil), value)
	}
	return c.Leaf.CheckSignature(x509.SHA256WithRSA, []byte(text), value) == nil
}

// keepsSecrets looks for a secret in everything the database holds about keys.
func (o *office) keepsSecrets(t *testing.T, secret []byte) {
	t.Helper()
	for _, table := range []string{"certificates", "private_keys", "audit_events", "idempotency_keys"} {
		var found bool
		err := o.db.QueryRow(t.Context(), `select coalesce(bool_or(r::text like '%' || encode($1, 'hex') || '%' or r::text like '%' || $2 || '%'), false) from `+table+` r`,
			secret, password).Scan(&found)
		if err != nil || found {
			t.Errorf("%s holds the secret (%v)", table, err)
		}
	}
}

func (o *office) disabled(t *testing.T, s *keys.Service, c keys.Certificate) {
	t.Helper()
	if _, err := s.Disable(t.Context(), o.clerk, c.ID); !errs.Is(err, errs.Forbidden) {
		t.Errorf("disabled by a clerk: %v", err)
	}
	for range 2 {
		if e, err := s.Disable(t.Context(), o.admin, c.ID); err != nil || e.State != keys.Disabled {
			t.Fatalf("disabled: %+v, %v", e, err)
		}
	}
	if _, err := s.Choose(t.Context(), o.db, keys.Holder{Person: c.Person, Agency: c.Agency}, c.ID); key(err) != "keys.disabled" {
		t.Errorf("chosen all the same: %v", err)
	}
	if _, err := o.sign(t.Context(), s, c); key(err) != "signing.key_missing" {
		t.Errorf("the private key is still there: %v", err)
	}
	if _, err := s.Disable(t.Context(), o.admin, id.New[id.Certificate]()); !errs.Is(err, errs.NotFound) {
		t.Errorf("disabled nothing: %v", err)
	}
	var kinds []string
	rows, err := o.db.Query(t.Context(), `select kind from audit_events where object_id = $1 order by at, id`, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var kind string
		if err := rows.Scan(&kind); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, kind)
	}
	if got := strings.Join(kinds, " "); rows.Err() != nil || got != "signing.key_added signing.key_disabled" {
		t.Errorf("audit: %s", got)
	}
}

func TestService_List(t *testing.T) {
	o := newOffice(t)
	ca := newAuthority(t, o.now)
	var want []id.Certificate
	for i, days := range []int{400, 59, 90} {
		k := ecKey(t, elliptic.P256())
		leaf := ca.issue(t, k.Public(), "x", func(c *x509.Certificate) { c.NotAfter = o.now.AddDate(0, 0, days) })
		h := []keys.Holder{keys.OfPerson(o.leader.Person), keys.OfPerson(o.clerk.Person), keys.OfAgency(o.clerk.Agency)}[i]
		e, err := o.AddAgent(t.Context(), o.admin, h, certificatePEM(leaf, ca.issuing))
		if err != nil || len(e.Certificate.Chain) != 1 {
			t.Fatalf("%+v, %v", e, err)
		}
		want = append([]id.Certificate{e.Certificate.ID}, want...)
	}
	var got []id.Certificate
	f := keys.Filter{Limit: 2}
	for {
		page, next, err := o.List(t.Context(), o.admin, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			got = append(got, e.Certificate.ID)
		}
		if f.After = next; id.IsZero(next) {
			break
		}
	}
	if len(got) != 3 || got[0] != want[0] || got[2] != want[2] {
		t.Errorf("pages: %v, want %v", got, want)
	}
	ending, _, err := o.List(t.Context(), o.admin, keys.Filter{Ending: true, Limit: 9})
	if err != nil || len(ending) != 1 || ending[0].State != keys.ExpiresSoon || ending[0].HolderName != o.clerk.Name {
		t.Errorf("ending: %+v, %v", ending, err)
	}
	named, _, err := o.List(t.Context(), o.admin, keys.Filter{Text: "tai chinh", Limit: 9})
	if err != nil || len(named) != 1 || named[0].Certificate.Agency == nil {
		t.Errorf("by name: %+v, %v", named, err)
	}
	if _, _, err := o.List(t.Context(), o.leader, keys.Filter{Limit: 9}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("by a leader: %v", err)
	}
}

func TestService_AddAgent_refuses(t *testing.T) {
	o := newOffice(t)
	ca := newAuthority(t, o.now)
	me := keys.OfPerson(o.leader.Person)
	k := ecKey(t, elliptic.P256())
	good := ca.issue(t, k.Public(), "x", nil)
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"no certificate": {[]byte("xin chào"), "keys.broken_certificate"},
		"empty":          {nil, "keys.broken_certificate"},
		"an authority":   {certificatePEM(ca.issuing), "keys.wrong_usage"},
		"self-signed":    {certificatePEM(ca.root), "keys.wrong_usage"},
		"DER":            {good.Raw, ""},
		"DER in base64":  {[]byte(base64.StdEncoding.EncodeToString(ca.issue(t, k.Public(), "y", nil).Raw)), ""},
	} {
		if _, err := o.AddAgent(t.Context(), o.admin, me, c.body); key(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.AddAgent(t.Context(), o.leader, me, good.Raw); !errs.Is(err, errs.Forbidden) {
		t.Errorf("by the holder: %v", err)
	}
}

// Where there are trust lists, the certificate must lead to one of their authorities.
func TestService_AddAgent_trustLists(t *testing.T) {
	o := newOffice(t)
	ca, other := newAuthority(t, o.now), newAuthority(t, o.now)
	me := keys.OfPerson(o.leader.Person)
	for name, c := range map[string]struct {
		anchors []*x509.Certificate
		hand    func(leaf *x509.Certificate) []byte
		want    string
		chain   int
	}{
		"no lists":                {nil, func(leaf *x509.Certificate) []byte { return certificatePEM(leaf) }, "", 0},
		"the root, whole chain":   {[]*x509.Certificate{other.root, ca.root}, func(leaf *x509.Certificate) []byte { return certificatePEM(leaf, ca.issuing) }, "", 1},
		"the issuer, leaf alone":  {[]*x509.Certificate{ca.issuing}, func(leaf *x509.Certificate) []byte { return certificatePEM(leaf) }, "", 1},
		"the root, leaf alone":    {[]*x509.Certificate{ca.root}, func(leaf *x509.Certificate) []byte { return certificatePEM(leaf) }, "keys.untrusted", 0},
		"other authorities":       {[]*x509.Certificate{other.root}, func(leaf *x509.Certificate) []byte { return certificatePEM(leaf, ca.issuing) }, "keys.untrusted", 0},
		"an authority of its own": {[]*x509.Certificate{other.root}, func(leaf *x509.Certificate) []byte { return certificatePEM(leaf, ca.issuing, ca.root) }, "keys.untrusted", 0},
	} {
		d := o.deps()
		d.Anchors = func(context.Context) ([]*x509.Certificate, error) { return c.anchors, nil }
		leaf := ca.issue(t, ecKey(t, elliptic.P256()).Public(), "x", nil)
		e, err := keys.New(d).AddAgent(t.Context(), o.admin, me, c.hand(leaf))
		if key(err) != c.want || err == nil && len(e.Certificate.Chain) != c.chain {
			t.Errorf("%s: %d above, %v", name, len(e.Certificate.Chain), err)
		}
	}
}

func TestKeyring(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "# nothing\n",
		"no name":        base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"too short":      "a:" + base64.StdEncoding.EncodeToString(make([]byte, 16)),
		"no base64":      "a:???",
		"twice the same": "a:" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + ",a:" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
	} {
		if _, err := keys.ReadKeyring(text); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	path := filepath.Join(t.TempDir(), "keys", "encryption.keys")
	if _, err := keys.OpenKeyring(path); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	if _, err := keys.OpenKeyring(path); err != nil {
		t.Fatal(err)
	}
	if second, _ := os.ReadFile(path); !bytes.Equal(first, second) {
		t.Error("the key was made a second time")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.OpenKeyring(path); err == nil {
		t.Error("a key that others may read is taken")
	}
}
