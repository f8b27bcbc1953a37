package signfile

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pades"
)

// Prepared is what stands between the two steps: enough to make the signature anywhere, and to put it
// into the prepared file at any time.
type Prepared struct {
	Size          int64    `json:"size"`           // of the prepared file
	Before        int64    `json:"before"`         // of the original, which is its beginning
	ByteRange     [4]int64 `json:"byte_range"`     // what the signature covers
	HashAlgorithm string   `json:"hash_algorithm"` // of the content, of the attributes and of the value
	Padding       string   `json:"padding,omitempty"`
	Attributes    []byte   `json:"attributes"` // DER of the signed attributes
	Hash          []byte   `json:"hash"`       // of the attributes: this is to be signed
	Certificates  [][]byte `json:"certificates"`
}

// Errors of the second step.
var (
	ErrNotPrepared = errors.New("prepared file and its description do not belong together")
	ErrBadValue    = errors.New("signature value does not fit the certificate and the hash")
)

var hashes = map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}

// Without is a signer whose key is elsewhere: the certificate, those above it, and how it will sign.
func Without(certs []*x509.Certificate, hash string, pss bool) (pades.Signer, error) {
	h, ok := hashes[hash]
	if !ok || len(certs) == 0 {
		return pades.Signer{}, fmt.Errorf("hash %q, %d certificates", hash, len(certs))
	}
	s := pades.Signer{Certificate: certs[0], Algorithm: cms.Algorithm{Hash: h, PSS: pss}}
	for _, c := range certs[1:] {
		if !bytes.Equal(c.RawIssuer, c.RawSubject) { // the root stays out
			s.Chain = append(s.Chain, c)
		}
	}
	return s, nil
}

// Prepare writes In with an empty hole to Out and tells what is to be signed.
func Prepare(ctx context.Context, j Job) (Prepared, error) {
	var p Prepared
	err := j.write(ctx, func(out *output, plan pades.Plan, digest []byte) error {
		alg := j.algorithm()
		attributes, err := cms.Attributes(digest, j.Signer.Certificate, alg)
		if err != nil {
			return fmt.Errorf("make signed attributes: %w", err)
		}
		p = Prepared{Size: plan.Size, Before: plan.Before(), ByteRange: plan.ByteRange(), HashAlgorithm: alg.Hash.String(),
			Attributes: attributes, Hash: alg.Digest(attributes)}
		if alg.PSS {
			p.Padding = "PSS"
		}
		for _, c := range append([]*x509.Certificate{j.Signer.Certificate}, j.Signer.Chain...) {
			p.Certificates = append(p.Certificates, c.Raw)
		}
		_, err = out.WriteAt(plan.Appendix, plan.Before())
		return err
	})
	return p, err
}

// Embed puts a signature value into a prepared file. In of the job is the prepared file; its certificates
// come from p.
func Embed(ctx context.Context, j Job, p Prepared, value []byte) (err error) {
	if j.Signer, err = p.signer(); err != nil {
		return err
	}
	if err := j.algorithm().Check(j.Signer.Certificate, p.Attributes, value); err != nil {
		return fmt.Errorf("%w: %w", ErrBadValue, err)
	}
	in, err := openInput(j.In, j.Out)
	if err != nil {
		return err
	}
	defer in.Close()
	plan, err := p.plan(in)
	if err != nil {
		return err
	}
	out, err := newOutput(j.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.discard()) }()
	hash := j.algorithm().Hash.New()
	if err := copyHashed(ctx, out.File, in.File, hash, p.Before); err != nil {
		return err
	}
	if err := in.unchanged(); err != nil {
		return err
	}
	attributes, err := cms.Attributes(plan.Finish(hash), j.Signer.Certificate, j.algorithm())
	if err != nil || !bytes.Equal(attributes, p.Attributes) {
		return errors.Join(ErrNotPrepared, err)
	}
	if err := j.embed(ctx, out, plan, attributes, value); err != nil {
		return err
	}
	return out.keep()
}

// signer is who signs, without a key.
func (p Prepared) signer() (pades.Signer, error) {
	var certs []*x509.Certificate
	for _, der := range p.Certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return pades.Signer{}, fmt.Errorf("%w: %w", ErrNotPrepared, err)
		}
		certs = append(certs, c)
	}
	s, err := Without(certs, p.HashAlgorithm, p.Padding == "PSS")
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrNotPrepared, err)
	}
	return s, nil
}

// plan reads the appendix back from the prepared file; its hole must be empty.
func (p Prepared) plan(in *input) (pades.Plan, error) {
	const most = 64 << 20
	n := p.Size - p.Before
	if p.Before <= 0 || n <= 0 || n > most || in.info.Size() != p.Size {
		return pades.Plan{}, ErrNotPrepared
	}
	plan := pades.Plan{Appendix: make([]byte, n), Size: p.Size}
	plan.Hole.Start, plan.Hole.End = p.ByteRange[1], p.ByteRange[2]
	if plan.Hole.Start < p.Before || plan.Hole.End > p.Size || plan.Room() <= 0 || plan.ByteRange() != p.ByteRange {
		return pades.Plan{}, ErrNotPrepared
	}
	if _, err := in.ReadAt(plan.Appendix, p.Before); err != nil && !errors.Is(err, io.EOF) {
		return pades.Plan{}, err
	}
	hole := plan.Appendix[plan.Hole.Start-p.Before : plan.Hole.End-p.Before]
	if hole[0] != '<' || hole[len(hole)-1] != '>' || len(bytes.Trim(hole[1:len(hole)-1], "0")) > 0 {
		return pades.Plan{}, ErrNotPrepared
	}
	return plan, nil
}
