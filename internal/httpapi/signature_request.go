package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/id"
	"nghisu/internal/signing"
	"nghisu/internal/upload"
)

// SignatureRequest is one act of will of one person: to sign one or many documents with one certificate.
type SignatureRequest struct {
	ID          id.Request           `json:"id" format:"uuid"`
	Purpose     string               `json:"purpose" enum:"leader,seal"`
	State       string               `json:"state" enum:"prepared,waiting,done,failed,cancelled,declined,expired" doc:"done: at least one document was signed"`
	CreatedAt   time.Time            `json:"created_at"`
	ExpiresAt   time.Time            `json:"expires_at"`
	Certificate SignatureRequestKey  `json:"certificate"`
	Consent     *SignatureConsent    `json:"consent" doc:"What the person must do meanwhile; null when nothing"`
	Reason      string               `json:"reason" doc:"Why it was declined; empty otherwise"`
	Items       []SignatureRequested `json:"items" nullable:"false"`
}

// SignatureRequestKey names the certificate of a request.
type SignatureRequestKey struct {
	ID          id.Certificate `json:"id" format:"uuid"`
	Kind        string         `json:"kind" enum:"development,pkcs12,pkcs11,csc,agent"`
	Name        string         `json:"name"`
	Development bool           `json:"development" doc:"A trial certificate, without legal value"`
}

// SignatureConsent tells the person how to agree.
type SignatureConsent struct {
	Kind string `json:"kind" enum:"none,app,link,agent"`
	URL  string `json:"url" doc:"link: where to go"`
	Text string `json:"text" doc:"Name of the provider"`
}

// SignatureRequested is one signature of a request: on one file.
type SignatureRequested struct {
	ID         id.Signature `json:"id" format:"uuid"`
	DocumentID id.Document  `json:"document_id" format:"uuid"`
	Code       string       `json:"code"`
	Subject    string       `json:"subject"`
	FileID     *id.File     `json:"file_id" format:"uuid" doc:"null when the document could not even begin"`
	FileName   string       `json:"file_name"`
	State      string       `json:"state" enum:"prepared,waiting,signed,done,failed,cancelled"`
	Level      string       `json:"level" doc:"Of the signature that was made: B-B, B-T, B-LT, B-LTA"`
	ReasonKey  string       `json:"reason_key"`
	Reason     string       `json:"reason" doc:"Why it failed, in the caller's language"`
}

// AgentLink lets an agent on the user's computer fetch one file and bring it back signed, once.
type AgentLink struct {
	ItemID     id.Signature `json:"item_id" format:"uuid"`
	DocumentID id.Document  `json:"document_id" format:"uuid"`
	FileID     id.File      `json:"file_id" format:"uuid"`
	FileName   string       `json:"file_name"`
	URL        string       `json:"url" doc:"Below this server: GET gives the file, PUT takes it back signed; without a session"`
	ExpiresAt  time.Time    `json:"expires_at"`
}

// AgentLinks are the links of a request.
type AgentLinks struct {
	Links []AgentLink `json:"links" nullable:"false"`
}

// SignatureRequestInput is what a person asks to be signed after reading the list.
type SignatureRequestInput struct {
	Purpose       string               `json:"purpose" enum:"leader,seal"`
	CertificateID *id.Certificate      `json:"certificate_id,omitempty" format:"uuid" doc:"The usual one when left out"`
	Documents     []DocumentToBeSigned `json:"documents" nullable:"false" doc:"1 to 100"`
}

// DocumentToBeSigned names a document in the version that the person has seen.
type DocumentToBeSigned struct {
	DocumentID id.Document `json:"document_id" format:"uuid"`
	Version    int         `json:"version"`
}

// SignInput chooses the certificate of one signature.
type SignInput struct {
	CertificateID *id.Certificate `json:"certificate_id,omitempty" format:"uuid" doc:"The usual one when left out"`
}

type signInputOf struct {
	DocumentPath
	IfMatch
	Body *SignInput
}

type signatureRequestInput struct{ Body SignatureRequestInput }

// SignatureRequestPath names a request in the address.
type SignatureRequestPath struct {
	ID id.Request `path:"request_id" format:"uuid"`
}

type declineInput struct {
	SignatureRequestPath
	Body ReasonInput
}

type listSignatureRequestsInput struct {
	Page
	State string `query:"state" enum:"open,prepared,waiting,done,failed,cancelled,declined,expired" doc:"open: prepared or waiting"`
}

// registerSignatureRequests adds the routes of signing and of requests for signatures.
func (a *API) registerSignatureRequests() {
	const tag = "signing"
	signers := Role(access.Leader, access.Clerk)
	post(a, Op{ID: "sign-document", Path: "/documents/{document_id}/sign", Tag: tag, Access: Role(access.Leader),
		Summary: "Sign the main file, as the leader named as signer"}, a.signOne(document.ByLeader))
	post(a, Op{ID: "seal-document", Path: "/documents/{document_id}/seal", Tag: tag, Access: Role(access.Clerk),
		Summary: "Put the agency's signature on every file, after it has its number"}, a.signOne(document.BySeal))
	post(a, Op{ID: "create-signature-request", Path: "/signature-requests", Tag: tag, Access: signers, Status: http.StatusCreated,
		Summary: "Sign many documents at once, after reading the list"}, a.askForSignatures)
	get(a, Op{ID: "list-signature-requests", Path: "/signature-requests", Tag: tag, Access: signers,
		Summary: "My requests, and those for the seal of the own agency, newest first"}, a.listSignatureRequests)
	get(a, Op{ID: "get-signature-request", Path: "/signature-requests/{request_id}", Tag: tag, Access: signers,
		Summary: "Where a request stands, file by file"},
		func(ctx context.Context, actor access.Actor, in *SignatureRequestPath) (*Answer[SignatureRequest], error) {
			return requestAnswer(ctx)(a.Signing.Request(ctx, actor, in.ID))
		})
	post(a, Op{ID: "cancel-signature-request", Path: "/signature-requests/{request_id}/cancel", Tag: tag, Access: signers,
		Summary: "End an open request; its documents are free again"},
		func(ctx context.Context, actor access.Actor, in *SignatureRequestPath) (*Answer[SignatureRequest], error) {
			return requestAnswer(ctx)(a.Signing.Cancel(ctx, actor, in.ID))
		})
	post(a, Op{ID: "decline-signature-request", Path: "/signature-requests/{request_id}/decline", Tag: tag, Access: Role(access.Leader),
		Summary: "Decline to sign, with a reason; the documents go back"},
		func(ctx context.Context, actor access.Actor, in *declineInput) (*Answer[SignatureRequest], error) {
			return requestAnswer(ctx)(a.Signing.Decline(ctx, actor, in.ID, in.Body.Reason))
		})
	post(a, Op{ID: "create-agent-links", Path: "/signature-requests/{request_id}/agent-links", Tag: tag, Access: signers, Free: true,
		Summary: "One-time links for the signing agent on my computer; earlier ones end"}, a.agentLinks)
	a.raw(http.MethodGet, Op{ID: "get-agent-file", Path: "/agent/{token}/file", Tag: tag, Access: Public,
		Summary: "The file to be signed by an agent"}, upload.PDF, a.serveAgentFile)
	a.raw(http.MethodPut, Op{ID: "put-agent-file", Path: "/agent/{token}/file", Tag: tag, Access: Public, Status: http.StatusNoContent,
		Summary: "Bring the file back: ours, plus one signature by the expected certificate"}, "application/json", a.takeAgentFile)
}

func (a *API) signOne(purpose document.Purpose) Handler[signInputOf, Answer[Document]] {
	return func(ctx context.Context, actor access.Actor, in *signInputOf) (*Answer[Document], error) {
		ask := signing.Ask{Purpose: purpose, Documents: []signing.Wanted{{Document: in.ID, Version: in.Version()}}}
		if in.Body != nil && in.Body.CertificateID != nil {
			ask.Certificate = *in.Body.CertificateID
		}
		return documentAnswer(actor)(a.Signing.SignOne(ctx, actor, ask))
	}
}

func (a *API) askForSignatures(ctx context.Context, actor access.Actor, in *signatureRequestInput) (*Answer[SignatureRequest], error) {
	ask := signing.Ask{Purpose: document.Purpose(in.Body.Purpose)}
	if in.Body.CertificateID != nil {
		ask.Certificate = *in.Body.CertificateID
	}
	for _, d := range in.Body.Documents {
		ask.Documents = append(ask.Documents, signing.Wanted{Document: d.DocumentID, Version: d.Version})
	}
	return requestAnswer(ctx)(a.Signing.Ask(ctx, actor, ask))
}

func (a *API) listSignatureRequests(ctx context.Context, actor access.Actor, in *listSignatureRequestsInput) (*List[SignatureRequest], error) {
	f := signing.RequestFilter{State: signing.State(in.State), After: in.After, Limit: in.Limit}
	if in.State == "open" {
		f.State, f.Open = "", true
	}
	found, next, err := a.Signing.Requests(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	items := make([]SignatureRequest, 0, len(found))
	for _, r := range found {
		items = append(items, requestBody(ctx, r))
	}
	return list(items, next), nil
}

func (a *API) agentLinks(ctx context.Context, actor access.Actor, in *SignatureRequestPath) (*Answer[AgentLinks], error) {
	links, err := a.Signing.AgentLinks(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := AgentLinks{Links: make([]AgentLink, 0, len(links))}
	for _, l := range links {
		out.Links = append(out.Links, AgentLink{ItemID: l.Item, DocumentID: l.Document, FileID: l.File, FileName: l.FileName,
			URL: prefix + "/agent/" + l.Token + "/file", ExpiresAt: l.ExpiresAt})
	}
	return answer(out), nil
}

func (a *API) serveAgentFile(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	name, ref, err := a.Signing.AgentFile(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	return a.serveObject(w, r, ref, name, upload.PDF)
}

func (a *API) takeAgentFile(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	token := chi.URLParam(r, "token")
	limit, err := a.Signing.AgentLimit(r.Context(), token)
	if err != nil {
		return err
	}
	body := newReceivedBody(w, r, limit)
	err = a.Signing.AgentReturn(r.Context(), token, body)
	body.finish(err != nil)
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func requestAnswer(ctx context.Context) func(signing.Request, error) (*Answer[SignatureRequest], error) {
	return func(r signing.Request, err error) (*Answer[SignatureRequest], error) {
		if err != nil {
			return nil, err
		}
		return answer(requestBody(ctx, r)), nil
	}
}

func requestBody(ctx context.Context, r signing.Request) SignatureRequest {
	lang := callerOf(ctx).language
	out := SignatureRequest{ID: r.ID, Purpose: string(r.Purpose), State: string(r.State), CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
		Certificate: SignatureRequestKey{ID: r.Certificate, Kind: string(r.Key.Kind), Name: r.Key.Name, Development: r.Key.Development},
		Reason:      r.Reason, Items: make([]SignatureRequested, 0, len(r.Items))}
	if c := r.Consent; c != nil {
		out.Consent = &SignatureConsent{Kind: string(c.Kind), URL: c.URL, Text: c.Text}
	}
	for _, it := range r.Items {
		body := SignatureRequested{ID: it.ID, DocumentID: it.Document, Code: it.Code, Subject: it.Subject, FileName: it.FileName,
			State: string(it.State), Level: it.Level, ReasonKey: it.Failure, Reason: reasonText(lang, it.Failure)}
		if !id.IsZero(it.File) {
			body.FileID = &it.File
		}
		out.Items = append(out.Items, body)
	}
	return out
}
