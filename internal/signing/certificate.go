package signing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/org"
	"nghisu/internal/signing/devpki"
	"nghisu/storage/postgres"
)

// keyFor is the key that an act signs with: that of the actor, or of the actor's agency. The first use
// issues a trial certificate and records it.
func (s *Service) keyFor(ctx context.Context, tx *postgres.Tx, a act, now time.Time) (certificateID, devpki.Key, error) {
	h := holder{Person: &a.actor.Person}
	name := "person-" + a.actor.Person.String()
	if a.purpose == document.BySeal {
		h = holder{Agency: &a.actor.Agency}
		name = "agency-" + a.actor.Agency.String()
	}
	cert, keyName, der, found, err := findCertificate(ctx, tx, h)
	if err != nil {
		return cert, devpki.Key{}, err
	}
	if !found {
		if err := s.issue(ctx, tx, a, h, name, now); err != nil {
			return cert, devpki.Key{}, err
		}
		if cert, keyName, der, _, err = findCertificate(ctx, tx, h); err != nil {
			return cert, devpki.Key{}, err
		}
	}
	key, err := s.PKI.Load(keyName)
	switch {
	case errors.Is(err, devpki.ErrLost):
		return cert, key, errs.Wrap(errs.Unavailable, "signing.key_missing", err)
	case err != nil:
		return cert, key, err
	case string(key.Certificate.Raw) != string(der):
		return cert, key, errs.New(errs.Unavailable, "signing.key_missing")
	case now.Before(key.Certificate.NotBefore) || now.After(key.Certificate.NotAfter):
		// NĐ 68/2024 Đ.29, 31: whoever signs checks the own certificate first
		return cert, key, errs.New(errs.Conflict, "signing.certificate_expired")
	}
	return cert, key, nil
}

// issue makes a trial certificate for the holder and records it.
func (s *Service) issue(ctx context.Context, tx *postgres.Tx, a act, h holder, name string, now time.Time) error {
	agency, err := org.FindAgency(ctx, tx, a.actor.Agency)
	if err != nil {
		return err
	}
	subject := devpki.Holder{Name: agency.Name, Organisation: agency.Name, Identifier: agency.Code, Agency: true}
	if h.Person != nil {
		subject.Agency = false
		if subject.Name, subject.Identifier, err = findIdentity(ctx, tx, *h.Person); err != nil {
			return err
		}
	}
	key, err := s.PKI.Obtain(name, subject, now)
	if err != nil {
		return err
	}
	c := key.Certificate
	err = insertCertificate(ctx, tx, newCertificate{id: certificateID{uuid.Must(uuid.NewV7())}, holder: h, keyName: name,
		subject: c.Subject.String(), der: c.Raw, serial: c.SerialNumber.Text(16), from: c.NotBefore.UTC(), to: c.NotAfter.UTC()}, now)
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, a.actor, now, audit.Event{Kind: audit.CertificateIssued, Object: a.document.UUID,
		Details: map[string]any{"serial": c.SerialNumber.Text(16), "holder": name, "development": true}})
}
