package judge_test

import (
	"bytes"
	"fmt"
	"testing"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pdftest"
)

// Files that were prepared for the attack before they were signed: what the signer did not see lies in
// them already, or a reference leads to where something will be put later.
func TestJudge_preparedFiles(t *testing.T) {
	b := newBench(t)
	objects := func(page string) []pdftest.Object {
		return []pdftest.Object{
			{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
			{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + page + ">>"},
			{Num: 4, Body: pdftest.Stream("", "BT (Agreed) Tj ET")},
			{Num: 5, Body: "<</Type/Catalog/Pages 6 0 R>>"}, {Num: 6, Body: "<</Type/Pages/Kids[7 0 R]/Count 1>>"},
			{Num: 7, Body: "<</Type/Page/Parent 6 0 R/MediaBox[0 0 595 842]>>"},
		}
	}
	freeText := "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 800]/Contents(Denied)>>"
	info := "<</Title(a)/Author(b)>>"
	for name, c := range map[string]struct {
		file    []byte
		update  []pdftest.Object
		trailer string
		want    string
	}{
		"annotation filled in later": {pdftest.Build(objects("/Annots[50 0 R]"), "/Root 1 0 R"),
			[]pdftest.Object{{Num: 50, Body: freeText}}, "/Root 1 0 R", "changed"},
		"annotation in a list filled in later": {pdftest.Build(append(objects("/Annots 8 0 R"), pdftest.Object{Num: 8, Body: "[50 0 R]"}), "/Root 1 0 R"),
			[]pdftest.Object{{Num: 50, Body: freeText}}, "/Root 1 0 R", "changed"},
		"annotation filled in later, the page in an unlisted place": {bytes.Replace(pdftest.Build(append(objects(""), pdftest.Object{Num: 8, Body: "<</Annots[50 0 R]>>"}), "/Root 1 0 R"),
			[]byte("\n8 0 obj"), []byte("\n9 0 obj"), 1), []pdftest.Object{{Num: 50, Body: freeText}}, "/Root 1 0 R", "changed"},
		"another catalog": {pdftest.Build(objects(""), "/Root 1 0 R"), nil, "/Root 5 0 R", ""},
		"object stream exchanged": {pdftest.BuildCompressed(objects(""), "/Root 1 0 R"),
			[]pdftest.Object{{Num: 8, Body: pdftest.Stream("/Type/ObjStm/N 1/First 4", "3 0 <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")}}, "/Root 1 0 R", "broken or changed"},
		"information changed": {pdftest.Build(append(objects(""), pdftest.Object{Num: 8, Body: info}), "/Root 1 0 R/Info 8 0 R"),
			[]pdftest.Object{{Num: 8, Body: "<</Title(c)/ModDate(D:20260305)>>"}}, "/Root 1 0 R/Info 8 0 R", "allowed"},
		"information that is something else": {pdftest.Build(append(objects(""), pdftest.Object{Num: 8, Body: "<</Type/Encoding/BaseEncoding/WinAnsiEncoding>>"}), "/Root 1 0 R/Info 8 0 R"),
			[]pdftest.Object{{Num: 8, Body: "<</Type/Encoding/BaseEncoding/MacRomanEncoding>>"}}, "/Root 1 0 R/Info 8 0 R", "changed"},
		"encryption added": {pdftest.Build(objects(""), "/Root 1 0 R"), nil, "/Root 1 0 R/Encrypt<</Filter/Standard>>", "encrypted"},
		"new object that nothing refers to": {pdftest.Build(objects(""), "/Root 1 0 R"),
			[]pdftest.Object{{Num: 60, Body: freeText}}, "/Root 1 0 R", "allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			good := b.sign(t, c.file, b.leader)
			if got := short(b.judge(t, good)); got != "valid whole" {
				t.Fatalf("before: %s", got)
			}
			got := short(b.judge(t, pdftest.Append(good, c.update, c.trailer, nil)))
			want := map[string][]string{
				"changed":           {"invalid partial_changed " + judge.ChangedAfter},
				"allowed":           {"valid partial_allowed"},
				"encrypted":         {judge.Encrypted},
				"":                  {""}, // another catalog has no signature at all
				"broken or changed": {"invalid partial_changed " + judge.ChangedAfter, judge.Broken, ""},
			}[c.want]
			ok := false
			for _, w := range want {
				ok = ok || got == w
			}
			if !ok {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Two fields of one name are two readings of one file.
func TestJudge_severalFieldsOfOneName(t *testing.T) {
	b := newBench(t)
	good := b.sign(t, pdftest.Page("x"), b.leader)
	two := b.sign(t, good, b.seal)
	same := bytes.Replace(two, fmt.Appendf(nil, "<%x>", "Signature2"), fmt.Appendf(nil, "<%x>", "Signature1"), 1)
	if bytes.Equal(same, two) {
		t.Fatal("field name not found")
	}
	for _, s := range b.judge(t, same).Signatures {
		if s.Result == judge.Valid {
			t.Errorf("valid in spite of its twin: %+v", s)
		}
	}
}
