// Package cms writes and reads the cryptographic message of a PDF signature and of a timestamp token: a
// SignedData of RFC 5652 with the attributes of CAdES (ETSI EN 319 122-1), one signer. It does not decide
// about trust.
//
// A message is made in two steps, so that the key may lie anywhere: Attributes gives the bytes to be
// signed, Algorithm.Digest their hash; Build puts the value that came back into the message.
package cms

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue // SET OF
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

// essCertIDv2 of RFC 5035 with SHA-256, the default algorithm, which DER leaves out.
type essCertIDv2 struct {
	Hash         []byte
	IssuerSerial struct {
		Issuer asn1.RawValue // GeneralNames
		Serial *big.Int
	}
}

// Attributes is the DER of the attributes that are signed: content type, digest of the content (made with
// alg.Hash), and the hash of the signer's certificate. No signing time: PAdES keeps it in the PDF (ETSI EN
// 319 142-1 6.3). What is to be signed is alg.Digest of these bytes.
func Attributes(digest []byte, cert *x509.Certificate, alg Algorithm) ([]byte, error) {
	return attributes(oidData, digest, cert, alg)
}

// TokenAttributes is Attributes for the message of a timestamp token.
func TokenAttributes(digest []byte, cert *x509.Certificate, alg Algorithm) ([]byte, error) {
	return attributes(TSTInfo, digest, cert, alg)
}

func attributes(kind asn1.ObjectIdentifier, digest []byte, cert *x509.Certificate, alg Algorithm) ([]byte, error) {
	if _, err := alg.identifier(cert); err != nil {
		return nil, err
	}
	if len(digest) != alg.Hash.Size() {
		return nil, fmt.Errorf("digest of %d bytes, want %d", len(digest), alg.Hash.Size())
	}
	hash := sha256.Sum256(cert.Raw)
	id := essCertIDv2{Hash: hash[:]}
	id.IssuerSerial.Serial = cert.SerialNumber
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: cert.RawIssuer}
	inner, err := asn1.Marshal(name)
	if err != nil {
		return nil, err
	}
	id.IssuerSerial.Issuer = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: inner}
	return attributeSet(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true}, []typed{
		{oidContentType, kind},
		{oidMessageDigest, digest},
		{oidSigningCertV2, struct{ Certs []essCertIDv2 }{[]essCertIDv2{id}}},
	})
}

// typed is an attribute with one value.
type typed struct {
	oid   asn1.ObjectIdentifier
	value any
}

// attributeSet writes attributes under the tag of outer, in the order of DER.
func attributeSet(outer asn1.RawValue, list []typed) ([]byte, error) {
	var set [][]byte
	for _, v := range list {
		der, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		a, err := asn1.Marshal(attribute{v.oid, asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: der}})
		if err != nil {
			return nil, err
		}
		set = append(set, a)
	}
	outer.Bytes = setOf(set)
	return asn1.Marshal(outer)
}

// setOf orders encodings as DER asks for a SET OF (X.690 11.6).
func setOf(list [][]byte) []byte {
	list = slices.Clone(list)
	slices.SortFunc(list, slices.Compare)
	return slices.Concat(list...)
}

type signerInfo struct {
	Version    int
	ID         issuerAndSerial
	DigestAlg  pkix.AlgorithmIdentifier
	Attributes asn1.RawValue // [0] IMPLICIT
	SigAlg     pkix.AlgorithmIdentifier
	Signature  []byte
	Unsigned   asn1.RawValue `asn1:"optional"` // [1] IMPLICIT
}

type content struct {
	Type asn1.ObjectIdentifier
	Data []byte `asn1:"optional,explicit,tag:0,omitempty"`
}

type signedData struct {
	Version      int
	DigestAlgs   []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      content
	Certificates asn1.RawValue `asn1:"optional"` // [0] IMPLICIT
	Signers      []signerInfo  `asn1:"set"`
}

// Parts are what a message is built from.
type Parts struct {
	Attributes  []byte // as Attributes gave them
	Algorithm   Algorithm
	Value       []byte // the raw signature
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // above the certificate, without the root
	Timestamp   []byte              // token over Value (RFC 3161); nil without one
	Token       []byte              // content of a timestamp token; nil for a PDF signature, whose content is the file
	Bare        bool                // leave the certificates out, as who asks for a token may want
}

// Build makes the message, in DER. Whether Value fits is not checked again: see Algorithm.Check.
func Build(p Parts) ([]byte, error) {
	id, err := p.Algorithm.identifier(p.Certificate)
	if err != nil {
		return nil, err
	}
	hash, _ := HashIdentifier(p.Algorithm.Hash)
	var set asn1.RawValue
	if rest, err := asn1.Unmarshal(p.Attributes, &set); err != nil || len(rest) > 0 || set.Tag != asn1.TagSet {
		return nil, fmt.Errorf("read signed attributes: %w", errors.Join(err, errors.New("no set")))
	}
	signer := signerInfo{Version: 1,
		ID:         issuerAndSerial{asn1.RawValue{FullBytes: p.Certificate.RawIssuer}, p.Certificate.SerialNumber},
		DigestAlg:  hash,
		Attributes: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: set.Bytes},
		SigAlg:     id, Signature: p.Value}
	if p.Timestamp != nil {
		der, err := attributeSet(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true},
			[]typed{{oidTimestamp, asn1.RawValue{FullBytes: p.Timestamp}}})
		if err != nil {
			return nil, fmt.Errorf("write timestamp: %w", err)
		}
		signer.Unsigned = asn1.RawValue{FullBytes: der}
	}
	sd := signedData{Version: 1, DigestAlgs: []pkix.AlgorithmIdentifier{hash}, Content: content{Type: oidData}, Signers: []signerInfo{signer}}
	if p.Token != nil {
		sd.Version, sd.Content = 3, content{TSTInfo, p.Token} // RFC 5652 5.1
	}
	if !p.Bare {
		certs := [][]byte{p.Certificate.Raw}
		for _, c := range p.Chain {
			certs = append(certs, c.Raw)
		}
		sd.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: setOf(certs)}
	}
	der, err := asn1.Marshal(sd)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}})
}
