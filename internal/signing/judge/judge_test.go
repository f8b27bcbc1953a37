package judge_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

var now = time.Date(2026, 3, 5, 8, 4, 5, 0, time.UTC)

// bench is a PKI with a leader's and an agency's key.
type bench struct {
	pki          *devpki.PKI
	leader, seal pades.Signer
}

func newBench(t *testing.T) bench {
	t.Helper()
	p, err := devpki.Open(filepath.Join(t.TempDir(), "pki"), now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	get := func(key, name string, agency bool) pades.Signer {
		k, err := p.Obtain(key, devpki.Holder{Name: name, Organisation: "Sở Y tế", Identifier: "H77.3", Agency: agency}, now.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return pades.Signer{Key: k.Signer, Certificate: k.Certificate, Chain: p.Chain()}
	}
	return bench{p, get("person-1", "Trần Văn Nghĩa", false), get("agency-1", "Sở Y tế", true)}
}

func (b bench) sign(t *testing.T, file []byte, s pades.Signer) []byte {
	t.Helper()
	plan, err := pades.Prepare(bytes.NewReader(file), int64(len(file)), pades.Request{Name: "x", At: now, Hole: 4096})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Embed(bytes.NewReader(file), s); err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), plan.Appendix...)
}

// options trust the PKI of the bench, with fresh evidence about it.
func (b bench) options(t testing.TB) judge.Options {
	t.Helper()
	return trusting(t, b.pki, now.Add(time.Hour))
}

func trusting(t testing.TB, p *devpki.PKI, at time.Time) judge.Options {
	t.Helper()
	list, err := p.CRL(at)
	if err != nil {
		t.Fatal(err)
	}
	crls, _, err := p.Evidence(p.Issuing, at)
	if err != nil {
		t.Fatal(err)
	}
	return judge.Options{Lists: []judge.TrustList{{Name: "development", Anchors: []*x509.Certificate{p.Root}}},
		TSA: []*x509.Certificate{p.Root}, CRLs: append(crls, list), Marker: devpki.Marker, Now: at}
}

func (b bench) judge(t *testing.T, file []byte) judge.Report {
	t.Helper()
	return judged(t, file, b.options(t))
}

func judged(t *testing.T, file []byte, opts judge.Options) judge.Report {
	t.Helper()
	r, err := judge.Judge(bytes.NewReader(file), int64(len(file)), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// short is a report in one line: "valid whole; invalid partial_changed verdict.changed_after".
func short(r judge.Report) string {
	if r.Problem != "" {
		return r.Problem
	}
	var parts []string
	for _, s := range r.Signatures {
		line := fmt.Sprintf("%s %s", s.Result, s.Coverage)
		if s.Reason != judge.Good && s.Reason != judge.GoodPartial {
			line += " " + s.Reason
		}
		parts = append(parts, line)
	}
	return strings.Join(parts, "; ")
}

func TestJudge_goodFiles(t *testing.T) {
	b := newBench(t)
	objects := []pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/DA(/Helv 0 Tf)/NeedAppearances false>>>>"},
		{Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(x)>>]>>"},
		{Num: 4, Body: pdftest.Stream("", "BT ET")},
	}
	files := map[string][]byte{
		"table":                     pdftest.Page("Quyet dinh"),
		"form in the catalog":       pdftest.Build(objects, "/Root 1 0 R"),
		"cross-reference as stream": pdftest.BuildCompressed(objects, "/Root 1 0 R"),
		"bytes before the header":   append([]byte("junk\n"), pdftest.Page("x")...),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			if got := short(b.judge(t, file)); got != "" {
				t.Errorf("unsigned: %s", got)
			}
			one := b.sign(t, file, b.leader)
			if got := short(b.judge(t, one)); got != "valid whole" {
				t.Errorf("one signature: %s", got)
			}
			two := b.sign(t, one, b.seal)
			r := b.judge(t, two)
			if got := short(r); got != "valid partial_allowed; valid whole" {
				t.Fatalf("two signatures: %s %+v", got, r.Signatures[0].Finding)
			}
			if s := r.Signatures[0]; s.Name != "Trần Văn Nghĩa" || !s.Development || s.Claimed == nil || !s.Claimed.Equal(now) {
				t.Errorf("first signature is described as %+v", s)
			}
		})
	}
}

func TestJudge_manySignatures(t *testing.T) {
	b := newBench(t)
	file := pdftest.Page("x")
	want := ""
	for i := range 32 {
		file = b.sign(t, file, b.leader)
		if i > 0 {
			want += "valid partial_allowed; "
		}
	}
	if got := short(b.judge(t, file)); got != want+"valid whole" {
		t.Errorf("32 signatures: %s", got)
	}
}

func replaceOnce(t *testing.T, file []byte, old, with string) []byte {
	t.Helper()
	if !bytes.Contains(file, []byte(old)) || len(old) != len(with) {
		t.Fatalf("cannot replace %q", old)
	}
	return bytes.Replace(file, []byte(old), []byte(with), 1)
}

// hole finds the contents of the last signature, without brackets.
func hole(t *testing.T, file []byte) (from, to int) {
	t.Helper()
	from = bytes.LastIndex(file, []byte("/Contents <")) + len("/Contents <")
	return from, from + bytes.IndexByte(file[from:], '>')
}

func fill(t *testing.T, file, message []byte) []byte {
	t.Helper()
	from, to := hole(t, file)
	out := bytes.Clone(file)
	copy(out[from:to], fmt.Sprintf("%x", message)+strings.Repeat("0", to-from-2*len(message)))
	return out
}

// Every kind of signing.md section 1 and of the literature. None may ever be judged valid; those that
// change what a signature covers are invalid.
func TestJudge_attacks(t *testing.T) {
	b := newBench(t)
	hidden := []pdftest.Object{
		{Num: 6, Body: pdftest.Stream("", "BT /F1 18 Tf 72 700 Td (Forged text) Tj ET")},
		{Num: 7, Body: "<</Type/Catalog/Pages 8 0 R>>"}, {Num: 8, Body: "<</Type/Pages/Kids[9 0 R]/Count 1>>"},
		{Num: 9, Body: "<</Type/Page/Parent 8 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</F1 5 0 R>>>>>>"},
	}
	good := b.sign(t, pdftest.Page("Agreed", hidden...), b.leader)
	catalog, pageBody := objectBody(t, good, "1"), objectBody(t, good, "3")
	form := regexp.MustCompile(`/AcroForm (\d+) 0 R`).FindStringSubmatch(catalog)[1]
	field := regexp.MustCompile(`/Annots \[(\d+) 0 R`).FindStringSubmatch(pageBody)[1]
	formNum := atoi(form)
	update := func(objects ...pdftest.Object) []byte { return pdftest.Append(good, objects, "/Root 1 0 R", nil) }
	widget := func(num int, extra string) pdftest.Object {
		return pdftest.Object{Num: num, Body: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature9)/F 4/P 3 0 R" + extra + ">>"}
	}
	withAnnot := strings.Replace(pageBody, "/Annots ["+field+" 0 R", "/Annots ["+field+" 0 R 50 0 R", 1)
	withField := pdftest.Object{Num: formNum, Body: "<</Fields[" + field + " 0 R 50 0 R]/SigFlags 3>>"}
	from, to := hole(t, good)

	cases := map[string]struct {
		file []byte
		want string
	}{
		"byte flip in the page":           {replaceOnce(t, good, "(Agreed)", "(Denied)"), "invalid whole " + judge.Tampered},
		"text replaced by an update":      {update(pdftest.Object{Num: 4, Body: pdftest.Stream("", "BT /F1 18 Tf 72 700 Td (Denied) Tj ET")}), "invalid partial_changed " + judge.ChangedAfter},
		"objects without cross-reference": {append(bytes.Clone(good), "4 0 obj\n"+pdftest.Stream("", "BT (Denied) Tj ET")+"\nendobj\n"...), "invalid partial_changed " + judge.ChangedAfter},
		"garbage behind the end":          {append(bytes.Clone(good), "garbage"...), "invalid partial_changed " + judge.ChangedAfter},
		"message overwritten":             {fill(t, good, bytes.Repeat([]byte{0xab}, 900)), "invalid whole " + judge.Garbled},
		"message emptied":                 {fill(t, good, nil), "invalid whole " + judge.Garbled},
		"page exchanged":                  {update(pdftest.Object{Num: 3, Body: strings.Replace(pageBody, "4 0 R", "6 0 R", 1)}), "invalid partial_changed " + judge.ChangedAfter},
		"pages of the catalog exchanged":  {update(pdftest.Object{Num: 1, Body: strings.Replace(catalog, "2 0 R", "8 0 R", 1)}), "invalid partial_changed " + judge.ChangedAfter},
		"shadow: offset to hidden object": {pdftest.Append(good, nil, "/Root 1 0 R", map[int]int{4: bytes.Index(good, []byte("6 0 obj"))}), "invalid partial_changed " + judge.ChangedAfter},
		"shadow: object freed":            {pdftest.Append(good, nil, "/Root 1 0 R", map[int]int{4: -1}), "invalid partial_changed " + judge.ChangedAfter},
		"shadow: font exchanged":          {update(pdftest.Object{Num: 5, Body: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}), "invalid partial_changed " + judge.ChangedAfter},
		"annotation over the text": {update(pdftest.Object{Num: 3, Body: withAnnot},
			pdftest.Object{Num: 50, Body: "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 800]/Contents(Denied)>>"}), "invalid partial_changed " + judge.ChangedAfter},
		"visible empty field added (sneaky signature)": {update(pdftest.Object{Num: 3, Body: withAnnot}, withField, widget(50, "/Rect[0 0 500 800]")), "invalid partial_changed " + judge.ChangedAfter},
		"text field added":                       {update(pdftest.Object{Num: 3, Body: withAnnot}, withField, pdftest.Object{Num: 50, Body: "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/P 3 0 R/Rect[0 0 0 0]>>"}), "invalid partial_changed " + judge.ChangedAfter},
		"field with an action":                   {update(pdftest.Object{Num: 3, Body: withAnnot}, withField, widget(50, "/Rect[0 0 0 0]/AA<</E<</S/JavaScript/JS(x)>>>>")), "invalid partial_changed " + judge.ChangedAfter},
		"open action added":                      {update(pdftest.Object{Num: 1, Body: strings.Replace(catalog, "/Pages", "/OpenAction<</S/JavaScript/JS(x)>>/Pages", 1)}), "invalid partial_changed " + judge.ChangedAfter},
		"field's own look exchanged":             {update(pdftest.Object{Num: atoi(field), Body: strings.Replace(objectBody(t, good, field), "/Rect [0 0 0 0]", "/Rect [0 0 500 800]", 1)}), "invalid partial_changed " + judge.ChangedAfter},
		"signature taken out of the form":        {update(pdftest.Object{Num: formNum, Body: "<</Fields[]/SigFlags 3>>"}), ""},
		"second range moved (wrapping)":          {wrapped(t, good), "invalid partial_changed " + judge.Structure},
		"first range does not begin at 0":        {replaceRange(t, good, func(r *[4]int) { r[0], r[1] = 9, r[1]-9 }), "invalid partial_changed " + judge.Structure},
		"range without the last bytes":           {replaceRange(t, good, func(r *[4]int) { r[3] -= 3 }), "invalid partial_changed " + judge.Structure},
		"hole wider than the contents":           {replaceRange(t, good, func(r *[4]int) { r[1] -= 20 }), "invalid partial_changed " + judge.Structure},
		"something else than digits in the hole": {append(append(bytes.Clone(good[:to-1]), ' '), good[to:]...), "invalid partial_changed " + judge.Structure},
		"certificate of the victim first":        {fill(t, good, forged(t, b, good)), "unknown whole " + judge.Untrusted},
	}
	_ = from
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := b.judge(t, c.file)
			if got := short(r); got != c.want {
				t.Errorf("got %q, want %q; %+v", got, c.want, r)
			}
		})
	}
}

func atoi(s string) (n int) {
	_, _ = fmt.Sscan(s, &n)
	return n
}

func objectBody(t *testing.T, file []byte, num string) string {
	t.Helper()
	head := "\n" + num + " 0 obj\n"
	i := bytes.LastIndex(file, []byte(head))
	if i < 0 {
		t.Fatalf("no object %s", num)
	}
	body, _, _ := strings.Cut(string(file[i+len(head):]), "\nendobj")
	return body
}

var rangePattern = regexp.MustCompile(`\[(\d+) (\d+) (\d+) (\d+)\] *\n/Contents`)

// replaceRange changes the ByteRange of the last signature in place.
func replaceRange(t *testing.T, file []byte, change func(*[4]int)) []byte {
	t.Helper()
	at := rangePattern.FindAllSubmatchIndex(file, -1)
	last := at[len(at)-1]
	var r [4]int
	for i := range r {
		r[i] = atoi(string(file[last[2+2*i]:last[3+2*i]]))
	}
	change(&r)
	text := fmt.Sprintf("[%d %d %d %d]", r[0], r[1], r[2], r[3])
	end := last[1] - len("\n/Contents")
	out := bytes.Clone(file)
	copy(out[last[0]:end], text+strings.Repeat(" ", end-last[0]-len(text)))
	return out
}

// wrapped is signature wrapping: the second range is a copy of the signed end at the end of the file, and
// the place where it was, which nothing covers now, has another cross-reference, another signature
// dictionary and another text. The digest over the ranges stays right.
func wrapped(t *testing.T, file []byte) []byte {
	t.Helper()
	from, to := hole(t, file)
	start := pdftest.LastStart(file)
	value := regexp.MustCompile(`/V (\d+) 0 R`).FindSubmatch(file)[1]
	part2 := file[to+1:]
	dict := objectBody(t, file, string(value))
	prev := pdftest.LastStart(file[:from-200])
	room := 2000 // of the cross-reference; the objects follow behind it
	text := "4 0 obj\n" + pdftest.Stream("", "BT /F1 18 Tf 72 700 Td (Denied) Tj ET") + "\nendobj\n"
	object := func(second int) string {
		r := fmt.Sprintf("[0 %d %d %d]", from-1, second, len(part2))
		d := rangePattern.ReplaceAllString(dict, r+strings.Repeat(" ", 40-len(r))+"\n/Contents")
		return string(value) + " 0 obj\n" + d + "\nendobj\n"
	}
	size := len(object(0))
	second := start + room + len(text) + size
	table := string(file[start:])
	table = table[:strings.Index(table, "trailer")]
	// every entry of the signed update stays, but for the dictionary; object 4 comes in addition
	old := fmt.Sprintf("%010d 00000 n", bytes.Index(file, []byte("\n"+string(value)+" 0 obj\n"))+1)
	table = strings.Replace(table, old, fmt.Sprintf("%010d 00000 n", start+room+len(text)), 1)
	table = strings.Replace(table, "xref\n", fmt.Sprintf("xref\n4 1\n%010d 00000 n \n", start+room), 1)
	table += fmt.Sprintf("trailer\n<</Size 100/Root 1 0 R/Prev %d>>\n", prev)
	table += strings.Repeat(" ", room-len(table))
	out := append(bytes.Clone(file[:start]), table+text+object(second)...)
	return append(out, part2...)
}

// forged signs the same digest by an unknown key, and puts the victim's certificate first.
func forged(t *testing.T, b bench, file []byte) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := selfSigned(t, key, "Kẻ mạo danh")
	from, to := hole(t, file)
	plan := pades.Plan{Appendix: file}
	plan.Hole.Start, plan.Hole.End, plan.Size = int64(from-1), int64(to+1), int64(len(file))
	digest, err := plan.Digest(bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	attributes, err := cms.Attributes(digest, cert, cms.Usual)
	if err != nil {
		t.Fatal(err)
	}
	value, err := cms.Usual.Sign(key, attributes)
	if err != nil {
		t.Fatal(err)
	}
	message, err := cms.Build(cms.Parts{Attributes: attributes, Algorithm: cms.Usual, Value: value, Certificate: cert,
		Chain: []*x509.Certificate{b.leader.Certificate, b.pki.Issuing}})
	if err != nil {
		t.Fatal(err)
	}
	// the three certificates follow each other, so the victim's can come first
	before, rest := message, [][]byte{cert.Raw, b.pki.Issuing.Raw}
	for _, der := range [][]byte{cert.Raw, b.leader.Certificate.Raw, b.pki.Issuing.Raw} {
		before = before[:min(len(before), bytes.Index(message, der))]
	}
	out := append(bytes.Clone(before), b.leader.Certificate.Raw...)
	out = append(out, bytes.Join(rest, nil)...)
	return append(out, message[len(out):]...)
}

func selfSigned(t *testing.T, key any, name string) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(7), NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	var public any
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		public = k.Public()
	case *rsa.PrivateKey:
		public = k.Public()
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
