package keys

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"

	"nghisu/internal/errs"
	"nghisu/internal/signing/devpki"
)

// local signs with keys that this process can load: it answers at once.
type local struct {
	load func(ctx context.Context, cert Certificate) (crypto.Signer, error)
}

// Start implements Source.
func (l local) Start(ctx context.Context, cert Certificate, b Batch) (Answer, error) {
	if err := b.check(); err != nil {
		return Answer{}, err
	}
	key, err := l.load(ctx, cert)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Values: make([][]byte, len(b.Digests))}
	for i, d := range b.Digests {
		if err := ctx.Err(); err != nil {
			return Answer{}, err
		}
		if a.Values[i], err = key.Sign(rand.Reader, d, b.Hash); err != nil {
			return Answer{}, fmt.Errorf("sign: %w", err)
		}
	}
	return a, nil
}

// Poll implements Source; there is nothing to wait for.
func (l local) Poll(context.Context, Certificate, string) (Answer, error) {
	return Answer{}, errors.New("a local key gives no tickets")
}

// development loads a trial key.
func (s *Service) development(_ context.Context, cert Certificate) (crypto.Signer, error) {
	if s.PKI == nil {
		return nil, errs.New(errs.Unavailable, "signing.key_missing")
	}
	key, err := s.PKI.Load(cert.settings.KeyName)
	switch {
	case errors.Is(err, devpki.ErrLost):
		return nil, errs.Wrap(errs.Unavailable, "signing.key_missing", err)
	case err != nil:
		return nil, err
	case !key.Certificate.Equal(cert.Leaf):
		return nil, errs.New(errs.Unavailable, "signing.key_missing")
	}
	return key.Signer, nil
}

// Signer makes a crypto.Signer of a certificate whose source answers at once.
func (s *Service) Signer(ctx context.Context, cert Certificate) (crypto.Signer, error) {
	source, err := s.Source(cert.Kind)
	if err != nil {
		return nil, err
	}
	return signer{ctx, source, cert}, nil
}

// signer is a source in the form of the standard library. It lives as long as one signing.
type signer struct {
	ctx    context.Context
	source Source
	cert   Certificate
}

func (s signer) Public() crypto.PublicKey { return s.cert.Leaf.PublicKey }

func (s signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if _, pss := opts.(*rsa.PSSOptions); pss {
		return nil, errors.New("sources sign with PKCS #1 v1.5 only")
	}
	a, err := s.source.Start(s.ctx, s.cert, Batch{Hash: opts.HashFunc(), Digests: [][]byte{digest}, Labels: []string{""}})
	if err == nil && !a.Done() {
		err = errs.New(errs.Conflict, "keys.waits_for_consent")
	}
	if err != nil {
		return nil, err
	}
	return a.Values[0], nil
}

// derOf brings an ECDSA value of two numbers of equal length into DER.
func derOf(raw []byte) ([]byte, error) {
	if len(raw) == 0 || len(raw)%2 != 0 {
		return nil, errors.New("value is not two numbers")
	}
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
