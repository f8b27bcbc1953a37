package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/internal/upload"
)

// DocumentType is one of the 29 kinds of administrative documents.
type DocumentType struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	Abbreviation string `json:"abbreviation" doc:"First part of the symbol; empty for công văn and thư công"`
}

// DocumentInput is what a clerk or specialist types in.
type DocumentInput struct {
	TypeCode     string              `json:"type_code" maxLength:"10"`
	Symbol       string              `json:"symbol" maxLength:"60" doc:"QĐ-UBND"`
	Subject      string              `json:"subject" maxLength:"2000"`
	Urgency      int                 `json:"urgency" doc:"0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc"`
	SignerID     *id.Appointment     `json:"signer_id,omitempty" format:"uuid" doc:"The leader who is asked; none on copies"`
	RecipientIDs []id.Agency         `json:"recipient_ids" format:"uuid" nullable:"false"`
	Files        []DocumentFileInput `json:"files" nullable:"false"`
}

// DocumentFileInput names a finished upload; in a change also a file that the document has already.
type DocumentFileInput struct {
	UploadID *id.Upload `json:"upload_id,omitempty" format:"uuid"`
	FileID   *id.File   `json:"file_id,omitempty" format:"uuid"`
	Main     bool       `json:"main" doc:"The document itself; exactly one file is"`
}

// DocumentFile is a file as it stands.
type DocumentFile struct {
	ID       id.File `json:"id" format:"uuid"`
	Name     string  `json:"name"`
	Main     bool    `json:"main"`
	Size     int64   `json:"size" doc:"Bytes"`
	Revision int     `json:"revision" doc:"1 is the upload; each signature makes another"`
	SHA256   string  `json:"sha256"`
}

// DocumentRecipient is an agency the document is addressed to.
type DocumentRecipient struct {
	AgencyID id.Agency `json:"agency_id" format:"uuid"`
	Name     string    `json:"name"`
}

// DocumentStep is one step on the road of a document.
type DocumentStep struct {
	At     time.Time       `json:"at"`
	State  string          `json:"state" enum:"draft,submitted,signed,numbered,sealed,released,cancelled"`
	By     *AppointmentRef `json:"by"`
	Reason string          `json:"reason"`
}

// Document is an official document as its own agency sees it.
type Document struct {
	ID           id.Document         `json:"id" format:"uuid"`
	TypeCode     string              `json:"type_code"`
	TypeName     string              `json:"type_name"`
	Number       string              `json:"number" doc:"As written, 05; empty until numbered"`
	Symbol       string              `json:"symbol"`
	Code         string              `json:"code" doc:"05/QĐ-UBND; empty until numbered"`
	IssuedOn     *string             `json:"issued_on" format:"date" doc:"Null until numbered"`
	Subject      string              `json:"subject"`
	Urgency      int                 `json:"urgency"`
	State        string              `json:"state" enum:"draft,submitted,signed,numbered,sealed,released,cancelled"`
	AgencyID     id.Agency           `json:"agency_id" format:"uuid"`
	AgencyName   string              `json:"agency_name"`
	Signer       *AppointmentRef     `json:"signer"`
	CreatedBy    AppointmentRef      `json:"created_by"`
	Recipients   []DocumentRecipient `json:"recipients" nullable:"false"`
	Files        []DocumentFile      `json:"files" nullable:"false" doc:"Main file first"`
	Steps        []DocumentStep      `json:"steps" nullable:"false" doc:"Oldest first"`
	ReturnReason string              `json:"return_reason" doc:"Why the leader gave it back; empty otherwise"`
	ReleasedAt   *time.Time          `json:"released_at"`
	CreatedAt    time.Time           `json:"created_at"`
	UpdatedAt    time.Time           `json:"updated_at"`
	Version      int                 `json:"version"`
	Fields       string              `json:"fields" enum:"none,laid,impossible" doc:"impossible: the file came signed, so that its number and date are not filled in"`
	Copy         *DocumentCopy       `json:"copy" doc:"How it was copied; null for originals"`
	Pending      *id.Request         `json:"pending_request_id" format:"uuid" doc:"The open request for its signatures; null when there is none"`
	Can          []string            `json:"can" nullable:"false" enum:"change,layout,submit,sign,return,number,seal,send,cancel" doc:"What the caller may do with it now"`
}

// DeliveryCounts tells how many recipients of a document stand where.
type DeliveryCounts struct {
	Queued    int `json:"queued"`
	Sent      int `json:"sent"`
	Delivered int `json:"delivered" doc:"Arrived, neither accepted nor refused yet"`
	Failed    int `json:"failed"`
	Accepted  int `json:"accepted"`
	Refused   int `json:"refused"`
}

// DocumentSummary is a line of the list of own documents.
type DocumentSummary struct {
	ID             id.Document    `json:"id" format:"uuid"`
	TypeCode       string         `json:"type_code"`
	TypeName       string         `json:"type_name"`
	Code           string         `json:"code" doc:"05/QĐ-UBND; empty until numbered"`
	IssuedOn       *string        `json:"issued_on" format:"date" doc:"Null until numbered"`
	Subject        string         `json:"subject"`
	Urgency        int            `json:"urgency"`
	State          string         `json:"state" enum:"draft,submitted,signed,numbered,sealed,released,cancelled"`
	SignerName     string         `json:"signer_name"`
	CreatedByName  string         `json:"created_by_name"`
	RecipientCount int            `json:"recipient_count"`
	FileCount      int            `json:"file_count"`
	ReturnReason   string         `json:"return_reason"`
	ReleasedAt     *time.Time     `json:"released_at"`
	CreatedAt      time.Time      `json:"created_at"`
	UpdatedAt      time.Time      `json:"updated_at"`
	Version        int            `json:"version"`
	DeliveryCounts DeliveryCounts `json:"delivery_counts"`
}

// ReasonInput carries why something is given back, refused or given up.
type ReasonInput struct {
	Reason string `json:"reason" maxLength:"4000"`
}

// DocumentPath names a document in the address. It is exported because huma reads embedded structs only then.
type DocumentPath struct {
	ID id.Document `path:"document_id" format:"uuid"`
}

type documentCommand struct {
	DocumentPath
	IfMatch
}

type documentReasonCommand struct {
	DocumentPath
	IfMatch
	Body ReasonInput
}

// DocumentNumber is the number of a document in its series, and its date of issue.
type DocumentNumber struct {
	Number   string `json:"number" maxLength:"20" doc:"Digits as written in the document; below 10 with a leading zero: 05"`
	IssuedOn string `json:"issued_on" format:"date"`
}

type numberDocumentInput struct {
	DocumentPath
	IfMatch
	Body DocumentNumber
}

type createDocumentInput struct{ Body DocumentInput }

type changeDocumentInput struct {
	DocumentPath
	IfMatch
	Body DocumentInput
}

type listDocumentsInput struct {
	Page
	State string `query:"state" enum:"draft,submitted,signed,numbered,sealed,released,cancelled"`
}

// registerDocument adds the routes of own documents. Signing registers sign, seal and verdict.
func (a *API) registerDocument() {
	const tag = "document"
	drafters := Role(access.Clerk, access.Specialist)
	get(a, Op{ID: "list-document-types", Path: "/document-types", Tag: tag, Access: Acting,
		Summary: "The kinds of administrative documents"}, a.listDocumentTypes)
	post(a, Op{ID: "create-document", Path: "/documents", Tag: tag, Access: drafters, Status: http.StatusCreated,
		Summary: "Prepare an official document from uploads"}, a.createDocument)
	get(a, Op{ID: "list-documents", Path: "/documents", Tag: tag, Access: Acting,
		Summary: "Documents of the own agency, newest first"}, a.listDocuments)
	get(a, Op{ID: "get-document", Path: "/documents/{document_id}", Tag: tag, Access: Acting,
		Summary: "One document of the own agency"},
		func(ctx context.Context, actor access.Actor, in *DocumentPath) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Documents.Get(ctx, actor, in.ID))
		})
	put(a, Op{ID: "change-document", Path: "/documents/{document_id}", Tag: tag, Access: drafters,
		Summary: "Change a draft as a whole"}, a.changeDocument)
	post(a, Op{ID: "submit-document", Path: "/documents/{document_id}/submit", Tag: tag, Access: drafters,
		Summary: "Ask the leader to sign"},
		func(ctx context.Context, actor access.Actor, in *documentCommand) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Documents.Submit(ctx, actor, in.ID, in.Version()))
		})
	post(a, Op{ID: "return-document", Path: "/documents/{document_id}/return", Tag: tag, Access: Role(access.Leader),
		Summary: "Give it back unsigned, with a reason"},
		func(ctx context.Context, actor access.Actor, in *documentReasonCommand) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Documents.Return(ctx, actor, in.ID, in.Version(), in.Body.Reason))
		})
	post(a, Op{ID: "cancel-document", Path: "/documents/{document_id}/cancel", Tag: tag, Access: drafters,
		Summary: "Give it up before release, with a reason"},
		func(ctx context.Context, actor access.Actor, in *documentReasonCommand) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Documents.Cancel(ctx, actor, in.ID, in.Version(), in.Body.Reason))
		})
	get(a, Op{ID: "suggest-document-number", Path: "/documents/{document_id}/number-suggestion", Tag: tag, Access: Role(access.Clerk),
		Summary: "The next number of the series and today"}, a.suggestNumber)
	post(a, Op{ID: "number-document", Path: "/documents/{document_id}/number", Tag: tag, Access: Role(access.Clerk),
		Summary: "Give it its number and date of issue, after the leader signed"}, a.numberDocument)
	a.raw(http.MethodGet, Op{ID: "get-document-file", Path: "/documents/{document_id}/files/{file_id}", Tag: tag, Access: Acting,
		Summary: "A file of an own document; ?revision= for an older state"}, upload.PDF, a.serveDocumentFile)
}

func (a *API) suggestNumber(ctx context.Context, actor access.Actor, in *DocumentPath) (*Answer[DocumentNumber], error) {
	n, err := a.Documents.SuggestNumber(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(DocumentNumber{Number: n.Number, IssuedOn: dateText(n.IssuedOn)}), nil
}

func (a *API) numberDocument(ctx context.Context, actor access.Actor, in *numberDocumentInput) (*Answer[Document], error) {
	issued, err := readDate("issued_on", in.Body.IssuedOn)
	if err != nil {
		return nil, err
	}
	n := document.Numbering{Number: in.Body.Number, IssuedOn: issued}
	return documentAnswer(actor)(a.Documents.Number(ctx, actor, in.ID, in.Version(), n))
}

func (a *API) serveDocumentFile(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	documentID, fileID, err := filePath[id.Document](r, "document_id")
	if err != nil {
		return err
	}
	revision := 0
	if s := r.URL.Query().Get("revision"); s != "" {
		if revision, err = strconv.Atoi(s); err != nil || revision < 1 {
			return errs.InvalidField("revision", "field.wrong_form")
		}
	}
	f, err := a.Documents.File(r.Context(), actor, documentID, fileID, revision)
	if err != nil {
		return err
	}
	return a.serveObject(w, r, f.Ref, f.Name, upload.PDF)
}

// filePath reads the ids of a file and of what it belongs to; what is no id is not there.
func filePath[T id.Kind](r *http.Request, owner string) (T, id.File, error) {
	of, err := id.Parse[T](chi.URLParam(r, owner))
	if err != nil {
		return of, id.File{}, errs.Missing()
	}
	fileID, err := id.Parse[id.File](chi.URLParam(r, "file_id"))
	if err != nil {
		return of, fileID, errs.Missing()
	}
	return of, fileID, nil
}

func (a *API) listDocumentTypes(context.Context, access.Actor, *struct{}) (*List[DocumentType], error) {
	items := make([]DocumentType, 0, len(document.Types))
	for _, t := range document.Types {
		items = append(items, DocumentType(t))
	}
	return list(items, ""), nil
}

func (a *API) createDocument(ctx context.Context, actor access.Actor, in *createDocumentInput) (*Answer[Document], error) {
	return documentAnswer(actor)(a.Documents.Create(ctx, actor, in.Body.domain()))
}

func (a *API) changeDocument(ctx context.Context, actor access.Actor, in *changeDocumentInput) (*Answer[Document], error) {
	return documentAnswer(actor)(a.Documents.Change(ctx, actor, in.ID, in.Version(), in.Body.domain()))
}

func (a *API) listDocuments(ctx context.Context, actor access.Actor, in *listDocumentsInput) (*List[DocumentSummary], error) {
	found, next, err := a.Documents.List(ctx, actor, document.Filter{
		State: document.State(in.State), After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	ids := make([]id.Document, 0, len(found))
	for _, d := range found {
		if d.State == document.Released {
			ids = append(ids, d.ID)
		}
	}
	counts, err := a.Exchange.Counts(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	items := make([]DocumentSummary, 0, len(found))
	for _, d := range found {
		items = append(items, summaryBody(d, counts[d.ID]))
	}
	return list(items, next), nil
}

func (in DocumentInput) domain() document.Input {
	out := document.Input{TypeCode: in.TypeCode, Symbol: in.Symbol, Subject: in.Subject, Urgency: in.Urgency,
		Recipients: in.RecipientIDs}
	if in.SignerID != nil {
		out.Signer = *in.SignerID
	}
	for _, f := range in.Files {
		file := document.InputFile{Main: f.Main}
		if f.UploadID != nil {
			file.Upload = *f.UploadID
		}
		if f.FileID != nil {
			file.File = *f.FileID
		}
		out.Files = append(out.Files, file)
	}
	return out
}

// documentAnswer makes the answer of every operation on one document, and brings the present state
// in a refusal into the shape that the caller knows.
func documentAnswer(actor access.Actor) func(document.Document, error) (*Answer[Document], error) {
	return func(d document.Document, err error) (*Answer[Document], error) {
		if err != nil {
			return nil, withCurrent(err, func(d document.Document) any { return documentBody(actor, d) })
		}
		return answer(documentBody(actor, d)), nil
	}
}

// withCurrent replaces the domain object that an error carries as the present state.
func withCurrent[T any](err error, body func(T) any) error {
	var known *errs.Error
	if !errors.As(err, &known) {
		return err
	}
	now, ok := known.Current.(T)
	if !ok {
		return err
	}
	c := *known
	c.Current = body(now)
	return &c
}

func documentBody(actor access.Actor, d document.Document) Document {
	kind, _ := document.TypeByCode(d.TypeCode)
	out := Document{
		ID: d.ID, TypeCode: d.TypeCode, TypeName: kind.Name, Number: d.Number, Symbol: d.Symbol, Code: d.Code(),
		IssuedOn: dateTextOrNull(d.IssuedOn), Subject: d.Subject, Urgency: d.Urgency, State: string(d.State),
		AgencyID: d.Agency, AgencyName: d.AgencyName, Signer: appointmentBody(d.Signer), CreatedBy: appointmentRef(d.CreatedBy),
		Recipients: make([]DocumentRecipient, 0, len(d.Recipients)), Files: filesBody(d.Files),
		Steps: make([]DocumentStep, 0, len(d.Steps)), ReturnReason: d.ReturnReason, ReleasedAt: d.ReleasedAt,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, Version: d.Version, Fields: string(d.Fields), Copy: copyBody(d.Copy), Pending: d.Pending, Can: []string{},
	}
	for _, r := range d.Recipients {
		out.Recipients = append(out.Recipients, DocumentRecipient{AgencyID: r.Agency, Name: r.Name})
	}
	for _, s := range d.Steps {
		out.Steps = append(out.Steps, DocumentStep{At: s.At, State: string(s.State), By: appointmentBody(s.By), Reason: s.Reason})
	}
	for _, c := range d.Can(actor) {
		out.Can = append(out.Can, string(c))
	}
	return out
}

func filesBody(files []document.File) []DocumentFile {
	out := make([]DocumentFile, 0, len(files))
	for _, f := range files {
		out = append(out, DocumentFile{ID: f.ID, Name: f.Name, Main: f.Main, Size: f.Ref.Size, Revision: f.Revision,
			SHA256: f.Ref.Hash.Hex()})
	}
	return out
}

func appointmentBody(a *org.Appointment) *AppointmentRef {
	if a == nil {
		return nil
	}
	ref := appointmentRef(*a)
	return &ref
}

func summaryBody(d document.Summary, c exchange.Counts) DocumentSummary {
	kind, _ := document.TypeByCode(d.TypeCode)
	return DocumentSummary{
		ID: d.ID, TypeCode: d.TypeCode, TypeName: kind.Name, Code: d.Code(), IssuedOn: dateTextOrNull(d.IssuedOn),
		Subject: d.Subject, Urgency: d.Urgency, State: string(d.State), SignerName: d.SignerName, CreatedByName: d.CreatedByName,
		RecipientCount: d.RecipientCount, FileCount: d.FileCount, ReturnReason: d.ReturnReason, ReleasedAt: d.ReleasedAt,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, Version: d.Version, DeliveryCounts: DeliveryCounts(c),
	}
}
