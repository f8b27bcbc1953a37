package httpapi

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/signing"
)

// Verdict is the judgement on all files of a document.
type Verdict struct {
	Files   []FileVerdict `json:"files" nullable:"false"`
	Missing []string      `json:"missing" nullable:"false" enum:"person,seal" doc:"Signatures that the main file should carry and does not"`
}

// FileVerdict is the judgement on one file.
type FileVerdict struct {
	FileID     id.File            `json:"file_id" format:"uuid"`
	Name       string             `json:"name"`
	Overall    string             `json:"overall" enum:"valid,invalid,unknown,unsigned,checking"`
	ReasonKey  string             `json:"reason_key" doc:"Why the file as a whole could not be judged; empty otherwise"`
	Reason     string             `json:"reason" doc:"The same in the caller's language"`
	Signatures []SignatureVerdict `json:"signatures" nullable:"false"`
}

// SignatureVerdict is the judgement on one signature, in the order of signing.
type SignatureVerdict struct {
	Purpose            string     `json:"purpose" enum:"person,seal,other"`
	SignerName         string     `json:"signer_name"`
	AgencyName         string     `json:"agency_name"`
	Result             string     `json:"result" enum:"valid,invalid,unknown"`
	Coverage           string     `json:"coverage" enum:"whole,partial_allowed,partial_changed"`
	ClaimedAt          *time.Time `json:"claimed_at" doc:"Time of signing as the signer claims it; not proven"`
	Development        bool       `json:"development" doc:"Made with a trial key, without legal value"`
	ReasonKey          string     `json:"reason_key"`
	Reason             string     `json:"reason" doc:"Why, in the caller's language"`
	CertificateSubject string     `json:"certificate_subject"`
	CertificateIssuer  string     `json:"certificate_issuer"`
	ValidFrom          *time.Time `json:"valid_from" doc:"Validity of the certificate"`
	ValidTo            *time.Time `json:"valid_to"`
}

type documentVerdictInput struct {
	Document id.Document `path:"document_id" format:"uuid"`
}

type deliveryVerdictInput struct {
	Delivery id.Delivery `path:"delivery_id" format:"uuid"`
}

// registerSigning adds the routes of signatures.
func (a *API) registerSigning() {
	post(a, Op{ID: "sign-document", Path: "/documents/{document_id}/sign", Tag: "signing", Access: Role(access.Leader),
		Summary: "Sign the main file, as the leader named as signer"},
		func(ctx context.Context, actor access.Actor, in *documentCommand) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Signing.SignAsLeader(ctx, actor, in.ID, in.Version()))
		})
	post(a, Op{ID: "seal-document", Path: "/documents/{document_id}/seal", Tag: "signing", Access: Role(access.Clerk),
		Summary: "Put the agency's signature on every file, after the leader signed"},
		func(ctx context.Context, actor access.Actor, in *documentCommand) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Signing.Seal(ctx, actor, in.ID, in.Version()))
		})
	get(a, Op{ID: "get-document-verdict", Path: "/documents/{document_id}/verdict", Tag: "signing", Access: Acting,
		Summary: "Who signed an own document, and whether the signatures are valid"},
		func(ctx context.Context, actor access.Actor, in *documentVerdictInput) (*Answer[Verdict], error) {
			v, err := a.Signing.Verdict(ctx, actor, in.Document)
			if err != nil {
				return nil, err
			}
			return answer(verdictBody(ctx, v)), nil
		})
	get(a, Op{ID: "get-delivery-verdict", Path: "/deliveries/{delivery_id}/verdict", Tag: "signing", Access: Acting,
		Summary: "Who signed a document that arrived, and whether the signatures are valid"},
		func(ctx context.Context, actor access.Actor, in *deliveryVerdictInput) (*Answer[Verdict], error) {
			d, err := a.Exchange.GetIncoming(ctx, actor, in.Delivery)
			if err != nil {
				return nil, err
			}
			sub := signing.Subject{Files: d.Files, Agency: d.Delivery.Sender}
			if d.Signer != nil {
				sub.Signer = d.Signer.Person
			}
			v, err := a.Signing.Judge(ctx, sub)
			if err != nil {
				return nil, err
			}
			return answer(verdictBody(ctx, v)), nil
		})
}

// verdictBody puts a verdict into the caller's language.
func verdictBody(ctx context.Context, v signing.Verdict) Verdict {
	lang := callerOf(ctx).language
	out := Verdict{Files: make([]FileVerdict, 0, len(v.Files)), Missing: make([]string, 0, len(v.Missing))}
	for _, m := range v.Missing {
		out.Missing = append(out.Missing, string(m))
	}
	for _, f := range v.Files {
		body := FileVerdict{FileID: f.File, Name: f.Name, Overall: string(f.Overall), ReasonKey: f.Reason,
			Reason: reasonText(lang, f.Reason), Signatures: make([]SignatureVerdict, 0, len(f.Signatures))}
		for _, s := range f.Signatures {
			body.Signatures = append(body.Signatures, SignatureVerdict{
				Purpose: string(s.Purpose), SignerName: s.SignerName, AgencyName: s.AgencyName,
				Result: string(s.Result), Coverage: string(s.Coverage), ClaimedAt: s.ClaimedAt,
				Development: s.Development, ReasonKey: s.Reason, Reason: reasonText(lang, s.Reason),
				CertificateSubject: s.Subject, CertificateIssuer: s.Issuer, ValidFrom: s.ValidFrom, ValidTo: s.ValidTo})
		}
		out.Files = append(out.Files, body)
	}
	return out
}

func reasonText(lang, key string) string {
	if key == "" {
		return ""
	}
	return Message(lang, key, nil)
}
