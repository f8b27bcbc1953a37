package pades_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// seeds are documents of every shape that the tests have, and small odd files where they are at hand.
func seeds(f *testing.F) {
	f.Add(pdftest.Page("x"))
	f.Add(foreignForm(false))
	f.Add(foreignForm(true))
	f.Add(page("/Rotate 90/CropBox[9 9 99 99]", "/MediaBox[0 0 100 100]/UserUnit 2"))
	f.Add(pdftest.Append(pdftest.Page("x"), []pdftest.Object{{Num: 4, Body: "null"}}, "/Root 1 0 R", nil))
	files, _ := filepath.Glob("../../../../shared/data/pdf-odd/*.pdf") // a folder that may be absent
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil && len(data) < 20_000 {
			f.Add(data)
		}
	}
}

// FuzzPrepare: whatever comes, the answer is a refusal, or an update that leads to a file as planned, with
// a picture, a text and a place of its own, in a field that is there or in a new one.
func FuzzPrepare(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, req := range []pades.Request{
			{Name: "Nghĩa", At: now, Hole: pades.MinHole},
			{At: now, Hole: pades.MinHole, Page: 1, Rect: pades.Rect{X: 1, Y: 1, W: 20, H: 9}, Look: pades.Appearance{Text: "Đã ký ĩ"}},
			{At: now, Hole: pades.MinHole, Field: "KyCoKid", Look: pades.Appearance{Text: "Đã ký"}, Certify: 2},
		} {
			plan, err := pades.Prepare(bytes.NewReader(data), int64(len(data)), req)
			if err != nil {
				answered(t, err)
				continue
			}
			signed := append(bytes.Clone(data), plan.Appendix...)
			if plan.Room() != req.Hole || plan.Size != int64(len(signed)) {
				t.Fatalf("room for %d, size %d", plan.Room(), plan.Size)
			}
			made := pades.Made{Before: plan.Before(), Ranges: [][4]int64{plan.ByteRange()}}
			if err := pades.Check(bytes.NewReader(signed), plan.Size, made); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzFill: laying and filling answer in the same way.
func FuzzFill(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		plan, err := pades.Lay(bytes.NewReader(data), int64(len(data)), []pades.Field{
			{Name: "So", Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 1, Y: 1, W: 30, H: 6}, Style: pades.TextStyle{Bold: true}},
			{Name: "Dau", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 1, Y: 9, W: 30, H: 6}}})
		if err != nil {
			answered(t, err)
		} else {
			laid := append(bytes.Clone(data), plan.Appendix...)
			plan, err := pades.FillForm(bytes.NewReader(laid), int64(len(laid)), map[string]string{"So": "05/QĐ-UBND"})
			if err != nil {
				t.Fatalf("a field that was laid is not filled: %v", err)
			}
			filled := append(laid, plan.Appendix...)
			if err := pades.Check(bytes.NewReader(filled), int64(len(filled)), pades.Made{Before: int64(len(data))}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := pades.FillForm(bytes.NewReader(data), int64(len(data)), map[string]string{"Nhom.Ten": "x", "GhiChu": "y"}); err != nil {
			answered(t, err)
		}
	})
}

// answered demands that an error gives its reason to people.
func answered(t *testing.T, err error) {
	t.Helper()
	var r *pades.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("refused without a reason: %v", err)
	}
}
