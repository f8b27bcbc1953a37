package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/images"
	"nghisu/internal/upload"
)

// ImageInput names a picture that was uploaded, and the real size of what it shows.
type ImageInput struct {
	UploadID id.Upload `json:"upload_id" format:"uuid"`
	Width    float64   `json:"width_mm"`
	Height   float64   `json:"height_mm"`
}

// SignatureImage is a kept picture of a seal or a handwritten signature.
type SignatureImage struct {
	SHA256 string  `json:"sha256"`
	Width  float64 `json:"width_mm"`
	Height float64 `json:"height_mm"`
}

// ImagePreviewInput asks what would be kept of a picture.
type ImagePreviewInput struct {
	UploadID id.Upload `json:"upload_id" format:"uuid"`
	Kind     string    `json:"kind" enum:"seal,signature"`
}

type setSealInput struct {
	AgencyPath
	Body ImageInput
}

type setSignatureInput struct {
	PersonPath
	Body ImageInput
}

type imagePreviewInput struct{ Body ImagePreviewInput }

// pngOutput is a picture as the answer of a JSON operation.
type pngOutput struct {
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

// registerImages adds the routes of the pictures of seals and signatures.
func (a *API) registerImages() {
	const tag = "signing"
	admins := Role(access.AgencyAdmin, access.SystemAdmin)
	put(a, Op{ID: "set-seal-image", Path: "/agencies/{agency_id}/seal-image", Tag: tag, Access: admins,
		Summary: "Keep the picture of an agency's seal, in its real size"},
		func(ctx context.Context, actor access.Actor, in *setSealInput) (*Answer[SignatureImage], error) {
			return a.setImage(ctx, actor, images.OfAgency(in.Agency), in.Body)
		})
	put(a, Op{ID: "set-signature-image", Path: "/people/{person_id}/signature-image", Tag: tag, Access: admins,
		Summary: "Keep the picture of a person's handwritten signature"},
		func(ctx context.Context, actor access.Actor, in *setSignatureInput) (*Answer[SignatureImage], error) {
			return a.setImage(ctx, actor, images.OfPerson(in.Person), in.Body)
		})
	del(a, Op{ID: "remove-seal-image", Path: "/agencies/{agency_id}/seal-image", Tag: tag, Access: admins, Status: http.StatusNoContent,
		Summary: "Take the picture of a seal away; documents that show it keep it"},
		func(ctx context.Context, actor access.Actor, in *AgencyPath) (*struct{}, error) {
			return nil, a.Images.Remove(ctx, actor, images.OfAgency(in.Agency))
		})
	del(a, Op{ID: "remove-signature-image", Path: "/people/{person_id}/signature-image", Tag: tag, Access: admins, Status: http.StatusNoContent,
		Summary: "Take the picture of a signature away; documents that show it keep it"},
		func(ctx context.Context, actor access.Actor, in *PersonPath) (*struct{}, error) {
			return nil, a.Images.Remove(ctx, actor, images.OfPerson(in.Person))
		})
	post(a, Op{ID: "preview-signature-image", Path: "/signature-images/preview", Tag: tag, Access: Acting, Free: true,
		Summary: "What would be kept of a picture: ink on transparent ground"}, a.previewImage)
	a.raw(http.MethodGet, Op{ID: "get-seal-image", Path: "/agencies/{agency_id}/seal-image", Tag: tag, Access: Acting,
		Summary: "The picture of a seal; its real size in X-Width-Mm and X-Height-Mm"}, upload.PNG,
		func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
			agency, err := id.Parse[id.Agency](chi.URLParam(r, "agency_id"))
			if err != nil {
				return errs.Missing()
			}
			return a.serveImage(w, r, actor, images.OfAgency(agency))
		})
	a.raw(http.MethodGet, Op{ID: "get-signature-image", Path: "/people/{person_id}/signature-image", Tag: tag, Access: Acting,
		Summary: "The picture of a handwritten signature; its real size in X-Width-Mm and X-Height-Mm"}, upload.PNG,
		func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
			person, err := id.Parse[id.Person](chi.URLParam(r, "person_id"))
			if err != nil {
				return errs.Missing()
			}
			return a.serveImage(w, r, actor, images.OfPerson(person))
		})
}

func (a *API) setImage(ctx context.Context, actor access.Actor, h images.Holder, in ImageInput) (*Answer[SignatureImage], error) {
	p, err := a.Images.Set(ctx, actor, h, in.UploadID, images.Size{Width: in.Width, Height: in.Height})
	if err != nil {
		return nil, err
	}
	return answer(SignatureImage{SHA256: p.Ref.Hash.Hex(), Width: p.Size.Width, Height: p.Size.Height}), nil
}

func (a *API) previewImage(ctx context.Context, actor access.Actor, in *imagePreviewInput) (*pngOutput, error) {
	content, err := a.Images.Preview(ctx, actor, in.Body.UploadID, images.Kind(in.Body.Kind))
	if err != nil {
		return nil, err
	}
	return &pngOutput{ContentType: upload.PNG, Policy: filePolicy, Body: content}, nil
}

func (a *API) serveImage(w http.ResponseWriter, r *http.Request, actor access.Actor, holder images.Holder) error {
	p, err := a.Images.Get(r.Context(), actor, holder)
	if err != nil {
		return err
	}
	content, err := images.Read(r.Context(), a.Objects, p.Ref)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", upload.PNG)
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Width-Mm", strconv.FormatFloat(p.Size.Width, 'f', -1, 64))
	h.Set("X-Height-Mm", strconv.FormatFloat(p.Size.Height, 'f', -1, 64))
	_, err = w.Write(content)
	return err
}
