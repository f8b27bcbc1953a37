package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha1" // old files; marked as weak
	"crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// What can be wrong with a message. Malformed to BadCertificate mean that it must not be trusted;
// Unsupported that it cannot be judged here.
var (
	ErrMalformed      = errors.New("message is malformed")
	ErrDigest         = errors.New("content has another digest than the message says")
	ErrSignature      = errors.New("signature does not fit the certificate")
	ErrBadCertificate = errors.New("signer's certificate is missing or another one")
	ErrUnsupported    = errors.New("algorithm or form is not supported")
)

// maxCertificates limits what a message may carry.
const maxCertificates = 64

// Message is a parsed signature message with exactly one signer.
type Message struct {
	Certificates []*x509.Certificate // those that could be read
	Digest       crypto.Hash         // over the content
	Claimed      time.Time           // signing-time attribute; zero without one

	signer     readSigner
	attributes map[string]asn1.RawValue // by identifier; nil without signed attributes
}

type readSigner struct {
	Version    int
	ID         asn1.RawValue // issuerAndSerial, or [0] subject key identifier
	DigestAlg  pkix.AlgorithmIdentifier
	Attributes asn1.RawValue `asn1:"optional,tag:0"`
	SigAlg     pkix.AlgorithmIdentifier
	Signature  []byte
	Unsigned   asn1.RawValue `asn1:"optional,tag:1"`
}

type readSignedData struct {
	Version      int
	DigestAlgs   asn1.RawValue `asn1:"set"`
	Content      readContent
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []readSigner  `asn1:"set"`
}

type readContent struct {
	Type asn1.ObjectIdentifier
	Data asn1.RawValue `asn1:"optional,explicit,tag:0"`
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Parse reads a message. Behind it there may be zeros only: the rest of the hole.
func Parse(hole []byte) (*Message, error) {
	if len(hole) > 2 && hole[0] == 0x30 && hole[1] == 0x80 {
		return nil, fmt.Errorf("%w: indefinite lengths", ErrUnsupported)
	}
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	rest, err := asn1.Unmarshal(hole, &outer)
	if err != nil {
		return nil, malformed("%v", err)
	}
	if len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, malformed("bytes behind it")
	}
	if !outer.Type.Equal(oidSignedData) {
		return nil, malformed("not signed data")
	}
	var sd readSignedData
	if rest, err := asn1.Unmarshal(outer.Content.Bytes, &sd); err != nil || len(rest) > 0 {
		return nil, malformed("signed data: %v", err)
	}
	if len(sd.Signers) != 1 {
		return nil, malformed("%d signers", len(sd.Signers))
	}
	if !sd.Content.Type.Equal(oidData) || len(sd.Content.Data.FullBytes) > 0 {
		return nil, fmt.Errorf("%w: content inside", ErrUnsupported)
	}
	m := &Message{signer: sd.Signers[0]}
	if m.Digest = hashOf(m.signer.DigestAlg.Algorithm); m.Digest == 0 {
		return nil, fmt.Errorf("%w: digest algorithm", ErrUnsupported)
	}
	if err := m.readCertificates(sd.Certificates.Bytes); err != nil {
		return nil, err
	}
	return m, m.readAttributes()
}

func hashOf(oid asn1.ObjectIdentifier) crypto.Hash {
	switch {
	case oid.Equal(oidSHA1):
		return crypto.SHA1
	case oid.Equal(oidSHA256):
		return crypto.SHA256
	case oid.Equal(oidSHA384):
		return crypto.SHA384
	case oid.Equal(oidSHA512):
		return crypto.SHA512
	}
	return 0
}

func (m *Message) readCertificates(der []byte) error {
	for n := 0; len(der) > 0; n++ {
		if n >= maxCertificates {
			return malformed("too many certificates")
		}
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(der, &raw)
		if err != nil {
			return malformed("certificates: %v", err)
		}
		der = rest
		if c, err := x509.ParseCertificate(raw.FullBytes); err == nil {
			m.Certificates = append(m.Certificates, c)
		}
	}
	return nil
}

func (m *Message) readAttributes() error {
	if len(m.signer.Attributes.FullBytes) == 0 {
		return nil
	}
	m.attributes = map[string]asn1.RawValue{}
	der := m.signer.Attributes.Bytes
	for len(der) > 0 {
		var a attribute
		rest, err := asn1.Unmarshal(der, &a)
		if err != nil {
			return malformed("attributes: %v", err)
		}
		der = rest
		key := a.Type.String()
		if _, twice := m.attributes[key]; twice || a.Values.Tag != asn1.TagSet || a.Values.Class != 0 {
			return malformed("attribute %s", key)
		}
		m.attributes[key] = a.Values
	}
	var kind asn1.ObjectIdentifier
	if !m.attribute(oidContentType, &kind) || !kind.Equal(oidData) {
		return malformed("content type attribute")
	}
	m.attribute(oidSigningTime, &m.Claimed)
	return nil
}

// attribute reads the single value of an attribute; false when it is absent or has not exactly one.
func (m *Message) attribute(oid asn1.ObjectIdentifier, v any) bool {
	a, ok := m.attributes[oid.String()]
	if !ok {
		return false
	}
	rest, err := asn1.Unmarshal(a.Bytes, v)
	return err == nil && len(rest) == 0
}

// Proof is what a message proves when everything in it fits together.
type Proof struct {
	Certificate *x509.Certificate // the signer's
	Bound       bool              // the signed attributes name the certificate by its hash (ESS)
	Weak        bool              // SHA-1 or RSA below 2048 bits: forgeable today (TT 15/2025/TT-BKHCN asks RSA 2048)
}

// Check compares the message with the digest of the content (made with m.Digest), finds the signer's
// certificate and checks the signature.
func (m *Message) Check(digest []byte) (Proof, error) {
	cert, err := m.signerCertificate()
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Certificate: cert, Weak: m.Digest == crypto.SHA1}
	if m.attributes != nil {
		var want []byte
		if !m.attribute(oidMessageDigest, &want) {
			return p, malformed("message digest attribute")
		}
		if !bytes.Equal(want, digest) {
			return p, ErrDigest
		}
	}
	if p.Bound, err = m.bound(cert); err != nil {
		return p, err
	}
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
		p.Weak = true
	}
	return p, m.checkSignature(cert, digest, &p)
}

// signerCertificate finds the one certificate that the signer's identifier names.
func (m *Message) signerCertificate() (*x509.Certificate, error) {
	id := m.signer.ID
	var found *x509.Certificate
	for _, c := range m.Certificates {
		if !names(id, c) {
			continue
		}
		if found != nil && !found.Equal(c) {
			return nil, fmt.Errorf("%w: two of one name", ErrBadCertificate)
		}
		found = c
	}
	if found == nil {
		return nil, ErrBadCertificate
	}
	return found, nil
}

func names(id asn1.RawValue, c *x509.Certificate) bool {
	if id.Class == asn1.ClassContextSpecific && id.Tag == 0 {
		return len(id.Bytes) > 0 && bytes.Equal(id.Bytes, c.SubjectKeyId)
	}
	var is struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	rest, err := asn1.Unmarshal(id.FullBytes, &is)
	return err == nil && len(rest) == 0 && bytes.Equal(is.Issuer.FullBytes, c.RawIssuer) &&
		is.Serial.Cmp(c.SerialNumber) == 0
}

// bound checks the hash of the certificate in the signed attributes, of both versions.
func (m *Message) bound(cert *x509.Certificate) (bool, error) {
	var v2 struct{ Certs []asn1.RawValue }
	if _, present := m.attributes[oidSigningCertV2.String()]; present {
		if !m.attribute(oidSigningCertV2, &v2) || len(v2.Certs) == 0 {
			return false, malformed("signing certificate attribute")
		}
		hash, value, err := essHash(v2.Certs[0])
		if err != nil {
			return false, err
		}
		h := hash.New()
		h.Write(cert.Raw)
		if !bytes.Equal(h.Sum(nil), value) {
			return false, fmt.Errorf("%w: hash of the certificate", ErrBadCertificate)
		}
		return true, nil
	}
	if _, present := m.attributes[oidSigningCert.String()]; present {
		var list struct{ Certs []asn1.RawValue }
		if !m.attribute(oidSigningCert, &list) || len(list.Certs) == 0 {
			return false, malformed("signing certificate attribute")
		}
		var first asn1.RawValue
		if _, err := asn1.Unmarshal(list.Certs[0].Bytes, &first); err != nil {
			return false, malformed("signing certificate attribute")
		}
		h := crypto.SHA1.New()
		h.Write(cert.Raw)
		if !bytes.Equal(h.Sum(nil), first.Bytes) {
			return false, fmt.Errorf("%w: hash of the certificate", ErrBadCertificate)
		}
		return false, nil // SHA-1 binds nothing any more
	}
	return false, nil
}

// essHash reads algorithm and hash of an ESSCertIDv2.
func essHash(id asn1.RawValue) (crypto.Hash, []byte, error) {
	hash := crypto.SHA256
	var first asn1.RawValue
	rest, err := asn1.Unmarshal(id.Bytes, &first)
	if err == nil && first.Tag == asn1.TagSequence {
		var alg pkix.AlgorithmIdentifier
		if _, err := asn1.Unmarshal(first.FullBytes, &alg); err != nil {
			return 0, nil, malformed("signing certificate attribute")
		}
		hash = hashOf(alg.Algorithm)
		_, err = asn1.Unmarshal(rest, &first)
	}
	if err != nil || first.Tag != asn1.TagOctetString {
		return 0, nil, malformed("signing certificate attribute")
	}
	if hash == 0 || hash == crypto.SHA1 {
		return 0, nil, fmt.Errorf("%w: hash of the certificate", ErrUnsupported)
	}
	return hash, first.Bytes, nil
}

// checkSignature checks the raw value over the attributes, or over the content without attributes.
func (m *Message) checkSignature(cert *x509.Certificate, digest []byte, p *Proof) error {
	hash, pss, err := m.algorithm()
	if err != nil {
		return err
	}
	p.Weak = p.Weak || hash == crypto.SHA1
	if m.attributes == nil {
		if hash != m.Digest {
			return fmt.Errorf("%w: two digests", ErrUnsupported)
		}
	} else {
		der := bytes.Clone(m.signer.Attributes.FullBytes)
		der[0] = 0x31 // signed as SET OF, written as [0] (RFC 5652 5.4)
		h := hash.New()
		h.Write(der)
		digest = h.Sum(nil)
	}
	ok := false
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() > 8192 {
			return fmt.Errorf("%w: key too long", ErrUnsupported)
		}
		if pss != nil {
			ok = rsa.VerifyPSS(key, hash, digest, m.signer.Signature, pss) == nil
		} else {
			ok = rsa.VerifyPKCS1v15(key, hash, digest, m.signer.Signature) == nil
		}
	case *ecdsa.PublicKey:
		ok = pss == nil && ecdsa.VerifyASN1(key, digest, m.signer.Signature)
	default:
		return fmt.Errorf("%w: key", ErrUnsupported)
	}
	if !ok {
		return ErrSignature
	}
	return nil
}

// algorithm is the hash of the signature, and the options when it is RSASSA-PSS.
func (m *Message) algorithm() (crypto.Hash, *rsa.PSSOptions, error) {
	switch oid := m.signer.SigAlg.Algorithm; {
	case oid.Equal(oidRSA), oid.Equal(oidEC):
		return m.Digest, nil, nil
	case oid.Equal(oidRSAWithSHA1), oid.Equal(oidECDSAWithSHA1):
		return crypto.SHA1, nil, nil
	case oid.Equal(oidRSAWithSHA256), oid.Equal(oidECDSAWithSHA256):
		return crypto.SHA256, nil, nil
	case oid.Equal(oidRSAWithSHA384), oid.Equal(oidECDSAWithSHA384):
		return crypto.SHA384, nil, nil
	case oid.Equal(oidRSAWithSHA512), oid.Equal(oidECDSAWithSHA512):
		return crypto.SHA512, nil, nil
	case oid.Equal(oidPSS):
		return pssParameters(m.signer.SigAlg.Parameters)
	}
	return 0, nil, fmt.Errorf("%w: signature algorithm", ErrUnsupported)
}

// pssParameters reads RFC 4055 3.1: one hash for both, salt as long as stated.
func pssParameters(raw asn1.RawValue) (crypto.Hash, *rsa.PSSOptions, error) {
	var p struct {
		Hash    pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
		MGF     pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
		Salt    int                      `asn1:"explicit,tag:2"`
		Trailer int                      `asn1:"optional,explicit,tag:3,default:1"`
	}
	if _, err := asn1.Unmarshal(raw.FullBytes, &p); err != nil {
		return 0, nil, fmt.Errorf("%w: PSS parameters", ErrUnsupported) // the defaults are SHA-1
	}
	var inner pkix.AlgorithmIdentifier
	_, err := asn1.Unmarshal(p.MGF.Parameters.FullBytes, &inner)
	hash := hashOf(p.Hash.Algorithm)
	if err != nil || hash == 0 || !p.MGF.Algorithm.Equal(oidMGF1) || hashOf(inner.Algorithm) != hash ||
		p.Salt < 0 || p.Salt > 512 || p.Trailer != 1 {
		return 0, nil, fmt.Errorf("%w: PSS parameters", ErrUnsupported)
	}
	return hash, &rsa.PSSOptions{SaltLength: p.Salt, Hash: hash}, nil
}

// Fingerprint is the SHA-256 of a certificate.
func Fingerprint(c *x509.Certificate) [sha256.Size]byte { return sha256.Sum256(c.Raw) }
