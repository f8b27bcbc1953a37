// Package tsp speaks the Time-Stamp Protocol (RFC 3161, RFC 5816): it asks an authority for tokens and
// checks them on arrival, judges tokens found in files, and has an authority of its own for trying things
// out. Judging is pure; only Client uses the network.
package tsp

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"nghisu/internal/signing/cms"
)

// What can be wrong with a token. All but ErrUntrusted and ErrNotValid mean that it proves nothing.
var (
	ErrMalformed = errors.New("timestamp token is malformed")
	ErrImprint   = errors.New("timestamp token is about something else")
	ErrSignature = errors.New("timestamp token is not signed by its certificate")
	ErrUnfit     = errors.New("certificate is not one of a timestamp authority")
	ErrUntrusted = errors.New("timestamp authority is not trusted")
	ErrNotValid  = errors.New("certificate of the timestamp authority was not valid at the time of the token")
)

// Token is what a timestamp token says.
type Token struct {
	Raw      []byte
	Time     time.Time
	Accuracy time.Duration // 0 when not stated
	Serial   *big.Int
	Policy   asn1.ObjectIdentifier
	Hash     crypto.Hash // of the imprint
	Imprint  []byte
	Nonce    *big.Int // nil without one

	Certificates []*x509.Certificate // carried
	Certificate  *x509.Certificate   // the authority's; set by Verify, by Parse when the token carries it
	Chain        []*x509.Certificate // to a root of Options, both included; set by Verify
	Weak         bool                // SHA-1 or a short key; set by Verify

	message *cms.Message
}

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    imprint
	Serial     *big.Int
	Time       asn1.RawValue    // GeneralizedTime, perhaps with fractions of a second
	Accuracy   accuracy         `asn1:"optional"`
	Ordering   bool             `asn1:"optional"`
	Nonce      *big.Int         `asn1:"optional"`
	TSA        asn1.RawValue    `asn1:"optional,explicit,tag:0"`
	Extensions []pkix.Extension `asn1:"optional,tag:1"`
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Parse reads a token. It checks no signature.
func Parse(raw []byte) (Token, error) {
	m, err := cms.ParseToken(raw)
	if err != nil {
		return Token{}, malformed("%v", err)
	}
	var info tstInfo
	rest, err := asn1.Unmarshal(m.Content, &info)
	if err != nil || len(rest) > 0 || info.Version != 1 {
		return Token{}, malformed("TSTInfo: %v", err)
	}
	for _, e := range info.Extensions {
		if e.Critical {
			return Token{}, malformed("unknown critical extension %s", e.Id)
		}
	}
	t := Token{Raw: raw, Serial: info.Serial, Policy: info.Policy, Nonce: info.Nonce, Imprint: info.Imprint.Hash,
		Hash: cms.HashOf(info.Imprint.Algorithm.Algorithm), Certificates: m.Certificates, message: m}
	if t.Hash == 0 || len(t.Imprint) != t.Hash.Size() {
		return Token{}, malformed("imprint")
	}
	if t.Time, err = generalizedTime(info.Time); err != nil {
		return Token{}, err
	}
	a := info.Accuracy
	if a.Seconds < 0 || a.Seconds > 1<<30 || a.Millis < 0 || a.Millis > 999 || a.Micros < 0 || a.Micros > 999 {
		return Token{}, malformed("accuracy")
	}
	t.Accuracy = time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond
	t.Certificate = m.Signer()
	return t, nil
}

// generalizedTime reads UTC with or without fractions of a second (RFC 3161 2.4.2).
func generalizedTime(raw asn1.RawValue) (time.Time, error) {
	if raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagGeneralizedTime || raw.IsCompound {
		return time.Time{}, malformed("time")
	}
	t, err := time.Parse("20060102150405Z", string(raw.Bytes)) // takes fractions too
	if err != nil {
		return time.Time{}, malformed("time %.40q", raw.Bytes)
	}
	return t.UTC(), nil
}

// Options say whom to trust. At is the moment of the authority's validity: the token's own when zero.
type Options struct {
	Roots []*x509.Certificate
	Extra []*x509.Certificate // known certificates in between, for tokens that leave them out
	At    time.Time
}

// Verify judges a token over digest, which must be made with the token's own hash: see Parse. It checks
// the imprint, the signature, that the certificate is bound by the attributes and made for this alone (RFC
// 3161 2.3), and the chain. With ErrUntrusted or ErrNotValid the token is genuine and everything but Chain
// is set.
func Verify(raw, digest []byte, opts Options) (Token, error) {
	t, err := Parse(raw)
	if err != nil {
		return Token{}, err
	}
	return t, t.Verify(digest, opts)
}

// Verify is like the function of that name, for a token that is parsed already.
func (t *Token) Verify(digest []byte, opts Options) error {
	if !bytes.Equal(t.Imprint, digest) {
		return ErrImprint
	}
	if err := t.checkSignature(opts); err != nil {
		return err
	}
	if err := Fit(t.Certificate); err != nil {
		return err
	}
	return t.checkChain(opts)
}

func (t *Token) checkSignature(opts Options) error {
	h := t.message.Digest.New()
	h.Write(t.message.Content)
	t.message.Certificates = append(t.message.Certificates[:len(t.message.Certificates):len(t.message.Certificates)], opts.Extra...)
	p, err := t.message.Check(h.Sum(nil))
	t.message.Certificates = t.Certificates
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrSignature, err)
	case !p.Named:
		return fmt.Errorf("%w: nothing signed names the certificate", ErrSignature)
	}
	t.Certificate, t.Weak = p.Certificate, p.Weak || t.Hash == crypto.SHA1
	return nil
}

var (
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

// Fit reports whether a certificate may sign tokens: extended key usage "timeStamping" alone and critical
// (RFC 3161 2.3), and a key usage that allows signing.
func Fit(c *x509.Certificate) error {
	for _, e := range c.Extensions {
		if !e.Id.Equal(oidExtKeyUsage) {
			continue
		}
		var usages []asn1.ObjectIdentifier
		rest, err := asn1.Unmarshal(e.Value, &usages)
		switch {
		case err != nil || len(rest) > 0 || len(usages) != 1 || !usages[0].Equal(oidTimeStamping):
			return fmt.Errorf("%w: it is for something else, or for more", ErrUnfit)
		case !e.Critical:
			return fmt.Errorf("%w: extended key usage is not critical", ErrUnfit)
		case c.KeyUsage != 0 && c.KeyUsage&^(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0:
			return fmt.Errorf("%w: key usage", ErrUnfit)
		case c.IsCA:
			return fmt.Errorf("%w: it is an authority's", ErrUnfit)
		}
		return nil
	}
	return fmt.Errorf("%w: no extended key usage", ErrUnfit)
}

func (t *Token) checkChain(opts Options) error {
	at := opts.At
	if at.IsZero() {
		at = t.Time
	}
	if at.Before(t.Certificate.NotBefore) || at.After(t.Certificate.NotAfter) {
		return ErrNotValid
	}
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range opts.Roots {
		roots.AddCert(c)
	}
	for _, list := range [][]*x509.Certificate{opts.Extra, t.Certificates} {
		for _, c := range list {
			middle.AddCert(c)
		}
	}
	chains, err := t.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	t.Chain = chains[0]
	return nil
}
