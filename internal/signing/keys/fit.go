package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"time"

	"nghisu/internal/errs"
)

const leastRSA = 2048 // bits; ETSI TS 119 312, and what our verifier asks of new signatures

// fit tells why a certificate cannot be taken to sign with; nil when it can. One that is valid only
// later may be registered already.
func fit(leaf *x509.Certificate, now time.Time) error {
	switch key := leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < leastRSA {
			return errs.New(errs.Invalid, "keys.weak")
		}
	case *ecdsa.PublicKey:
		if !slices.Contains([]elliptic.Curve{elliptic.P256(), elliptic.P384()}, key.Curve) {
			return errs.New(errs.Invalid, "keys.unsupported")
		}
	default:
		return errs.New(errs.Invalid, "keys.unsupported")
	}
	const signing = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if leaf.IsCA || leaf.KeyUsage != 0 && leaf.KeyUsage&signing == 0 {
		return errs.New(errs.Invalid, "keys.wrong_usage")
	}
	if now.After(leaf.NotAfter) {
		return errs.New(errs.Invalid, "keys.expired")
	}
	return nil
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// chainOf orders what stands above a certificate among others, the nearest first, the root left out.
func chainOf(leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	for at := leaf; len(chain) < 8; {
		i := slices.IndexFunc(others, func(c *x509.Certificate) bool {
			return c.IsCA && bytes.Equal(c.RawSubject, at.RawIssuer) && at.CheckSignatureFrom(c) == nil
		})
		if i < 0 || bytes.Equal(others[i].RawSubject, others[i].RawIssuer) || slices.Contains(chain, others[i]) {
			break
		}
		at = others[i]
		chain = append(chain, at)
	}
	return chain
}

// ReadCertificates reads certificates that somebody hands in: PEM, DER, or DER in base64; the first is
// that of the holder.
func ReadCertificates(body []byte) ([]*x509.Certificate, error) {
	bad := errs.New(errs.Invalid, "keys.broken_certificate")
	var ders []byte
	if rest := bytes.TrimSpace(body); bytes.Contains(rest, []byte("-----BEGIN")) {
		for {
			var b *pem.Block
			if b, rest = pem.Decode(rest); b == nil {
				break
			}
			if b.Type == "CERTIFICATE" {
				ders = append(ders, b.Bytes...)
			}
		}
	} else if decoded, err := base64.StdEncoding.AppendDecode(nil, bytes.Join(bytes.Fields(rest), nil)); err == nil {
		ders = decoded
	} else {
		ders = body
	}
	all, err := x509.ParseCertificates(ders)
	if err != nil || len(all) == 0 {
		bad.Err = err
		return nil, bad
	}
	return all, nil
}
