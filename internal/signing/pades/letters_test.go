package pades_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/pdftest"
)

// letters are the 134 letters with marks that Vietnamese has beyond the English ones, both cases.
func letters(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, vowel := range "aăâeêioôơuưy" {
		for _, tone := range []string{"", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"} {
			r := norm.NFC.String(string(vowel) + tone)
			if len([]rune(r)) != 1 {
				t.Fatalf("%q is not one letter", r)
			}
			if r[0] < 0x80 {
				continue
			}
			out.WriteString(r + strings.ToUpper(r))
		}
	}
	out.WriteString("đĐ")
	if n := len([]rune(out.String())); n != 134 {
		t.Fatalf("%d letters", n)
	}
	return out.String()
}

// words are the letters in groups, so that readers do not take them for one word that is broken.
func words(t *testing.T) []string {
	t.Helper()
	runes := []rune(letters(t))
	var out []string
	for i := 0; i < len(runes); i += 10 {
		out = append(out, string(runes[i:min(i+10, len(runes))]))
	}
	return out
}

func save(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// apply appends what a plan without a hole says.
func apply(t *testing.T, data []byte, plan pades.Plan, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(data), plan.Appendix...)
}

func lay(t *testing.T, data []byte, fields ...pades.Field) []byte {
	t.Helper()
	plan, err := pades.Lay(bytes.NewReader(data), int64(len(data)), fields)
	return apply(t, data, plan, err)
}

func fill(t *testing.T, data []byte, values map[string]string) []byte {
	t.Helper()
	plan, err := pades.FillForm(bytes.NewReader(data), int64(len(data)), values)
	return apply(t, data, plan, err)
}

// Every letter, given in pieces, is read back whole by other readers: in the name, the reason, a filled
// field and the text of the appearance, in every style.
func TestLetters(t *testing.T) {
	all := strings.Join(words(t), " ")
	pieces := norm.NFD.String(all)
	for _, style := range []pades.TextStyle{{Size: 10}, {Size: 11, Bold: true}, {Size: 10, Italic: true}, {Size: 9, Bold: true, Italic: true}} {
		data := pdftest.Page("x")
		data = lay(t, data, pades.Field{Name: norm.NFD.String("Số"), Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 5, Y: 200, W: 200, H: 8}, Style: style})
		data = fill(t, data, map[string]string{"Số": pieces})
		text := pdftext(t, save(t, data))
		mu, _, _ := tool(t, "mutool", "draw", "-q", "-F", "txt", save(t, data))
		for _, w := range words(t) {
			if !strings.Contains(text, w) {
				t.Errorf("pdftotext does not find %s in the field: %s", w, text)
			}
			if !strings.Contains(mu, w) {
				t.Errorf("mutool does not find %s in the field: %s", w, mu)
			}
		}
		_, signer := testKey(t, "Nguyễn Thị Mỹ Hạnh")
		signed, err := sign(pdftest.Page("x"), signer, pades.Request{Name: pieces, Reason: pieces, Location: pieces, At: now, Hole: 4096,
			Page: 1, Rect: pades.Rect{X: 20, Y: 20, W: 170, H: 60}, Look: pades.Appearance{Text: pieces, Style: style}})
		if err != nil {
			t.Fatal(err)
		}
		path := save(t, signed)
		text = pdftext(t, path)
		mu, _, _ = tool(t, "mutool", "draw", "-q", "-F", "txt", path)
		for _, w := range words(t) {
			if !strings.Contains(text, w) || !strings.Contains(mu, w) {
				t.Errorf("%s is not found in the appearance:\n%s\n%s", w, text, mu)
			}
		}
		d, err := pdf.Open(bytes.NewReader(signed), int64(len(signed)))
		if err != nil {
			t.Fatal(err)
		}
		fields, err := d.Fields()
		if err != nil || len(fields) != 1 {
			t.Fatal(fields, err)
		}
		for _, key := range []pdf.Name{"Name", "Reason", "Location"} {
			s, _ := d.Dict(fields[0].Value).Get(key).(pdf.String)
			if got := pdf.DecodeText(s.Bytes); got != all {
				t.Errorf("%s is %q", key, got)
			}
		}
		if out, _, _ := tool(t, "pdfsig", "-nocert", path); !strings.Contains(out, "Signature is Valid") {
			t.Errorf("pdfsig: %s", out)
		}
		clean(t, path)
	}
}

func pdftext(t *testing.T, path string) string {
	t.Helper()
	out, _, dead := tool(t, "pdftotext", "-layout", path, "-")
	if dead {
		t.Fatal("pdftotext died")
	}
	return out
}

// clean asks qpdf for findings.
func clean(t *testing.T, path string) {
	t.Helper()
	if out, code, _ := tool(t, "qpdf", "--check", path); code != 0 {
		t.Errorf("qpdf: %s", out)
	}
}

// seal is a red ring on a transparent ground.
func seal(t *testing.T, size int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			dx, dy := x-size/2, y-size/2
			if r := dx*dx + dy*dy; r < size*size/4 && r > size*size/6 {
				img.Set(x, y, color.NRGBA{220, 20, 20, 200})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The order of the trade: fields are laid, the leader certifies, the clerk enters number and date, the
// seal signs; every signature stays valid for other readers.
func TestTrade(t *testing.T) {
	pki, signer := testKey(t, "Trần Văn Nghĩa")
	data := lay(t, pdftest.Page("x"),
		pades.Field{Name: "NguoiKy", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 120, Y: 200, W: 50, H: 25}},
		pades.Field{Name: "So", Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 30, Y: 40, W: 30, H: 6}, Style: pades.TextStyle{Size: 13}},
		pades.Field{Name: "NgayBanHanh", Kind: pades.Text, Page: 1, Rect: pades.Rect{X: 120, Y: 40, W: 70, H: 6}, Style: pades.TextStyle{Size: 13, Italic: true}},
		pades.Field{Name: "DauCoQuan", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 105, Y: 195, W: 36, H: 36}})
	data, err := sign(data, signer, pades.Request{Name: "Trần Văn Nghĩa", At: now, Hole: 4096, Field: "NguoiKy", Certify: 2, Look: pades.Appearance{Image: seal(t, 200)}})
	if err != nil {
		t.Fatal(err)
	}
	data = fill(t, data, map[string]string{"So": "05/QĐ-UBND", "NgayBanHanh": "Tân Giang, ngày 05 tháng 3 năm 2026"})
	data, err = sign(data, signer, pades.Request{Name: "Sở Y tế", At: now, Hole: 4096, Field: "DauCoQuan", Look: pades.Appearance{Image: seal(t, 400)}})
	if err != nil {
		t.Fatal(err)
	}
	path := save(t, data)
	clean(t, path)
	out, _, _ := tool(t, "pdfsig", "-nocert", path)
	if strings.Count(out, "Signature is Valid") != 2 {
		t.Errorf("pdfsig: %s", out)
	}
	for _, sig := range judged(t, pki, data).Signatures {
		if sig.Result != judge.Valid {
			t.Errorf("our verdict on %s: %s %s", sig.Field, sig.Status, sig.Finding)
		}
	}
	if text := pdftext(t, path); !strings.Contains(text, "05/QĐ-UBND") || !strings.Contains(text, "ngày 05 tháng 3 năm 2026") {
		t.Errorf("text: %s", text)
	}
	if _, err := pades.FillForm(bytes.NewReader(data), int64(len(data)), map[string]string{"So": "06"}); err == nil {
		t.Error("a filled field is filled again")
	}
}

func refused(t *testing.T, err error, key string) {
	t.Helper()
	var r *pades.Refusal
	if !errors.As(err, &r) || r.Key != key {
		t.Errorf("%v instead of %s", err, key)
	}
}
