// Package cms writes and reads the cryptographic message of a PDF signature: a detached SignedData of
// RFC 5652 with the attributes of CAdES (ETSI EN 319 122-1), one signer. It does not decide about trust.
package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
)

// Object identifiers that messages are made of.
var (
	oidData             = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCert      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA1             = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256           = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384           = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512           = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidRSA              = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSAWithSHA1      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}
	oidPSS              = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidRSAWithSHA256    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidRSAWithSHA384    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}
	oidRSAWithSHA512    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}
	oidMGF1             = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidECDSAWithSHA1    = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}
	oidECDSAWithSHA256  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidECDSAWithSHA384  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
	oidECDSAWithSHA512  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}
	oidEC               = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	asn1Null            = asn1.RawValue{Tag: asn1.TagNull}
	sha256Algorithm     = pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	errNoKey            = errors.New("key is neither RSA nor ECDSA")
	errUnsupportedCurve = errors.New("curve is neither P-256 nor P-384")
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

// SignedAttributes is the DER of the attributes that are signed: content type, digest of the content
// (SHA-256), and the hash of the signer's certificate. No signing time: PAdES keeps it in the PDF
// (ETSI EN 319 142-1 6.3). The hash to be signed is the SHA-256 of these bytes.
func SignedAttributes(digest [sha256.Size]byte, cert *x509.Certificate) ([]byte, error) {
	hash := sha256.Sum256(cert.Raw)
	id := essCertIDv2{Hash: hash[:]}
	id.IssuerSerial.Serial = cert.SerialNumber
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: cert.RawIssuer}
	inner, err := asn1.Marshal(name)
	if err != nil {
		return nil, err
	}
	id.IssuerSerial.Issuer = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: inner}
	values := []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData},
		{oidMessageDigest, digest[:]},
		{oidSigningCertV2, struct{ Certs []essCertIDv2 }{[]essCertIDv2{id}}},
	}
	var set [][]byte
	for _, v := range values {
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
	slices.SortFunc(set, func(a, b []byte) int { return slices.Compare(a, b) }) // DER orders sets
	return asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: slices.Concat(set...)})
}

// Sign signs the attributes with SHA-256 and a key that may lie anywhere: RSA with PKCS #1 v1.5, ECDSA.
func Sign(random io.Reader, key crypto.Signer, attributes []byte) ([]byte, error) {
	hash := sha256.Sum256(attributes)
	return key.Sign(random, hash[:], crypto.SHA256)
}

type signerInfo struct {
	Version    int
	ID         issuerAndSerial
	DigestAlg  pkix.AlgorithmIdentifier
	Attributes asn1.RawValue // [0] IMPLICIT
	SigAlg     pkix.AlgorithmIdentifier
	Signature  []byte
}

type signedData struct {
	Version      int
	DigestAlgs   []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      struct{ Type asn1.ObjectIdentifier }
	Certificates asn1.RawValue // [0] IMPLICIT
	Signers      []signerInfo  `asn1:"set"`
}

// Assemble makes the message from its signed attributes and the raw signature value. chain holds the
// certificates above cert, without the root.
func Assemble(attributes, signature []byte, cert *x509.Certificate, chain []*x509.Certificate) ([]byte, error) {
	alg, err := signatureAlgorithm(cert)
	if err != nil {
		return nil, err
	}
	var set asn1.RawValue
	if rest, err := asn1.Unmarshal(attributes, &set); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("read signed attributes: %w", errors.Join(err, errors.New("no set")))
	}
	certs := slices.Clone(cert.Raw)
	for _, c := range chain {
		certs = append(certs, c.Raw...)
	}
	sd := signedData{Version: 1, DigestAlgs: []pkix.AlgorithmIdentifier{sha256Algorithm},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certs}}
	sd.Content.Type = oidData
	sd.Signers = []signerInfo{{Version: 1,
		ID:         issuerAndSerial{asn1.RawValue{FullBytes: cert.RawIssuer}, cert.SerialNumber},
		DigestAlg:  sha256Algorithm,
		Attributes: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: set.Bytes},
		SigAlg:     alg, Signature: signature}}
	der, err := asn1.Marshal(sd)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}})
}

func signatureAlgorithm(cert *x509.Certificate) (pkix.AlgorithmIdentifier, error) {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1Null}, nil
	case *ecdsa.PublicKey:
		if n := key.Curve.Params().BitSize; n != 256 && n != 384 {
			return pkix.AlgorithmIdentifier{}, errUnsupportedCurve
		}
		return pkix.AlgorithmIdentifier{Algorithm: oidECDSAWithSHA256}, nil
	}
	return pkix.AlgorithmIdentifier{}, errNoKey
}
