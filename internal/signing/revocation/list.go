package revocation

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"time"
)

var (
	oidCRLNumber         = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidReason            = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvalidityDate    = asn1.ObjectIdentifier{2, 5, 29, 24}
	oidDelta             = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidScope             = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidEntryIssuer       = asn1.ObjectIdentifier{2, 5, 29, 29}
	oidDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidExpiredCerts      = asn1.ObjectIdentifier{2, 5, 29, 60}
)

// list judges a certificate revocation list.
func (q question) list(der []byte) (Status, error) {
	l, err := x509.ParseRevocationList(der)
	if err != nil || len(l.Raw) != len(der) {
		return Status{}, unusable(CRL, "malformed")
	}
	s := Status{Kind: CRL, Source: der, ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate}
	scope, since, err := readScope(l)
	if err != nil {
		return Status{}, err
	}
	if !scope.indirect && !bytes.Equal(l.RawIssuer, q.issuer.RawSubject) {
		return Status{}, errOther
	}
	if err := q.inScope(scope); err != nil {
		return Status{}, err
	}
	if s.Signer, err = q.listSigner(l, scope); err != nil {
		return Status{}, err
	}
	entry, found, err := q.entry(l, scope)
	if err != nil {
		return Status{}, err
	}
	if found {
		s.At, s.Reason = entry.RevocationTime, entry.ReasonCode
	}
	return q.settle(s, since)
}

// scope is what a list is about (RFC 5280 5.2.5).
type scope struct {
	names            [][]byte // of the distribution point; nil without one
	users, cas       bool     // only these
	indirect, others bool     // others: only some reasons, or attribute certificates
}

// readScope reads the extensions of a list. Those that change its meaning and are not known make it unusable.
func readScope(l *x509.RevocationList) (s scope, expiredSince time.Time, err error) {
	for _, e := range l.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			return s, expiredSince, unusable(CRL, "only the changes to another list")
		case e.Id.Equal(oidScope):
			if s, err = parseScope(e.Value); err != nil {
				return s, expiredSince, err
			}
		case e.Id.Equal(oidExpiredCerts):
			if _, err := asn1.UnmarshalWithParams(e.Value, &expiredSince, "generalized"); err != nil {
				return s, expiredSince, unusable(CRL, "malformed")
			}
		case e.Critical && !e.Id.Equal(oidCRLNumber):
			return s, expiredSince, unusable(CRL, "unknown critical extension %s", e.Id)
		}
	}
	return s, expiredSince, nil
}

func parseScope(der []byte) (scope, error) {
	var p struct {
		Point      asn1.RawValue  `asn1:"optional,tag:0"`
		Users      bool           `asn1:"optional,tag:1"`
		CAs        bool           `asn1:"optional,tag:2"`
		Reasons    asn1.BitString `asn1:"optional,tag:3"`
		Indirect   bool           `asn1:"optional,tag:4"`
		Attributes bool           `asn1:"optional,tag:5"`
	}
	if rest, err := asn1.Unmarshal(der, &p); err != nil || len(rest) > 0 {
		return scope{}, unusable(CRL, "malformed scope")
	}
	s := scope{users: p.Users, cas: p.CAs, indirect: p.Indirect, others: p.Attributes || p.Reasons.BitLength > 0}
	if len(p.Point.FullBytes) > 0 {
		s.names = pointNames(p.Point.Bytes)
		if s.names == nil {
			return scope{}, unusable(CRL, "scope of a form that is not known")
		}
	}
	return s, nil
}

// pointNames are the full names in a DistributionPointName, each as encoded.
func pointNames(der []byte) [][]byte {
	var full asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &full); err != nil || len(rest) > 0 || full.Class != asn1.ClassContextSpecific || full.Tag != 0 {
		return nil
	}
	return elements(full.Bytes)
}

// elements splits a sequence of encodings; nil when it is malformed or long.
func elements(der []byte) [][]byte {
	var out [][]byte
	for len(der) > 0 {
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(der, &raw)
		if err != nil || len(out) >= 50 {
			return nil
		}
		out, der = append(out, raw.FullBytes), rest
	}
	return out
}

// inScope reports whether a list with this scope speaks about our certificate.
func (q question) inScope(s scope) error {
	switch {
	case s.others, s.users && q.cert.IsCA, s.cas && !q.cert.IsCA:
		return unusable(CRL, "its scope leaves the certificate out")
	case s.names == nil:
		return nil
	}
	for _, p := range q.points() {
		for _, name := range p.names {
			if slices.ContainsFunc(s.names, func(n []byte) bool { return bytes.Equal(n, name) }) {
				return nil
			}
		}
	}
	return unusable(CRL, "of another distribution point")
}

// point is where the certificate says that its list is, and who issues it.
type point struct {
	names   [][]byte
	issuers [][]byte
}

func (q question) points() []point {
	var out []point
	for _, e := range q.cert.Extensions {
		if !e.Id.Equal(oidDistributionPoint) {
			continue
		}
		var list []struct {
			Name    asn1.RawValue  `asn1:"optional,tag:0"`
			Reasons asn1.BitString `asn1:"optional,tag:1"`
			Issuer  asn1.RawValue  `asn1:"optional,tag:2"`
		}
		if rest, err := asn1.Unmarshal(e.Value, &list); err != nil || len(rest) > 0 {
			return nil
		}
		for _, p := range list {
			out = append(out, point{names: pointNames(p.Name.Bytes), issuers: elements(p.Issuer.Bytes)})
		}
	}
	return out
}

// listSigner finds who signed a list: the issuer, or a delegate that the issuer itself certified for lists
// and, under another name, that the certificate names as issuer of its list (RFC 5280 6.3.3).
func (q question) listSigner(l *x509.RevocationList, s scope) (*x509.Certificate, error) {
	if l.CheckSignatureFrom(q.issuer) == nil && bytes.Equal(l.RawIssuer, q.issuer.RawSubject) {
		return q.issuer, nil
	}
	for _, c := range q.evidence.Certificates {
		switch {
		case !bytes.Equal(c.RawSubject, l.RawIssuer), c.KeyUsage&x509.KeyUsageCRLSign == 0,
			l.ThisUpdate.Before(c.NotBefore), l.ThisUpdate.After(c.NotAfter),
			!bytes.Equal(c.RawSubject, q.issuer.RawSubject) && !(s.indirect && q.namesListIssuer(c)),
			q.issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil,
			c.CheckSignature(l.SignatureAlgorithm, l.RawTBSRevocationList, l.Signature) != nil:
			continue
		}
		return c, nil
	}
	return nil, unusable(CRL, "signed by nobody who may")
}

// namesListIssuer reports whether the certificate says that c issues its list.
func (q question) namesListIssuer(c *x509.Certificate) bool {
	name, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawSubject})
	if err != nil {
		return false
	}
	return slices.ContainsFunc(q.points(), func(p point) bool {
		return slices.ContainsFunc(p.issuers, func(n []byte) bool { return bytes.Equal(n, name) })
	})
}

// entry finds our certificate in a list. In an indirect list each entry belongs to the issuer that was
// named last (RFC 5280 5.3.3).
func (q question) entry(l *x509.RevocationList, s scope) (found x509.RevocationListEntry, ok bool, err error) {
	whose := l.RawIssuer
	for _, e := range l.RevokedCertificateEntries {
		for _, x := range e.Extensions {
			switch {
			case x.Id.Equal(oidEntryIssuer) && s.indirect:
				if whose = directoryName(x.Value); whose == nil {
					return found, false, unusable(CRL, "malformed issuer of an entry")
				}
			case x.Critical && !x.Id.Equal(oidReason) && !x.Id.Equal(oidInvalidityDate):
				return found, false, unusable(CRL, "unknown critical extension of an entry %s", x.Id)
			}
		}
		if !ok && e.SerialNumber.Cmp(q.cert.SerialNumber) == 0 && bytes.Equal(whose, q.issuer.RawSubject) {
			found, ok = e, true
		}
	}
	return found, ok, nil
}

// directoryName is the one directory name in GeneralNames.
func directoryName(der []byte) []byte {
	var outer, name asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 || outer.Tag != asn1.TagSequence {
		return nil
	}
	if rest, err := asn1.Unmarshal(outer.Bytes, &name); err != nil || len(rest) > 0 || name.Class != asn1.ClassContextSpecific || name.Tag != 4 {
		return nil
	}
	return name.Bytes
}
