package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"nghisu/internal/signing/pdftest"
)

// verified runs the command with JSON and tells the exit code.
func (d *desk) verified(args ...string) ([]verifiedFile, int) {
	d.t.Helper()
	out, noise, code := d.run(append([]string{"verify", "pdf", "--json", "--lang", "en"}, args...)...)
	var answer struct{ Files []verifiedFile }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		d.t.Fatalf("%v: %s %s", err, out, noise)
	}
	return answer.Files, code
}

// The exit codes are for scripts: 0 good, 1 forged or changed, 2 not known, 3 nothing to judge; of several
// files the worst decides in the order 1, 3, 2.
func TestVerifyPDF_exitCodes(t *testing.T) {
	d := newDesk(t)
	for _, kind := range []string{"B-B", "B-LTA"} {
		args := []string{"sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--level", kind, "--in", "in.pdf", "--out", kind + ".pdf"}
		if kind != "B-B" {
			args = append(args, "--tsa", d.server.URL+"/tsa", "--online")
		}
		if out, noise, code := d.run(args...); code != 0 {
			t.Fatalf("sign %s: %d %s %s", kind, code, out, noise)
		}
	}
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
	d.write("good.crl", must(x509.CreateRevocationList(nil, list, d.cert, d.key)))
	good := must(os.ReadFile(d.path("B-B.pdf")))
	d.write("changed.pdf", pdftest.Append(good, []pdftest.Object{{Num: 4, Body: pdftest.Stream("", "BT ET")}}, "/Root 1 0 R", nil))
	d.write("text.pdf", []byte("no pdf at all"))
	for name, c := range map[string]struct {
		args   []string
		code   int
		status string
		word   string
		level  string
	}{
		"B-B without evidence":           {[]string{"--trust", "ca.pem", "B-B.pdf"}, 2, "INDETERMINATE", "TRY_LATER", "B-B"},
		"B-B with a list":                {[]string{"--trust", "ca.pem", "--crl", "good.crl", "B-B.pdf"}, 0, "TOTAL-PASSED", "", "B-B"},
		"B-B asked online":               {[]string{"--trust", "ca.pem", "--online", "B-B.pdf"}, 0, "TOTAL-PASSED", "", "B-B"},
		"nobody is trusted":              {[]string{"B-B.pdf"}, 2, "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", "B-B"},
		"the signer is the anchor":       {[]string{"--trust", "ec.crt", "B-B.pdf"}, 0, "TOTAL-PASSED", "", "B-B"},
		"B-LTA offline":                  {[]string{"--trust", "ca.pem", "--tsa-trust", "ca.pem", "B-LTA.pdf"}, 0, "TOTAL-PASSED", "", "B-LTA"},
		"changed":                        {[]string{"--trust", "ca.pem", "--crl", "good.crl", "changed.pdf"}, 1, "TOTAL-FAILED", "FORMAT_FAILURE", "B-B"},
		"no signature":                   {[]string{"--trust", "ca.pem", "in.pdf"}, 3, "", "", ""},
		"no PDF":                         {[]string{"--trust", "ca.pem", "text.pdf"}, 3, "", "", ""},
		"no file":                        {[]string{"--trust", "ca.pem", "nothing.pdf"}, 3, "", "", ""},
		"unknown and unreadable":         {[]string{"--trust", "ca.pem", "B-B.pdf", "text.pdf"}, 3, "INDETERMINATE", "TRY_LATER", "B-B"},
		"unknown, unreadable and failed": {[]string{"--trust", "ca.pem", "B-B.pdf", "text.pdf", "changed.pdf"}, 1, "INDETERMINATE", "TRY_LATER", "B-B"},
		"before the certificate":         {[]string{"--trust", "ca.pem", "--at", "2020-01-01", "B-B.pdf"}, 1, "TOTAL-FAILED", "NOT_YET_VALID", "B-B"},
	} {
		t.Run(name, func(t *testing.T) {
			files, code := d.verified(c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d: %+v", code, c.code, files)
			}
			if c.status == "" {
				if len(files[0].Signatures) != 0 || files[0].Problem == "" {
					t.Errorf("nothing to judge, but %+v", files[0])
				}
				return
			}
			s := files[0].Signatures[0]
			if s.Status != c.status || s.SubIndication != c.word || s.Level != c.level || s.Signer != "Trần Văn Nghĩa" || s.CoveredRevision != 2 {
				t.Errorf("got %+v", s)
			}
			if len(s.Findings) == 0 && s.Level != "B-LTA" {
				t.Errorf("%s without a word why, or what is missing", s.Status)
			}
		})
	}
}

func TestVerifyPDF_speaksBothLanguages(t *testing.T) {
	d := newDesk(t)
	if _, noise, code := d.run("sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--in", "in.pdf", "--out", "out.pdf"); code != 0 {
		t.Fatal(noise)
	}
	for lang, want := range map[string]string{"vi": "Chưa kiểm tra được chứng thư số có bị thu hồi hay không", "en": "It could not be found out yet whether the certificate was revoked"} {
		out, _, code := d.run("verify", "pdf", "--lang", lang, "--trust", "ca.pem", "out.pdf")
		if code != 2 || !strings.Contains(out, want) || !strings.Contains(out, "TRY_LATER") {
			t.Errorf("%s: exit code %d\n%s", lang, code, out)
		}
	}
	if out, noise, code := d.run("verify", "pdf", "--trust", "missing.pem", "out.pdf"); code != 3 || out != "" || !strings.Contains(noise, "missing.pem") {
		t.Errorf("trust file that is missing: %d %s %s", code, out, noise)
	}
}

// A file that ends the child that reads it costs this one child, and the next file is judged.
func TestVerifyPDF_survivesAnyFile(t *testing.T) {
	d := newDesk(t)
	deep := append(append([]byte("%PDF-1.7\n1 0 obj\n"), bytes.Repeat([]byte("["), 5_000_000)...), "\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>\nstartxref\n5000020\n%%EOF\n"...)
	d.write("deep.pdf", deep)
	if files, code := d.verified("deep.pdf", "in.pdf"); code != 3 || len(files) != 2 || files[0].Problem == "" || files[1].Problem == "" {
		t.Errorf("exit code %d: %+v", code, files)
	}
}
