package keys

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/signing/keys/csc"
	"nghisu/storage/postgres"
)

// Return is what a browser brings back from the page of a signing service.
type Return struct {
	State   string
	Code    string
	Failure string // "access_denied" and the like; empty with a code
}

// errNoConsent is the answer to a browser that brings back what we never gave it.
var errNoConsent = errs.New(errs.NotFound, "keys.consent_unknown")

// Consented takes what the browser brings back: only from the person and the session that were sent there, and
// once. It gives the ticket, so that the caller can show what was agreed to.
func (s *Service) Consented(ctx context.Context, actor access.Actor, back Return) (ticket string, err error) {
	r := s.remote
	d, err := claimDealing(ctx, r.DB, stateOf(back.State), actor.Person, actor.Session)
	if errs.Is(err, errs.NotFound) {
		return "", errNoConsent
	}
	if err != nil {
		return "", err
	}
	cert, err := s.Find(ctx, r.DB, d.certificate)
	if err != nil {
		return "", err
	}
	client, err := r.client(cert)
	if err != nil {
		return "", err
	}
	g, err := r.openGiven(d)
	if err != nil {
		return "", err
	}
	ticket = d.id.String()
	if back.Failure != "" || back.Code == "" {
		_, err = r.fail(ctx, d, "keys.consent_refused")
		return ticket, err
	}
	// a code is good once, so its answer must not be lost with the browser
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendFor/2)
	defer cancel()
	grant, err := client.Exchange(ctx, back.Code, g.Verifier)
	if err != nil {
		var refused *csc.Error
		key := "keys.provider_failed"
		if errors.As(err, &refused) && refused.Status < 500 {
			key = "keys.provider_refused"
		}
		if r.Log != nil {
			r.Log.WarnContext(ctx, "signing service", "provider", cert.settings.Provider, "error", err)
		}
		_, err = r.fail(ctx, d, key)
		return ticket, err
	}
	if _, err := r.granted(ctx, d, grant); err != nil {
		return ticket, err
	}
	return ticket, postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		return audit.Append(ctx, tx, actor, s.Now(), audit.Event{Kind: audit.ConsentGiven, Object: cert.ID.UUID,
			Details: map[string]any{"provider": cert.settings.Provider, "ticket": ticket, "hashes": len(d.digests)}})
	})
}

// ProviderEntry is a signing service of the settings as administrators see it.
type ProviderEntry struct {
	Name    string
	Title   string
	Calls   string      // what the service calls itself
	Failure *errs.Error // what keeps it from being used
}

// Providers asks every signing service of the settings what it is.
func (s *Service) Providers(ctx context.Context, actor access.Actor) ([]ProviderEntry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return nil, err
	}
	all := make([]ProviderEntry, 0, len(s.Sources.Providers))
	for _, p := range s.Sources.Providers {
		e := ProviderEntry{Name: p.Name, Title: p.Title}
		info, err := s.remote.clients[p.Name].Info(ctx)
		if err != nil {
			errors.As(providerTrouble(p.Title, err), &e.Failure)
		}
		e.Calls = info.Name
		all = append(all, e)
	}
	return all, nil
}

// Credential is one of a signing service.
type Credential struct {
	ID   string
	Leaf *x509.Certificate // nil when the service does not show it
}

// mostCredentials is how many credentials of one user are shown.
const mostCredentials = 20

// Credentials lists what a user has at a signing service; this installation itself when user is empty.
func (s *Service) Credentials(ctx context.Context, actor access.Actor, provider, user string) ([]Credential, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return nil, err
	}
	client, err := s.remote.client(Certificate{settings: settings{Provider: provider}})
	if err != nil {
		return nil, err
	}
	ids, err := client.List(ctx, user)
	if err != nil {
		return nil, providerTrouble(s.remote.title(provider), err)
	}
	all := make([]Credential, 0, len(ids))
	for _, name := range ids[:min(len(ids), mostCredentials)] {
		c := Credential{ID: name}
		at, err := client.Credential(ctx, name)
		if err != nil {
			return nil, providerTrouble(s.remote.title(provider), err)
		}
		if chain := parseAll(at.Cert.Certificates); len(chain) > 0 {
			c.Leaf = chain[0]
		}
		all = append(all, c)
	}
	return all, nil
}

// parseAll reads certificates; nothing when one of them is broken.
func parseAll(ders [][]byte) []*x509.Certificate {
	var all []*x509.Certificate
	for _, der := range ders {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil
		}
		all = append(all, c)
	}
	return all
}

// AddCSC registers a credential at a signing service.
func (s *Service) AddCSC(ctx context.Context, actor access.Actor, h Holder, provider, credential string) (Entry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Entry{}, err
	}
	if s.Keyring == nil {
		return Entry{}, errNoKeyring
	}
	c := Certificate{Kind: CSC, settings: settings{Provider: provider, Credential: credential}}
	client, err := s.remote.client(c)
	if err != nil {
		return Entry{}, err
	}
	at, err := client.Credential(ctx, credential)
	if err != nil {
		return Entry{}, providerTrouble(s.remote.title(provider), err)
	}
	chain := parseAll(at.Cert.Certificates)
	if len(chain) == 0 {
		return Entry{}, errs.New(errs.Invalid, "keys.broken_certificate")
	}
	c.Leaf, c.Chain = chain[0], chainOf(chain[0], chain[1:])
	if err := usableAt(at, c, 1); err != nil {
		return Entry{}, err
	}
	if len(at.Key.Algo) > 0 && !slices.ContainsFunc(at.Key.Algo, func(oid string) bool { return oid == algorithmOID(c.Leaf, c.Hash()) || oid == bareOID(c.Leaf) }) {
		return Entry{}, errs.New(errs.Conflict, "keys.unsupported")
	}
	if err := fit(c.Leaf, s.Now()); err != nil {
		return Entry{}, err
	}
	return s.add(ctx, actor, h, c, nil)
}

// keepDealings is how long dealings with signing services are kept.
const keepDealings = 30 * 24 * time.Hour

// Forget removes dealings that are over since long.
func (s *Service) Forget(ctx context.Context) error {
	return deleteDealings(ctx, s.DB, s.Now().Add(-keepDealings))
}
