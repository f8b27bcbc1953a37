package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"nghisu/internal/bench"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/signfile"
	"nghisu/internal/signing/tsp"
)

// authority is a certification authority with a timestamp authority, both reachable over HTTP.
type authority struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	cert    *x509.Certificate
	server  *httptest.Server
	tsa     tsp.Authority
	revoked atomic.Pointer[[]x509.RevocationListEntry] // nil for none
	serial  int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.key = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	mux := http.NewServeMux()
	a.server = httptest.NewServer(mux)
	t.Cleanup(a.server.Close)
	self := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	a.cert = must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, self, self, a.key.Public(), a.key))))
	mux.HandleFunc("GET /crl", func(w http.ResponseWriter, _ *http.Request) {
		list := &x509.RevocationList{Number: big.NewInt(time.Now().UnixNano()), ThisUpdate: time.Now().Add(-time.Minute),
			NextUpdate: time.Now().Add(time.Hour)}
		if r := a.revoked.Load(); r != nil {
			list.RevokedCertificateEntries = *r
		}
		_, _ = w.Write(must(x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)))
	})
	mux.HandleFunc("GET /ca", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(a.cert.Raw) })
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	cert := a.issue("TSA", key, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{tsp.Usage()} })
	a.tsa = tsp.Authority{Key: key, Certificate: cert, Chain: []*x509.Certificate{a.cert}, Now: time.Now}
	mux.Handle("POST /tsa", &a.tsa)
	return a
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (a *authority) issue(name string, key crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	a.serial++
	c := &x509.Certificate{SerialNumber: big.NewInt(100 + a.serial), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		CRLDistributionPoints: []string{a.server.URL + "/crl"}, IssuingCertificateURL: []string{a.server.URL + "/ca"}}
	if change != nil {
		change(c)
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, c, a.cert, key.Public(), a.key))))
}

// desk is a folder with the program, keys and a file to sign.
type desk struct {
	*authority
	dir    string
	binary string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{authority: newAuthority(t), dir: t.TempDir(), binary: buildProgram(t)}
	d.write("in.pdf", bench.Document(200_000))
	d.write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.cert.Raw}))
	for name, key := range map[string]crypto.Signer{"rsa": must(rsa.GenerateKey(rand.Reader, 2048)), "ec": must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))} {
		cert := d.issue("Trần Văn Nghĩa", key, nil)
		d.write(name+"-old.p12", must(pkcs12.LegacyRC2.Encode(key, cert, nil, "mật khẩu")))
		d.write(name+"-new.p12", must(pkcs12.Modern2023.Encode(key, cert, []*x509.Certificate{d.cert}, "mật khẩu")))
		d.write(name+".crt", cert.Raw)
		d.write(name+".key", must(x509.MarshalPKCS8PrivateKey(key)))
	}
	d.write("pass", []byte("mật khẩu\n"))
	d.write("pass-windows", []byte("mật khẩu\r\n"))
	d.write("wrong", []byte("mật khẩu\n\n"))
	return d
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name string, data []byte) {
	d.t.Helper()
	if err := os.WriteFile(d.path(name), data, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// run runs the program in the folder and tells its exit code.
func (d *desk) run(args ...string) (stdout, stderr string, code int) {
	d.t.Helper()
	var out, noise bytes.Buffer
	cmd := exec.CommandContext(d.t.Context(), d.binary, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, &out, &noise
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return out.String(), noise.String(), cmd.ProcessState.ExitCode()
}

// good demands success, and that other readers find the signatures valid.
func (d *desk) good(out string, signatures int, args ...string) {
	d.t.Helper()
	if _, noise, code := d.run(append(args, "--out", out)...); code != 0 {
		d.t.Fatalf("%v: exit %d: %s", args, code, noise)
	}
	if !bytes.HasPrefix(must(os.ReadFile(d.path(out))), must(os.ReadFile(d.path("in.pdf")))) {
		d.t.Errorf("%v: original is not the beginning", args)
	}
	text, err := exec.Command("timeout", "20", "pdfsig", "-nocert", d.path(out)).CombinedOutput()
	if err != nil || strings.Count(string(text), "Signature is Valid") != signatures {
		d.t.Errorf("%v: pdfsig: %s", args, text)
	}
	if text, err := exec.Command("timeout", "20", "qpdf", "--check", d.path(out)).CombinedOutput(); err != nil {
		d.t.Errorf("%v: qpdf: %s", args, text)
	}
}

// TestSign runs sign pdf, sign prepare and sign embed as people do.
func TestSign(t *testing.T) {
	d := newDesk(t)
	for _, key := range []string{"rsa-old", "rsa-new", "ec-old", "ec-new"} {
		d.good(key+".pdf", 1, "sign", "pdf", "--p12", key+".p12", "--pass-file", "pass", "--in", "in.pdf")
	}
	d.good("seen.pdf", 1, "sign", "pdf", "--p12", "rsa-old.p12", "--pass-file", "pass-windows", "--page", "1", "--rect", "120,20,70,25.5",
		"--text", `Người ký: Nghĩa (ĩ)\nSở Y tế`, "--reason", "Ký ban hành", "--in", "in.pdf")
	text, err := exec.Command("pdftotext", "-layout", d.path("seen.pdf"), "-").Output()
	if err != nil || !strings.Contains(string(text), "Người ký: Nghĩa (ĩ)\n") || !strings.Contains(string(text), "Sở Y tế") {
		t.Errorf("text of the signature: %s", text)
	}
	d.good("twice.pdf", 2, "sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--in", "seen.pdf")
	in := must(os.ReadFile(d.path("in.pdf")))
	plan := must(pades.Lay(bytes.NewReader(in), int64(len(in)), []pades.Field{{Name: "NguoiKy", Kind: pades.Signature, Page: 1, Rect: pades.Rect{X: 20, Y: 20, W: 40, H: 20}}}))
	d.write("laid.pdf", append(in, plan.Appendix...))
	d.good("field.pdf", 1, "sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--field", "NguoiKy", "--text", "Nghĩa", "--in", "laid.pdf")
	d.good("named.pdf", 1, "sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--field", "Mới", "--page", "1", "--rect", "20,20,40,20", "--in", "in.pdf")
	t.Run("two steps", d.twoSteps)
	t.Run("levels", d.levels)
	t.Run("refusals", d.refusals)
}

func (d *desk) twoSteps(t *testing.T) {
	for _, c := range [][]string{{"rsa"}, {"rsa", "--pss", "--hash", "SHA-512"}, {"ec", "--hash", "SHA-384"}} {
		out, noise, code := d.run(append([]string{"sign", "prepare", "--cert", c[0] + ".crt", "--in", "in.pdf", "--out", "prepared.pdf"}, c[1:]...)...)
		var p signfile.Prepared
		if err := json.Unmarshal([]byte(out), &p); code != 0 || err != nil || strings.Count(out, "\n") != 1 {
			t.Fatalf("exit %d, %v: %s%s", code, err, out, noise)
		}
		key := must(x509.ParsePKCS8PrivateKey(must(os.ReadFile(d.path(c[0] + ".key"))))).(crypto.Signer)
		s := must(signfile.Without([]*x509.Certificate{d.cert}, p.HashAlgorithm, p.Padding == "PSS"))
		value := must(key.Sign(rand.Reader, p.Hash, s.Algorithm.Options()))
		d.write("prepared.json", []byte(out))
		d.write("value", value)
		d.good("embedded.pdf", 1, "sign", "embed", "--json", "prepared.json", "--value", "value", "--in", "prepared.pdf")
		d.write("value", []byte(base64.StdEncoding.EncodeToString(value)+"\n"))
		d.good("embedded.pdf", 1, "sign", "embed", "--json", "prepared.json", "--value", "value", "--in", "prepared.pdf")
		value[5] ^= 1
		d.write("value", value)
		if _, noise, code := d.run("sign", "embed", "--json", "prepared.json", "--value", "value", "--in", "prepared.pdf", "--out", "no.pdf"); code != exitBadInput {
			t.Errorf("a wrong value: exit %d, %s", code, noise)
		}
	}
}

func (d *desk) levels(t *testing.T) {
	args := []string{"sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--in", "in.pdf", "--tsa", d.server.URL + "/tsa"}
	d.good("bt.pdf", 1, append(args, "--level", "B-T")...)
	d.good("bt.pdf", 1, append(args, "--level", "B-T", "--tsa-trust", "ca.pem")...)
	d.good("blt.pdf", 1, append(args, "--level", "B-LT", "--online")...)
	// pdfsig does not judge document timestamps
	d.good("blta.pdf", 1, append(args, "--level", "B-LTA", "--online")...)
	for name, want := range map[string][2]bool{"bt.pdf": {}, "blt.pdf": {true, false}, "blta.pdf": {true, true}} {
		data := must(os.ReadFile(d.path(name)))
		s := must(pades.Examine(bytes.NewReader(data), int64(len(data))))
		if got := [2]bool{len(s.Store.Certs) > 0 && len(s.Store.CRLs) > 0, s.Signatures[len(s.Signatures)-1].Document}; got != want || len(s.Signatures[0].Stamps) != 1 {
			t.Errorf("%s: evidence and document timestamp %v", name, got)
		}
	}
	for name, c := range map[string]struct {
		code int
		more []string
	}{
		"no network allowed":  {exitBadInput, []string{"--level", "B-LTA"}},
		"nobody answers":      {exitNotReached, []string{"--level", "B-T", "--tsa", "http://127.0.0.1:1/"}},
		"another authority":   {exitNotReached, []string{"--level", "B-T", "--tsa-trust", "ec.crt"}},
		"no list of evidence": {exitNotReached, []string{"--level", "B-LT", "--online", "--p12", "rsa-old.p12"}},
	} {
		if name == "no list of evidence" {
			cert := must(x509.ParseCertificate(must(os.ReadFile(d.path("rsa.crt")))))
			d.revoked.Store(&[]x509.RevocationListEntry{{SerialNumber: cert.SerialNumber, RevocationTime: time.Now().Add(-time.Minute)}})
		}
		_, noise, code := d.run(append(append(args, "--out", "no.pdf"), c.more...)...)
		if _, err := os.Stat(d.path("no.pdf")); code != c.code || err == nil || strings.TrimSpace(noise) == "" {
			t.Errorf("%s: exit %d, file %v: %s", name, code, err == nil, noise)
		}
	}
}

func (d *desk) refusals(t *testing.T) {
	d.write("no.txt", []byte("hello"))
	d.write("bare.pdf", pdftest.Build([]pdftest.Object{{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"}, {Num: 2, Body: "<</Type/Pages/Kids[]/Count 0>>"}}, "/Root 1 0 R"))
	if out, err := exec.Command("qpdf", "--encrypt", "", "owner", "256", "--", d.path("in.pdf"), d.path("encrypted.pdf")).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %s", out)
	}
	base := []string{"sign", "pdf", "--p12", "ec-new.p12", "--pass-file", "pass", "--in", "in.pdf", "--out", "no.pdf"}
	for name, c := range map[string]struct {
		code int
		more []string
	}{
		"wrong password":  {exitBadInput, []string{"--pass-file", "wrong"}},
		"no key file":     {exitBadInput, []string{"--p12", "in.pdf"}},
		"no such file":    {exitBadInput, []string{"--in", "missing.pdf"}},
		"not a PDF":       {exitRefused, []string{"--in", "no.txt"}},
		"encrypted":       {exitRefused, []string{"--in", "encrypted.pdf"}},
		"no such page":    {exitBadInput, []string{"--page", "99", "--rect", "1,1,5,5"}},
		"page without":    {exitBadInput, []string{"--page", "1"}},
		"broken rect":     {exitBadInput, []string{"--rect", "1,2,3"}},
		"no page to show": {exitBadInput, []string{"--in", "bare.pdf", "--rect", "1,2,3,4"}},
		"no picture":      {exitBadInput, []string{"--rect", "1,2,30,4", "--image", "no.txt"}},
		"over itself":     {exitBadInput, []string{"--out", "in.pdf"}},
		"no such folder":  {exitBadInput, []string{"--out", "missing/out.pdf"}},
		"no such field":   {exitBadInput, []string{"--field", "NguoiKi"}},
		"signed field":    {exitBadInput, []string{"--in", "field.pdf", "--field", "NguoiKy"}},
	} {
		before := must(os.ReadFile(d.path("in.pdf")))
		_, noise, code := d.run(append(base, c.more...)...)
		_, err := os.Stat(d.path("no.pdf"))
		if code != c.code || err == nil || strings.TrimSpace(noise) == "" || !bytes.Equal(before, must(os.ReadFile(d.path("in.pdf")))) {
			t.Errorf("%s: exit %d, file %v: %s", name, code, err == nil, noise)
		}
	}
}

// TestBenchSign demands one line of JSON with every figure.
func TestBenchSign(t *testing.T) {
	d := &desk{authority: &authority{t: t}, dir: t.TempDir(), binary: buildProgram(t)}
	out, noise, code := d.run("bench", "sign", "--json", "--size", "3", "--runs", "1", "--for", "30ms", "--dir", d.dir)
	var got map[string]float64
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, noise)
	}
	for _, key := range []string{"large_seconds", "large_peak_mb", "rsa2048_per_second", "p256_per_second", "rsa2048_ratio", "p256_ratio", "verify_per_second"} {
		if got[key] <= 0 {
			t.Errorf("%s is %v", key, got[key])
		}
	}
	if list := must(os.ReadDir(d.dir)); len(list) != 0 {
		t.Errorf("files stay behind: %v", list)
	}
}
