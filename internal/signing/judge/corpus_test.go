package judge_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// stampFile adds a document timestamp of the PKI.
func (b bench) stampFile(t testing.TB, file []byte) []byte {
	t.Helper()
	plan, err := pades.PrepareTimestamp(bytes.NewReader(file), int64(len(file)), 16<<10)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := plan.Digest(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	token, err := authority(t, b.pki, now).Stamp(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Fill(token.Raw); err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), plan.Appendix...)
}

// A file of level B-LTA needs nothing from outside: its evidence is in it, and a document timestamp covers that.
func TestJudge_lasting(t *testing.T) {
	b := newBench(t)
	for _, certify := range []int{0, 1, 2} {
		t.Run(fmt.Sprint("P=", certify), func(t *testing.T) {
			file := b.signWith(t, pdftest.Page("x"), b.leader, pades.Request{Name: "x", Certify: certify})
			opts := b.options(t)
			if certify != 1 { // our writer adds nothing to a file that is locked
				plan, err := pades.AppendDSS(bytes.NewReader(file), int64(len(file)), pades.Evidence{Certs: [][]byte{b.pki.Issuing.Raw}, CRLs: opts.CRLs})
				file = b.stampFile(t, applied(t, file, plan, err))
			}
			opts.CRLs = nil
			if certify == 1 {
				expect(t, only(t, judged(t, file, opts)), judge.Indeterminate, judge.TryLater)
				return
			}
			r := judged(t, file, opts)
			if len(r.Signatures) != 2 || len(r.Needs) != 0 {
				t.Fatalf("%d signatures, %d needs", len(r.Signatures), len(r.Needs))
			}
			s, stamp := r.Signatures[0], r.Signatures[1]
			expect(t, s, judge.Passed, "")
			expect(t, stamp, judge.Passed, "")
			if s.Level != judge.BLTA || !s.TimeProven || stamp.Kind != judge.OfTimestamp || s.Coverage != judge.PartialAllowed {
				t.Errorf("level %s, proven %v, %s %s", s.Level, s.TimeProven, stamp.Kind, s.Coverage)
			}
			kinds := map[judge.ChangeKind]bool{}
			for _, c := range s.Changes {
				kinds[c.Kind] = true
			}
			if !kinds[judge.ChangeTimestamp] || !kinds[judge.ChangeValidation] {
				t.Errorf("changes %+v", s.Changes)
			}
		})
	}
}

// Attacks on a file that is certified with P=2. None of the signatures may pass: not the one that is attacked.
func TestJudge_certifiedAttacks(t *testing.T) {
	b, stranger := newBench(t), newBench(t)
	signed := b.signWith(t, pdftest.Page("Agreed"), b.leader, pades.Request{Name: "x", Certify: 2})
	trailer := trailerOf(signed)
	catalog, page := lastBody(signed, 1), lastBody(signed, 3)
	perms := strings.Index(catalog, "/DocMDP")
	if perms < 0 {
		t.Fatalf("no permissions in %s", catalog)
	}
	value := refAfter(t, catalog, "/DocMDP ")
	update := func(objects ...pdftest.Object) []byte { return pdftest.Append(signed, objects, trailer, nil) }
	newCatalog := func(body string) []byte { return update(pdftest.Object{Num: 1, Body: body}) }
	over := pades.Rect{X: 20, Y: 40, W: 60, H: 20} // over the words of the page
	blank := pades.Rect{X: 20, Y: 200, W: 60, H: 20}
	annotated := strings.Replace(page, "/Annots [", "/Annots [90 0 R ", 1)
	dss := func(body string, more ...pdftest.Object) []byte {
		return update(append([]pdftest.Object{{Num: 1, Body: strings.Replace(catalog, "/Pages", "/DSS "+body+"/Pages", 1)}}, more...)...)
	}
	for name, c := range map[string]struct {
		file []byte
		pass bool
	}{
		"a second signature by somebody trusted, beside the words": {b.signWith(t, signed, b.seal, pades.Request{Name: "x", Page: 1, Rect: blank, Look: pades.Appearance{Text: "x"}}), true},
		"store of validation data":                                 {dss("<</Certs[91 0 R]>>", pdftest.Object{Num: 91, Body: pdftest.Stream("", "x")}), true},
		"sneaky signature by a stranger":                           {stranger.signWith(t, signed, stranger.seal, pades.Request{Name: "x", Page: 1, Rect: blank, Look: pades.Appearance{Text: "x"}}), false},
		"sneaky signature over the words":                          {b.signWith(t, signed, b.seal, pades.Request{Name: "x", Page: 1, Rect: over, Look: pades.Appearance{Text: "Denied"}}), false},
		"permissions widened":                                      {newCatalog(strings.Replace(catalog, fmt.Sprintf("/DocMDP %d 0 R", value), "/DocMDP<</P 3>>", 1)), false},
		"permissions taken away":                                   {newCatalog(strings.Replace(catalog, "/Perms", "/Old", 1)), false},
		"evil annotation":                                          {update(pdftest.Object{Num: 3, Body: annotated}, pdftest.Object{Num: 90, Body: "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 800]/Contents(Denied)>>"}), false},
		"stamp annotation":                                         {update(pdftest.Object{Num: 3, Body: annotated}, pdftest.Object{Num: 90, Body: "<</Type/Annot/Subtype/Stamp/Rect[0 0 500 800]/AP<</N 4 0 R>>>>"}), false},
		"store that carries a page":                                {dss("<</Certs[]/Pages 91 0 R>>", pdftest.Object{Num: 91, Body: "<</Type/Pages>>"}), false},
		"store with a form instead of data":                        {dss("<</Certs[91 0 R]>>", pdftest.Object{Num: 91, Body: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "BT ET")}), false},
		"store that is the page's content":                         {dss("<</Certs[91 0 R]/VRI 3 0 R>>", pdftest.Object{Num: 91, Body: pdftest.Stream("", "x")}), false},
		"catalog with a key twice":                                 {newCatalog(strings.Replace(catalog, "/Pages", "/Pages 9 0 R/Pages", 1)), false},
		"names added to the catalog":                               {newCatalog(strings.Replace(catalog, "/Pages", "/Names<</JavaScript<<>>>>/Pages", 1)), false},
		"optional content added":                                   {newCatalog(strings.Replace(catalog, "/Pages", "/OCProperties<</OCGs[]/D<<>>>>/Pages", 1)), false},
		"metadata added":                                           {newCatalog(strings.Replace(catalog, "/Pages", "/Metadata 5 0 R/Pages", 1)), false},
		"pages kept, but counted otherwise":                        {update(pdftest.Object{Num: 2, Body: "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"}), false},
		"previous section is itself":                               {loop(signed), false},
		"update with two cross-references":                         {pdftest.Append(signed, []pdftest.Object{{Num: 95, Body: "null"}}, trailer+fmt.Sprintf("/XRefStm %d", pdftest.LastStart(signed)), nil), false},
		"object stream that shadows the page":                      {update(pdftest.Object{Num: 92, Body: pdftest.Stream("/Type/ObjStm/N 1/First 4", "3 0 <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")}), false},
		"another generation of the page's content":                 {bytes.Replace(update(pdftest.Object{Num: 4, Body: pdftest.Stream("", "BT (Denied) Tj ET")}), []byte("4 0 obj\n<< /Length 17"), []byte("4 1 obj\n<< /Length 17"), 1), false},
		"signature dictionary copied into another place":           {update(pdftest.Object{Num: value, Body: lastBody(signed, value)}), false},
		"byte range missing":                                       {bytes.Replace(signed, []byte("/ByteRange ["), []byte("/ByteRangf ["), 1), false},
		"contents missing":                                         {bytes.Replace(signed, []byte("/Contents <"), []byte("/Contentt <"), 1), false},
		"byte range of negative numbers":                           {bytes.Replace(signed, []byte("/ByteRange [0 "), []byte("/ByteRange [-0"), 1), false},
		"another filter":                                           {bytes.Replace(signed, []byte("ETSI.CAdES.detached"), []byte("ETSI.CAdES.detacheD"), 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.judge(t, c.file)
			passed := r.Problem == "" && len(r.Signatures) > 0 && r.Signatures[0].Status == judge.Passed
			if passed != c.pass {
				t.Errorf("passed %v, want %v: %s %+v", passed, c.pass, short(r), r.Signatures)
			}
		})
	}
}

// loop makes the last section its own predecessor.
func loop(file []byte) []byte {
	at := len(file)
	table := "xref\n0 0\ntrailer\n<</Size 100/Root 1 0 R/Prev " + fmt.Sprint(at) + ">>\n"
	return append(bytes.Clone(file), fmt.Sprintf("%sstartxref\n%d\n%%%%EOF\n", table, at)...)
}
