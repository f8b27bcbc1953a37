package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// Errors of keys that nothing is signed with.
var (
	errNoKey = errors.New("key is neither RSA of 2048 bits or more nor ECDSA on P-256 or P-384")
	errHash  = errors.New("hash is neither SHA-256 nor SHA-384 nor SHA-512")
)

// Algorithm is how a value is made with a key: the hash, of the content and of the attributes alike
// (RFC 8933 3.1), and for RSA the padding: PKCS #1 v1.5, or PSS with a salt as long as the hash.
type Algorithm struct {
	Hash crypto.Hash
	PSS  bool
}

// Usual is SHA-256 with PKCS #1 v1.5 or ECDSA, what every provider and reader knows.
var Usual = Algorithm{Hash: crypto.SHA256}

// Digest is the hash that is signed: that of the DER of the signed attributes.
func (a Algorithm) Digest(attributes []byte) []byte {
	h := a.Hash.New()
	h.Write(attributes)
	return h.Sum(nil)
}

// Options are what a crypto.Signer is asked with.
func (a Algorithm) Options() crypto.SignerOpts {
	if a.PSS {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: a.Hash}
	}
	return a.Hash
}

// Sign makes the value over the attributes by a key that may lie anywhere.
func (a Algorithm) Sign(key crypto.Signer, attributes []byte) ([]byte, error) {
	return key.Sign(rand.Reader, a.Digest(attributes), a.Options())
}

// Check reports whether value is the signature over the attributes by the key of cert. Who gets a value
// from a provider or a token asks before it goes into a file.
func (a Algorithm) Check(cert *x509.Certificate, attributes, value []byte) error {
	id, err := a.identifier(cert)
	if err != nil {
		return err
	}
	s, err := readScheme(id)
	if err != nil {
		return err
	}
	s.hash = a.Hash // the identifier for RSA names the key only
	return s.check(cert, a.Digest(attributes), value)
}

// pss are the parameters of RSASSA-PSS (RFC 4055 3.1), all of them written.
type pss struct {
	Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
	MGF  pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
	Salt int                      `asn1:"explicit,tag:2"`
}

// identifier names the algorithm for a certificate's key; an error when nothing may be signed so.
func (a Algorithm) identifier(cert *x509.Certificate) (pkix.AlgorithmIdentifier, error) {
	hash, ok := HashIdentifier(a.Hash)
	if !ok {
		return pkix.AlgorithmIdentifier{}, errHash
	}
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < 2048 { // TT 15/2025/TT-BKHCN
			return pkix.AlgorithmIdentifier{}, errNoKey
		}
		if !a.PSS {
			return pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}, nil
		}
		inner, err := asn1.Marshal(hash)
		if err != nil {
			return pkix.AlgorithmIdentifier{}, err
		}
		params, err := asn1.Marshal(pss{hash, pkix.AlgorithmIdentifier{Algorithm: oidMGF1,
			Parameters: asn1.RawValue{FullBytes: inner}}, a.Hash.Size()})
		return pkix.AlgorithmIdentifier{Algorithm: oidPSS, Parameters: asn1.RawValue{FullBytes: params}}, err
	case *ecdsa.PublicKey:
		if n := key.Curve.Params().BitSize; n != 256 && n != 384 {
			return pkix.AlgorithmIdentifier{}, errNoKey
		}
		oid := map[crypto.Hash]asn1.ObjectIdentifier{crypto.SHA256: oidECDSAWithSHA256, crypto.SHA384: oidECDSAWithSHA384,
			crypto.SHA512: oidECDSAWithSHA512}[a.Hash]
		return pkix.AlgorithmIdentifier{Algorithm: oid}, nil
	}
	return pkix.AlgorithmIdentifier{}, errNoKey
}

// scheme is a signature algorithm as it was read. Hash is 0 when the identifier names only the key.
type scheme struct {
	hash crypto.Hash
	pss  *rsa.PSSOptions
	ec   bool
}

// readScheme reads the identifier of a signature algorithm.
func readScheme(id pkix.AlgorithmIdentifier) (scheme, error) {
	switch oid := id.Algorithm; {
	case oid.Equal(oidRSA):
		return scheme{}, nil
	case oid.Equal(oidEC):
		return scheme{ec: true}, nil
	case oid.Equal(oidRSAWithSHA1):
		return scheme{hash: crypto.SHA1}, nil
	case oid.Equal(oidRSAWithSHA256):
		return scheme{hash: crypto.SHA256}, nil
	case oid.Equal(oidRSAWithSHA384):
		return scheme{hash: crypto.SHA384}, nil
	case oid.Equal(oidRSAWithSHA512):
		return scheme{hash: crypto.SHA512}, nil
	case oid.Equal(oidECDSAWithSHA1):
		return scheme{hash: crypto.SHA1, ec: true}, nil
	case oid.Equal(oidECDSAWithSHA256):
		return scheme{hash: crypto.SHA256, ec: true}, nil
	case oid.Equal(oidECDSAWithSHA384):
		return scheme{hash: crypto.SHA384, ec: true}, nil
	case oid.Equal(oidECDSAWithSHA512):
		return scheme{hash: crypto.SHA512, ec: true}, nil
	case oid.Equal(oidPSS):
		hash, options, err := pssParameters(id.Parameters)
		return scheme{hash: hash, pss: options}, err
	}
	return scheme{}, fmt.Errorf("%w: signature algorithm", ErrUnsupported)
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
	hash := HashOf(p.Hash.Algorithm)
	if err != nil || hash == 0 || !p.MGF.Algorithm.Equal(oidMGF1) || HashOf(inner.Algorithm) != hash ||
		p.Salt < 0 || p.Salt > 512 || p.Trailer != 1 {
		return 0, nil, fmt.Errorf("%w: PSS parameters", ErrUnsupported)
	}
	return hash, &rsa.PSSOptions{SaltLength: p.Salt, Hash: hash}, nil
}

// CheckValue checks a signature over data by the key of cert, under an algorithm that names its hash (as
// in OCSP responses). SHA-1 is not taken.
func CheckValue(cert *x509.Certificate, id pkix.AlgorithmIdentifier, data, value []byte) error {
	s, err := readScheme(id)
	if err != nil {
		return err
	}
	if s.hash == 0 {
		s.hash = crypto.SHA256
	}
	if s.hash == crypto.SHA1 {
		return fmt.Errorf("%w: SHA-1", ErrUnsupported)
	}
	h := s.hash.New()
	h.Write(data)
	return s.check(cert, h.Sum(nil), value)
}

// check checks a value over a digest.
func (s scheme) check(cert *x509.Certificate, digest, value []byte) error {
	ok := false
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		switch {
		case key.N.BitLen() > 8192:
			return fmt.Errorf("%w: key too long", ErrUnsupported)
		case s.ec:
		case s.pss != nil:
			ok = rsa.VerifyPSS(key, s.hash, digest, value, s.pss) == nil
		default:
			ok = rsa.VerifyPKCS1v15(key, s.hash, digest, value) == nil
		}
	case *ecdsa.PublicKey:
		ok = s.ec && ecdsa.VerifyASN1(key, digest, value)
	default:
		return fmt.Errorf("%w: key", ErrUnsupported)
	}
	if !ok {
		return ErrSignature
	}
	return nil
}
