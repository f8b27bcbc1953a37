package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// Pair is a private key with its certificate and what stands above it, the root left out.
type Pair struct {
	Key   crypto.Signer
	Leaf  *x509.Certificate
	Chain []*x509.Certificate
}

// ReadPKCS12 opens a PKCS #12 file of the old kinds (RC2, 3DES) or of the new (AES). What cannot be signed
// with is refused with the reason.
func ReadPKCS12(file []byte, password string, now time.Time) (Pair, error) {
	key, first, others, err := pkcs12.DecodeChain(file, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return Pair{}, errs.InvalidField("password", "keys.wrong_password")
	case err != nil && strings.Contains(err.Error(), "key missing"):
		return Pair{}, errs.InvalidField("file", "keys.no_private_key")
	case err != nil:
		return Pair{}, &errs.Error{Code: errs.Invalid, Key: "request.invalid", Fields: []errs.Field{{Path: "file", Key: "keys.broken_file"}}, Err: err}
	}
	signer, ok := key.(crypto.Signer)
	all := append([]*x509.Certificate{first}, others...)
	i := -1
	if ok {
		i = slices.IndexFunc(all, func(c *x509.Certificate) bool { return samePublic(c.PublicKey, signer.Public()) })
	}
	if i < 0 {
		return Pair{}, errs.InvalidField("file", "keys.key_without_certificate")
	}
	p := Pair{Key: signer, Leaf: all[i], Chain: chainOf(all[i], all)}
	return p, fit(p.Leaf, now)
}

// AddPKCS12 takes a key that an administrator gives as a file. It is kept encrypted and never shown again.
func (s *Service) AddPKCS12(ctx context.Context, actor access.Actor, h Holder, file []byte, password string) (Entry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Entry{}, err
	}
	if s.Keyring == nil {
		return Entry{}, errNoKeyring
	}
	pair, err := ReadPKCS12(file, password, s.Now())
	if err != nil {
		return Entry{}, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(pair.Key)
	if err != nil {
		return Entry{}, fmt.Errorf("encode private key: %w", err)
	}
	defer clear(plain)
	c := Certificate{Kind: PKCS12, Leaf: pair.Leaf, Chain: pair.Chain}
	return s.add(ctx, actor, h, c, func(tx *postgres.Tx, c Certificate, now time.Time) error {
		sealed, err := s.Keyring.seal(plain, c.ID.String())
		if err != nil {
			return err
		}
		return insertPrivateKey(ctx, tx, c.ID, sealed, now)
	})
}

// stored loads the key of a PKCS #12 file.
func (s *Service) stored(ctx context.Context, cert Certificate) (crypto.Signer, error) {
	sealed, err := findPrivateKey(ctx, s.DB, cert.ID)
	if errs.Is(err, errs.NotFound) {
		return nil, errs.Wrap(errs.Unavailable, "signing.key_missing", err)
	}
	if err != nil {
		return nil, err
	}
	plain, err := s.Keyring.open(sealed, cert.ID.String())
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok || !samePublic(signer.Public(), cert.Leaf.PublicKey) {
		return nil, errs.New(errs.Unavailable, "signing.key_missing")
	}
	return signer, nil
}

// Reseal encrypts keys anew that are encrypted with an old key of the keyring. It may run several times
// at once; a key that is not in the settings any more is left alone and told.
func (s *Service) Reseal(ctx context.Context) error {
	if s.Keyring == nil {
		return nil
	}
	old, err := listSealedOtherwise(ctx, s.DB, s.Keyring.active)
	if err != nil {
		return err
	}
	var failed error
	for _, which := range old {
		failed = errors.Join(failed, s.reseal(ctx, which))
	}
	return failed
}

func (s *Service) reseal(ctx context.Context, which id.Certificate) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		was, err := lockPrivateKey(ctx, tx, which)
		if errs.Is(err, errs.NotFound) || err == nil && was.with == s.Keyring.active {
			return nil
		}
		if err != nil {
			return err
		}
		plain, err := s.Keyring.open(was, which.String())
		if err != nil {
			return err
		}
		defer clear(plain)
		is, err := s.Keyring.seal(plain, which.String())
		if err != nil {
			return err
		}
		return updatePrivateKey(ctx, tx, which, is)
	})
}
