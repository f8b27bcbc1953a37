package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/upload"
)

// Upload is a file on its way in.
type Upload struct {
	ID          id.Upload `json:"id" format:"uuid"`
	Name        string    `json:"name"`
	Size        int64     `json:"size" doc:"Bytes announced"`
	Received    int64     `json:"received" doc:"Bytes that are safely stored; the next part starts here"`
	State       string    `json:"state" enum:"open,complete"`
	SHA256      string    `json:"sha256" doc:"Hexadecimal; empty until complete"`
	ContentType string    `json:"content_type" doc:"Found from the content; empty until complete"`
}

func uploadDTO(u upload.Upload) Upload {
	out := Upload{ID: u.ID, Name: u.Name, Size: u.Size, Received: u.Received, State: string(u.State), ContentType: u.ContentType}
	if u.Hash != nil {
		out.SHA256 = u.Hash.Hex()
	}
	return out
}

// NewUpload announces a file.
type NewUpload struct {
	Name string `json:"name" minLength:"1" maxLength:"1000"`
	Size int64  `json:"size" doc:"Bytes; at most 200 MB"`
}

type uploadInput struct {
	ID id.Upload `path:"upload_id" format:"uuid"`
}

func (a *API) registerUpload() {
	post(a, Op{ID: "create-upload", Path: "/uploads", Summary: "Announce a file; too large a one is refused at once", Tag: "upload",
		Access: Acting, Status: http.StatusCreated},
		func(ctx context.Context, actor access.Actor, in *struct{ Body NewUpload }) (*Answer[Upload], error) {
			return uploadAnswer(a.Uploads.Create(ctx, actor, in.Body.Name, in.Body.Size))
		})
	get(a, Op{ID: "get-upload", Path: "/uploads/{upload_id}", Summary: "How far an upload is", Tag: "upload", Access: Acting},
		func(ctx context.Context, actor access.Actor, in *uploadInput) (*Answer[Upload], error) {
			return uploadAnswer(a.Uploads.Get(ctx, actor, in.ID))
		})
	a.raw(http.MethodPut, Op{ID: "put-upload-content", Path: "/uploads/{upload_id}/content", Tag: "upload", Access: Acting,
		Summary: "Add the body at the header Upload-Offset, which must be what was received"}, "application/json", a.putUploadContent)
	post(a, Op{ID: "complete-upload", Path: "/uploads/{upload_id}/complete", Summary: "Check the whole file and make it usable",
		Tag: "upload", Access: Acting},
		func(ctx context.Context, actor access.Actor, in *uploadInput) (*Answer[Upload], error) {
			return uploadAnswer(a.Uploads.Complete(ctx, actor, in.ID))
		})
	del(a, Op{ID: "cancel-upload", Path: "/uploads/{upload_id}", Summary: "Give an upload up", Tag: "upload", Access: Acting,
		Status: http.StatusNoContent},
		func(ctx context.Context, actor access.Actor, in *uploadInput) (*struct{}, error) {
			return nil, a.Uploads.Cancel(ctx, actor, in.ID)
		})
}

func uploadAnswer(u upload.Upload, err error) (*Answer[Upload], error) {
	if err != nil {
		return nil, uploadError(err)
	}
	return answer(uploadDTO(u)), nil
}

// uploadError puts the current state of the upload into the shape that callers know.
func uploadError(err error) error {
	var known *errs.Error
	if errors.As(err, &known) {
		if u, ok := known.Current.(upload.Upload); ok {
			shown := *known
			shown.Current, shown.Err = uploadDTO(u), err
			return &shown
		}
	}
	return err
}

// putUploadContent is raw: a body of up to 200 MB streams through, with no limit of time but that it
// must not stand still.
func (a *API) putUploadContent(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	uploadID, err := id.Parse[id.Upload](chi.URLParam(r, "upload_id"))
	if err != nil {
		return errs.Missing()
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return errs.InvalidField("Upload-Offset", "field.wrong_form")
	}
	body := newReceivedBody(w, r, upload.MaxSize+1)
	u, err := a.Uploads.Append(r.Context(), actor, uploadID, offset, body)
	body.finish(err != nil)
	if err != nil {
		return uploadError(err)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(uploadDTO(u))
}
