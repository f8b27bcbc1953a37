package pades_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/pdftest"
)

// stamper asks the trial timestamp authority.
func stamper(t *testing.T, p *devpki.PKI, at time.Time) func(digest []byte) ([]byte, error) {
	t.Helper()
	return func(digest []byte) ([]byte, error) {
		token, err := devpki.Stamper{PKI: p, Now: func() time.Time { return at }}.Stamp(context.Background(), digest)
		return token.Raw, err
	}
}

// evidence is that of the whole trial PKI for a file's signatures.
func evidence(t *testing.T, p *devpki.PKI, data []byte, at time.Time) (out pades.Evidence) {
	t.Helper()
	survey, err := pades.Examine(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out.Certs = [][]byte{p.Issuing.Raw, p.Root.Raw}
	for _, s := range survey.Signatures {
		certs := [][]byte{s.Certificate, p.Issuing.Raw}
		for _, stamp := range s.Stamps {
			certs = append(certs, stamp.Certificate)
		}
		for _, der := range certs {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			crls, ocsps, err := p.Evidence(c, at)
			if err != nil {
				t.Fatal(err)
			}
			out.Certs, out.CRLs, out.OCSPs = append(out.Certs, der), append(out.CRLs, crls...), append(out.OCSPs, ocsps...)
		}
	}
	return out
}

// withStore adds evidence in memory; same is true when nothing was new.
func withStore(t *testing.T, data []byte, e pades.Evidence) (out []byte, same bool) {
	t.Helper()
	plan, err := pades.AppendDSS(bytes.NewReader(data), int64(len(data)), e)
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(data), plan.Appendix...), len(plan.Appendix) == 0
}

// withTimestamp adds a document timestamp in memory.
func withTimestamp(t *testing.T, p *devpki.PKI, data []byte, at time.Time) []byte {
	t.Helper()
	plan, err := pades.PrepareTimestamp(bytes.NewReader(data), int64(len(data)), 8<<10)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := plan.Digest(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	token, err := stamper(t, p, at)(digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Fill(token); err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(data), plan.Appendix...)
}

// lasting signs with a timestamp and makes the file B-LTA.
func lasting(t *testing.T, p *devpki.PKI, data []byte, s pades.Signer) []byte {
	t.Helper()
	s.Stamp = stamper(t, p, now)
	signed, err := sign(data, s, pades.Request{Name: "Trần Văn Nghĩa", At: now, Hole: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	stored, _ := withStore(t, signed, evidence(t, p, signed, now.Add(time.Second)))
	return withTimestamp(t, p, stored, now.Add(2*time.Second))
}

func kinds() map[string][]byte {
	objects := []pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"},
	}
	return map[string][]byte{
		"table":  pdftest.Page("x"),
		"stream": pdftest.BuildCompressed(objects, "/Root 1 0 R"),
		"2.0":    bytes.Replace(pdftest.Page("x"), []byte("%PDF-1.7"), []byte("%PDF-2.0"), 1),
	}
}

func TestAppendDSS_andTimestamp(t *testing.T) {
	for kind, page := range kinds() {
		t.Run(kind, func(t *testing.T) {
			p, signer := testKey(t, "Trần Văn Nghĩa")
			signer.Chain = []*x509.Certificate{p.Issuing}
			file := lasting(t, p, page, signer)
			survey, err := pades.Examine(bytes.NewReader(file), int64(len(file)))
			if err != nil || len(survey.Signatures) != 2 || !survey.Signatures[1].Document || len(survey.Signatures[0].Stamps) != 1 {
				t.Fatalf("survey %+v, %v", survey, err)
			}
			if n := len(survey.Store.Certs); n != 4 || len(survey.Store.OCSPs) != 2 || len(survey.Store.CRLs) != 1 {
				t.Errorf("store holds %d certificates, %d responses, %d lists", n, len(survey.Store.OCSPs), len(survey.Store.CRLs))
			}
			if survey.Signatures[1].End != int64(len(file)) || !survey.Signatures[1].At.Equal(now.Add(2*time.Second)) {
				t.Errorf("document timestamp %+v", survey.Signatures[1])
			}
			hasExtensions(t, file, kind != "2.0")
			path := filepath.Join(t.TempDir(), "lasting.pdf")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, code, _ := tool(t, "qpdf", "--check", path); code != 0 {
				t.Errorf("qpdf: %s", out)
			}
			// pdfsig judges no document timestamps
			if out, _, dead := tool(t, "pdfsig", "-nocert", path); dead || strings.Count(out, "Signature is Valid") != 1 {
				t.Errorf("pdfsig: %s", out)
			}
		})
	}
}

func hasExtensions(t *testing.T, file []byte, want bool) {
	t.Helper()
	d, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	_, root, err := d.Root()
	if err != nil {
		t.Fatal(err)
	}
	level := d.Dict(d.Dict(root.Get("Extensions")).Get("ESIC")).Get("ExtensionLevel")
	if want != (level == pdf.Object(pdf.Int(5))) {
		t.Errorf("extensions %v", root.Get("Extensions"))
	}
}

// Evidence is added to what is there; nothing is dropped, nothing comes twice, nothing new is no revision.
func TestAppendDSS_grows(t *testing.T) {
	for kind, page := range kinds() {
		t.Run(kind, func(t *testing.T) {
			p, signer := testKey(t, "Trần Văn Nghĩa")
			file := lasting(t, p, page, signer)
			before, err := pades.Examine(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if _, nothing := withStore(t, file, before.Store); !nothing {
				t.Error("an update without anything new")
			}
			later := now.AddDate(0, 1, 0)
			file, nothing := withStore(t, file, evidence(t, p, file, later))
			if nothing {
				t.Error("new evidence was left out")
			}
			after, err := pades.Examine(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			for _, pair := range [][2][][]byte{{before.Store.Certs, after.Store.Certs}, {before.Store.CRLs, after.Store.CRLs}, {before.Store.OCSPs, after.Store.OCSPs}} {
				for i, der := range pair[0] {
					if !bytes.Equal(pair[1][i], der) {
						t.Error("old evidence moved or is gone")
					}
				}
				seen := map[[32]byte]bool{}
				for _, der := range pair[1] {
					if sum := sha256.Sum256(der); seen[sum] {
						t.Error("evidence comes twice")
					} else {
						seen[sum] = true
					}
				}
			}
			if len(after.Store.Certs) != len(before.Store.Certs) || len(after.Store.OCSPs) <= len(before.Store.OCSPs) {
				t.Errorf("%d certificates and %d responses after %d and %d", len(after.Store.Certs), len(after.Store.OCSPs), len(before.Store.Certs), len(before.Store.OCSPs))
			}
			file = withTimestamp(t, p, file, later)
			for _, s := range judged(t, p, file).Signatures {
				if s.Result == "invalid" {
					t.Errorf("after it grew: %+v", s)
				}
			}
		})
	}
}

// Stores of other programs keep their form: direct or not, lists of their own or not.
func TestAppendDSS_othersStores(t *testing.T) {
	p, _ := testKey(t, "Trần Văn Nghĩa")
	old := pdftest.Object{Num: 20, Body: pdftest.Stream("", "old")}
	for name, c := range map[string]struct {
		dss   string
		extra []pdftest.Object
	}{
		"direct":       {"<</Certs[20 0 R]/VRI<<>>>>", nil},
		"of its own":   {"21 0 R", []pdftest.Object{{Num: 21, Body: "<</Certs[20 0 R]/VRI 22 0 R>>"}, {Num: 22, Body: "<</Type/VRI>>"}}},
		"lists apart":  {"21 0 R", []pdftest.Object{{Num: 21, Body: "<</Certs 22 0 R/CRLs 23 0 R>>"}, {Num: 22, Body: "[20 0 R]"}, {Num: 23, Body: "[]"}}},
		"not a store":  {"[20 0 R]", nil},
		"nothing here": {"99 0 R", nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := pdftest.Page("x")
			file := pdftest.Append(page, append([]pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R/DSS " + c.dss + ">>"}, old}, c.extra...), "/Root 1 0 R", nil)
			e := pades.Evidence{Certs: [][]byte{p.Root.Raw}, CRLs: [][]byte{[]byte("list")}}
			file, nothing := withStore(t, file, e)
			if nothing {
				t.Fatal("nothing was added")
			}
			survey, err := pades.Examine(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%d %d", len(survey.Store.Certs), len(survey.Store.CRLs))
			kept := slices.ContainsFunc(survey.Store.Certs, func(b []byte) bool { return string(b) == "old" })
			if hadOld := name != "not a store" && name != "nothing here"; kept != hadOld || hadOld && got != "2 1" || !hadOld && got != "1 1" {
				t.Errorf("store holds %s, old one kept: %v", got, kept)
			}
			if _, nothing := withStore(t, file, e); !nothing {
				t.Error("the same again is an update")
			}
		})
	}
}
