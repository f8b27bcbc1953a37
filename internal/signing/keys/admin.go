package keys

import (
	"bytes"
	"context"
	"crypto/x509"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// Entry is a certificate as administrators see it.
type Entry struct {
	Certificate Certificate
	HolderName  string // of the person or the agency
	State       State
	Source      string // where the key is, in one line: the token, the provider; empty for keys kept here
	AddedAt     time.Time
}

// Filter narrows List. State Expired and ExpiresSoon together are what asks for attention: Ending.
type Filter struct {
	Ending bool // expired or expiring soon, and not disabled
	Text   string
	After  id.Certificate
	Limit  int
}

// List lists certificates of everybody, the newest first, and the cursor of the next page.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter) ([]Entry, id.Certificate, error) {
	var next id.Certificate
	if err := actor.Need(access.SystemAdmin); err != nil {
		return nil, next, err
	}
	now := s.Now()
	all, err := listEntries(ctx, s.DB, f, now.AddDate(0, 0, WarnDays))
	if err != nil {
		return nil, next, err
	}
	for i := range all {
		all[i] = s.entry(all[i], now)
	}
	if len(all) > f.Limit {
		all = all[:f.Limit]
		next = all[f.Limit-1].Certificate.ID
	}
	return all, next, nil
}

// entry fills in what follows from the rest.
func (s *Service) entry(e Entry, now time.Time) Entry {
	e.State = e.Certificate.State(now)
	switch set := e.Certificate.settings; e.Certificate.Kind {
	case PKCS11:
		e.Source = set.Token + " " + set.KeyID
	case CSC:
		e.Source = set.Provider + " " + set.Credential
	}
	return e
}

// add registers a certificate for a holder; more adds what belongs to it, in the same transaction.
func (s *Service) add(ctx context.Context, actor access.Actor, h Holder, c Certificate, more func(*postgres.Tx, Certificate, time.Time) error) (Entry, error) {
	which, err := postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (id.Certificate, error) {
		now := s.Now()
		if err := checkHolder(ctx, tx, h); err != nil {
			return id.Certificate{}, err
		}
		c.ID, c.Person, c.Agency = id.New[id.Certificate](), h.Person, h.Agency
		if _, err := insertCertificate(ctx, tx, c, &actor.Appointment, now); err != nil {
			return id.Certificate{}, err
		}
		if more != nil {
			if err := more(tx, c, now); err != nil {
				return id.Certificate{}, err
			}
		}
		return c.ID, audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.KeyAdded, Object: c.ID.UUID, Details: details(c)})
	})
	if err != nil {
		return Entry{}, err
	}
	return s.find(ctx, which)
}

// details are what the audit keeps about a certificate.
func details(c Certificate) map[string]any {
	d := map[string]any{"kind": string(c.Kind), "serial": serial(c), "subject": c.Leaf.Subject.String()}
	if c.Person != nil {
		d["person"] = c.Person.String()
	}
	if c.Agency != nil {
		d["agency"] = c.Agency.String()
	}
	return d
}

func (s *Service) find(ctx context.Context, which id.Certificate) (Entry, error) {
	e, err := findEntry(ctx, s.DB, which)
	if err != nil {
		return Entry{}, err
	}
	return s.entry(e, s.Now()), nil
}

// AddAgent registers the certificate of somebody whose key is with an agent on the own computer: the
// file that the agent returns must be signed with it.
func (s *Service) AddAgent(ctx context.Context, actor access.Actor, h Holder, body []byte) (Entry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Entry{}, err
	}
	all, err := ReadCertificates(body)
	if err != nil {
		return Entry{}, err
	}
	leaf := all[0]
	if bytes.Equal(leaf.RawIssuer, leaf.RawSubject) {
		return Entry{}, errs.New(errs.Invalid, "keys.wrong_usage")
	}
	if err := fit(leaf, s.Now()); err != nil {
		return Entry{}, err
	}
	chain, err := s.trusted(ctx, leaf, all[1:])
	if err != nil {
		return Entry{}, err
	}
	return s.add(ctx, actor, h, Certificate{Kind: Agent, Leaf: leaf, Chain: chain}, nil)
}

// trusted is the chain from a certificate to an authority of the trust lists. While the lists are empty it is
// what was handed in.
func (s *Service) trusted(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate) ([]*x509.Certificate, error) {
	var anchors []*x509.Certificate
	if s.Anchors != nil {
		var err error
		if anchors, err = s.Anchors(ctx); err != nil {
			return nil, err
		}
	}
	if len(anchors) == 0 {
		return chainOf(leaf, others), nil
	}
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: s.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if o.CurrentTime.Before(leaf.NotBefore) { // registered before it begins
		o.CurrentTime = leaf.NotBefore
	}
	for _, c := range anchors {
		o.Roots.AddCert(c)
	}
	for _, c := range others {
		o.Intermediates.AddCert(c)
	}
	chains, err := leaf.Verify(o)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "keys.untrusted", err)
	}
	return chainOf(leaf, chains[0][1:]), nil
}

// Disable takes a certificate out of use, for good: what was signed stays signed, and a private key that
// is kept here is destroyed. A second time changes nothing.
func (s *Service) Disable(ctx context.Context, actor access.Actor, which id.Certificate) (Entry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Entry{}, err
	}
	_, err := postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (id.Certificate, error) {
		now := s.Now()
		c, err := lockCertificate(ctx, tx, which)
		if err != nil || c.disabled != nil {
			return which, err
		}
		if err := disableCertificate(ctx, tx, which, actor.Appointment, now); err != nil {
			return which, err
		}
		return which, audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.KeyDisabled, Object: which.UUID, Details: details(c)})
	})
	if err != nil {
		return Entry{}, err
	}
	return s.find(ctx, which)
}
