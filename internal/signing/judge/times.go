package judge

import (
	"slices"
	"time"

	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/tsp"
)

// existence is what a proven document timestamp says: everything before end, and these revocation data
// in it, existed at a moment.
type existence struct {
	end      int64
	at       time.Time
	evidence map[string]bool
}

// proveTimes finds for every signature and timestamp the earliest moment at which it is known to have
// existed. It goes from the newest document timestamp to the oldest, because each proves those before it
// (EN 319 102-1 5.6.2): a timestamp whose authority's certificate has ended counts if a newer one covers it.
func (j *judging) proveTimes() {
	for _, c := range slices.Backward(j.found) {
		if c.token == nil {
			continue
		}
		at := j.knownSince(c.end)
		if reason, finding := j.proven(c.token, c, at); reason != "" {
			c.fail(reason, finding)
			best := at
			c.out.BestTime = &best
			continue
		}
		best := c.token.Time
		c.out.BestTime, c.out.TimeProven = &best, true
		c.out.Revocation = RevocationGood
		j.proofs = append(j.proofs, existence{end: c.end, at: c.token.Time, evidence: j.evidenceIn(c.revision)})
	}
	for _, c := range j.found {
		if c.message != nil {
			j.signatureTime(c)
		}
	}
}

// knownSince is the earliest moment at which a revision is known to have existed by timestamps after it;
// the moment of judging when there are none.
func (j *judging) knownSince(end int64) time.Time {
	at := j.opts.At
	for _, p := range j.proofs {
		if p.end > end && p.at.Before(at) {
			at = p.at
		}
	}
	return at
}

// signatureTime finds the best time of a signature: that of the oldest proven timestamp over it.
func (j *judging) signatureTime(c *candidate) {
	c.best = j.knownSince(c.end)
	c.out.TimeProven = c.best.Before(j.opts.At)
	for _, raw := range c.message.Timestamps {
		t, err := tsp.Parse(raw)
		if err != nil {
			c.say(NoteBadTimestamp)
			continue
		}
		h := t.Hash.New()
		h.Write(c.message.Value())
		if err := t.Verify(h.Sum(nil), tsp.Options{Roots: j.opts.TSA, Extra: j.certs}); err != nil && t.Chain == nil && !untrusted(err) {
			c.say(NoteBadTimestamp)
			continue
		}
		reason, _ := j.proven(&t, c, c.best)
		switch {
		case reason != "":
			c.say(NoteTimestamp)
		case t.Time.Before(c.best):
			c.best, c.out.TimeProven = t.Time, true
			if trial(t.Certificate, j.opts) {
				c.say(NoteTrialTime)
			}
		}
	}
}

// proven judges whether a genuine token may be believed at a moment: its authority leads to the TSA list,
// was valid both then and when it stamped, is not revoked, and its time is not after the moment.
func (j *judging) proven(t *tsp.Token, c *candidate, at time.Time) (reason, finding string) {
	if t.Certificate == nil {
		return Garbled, "no certificate"
	}
	if err := tsp.Fit(t.Certificate); err != nil {
		return Unfit, err.Error()
	}
	if t.Weak && !t.Time.Before(weakUntil) {
		return WeakCrypto, "SHA-1 or a short key"
	}
	chain, err := j.path(t.Certificate, j.opts.TSA, t.Certificates, at)
	switch {
	case err != nil && rank(err) == 1:
		return Expired, err.Error()
	case err != nil && rank(err) == 2:
		return Unfit, err.Error()
	case err != nil:
		return Untrusted, err.Error()
	case t.Time.Before(t.Certificate.NotBefore) || t.Time.After(t.Certificate.NotAfter):
		return Expired, "certificate of the timestamp authority"
	case slices.ContainsFunc(chain, weakKey) && !t.Time.Before(weakUntil):
		return WeakCrypto, "a short key"
	case t.Time.After(at.Add(clockSkew)):
		return OutOfOrder, "timestamp is later than one that covers it"
	}
	if c.token == t {
		c.anchored, c.out.TrustList = true, TSAList
	}
	for i, cert := range chain[:len(chain)-1] {
		s := j.status(cert, chain[i+1], at)
		switch s.State {
		case revocation.Revoked:
			return MaybeRevoked, "certificate of the timestamp authority was revoked"
		case revocation.Unknown:
			return NoEvidence, s.Why
		}
		c.evidence = append(c.evidence, string(s.Source))
	}
	return "", ""
}

// level says what a signature has, by what was used (EN 319 142-1 6): B-T with a proven time, B-LT when the
// file itself brings all revocation data, B-LTA when a document timestamp covers these.
func (j *judging) level(c *candidate) {
	if !c.out.TimeProven || c.out.Level == CMS {
		return
	}
	c.out.Level = BT
	if c.out.Revocation != RevocationGood {
		return
	}
	inside := j.evidenceIn(j.d)
	for _, m := range [][][]byte{c.message.CRLs, c.message.OCSPs} {
		for _, der := range m {
			inside[string(der)] = true
		}
	}
	if slices.ContainsFunc(c.evidence, func(e string) bool { return !inside[e] }) {
		return
	}
	c.out.Level = BLT
	for _, p := range j.proofs {
		covered := p.end > c.end && !slices.ContainsFunc(c.evidence, func(e string) bool { return !p.evidence[e] && !carries(c, e) })
		if covered {
			c.out.Level = BLTA
		}
	}
}

// carries reports whether the message itself brings a piece of evidence.
func carries(c *candidate, e string) bool {
	is := func(der []byte) bool { return string(der) == e }
	return slices.ContainsFunc(c.message.CRLs, is) || slices.ContainsFunc(c.message.OCSPs, is)
}
