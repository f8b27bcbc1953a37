package judge

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"nghisu/internal/signing/revocation"
)

// weakUntil is when SHA-1 and RSA below 2048 bits ended for signatures. Only what is proven to be older
// is taken, and marked.
var weakUntil = time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)

// clockSkew is how far clocks may differ.
const clockSkew = 5 * time.Minute

// trust judges chain, revocation and level of a signature at its best time.
func (j *judging) trust(c *candidate) {
	best := c.best
	c.out.BestTime = &best
	cert := c.proof.Certificate
	if !c.out.TimeProven {
		c.say(NoteNoTimestamp)
	}
	chain := j.chain(c, cert, best)
	if chain == nil {
		return
	}
	c.anchored = true
	j.fit(c, cert, chain)
	j.revocation(c, chain, best)
	j.level(c)
}

// fit checks what the certificate is for, what binds it, and how strong the cryptography is.
func (j *judging) fit(c *candidate, cert *x509.Certificate, chain []*x509.Certificate) {
	weak := c.proof.Weak || slices.ContainsFunc(chain, weakKey)
	switch {
	case weak && c.out.TimeProven && c.best.Before(weakUntil):
		c.say(NoteWeak)
	case weak && c.out.Claimed != nil && c.out.Claimed.Before(weakUntil):
		c.fail(WeakOnceFine, "SHA-1 or a short key")
	case weak:
		c.fail(WeakCrypto, "SHA-1 or a short key")
	}
	if why := unfit(cert, len(chain) == 1); why != "" {
		c.fail(Unfit, why)
	}
	switch {
	case c.proof.Bound:
	case c.out.Level == CMS:
		c.say(NoteNotBound)
	default:
		c.fail(NotBound, "no signing certificate attribute")
	}
	if c.out.Claimed == nil {
		return
	}
	switch {
	case c.out.Claimed.After(j.opts.Now.Add(clockSkew)):
		c.fail(FromTheFuture, "claimed time")
	case c.out.TimeProven && c.out.Claimed.After(c.best.Add(clockSkew)):
		c.say(NoteClaimedAfter)
	}
}

func weakKey(c *x509.Certificate) bool {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() < 2048
	case *ecdsa.PublicKey:
		return key.Curve.Params().BitSize < 256
	}
	return false
}

// unfit tells why a certificate must not sign documents; empty when it may. An anchor that signs itself
// may be an authority's.
func unfit(c *x509.Certificate, anchor bool) string {
	signing := x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case c.IsCA && !anchor:
		return "certificate of an authority"
	case c.KeyUsage != 0 && c.KeyUsage&signing == 0:
		return "key usage"
	}
	if len(c.ExtKeyUsage) == 0 || len(c.UnknownExtKeyUsage) > 0 {
		return ""
	}
	for _, u := range c.ExtKeyUsage {
		switch u {
		case x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageOCSPSigning:
		default:
			return ""
		}
	}
	return "extended key usage"
}

// chain finds a way from the certificate to an anchor of a list that was valid at a moment, and says why
// there is none. Path length, key usage and name constraints of authorities are checked on the way.
func (j *judging) chain(c *candidate, cert *x509.Certificate, at time.Time) []*x509.Certificate {
	var why error
	for _, l := range j.opts.Lists {
		chain, err := j.path(cert, l.Anchors, c.carried(), at)
		if err == nil {
			c.out.TrustList = l.Name
			return chain
		}
		if why == nil || rank(err) > rank(why) {
			why = err
		}
	}
	if why == nil {
		c.fail(Untrusted, "no trust list")
		return nil
	}
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(why, &invalid) && invalid.Reason == x509.Expired:
		j.outOfBounds(c, cert, why)
	case rank(why) == 0:
		c.fail(Untrusted, why.Error())
	default:
		c.fail(Unfit, why.Error())
	}
	return nil
}

// rank orders errors of paths by how near they came.
func rank(err error) int {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &authority):
		return 0
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return 1
	}
	return 2
}

// outOfBounds judges a certificate that was not valid at the best time. One that nobody we trust ever
// issued is no better for that.
func (j *judging) outOfBounds(c *candidate, cert *x509.Certificate, why error) {
	middle := cert.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore) / 2)
	found := slices.ContainsFunc(j.opts.Lists, func(l TrustList) bool {
		_, err := j.path(cert, l.Anchors, c.carried(), middle)
		return err == nil || rank(err) == 1
	})
	switch {
	case !found:
		c.fail(Untrusted, why.Error())
	case c.best.Before(cert.NotBefore):
		c.fail(SignedTooSoon, why.Error())
	case c.best.After(cert.NotAfter) && c.out.Claimed != nil && c.out.Claimed.After(cert.NotAfter):
		c.fail(SignedTooLate, why.Error())
	default:
		c.fail(Expired, why.Error())
	}
}

// carried are the certificates that the message itself brings.
func (c *candidate) carried() []*x509.Certificate {
	switch {
	case c.message != nil:
		return c.message.Certificates
	case c.token != nil:
		return c.token.Certificates
	}
	return nil
}

// path is a chain to one of the anchors, valid at a moment.
func (j *judging) path(cert *x509.Certificate, anchors, carried []*x509.Certificate, at time.Time) ([]*x509.Certificate, error) {
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range anchors {
		roots.AddCert(a)
	}
	for _, list := range [][]*x509.Certificate{carried, j.certs} {
		for _, a := range list {
			middle.AddCert(a)
		}
	}
	chains, err := cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

// revocation asks about every certificate of a chain but its anchor.
func (j *judging) revocation(c *candidate, chain []*x509.Certificate, at time.Time) {
	known := true
	for i, cert := range chain[:len(chain)-1] {
		s := j.status(cert, chain[i+1], at)
		switch s.State {
		case revocation.Revoked:
			c.evidence = append(c.evidence, string(s.Source))
			c.out.Revocation = RevocationRevoked
			j.failRevoked(c, i, s.At)
			return
		case revocation.Unknown:
			known = false
			c.fail(NoEvidence, s.Why)
			continue
		}
		c.evidence = append(c.evidence, string(s.Source))
		if !s.At.IsZero() {
			c.say(NoteRevokedLater)
		}
	}
	if known {
		c.out.Revocation = RevocationGood
	}
}

// failRevoked judges by what the signer says about the time. The signer who claims a time after the
// revocation has signed after it; the one who claims an earlier time has not proven it.
func (j *judging) failRevoked(c *candidate, place int, revoked time.Time) {
	// a revocation outweighs what only could not be found out
	if c.out.Status == Indeterminate {
		c.out.Status = ""
	}
	switch {
	case place > 0:
		c.fail(IssuerRevoked, "an authority was revoked")
	case c.out.Claimed != nil && c.out.Claimed.Before(revoked):
		c.fail(MaybeRevoked, "revoked at "+revoked.UTC().Format(time.RFC3339))
	default:
		c.fail(WasRevoked, "revoked at "+revoked.UTC().Format(time.RFC3339))
	}
}

// status asks the evidence about one certificate, and notes what is missing.
func (j *judging) status(cert, issuer *x509.Certificate, at time.Time) revocation.Status {
	s, err := revocation.Evaluate(cert, issuer, revocation.Evidence{CRLs: j.crls, OCSPs: j.ocsps, Certificates: j.certs, Now: j.opts.Now}, at)
	if err != nil {
		s = revocation.Status{State: revocation.Unknown, Why: err.Error()}
	}
	if s.State == revocation.Unknown {
		j.need(cert, issuer)
	}
	return s
}

// need asks for evidence about a certificate, once.
func (j *judging) need(cert, issuer *x509.Certificate) {
	for _, n := range j.needs {
		if string(n.Certificate) == string(cert.Raw) {
			return
		}
	}
	j.needs = append(j.needs, Need{Certificate: cert.Raw, Issuer: issuer.Raw, OCSP: cert.OCSPServer,
		CRL: cert.CRLDistributionPoints, AIA: cert.IssuingCertificateURL})
}
