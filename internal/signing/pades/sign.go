package pades

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"hash"
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
}

// Embed hashes the file with its appendix, signs the hash and fills the hole. original must hold
// exactly the bytes that the plan was made for; it is read once, from front to back.
func (p Plan) Embed(original io.Reader, s Signer) error {
	alg := s.Algorithm
	if alg.Hash == 0 {
		alg = cms.Usual
	}
	digest, err := p.digest(original, alg.Hash)
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
	message, err := cms.Build(cms.Parts{Attributes: attributes, Algorithm: alg, Value: value, Certificate: s.Certificate, Chain: s.Chain})
	if err != nil {
		return fmt.Errorf("make message: %w", err)
	}
	return p.Fill(message)
}

// Digest is the SHA-256 over the ByteRange.
func (p Plan) Digest(original io.Reader) ([]byte, error) { return p.digest(original, crypto.SHA256) }

func (p Plan) digest(original io.Reader, hash crypto.Hash) ([]byte, error) {
	h := hash.New()
	n, err := io.Copy(h, original)
	if err != nil {
		return nil, fmt.Errorf("read file to sign: %w", err)
	}
	size := p.Size - int64(len(p.Appendix))
	if n != size {
		return nil, fmt.Errorf("file to sign has %d bytes instead of %d", n, size)
	}
	writeAround(h, p.Appendix, int(p.Hole.Start-size), int(p.Hole.End-size))
	return h.Sum(nil), nil
}

func writeAround(h hash.Hash, b []byte, from, to int) {
	h.Write(b[:from])
	h.Write(b[to:])
}
