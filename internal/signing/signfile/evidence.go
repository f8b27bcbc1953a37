package signfile

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"

	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
)

// Asker gets evidence from the authorities: revocation.Fetcher does.
type Asker interface {
	Fetch(ctx context.Context, cert, issuer *x509.Certificate) (revocation.Status, error)
	Issuer(ctx context.Context, cert *x509.Certificate) (*x509.Certificate, error)
}

// augment adds the evidence about the signature that was just made, and a document timestamp over all of it.
func (l Level) augment(ctx context.Context, j Job, out *output, made *pades.Made) error {
	if l.Asker == nil {
		return nil
	}
	survey, err := sandbox.Examine(ctx, j.Runner, out.File)
	if err != nil {
		return err
	}
	end := made.Ranges[0][2] + made.Ranges[0][3]
	i := slices.IndexFunc(survey.Signatures, func(s pades.Surveyed) bool { return s.End == end })
	if i < 0 {
		return errors.New("signature is not in its own file")
	}
	evidence, err := l.collect(ctx, survey.Signatures[i])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotReached, err)
	}
	size := end
	plan, err := sandbox.AppendDSS(ctx, j.Runner, out.File, evidence)
	if err != nil {
		return err
	}
	if _, err := out.WriteAt(plan.Appendix, size); err != nil {
		return err
	}
	if size = plan.Size; !l.Archive {
		return nil
	}
	if plan, err = sandbox.PrepareTimestamp(ctx, j.Runner, out.File, tokenRoom); err != nil {
		return err
	}
	digest, err := plan.Digest(io.NewSectionReader(out.File, 0, size))
	if err != nil {
		return err
	}
	token, err := l.Stamper.Stamp(ctx, digest)
	if err != nil {
		return fmt.Errorf("%w: document timestamp: %w", ErrNotReached, err)
	}
	if err := plan.Fill(token.Raw); err != nil {
		return err
	}
	made.Ranges = append(made.Ranges, plan.ByteRange())
	_, err = out.WriteAt(plan.Appendix, size)
	return err
}

// collect gets the chains of the signer and of the timestamp, and what tells about each certificate of them.
func (l Level) collect(ctx context.Context, s pades.Surveyed) (out pades.Evidence, err error) {
	if err := l.chain(ctx, &out, s.Certificate, s.Certificates); err != nil {
		return out, err
	}
	for _, stamp := range s.Stamps {
		if err := l.chain(ctx, &out, stamp.Certificate, stamp.Certificates); err != nil {
			return out, err
		}
	}
	return out, nil
}

// longest is the length of a chain.
const longest = 8

func (l Level) chain(ctx context.Context, out *pades.Evidence, leaf []byte, carried [][]byte) error {
	cert, err := x509.ParseCertificate(leaf)
	if err != nil {
		return err
	}
	known := slices.Clone(l.Known)
	for _, der := range carried {
		if c, err := x509.ParseCertificate(der); err == nil {
			known = append(known, c)
		}
	}
	for range longest {
		out.Certs = append(out.Certs, cert.Raw)
		if bytes.Equal(cert.RawIssuer, cert.RawSubject) {
			return nil
		}
		i := slices.IndexFunc(known, func(c *x509.Certificate) bool {
			return bytes.Equal(c.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(c) == nil
		})
		var issuer *x509.Certificate
		if i >= 0 {
			issuer = known[i]
		} else if issuer, err = l.Asker.Issuer(ctx, cert); err != nil {
			return err
		}
		status, err := l.Asker.Fetch(ctx, cert, issuer)
		switch {
		case err != nil:
			return err
		case status.State != revocation.Good:
			return fmt.Errorf("certificate of %s is %s", cert.Subject.CommonName, status.State)
		case status.Kind == revocation.OCSP:
			out.OCSPs = append(out.OCSPs, status.Source)
		default:
			out.CRLs = append(out.CRLs, status.Source)
		}
		if status.Signer != nil && !status.Signer.Equal(issuer) {
			out.Certs = append(out.Certs, status.Signer.Raw)
		}
		cert = issuer
	}
	return errors.New("chain of certificates is too long")
}
