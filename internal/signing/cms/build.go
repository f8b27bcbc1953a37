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
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue // SET OF
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
	return attributeSet(tag.SET, []written{
		{oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(kind) }},
		{oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }},
		{oidSigningCertV2, func(b *cryptobyte.Builder) { addSigningCertificate(b, cert) }},
	})
}

// addSigningCertificate writes SigningCertificateV2 of RFC 5035 with SHA-256, the default algorithm, which DER
// leaves out.
func addSigningCertificate(b *cryptobyte.Builder, cert *x509.Certificate) {
	hash := sha256.Sum256(cert.Raw)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // SigningCertificateV2
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // list of certificates
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // ESSCertIDv2
				b.AddASN1OctetString(hash[:])
				b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // IssuerSerial
					b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // GeneralNames
						b.AddASN1(tag.Tag(4).Constructed().ContextSpecific(), bytesOf(cert.RawIssuer))
					})
					b.AddASN1BigInt(cert.SerialNumber)
				})
			})
		})
	})
}

// bytesOf writes what is written already.
func bytesOf(der []byte) cryptobyte.BuilderContinuation {
	return func(b *cryptobyte.Builder) { b.AddBytes(der) }
}

// written is an attribute with one value.
type written struct {
	oid   asn1.ObjectIdentifier
	value cryptobyte.BuilderContinuation
}

// attributeSet writes attributes under the tag of outer, in the order of DER.
func attributeSet(outer tag.Tag, list []written) ([]byte, error) {
	var set [][]byte
	for _, v := range list {
		var b cryptobyte.Builder
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(v.oid)
			b.AddASN1(tag.SET, v.value)
		})
		der, err := b.Bytes()
		if err != nil {
			return nil, err
		}
		set = append(set, der)
	}
	var b cryptobyte.Builder
	b.AddASN1(outer, bytesOf(setOf(set)))
	return b.Bytes()
}

// setOf orders encodings as DER asks for a SET OF (X.690 11.6).
func setOf(list [][]byte) []byte {
	if len(list) == 1 {
		return list[0]
	}
	list = slices.Clone(list)
	slices.SortFunc(list, slices.Compare)
	return slices.Concat(list...)
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
	signer, err := p.signerInfo()
	if err != nil {
		return nil, err
	}
	hash, err := p.hash()
	if err != nil {
		return nil, err
	}
	var certs [][]byte
	if !p.Bare {
		certs = append(certs, p.Certificate.Raw)
		for _, c := range p.Chain {
			certs = append(certs, c.Raw)
		}
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // ContentInfo
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { // SignedData
				if p.Token != nil {
					b.AddASN1Int64(3) // RFC 5652 5.1
				} else {
					b.AddASN1Int64(1)
				}
				b.AddASN1(tag.SET, bytesOf(hash))
				p.addContent(b)
				if certs != nil {
					b.AddASN1(explicit(0), bytesOf(setOf(certs)))
				}
				b.AddASN1(tag.SET, bytesOf(signer))
			})
		})
	})
	return b.Bytes()
}

// explicit is a constructed tag of the context.
func explicit(n uint8) tag.Tag { return tag.Tag(n).Constructed().ContextSpecific() }

// addContent names the kind of content, and holds it for a timestamp token.
func (p Parts) addContent(b *cryptobyte.Builder) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		if p.Token == nil {
			b.AddASN1ObjectIdentifier(oidData)
			return
		}
		b.AddASN1ObjectIdentifier(TSTInfo)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(p.Token) })
	})
}

// hash is the identifier of the hash, in DER.
func (p Parts) hash() ([]byte, error) {
	id, _ := HashIdentifier(p.Algorithm.Hash)
	return asn1.Marshal(id)
}

// signerInfo is the one SignerInfo (RFC 5652 5.3).
func (p Parts) signerInfo() ([]byte, error) {
	id, err := p.Algorithm.identifier(p.Certificate)
	if err != nil {
		return nil, err
	}
	algorithm, err := asn1.Marshal(id)
	if err != nil {
		return nil, err
	}
	hash, err := p.hash()
	if err != nil {
		return nil, err
	}
	var set cryptobyte.String
	if rest := cryptobyte.String(p.Attributes); !rest.ReadASN1(&set, tag.SET) || !rest.Empty() {
		return nil, errors.New("signed attributes are no set")
	}
	var unsigned []byte
	if p.Timestamp != nil {
		if unsigned, err = attributeSet(explicit(1), []written{{oidTimestamp, bytesOf(p.Timestamp)}}); err != nil {
			return nil, fmt.Errorf("write timestamp: %w", err)
		}
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(p.Certificate.RawIssuer)
			b.AddASN1BigInt(p.Certificate.SerialNumber)
		})
		b.AddBytes(hash)
		b.AddASN1(explicit(0), bytesOf(set))
		b.AddBytes(algorithm)
		b.AddASN1OctetString(p.Value)
		b.AddBytes(unsigned)
	})
	return b.Bytes()
}
