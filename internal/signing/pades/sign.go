package pades

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"hash"
	"io"

	"nghisu/internal/signing/cms"
)

// Signer is a key with its certificate and the certificates above it, the root left out.
type Signer struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
}

// Embed hashes the file with its appendix, signs the hash and fills the hole. original must hold
// exactly the bytes that the plan was made for; it is read once, from front to back.
func (p Plan) Embed(original io.Reader, s Signer) error {
	digest, err := p.Digest(original)
	if err != nil {
		return err
	}
	attributes, err := cms.SignedAttributes(digest, s.Certificate)
	if err != nil {
		return fmt.Errorf("make signed attributes: %w", err)
	}
	value, err := cms.Sign(rand.Reader, s.Key, attributes)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	message, err := cms.Assemble(attributes, value, s.Certificate, s.Chain)
	if err != nil {
		return fmt.Errorf("make message: %w", err)
	}
	return p.Fill(message)
}

// Digest is the SHA-256 over the ByteRange.
func (p Plan) Digest(original io.Reader) ([sha256.Size]byte, error) {
	h := sha256.New()
	var out [sha256.Size]byte
	n, err := io.Copy(h, original)
	if err != nil {
		return out, fmt.Errorf("read file to sign: %w", err)
	}
	size := p.Size - int64(len(p.Appendix))
	if n != size {
		return out, fmt.Errorf("file to sign has %d bytes instead of %d", n, size)
	}
	writeAround(h, p.Appendix, int(p.Hole.Start-size), int(p.Hole.End-size))
	copy(out[:], h.Sum(nil))
	return out, nil
}

func writeAround(h hash.Hash, b []byte, from, to int) {
	h.Write(b[:from])
	h.Write(b[to:])
}
