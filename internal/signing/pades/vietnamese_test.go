package pades_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// Names and reasons reach other readers as they were written: letters whose UTF-16 holds the bytes of
// brackets and backslash among them.
func TestPrepare_vietnameseText(t *testing.T) {
	reason := `ĩ Ĩ ( ) \ Ký ban hành văn bản 05/QĐ-UBND; ẵ Ẵ ỡ Ỡ ữ Ữ`
	for _, name := range []string{"Trần Văn Nghĩa", "Nguyễn Thị Mỹ Hạnh", `Đỗ (Ĩ) \`} {
		t.Run(name, func(t *testing.T) {
			pki, signer := testKey(t, name)
			page := pdftest.Page("x")
			signed, err := sign(page, signer, pades.Request{Name: name, Reason: reason, At: now, Hole: 4096})
			if err != nil {
				t.Fatal(err)
			}
			if r := judged(t, pki, signed); len(r.Signatures) != 1 || r.Signatures[0].Name != name {
				t.Errorf("our verdict: %+v", r)
			}
			path := filepath.Join(t.TempDir(), "signed.pdf")
			if err := os.WriteFile(path, signed, 0o600); err != nil {
				t.Fatal(err)
			}
			out, _, _ := tool(t, "pdfsig", "-nocert", path)
			out = strings.ReplaceAll(out, `\\`, `\`) // pdfsig writes a backslash twice
			if !strings.Contains(out, "Common Name: "+name+"\n") || !strings.Contains(out, "Signature is Valid") {
				t.Errorf("pdfsig: %s", out)
			}
			out, _, _ = tool(t, "qpdf", "--json", path)
			for _, want := range []string{name, reason} {
				var quoted bytes.Buffer
				e := json.NewEncoder(&quoted)
				e.SetEscapeHTML(false)
				if err := e.Encode("u:" + want); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(out, strings.TrimSpace(quoted.String())) {
					t.Errorf("qpdf does not find %q", want)
				}
			}
		})
	}
}

// A hole that is too small is an error, never a longer file.
func TestPlan_Fill_tooLarge(t *testing.T) {
	page := pdftest.Page("x")
	plan, err := pades.Prepare(bytes.NewReader(page), int64(len(page)), pades.Request{At: now, Hole: pades.MinHole})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Fill(make([]byte, pades.MinHole+1)); err == nil {
		t.Error("too long a message is taken")
	}
	if err := plan.Embed(bytes.NewReader(page[1:]), pades.Signer{}); err == nil {
		t.Error("another file than the planned one is taken")
	}
}
