package httpapi

import (
	"context"

	"nghisu/internal/access"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/place"
)

// LayoutPage is the size of a page as it is displayed.
type LayoutPage struct {
	Number int     `json:"number" doc:"From 1"`
	Width  float64 `json:"width" doc:"mm"`
	Height float64 `json:"height" doc:"mm"`
}

// LayoutPlace is where one field stands: millimetres from the top left corner of the page as displayed.
type LayoutPlace struct {
	Kind   string  `json:"kind" enum:"person,number,date,seal"`
	Page   int     `json:"page"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// LayoutField is a place with where it comes from.
type LayoutField struct {
	LayoutPlace
	Source  string `json:"source" enum:"found,default,placed" doc:"Found by the words of the page, usual, or placed by a person"`
	Printed string `json:"printed" doc:"What stands there in print already: the symbol, or the whole number or date, which is then not filled in"`
}

// DocumentLayout is where the fields of a document stand, or would stand, on its main file.
type DocumentLayout struct {
	Pages  []LayoutPage  `json:"pages" nullable:"false"`
	Fields []LayoutField `json:"fields" nullable:"false"`
	Laid   bool          `json:"laid" doc:"They are in the file"`
}

// LayoutInput places fields. Number and date may be left out: they are not filled in then.
type LayoutInput struct {
	Fields []LayoutPlace `json:"fields" nullable:"false" maxItems:"4"`
}

type setLayoutInput struct {
	DocumentPath
	IfMatch
	Body LayoutInput
}

// registerLayout adds the routes of the fields on a document.
func (a *API) registerLayout() {
	get(a, Op{ID: "get-document-layout", Path: "/documents/{document_id}/layout", Tag: "document", Access: Acting,
		Summary: "Where person, number, date and seal stand on the main file"}, a.getLayout)
	put(a, Op{ID: "set-document-layout", Path: "/documents/{document_id}/layout", Tag: "document",
		Access:  Role(access.Clerk, access.Specialist, access.Leader),
		Summary: "Place the fields, before the leader signs"}, a.setLayout)
}

func (a *API) getLayout(ctx context.Context, actor access.Actor, in *DocumentPath) (*Answer[DocumentLayout], error) {
	l, err := a.Documents.Layout(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := DocumentLayout{Pages: make([]LayoutPage, 0, len(l.Pages)), Fields: make([]LayoutField, 0, len(l.Fields)), Laid: l.Laid}
	for _, p := range l.Pages {
		out.Pages = append(out.Pages, LayoutPage{p.Number, p.Width, p.Height})
	}
	for _, f := range l.Fields {
		out.Fields = append(out.Fields, LayoutField{Source: string(f.Source), Printed: f.Printed,
			LayoutPlace: LayoutPlace{string(f.Kind), f.Page, f.Rect.X, f.Rect.Y, f.Rect.W, f.Rect.H}})
	}
	return answer(out), nil
}

func (a *API) setLayout(ctx context.Context, actor access.Actor, in *setLayoutInput) (*Answer[Document], error) {
	fields := make([]place.Field, 0, len(in.Body.Fields))
	for _, f := range in.Body.Fields {
		fields = append(fields, place.Field{Kind: place.Kind(f.Kind), Page: f.Page, Rect: page.Rect{X: f.X, Y: f.Y, W: f.Width, H: f.Height}})
	}
	return documentAnswer(actor)(a.Documents.SetLayout(ctx, actor, in.ID, in.Version(), fields))
}
