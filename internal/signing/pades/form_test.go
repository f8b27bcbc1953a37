package pades_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/pdftest"
)

// foreignForm is a form as other programs make them: values inherited, widgets apart from their fields,
// fonts and defaults of its own.
func foreignForm(compressed bool) []byte {
	objects := []pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Lang(vi)>>"},
		{Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots 4 0 R>>"},
		{Num: 4, Body: "[11 0 R 12 0 R 20 0 R 22 0 R 30 0 R]"},
		{Num: 5, Body: "<</Fields[10 0 R 20 0 R 21 0 R 30 0 R]/DA(/Bo 0 Tf 0 0 1 rg)/DR<</Font<</Bo 6 0 R>>>>/NeedAppearances false/XFA[(a)(b)]/CO[20 0 R]/Q 2/SigFlags 0>>"},
		{Num: 6, Body: "<</Type/Font/Subtype/Type1/BaseFont/Times-Bold>>"},
		{Num: 10, Body: "<</T(Nhom)/FT/Tx/Kids[13 0 R]/MaxLen 40>>"},
		{Num: 13, Body: "<</T(Ten)/Parent 10 0 R/Kids[11 0 R 12 0 R]/TU(tooltip)>>"},
		{Num: 11, Body: "<</Type/Annot/Subtype/Widget/Parent 13 0 R/Rect[50 700 300 720]/P 3 0 R>>"},
		{Num: 12, Body: "<</Type/Annot/Subtype/Widget/Parent 13 0 R/Rect[50 600 300 620]/MK<</R 90>>>>"},
		{Num: 20, Body: "<</Type/Annot/Subtype/Widget/FT/Tx/T(GhiChu)/Ff 4096/DA(/Bo 9 Tf 1 0 0 rg)/Rect[50 400 200 500]/P 3 0 R/AA<</K<</S/JavaScript/JS(1)>>>>>>"},
		{Num: 21, Body: "<</FT/Sig/T(KyCoKid)/Kids[22 0 R]/Lock<</Type/SigFieldLock/Action/Include/Fields[(GhiChu)]>>>>"},
		{Num: 22, Body: "<</Type/Annot/Subtype/Widget/Parent 21 0 R/Rect[300 100 400 150]/F 4>>"},
		{Num: 30, Body: "<</Type/Annot/Subtype/Widget/FT/Btn/T(Nut)/Rect[1 1 9 9]/P 3 0 R>>"},
	}
	if compressed {
		return pdftest.BuildCompressed(objects, "/Root 1 0 R")
	}
	return pdftest.Build(objects, "/Root 1 0 R")
}

func opened(t *testing.T, data []byte) *pdf.Doc {
	t.Helper()
	d, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func field(t *testing.T, data []byte, name string) (*pdf.Doc, pdf.Field) {
	t.Helper()
	d := opened(t, data)
	fields, err := d.Fields()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(fields, func(f pdf.Field) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no field %q", name)
	}
	return d, fields[i]
}

// Values reach the field and all its widgets; everything else stays as it was.
func TestFillForm_foreign(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		before := foreignForm(compressed)
		after := fill(t, before, map[string]string{"Nhom.Ten": "Nguyễn Thị Mỹ Hạnh", "GhiChu": "Dòng một\nDòng hai rất dài nên phải xuống hàng ở giữa câu"})
		clean(t, save(t, after))
		keysKept(t, before, after)
		d, f := field(t, after, "Nhom.Ten")
		if v, _ := f.Dict.Get("V").(pdf.String); pdf.DecodeText(v.Bytes) != "Nguyễn Thị Mỹ Hạnh" || !f.Dict.Has("TU") || !f.Dict.Has("Kids") {
			t.Errorf("field is %v", f.Dict)
		}
		for _, k := range d.Array(f.Dict.Get("Kids")) {
			if w := d.Dict(k); w.Has("V") || !w.Has("AP") || w.Has("V") || !w.Has("Rect") {
				t.Errorf("widget is %v", w)
			}
		}
		if _, f := field(t, after, "GhiChu"); !f.Dict.Has("AA") || f.Dict.Get("Ff") != pdf.Int(4097) {
			t.Errorf("field is %v", f.Dict)
		}
		text := pdftext(t, save(t, after))
		for _, want := range []string{"Nguyễn Thị Mỹ Hạnh", "Dòng một", "Dòng hai", "xuống hàng"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in %s", want, text)
			}
		}
	}
}

// What cannot be filled is refused, each with its own sentence.
func TestFillForm_refused(t *testing.T) {
	data := foreignForm(false)
	filled := fill(t, data, map[string]string{"GhiChu": "x"})
	for _, c := range []struct {
		data             []byte
		name, value, key string
	}{
		{data, "Khong", "x", pades.NoField},
		{data, "Nut", "x", pades.FieldUnfit},
		{data, "KyCoKid", "x", pades.FieldUnfit},
		{data, "Nhom.Ten", strings.Repeat("dài ", 11), pades.FieldUnfit},
		{data, "GhiChu", "漢", pades.NoLetter},
		{filled, "GhiChu", "y", pades.FieldTaken},
	} {
		_, err := pades.FillForm(bytes.NewReader(c.data), int64(len(c.data)), map[string]string{c.name: c.value})
		refused(t, err, c.key)
	}
}

// A field with its widget apart is signed where it lies, and locks what it says it locks.
func TestPrepare_existingField(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		pki, signer := testKey(t, "Trần Văn Nghĩa")
		before := foreignForm(compressed)
		after, err := sign(before, signer, pades.Request{Name: "Trần Văn Nghĩa", At: now, Hole: 4096, Field: "KyCoKid", Look: pades.Appearance{Text: "Đã ký: Nghĩa"}})
		if err != nil {
			t.Fatal(err)
		}
		keysKept(t, before, after)
		path := save(t, after)
		clean(t, path)
		if out, _, _ := tool(t, "pdfsig", "-nocert", path); strings.Count(out, "Signature is Valid") != 1 || !strings.Contains(out, "KyCoKid") {
			t.Errorf("pdfsig: %s", out)
		}
		if !strings.Contains(pdftext(t, path), "Đã ký: Nghĩa") {
			t.Error("signature does not show")
		}
		if r := judged(t, pki, after); len(r.Signatures) != 1 || r.Signatures[0].Result == judge.Invalid {
			t.Errorf("our verdict: %+v", r)
		}
		d, f := field(t, after, "KyCoKid")
		if w := d.Dict(d.Array(f.Dict.Get("Kids"))[0]); !w.Has("AP") {
			t.Errorf("widget is %v", w)
		}
		ref := d.Dict(d.Array(d.Dict(f.Value).Get("Reference"))[0])
		if ref.Get("TransformMethod") != pdf.Name("FieldMDP") || d.Dict(ref.Get("TransformParams")).Get("Action") != pdf.Name("Include") {
			t.Errorf("lock is %v", ref)
		}
		_, err = pades.FillForm(bytes.NewReader(after), int64(len(after)), map[string]string{"GhiChu": "x"})
		refused(t, err, pades.FieldLocked)
		for want, name := range map[string]string{pades.FieldTaken: "KyCoKid", pades.FieldUnfit: "Nut"} {
			_, err = pades.Prepare(bytes.NewReader(after), int64(len(after)), pades.Request{At: now, Hole: 4096, Field: name})
			refused(t, err, want)
		}
		_, err = pades.Prepare(bytes.NewReader(after), int64(len(after)), pades.Request{At: now, Hole: 4096, Certify: 2})
		refused(t, err, pades.LateCertify)
	}
}

// A certification stands in the catalog beside what was there; with P=1 nothing more is let in.
func TestPrepare_certify(t *testing.T) {
	pki, signer := testKey(t, "x")
	for _, perms := range []string{"", "/Perms<</UR3 7 0 R>>", "/Perms 8 0 R"} {
		data := pdftest.Build([]pdftest.Object{
			{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R" + perms + ">>"},
			{Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
			{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"},
			{Num: 7, Body: "<</Type/Sig>>"}, {Num: 8, Body: "<</UR3 7 0 R>>"},
		}, "/Root 1 0 R")
		for p := 1; p <= 3; p++ {
			signed, err := sign(data, signer, pades.Request{At: now, Hole: 4096, Certify: p})
			if err != nil {
				t.Fatal(err)
			}
			d := opened(t, signed)
			_, root, _ := d.Root()
			got := d.Dict(root.Get("Perms"))
			if !got.Has("DocMDP") || got.Has("UR3") != (perms != "") {
				t.Errorf("permissions are %v", got)
			}
			if r := judged(t, pki, signed); len(r.Signatures) != 1 || r.Signatures[0].Result != judge.Valid {
				t.Errorf("our verdict: %+v", r)
			}
			clean(t, save(t, signed))
			_, err = sign(signed, signer, pades.Request{At: now, Hole: 4096})
			if p == 1 {
				refused(t, err, pades.Certified)
			} else if err != nil {
				t.Error(err)
			}
		}
	}
}

// Thirty signatures after those of the trade leave each other valid.
func TestPrepare_many(t *testing.T) {
	pki, signer := testKey(t, "x")
	data := pdftest.Page("x")
	const all = 33
	for i := range all {
		var err error
		req := pades.Request{At: now, Hole: 4096}
		if i%3 == 0 {
			req.Page, req.Rect, req.Look.Text = 1, pades.Rect{X: 150, Y: float64(5 * i), W: 30, H: 5}, "Đã ký"
		}
		if data, err = sign(data, signer, req); err != nil {
			t.Fatal(err)
		}
	}
	r := judged(t, pki, data)
	for _, s := range r.Signatures {
		if s.Result != judge.Valid {
			t.Errorf("%s: %s", s.Field, s.Finding)
		}
	}
	path := save(t, data)
	if out, _, _ := tool(t, "pdfsig", "-nocert", path); len(r.Signatures) != all || strings.Count(out, "Signature is Valid") != all {
		t.Errorf("%d signatures; pdfsig: %s", len(r.Signatures), out)
	}
	clean(t, path)
}
