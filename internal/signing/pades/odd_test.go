package pades_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdf"
)

var now = time.Date(2026, 3, 5, 8, 4, 5, 0, time.UTC)

// testKey is a trial key with its PKI.
func testKey(t *testing.T, name string) (*devpki.PKI, pades.Signer) {
	t.Helper()
	p, err := devpki.Open(filepath.Join(t.TempDir(), "pki"), now)
	if err != nil {
		t.Fatal(err)
	}
	return p, issue(t, p, "person-1", name)
}

func issue(t *testing.T, p *devpki.PKI, key, name string) pades.Signer {
	t.Helper()
	k, err := p.Obtain(key, devpki.Holder{Name: name, Organisation: "Sở Y tế", Identifier: "079000000001"}, now)
	if err != nil {
		t.Fatal(err)
	}
	return pades.Signer{Key: k.Signer, Certificate: k.Certificate, Chain: nil}
}

// sign signs in memory.
func sign(data []byte, s pades.Signer, req pades.Request) ([]byte, error) {
	plan, err := pades.Prepare(bytes.NewReader(data), int64(len(data)), req)
	if err != nil {
		return nil, err
	}
	if err := plan.Embed(bytes.NewReader(data), s); err != nil {
		return nil, err
	}
	return append(bytes.Clone(data), plan.Appendix...), nil
}

func judged(t *testing.T, p *devpki.PKI, data []byte) judge.Report {
	t.Helper()
	r, err := judge.Judge(bytes.NewReader(data), int64(len(data)), options(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func options(t *testing.T, p *devpki.PKI) judge.Options {
	t.Helper()
	o := judge.Options{Marker: devpki.Marker, Now: now.Add(time.Hour)}
	o.Lists = []judge.TrustList{{Name: "development", Anchors: []*x509.Certificate{p.Root}}}
	o.Extra = append(o.Extra, p.Issuing)
	list, err := p.CRL(o.Now)
	if err != nil {
		t.Fatal(err)
	}
	if o.CRLs, _, err = p.Evidence(p.Issuing, o.Now); err != nil {
		t.Fatal(err)
	}
	o.CRLs = append(o.CRLs, list)
	return o
}

// tool runs an independent judge with limits of its own: 20 s, 1 GB of data (the judges can fail too).
// dead is true when the tool did not come to an answer.
func tool(t *testing.T, name string, args ...string) (out string, code int, dead bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	line := `ulimit -d 1048576; exec "$0" "$@"`
	b, err := exec.CommandContext(ctx, "sh", append([]string{"-c", line, name}, args...)...).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return string(b), 0, false
	case errors.As(err, &exit) && exit.ExitCode() >= 0 && exit.ExitCode() < 126:
		return string(b), exit.ExitCode(), false
	}
	return string(b), -1, true
}

func oddFiles(t *testing.T) (dir string, expected map[string]string) {
	t.Helper()
	dir = "../../../../shared/data/pdf-odd"
	f, err := os.Open(filepath.Join(dir, "expected.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the collection of odd PDF files (../shared/data/pdf-odd beside the checkout) is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	expected = map[string]string{}
	for _, row := range rows[1:] {
		n := len(row) - 1 // a name may hold a comma without quotes
		expected[strings.Join(row[:n], ",")] = row[n]
	}
	return dir, expected
}

// findings of qpdf, without the lines that name offsets of what was appended.
func qpdfFindings(t *testing.T, path string) (map[string]bool, bool) {
	out, _, dead := tool(t, "qpdf", "--check", path)
	set := map[string]bool{}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "WARNING") || strings.Contains(line, "ERROR") || strings.Contains(line, "error") {
			line = strings.ReplaceAll(line, path, "")
			set[strings.TrimSpace(line)] = true
		}
	}
	return set, dead
}

func TestPrepare_oddFiles(t *testing.T) {
	dir, expected := oddFiles(t)
	pki, signer := testKey(t, "Trần Văn Nghĩa")
	req := pades.Request{Name: "Trần Văn Nghĩa", Reason: `ĩ Ĩ ( ) \`, At: now, Hole: 8 << 10}
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			judged(t, pki, data) // gives an answer, whatever it is
			signed, err := sign(data, signer, req)
			var refusal *pades.Refusal
			if want != "must_sign_clean" {
				if err != nil && !errors.As(err, &refusal) {
					t.Fatalf("refused without a reason: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			checkSigned(t, pki, data, signed, filepath.Join(dir, name))
			seen := req
			seen.Page, seen.Rect, seen.Look = 1, pades.Rect{X: 10, Y: 10, W: 40, H: 15}, pades.Appearance{Text: "Đã ký: Nghĩa", Image: seal(t, 60)}
			visible, err := sign(data, signer, seen)
			if err != nil {
				t.Fatalf("refused to sign visibly: %v", err)
			}
			if r := judged(t, pki, visible); len(r.Signatures) == 0 || r.Signatures[len(r.Signatures)-1].Result != judge.Valid {
				t.Errorf("after a visible signature: %+v", r)
			}
			twice, err := sign(signed, signer, req)
			if err != nil {
				t.Fatalf("refused to sign again: %v", err)
			}
			r := judged(t, pki, twice)
			if n := len(r.Signatures); n < 2 || r.Signatures[n-2].Coverage != judge.PartialAllowed || r.Signatures[n-2].Result != judge.Valid || r.Signatures[n-1].Result != judge.Valid {
				t.Errorf("after a second signature: %+v", r)
			}
		})
	}
}

// checkSigned asks our verifier, pdfsig and qpdf about a freshly signed file.
func checkSigned(t *testing.T, pki *devpki.PKI, before, signed []byte, original string) {
	t.Helper()
	if !bytes.HasPrefix(signed, before) {
		t.Error("original bytes were changed")
	}
	r := judged(t, pki, signed)
	if n := len(r.Signatures); n == 0 || r.Signatures[n-1].Result != judge.Valid || r.Signatures[n-1].Coverage != judge.Whole {
		t.Errorf("our verdict: %+v", r)
	}
	keysKept(t, before, signed)
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, signed, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _, dead := tool(t, "pdfsig", "-nocert", path); !dead && !strings.Contains(out, "Signature is Valid") {
		t.Errorf("pdfsig: %s", out)
	}
	a, dead1 := firstPage(t, original)
	b, dead2 := firstPage(t, path)
	if !dead1 && !dead2 && !bytes.Equal(a, b) {
		t.Error("page 1 looks different")
	}
	old, dead1 := qpdfFindings(t, original)
	now, dead2 := qpdfFindings(t, path)
	for f := range now {
		if !dead1 && !dead2 && !old[f] {
			t.Errorf("qpdf finds something new: %s", f)
		}
	}
}

// firstPage is what a reader draws.
func firstPage(t *testing.T, path string) (picture []byte, dead bool) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page")
	if _, _, dead := tool(t, "pdftoppm", "-r", "36", "-f", "1", "-l", "1", "-singlefile", path, out); dead {
		return nil, true
	}
	picture, err := os.ReadFile(out + ".ppm")
	return picture, err != nil
}

// keysKept compares the keys of the form and of the first page before and after.
func keysKept(t *testing.T, before, after []byte) {
	t.Helper()
	a, err1 := pdf.Open(bytes.NewReader(before), int64(len(before)))
	b, err2 := pdf.Open(bytes.NewReader(after), int64(len(after)))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	_, rootA, _ := a.Root()
	_, rootB, _ := b.Root()
	_, pageA, _ := a.FirstPage()
	_, pageB, _ := b.FirstPage()
	for what, pair := range map[string][2]pdf.Dict{
		"catalog": {rootA, rootB}, "page": {pageA, pageB},
		"form": {a.Dict(rootA.Get("AcroForm")), b.Dict(rootB.Get("AcroForm"))},
	} {
		for _, e := range pair[0] {
			if e.Key != "SigFlags" && e.Key != "Fields" && e.Key != "Annots" && e.Key != "AcroForm" && !pdf.Equal(e.Value, pair[1].Get(e.Key)) {
				t.Errorf("%s: key %s was changed", what, e.Key)
			}
		}
	}
}
