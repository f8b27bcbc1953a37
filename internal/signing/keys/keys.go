// Package keys knows which certificates a person or an agency can sign with, where the key of each
// is, and how to get signatures from there: trial keys of our own, PKCS #12 files given by an
// administrator, tokens and HSMs (PKCS #11), signing services (CSC API v2), and agents on the user's
// computer. It owns certificates, stored keys and dealings with providers. It knows nothing of PDF files
// and documents: whoever calls it hands in hashes.
package keys

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// Kind says where a key is.
type Kind string

// The closed list of kinds.
const (
	Development Kind = "development" // made by the system itself, without legal value
	PKCS12      Kind = "pkcs12"      // a file that an administrator gave, kept encrypted
	PKCS11      Kind = "pkcs11"      // a token or an HSM
	CSC         Kind = "csc"         // a signing service that speaks the CSC API v2
	Agent       Kind = "agent"       // an agent on the user's computer signs whole files: no Source
)

// Certificate is one that somebody can sign with. One of Person and Agency is set. Chain holds what a
// message carries above Leaf, the nearest first, the root left out.
type Certificate struct {
	ID          id.Certificate
	Kind        Kind
	Leaf        *x509.Certificate
	Chain       []*x509.Certificate
	Person      *id.Person
	Agency      *id.Agency
	Name        string // whom it names
	Development bool   // no legal value

	settings settings
	disabled *time.Time
}

// settings say how a key is found. They hold no secret.
type settings struct {
	KeyName    string `json:"-"`                    // development: file of the key
	Token      string `json:"token,omitempty"`      // pkcs11: label of the token
	KeyID      string `json:"key_id,omitempty"`     // pkcs11: CKA_ID of the key, hex
	Provider   string `json:"provider,omitempty"`   // csc: name in the settings of this installation
	Credential string `json:"credential,omitempty"` // csc: credentialID at the provider
}

// Hash is the hash to sign with: as strong as the key (ETSI TS 119 312).
func (c Certificate) Hash() crypto.Hash {
	if key, ok := c.Leaf.PublicKey.(*ecdsa.PublicKey); ok && key.Curve.Params().BitSize > 256 {
		return crypto.SHA384
	}
	return crypto.SHA256
}

// State tells whether a certificate can be used.
type State string

// The closed list of states.
const (
	InUse       State = "in_use"
	ExpiresSoon State = "expires_soon" // in use, and ends within WarnDays
	Expired     State = "expired"      // or not valid yet
	Disabled    State = "disabled"     // taken out of use by an administrator, for good
)

// WarnDays is how long before its end a certificate is warned of.
const WarnDays = 60

// State is the state at a moment.
func (c Certificate) State(now time.Time) State {
	switch {
	case c.disabled != nil:
		return Disabled
	case now.Before(c.Leaf.NotBefore) || now.After(c.Leaf.NotAfter):
		return Expired
	case c.Leaf.NotAfter.Before(now.AddDate(0, 0, WarnDays)):
		return ExpiresSoon
	}
	return InUse
}

// usable is the error of a certificate that must not sign now. NĐ 68/2024 Đ.29, 31: whoever signs checks
// the own certificate first.
func (c Certificate) usable(now time.Time) error {
	switch c.State(now) {
	case Disabled:
		return errs.New(errs.Conflict, "keys.disabled")
	case Expired:
		return errs.New(errs.Conflict, "signing.certificate_expired")
	}
	return nil
}

// Holder is whom certificates belong to; one of the two is set.
type Holder struct {
	Person *id.Person
	Agency *id.Agency
}

// OfPerson is the holder of personal certificates.
func OfPerson(p id.Person) Holder { return Holder{Person: &p} }

// OfAgency is the holder of an agency's certificates: its seal.
func OfAgency(a id.Agency) Holder { return Holder{Agency: &a} }

// Batch is what is to be signed with one act of will: hashes of signed attributes.
type Batch struct {
	By      access.Actor // who signs; consent is bound to the person and the session
	Hash    crypto.Hash
	Digests [][]byte
	Labels  []string // what the person sees at the provider, one per digest
}

func (b Batch) check() error {
	if len(b.Digests) == 0 || len(b.Labels) != len(b.Digests) || !b.Hash.Available() {
		return fmt.Errorf("batch of %d digests, %d labels, hash %v", len(b.Digests), len(b.Labels), b.Hash)
	}
	for _, d := range b.Digests {
		if len(d) != b.Hash.Size() {
			return fmt.Errorf("digest of %d bytes for %v", len(d), b.Hash)
		}
	}
	return nil
}

// Answer is what a source says to a batch: either Values, one signature value per digest (RSA PKCS #1
// v1.5, or ECDSA in DER), or a Ticket to poll with. Consent is what the person must do meanwhile.
type Answer struct {
	Values  [][]byte
	Ticket  string
	Consent *Consent
}

// Done reports whether the values are there.
func (a Answer) Done() bool { return len(a.Values) > 0 }

// Consent tells the person how to agree at the provider.
type Consent struct {
	Kind ConsentKind
	URL  string // Link: where to go
	Text string // the provider's name
}

// ConsentKind is how a person agrees.
type ConsentKind string

// The closed list of ways.
const (
	App  ConsentKind = "app"  // in the provider's application, on the phone
	Link ConsentKind = "link" // on the provider's page, in the browser
)

// Source signs hashes. Start may answer at once. Poll may be called any time, by any node, and again
// after the values were fetched; a ticket that failed or was refused answers with an error that says so,
// a ticket that waits answers with itself. No source signs a batch twice.
type Source interface {
	Start(ctx context.Context, cert Certificate, b Batch) (Answer, error)
	Poll(ctx context.Context, cert Certificate, ticket string) (Answer, error)
}

// verify checks that a value is what it should be; ECDSA values come out in DER. Nothing that a key far
// away answers is taken on trust.
func verify(cert Certificate, hash crypto.Hash, digest, value []byte) ([]byte, error) {
	ok := false
	switch key := cert.Leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(key, hash, digest, value) == nil
	case *ecdsa.PublicKey:
		if ok = ecdsa.VerifyASN1(key, digest, value); !ok {
			if der, err := derOf(value); err == nil && ecdsa.VerifyASN1(key, digest, der) {
				value, ok = der, true
			}
		}
	}
	if !ok {
		return nil, errs.New(errs.Unavailable, "keys.wrong_signature")
	}
	return value, nil
}

// verifyAll checks the values of a batch.
func verifyAll(cert Certificate, hash crypto.Hash, digests, values [][]byte) ([][]byte, error) {
	if len(values) != len(digests) {
		return nil, errs.Wrap(errs.Unavailable, "keys.wrong_signature", fmt.Errorf("%d values for %d digests", len(values), len(digests)))
	}
	out := make([][]byte, len(values))
	for i := range values {
		var err error
		if out[i], err = verify(cert, hash, digests[i], values[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
