package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/inspection"
	"nghisu/internal/upload"
)

// SignatureCheck is a file that somebody had checked, with what was found out.
type SignatureCheck struct {
	ID        id.Check    `json:"id" format:"uuid"`
	Name      string      `json:"name"`
	Size      int64       `json:"size" doc:"Bytes"`
	SHA256    string      `json:"sha256"`
	CreatedAt time.Time   `json:"created_at"`
	CheckedAt *time.Time  `json:"checked_at" doc:"Null while the file is being judged: ask again"`
	Verdict   FileVerdict `json:"verdict"`
}

// CheckPath names a check of one's own.
type CheckPath struct {
	ID id.Check `path:"check_id" format:"uuid"`
}

type addCheckInput struct {
	Body struct {
		UploadID id.Upload `json:"upload_id" format:"uuid"`
	}
}

type listChecksInput struct {
	Page
}

type checkComparison struct {
	CheckPath
	TwoRevisions
}

// registerChecks adds the routes of the page "Kiểm tra chữ ký". Everybody sees the own checks only.
func (a *API) registerChecks() {
	op := Op{ID: "signature-check", Path: "/signature-checks/{check_id}", Tag: "signing", Access: Acting}
	all := Op{ID: "add-signature-check", Path: "/signature-checks", Tag: "signing", Access: Acting, Summary: "Check the signatures on an uploaded file"}
	post(a, all, func(ctx context.Context, actor access.Actor, in *addCheckInput) (*Answer[SignatureCheck], error) {
		return checkAnswer(ctx)(a.Inspections.Add(ctx, actor, in.Body.UploadID))
	})
	all.ID, all.Summary = "list-signature-checks", "Files that the caller had checked, newest first"
	get(a, all, func(ctx context.Context, actor access.Actor, in *listChecksInput) (*List[SignatureCheck], error) {
		found, next, err := a.Inspections.List(ctx, actor, in.After, in.Limit)
		if err != nil {
			return nil, err
		}
		items := make([]SignatureCheck, 0, len(found))
		for _, c := range found {
			items = append(items, checkBody(ctx, c))
		}
		return list(items, next), nil
	})
	get(a, below(op, "get", "", "", "A file that the caller had checked"),
		func(ctx context.Context, actor access.Actor, in *CheckPath) (*Answer[SignatureCheck], error) {
			return checkAnswer(ctx)(a.Inspections.Get(ctx, actor, in.ID))
		})
	post(a, below(op, "rerun", "", "/rerun", "Check the file anew, with what can be found out today"),
		func(ctx context.Context, actor access.Actor, in *CheckPath) (*Answer[SignatureCheck], error) {
			return checkAnswer(ctx)(a.Inspections.Rerun(ctx, actor, in.ID))
		})
	del(a, below(op, "delete", "", "", "Forget a check and its file"),
		func(ctx context.Context, actor access.Actor, in *CheckPath) (*struct{}, error) {
			return nil, a.Inspections.Delete(ctx, actor, in.ID)
		})
	get(a, below(op, "list", "-revisions", "/pdf-revisions", "States that the file went through"),
		func(ctx context.Context, actor access.Actor, in *CheckPath) (*Answer[PDFRevisions], error) {
			return a.listRevisions(ctx)(a.checkFile(ctx, actor, in.ID))
		})
	get(a, below(op, "compare", "-revisions", "/pdf-revisions/{a}/compare/{b}", "Where two states of the file differ"),
		func(ctx context.Context, actor access.Actor, in *checkComparison) (*Answer[PDFComparison], error) {
			return a.compareRevisions(ctx, in.TwoRevisions)(a.checkFile(ctx, actor, in.ID))
		})
	a.rawRevisions(op, a.checkOfPath)
	a.raw(http.MethodGet, below(op, "get", "-file", "/file", "The file itself"), upload.PDF,
		func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
			f, err := a.checkOfPath(r, actor)
			if err != nil {
				return err
			}
			return a.serveObject(w, r, f.Ref, f.Name, upload.PDF)
		})
	a.raw(http.MethodGet, below(op, "get", "-report", "/report", "What was found out, for keeping and printing"), "application/json", a.serveCheckReport)
}

// checkFile is the file of a check of the caller.
func (a *API) checkFile(ctx context.Context, actor access.Actor, checkID id.Check) (document.File, error) {
	c, err := a.Inspections.Get(ctx, actor, checkID)
	return document.File{Name: c.Name, Ref: c.Ref}, err
}

func (a *API) checkOfPath(r *http.Request, actor access.Actor) (document.File, error) {
	checkID, err := id.Parse[id.Check](chi.URLParam(r, "check_id"))
	if err != nil {
		return document.File{}, errs.Missing()
	}
	return a.checkFile(r.Context(), actor, checkID)
}

// serveCheckReport answers with the check as a file.
func (a *API) serveCheckReport(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	checkID, err := id.Parse[id.Check](chi.URLParam(r, "check_id"))
	if err != nil {
		return errs.Missing()
	}
	c, err := a.Inspections.Get(r.Context(), actor, checkID)
	if err != nil {
		return err
	}
	report := struct {
		SignatureCheck
		CheckedBy string `json:"checked_by"`
		Agency    string `json:"agency"`
	}{checkBody(r.Context(), c), actor.Name, actor.AgencyName}
	body, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	base, _ := strings.CutSuffix(c.Name, ".pdf")
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", contentDisposition("attachment", base+" - ket qua kiem tra.json"))
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(body)
	return err
}

func checkAnswer(ctx context.Context) func(inspection.Check, error) (*Answer[SignatureCheck], error) {
	return func(c inspection.Check, err error) (*Answer[SignatureCheck], error) {
		if err != nil {
			return nil, err
		}
		return answer(checkBody(ctx, c)), nil
	}
}

func checkBody(ctx context.Context, c inspection.Check) SignatureCheck {
	out := SignatureCheck{ID: c.ID, Name: c.Name, Size: c.Ref.Size, SHA256: c.Ref.Hash.Hex(), CreatedAt: c.CreatedAt,
		Verdict: fileVerdictBody(callerOf(ctx).language, c.Verdict)}
	if !c.CheckedAt.IsZero() {
		out.CheckedAt = &c.CheckedAt
	}
	return out
}
