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
	SHA256     string             `json:"sha256" doc:"Of the content that was judged, in hexadecimal"`
	CheckedAt  *time.Time         `json:"checked_at" doc:"When it was judged; null while it is being judged"`
	Revisions  int                `json:"revisions" doc:"How many states the file has gone through"`
	Overall    string             `json:"overall" enum:"valid,invalid,unknown,unsigned,checking"`
	ReasonKey  string             `json:"reason_key" doc:"Why the file as a whole could not be judged; empty otherwise"`
	Reason     string             `json:"reason" doc:"The same in the caller's language"`
	Signatures []SignatureVerdict `json:"signatures" nullable:"false"`
	Missing    []string           `json:"missing" nullable:"false" enum:"person,seal" doc:"Signatures that this file should carry and does not; separate appendices and copies need the agency's only"`
}

// SignatureVerdict is the judgement on one signature, in the order of signing.
type SignatureVerdict struct {
	Kind               string     `json:"kind" enum:"signature,document_timestamp"`
	Field              string     `json:"field" doc:"Name of the field that holds the signature"`
	Status             string     `json:"status" enum:"TOTAL-PASSED,INDETERMINATE,TOTAL-FAILED" doc:"In the words of ETSI EN 319 102-1"`
	SubIndication      string     `json:"sub_indication" doc:"Why it did not pass, in the words of the same; empty when it did"`
	Level              string     `json:"level" enum:",CMS,B-B,B-T,B-LT,B-LTA" doc:"Of PAdES, by what was used; CMS is an old form below it"`
	BestTime           *time.Time `json:"best_time" doc:"The earliest moment at which the signature is known to have existed"`
	TimeProven         bool       `json:"time_proven" doc:"best_time is proven by a trusted timestamp"`
	TrustList          string     `json:"trust_list" doc:"The trust list that the certificate leads to; empty for none"`
	Revocation         string     `json:"revocation" enum:"good,revoked,unknown"`
	Revision           int        `json:"revision" doc:"The state of the file that is signed, from 1; 0 for none"`
	Changes            []Change   `json:"changes" nullable:"false" doc:"What came after it"`
	Findings           []string   `json:"findings" nullable:"false" doc:"What is to be said besides, in the caller's language"`
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

// Change is one thing that came after a signature.
type Change struct {
	Kind  string `json:"kind" enum:"signature,document_timestamp,validation_data,field,form_value,information,content"`
	Page  int    `json:"page" doc:"From 1; 0 when it belongs to no page"`
	Field string `json:"field"`
	Text  string `json:"text" doc:"The same in the caller's language"`
}

type documentVerdictInput struct {
	Document id.Document `path:"document_id" format:"uuid"`
}

type deliveryVerdictInput struct {
	Delivery id.Delivery `path:"delivery_id" format:"uuid"`
}

// registerSigning adds the routes of signatures.
func (a *API) registerSigning() {
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
			sub, err := a.arrived(ctx, actor, in.Delivery)
			if err != nil {
				return nil, err
			}
			v, err := a.Signing.Judge(ctx, sub)
			if err != nil {
				return nil, err
			}
			return answer(verdictBody(ctx, v)), nil
		})
	post(a, Op{ID: "recheck-document-verdict", Path: "/documents/{document_id}/verdict/recheck", Tag: "signing", Access: Acting, Free: true,
		Summary: "Judge the signatures of an own document again, with what can be found out now"},
		func(ctx context.Context, actor access.Actor, in *documentVerdictInput) (*Answer[Verdict], error) {
			v, err := a.Signing.Recheck(ctx, actor, in.Document)
			if err != nil {
				return nil, err
			}
			return answer(verdictBody(ctx, v)), nil
		})
	post(a, Op{ID: "recheck-delivery-verdict", Path: "/deliveries/{delivery_id}/verdict/recheck", Tag: "signing", Access: Acting, Free: true,
		Summary: "Judge the signatures of a document that arrived again, with what can be found out now"},
		func(ctx context.Context, actor access.Actor, in *deliveryVerdictInput) (*Answer[Verdict], error) {
			sub, err := a.arrived(ctx, actor, in.Delivery)
			if err != nil {
				return nil, err
			}
			v, err := a.Signing.Rejudge(ctx, sub)
			if err != nil {
				return nil, err
			}
			return answer(verdictBody(ctx, v)), nil
		})
}

// arrived is what is judged about a document that arrived; hidden ones are NotFound.
func (a *API) arrived(ctx context.Context, actor access.Actor, delivery id.Delivery) (signing.Subject, error) {
	d, err := a.Exchange.GetIncoming(ctx, actor, delivery)
	if err != nil {
		return signing.Subject{}, err
	}
	sub := signing.Subject{Files: d.Files, Agency: d.Delivery.Sender, TypeCode: d.Delivery.TypeCode}
	if d.Signer != nil {
		sub.Signer = d.Signer.Person
	}
	return sub, nil
}

// verdictBody puts a verdict into the caller's language.
func verdictBody(ctx context.Context, v signing.Verdict) Verdict {
	lang := callerOf(ctx).language
	out := Verdict{Files: make([]FileVerdict, 0, len(v.Files)), Missing: purposes(v.Missing)}
	for _, f := range v.Files {
		out.Files = append(out.Files, fileVerdictBody(lang, f))
	}
	return out
}

func purposes(list []signing.Purpose) []string {
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, string(p))
	}
	return out
}

// fileVerdictBody puts the verdict on one file into a language.
func fileVerdictBody(lang string, f signing.FileVerdict) FileVerdict {
	body := FileVerdict{FileID: f.File, Name: f.Name, SHA256: f.SHA256.Hex(), Revisions: f.Revisions, Overall: string(f.Overall),
		ReasonKey: f.Reason, Reason: reasonText(lang, f.Reason), Signatures: make([]SignatureVerdict, 0, len(f.Signatures)), Missing: purposes(f.Missing)}
	if !f.CheckedAt.IsZero() {
		body.CheckedAt = &f.CheckedAt
	}
	for _, s := range f.Signatures {
		sig := SignatureVerdict{
			Kind: string(s.Kind), Field: s.Field, Status: string(s.Status), SubIndication: string(s.SubIndication), Level: string(s.Level),
			BestTime: s.BestTime, TimeProven: s.TimeProven, TrustList: s.TrustList, Revocation: string(s.Revocation), Revision: s.Revision,
			Changes: make([]Change, 0, len(s.Changes)), Findings: make([]string, 0, len(s.Findings)),
			Purpose: string(s.Purpose), SignerName: s.SignerName, AgencyName: s.AgencyName,
			Result: string(s.Result), Coverage: string(s.Coverage), ClaimedAt: s.ClaimedAt,
			Development: s.Development, ReasonKey: s.Reason, Reason: reasonText(lang, s.Reason),
			CertificateSubject: s.Subject, CertificateIssuer: s.Issuer, ValidFrom: s.ValidFrom, ValidTo: s.ValidTo}
		for _, c := range s.Changes {
			sig.Changes = append(sig.Changes, Change{Kind: string(c.Kind), Page: c.Page, Field: c.Field,
				Text: Message(lang, "verdict.change_"+string(c.Kind), map[string]any{"page": c.Page, "field": c.Field})})
		}
		for _, key := range s.Findings {
			sig.Findings = append(sig.Findings, reasonText(lang, key))
		}
		body.Signatures = append(body.Signatures, sig)
	}
	return body
}

func reasonText(lang, key string) string {
	if key == "" {
		return ""
	}
	return Message(lang, key, nil)
}
