package keys_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/keys/csctest"
)

// service is an office with a signing service.
type service struct {
	*office
	*keys.Service
	at *csctest.Server
	ca *authority
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{office: newOffice(t), at: csctest.New(t)}
	s.ca = newAuthority(t, s.now)
	s.Service = s.another(t)
	return s
}

// another is another node of the same installation.
func (s *service) another(t *testing.T) *keys.Service {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(csctest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := s.deps()
	d.Keyring, d.PublicURL, d.Log = keyring(t, "a"), "https://nghisu.example.vn/", slog.New(slog.DiscardHandler)
	d.HTTP = &http.Client{Timeout: 500 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	d.Sources.Providers = []keys.Provider{{Name: "thu", Title: "Dịch vụ ký thử", URL: s.at.URL, ClientID: csctest.ClientID, Secret: keys.SecretRef{File: secret}}}
	return keys.New(d)
}

// credential puts a key into the service and registers it.
func (s *service) credential(t *testing.T, h keys.Holder, key crypto.Signer, change func(*csctest.Credential)) keys.Certificate {
	t.Helper()
	c := &csctest.Credential{Key: key, Mode: "implicit", Certs: []*x509.Certificate{s.ca.issue(t, key.Public(), "Nguyễn Văn An", nil), s.ca.issuing, s.ca.root}}
	if change != nil {
		change(c)
	}
	name := "c-" + id.New[id.Event]().String()
	s.at.Do(func() { s.at.Credentials[name] = c })
	e, err := s.AddCSC(t.Context(), s.admin, h, "thu", name)
	if err != nil || e.Source != "thu "+name || len(e.Certificate.Chain) != 1 {
		t.Fatalf("registered: %+v, %v", e, err)
	}
	return e.Certificate
}

func (s *service) me() keys.Holder { return keys.OfPerson(s.leader.Person) }

func (s *service) batch(c keys.Certificate, texts ...string) keys.Batch {
	b := batch(c, texts...)
	b.By = s.leader
	return b
}

func (s *service) start(t *testing.T, c keys.Certificate, texts ...string) (keys.Answer, error) {
	t.Helper()
	return s.with(t, s.Service, c).Start(t.Context(), c, s.batch(c, texts...))
}

func (s *service) with(t *testing.T, node *keys.Service, c keys.Certificate) keys.Source {
	t.Helper()
	source, err := node.Source(c.Kind)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func (s *service) poll(t *testing.T, c keys.Certificate, ticket string) (keys.Answer, error) {
	t.Helper()
	return s.with(t, s.another(t), c).Poll(t.Context(), c, ticket) // by another node: nothing is kept in a process
}

func wantValues(t *testing.T, c keys.Certificate, a keys.Answer, err error, texts ...string) {
	t.Helper()
	if err != nil || len(a.Values) != len(texts) {
		t.Fatalf("%d values, %v", len(a.Values), err)
	}
	for i, text := range texts {
		if !fits(c, a.Values[i], text) {
			t.Errorf("value of %s is wrong", text)
		}
	}
}

func (s *service) wantSignedOnce(t *testing.T) {
	t.Helper()
	if n := s.at.MostSigned(); n != 1 {
		t.Errorf("signed %d times", n)
	}
}

// A seal that nobody has to agree to: the service answers at once, or when it is asked again.
func TestRemote_atOnce(t *testing.T) {
	for name, async := range map[string]bool{"in one call": false, "with polling": true} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.at.Do(func() { s.at.Async = async })
			for _, c := range []keys.Certificate{
				s.credential(t, keys.OfAgency(s.leader.Agency), rsaKey(t, 2048), nil),
				s.credential(t, keys.OfAgency(s.leader.Agency), ecKey(t, elliptic.P256()), func(c *csctest.Credential) { c.Raw = true }),
			} {
				a, err := s.start(t, c, "một", "hai")
				wantValues(t, c, a, err, "một", "hai")
				a, err = s.start(t, c, "một", "hai") // the caller died before it could keep the values
				wantValues(t, c, a, err, "một", "hai")
			}
			s.wantSignedOnce(t)
			if s.at.Count("/oauth2/token") != 1 {
				t.Errorf("%d access tokens", s.at.Count("/oauth2/token"))
			}
		})
	}
}

func TestRemote_agreedOnThePhone(t *testing.T) {
	s := newService(t)
	c := s.credential(t, s.me(), rsaKey(t, 2048), func(c *csctest.Credential) { c.Phone = true })
	a, err := s.start(t, c, "một", "hai", "ba")
	if err != nil || a.Done() || a.Ticket == "" || a.Consent == nil || a.Consent.Kind != keys.App || a.Consent.Text != "Dịch vụ ký thử" {
		t.Fatalf("%+v, %v", a, err)
	}
	again, err := s.start(t, c, "một", "hai", "ba") // the person is not bothered twice
	if err != nil || again.Ticket != a.Ticket || s.at.Count("/credentials/authorize") != 1 {
		t.Errorf("begun again: %+v, %v", again, err)
	}
	if b, err := s.poll(t, c, a.Ticket); err != nil || b.Done() || b.Consent == nil {
		t.Errorf("before: %+v, %v", b, err)
	}
	s.at.AgreeOnPhone()
	for range 2 {
		b, err := s.poll(t, c, a.Ticket)
		wantValues(t, c, b, err, "một", "hai", "ba")
	}
	s.wantSignedOnce(t)
	a, err = s.start(t, c, "bốn")
	if err != nil {
		t.Fatal(err)
	}
	s.at.DenyOnPhone()
	for range 2 {
		if _, err := s.poll(t, c, a.Ticket); key(err) != "keys.consent_refused" || !errs.Is(err, errs.Conflict) {
			t.Errorf("refused: %v", err)
		}
	}
	if _, err := s.with(t, s.Service, c).Poll(t.Context(), s.credential(t, s.me(), rsaKey(t, 2048), nil), a.Ticket); err == nil {
		t.Error("a ticket of another certificate is answered")
	}
}

func (s *service) linked(t *testing.T) (keys.Certificate, keys.Answer) {
	t.Helper()
	c := s.credential(t, s.me(), rsaKey(t, 2048), func(c *csctest.Credential) { c.Mode = "oauth2code" })
	a, err := s.start(t, c, "một", "hai")
	if err != nil || a.Done() || a.Consent == nil || a.Consent.Kind != keys.Link {
		t.Fatalf("%+v, %v", a, err)
	}
	return c, a
}

// visit goes to the page of consent and makes what the browser brings back.
func (s *service) visit(t *testing.T, a keys.Answer, agree bool) keys.Return {
	t.Helper()
	back := s.at.Visit(t, a.Consent.URL, agree)
	if !strings.HasPrefix(back.String(), "https://nghisu.example.vn"+keys.CallbackPath+"?") {
		t.Errorf("sent back to %s", back)
	}
	q := back.Query()
	return keys.Return{State: q.Get("state"), Code: q.Get("code"), Failure: q.Get("error")}
}

func TestRemote_agreedOnAPage(t *testing.T) {
	s := newService(t)
	c, a := s.linked(t)
	if b, err := s.poll(t, c, a.Ticket); err != nil || b.Consent == nil || b.Consent.URL != a.Consent.URL {
		t.Errorf("asked meanwhile: %+v, %v", b, err)
	}
	back := s.visit(t, a, true)
	elsewhere := s.leader
	elsewhere.Session = id.New[id.Session]()
	if _, err := s.Consented(t.Context(), s.clerk, back); key(err) != "keys.consent_unknown" {
		t.Errorf("brought by somebody else: %v", err)
	}
	if _, err := s.Consented(t.Context(), elsewhere, back); key(err) != "keys.consent_unknown" {
		t.Errorf("brought in another session: %v", err)
	}
	if _, err := s.Consented(t.Context(), s.leader, keys.Return{State: "x", Code: back.Code}); key(err) != "keys.consent_unknown" {
		t.Errorf("with another state: %v", err)
	}
	ticket, err := s.Consented(t.Context(), s.leader, back)
	if err != nil || ticket != a.Ticket {
		t.Fatalf("ticket %s, %v", ticket, err)
	}
	if _, err := s.Consented(t.Context(), s.leader, back); key(err) != "keys.consent_unknown" {
		t.Errorf("brought twice: %v", err)
	}
	b, err := s.poll(t, c, a.Ticket)
	wantValues(t, c, b, err, "một", "hai")
	s.wantSignedOnce(t)
	var secrets int
	err = s.db.QueryRow(t.Context(), `select count(*) from remote_signings where position($1::bytea in sealed) > 0 or remote_signings::text like '%' || $2 || '%'`,
		[]byte(back.State), back.State).Scan(&secrets)
	if err != nil || secrets != 0 {
		t.Errorf("the state of the browser is readable in %d rows, %v", secrets, err)
	}
}

func TestRemote_refusedOnAPage(t *testing.T) {
	s := newService(t)
	c, a := s.linked(t)
	if ticket, err := s.Consented(t.Context(), s.leader, s.visit(t, a, false)); err != nil || ticket != a.Ticket {
		t.Errorf("%s, %v", ticket, err)
	}
	if _, err := s.poll(t, c, a.Ticket); key(err) != "keys.consent_refused" {
		t.Errorf("got %v", err)
	}
	// the same hashes may be tried anew after that
	if next, err := s.start(t, c, "một", "hai"); err != nil || next.Ticket == a.Ticket {
		t.Errorf("anew: %+v, %v", next, err)
	}
}

// Whoever changes the code or answers too late gets nothing signed.
func TestRemote_consentThatDoesNotCount(t *testing.T) {
	s := newService(t)
	c, a := s.linked(t)
	back := s.visit(t, a, true)
	back.Code += "x"
	if _, err := s.Consented(t.Context(), s.leader, back); err != nil {
		t.Fatal(err)
	}
	if _, err := s.poll(t, c, a.Ticket); key(err) != "keys.provider_refused" {
		t.Errorf("another code: %v", err)
	}
	c, a = s.linked(t)
	s.now = s.now.Add(16 * time.Minute)
	if _, err := s.poll(t, c, a.Ticket); key(err) != "keys.consent_expired" {
		t.Errorf("nobody came back: %v", err)
	}
	s.at.Do(func() { s.at.Life = -time.Second })
	c, a = s.linked(t)
	if _, err := s.Consented(t.Context(), s.leader, s.visit(t, a, true)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.poll(t, c, a.Ticket); key(err) != "keys.consent_expired" {
		t.Errorf("authorization ended: %v", err)
	}
	if s.at.MostSigned() != 0 {
		t.Error("something was signed")
	}
}

// The service takes the request, signs, and its answer is lost: nobody asks a second time.
func TestRemote_answerIsLost(t *testing.T) {
	s := newService(t)
	c := s.credential(t, keys.OfAgency(s.leader.Agency), rsaKey(t, 2048), nil)
	s.at.Do(func() {
		s.at.After = func(path string) {
			if path == "/signatures/signHash" {
				time.Sleep(700 * time.Millisecond) // longer than the client waits
			}
		}
	})
	if _, err := s.start(t, c, "một"); key(err) != "keys.outcome_unknown" || !errs.Is(err, errs.Conflict) {
		t.Fatalf("got %v", err)
	}
	if n := s.at.Count("/signatures/signHash"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	s.wantSignedOnce(t)
}

// A process dies while the request is on its way: after a minute its outcome is known to be unknown.
func TestRemote_processDiesWhileSending(t *testing.T) {
	s := newService(t)
	c := s.credential(t, s.me(), rsaKey(t, 2048), func(c *csctest.Credential) { c.Phone = true })
	a, err := s.start(t, c, "một")
	if err != nil {
		t.Fatal(err)
	}
	s.at.AgreeOnPhone()
	if _, err := s.db.Exec(t.Context(), `update remote_signings set state = 'sending'`); err != nil {
		t.Fatal(err)
	}
	if b, err := s.poll(t, c, a.Ticket); err != nil || b.Done() || b.Ticket != a.Ticket {
		t.Errorf("at once: %+v, %v", b, err)
	}
	s.now = s.now.Add(2 * time.Minute)
	if _, err := s.poll(t, c, a.Ticket); key(err) != "keys.outcome_unknown" {
		t.Errorf("later: %v", err)
	}
	if n := s.at.Count("/signatures/signHash"); n != 0 {
		t.Errorf("asked to sign %d times", n)
	}
}

// The service is away for a while, before, between and after.
func TestRemote_serviceGoesAway(t *testing.T) {
	s := newService(t)
	c := s.credential(t, s.me(), rsaKey(t, 2048), func(c *csctest.Credential) { c.Phone = true })
	away := func(yes bool) { s.at.Do(func() { s.at.Away = yes }) }
	passes := func(err error) {
		t.Helper()
		if !errs.Is(err, errs.Unavailable) || key(err) != "keys.provider_unreachable" {
			t.Errorf("got %v", err)
		}
	}
	away(true)
	_, err := s.start(t, c, "một")
	passes(err)
	away(false)
	s.at.ForgetTokens() // it was started anew
	a, err := s.start(t, c, "một")
	if err != nil {
		t.Fatal(err)
	}
	away(true)
	_, err = s.poll(t, c, a.Ticket)
	passes(err)
	away(false)
	s.at.AgreeOnPhone()
	fail := true
	s.at.Do(func() {
		s.at.Before = func(path string, w http.ResponseWriter) bool {
			if fail && path == "/signatures/signHash" {
				fail = false
				http.Error(w, "quá tải", http.StatusTooManyRequests)
				return true
			}
			return false
		}
	})
	_, err = s.poll(t, c, a.Ticket)
	passes(err)
	b, err := s.poll(t, c, a.Ticket)
	wantValues(t, c, b, err, "một")
	s.wantSignedOnce(t)
}

func TestRemote_whatCannotBeUsed(t *testing.T) {
	s := newService(t)
	k := rsaKey(t, 2048)
	put := func(c csctest.Credential) {
		c.Key = k
		s.at.Do(func() { s.at.Credentials["x"] = &c })
	}
	good := []*x509.Certificate{s.ca.issue(t, k.Public(), "x", nil), s.ca.issuing}
	for name, x := range map[string]struct {
		c    csctest.Credential
		want string
	}{
		"blocked key":     {csctest.Credential{Mode: "implicit", Certs: good, Status: "disabled"}, "keys.credential_blocked"},
		"PIN through us":  {csctest.Credential{Mode: "explicit", Certs: good}, "keys.credential_mode"},
		"no certificate":  {csctest.Credential{Mode: "implicit"}, "keys.broken_certificate"},
		"a wrong purpose": {csctest.Credential{Mode: "implicit", Certs: []*x509.Certificate{s.ca.issuing}}, "keys.wrong_usage"},
	} {
		put(x.c)
		if _, err := s.AddCSC(t.Context(), s.admin, s.me(), "thu", "x"); key(err) != x.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	put(csctest.Credential{Mode: "implicit", Certs: good, Most: 2})
	if _, err := s.AddCSC(t.Context(), s.clerk, s.me(), "thu", "x"); !errs.Is(err, errs.Forbidden) {
		t.Errorf("by a clerk: %v", err)
	}
	if _, err := s.AddCSC(t.Context(), s.admin, s.me(), "khac", "x"); key(err) != "keys.provider_unknown" {
		t.Errorf("another provider: %v", err)
	}
	if _, err := s.AddCSC(t.Context(), s.admin, s.me(), "thu", "y"); key(err) != "keys.provider_refused_us" {
		t.Errorf("another credential: %v", err)
	}
	e, err := s.AddCSC(t.Context(), s.admin, s.me(), "thu", "x")
	if err != nil {
		t.Fatal(err)
	}
	var too *errs.Error
	if _, err := s.start(t, e.Certificate, "một", "hai", "ba"); !errors.As(err, &too) || too.Key != "keys.too_many_at_once" || too.Args["most"] != 2 {
		t.Errorf("three with a credential for two: %v", err)
	}
	put(csctest.Credential{Mode: "implicit", Certs: []*x509.Certificate{s.ca.issue(t, k.Public(), "khác", nil)}})
	if _, err := s.start(t, e.Certificate, "một"); key(err) != "keys.credential_changed" {
		t.Errorf("renewed at the service: %v", err)
	}
	other := rsaKey(t, 2048) // the service signs with a key that is not the certificate's
	s.at.Do(func() { s.at.Credentials["x"] = &csctest.Credential{Key: other, Mode: "implicit", Certs: good} })
	if _, err := s.start(t, e.Certificate, "một"); key(err) != "keys.wrong_signature" {
		t.Errorf("a value that does not fit: %v", err)
	}
}

func TestService_Providers(t *testing.T) {
	s := newService(t)
	s.credential(t, s.me(), rsaKey(t, 2048), nil)
	all, err := s.Providers(t.Context(), s.admin)
	if err != nil || len(all) != 1 || all[0].Failure != nil || all[0].Calls != "Dịch vụ ký thử" {
		t.Errorf("%+v, %v", all, err)
	}
	list, err := s.Credentials(t.Context(), s.admin, "thu", "nguyenvanan")
	if err != nil || len(list) != 1 || list[0].Leaf == nil || s.at.User != "nguyenvanan" {
		t.Errorf("%+v, %v", list, err)
	}
	s.at.Do(func() { s.at.Away = true })
	if _, err := s.Service.Providers(t.Context(), s.admin); err != nil { // what it is was asked this hour
		t.Fatal(err)
	}
	fresh := s.another(t)
	if all, err = fresh.Providers(t.Context(), s.admin); err != nil || all[0].Failure == nil || all[0].Failure.Key != "keys.provider_unreachable" {
		t.Errorf("away: %+v, %v", all, err)
	}
	if _, err := s.Providers(t.Context(), s.leader); !errs.Is(err, errs.Forbidden) {
		t.Errorf("by a leader: %v", err)
	}
	if err := s.Forget(t.Context()); err != nil {
		t.Error(err)
	}
}
