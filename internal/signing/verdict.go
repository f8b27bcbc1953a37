package signing

import (
	"time"

	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
	"nghisu/storage/objects"
)

// Result is the judgement on one signature, or on a file as a whole.
type Result string

// The closed list of results. Unsigned and Checking apply to files only.
const (
	Valid    Result = "valid"    // everything that can be checked was checked and is right
	Invalid  Result = "invalid"  // changed, forged or broken: not to be trusted
	Unknown  Result = "unknown"  // not enough is known, for example the issuer is not trusted
	Unsigned Result = "unsigned" // no signature at all
	Checking Result = "checking" // being judged; ask again
)

// Purpose is what a signature is for in the trade: the leader's own, the agency's seal, or neither.
type Purpose string

// The closed list of purposes. Person and Seal are given only when the certificate belongs to the
// signer named in the document, or to the agency that issues it (NĐ 30/2020 Đ.32-33).
const (
	Person Purpose = "person"
	Seal   Purpose = "seal"
	Other  Purpose = "other"
)

// Coverage says how much of the file a signature covers.
type Coverage string

// The closed list of coverages.
const (
	Whole          Coverage = "whole"           // every byte of the file but the signature itself
	PartialAllowed Coverage = "partial_allowed" // an earlier state; what came later are signatures only
	PartialChanged Coverage = "partial_changed" // an earlier state; what came later changed the document
)

// Verdict is the judgement on all files of a document.
type Verdict struct {
	Files   []FileVerdict
	Missing []Purpose // of Person and Seal on the main file, what is not there or not valid
}

// FileVerdict is the judgement on one file. Reason is a message key when the file could not be
// judged as a whole ("verdict.not_a_pdf"), else empty.
type FileVerdict struct {
	File       id.File
	Name       string
	SHA256     objects.Hash
	CheckedAt  time.Time // when it was judged; zero while Checking
	Revisions  int
	Overall    Result
	Reason     string
	Signatures []SignatureVerdict // in the order of signing
	Missing    []Purpose          // what the trade asks of this file and is not there or not valid
}

// SignatureVerdict is the judgement on one signature. Reason is a message key that says in plain
// words why ("verdict.changed_after"). ClaimedAt is what the signer's machine said, not proven.
//
// Status and SubIndication are the words of ETSI EN 319 102-1, Level those of EN 319 142-1. Findings are
// message keys of what is to be said besides.
type SignatureVerdict struct {
	Kind          judge.Kind
	Field         string
	Purpose       Purpose
	SignerName    string
	AgencyName    string
	Result        Result
	Status        judge.Status
	SubIndication judge.SubIndication
	Level         judge.Level
	BestTime      *time.Time
	TimeProven    bool
	TrustList     string
	Revocation    judge.Revocation
	Revision      int
	Changes       []judge.Change
	Findings      []string
	Coverage      Coverage
	ClaimedAt     *time.Time
	Development   bool // made with a trial key: no legal value
	Reason        string
	Subject       string
	Issuer        string
	ValidFrom     *time.Time
	ValidTo       *time.Time
}
