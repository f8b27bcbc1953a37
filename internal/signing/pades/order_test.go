package pades_test

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// randomDocument is a document of a random shape: table or streams, how pages and annotations lie, a form
// or none.
func randomDocument(t *rapid.T) []byte {
	pages := rapid.IntRange(1, 4).Draw(t, "pages")
	objects := []pdftest.Object{}
	kids := ""
	for i := range pages {
		num := 10 + i
		kids += fmt.Sprintf("%d 0 R ", num)
		body := fmt.Sprintf("<</Type/Page/Parent 2 0 R/Rotate %d", 90*rapid.IntRange(0, 3).Draw(t, "turn"))
		if rapid.Bool().Draw(t, "own box") {
			body += "/MediaBox[0 0 400 600]"
		}
		switch rapid.IntRange(0, 3).Draw(t, "annots") {
		case 1:
			body += "/Annots[]"
		case 2:
			body += fmt.Sprintf("/Annots %d 0 R", 30+i)
			objects = append(objects, pdftest.Object{Num: 30 + i, Body: "[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]>>]"})
		case 3:
			body += "/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]>>]"
		}
		objects = append(objects, pdftest.Object{Num: num, Body: body + ">>"})
	}
	form := ""
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 1:
		form = "/AcroForm<</Fields[]/DA(/Helv 0 Tf)/Q 1>>"
	case 2:
		form = "/AcroForm 40 0 R"
		objects = append(objects, pdftest.Object{Num: 40, Body: "<</Fields 41 0 R/DR<</Font 42 0 R>>/NeedAppearances false/XFA[]/CO[]>>"},
			pdftest.Object{Num: 41, Body: "[]"}, pdftest.Object{Num: 42, Body: "<<>>"})
	case 3:
		form = "/AcroForm 40 0 R"
		objects = append(objects, pdftest.Object{Num: 40, Body: "<</Fields[]/DR 41 0 R>>"}, pdftest.Object{Num: 41, Body: "<</Font<<>>>>"})
	}
	objects = append([]pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R" + form + ">>"},
		{Num: 2, Body: fmt.Sprintf("<</Type/Pages/MediaBox[0 0 595 842]/Count %d/Kids[%s]>>", pages, kids)},
	}, objects...)
	if rapid.Bool().Draw(t, "compressed") {
		return pdftest.BuildCompressed(objects, "/Root 1 0 R")
	}
	return pdftest.Build(objects, "/Root 1 0 R")
}

// randomRect is never more than a quarter of a page: a verifier denies new fields that hide so much.
func randomRect(t *rapid.T) pades.Rect {
	mm := rapid.Float64Range(1, 80)
	return pades.Rect{X: mm.Draw(t, "x"), Y: mm.Draw(t, "y"), W: mm.Draw(t, "w"), H: mm.Draw(t, "h")}
}

// Whatever the document and in whatever order fields are laid before, and signed and filled after one another,
// no signature breaks an earlier one.
func TestOrder(t *testing.T) {
	pki, signer := testKey(t, "Trần Văn Nghĩa")
	rapid.Check(t, func(rt *rapid.T) {
		data := randomDocument(rt)
		var empty, texts []string
		var fields []pades.Field
		for i := range rapid.IntRange(0, 5).Draw(rt, "fields") {
			f := pades.Field{Name: fmt.Sprintf("Ô%d", i), Kind: pades.Signature, Page: 1, Rect: randomRect(rt)}
			if rapid.Bool().Draw(rt, "text field") {
				f.Kind = pades.Text
				texts = append(texts, f.Name)
			} else {
				empty = append(empty, f.Name)
			}
			fields = append(fields, f)
		}
		step := func(plan pades.Plan, err error) {
			if err != nil {
				rt.Fatal(err)
			}
			data = append(bytes.Clone(data), plan.Appendix...)
		}
		if len(fields) > 0 {
			step(pades.Lay(bytes.NewReader(data), int64(len(data)), fields))
		}
		signatures := 0
		certified := rapid.Bool().Draw(rt, "certified")
		for range rapid.IntRange(1, 5).Draw(rt, "steps") {
			if len(texts) > 0 && rapid.Bool().Draw(rt, "fill") {
				step(pades.FillForm(bytes.NewReader(data), int64(len(data)), map[string]string{texts[0]: "05/QĐ-UBND"}))
				texts = texts[1:]
				continue
			}
			req := pades.Request{Name: "Nghĩa", At: now, Hole: 4096}
			switch {
			case len(empty) > 0 && rapid.Bool().Draw(rt, "laid"):
				req.Field, empty = empty[0], empty[1:]
				req.Look.Text = "Nghĩa"
			case rapid.Bool().Draw(rt, "visible"):
				req.Page, req.Rect, req.Look.Text = 1, randomRect(rt), "Nghĩa"
			}
			if signatures == 0 && certified {
				req.Certify = 2
			}
			var err error
			if data, err = sign(data, signer, req); err != nil {
				rt.Fatal(err)
			}
			signatures++
		}
		r, err := judge.Judge(bytes.NewReader(data), int64(len(data)), options(t, pki))
		if err != nil || len(r.Signatures) != signatures {
			rt.Fatalf("%d signatures instead of %d: %v", len(r.Signatures), signatures, err)
		}
		for _, s := range r.Signatures {
			if s.Status != judge.Passed {
				rt.Errorf("%s: %s %s", s.Field, s.Status, s.Finding)
			}
		}
	})
}
