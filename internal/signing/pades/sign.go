package pades

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"

	"nghisu/internal/signing/cms"
)

// Signer is a key with its certificate and the certificates above it, the root left out.
// Algorithm is cms.Usual when it is left out.
type Signer struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
	Algorithm   cms.Algorithm
	Stamp       func(digest []byte) (token []byte, err error) // gets a timestamp over the SHA-256 of the value (B-T); none when nil
}

// Embed hashes the file with its appendix, signs the hash and fills the hole.
func (p *Plan) Embed(original io.Reader, s Signer) error {
	alg := s.Algorithm
	if alg.Hash == 0 {
		alg = cms.Usual
	}
	digest, err := p.DigestWith(original, alg.Hash)
	if err != nil {
		return err
	}
	attributes, err := cms.Attributes(digest, s.Certificate, alg)
	if err != nil {
		return fmt.Errorf("make signed attributes: %w", err)
	}
	value, err := alg.Sign(s.Key, attributes)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	parts := cms.Parts{Attributes: attributes, Algorithm: alg, Value: value, Certificate: s.Certificate, Chain: s.Chain}
	if s.Stamp != nil {
		digest := sha256.Sum256(value)
		if parts.Timestamp, err = s.Stamp(digest[:]); err != nil {
			return fmt.Errorf("get timestamp: %w", err)
		}
	}
	message, err := cms.Build(parts)
	if err != nil {
		return fmt.Errorf("make message: %w", err)
	}
	return p.Fill(message)
}
