package httpapi

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/signing/trust"
)

// TrustAnchor is an authority that signatures or timestamps may lead to.
type TrustAnchor struct {
	ID        id.Anchor `json:"id" format:"uuid"`
	List      string    `json:"list" enum:"public_service,public,tsa"`
	Name      string    `json:"name"`
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	ValidFrom time.Time `json:"valid_from"`
	ValidTo   time.Time `json:"valid_to"`
	SHA256    string    `json:"sha256" doc:"Of the certificate, in hexadecimal"`
	AddedAt   time.Time `json:"added_at"`
	AddedBy   string    `json:"added_by"`
}

// TrustAnchors are all lists.
type TrustAnchors struct {
	Anchors []TrustAnchor `json:"anchors" nullable:"false"`
}

type addAnchorInput struct {
	Body struct {
		List        string `json:"list" enum:"public_service,public,tsa"`
		Certificate string `json:"certificate" minLength:"1" maxLength:"100000" doc:"PEM, or DER in base64"`
	}
}

type anchorPath struct {
	Anchor id.Anchor `path:"anchor_id" format:"uuid"`
}

// registerTrust adds the routes of the trust lists.
func (a *API) registerTrust() {
	system := Role(access.SystemAdmin)
	get(a, Op{ID: "list-trust-anchors", Path: "/trust-anchors", Tag: "signing", Access: system, Summary: "Authorities that are trusted, by list"},
		func(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[TrustAnchors], error) {
			all, err := a.Trust.Anchors(ctx, actor)
			if err != nil {
				return nil, err
			}
			out := TrustAnchors{Anchors: make([]TrustAnchor, 0, len(all))}
			for _, x := range all {
				out.Anchors = append(out.Anchors, trustAnchor(x))
			}
			return answer(out), nil
		})
	post(a, Op{ID: "add-trust-anchor", Path: "/trust-anchors", Tag: "signing", Access: system,
		Summary: "Trust an authority; all verdicts are made anew"},
		func(ctx context.Context, actor access.Actor, in *addAnchorInput) (*Answer[TrustAnchor], error) {
			x, err := a.Trust.Add(ctx, actor, trust.List(in.Body.List), []byte(in.Body.Certificate))
			if err != nil {
				return nil, err
			}
			return answer(trustAnchor(x)), nil
		})
	del(a, Op{ID: "remove-trust-anchor", Path: "/trust-anchors/{anchor_id}", Tag: "signing", Access: system, Status: http.StatusNoContent,
		Summary: "Trust an authority no longer; all verdicts are made anew"},
		func(ctx context.Context, actor access.Actor, in *anchorPath) (*struct{}, error) {
			return nil, a.Trust.Remove(ctx, actor, in.Anchor)
		})
}

func trustAnchor(x trust.Anchor) TrustAnchor {
	c := x.Certificate
	return TrustAnchor{ID: x.ID, List: string(x.List), Name: x.Name, Subject: c.Subject.String(), Issuer: c.Issuer.String(),
		ValidFrom: c.NotBefore.UTC(), ValidTo: c.NotAfter.UTC(), SHA256: hex.EncodeToString(x.SHA256[:]), AddedAt: x.AddedAt, AddedBy: x.AddedBy}
}
