package signing_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// paper is a document on its random way.
type paper struct {
	file  []byte
	laid  []string // signature fields that are still empty
	texts []string // text fields that are still empty
	made  int      // signatures
	bound bool     // the first one certifies: it says itself that forms may still be filled
}

// Whatever the document and the order of fields, values and signatures: each signature is prepared, made
// somewhere else, embedded, and keeps every earlier one as good as it was.
func TestSigning_keepsEarlierVerdicts(t *testing.T) {
	now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	pki, err := devpki.Open(filepath.Join(t.TempDir(), "pki"), now)
	if err != nil {
		t.Fatal(err)
	}
	var signers []devpki.Key
	for i, h := range []devpki.Holder{{Name: "Nguyễn Thị Ánh Nguyệt", Identifier: "1"}, {Name: "Sở Tài chính", Identifier: "2", Agency: true}, {Name: "Lê Văn Sĩ", Identifier: "3"}} {
		h.Organisation = "Sở Tài chính"
		key, err := pki.Obtain(fmt.Sprint("k", i), h, now)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, key)
	}
	options := judge.Options{Lists: []judge.TrustList{{Name: "development", Anchors: []*x509.Certificate{pki.Root}}},
		Extra: []*x509.Certificate{pki.Issuing}, Marker: devpki.Marker, Now: now}
	issued, err := pki.CRL(now)
	if err != nil {
		t.Fatal(err)
	}
	if options.CRLs, _, err = pki.Evidence(pki.Issuing, now); err != nil {
		t.Fatal(err)
	}
	options.CRLs = append(options.CRLs, issued)
	rapid.Check(t, func(t *rapid.T) {
		p := &paper{file: drawDocument(t)}
		if rapid.Bool().Draw(t, "lay") {
			p.lay(t)
		}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			if len(p.texts) > 0 && (p.made == 0 || p.bound) && rapid.Bool().Draw(t, "fill") {
				p.fill(t)
			} else {
				p.sign(t, rapid.SampledFrom(signers).Draw(t, "signer"), pki, now)
			}
			p.check(t, options)
		}
	})
}

func drawDocument(t *rapid.T) []byte {
	objects := []pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R%s>>"}, {Num: 5, Body: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}}
	pages := rapid.IntRange(1, 4).Draw(t, "pages")
	kids := ""
	for i := range pages {
		n := 10 + 2*i
		kids += fmt.Sprintf("%d 0 R ", n)
		more := rapid.SampledFrom([]string{"", "/Rotate 90", "/CropBox[20 20 500 800]", "/Annots[]", "/Metadata 5 0 R", "/UserUnit 2"}).Draw(t, "page")
		objects = append(objects, pdftest.Object{Num: n, Body: fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>%s>>", n+1, more)},
			pdftest.Object{Num: n + 1, Body: pdftest.Stream("", fmt.Sprintf("BT /F1 18 Tf 72 700 Td (Trang %d) Tj ET", i+1))})
	}
	objects = append(objects, pdftest.Object{Num: 2, Body: fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, pages)})
	form := rapid.SampledFrom([]string{"", "/AcroForm<</Fields[]/DA(/F1 10 Tf 0 g)/DR<</Font<</F1 5 0 R>>>>>>", "/AcroForm 6 0 R", "/Lang(vi)/Extensions<<>>"}).Draw(t, "form")
	objects[0].Body = fmt.Sprintf(objects[0].Body, form)
	if form == "/AcroForm 6 0 R" {
		objects = append(objects, pdftest.Object{Num: 6, Body: "<</Fields[7 0 R]/NeedAppearances false>>"},
			pdftest.Object{Num: 7, Body: "<</Type/Annot/Subtype/Widget/FT/Tx/T(Ghi chu)/Rect[10 10 100 30]/F 4>>"})
	}
	slices.SortFunc(objects, func(a, b pdftest.Object) int { return a.Num - b.Num })
	if rapid.Bool().Draw(t, "compressed") {
		return pdftest.BuildCompressed(objects, "/Root 1 0 R")
	}
	return pdftest.Build(objects, "/Root 1 0 R")
}

func (p *paper) append(t *rapid.T, plan pades.Plan, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	p.file = append(bytes.Clone(p.file), plan.Appendix...)
}

func (p *paper) lay(t *rapid.T) {
	rect := func(y float64) pades.Rect { return pades.Rect{X: 20, Y: y, W: 60, H: 12} }
	plan, err := pades.Lay(bytes.NewReader(p.file), int64(len(p.file)), []pades.Field{
		{Name: "NguoiKy", Kind: pades.Signature, Page: 1, Rect: rect(200)}, {Name: "DauCoQuan", Kind: pades.Signature, Page: 1, Rect: rect(215)},
		{Name: "So", Kind: pades.Text, Page: 1, Rect: rect(20)}, {Name: "NgayBanHanh", Kind: pades.Text, Page: 1, Rect: rect(35)}})
	p.append(t, plan, err)
	p.laid, p.texts = []string{"NguoiKy", "DauCoQuan"}, []string{"So", "NgayBanHanh"}
}

func (p *paper) fill(t *rapid.T) {
	value := rapid.SampledFrom([]string{"05", "ngày 24 tháng 11 năm 2026", "Đà Nẵng"}).Draw(t, "value")
	plan, err := pades.FillForm(bytes.NewReader(p.file), int64(len(p.file)), map[string]string{p.texts[0]: value})
	p.append(t, plan, err)
	p.texts = p.texts[1:]
}

// sign goes the two steps as they go through the database: only bytes pass from one to the other.
func (p *paper) sign(t *rapid.T, key devpki.Key, pki *devpki.PKI, now time.Time) {
	req := pades.Request{Name: key.Certificate.Subject.CommonName, Reason: "Ký ban hành (thử)", At: now, Hole: 8 << 10}
	if p.made == 0 && len(p.laid) > 0 && rapid.Bool().Draw(t, "certify") {
		req.Certify, p.bound = 2, true
	}
	switch where := rapid.SampledFrom([]string{"laid", "new", "invisible"}).Draw(t, "where"); {
	case where == "laid" && len(p.laid) > 0:
		req.Field, p.laid = p.laid[0], p.laid[1:]
	case where == "new":
		req.Page, req.Rect = 1, pades.Rect{X: 100, Y: float64(30 + 15*p.made), W: 60, H: 12}
		req.Look.Text = "05/QĐ-STC\n24/11/2026 08:00:00 +07:00"
	}
	plan, err := pades.Prepare(bytes.NewReader(p.file), int64(len(p.file)), req)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := plan.Digest(bytes.NewReader(p.file))
	if err != nil {
		t.Fatal(err)
	}
	attributes, err := cms.Attributes(digest, key.Certificate, cms.Usual)
	if err != nil {
		t.Fatal(err)
	}
	value, err := cms.Usual.Sign(key.Signer, attributes)
	if err != nil {
		t.Fatal(err)
	}
	later := pades.Plan{Appendix: bytes.Clone(plan.Appendix), Hole: plan.Hole, Size: plan.Size}
	message, err := cms.Build(cms.Parts{Attributes: attributes, Algorithm: cms.Usual, Value: value, Certificate: key.Certificate, Chain: pki.Chain()})
	if err == nil {
		err = later.Fill(message)
	}
	p.append(t, later, err)
	p.made++
}

func (p *paper) check(t *rapid.T, options judge.Options) {
	report, err := judge.Judge(bytes.NewReader(p.file), int64(len(p.file)), options)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Signatures) != p.made {
		t.Fatalf("%d signatures are found, %d were made: %s", len(report.Signatures), p.made, report.Problem)
	}
	for i, s := range report.Signatures {
		if s.Result != judge.Valid || s.Coverage == judge.PartialChanged {
			t.Fatalf("signature %d of %d: %s %s %s %s", i+1, p.made, s.Result, s.Coverage, s.Reason, s.Finding)
		}
	}
}
