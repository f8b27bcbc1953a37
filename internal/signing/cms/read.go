package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // old files; marked as weak
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
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
	Content      []byte              // of a token; nil in the message of a PDF signature
	Timestamps   [][]byte            // tokens over Value, unsigned attributes
	CRLs, OCSPs  [][]byte            // carried as evidence, in the message or in Adobe's signed attribute

	signer     readSigner
	kind       asn1.ObjectIdentifier    // of the content
	attributes map[string]asn1.RawValue // by identifier; nil without signed attributes
}

// Value is the raw signature: what a timestamp of the message is about.
func (m *Message) Value() []byte { return m.signer.Signature }

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

// Parse reads the message of a PDF signature, whose content is elsewhere. Behind it there may be zeros
// only: the rest of the hole.
func Parse(hole []byte) (*Message, error) { return parse(hole, oidData) }

// ParseToken reads the message of a timestamp token, which carries its content.
func ParseToken(der []byte) (*Message, error) { return parse(der, TSTInfo) }

func parse(hole []byte, kind asn1.ObjectIdentifier) (*Message, error) {
	if len(hole) > 2 && hole[0] == 0x30 && hole[1] == 0x80 {
		der, rest, err := fromBER(hole)
		if err != nil {
			return nil, err
		}
		hole = append(der, rest...)
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
	m := &Message{signer: sd.Signers[0], kind: kind}
	if err := m.readContent(sd.Content); err != nil {
		return nil, err
	}
	if m.Digest = HashOf(m.signer.DigestAlg.Algorithm); m.Digest == 0 {
		return nil, fmt.Errorf("%w: digest algorithm", ErrUnsupported)
	}
	if err := m.readCertificates(sd.Certificates.Bytes); err != nil {
		return nil, err
	}
	if m.CRLs, err = values(sd.CRLs.Bytes); err != nil {
		return nil, err
	}
	m.CRLs = slices.DeleteFunc(m.CRLs, func(der []byte) bool { return der[0] != 0x30 }) // other forms are tagged
	if err := m.readAttributes(); err != nil {
		return nil, err
	}
	return m, m.readUnsigned()
}

// readContent takes the content of a token, and refuses one in a PDF signature.
func (m *Message) readContent(c readContent) error {
	inside := len(c.Data.FullBytes) > 0
	switch {
	case !c.Type.Equal(m.kind):
		return fmt.Errorf("%w: type of the content", ErrUnsupported)
	case !m.kind.Equal(TSTInfo) && inside:
		return fmt.Errorf("%w: content inside", ErrUnsupported)
	case !m.kind.Equal(TSTInfo):
		return nil
	}
	if rest, err := asn1.Unmarshal(c.Data.Bytes, &m.Content); err != nil || len(rest) > 0 || len(m.Content) == 0 {
		return malformed("content of the token")
	}
	return nil
}

// values splits a sequence of encodings.
func values(der []byte) ([][]byte, error) {
	var out [][]byte
	for len(der) > 0 {
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(der, &raw)
		if err != nil || len(out) >= maxCertificates {
			return nil, malformed("list of values: %v", err)
		}
		out, der = append(out, raw.FullBytes), rest
	}
	return out, nil
}

func (m *Message) readCertificates(der []byte) error {
	list, err := values(der)
	for _, raw := range list {
		if c, err := x509.ParseCertificate(raw); err == nil {
			m.Certificates = append(m.Certificates, c)
		}
	}
	return err
}

// readSet reads attributes; one that comes twice is malformed.
func readSet(raw asn1.RawValue) (map[string]asn1.RawValue, error) {
	if len(raw.FullBytes) == 0 {
		return nil, nil
	}
	list, err := values(raw.Bytes)
	if err != nil {
		return nil, err
	}
	out := make(map[string]asn1.RawValue, len(list))
	for _, der := range list {
		var a attribute
		if rest, err := asn1.Unmarshal(der, &a); err != nil || len(rest) > 0 {
			return nil, malformed("attributes: %v", err)
		}
		key := a.Type.String()
		if _, twice := out[key]; twice || a.Values.Tag != asn1.TagSet || a.Values.Class != 0 {
			return nil, malformed("attribute %s", key)
		}
		out[key] = a.Values
	}
	return out, nil
}

func (m *Message) readAttributes() (err error) {
	if m.attributes, err = readSet(m.signer.Attributes); err != nil {
		return err
	}
	if m.attributes == nil {
		if m.kind.Equal(TSTInfo) {
			return malformed("token without signed attributes") // RFC 5652 5.3
		}
		return nil
	}
	var kind asn1.ObjectIdentifier
	if !m.attribute(oidContentType, &kind) || !kind.Equal(m.kind) {
		return malformed("content type attribute")
	}
	m.attribute(oidSigningTime, &m.Claimed)
	var carried struct {
		CRLs  []asn1.RawValue `asn1:"optional,explicit,tag:0"`
		OCSPs []asn1.RawValue `asn1:"optional,explicit,tag:1"`
	}
	if m.attribute(oidRevocation, &carried) { // ISO 32000-1 12.8.3.3.2
		for _, der := range carried.CRLs {
			m.CRLs = append(m.CRLs, der.FullBytes)
		}
		for _, der := range carried.OCSPs {
			m.OCSPs = append(m.OCSPs, der.FullBytes)
		}
	}
	return nil
}

// readUnsigned finds the timestamps of the signature. Unsigned attributes prove nothing by themselves.
func (m *Message) readUnsigned() error {
	set, err := readSet(m.signer.Unsigned)
	if err != nil {
		return err
	}
	m.Timestamps, err = values(set[oidTimestamp.String()].Bytes)
	return err
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
	Bound       bool              // the signed attributes name the certificate by its hash (ESS), SHA-1 not counted
	Named       bool              // the same, SHA-1 counted: what RFC 3161 asked of tokens at first
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
	_, old := m.attributes[oidSigningCert.String()]
	p.Named = p.Bound || old
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
		hash = HashOf(alg.Algorithm)
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
	s, err := readScheme(m.signer.SigAlg)
	if err != nil {
		return err
	}
	if s.hash == 0 {
		s.hash = m.Digest
	}
	p.Weak = p.Weak || s.hash == crypto.SHA1
	if m.attributes == nil {
		if s.hash != m.Digest {
			return fmt.Errorf("%w: two digests", ErrUnsupported)
		}
	} else {
		der := bytes.Clone(m.signer.Attributes.FullBytes)
		der[0] = 0x31 // signed as SET OF, written as [0] (RFC 5652 5.4)
		h := s.hash.New()
		h.Write(der)
		digest = h.Sum(nil)
	}
	return s.check(cert, digest, m.signer.Signature)
}

// Signer is the carried certificate that the signer's identifier names, before anything is checked; nil
// when there is none, or more than one.
func (m *Message) Signer() *x509.Certificate {
	c, err := m.signerCertificate()
	if err != nil {
		return nil
	}
	return c
}
