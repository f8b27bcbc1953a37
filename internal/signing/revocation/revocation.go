// Package revocation finds out whether a certificate was revoked, from lists (CRL, RFC 5280) and responses
// (OCSP, RFC 6960). Evaluate is pure: it takes what somebody collected and trusts nothing that the issuer,
// or who the issuer delegated, did not sign. Fetcher collects, by HTTP with limits. What cannot be found
// out is unknown, never good.
package revocation

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// State of a certificate.
type State string

// The closed list of states.
const (
	Good    State = "good"
	Revoked State = "revoked"
	Unknown State = "unknown"
)

// Kind of evidence.
type Kind string

// The two kinds.
const (
	OCSP Kind = "ocsp"
	CRL  Kind = "crl"
)

// Status is what the evidence says about a certificate at a moment. A certificate that was revoked after
// that moment is good, and At says since when it is not.
type Status struct {
	State      State
	At         time.Time // of the revocation; zero without one
	Reason     int       // RFC 5280 5.3.1
	Kind       Kind      // of the evidence that decided
	Source     []byte    // the evidence that decided, DER
	ThisUpdate time.Time
	NextUpdate time.Time         // zero when not stated
	Signer     *x509.Certificate // who signed the evidence: the issuer or its delegate
	Why        string            // when unknown: what was wrong with each piece of evidence; English
}

// Evidence is what was collected. Pieces that are about something else do no harm.
type Evidence struct {
	CRLs, OCSPs  [][]byte
	Certificates []*x509.Certificate // where delegates of the issuer may be among
	Now          time.Time           // evidence from later than this is not believed; no check when zero
}

// ErrIssuer means that the certificate was not issued by who is said to have issued it.
var ErrIssuer = errors.New("certificate was not issued by this issuer")

// Limits and tolerances.
const (
	clockSkew   = 5 * time.Minute
	undatedFor  = 24 * time.Hour // evidence without an end is taken this long
	maxEvidence = 200            // pieces that are looked at for one certificate
)

// Evaluate tells the state of cert, which issuer issued, at a moment. One sound piece that says revoked
// outweighs any number that say good; among equals the first decides, responses before lists, so that who
// puts the evidence of a file first learns whether the file brings enough of its own.
func Evaluate(cert, issuer *x509.Certificate, e Evidence, at time.Time) (Status, error) {
	if err := cert.CheckSignatureFrom(issuer); err != nil {
		return Status{State: Unknown}, fmt.Errorf("%w: %w", ErrIssuer, err)
	}
	q := question{cert: cert, issuer: issuer, evidence: e, at: at}
	best := Status{State: Unknown}
	var why []string
	take := func(s Status, err error) {
		switch {
		case errors.Is(err, errOther):
		case err != nil:
			why = append(why, err.Error())
		case best.State == Unknown, best.State == Good && s.State == Revoked:
			best = s
		}
	}
	for i, der := range e.OCSPs {
		if i < maxEvidence {
			take(q.response(der))
		}
	}
	for i, der := range e.CRLs {
		if i < maxEvidence {
			take(q.list(der))
		}
	}
	if best.State == Unknown {
		best.Why = strings.Join(why, "; ")
		if len(why) == 0 {
			best.Why = "no evidence about this certificate"
		}
	}
	return best, nil
}

// question is one certificate at one moment.
type question struct {
	cert, issuer *x509.Certificate
	evidence     Evidence
	at           time.Time
}

// errOther means that a piece of evidence is about something else.
var errOther = errors.New("about another certificate")

func unusable(kind Kind, format string, args ...any) error {
	return fmt.Errorf("%s: %s", kind, fmt.Sprintf(format, args...))
}

// hold is the one reason that can be taken back.
const hold = 6

// settle judges what a sound piece of evidence says. since tells from when on it keeps certificates that
// ended; zero when it does not say.
func (q question) settle(s Status, since time.Time) (Status, error) {
	if !q.evidence.Now.IsZero() && s.ThisUpdate.After(q.evidence.Now.Add(clockSkew)) {
		return s, unusable(s.Kind, "from the future")
	}
	s.State = Good
	if !s.At.IsZero() && !s.At.After(q.at) {
		s.State = Revoked
		if s.Reason != hold {
			return s, nil // for good: old evidence of it stays true
		}
	}
	if err := q.fresh(s); err != nil || !s.At.IsZero() {
		return s, err
	}
	// After its end a certificate may be forgotten: "not listed" says nothing any more.
	if s.ThisUpdate.After(q.cert.NotAfter) && (since.IsZero() || since.After(q.cert.NotAfter)) {
		return s, unusable(s.Kind, "made after the certificate's end, when it may be forgotten")
	}
	return s, nil
}

// fresh checks how long evidence may be used (EN 319 102-1 5.2.5). Evidence from after the moment tells more
// about it than evidence from before.
func (q question) fresh(s Status) error {
	switch {
	case !s.NextUpdate.IsZero() && s.NextUpdate.Before(s.ThisUpdate):
		return unusable(s.Kind, "ends before it begins")
	case !s.ThisUpdate.Before(q.at):
		return nil
	case s.NextUpdate.IsZero() && q.at.Sub(s.ThisUpdate) > undatedFor, !s.NextUpdate.IsZero() && s.NextUpdate.Before(q.at):
		return unusable(s.Kind, "expired")
	}
	return nil
}
