package signing

import (
	"slices"

	"nghisu/internal/document"
	"nghisu/internal/signing/judge"
)

// Message keys of good signatures that do not fit the document, and of what is to be said besides.
const (
	otherPerson      = "verdict.other_person"
	otherAgency      = "verdict.other_agency"
	notRegistered    = "verdict.note_not_registered"
	sealBeforePerson = "verdict.note_seal_first"
)

// interpret reads a report in the light of the document: whose signature is which.
func interpret(f document.File, r storedReport, sub Subject, holders map[string]holder) FileVerdict {
	v := FileVerdict{File: f.ID, Name: f.Name, SHA256: f.Ref.Hash, CheckedAt: r.checkedAt, Revisions: r.Report.Revisions, Reason: r.Report.Problem}
	for _, sig := range r.Report.Signatures {
		v.Signatures = append(v.Signatures, interpretOne(sig, sub, holders))
	}
	v.Overall = overall(v, r.Report.Problem)
	if f.Main {
		order(v.Signatures)
	}
	v.Missing = sub.missing(f, v)
	return v
}

func interpretOne(sig judge.Signature, sub Subject, holders map[string]holder) SignatureVerdict {
	v := SignatureVerdict{
		Purpose: Other, SignerName: sig.Name, AgencyName: sig.Agency, Result: Result(sig.Result), Coverage: Coverage(sig.Coverage),
		ClaimedAt: sig.Claimed, Development: sig.Development, Reason: sig.Reason, Subject: sig.Subject, Issuer: sig.Issuer,
		ValidFrom: sig.ValidFrom, ValidTo: sig.ValidTo,
		Kind: sig.Kind, Field: sig.Field, Status: sig.Status, SubIndication: sig.SubIndication, Level: sig.Level, BestTime: sig.BestTime,
		TimeProven: sig.TimeProven, TrustList: sig.TrustList, Revocation: sig.Revocation, Revision: sig.Revision, Changes: sig.Changes,
		Findings: slices.Clone(sig.Findings),
	}
	if sig.Kind == judge.OfTimestamp {
		return v
	}
	h, known := holders[string(sig.Certificate)]
	switch {
	case !known:
		if sub.named() && v.Result == Valid {
			v.Findings = append(v.Findings, notRegistered)
		}
	case h.Person != nil && *h.Person == sub.Signer:
		v.Purpose = Person
	case h.Agency != nil && *h.Agency == sub.Agency:
		v.Purpose = Seal
	case v.Result != Valid, !sub.named(): // of a file that belongs to no document anybody may be the signer
	case h.Person != nil:
		v.Reason = otherPerson
	default:
		v.Reason = otherAgency
	}
	return v
}

// overall is the worst of all signatures. A file that is no PDF carries no signature.
func overall(v FileVerdict, problem string) Result {
	signed := slices.ContainsFunc(v.Signatures, func(s SignatureVerdict) bool { return s.Kind == judge.OfSignature })
	switch {
	case problem == judge.NotPDF:
		return Unsigned
	case problem != "":
		return Unknown
	case !signed:
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

// order notes agency signatures that were made before the person signed: the agency signs what its leader
// has signed (NĐ 30/2020 Đ.33).
func order(list []SignatureVerdict) {
	last := -1
	for i, s := range list {
		if s.Purpose == Person {
			last = i
		}
	}
	for i := range max(last, 0) {
		if list[i].Purpose == Seal {
			list[i].Findings = append(list[i].Findings, sealBeforePerson)
		}
	}
}

// Codes of copies of paper documents: sao y, sao lục, trích sao (NĐ 30/2020 Annex III).
var copies = []string{"SY", "SL", "TrS"}

// missing tells which signatures of the trade a file lacks (NĐ 30/2020 Đ.33, Đ.26; Annex I.II.8): the main
// file needs that of the person named as signer, and after it that of the issuing agency; a separate appendix
// and a copy need that of the agency only. A signature of which not everything is known is not there.
func (sub Subject) missing(f document.File, v FileVerdict) []Purpose {
	if v.Overall == Checking || !sub.named() {
		return nil
	}
	alone := !f.Main || slices.Contains(copies, sub.TypeCode)
	person, seal := alone, false
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
