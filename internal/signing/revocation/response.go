package revocation

import (
	"bytes"
	"crypto"
	"crypto/sha1" //nolint:gosec // names keys and certificates in OCSP, protects nothing
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"nghisu/internal/signing/cms"
)

var (
	oidBasicResponse = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidNonce         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidNoCheck       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidArchiveCutoff = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
)

type ocspResponse struct {
	Status asn1.Enumerated
	Body   struct {
		Type  asn1.ObjectIdentifier
		Basic []byte
	} `asn1:"explicit,tag:0,optional"`
}

type basicResponse struct {
	Data         responseData
	Algorithm    pkix.AlgorithmIdentifier
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

type responseData struct {
	Raw        asn1.RawContent
	Version    int `asn1:"optional,default:0,explicit,tag:0"`
	Responder  asn1.RawValue
	ProducedAt time.Time `asn1:"generalized"`
	Responses  []singleResponse
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type certID struct {
	Hash   pkix.AlgorithmIdentifier
	Name   []byte
	Key    []byte
	Serial *big.Int
}

type singleResponse struct {
	ID         certID
	Good       asn1.Flag        `asn1:"tag:0,optional"`
	Revoked    revokedInfo      `asn1:"tag:1,optional"`
	Unknown    asn1.Flag        `asn1:"tag:2,optional"`
	ThisUpdate time.Time        `asn1:"generalized"`
	NextUpdate time.Time        `asn1:"generalized,explicit,tag:0,optional"`
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type revokedInfo struct {
	At     time.Time       `asn1:"generalized"`
	Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
}

// response judges an OCSP response.
func (q question) response(der []byte) (Status, error) {
	basic, err := parseResponse(der)
	if err != nil {
		return Status{}, err
	}
	i := slices.IndexFunc(basic.Data.Responses, func(r singleResponse) bool { return q.names(r.ID) })
	if i < 0 {
		return Status{}, errOther
	}
	single := basic.Data.Responses[i]
	for _, e := range slices.Concat(basic.Data.Extensions, single.Extensions) {
		if e.Critical && !e.Id.Equal(oidNonce) && !e.Id.Equal(oidArchiveCutoff) {
			return Status{}, unusable(OCSP, "unknown critical extension %s", e.Id)
		}
	}
	s := Status{Kind: OCSP, Source: der, ThisUpdate: single.ThisUpdate, NextUpdate: single.NextUpdate}
	if s.Signer, err = q.responder(basic); err != nil {
		return Status{}, err
	}
	switch {
	case !single.Revoked.At.IsZero():
		s.At, s.Reason = single.Revoked.At, int(single.Revoked.Reason)
	case bool(single.Unknown) || !bool(single.Good):
		return Status{}, unusable(OCSP, "responder does not know the certificate")
	}
	return q.settle(s, archiveCutoff(single.Extensions))
}

func parseResponse(der []byte) (basicResponse, error) {
	var outer ocspResponse
	var basic basicResponse
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		return basic, unusable(OCSP, "malformed")
	}
	if outer.Status != 0 {
		return basic, unusable(OCSP, "responder says error %d", outer.Status)
	}
	if rest, err := asn1.Unmarshal(outer.Body.Basic, &basic); err != nil || len(rest) > 0 || !outer.Body.Type.Equal(oidBasicResponse) {
		return basic, unusable(OCSP, "malformed")
	}
	return basic, nil
}

// names reports whether an identifier is that of our certificate: hashes of the issuer's name and key, and
// the serial number.
func (q question) names(id certID) bool {
	hash := cms.HashOf(id.Hash.Algorithm)
	if hash == 0 || id.Serial.Cmp(q.cert.SerialNumber) != 0 {
		return false
	}
	key, ok := keyBits(q.issuer)
	return ok && bytes.Equal(id.Name, sum(hash, q.issuer.RawSubject)) && bytes.Equal(id.Key, sum(hash, key))
}

func sum(hash crypto.Hash, b []byte) []byte {
	h := hash.New()
	h.Write(b)
	return h.Sum(nil)
}

// keyBits are the bits of a certificate's public key, without the algorithm.
func keyBits(c *x509.Certificate) ([]byte, bool) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	_, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &info)
	return info.Key.RightAlign(), err == nil
}

// responder finds who signed the response: the issuer, or a delegate that the issuer itself certified for
// this (RFC 6960 4.2.2.2).
func (q question) responder(b basicResponse) (*x509.Certificate, error) {
	candidates := []*x509.Certificate{q.issuer}
	for i, raw := range b.Certificates {
		if i >= 20 {
			break
		}
		if c, err := x509.ParseCertificate(raw.FullBytes); err == nil {
			candidates = append(candidates, c)
		}
	}
	why := "signed by nobody who may"
	for _, c := range append(candidates, q.evidence.Certificates...) {
		if !isResponder(b.Data.Responder, c) {
			continue
		}
		if !c.Equal(q.issuer) {
			if reason := q.unfitDelegate(c, b.Data.ProducedAt); reason != "" {
				why = reason
				continue
			}
		}
		if err := cms.CheckValue(c, b.Algorithm, b.Data.Raw, b.Signature.RightAlign()); err != nil {
			why = "signature is wrong"
			continue
		}
		return c, nil
	}
	return nil, unusable(OCSP, "%s", why)
}

// isResponder reports whether a responder's identifier, by name or by hash of the key, is that of c.
func isResponder(id asn1.RawValue, c *x509.Certificate) bool {
	switch {
	case id.Class != asn1.ClassContextSpecific:
	case id.Tag == 1:
		return bytes.Equal(id.Bytes, c.RawSubject)
	case id.Tag == 2:
		var hash []byte
		rest, err := asn1.Unmarshal(id.Bytes, &hash)
		key, ok := keyBits(c)
		want := sha1.Sum(key) //nolint:gosec // as the norm asks
		return err == nil && len(rest) == 0 && ok && bytes.Equal(hash, want[:])
	}
	return false
}

// unfitDelegate says why a certificate may not answer for the issuer; empty when it may.
func (q question) unfitDelegate(c *x509.Certificate, at time.Time) string {
	switch {
	case !bytes.Equal(c.RawIssuer, q.issuer.RawSubject) || q.issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil:
		return "responder is a stranger"
	case !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return "responder's certificate is not for responses"
	case at.Before(c.NotBefore) || at.After(c.NotAfter):
		return "responder's certificate was not valid"
	case slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNoCheck) }):
		return ""
	}
	own := question{cert: c, issuer: q.issuer, evidence: q.evidence, at: at}
	for i, der := range q.evidence.CRLs {
		if i >= maxEvidence {
			break
		}
		if s, err := own.list(der); err == nil && s.State == Revoked {
			return "responder's certificate was revoked"
		}
	}
	return ""
}

func archiveCutoff(list []pkix.Extension) (t time.Time) {
	for _, e := range list {
		if e.Id.Equal(oidArchiveCutoff) {
			if _, err := asn1.UnmarshalWithParams(e.Value, &t, "generalized"); err != nil {
				return time.Time{}
			}
		}
	}
	return t
}
