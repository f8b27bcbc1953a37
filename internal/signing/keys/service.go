package keys

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/org"
	"nghisu/internal/signing/devpki"
	"nghisu/storage/postgres"
)

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB  *postgres.DB
	PKI *devpki.PKI // nil: nobody gets a trial certificate
	Log *slog.Logger
	Now func() time.Time

	Keyring *Keyring // nil: no PKCS #12 files, no signing services
	Sources Sources

	Anchors func(context.Context) ([]*x509.Certificate, error) // trusted authorities for signatures; nil or none: not asked

	PublicURL string       // address of this installation as browsers know it; for consent on pages of signing services
	HTTP      *http.Client // for signing services; nil for the usual
	TokenArgs []string     // of our binary, for the child that holds a module; token.Command when empty
}

// Service knows certificates and the sources of signatures.
type Service struct {
	Deps
	sources map[Kind]Source
	tokens  *tokens
	remote  *remote
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	s := &Service{Deps: d, tokens: newTokens(d.Sources.Tokens, d.TokenArgs)}
	s.remote = newRemote(s)
	s.sources = map[Kind]Source{Development: local{s.development}, PKCS12: local{s.stored}, PKCS11: s.tokens, CSC: s.remote}
	return s
}

// Close ends the children that hold modules of tokens.
func (s *Service) Close() {
	for _, c := range s.tokens.clients {
		c.Close()
	}
}

// Source is where keys of a kind sign.
func (s *Service) Source(kind Kind) (Source, error) {
	if source, ok := s.sources[kind]; ok {
		return source, nil
	}
	return nil, errs.New(errs.Unavailable, "keys.no_source").With("kind", string(kind))
}

// Ready sees to it that the holder has something to sign with: whoever has no certificate gets a trial
// one. The actor is the holder, or acts for the holder's agency. It makes key files, so it is called
// before a transaction, not inside of one.
func (s *Service) Ready(ctx context.Context, actor access.Actor, h Holder) error {
	if s.PKI == nil {
		return nil
	}
	now := s.Now()
	all, err := s.list(ctx, s.DB, h)
	if err != nil || slices.ContainsFunc(all, func(c Certificate) bool { return c.usable(now) == nil }) {
		return err
	}
	name, subject, err := s.trialHolder(ctx, actor, h)
	if err != nil {
		return err
	}
	if n := count(all, Development); n > 0 { // the last one ended: a key of its own for the next
		name += "-" + strconv.Itoa(n+1)
	}
	key, err := s.PKI.Obtain(name, subject, now)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		c := Certificate{ID: id.New[id.Certificate](), Kind: Development, Leaf: key.Certificate, Chain: s.PKI.Chain(),
			Person: h.Person, Agency: h.Agency, settings: settings{KeyName: name}}
		added, err := insertCertificate(ctx, tx, c, nil, now)
		if err != nil || !added { // another request was first
			return err
		}
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.CertificateIssued, Object: c.ID.UUID,
			Details: map[string]any{"serial": serial(c), "holder": name, "development": true}})
	})
}

// trialHolder is the name of the key file and the subject of a trial certificate.
func (s *Service) trialHolder(ctx context.Context, actor access.Actor, h Holder) (string, devpki.Holder, error) {
	agency, err := org.FindAgency(ctx, s.DB, actor.Agency)
	if err != nil {
		return "", devpki.Holder{}, err
	}
	if h.Agency != nil {
		return "agency-" + h.Agency.String(), devpki.Holder{Name: agency.Name, Organisation: agency.Name, Identifier: agency.Code, Agency: true}, nil
	}
	name, identity, err := findIdentity(ctx, s.DB, *h.Person)
	return "person-" + h.Person.String(), devpki.Holder{Name: name, Organisation: agency.Name, Identifier: identity}, err
}

// list reads everything a holder ever had.
func (s *Service) list(ctx context.Context, q postgres.Querier, h Holder) ([]Certificate, error) {
	all, err := listCertificates(ctx, q, h)
	for i := range all {
		s.complete(&all[i])
	}
	return all, err
}

// complete adds the chain to trial certificates from before chains were kept.
func (s *Service) complete(c *Certificate) {
	if c.Development && len(c.Chain) == 0 && s.PKI != nil {
		c.Chain = s.PKI.Chain()
	}
}

func count(all []Certificate, kind Kind) int {
	n := 0
	for _, c := range all {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// Certificates lists what the holder can sign with now, the one that is taken without a choice first.
func (s *Service) Certificates(ctx context.Context, q postgres.Querier, h Holder) ([]Certificate, error) {
	all, err := s.list(ctx, q, h)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	return slices.DeleteFunc(all, func(c Certificate) bool { return c.usable(now) != nil }), nil
}

// Choose is the certificate that the holder signs with: the one that is named, or the first of
// Certificates when which is zero. Ready must have been called. Others' are NotFound.
func (s *Service) Choose(ctx context.Context, q postgres.Querier, h Holder, which id.Certificate) (Certificate, error) {
	all, err := s.list(ctx, q, h)
	if err != nil {
		return Certificate{}, err
	}
	now := s.Now()
	if !id.IsZero(which) {
		i := slices.IndexFunc(all, func(c Certificate) bool { return c.ID == which })
		if i < 0 {
			return Certificate{}, errs.New(errs.NotFound, "keys.not_yours")
		}
		return all[i], all[i].usable(now)
	}
	for _, c := range all {
		if c.usable(now) == nil {
			return c, nil
		}
	}
	if slices.ContainsFunc(all, func(c Certificate) bool { return c.State(now) == Expired }) {
		return Certificate{}, errs.New(errs.Conflict, "signing.certificate_expired")
	}
	return Certificate{}, errs.New(errs.Conflict, "keys.none")
}

// Find reads any certificate, usable or not: for requests that were begun with it.
func (s *Service) Find(ctx context.Context, q postgres.Querier, which id.Certificate) (Certificate, error) {
	c, err := findCertificate(ctx, q, which)
	if err == nil {
		s.complete(&c)
	}
	return c, err
}

// serial is the number by which the audit names a certificate.
func serial(c Certificate) string { return fmt.Sprintf("%x", c.Leaf.SerialNumber) }

// ResealArgs is the job that encrypts kept keys anew after a new key-encryption key was put first, and
// forgets old dealings with signing services.
type ResealArgs struct{}

// Kind names the job.
func (ResealArgs) Kind() string { return "keys.reseal" }

// RegisterJobs adds the background work of keys.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[ResealArgs]) error {
		return errors.Join(s.Reseal(ctx), s.Forget(ctx))
	})
	jobs.Every(r, time.Hour, ResealArgs{})
}
