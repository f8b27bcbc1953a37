package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"nghisu/internal/signing/revocation"
)

// Evidence is one revocation list or response, DER.
type Evidence struct {
	Kind revocation.Kind
	Body []byte
}

// Give adds a piece of evidence.
func (o *Options) Give(e Evidence) {
	if e.Kind == revocation.OCSP {
		o.OCSPs = append(slices.Clip(o.OCSPs), e.Body)
	} else {
		o.CRLs = append(slices.Clip(o.CRLs), e.Body)
	}
}

// maxRounds limits how often a file is judged again with what was fetched in between: for the signer's
// chain, for that of a timestamp that counts then, and once more.
const maxRounds = 3

// Rounds judges, asks for what is missing, and judges again, for whoever may ask: once runs where files of
// strangers are read, ask where there is a network. What nobody tells stays unknown. The pieces of
// evidence that were given and decided something come back as well.
func Rounds(opts Options, given []Evidence, once func(Options) (Report, error), ask func(Need) []Evidence) (r Report, used []Evidence, err error) {
	all := slices.Clone(given)
	for _, e := range given {
		opts.Give(e)
	}
	asked := map[string]bool{}
	for range maxRounds {
		if r, err = once(opts); err != nil {
			return r, nil, err
		}
		more := false
		for _, n := range r.Needs {
			if ask == nil || asked[string(n.Certificate)] {
				continue
			}
			asked[string(n.Certificate)] = true
			for _, e := range ask(n) {
				opts.Give(e)
				all, more = append(all, e), true
			}
		}
		if !more {
			break
		}
	}
	for _, e := range all {
		sum := sha256.Sum256(e.Body)
		if slices.Contains(r.Used, hex.EncodeToString(sum[:])) {
			used = append(used, e)
		}
	}
	return r, used, nil
}
