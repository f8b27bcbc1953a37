package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/page/pdfium"
	"nghisu/internal/upload"
)

// PDFRevision is a state that a PDF file went through.
type PDFRevision struct {
	Number         int        `json:"number" doc:"From 1, the oldest"`
	Size           int64      `json:"size" doc:"The first bytes of the file, so many, are this state"`
	At             *time.Time `json:"at" doc:"When it was signed: proven, else claimed; null for what is not signed"`
	SignatureField string     `json:"signature_field" doc:"Field of the signature that covers it; empty for none"`
	SignerName     string     `json:"signer_name"`
	Kind           string     `json:"kind" enum:"original,signature,document_timestamp,update"`
}

// PDFRevisions lists the states of a file.
type PDFRevisions struct {
	Revisions []PDFRevision `json:"revisions" nullable:"false"`
}

// PDFComparison tells where two states of a file differ.
type PDFComparison struct {
	PageCount int             `json:"page_count" doc:"Pages of the longer state; of more than 400 the first ones are compared"`
	Pages     []PDFPageChange `json:"pages" nullable:"false" doc:"Pages that differ"`
}

// PDFPageChange is a page that differs.
type PDFPageChange struct {
	Page   int     `json:"page"`
	Width  float64 `json:"width" doc:"mm"`
	Height float64 `json:"height" doc:"mm"`
	Areas  []Area  `json:"areas" nullable:"false"`
}

// Area is a rectangle on a page as it is displayed, in mm from the top left corner.
type Area struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// DocumentFilePath names a file of an own document.
type DocumentFilePath struct {
	Document id.Document `path:"document_id" format:"uuid"`
	File     id.File     `path:"file_id" format:"uuid"`
}

// DeliveryFilePath names a file of an incoming document.
type DeliveryFilePath struct {
	Delivery id.Delivery `path:"delivery_id" format:"uuid"`
	File     id.File     `path:"file_id" format:"uuid"`
}

// TwoRevisions are those to be compared.
type TwoRevisions struct {
	A int `path:"a" minimum:"1"`
	B int `path:"b" minimum:"1"`
}

type documentFileComparison struct {
	DocumentFilePath
	TwoRevisions
}

type deliveryFileComparison struct {
	DeliveryFilePath
	TwoRevisions
}

// registerPages adds the routes of the states and pages of files. Whoever may read the file may read these, and the reading
// is recorded in the same way.
func (a *API) registerPages() {
	own := func(ctx context.Context, actor access.Actor, in *DocumentFilePath) (document.File, error) {
		return a.Documents.File(ctx, actor, in.Document, in.File, 0)
	}
	arrived := func(ctx context.Context, actor access.Actor, in *DeliveryFilePath) (document.File, error) {
		return a.Exchange.File(ctx, actor, in.Delivery, in.File)
	}
	ownOp := Op{ID: "document-file", Path: "/documents/{document_id}/files/{file_id}", Tag: "documents", Access: Acting}
	arrivedOp := Op{ID: "delivery-file", Path: "/deliveries/{delivery_id}/files/{file_id}", Tag: "exchange", Access: ofDeliveries}
	get(a, below(ownOp, "list", "-revisions", "/pdf-revisions", "States that the file went through"),
		func(ctx context.Context, actor access.Actor, in *DocumentFilePath) (*Answer[PDFRevisions], error) {
			return a.listRevisions(ctx)(own(ctx, actor, in))
		})
	get(a, below(arrivedOp, "list", "-revisions", "/pdf-revisions", "States that the file went through"),
		func(ctx context.Context, actor access.Actor, in *DeliveryFilePath) (*Answer[PDFRevisions], error) {
			return a.listRevisions(ctx)(arrived(ctx, actor, in))
		})
	get(a, below(ownOp, "compare", "-revisions", "/pdf-revisions/{a}/compare/{b}", "Where two states of the file differ"),
		func(ctx context.Context, actor access.Actor, in *documentFileComparison) (*Answer[PDFComparison], error) {
			return a.compareRevisions(ctx, in.TwoRevisions)(own(ctx, actor, &in.DocumentFilePath))
		})
	get(a, below(arrivedOp, "compare", "-revisions", "/pdf-revisions/{a}/compare/{b}", "Where two states of the file differ"),
		func(ctx context.Context, actor access.Actor, in *deliveryFileComparison) (*Answer[PDFComparison], error) {
			return a.compareRevisions(ctx, in.TwoRevisions)(arrived(ctx, actor, &in.DeliveryFilePath))
		})
	a.rawRevisions(ownOp, func(r *http.Request, actor access.Actor) (document.File, error) {
		documentID, fileID, err := filePath[id.Document](r, "document_id")
		if err != nil {
			return document.File{}, err
		}
		return own(r.Context(), actor, &DocumentFilePath{documentID, fileID})
	})
	a.rawRevisions(arrivedOp, func(r *http.Request, actor access.Actor) (document.File, error) {
		deliveryID, fileID, err := filePath[id.Delivery](r, "delivery_id")
		if err != nil {
			return document.File{}, err
		}
		return arrived(r.Context(), actor, &DeliveryFilePath{deliveryID, fileID})
	})
}

// below describes an operation on something that belongs to op.
func below(op Op, verb, what, path, summary string) Op {
	op.ID, op.Path, op.Summary = verb+"-"+op.ID+what, op.Path+path, summary
	return op
}

func (a *API) listRevisions(ctx context.Context) func(document.File, error) (*Answer[PDFRevisions], error) {
	return func(f document.File, err error) (*Answer[PDFRevisions], error) {
		if err != nil {
			return nil, err
		}
		found, err := a.Signing.Revisions(ctx, f.Ref)
		if err != nil {
			return nil, err
		}
		out := PDFRevisions{Revisions: make([]PDFRevision, 0, len(found))}
		for _, r := range found {
			out.Revisions = append(out.Revisions, PDFRevision{Number: r.Number, Size: r.Size, At: r.At, SignatureField: r.Field,
				SignerName: r.SignerName, Kind: string(r.Kind)})
		}
		return answer(out), nil
	}
}

func (a *API) compareRevisions(ctx context.Context, two TwoRevisions) func(document.File, error) (*Answer[PDFComparison], error) {
	return func(f document.File, err error) (*Answer[PDFComparison], error) {
		if err != nil {
			return nil, err
		}
		c, err := a.Signing.CompareRevisions(ctx, f.Ref, two.A, two.B)
		if err != nil {
			return nil, err
		}
		return answer(comparisonBody(c)), nil
	}
}

func comparisonBody(c pdfium.Comparison) PDFComparison {
	out := PDFComparison{PageCount: c.Pages, Pages: make([]PDFPageChange, 0, len(c.Changes))}
	for _, p := range c.Changes {
		change := PDFPageChange{Page: p.Page, Width: p.Width, Height: p.Height, Areas: make([]Area, 0, len(p.Areas))}
		for _, r := range p.Areas {
			change.Areas = append(change.Areas, Area{X: r.X, Y: r.Y, Width: r.W, Height: r.H})
		}
		out.Pages = append(out.Pages, change)
	}
	return out
}

// rawRevisions adds the bytes and the pictures of states of a file.
func (a *API) rawRevisions(op Op, find func(r *http.Request, actor access.Actor) (document.File, error)) {
	a.raw(http.MethodGet, below(op, "get", "-revision", "/pdf-revisions/{n}/file", "A state of the file, as a file of its own"), upload.PDF,
		func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
			f, err := find(r, actor)
			if err != nil {
				return err
			}
			return a.serveRevision(w, r, f)
		})
	a.raw(http.MethodGet, below(op, "draw", "-page", "/pdf-revisions/{n}/pages/{p}", "A page of a state of the file as a picture; ?dpi= from 20 to 300"), "image/png",
		func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
			f, err := find(r, actor)
			if err != nil {
				return err
			}
			return a.servePicture(w, r, f)
		})
}

// numberPath reads a number from 1 of the path; what is none is not there.
func numberPath(r *http.Request, name string) (int, error) {
	n, err := strconv.Atoi(chi.URLParam(r, name))
	if err != nil || n < 1 {
		return 0, errs.Missing()
	}
	return n, nil
}

func (a *API) serveRevision(w http.ResponseWriter, r *http.Request, f document.File) error {
	n, err := numberPath(r, "n")
	if err != nil {
		return err
	}
	size, err := a.Signing.RevisionSize(r.Context(), f.Ref, n)
	if err != nil {
		return err
	}
	base, _ := strings.CutSuffix(f.Name, ".pdf")
	return a.serveBytes(w, r, firstBytes{f.Ref, size}, fmt.Sprintf("%s (%d).pdf", base, n), upload.PDF)
}

// servePicture draws a page. The same content has the same picture for ever, but whether it may be seen is asked each time.
func (a *API) servePicture(w http.ResponseWriter, r *http.Request, f document.File) error {
	n, err := numberPath(r, "n")
	if err != nil {
		return err
	}
	page, err := numberPath(r, "p")
	if err != nil {
		return err
	}
	dpi := 100
	if s := r.URL.Query().Get("dpi"); s != "" {
		if dpi, err = strconv.Atoi(s); err != nil || dpi < pdfium.MinDPI || dpi > pdfium.MaxDPI {
			return errs.InvalidField("dpi", "field.wrong_form")
		}
	}
	h := w.Header()
	etag := fmt.Sprintf(`"%s-%d-%d-%d"`, f.Ref.Hash.Hex(), n, page, dpi)
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	picture, err := a.Signing.PagePicture(r.Context(), f.Ref, n, page, dpi)
	if err != nil {
		h.Del("ETag")
		return err
	}
	h.Set("Content-Type", "image/png")
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture))
	return nil
}
