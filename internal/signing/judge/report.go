package judge

import (
	"crypto/x509"
	"time"
)

// Version of the rules. A stored verdict of another version is made anew.
const Version = 2

// Status is the main indication of ETSI EN 319 102-1 5.1.3.
type Status string

// The closed list of statuses.
const (
	Passed        Status = "TOTAL-PASSED"
	Indeterminate Status = "INDETERMINATE"
	Failed        Status = "TOTAL-FAILED"
)

// Result is a status in one plain word.
type Result string

// The closed list of results, in the order of the statuses: valid, unknown, invalid.
const (
	Valid   Result = "valid"
	Unknown Result = "unknown"
	Invalid Result = "invalid"
)

// SubIndication says why a signature did not pass, in the words of EN 319 102-1 table 6.
type SubIndication string

// The sub-indications in use. A change after signing is a FormatFailure: the file is no longer the one
// that the signature is laid into.
const (
	FormatFailure      SubIndication = "FORMAT_FAILURE"
	HashFailure        SubIndication = "HASH_FAILURE"
	SigCryptoFailure   SubIndication = "SIG_CRYPTO_FAILURE"
	Revoked            SubIndication = "REVOKED"
	RevokedNoPOE       SubIndication = "REVOKED_NO_POE"
	RevokedCANoPOE     SubIndication = "REVOKED_CA_NO_POE"
	CertificateExpired SubIndication = "EXPIRED"
	NotYetValid        SubIndication = "NOT_YET_VALID"
	OutOfBoundsNoPOE   SubIndication = "OUT_OF_BOUNDS_NO_POE"
	NoSigningCert      SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
	NoChain            SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	ChainConstraints   SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	SigConstraints     SubIndication = "SIG_CONSTRAINTS_FAILURE"
	CryptoConstraints  SubIndication = "CRYPTO_CONSTRAINTS_FAILURE"
	CryptoNoPOE        SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	TimestampOrder     SubIndication = "TIMESTAMP_ORDER_FAILURE"
	TryLater           SubIndication = "TRY_LATER"
)

// Level is what a signature turned out to be when everything that was used is counted.
type Level string

// The closed list of levels. CMS is an old form (adbe.pkcs7.detached) below the baseline.
const (
	CMS  Level = "CMS"
	BB   Level = "B-B"
	BT   Level = "B-T"
	BLT  Level = "B-LT"
	BLTA Level = "B-LTA"
)

// Kind of a signature.
type Kind string

// The closed list of kinds.
const (
	OfSignature Kind = "signature"
	OfTimestamp Kind = "document_timestamp"
)

// Coverage of one signature.
type Coverage string

// The closed list of coverages.
const (
	Whole          Coverage = "whole"
	PartialAllowed Coverage = "partial_allowed"
	PartialChanged Coverage = "partial_changed"
)

// Revocation is what is known about the signer's certificate and those above it at the best time.
type Revocation string

// The closed list of answers.
const (
	RevocationGood    Revocation = "good"
	RevocationRevoked Revocation = "revoked"
	RevocationUnknown Revocation = "unknown"
)

// Message keys of reasons. The first group is about a file, the others about a signature.
const (
	NotPDF        = "verdict.not_a_pdf"
	Broken        = "verdict.broken_pdf"
	Encrypted     = "verdict.encrypted_pdf"
	TooMany       = "verdict.too_many_signatures"
	Good          = "verdict.good"
	GoodPartial   = "verdict.good_partial"
	Structure     = "verdict.structure"         // range, hole or revision is not as it must be
	Garbled       = "verdict.message_broken"    // the cryptographic message cannot be read
	Tampered      = "verdict.content_changed"   // digest differs
	Forged        = "verdict.signature_wrong"   // value does not fit the certificate
	WrongSigner   = "verdict.certificate_wrong" // certificate missing or swapped
	ChangedAfter  = "verdict.changed_after"     // a later revision changed the document
	Doubtful      = "verdict.doubtful_addition" // a later visible signature by nobody we know
	OldForm       = "verdict.form_unsupported"  // a form of signature or algorithm not judged here
	WeakCrypto    = "verdict.weak"              // SHA-1 or short key
	NotBound      = "verdict.not_bound"         // nothing signed says which certificate it was
	WeakOnceFine  = "verdict.weak_old"          // the same, claimed to be from when it was usual
	SignedTooLate = "verdict.signed_too_late"   // after the end of the certificate, as the signer says
	SignedTooSoon = "verdict.signed_too_soon"   // before the beginning of the certificate
	Untrusted     = "verdict.untrusted_issuer"  // chain leads to nobody we trust
	Expired       = "verdict.not_valid_then"    // outside of the certificate's validity
	Unfit         = "verdict.certificate_unfit" // certificate is not for signing, or breaks a rule
	FromTheFuture = "verdict.time_in_future"    // claimed time has not come yet
	WasRevoked    = "verdict.revoked"           // certificate was revoked before the best time
	MaybeRevoked  = "verdict.revoked_unproven"  // revoked, and nothing proves that the signature is older
	OutOfOrder    = "verdict.time_order"        // timestamps contradict one another
	IssuerRevoked = "verdict.issuer_revoked"    // an authority above it was revoked
	NoEvidence    = "verdict.not_checked"       // nothing says whether the certificate was revoked
)

// TSAList names the list of timestamp authorities.
const TSAList = "tsa"

// Message keys of what is to be said besides.
const (
	NoteOldForm      = "verdict.note_old_form"        // adbe.pkcs7.detached
	NoteNotBound     = "verdict.note_not_bound"       // the certificate is not named by what is signed
	NoteNoTimestamp  = "verdict.note_no_timestamp"    // the time is only claimed
	NoteBadTimestamp = "verdict.note_bad_timestamp"   // a timestamp that proves nothing
	NoteTimestamp    = "verdict.note_timestamp"       // a timestamp of somebody who is not trusted, or not known not to be revoked
	NoteTrialTime    = "verdict.note_trial_timestamp" // proven by a timestamp of the development PKI
	NoteWeak         = "verdict.note_weak"            // weak today, proven to be from when it was not
	NoteClaimedAfter = "verdict.note_claimed_after"   // claims a later time than is proven
	NoteRevokedLater = "verdict.note_revoked_later"   // the certificate was revoked after the best time
)

// TrustList is a named list of anchors.
type TrustList struct {
	Name    string
	Anchors []*x509.Certificate
}

// Options say whom to trust, what is known, and when it is. At is the moment to judge for; Now when zero.
type Options struct {
	Lists  []TrustList
	TSA    []*x509.Certificate // anchors of time-stamping authorities
	Extra  []*x509.Certificate // known certificates below anchors, for messages that leave them out
	CRLs   [][]byte            // DER
	OCSPs  [][]byte            // DER
	Marker string              // organisational unit that marks trial certificates of any installation
	Now    time.Time
	At     time.Time
}

// Report is the judgement on a file. Problem is a message key when the file could not be judged at all.
type Report struct {
	Problem    string      `json:"problem,omitempty"`
	Revisions  int         `json:"revisions"`
	Signatures []Signature `json:"signatures"` // in the order of signing
	Needs      []Need      `json:"needs,omitempty"`
	Used       []string    `json:"used,omitempty"` // SHA-256 in hexadecimal of the revocation data given by Options that decided something
}

// Need is a certificate of a trusted chain without usable revocation evidence, and where to ask for it.
type Need struct {
	Certificate []byte   `json:"certificate"` // DER
	Issuer      []byte   `json:"issuer"`      // DER
	OCSP        []string `json:"ocsp,omitempty"`
	CRL         []string `json:"crl,omitempty"`
	AIA         []string `json:"aia,omitempty"`
}

// ChangeKind is what a later revision did.
type ChangeKind string

// The closed list of changes. OfContent alone is one that must not be.
const (
	ChangeSignature  ChangeKind = "signature"
	ChangeTimestamp  ChangeKind = "document_timestamp"
	ChangeValidation ChangeKind = "validation_data"
	ChangeField      ChangeKind = "field"       // an empty field was added
	ChangeValue      ChangeKind = "form_value"  // a field was filled in
	ChangeInfo       ChangeKind = "information" // title, date of change
	ChangeContent    ChangeKind = "content"
)

// Change is one thing that came after a signed revision. Page is 0 when it belongs to none.
type Change struct {
	Kind  ChangeKind `json:"kind"`
	Page  int        `json:"page,omitempty"`
	Field string     `json:"field,omitempty"`
}

// Signature is the judgement on one signature or document timestamp.
type Signature struct {
	Field         string        `json:"field"`
	Kind          Kind          `json:"kind"`
	Status        Status        `json:"status"`
	SubIndication SubIndication `json:"sub_indication,omitempty"`
	Result        Result        `json:"result"` // of Status
	Level         Level         `json:"level,omitempty"`
	Coverage      Coverage      `json:"coverage"`
	Revision      int           `json:"revision"` // the one that is covered, from 1; 0 when none is
	Changes       []Change      `json:"changes,omitempty"`
	Reason        string        `json:"reason"`             // message key
	Finding       string        `json:"finding,omitempty"`  // what exactly, for the log; English
	Findings      []string      `json:"findings,omitempty"` // message keys of what is to be said besides
	Claimed       *time.Time    `json:"claimed,omitempty"`  // time of signing as the signer's machine said
	BestTime      *time.Time    `json:"best_time,omitempty"`
	TimeProven    bool          `json:"time_proven"` // BestTime is proven by a trusted timestamp
	TrustList     string        `json:"trust_list,omitempty"`
	Revocation    Revocation    `json:"revocation"`
	Name          string        `json:"name,omitempty"`   // common name of the certificate
	Agency        string        `json:"agency,omitempty"` // organisation of the certificate
	Subject       string        `json:"subject,omitempty"`
	Issuer        string        `json:"issuer,omitempty"`
	ValidFrom     *time.Time    `json:"valid_from,omitempty"`
	ValidTo       *time.Time    `json:"valid_to,omitempty"`
	Certificate   []byte        `json:"certificate,omitempty"` // DER
	Development   bool          `json:"development,omitempty"` // trial certificate, no legal value
	End           int64         `json:"end"`                   // length of the signed revision
}
