package keys

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys/csc"
	"nghisu/storage/postgres"
)

// remote signs at services that speak the CSC API. What happens at a service is written down before and
// after each step, so that any node can go on and nothing is signed twice.
type remote struct {
	*Service
	clients map[string]*csc.Client // by the name of the provider
}

// consentFor is how long a person may take to agree.
const consentFor = 15 * time.Minute

// sendFor is how long a signature may be on its way; after that its outcome is unknown.
const sendFor = time.Minute

func newRemote(s *Service) *remote {
	r := &remote{Service: s, clients: map[string]*csc.Client{}}
	client := s.HTTP
	if client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DisableKeepAlives = true // on a connection that the other side has just closed, nobody knows what arrived
		client = &http.Client{Transport: t}
	}
	callback := ""
	if s.PublicURL != "" {
		callback = strings.TrimRight(s.PublicURL, "/") + CallbackPath
	}
	for _, p := range s.Sources.Providers {
		r.clients[p.Name] = &csc.Client{URL: p.URL, ClientID: p.ClientID, Secret: p.Secret.read, Callback: callback, HTTP: client}
	}
	return r
}

// CallbackPath is where browsers come back to from the page of a signing service.
const CallbackPath = "/api/v1/signing/consent"

// dealing is a row of remote_signings.
type dealing struct {
	id          id.Dealing
	certificate id.Certificate
	person      id.Person
	session     id.Session
	hash        crypto.Hash
	digests     [][]byte
	label       string
	fingerprint []byte
	state       string
	browser     []byte
	secret      secret
	values      [][]byte
	failure     string
	changed     time.Time
	expires     time.Time
}

// given is what a service gave so far, as it is encrypted.
type given struct {
	URL      string    `json:"url,omitempty"`      // of the page of consent
	Verifier string    `json:"verifier,omitempty"` // of the code
	Handle   string    `json:"handle,omitempty"`   // to ask whether the person agreed
	SAD      string    `json:"sad,omitempty"`
	Until    time.Time `json:"until,omitzero"`     // end of the SAD
	Response string    `json:"response,omitempty"` // to ask for the values
}

func (d dealing) act(cert Certificate) csc.Act {
	return csc.Act{Credential: cert.settings.Credential, Hash: d.hash, Digests: d.digests, Text: d.label}
}

// Start implements Source. The same batch is not begun twice: whoever asks again goes on with the first.
func (r *remote) Start(ctx context.Context, cert Certificate, b Batch) (Answer, error) {
	if err := b.check(); err != nil {
		return Answer{}, err
	}
	if r.Keyring == nil {
		return Answer{}, errNoKeyring
	}
	d := dealing{id: id.New[id.Dealing](), certificate: cert.ID, person: b.By.Person, session: b.By.Session, hash: b.Hash, digests: b.Digests,
		label: labelOf(b), fingerprint: fingerprint(cert, b), state: "consent"}
	was, found, err := findDealing(ctx, r.DB, d.fingerprint)
	if err != nil {
		return Answer{}, err
	}
	if found {
		return r.goOn(ctx, cert, was)
	}
	client, err := r.client(cert)
	if err != nil {
		return Answer{}, err
	}
	credential, err := client.Credential(ctx, cert.settings.Credential)
	if err != nil {
		return Answer{}, r.trouble(cert, err)
	}
	if err := usableAt(credential, cert, len(b.Digests)); err != nil {
		return Answer{}, err
	}
	var g given
	if credential.Auth.Mode == csc.ModeCode {
		state, verifier := rand.Text(), rand.Text()+rand.Text() // a verifier has 43 to 128 letters (RFC 7636)
		if g.URL, err = client.ConsentURL(ctx, d.act(cert), state, verifier); err != nil {
			return Answer{}, r.trouble(cert, err)
		}
		d.browser, g.Verifier = stateOf(state), verifier
	}
	if err := r.begin(ctx, &d, g); err != nil {
		return Answer{}, err
	}
	return r.goOn(ctx, cert, d)
}

// labelOf is what the person sees at the service: what is signed, shortened.
func labelOf(b Batch) string {
	const most = 3
	text := strings.Join(b.Labels[:min(most, len(b.Labels))], "; ")
	if n := len(b.Labels) - most; n > 0 {
		text += fmt.Sprintf("; và %d văn bản khác", n)
	}
	if letters := []rune(text); len(letters) > 400 {
		text = string(letters[:400]) + "…"
	}
	return text
}

func fingerprint(cert Certificate, b Batch) []byte {
	h := sha256.New()
	fmt.Fprintln(h, cert.ID, b.Hash)
	for _, d := range b.Digests {
		h.Write(d)
	}
	return h.Sum(nil)
}

func (r *remote) client(cert Certificate) (*csc.Client, error) {
	if c, ok := r.clients[cert.settings.Provider]; ok {
		return c, nil
	}
	return nil, errs.New(errs.Unavailable, "keys.provider_unknown").With("provider", cert.settings.Provider)
}

// title is what people call a provider.
func (r *remote) title(name string) string {
	for _, p := range r.Sources.Providers {
		if p.Name == name {
			return p.Title
		}
	}
	return name
}

// begin writes a dealing down, before anything is asked of the service.
func (r *remote) begin(ctx context.Context, d *dealing, g given) error {
	return postgres.InTx(ctx, r.DB, func(tx *postgres.Tx) error {
		now := r.Now()
		var err error
		if d.secret, err = r.sealGiven(d.id, g); err != nil {
			return err
		}
		d.changed, d.expires = now, now.Add(consentFor)
		return insertDealing(ctx, tx, *d, now)
	})
}

// authorize asks the service for the right to sign; the person may have to agree on the phone.
func (r *remote) authorize(ctx context.Context, cert Certificate, d dealing, client *csc.Client) (dealing, error) {
	grant, err := client.Authorize(ctx, d.act(cert))
	if err == nil && grant.SAD == "" && grant.Handle == "" {
		err = fmt.Errorf("%w: neither authorization nor a handle", csc.ErrUnknown)
	}
	if err != nil {
		return r.failed(ctx, cert, d, false, err)
	}
	return r.granted(ctx, d, grant)
}

// granted keeps what the service gave.
func (r *remote) granted(ctx context.Context, d dealing, grant csc.Grant) (dealing, error) {
	to := "consent"
	if grant.SAD != "" {
		to = "granted"
	}
	return r.move(ctx, d, "consent", to, given{SAD: grant.SAD, Handle: grant.Handle, Until: grant.Until})
}

// Poll implements Source.
func (r *remote) Poll(ctx context.Context, cert Certificate, ticket string) (Answer, error) {
	which, err := id.Parse[id.Dealing](ticket)
	if err != nil {
		return Answer{}, fmt.Errorf("ticket %q: %w", ticket, err)
	}
	d, err := getDealing(ctx, r.DB, which)
	if err != nil {
		return Answer{}, err
	}
	if d.certificate != cert.ID {
		return Answer{}, fmt.Errorf("ticket %s is of another certificate", ticket)
	}
	return r.goOn(ctx, cert, d)
}

// goOn does the next steps of a dealing, as far as they go now.
func (r *remote) goOn(ctx context.Context, cert Certificate, d dealing) (Answer, error) {
	for range 4 { // consent, granted, sending, polling, done
		switch d.state {
		case "done":
			return Answer{Values: d.values}, nil
		case "failed":
			return Answer{}, errs.New(errs.Conflict, d.failure)
		}
		was := d.state
		var err error
		if d, err = r.step(ctx, cert, d); err != nil {
			return Answer{}, err
		}
		if d.state == was {
			return r.waiting(cert, d)
		}
	}
	return r.waiting(cert, d)
}

// waiting is the answer of a dealing that cannot go on now.
func (r *remote) waiting(cert Certificate, d dealing) (Answer, error) {
	if d.state == "done" {
		return Answer{Values: d.values}, nil
	}
	a := Answer{Ticket: d.id.String()}
	if d.state != "consent" {
		return a, nil
	}
	g, err := r.openGiven(d)
	if err != nil {
		return Answer{}, err
	}
	a.Consent = &Consent{Kind: App, Text: r.title(cert.settings.Provider)}
	if g.URL != "" {
		a.Consent.Kind, a.Consent.URL = Link, g.URL
	}
	return a, nil
}

// step tries to bring a dealing into its next state. Unchanged means that it waits.
func (r *remote) step(ctx context.Context, cert Certificate, d dealing) (dealing, error) {
	client, err := r.client(cert)
	if err != nil {
		return d, err
	}
	now := r.Now()
	g, err := r.openGiven(d)
	if err != nil {
		return d, err
	}
	switch d.state {
	case "consent":
		if now.After(d.expires) {
			return r.fail(ctx, d, "keys.consent_expired")
		}
		switch {
		case g.URL != "": // the browser brings the answer
			return d, nil
		case g.Handle == "":
			return r.authorize(ctx, cert, d, client)
		}
		grant, err := client.AuthorizeCheck(ctx, g.Handle)
		if errors.Is(err, csc.ErrPending) {
			return d, nil
		}
		if err != nil {
			return r.failed(ctx, cert, d, true, err)
		}
		return r.granted(ctx, d, grant)
	case "granted":
		if time.Now().After(g.Until) {
			return r.fail(ctx, d, "keys.consent_expired")
		}
		return r.send(ctx, cert, d, g)
	case "sending": // somebody else does it, or died of it
		if now.After(d.changed.Add(sendFor)) {
			return r.fail(ctx, d, "keys.outcome_unknown")
		}
		return d, nil
	}
	values, err := client.SignPolling(ctx, g.Response)
	switch {
	case errors.Is(err, csc.ErrPending) && now.After(d.expires):
		return r.fail(ctx, d, "keys.outcome_unknown")
	case errors.Is(err, csc.ErrPending):
		return d, nil
	case err != nil:
		return r.failed(ctx, cert, d, true, err)
	}
	return r.done(ctx, cert, d, "polling", values)
}

// send has the hashes signed. The row says so before the service is asked: whoever finds it later knows that
// it must not be asked again.
func (r *remote) send(ctx context.Context, cert Certificate, d dealing, g given) (dealing, error) {
	client, err := r.client(cert)
	if err != nil {
		return d, err
	}
	next := d
	next.state, next.changed = "sending", r.Now()
	mine, err := updateDealing(ctx, r.DB, next, "granted")
	if err != nil {
		return d, err
	}
	if !mine { // another node sends, or did
		return getDealing(ctx, r.DB, d.id)
	}
	d = next
	// from here on the answer counts even if nobody waits for it any more
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendFor/2)
	defer cancel()
	values, response, err := client.SignHash(ctx, d.act(cert), algorithmOID(cert.Leaf, d.hash), g.SAD)
	switch {
	case errors.Is(err, csc.ErrUnreachable): // nothing was asked yet
		if d, moved := r.move(ctx, d, "sending", "granted", g); moved != nil {
			return d, moved
		}
		return d, r.trouble(cert, err)
	case errors.Is(err, csc.ErrUnknown):
		return r.fail(ctx, d, "keys.outcome_unknown")
	case err != nil:
		return r.failed(ctx, cert, d, false, err)
	case len(values) > 0:
		return r.done(ctx, cert, d, "sending", values)
	}
	return r.move(ctx, d, "sending", "polling", given{Response: response})
}

// done keeps the values, once they are proven.
func (r *remote) done(ctx context.Context, cert Certificate, d dealing, from string, values [][]byte) (dealing, error) {
	good, err := verifyAll(cert, d.hash, d.digests, values)
	if err != nil {
		return r.fail(ctx, d, "keys.wrong_signature")
	}
	d.values = good
	return r.move(ctx, d, from, "done", given{})
}

// failed draws the consequence of an error. again says that the same may be asked again: then the dealing
// stays where it is as long as the service does not say no.
func (r *remote) failed(ctx context.Context, cert Certificate, d dealing, again bool, err error) (dealing, error) {
	switch {
	case errors.Is(err, csc.ErrExpired):
		return r.fail(ctx, d, "keys.consent_expired")
	case errors.Is(err, csc.ErrRefused):
		return r.fail(ctx, d, "keys.consent_refused")
	case errors.Is(err, csc.ErrUnreachable), again && (errors.Is(err, csc.ErrUnknown) || ctx.Err() != nil):
		return d, r.trouble(cert, err)
	}
	if r.Log != nil {
		r.Log.WarnContext(ctx, "signing service", "provider", cert.settings.Provider, "error", err)
	}
	if errors.Is(err, csc.ErrUnknown) {
		return r.fail(ctx, d, "keys.provider_failed")
	}
	return r.fail(ctx, d, "keys.provider_refused")
}

func (r *remote) fail(ctx context.Context, d dealing, key string) (dealing, error) {
	if ctx.Err() != nil { // what is known now must be kept
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
	}
	d.failure = key
	return r.move(ctx, d, d.state, "failed", given{})
}

// move brings a dealing from one state to another, if it is still in the first; else it is read anew.
func (r *remote) move(ctx context.Context, d dealing, from, to string, g given) (dealing, error) {
	sealed, err := r.sealGiven(d.id, g)
	if err != nil {
		return d, err
	}
	next := d
	next.state, next.secret, next.changed = to, sealed, r.Now()
	if to != "consent" {
		next.browser = nil
	}
	moved, err := updateDealing(ctx, r.DB, next, from)
	if err != nil {
		return d, err
	}
	if !moved {
		return getDealing(ctx, r.DB, d.id)
	}
	return next, nil
}

func (r *remote) sealGiven(which id.Dealing, g given) (secret, error) {
	text, err := json.Marshal(g)
	if err != nil {
		return secret{}, err
	}
	return r.Keyring.seal(text, which.String())
}

func (r *remote) openGiven(d dealing) (g given, err error) {
	text, err := r.Keyring.open(d.secret, d.id.String())
	if err != nil {
		return g, err
	}
	return g, json.Unmarshal(text, &g)
}

// trouble says in words what keeps us from the service; it may pass.
func (r *remote) trouble(cert Certificate, err error) error {
	return providerTrouble(r.title(cert.settings.Provider), err)
}

func providerTrouble(title string, err error) error {
	var e *csc.Error
	key := "keys.provider_failed"
	switch {
	case errors.Is(err, csc.ErrUnreachable):
		key = "keys.provider_unreachable"
	case errors.As(err, &e) && e.Status < http.StatusInternalServerError:
		key = "keys.provider_refused_us"
	}
	x := errs.New(errs.Unavailable, key).With("provider", title)
	x.Err = err
	return x
}

// usableAt tells why a credential cannot sign now.
func usableAt(c csc.Credential, cert Certificate, n int) error {
	switch {
	case c.Key.Status != "" && c.Key.Status != "enabled", c.Cert.Status != "" && c.Cert.Status != "valid":
		return errs.New(errs.Conflict, "keys.credential_blocked")
	case len(c.Cert.Certificates) == 0 || string(c.Cert.Certificates[0]) != string(cert.Leaf.Raw):
		return errs.New(errs.Conflict, "keys.credential_changed")
	case c.Auth.Mode != csc.ModeCode && c.Auth.Mode != csc.ModeImplicit:
		return errs.New(errs.Conflict, "keys.credential_mode")
	case c.MultiSign > 0 && n > c.MultiSign:
		return errs.New(errs.Conflict, "keys.too_many_at_once").With("most", c.MultiSign)
	}
	return nil
}

// algorithmOID names the signature algorithm to a service.
func algorithmOID(leaf *x509.Certificate, hash crypto.Hash) string {
	rsa := map[crypto.Hash]string{crypto.SHA256: "1.2.840.113549.1.1.11", crypto.SHA384: "1.2.840.113549.1.1.12", crypto.SHA512: "1.2.840.113549.1.1.13"}
	ec := map[crypto.Hash]string{crypto.SHA256: "1.2.840.10045.4.3.2", crypto.SHA384: "1.2.840.10045.4.3.3", crypto.SHA512: "1.2.840.10045.4.3.4"}
	if _, ok := leaf.PublicKey.(*ecdsa.PublicKey); ok {
		return ec[hash]
	}
	return rsa[hash]
}

// bareOID names the algorithm of a key without a hash, as some services list it.
func bareOID(leaf *x509.Certificate) string {
	if _, ok := leaf.PublicKey.(*ecdsa.PublicKey); ok {
		return "1.2.840.10045.2.1"
	}
	return "1.2.840.113549.1.1.1"
}

// stateOf is the state of the browser as the row keeps it.
func stateOf(state string) []byte {
	h := sha256.Sum256([]byte(state))
	return h[:]
}
