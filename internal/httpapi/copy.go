package httpapi

import (
	"context"
	"net/http"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/id"
)

// CopyInput is what a clerk gives for an electronic copy.
type CopyInput struct {
	UploadID     id.Upload   `json:"upload_id" format:"uuid" doc:"The scan, or the extract"`
	Form         string      `json:"form" enum:"sao_y,sao_luc,trich_sao"`
	TypeOfSource string      `json:"type_of_source" enum:"paper,electronic" doc:"What was copied; whole electronic documents are sent on, not copied"`
	Subject      string      `json:"subject" maxLength:"2000"`
	Urgency      int         `json:"urgency,omitempty" doc:"0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc"`
	RecipientIDs []id.Agency `json:"recipient_ids" format:"uuid" nullable:"false"`
}

type createCopyInput struct{ Body CopyInput }

// DocumentCopy says how a copy was made.
type DocumentCopy struct {
	Form         string   `json:"form" enum:"sao_y,sao_luc,trich_sao"`
	TypeOfSource string   `json:"type_of_source" enum:"paper,electronic"`
	Warnings     []string `json:"warnings" nullable:"false" enum:"old_pdf,gray,coarse" doc:"What the rules ask of a scan and this one seems not to have: PDF 1.4, colour, 200 dpi"`
}

// registerCopy adds the route of copies; the rest of their road is that of documents.
func (a *API) registerCopy() {
	post(a, Op{ID: "create-copy", Path: "/copies", Tag: "document", Access: Role(access.Clerk), Status: http.StatusCreated,
		Summary: "Prepare an electronic copy: sao y, sao lục, trích sao"}, a.createCopy)
}

func (a *API) createCopy(ctx context.Context, actor access.Actor, in *createCopyInput) (*Answer[Document], error) {
	b := in.Body
	return documentAnswer(actor)(a.Documents.CreateCopy(ctx, actor, document.CopyInput{Upload: b.UploadID, Form: document.CopyForm(b.Form),
		Source: document.CopySource(b.TypeOfSource), Subject: b.Subject, Urgency: b.Urgency, Recipients: b.RecipientIDs}))
}

func copyBody(c *document.CopyOf) *DocumentCopy {
	if c == nil {
		return nil
	}
	return &DocumentCopy{Form: string(c.Form), TypeOfSource: string(c.Source), Warnings: append([]string{}, c.Warnings...)}
}
