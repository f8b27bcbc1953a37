package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/pdftest"
)

func open(t testing.TB, file []byte) *pdf.Doc {
	t.Helper()
	d, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// one reads an object written as body.
func one(t *testing.T, body string) (pdf.Object, error) {
	t.Helper()
	return open(t, pdftest.Page("x", pdftest.Object{Num: 6, Body: body})).Object(6)
}

func TestObject_syntax(t *testing.T) {
	for body, want := range map[string]string{
		"<</A 1/B -2.5/C(a\\(b\\)\\101\\n)/D<48 69>/E[1 0 R true null/X#20Y]>>": "<</A 1\n/B -2.5\n/C (a\\(b\\)A\\n)\n/D <4869>\n/E [1 0 R true null /X#20Y]\n>>",
		"[1 2 3 0 R 4]":        "[1 2 3 0 R 4]",
		"(a\\\r\nb\rc(d)e)":    "(ab\\nc(d)e)",
		"<4>":                  "<40>",
		"% comment\n 12":       "12",
		"99999999999999999999": "99999999999999999999",
		"[/A/B#zz]":            "[/A /B#23zz]",
		"+7":                   "7",
		"-.002":                "-.002",
	} {
		o, err := one(t, body)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		got := string(pdf.Append(nil, o))
		if got = strings.ReplaceAll(got, "\\(d\\)", "(d)"); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
	for _, body := range []string{"<</A 1", "[1 2", "(abc", "<4x>", "<</A>>", "<<1 2>>", "]", "hello", strings.Repeat("[", 500) + strings.Repeat("]", 500)} {
		if o, err := one(t, body); !errors.Is(err, pdf.ErrSyntax) {
			t.Errorf("%.20s: %v, %v", body, o, err)
		}
	}
}

func TestOpen_forms(t *testing.T) {
	objects := []pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R/Marker/Old>>"}, {Num: 4, Body: pdftest.Stream("", "data")},
	}
	table, compressed := pdftest.Build(objects, "/Root 1 0 R"), pdftest.BuildCompressed(objects, "/Root 1 0 R")
	update := []pdftest.Object{{Num: 3, Body: "<</Type/Page/Parent 2 0 R/Marker/New>>"}}
	// hybrid: the table of the update hides object 3 as free, its stream knows it
	for name, c := range map[string]struct {
		file []byte
		want pdf.Name
	}{
		"table":                 {table, "Old"},
		"compressed":            {compressed, "Old"},
		"update of a table":     {pdftest.Append(table, update, "/Root 1 0 R", nil), "New"},
		"update of a stream":    {pdftest.Append(compressed, update, "/Root 1 0 R", nil), "New"},
		"hybrid":                {hybrid(compressed), "Old"},
		"offsets from the head": {append([]byte("mail header\r\n"), table...), "Old"},
	} {
		t.Run(name, func(t *testing.T) {
			_, page, err := open(t, c.file).FirstPage()
			if err != nil || page.Get("Marker") != c.want {
				t.Errorf("page %v, %v", page, err)
			}
		})
	}
}

// hybrid appends a table whose trailer names the cross-reference stream of the file (ISO 32000-1 7.5.8.4).
func hybrid(file []byte) []byte {
	start := len(file)
	return fmt.Appendf(bytes.Clone(file), "xref\n0 4\n0000000000 65535 f \n0000000000 00000 f \n0000000000 00000 f \n0000000000 00000 f \n"+
		"trailer\n<</Size 10/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", pdftest.LastStart(file), start)
}

func TestOpen_refuses(t *testing.T) {
	page := pdftest.Page("x")
	loop := pdftest.Append(page, nil, "/Root 1 0 R", map[int]int{4: 100})
	loop = bytes.Replace(loop, fmt.Appendf(nil, "/Prev %d", pdftest.LastStart(page)), fmt.Appendf(nil, "/Prev %d", pdftest.LastStart(loop)), 1)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":             {nil, pdf.ErrNotPDF},
		"text":              {[]byte("hello"), pdf.ErrNotPDF},
		"head only":         {[]byte("%PDF-1.7\n"), pdf.ErrSyntax},
		"cut off":           {page[:len(page)-40], pdf.ErrSyntax},
		"loop":              {loop, pdf.ErrSyntax},
		"start outside":     {append(bytes.Clone(page), "startxref\n99999999\n%%EOF"...), pdf.ErrSyntax},
		"catalog missing":   {pdftest.Build([]pdftest.Object{{Num: 1, Body: "[1]"}}, "/Root 1 0 R"), pdf.ErrSyntax},
		"catalog of itself": {pdftest.Build([]pdftest.Object{{Num: 1, Body: "1 0 R"}}, "/Root 1 0 R"), pdf.ErrSyntax},
		"huge subsection":   {bytes.Replace(page, []byte("xref\n0 6"), []byte("xref\n0 4000000000"), 1), pdf.ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			if d, err := pdf.Open(bytes.NewReader(c.file), int64(len(c.file))); !errors.Is(err, c.want) {
				t.Errorf("got %v, %v", d, err)
			}
		})
	}
}

// Pages and fields that lead back to themselves come to an end.
func TestWalks_loops(t *testing.T) {
	file := pdftest.Build([]pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>"},
		{Num: 2, Body: "<</Type/Pages/Kids[2 0 R 2 0 R]>>"},
		{Num: 5, Body: "<</T(a)/Kids[5 0 R 6 0 R]>>"}, {Num: 6, Body: "<</T(b)/FT/Sig/Kids[5 0 R]>>"},
	}, "/Root 1 0 R")
	d := open(t, file)
	if _, _, err := d.FirstPage(); !errors.Is(err, pdf.ErrSyntax) {
		t.Errorf("pages: %v", err)
	}
	fields, err := d.Fields()
	if err != nil || len(fields) > 1 {
		t.Errorf("fields: %v, %v", fields, err)
	}
}

// A stream that decompresses to more than any stream of structure needs is refused.
func TestDecode_bomb(t *testing.T) {
	objects := []pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R/X(" + strings.Repeat("a", 1<<20) + ")>>"}, {Num: 2, Body: "<<>>"}}
	file := pdftest.BuildCompressed(objects, "/Root 1 0 R")
	d := open(t, file)
	s, err := d.Object(3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Decode(s.(*pdf.Stream), 1000); !errors.Is(err, pdf.ErrSyntax) {
		t.Errorf("got %v", err)
	}
}

func TestUpdate_keepsTheFile(t *testing.T) {
	objects := []pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Kids[3 0 R]>>"}, {Num: 3, Body: "<</Type/Page>>"}}
	for name, file := range map[string][]byte{
		"table":          pdftest.Build(objects, "/Root 1 0 R/ID[<01><02>]"),
		"stream":         pdftest.BuildCompressed(objects, "/Root 1 0 R/ID[<01><02>]"),
		"no end of line": bytes.TrimRight(pdftest.Build(objects, "/Root 1 0 R/ID[<01><02>]"), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, file)
			u := pdf.NewUpdate(d)
			fresh := u.Add(pdf.Dict{{Key: "Name", Value: pdf.EncodeText("Trần Văn Nghĩa (ĩ Ĩ) \\")}})
			u.Replace(pdf.Ref{Num: 3}, pdf.Dict{{Key: "Type", Value: pdf.Name("Page")}, {Key: "New", Value: fresh}})
			looks := u.AddStream(nil, []byte("q Q"))
			b, spans, err := u.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			after := append(bytes.Clone(file), b...)
			e := open(t, after)
			_, page, err := e.FirstPage()
			if err != nil {
				t.Fatal(err)
			}
			text := e.Dict(page.Get("New")).Get("Name").(pdf.String)
			if got := pdf.DecodeText(text.Bytes); got != "Trần Văn Nghĩa (ĩ Ĩ) \\" {
				t.Errorf("text came back as %q", got)
			}
			o, err := e.Object(looks.Num)
			if s, ok := o.(*pdf.Stream); err != nil || !ok || s.Length != 3 {
				t.Errorf("stream came back as %v, %v", o, err)
			}
			if !pdf.Equal(e.Trailer().Get("ID"), d.Trailer().Get("ID")) || len(spans) != 3 {
				t.Errorf("trailer %v, spans %v", e.Trailer(), spans)
			}
			if found, err := e.Tail(int64(len(file))); err != nil || len(found) < 3 {
				t.Errorf("tail %v, %v", found, err)
			}
		})
	}
}

func TestText_everyVietnameseLetter(t *testing.T) {
	var letters strings.Builder
	for _, base := range []string{"aăâeêioôơuưy", "AĂÂEÊIOÔƠUƯY"} {
		letters.WriteString(base)
	}
	letters.WriteString("áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵđÁÀẢÃẠẮẰẲẴẶẤẦẨẪẬÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴĐ()\\")
	want := letters.String()
	o, err := one(t, string(pdf.Append(nil, pdf.EncodeText(want))))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, pdf.DecodeText(o.(pdf.String).Bytes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDate(t *testing.T) {
	at := time.Date(2026, 3, 5, 15, 4, 5, 0, time.FixedZone("", 7*3600))
	if got := pdf.FormatDate(at); got != "D:20260305150405+07'00'" {
		t.Errorf("got %s", got)
	}
	for s, want := range map[string]string{
		"D:20260305150405+07'00'": "2026-03-05T08:04:05Z", "D:20260305150405Z": "2026-03-05T15:04:05Z",
		"D:20260305150405+07'00": "2026-03-05T08:04:05Z", "D:20260305": "", "2026": "", "D:20260305150405+xx": "",
	} {
		got, ok := pdf.ParseDate(s)
		if ok != (want != "") || ok && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", s, got, ok)
		}
	}
}

// walk reads everything that can be reached without limits of its own.
func walk(file []byte) {
	d, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return
	}
	_, _, _ = d.FirstPage()
	_, _ = d.Fields()
	_, _ = d.Tail(d.Size / 2)
	for _, s := range d.Sections {
		s.Nums(func(num uint32, _ pdf.Location) {
			if o, err := d.Object(num); err == nil {
				pdf.Refs(o, func(pdf.Ref) {})
				pdf.Append(nil, plain(o))
			}
		})
	}
}

func plain(o pdf.Object) pdf.Object {
	if s, ok := o.(*pdf.Stream); ok {
		return s.Dict
	}
	return o
}

// Any bytes give an answer: no panic, no endless loop. Run with -fuzz for more than the seeds.
func FuzzOpen(f *testing.F) {
	page := pdftest.Page("x")
	objects := []pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Kids[3 0 R]>>"}, {Num: 3, Body: "<</Type/Page>>"}}
	compressed := pdftest.BuildCompressed(objects, "/Root 1 0 R")
	for _, seed := range [][]byte{page, compressed, hybrid(compressed), pdftest.Append(page, objects[2:], "/Root 1 0 R", nil)} {
		f.Add(seed)
	}
	odd, _ := filepath.Glob("../../../../shared/data/pdf-odd/qpdf__*bad*.pdf")
	for _, name := range odd {
		if b, err := os.ReadFile(name); err == nil && len(b) < 20_000 {
			f.Add(b)
		}
	}
	f.Fuzz(func(_ *testing.T, file []byte) { walk(file) })
}
