package signing

import (
	"context"

	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/signing/pades"
)

// signatureOn is the signature of an item as it will stand in its file: in which field, and what it
// shows there (NĐ 30/2020 Annex I.II.7-8).
func (j *run) signatureOn(ctx context.Context, w *work) (pades.Request, error) {
	doc, err := document.Read(ctx, j.DB, w.Document)
	if err != nil {
		return pades.Request{}, err
	}
	for _, f := range doc.Files {
		if f.ID != w.File {
			continue
		}
		at := j.Now()
		m, err := j.Documents.Mark(ctx, doc, j.request.Purpose, f, at)
		return pades.Request{Name: j.cert.Name, Reason: reasonText(j.request.Purpose, w.Item, j.cert.Development), At: at.In(vietnam),
			Hole: j.holeFor(), Field: m.Field, Page: m.Page, Rect: m.Rect, Look: m.Look, Certify: m.Certify}, err
	}
	return pades.Request{}, errs.Missing()
}
