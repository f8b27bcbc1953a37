// Package trust owns the lists of authorities that an administrator trusts: for signatures of the public
// service, for signatures of public providers, and for timestamps. It judges nothing.
package trust

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys"
	"nghisu/storage/postgres"
)

// List is one of the lists.
type List string

// The closed list of lists. NĐ 68/2024/NĐ-CP is about the first; public providers are licensed by the
// ministry.
const (
	PublicService List = "public_service" // chữ ký số chuyên dùng công vụ
	Public        List = "public"         // chữ ký số công cộng
	TSA           List = "tsa"            // timestamp authorities
)

// Anchor is one trusted authority.
type Anchor struct {
	ID          id.Anchor
	List        List
	Name        string
	Certificate *x509.Certificate
	SHA256      [sha256.Size]byte
	AddedAt     time.Time
	AddedBy     string // name of the administrator
}

// Errors of the lists.
var (
	errMany     = errs.New(errs.Invalid, "trust.one_certificate")
	errNotFit   = errs.New(errs.Invalid, "trust.no_authority")
	errKnown    = errs.New(errs.Conflict, "trust.already_there")
	errNotFound = errs.New(errs.NotFound, "trust.not_found")
	_           = postgres.MapConstraint("trust_anchors_once", errKnown)
)

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB  *postgres.DB
	Now func() time.Time
}

// Service manages the lists.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{d}
}

// Anchors lists everything, by list and name.
func (s *Service) Anchors(ctx context.Context, actor access.Actor) ([]Anchor, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return nil, err
	}
	return listAnchors(ctx, s.DB)
}

// Add puts an authority on a list: one certificate, PEM or DER in base64. From then on verdicts are made
// anew.
func (s *Service) Add(ctx context.Context, actor access.Actor, list List, body []byte) (Anchor, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Anchor{}, err
	}
	certs, err := keys.ReadCertificates(body)
	if err != nil {
		return Anchor{}, err
	}
	if len(certs) != 1 {
		return Anchor{}, errMany
	}
	c := certs[0]
	if !c.IsCA || !c.BasicConstraintsValid || c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
		return Anchor{}, errNotFit
	}
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (Anchor, error) {
		now := s.Now()
		a := Anchor{ID: id.New[id.Anchor](), List: list, Name: nameOf(c), Certificate: c, SHA256: sha256.Sum256(c.Raw), AddedAt: now, AddedBy: actor.Name}
		if err := insertAnchor(ctx, tx, a, actor.Appointment); err != nil {
			return Anchor{}, err
		}
		return a, audit.Append(ctx, tx, actor, now, event(audit.TrustAdded, a))
	})
}

// Remove takes an authority off its list.
func (s *Service) Remove(ctx context.Context, actor access.Actor, anchor id.Anchor) error {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		a, err := deleteAnchor(ctx, tx, anchor)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, s.Now(), event(audit.TrustRemoved, a))
	})
}

func event(kind audit.Kind, a Anchor) audit.Event {
	return audit.Event{Kind: kind, Object: a.ID.UUID, Details: map[string]any{"list": string(a.List), "name": a.Name, "sha256": hex.EncodeToString(a.SHA256[:])}}
}

// nameOf is what people call an authority.
func nameOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

// Lists are all anchors by list, for a verifier.
type Lists map[List][]*x509.Certificate

// Load reads all lists. It decides no right: whom a city trusts is no secret to its own verifier.
func Load(ctx context.Context, q postgres.Querier) (Lists, error) {
	all, err := listAnchors(ctx, q)
	out := Lists{}
	for _, a := range all {
		out[a.List] = append(out[a.List], a.Certificate)
	}
	return out, err
}
