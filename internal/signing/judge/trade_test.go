package judge_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

func applied(t testing.TB, file []byte, plan pades.Plan, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), plan.Appendix...)
}

func lay(t testing.TB, file []byte, fields ...pades.Field) []byte {
	t.Helper()
	plan, err := pades.Lay(bytes.NewReader(file), int64(len(file)), fields)
	return applied(t, file, plan, err)
}

func fillForm(t testing.TB, file []byte, values map[string]string) []byte {
	t.Helper()
	plan, err := pades.FillForm(bytes.NewReader(file), int64(len(file)), values)
	return applied(t, file, plan, err)
}

func (b bench) signWith(t testing.TB, file []byte, s pades.Signer, req pades.Request) []byte {
	t.Helper()
	req.At, req.Hole = now, 4096
	plan, err := pades.Prepare(bytes.NewReader(file), int64(len(file)), req)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Embed(bytes.NewReader(file), s); err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), plan.Appendix...)
}

// tradeFields are those that are laid before the first signature.
func tradeFields() []pades.Field {
	return []pades.Field{
		{Name: "So", Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 30, Y: 40, W: 20, H: 6}},
		{Name: "NgayBanHanh", Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 110, Y: 48, W: 80, H: 6}},
		{Name: "NguoiKy", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 120, Y: 220, W: 50, H: 25}},
		{Name: "DauCoQuan", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 100, Y: 215, W: 36, H: 36}},
	}
}

// leader signs a laid file as the trade wants it: the first signature certifies for forms and signatures.
func (b bench) leaderSigned(t testing.TB) []byte {
	t.Helper()
	file := lay(t, pdftest.Page("Quyet dinh"), tradeFields()...)
	return b.signWith(t, file, b.leader, pades.Request{Name: "Trần Văn Nghĩa", Field: "NguoiKy", Certify: 2, Look: pades.Appearance{Text: "Trần Văn Nghĩa"}})
}

// Person, number and date, seal, 30 further signatures: every one stays valid, for us and for another reader.
func TestJudge_orderOfTheTrade(t *testing.T) {
	b := newBench(t)
	file := b.leaderSigned(t)
	file = fillForm(t, file, map[string]string{"So": "05", "NgayBanHanh": "Tân Giang, ngày 05 tháng 3 năm 2026"})
	file = b.signWith(t, file, b.seal, pades.Request{Name: "Sở Y tế", Field: "DauCoQuan", Look: pades.Appearance{Text: "Sở Y tế"}})
	for i := range 30 {
		s := b.leader
		if i%2 == 1 {
			s = b.seal
		}
		file = b.signWith(t, file, s, pades.Request{Name: fmt.Sprint("Ý kiến ", i)})
	}
	r := b.judge(t, file)
	if len(r.Signatures) != 32 {
		t.Fatalf("%d signatures, %s", len(r.Signatures), r.Problem)
	}
	for i, s := range r.Signatures {
		if s.Status != judge.Passed || s.Level != judge.BB || s.Revocation != judge.RevocationGood || s.TrustList != "development" {
			t.Errorf("signature %d: %s %s %s %s, level %s", i, s.Status, s.SubIndication, s.Reason, s.Finding, s.Level)
		}
	}
	first := r.Signatures[0]
	var values []string
	for _, c := range first.Changes {
		if c.Kind == judge.ChangeValue {
			values = append(values, fmt.Sprint(c.Field, c.Page))
		}
	}
	if got := strings.Join(values, " "); got != "NgayBanHanh1 So1" && got != "So1 NgayBanHanh1" {
		t.Errorf("values filled in after the leader: %q of %+v", got, first.Changes)
	}
	if first.Revision != 3 || r.Revisions != 35 || first.Coverage != judge.PartialAllowed || r.Signatures[31].Coverage != judge.Whole {
		t.Errorf("revision %d of %d, coverage %s", first.Revision, r.Revisions, first.Coverage)
	}
	if n := strings.Count(pdfsig(t, file), "Signature is Valid."); n != 32 {
		t.Errorf("the other reader finds %d valid signatures", n)
	}
}

// pdfsig is what poppler says about a file. It is given a time limit: it ran away once.
func pdfsig(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "pdfsig", "-nocert", path).Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("pdfsig: %v", err)
	}
	return string(out)
}

// What is filled in after the leader signed must show its value, in a field that was empty and open, and
// nothing else.
func TestJudge_formAttacks(t *testing.T) {
	b := newBench(t)
	signed := b.leaderSigned(t)
	filled := fillForm(t, signed, map[string]string{"So": "05"})
	if got := short(b.judge(t, filled)); got != "valid partial_allowed" {
		t.Fatalf("honest: %s %+v", got, b.judge(t, filled).Signatures[0].Finding)
	}
	at, body := fieldObject(t, filled, "So")
	empty := lastBody(signed, at)
	look := refAfter(t, body, "/N ")
	change := func(objects ...pdftest.Object) []byte { return pdftest.Append(signed, objects, trailerOf(signed), nil) }
	with := func(ap string, extra ...pdftest.Object) []byte {
		text := strings.Replace(body, fmt.Sprintf("/N %d 0 R", look), "/N "+ap, 1)
		return change(append([]pdftest.Object{{Num: at, Body: text}}, extra...)...)
	}
	form := func(resources, content string) pdftest.Object {
		return pdftest.Object{Num: 90, Body: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 57 17]/Resources<<"+resources+">>", content)}
	}
	const text = "/Font<</F1 5 0 R>>"
	show := func(s string) string { return "BT /F1 10 Tf 2 4 Td (" + s + ") Tj ET" }
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"plain appearance by another writer": {with("90 0 R", form(text, show("05"))), "valid partial_allowed"},
		"appearance shows another number":    {with("90 0 R", form(text, show("50000"))), ""},
		"appearance with a picture":          {with("90 0 R", form(text+"/XObject<</I 4 0 R>>", show("05")+" /I Do")), ""},
		"appearance with a painted area":     {with("90 0 R", form(text, "1 g 0 0 57 17 re f "+show("05"))), ""},
		"appearance with an inline picture":  {with("90 0 R", form(text, "q BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q "+show("05"))), ""},
		"appearance is the page's content":   {with("4 0 R"), ""},
		"appearance of several states":       {with("90 0 R/D 4 0 R", form(text, show("05"))), ""},
		"field grows over the page":          {change(pdftest.Object{Num: at, Body: strings.Replace(empty, "/Rect [", "/Rect [0 0 500 800]/Old [", 1)}), ""},
		"field gets an action":               {change(pdftest.Object{Num: at, Body: strings.Replace(empty, "/Rect [", "/A<</S/URI/URI(http://x)>>/Rect [", 1)}), ""},
		"value twice":                        {with("90 0 R/V (06)", form(text, show("05"))), ""},
		"key twice":                          {change(pdftest.Object{Num: at, Body: strings.Replace(body, "/Rect [", "/V (06)/Rect [", 1)}), ""},
		"value no longer what is shown":      {pdftest.Append(filled, []pdftest.Object{{Num: at, Body: strings.Replace(body, "<3035>", "<3036>", 1)}}, trailerOf(filled), nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := short(b.judge(t, c.file))
			if c.want == "" {
				c.want = "invalid partial_changed " + judge.ChangedAfter
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	sealed := b.signWith(t, filled, b.seal, pades.Request{Name: "x", Field: "DauCoQuan", Look: pades.Appearance{Text: "Sở Y tế"}})
	again := strings.Replace(body, "<3035>", "<3036>", 1)
	if again == body {
		t.Fatalf("no value in %s", body)
	}
	late := pdftest.Append(sealed, []pdftest.Object{{Num: at, Body: again}}, trailerOf(sealed), nil)
	for i, s := range b.judge(t, late).Signatures {
		if s.Status == judge.Passed {
			t.Errorf("signature %d passed though the number was changed after the seal", i)
		}
	}
}
