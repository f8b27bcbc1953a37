package signing

import (
	"nghisu/internal/document"
	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
)

// Message keys of good signatures by somebody else than the document says.
const (
	otherPerson = "verdict.other_person"
	otherAgency = "verdict.other_agency"
)

// interpret reads a report in the light of the document: whose signature is which.
func interpret(f document.File, r storedReport, sub Subject, holders map[string]holder) FileVerdict {
	v := FileVerdict{File: f.ID, Name: f.Name, SHA256: f.Ref.Hash, CheckedAt: r.checkedAt, Revisions: r.Report.Revisions, Reason: r.Report.Problem}
	for _, sig := range r.Report.Signatures {
		v.Signatures = append(v.Signatures, interpretOne(sig, sub, holders))
	}
	v.Overall = overall(v, r.Report.Problem)
	return v
}

func interpretOne(sig judge.Signature, sub Subject, holders map[string]holder) SignatureVerdict {
	v := SignatureVerdict{
		Purpose: Other, SignerName: sig.Name, AgencyName: sig.Agency, Result: Result(sig.Result), Coverage: Coverage(sig.Coverage),
		ClaimedAt: sig.Claimed, Development: sig.Development, Reason: sig.Reason, Subject: sig.Subject, Issuer: sig.Issuer,
		ValidFrom: sig.ValidFrom, ValidTo: sig.ValidTo,
		Kind: sig.Kind, Field: sig.Field, Status: sig.Status, SubIndication: sig.SubIndication, Level: sig.Level, BestTime: sig.BestTime,
		TimeProven: sig.TimeProven, TrustList: sig.TrustList, Revocation: sig.Revocation, Revision: sig.Revision, Changes: sig.Changes,
		Findings: sig.Findings,
	}
	h, known := holders[string(sig.Certificate)]
	switch {
	case !known:
		return v
	case h.Person != nil && *h.Person == sub.Signer:
		v.Purpose = Person
	case h.Agency != nil && *h.Agency == sub.Agency:
		v.Purpose = Seal
	case v.Result != Valid, id.IsZero(sub.Agency): // of a file that belongs to no document anybody may be the signer
	case h.Person != nil:
		v.Reason = otherPerson
	default:
		v.Reason = otherAgency
	}
	return v
}

// overall is the worst of all signatures. A file that is no PDF carries no signature.
func overall(v FileVerdict, problem string) Result {
	switch {
	case problem == judge.NotPDF:
		return Unsigned
	case problem != "":
		return Unknown
	case len(v.Signatures) == 0:
		return Unsigned
	}
	worst := Valid
	for _, s := range v.Signatures {
		if s.Result == Invalid {
			return Invalid
		}
		if s.Result != Valid {
			worst = Unknown
		}
	}
	return worst
}

// missing tells which signatures of the trade a main file lacks: that of the person named as signer,
// and after it that of the issuing agency (NĐ 30/2020 Đ.33; Annex I.II.8).
func missing(v FileVerdict) []Purpose {
	if v.Overall == Checking {
		return nil
	}
	person, seal := false, false
	for _, s := range v.Signatures {
		if s.Result != Valid {
			continue
		}
		person = person || s.Purpose == Person
		seal = seal || s.Purpose == Seal && person
	}
	var out []Purpose
	if !person {
		out = append(out, Person)
	}
	if !seal {
		out = append(out, Seal)
	}
	return out
}
