package judge_test

import (
	"bytes"
	"testing"

	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// Whatever is done to a signed file: there is an answer, and "valid" only for signatures over what was
// signed. The signed file itself is the one exception.
func FuzzJudge(f *testing.F) {
	dir := f.TempDir()
	p, err := devpki.Open(dir, now)
	if err != nil {
		f.Fatal(err)
	}
	k, err := p.Obtain("person-1", devpki.Holder{Name: "Trần Văn Nghĩa", Organisation: "Sở Y tế"}, now)
	if err != nil {
		f.Fatal(err)
	}
	page := pdftest.Page("Agreed")
	plan, err := pades.Prepare(bytes.NewReader(page), int64(len(page)), pades.Request{Name: "x", At: now, Hole: 2048})
	if err != nil {
		f.Fatal(err)
	}
	if err := plan.Embed(bytes.NewReader(page), pades.Signer{Key: k.Signer, Certificate: k.Certificate, Chain: p.Chain()}); err != nil {
		f.Fatal(err)
	}
	good := append(bytes.Clone(page), plan.Appendix...)
	opts := trusting(f, p, now)
	f.Add(0, 0, []byte{})
	f.Add(len(page)/2, 1, []byte("x"))
	f.Add(len(good), 0, []byte("4 0 obj\n<<>>\nendobj\n"))
	f.Add(int(plan.Hole.Start)+20, 2, []byte("00"))
	f.Add(len(good)-10, 10, []byte("startxref\n9\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, at, cut int, put []byte) {
		at = min(max(at, 0), len(good))
		cut = min(max(cut, 0), len(good)-at)
		file := append(append(bytes.Clone(good[:at]), put...), good[at+cut:]...)
		r, err := judge.Judge(bytes.NewReader(file), int64(len(file)), opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Signatures {
			if s.Result == judge.Valid && !bytes.Equal(file, good) && !harmless(file, good, plan) {
				t.Errorf("valid after %d bytes at %d became %q: %+v", cut, at, put, s)
			}
		}
	})
}

// harmless changes are those in the hole behind the message and in the case of its digits, which no
// signature covers, and blanks or a mark of the end behind the file.
func harmless(file, good []byte, plan pades.Plan) bool {
	if rest, ok := bytes.CutPrefix(file, good); ok {
		return len(bytes.ReplaceAll(bytes.Join(bytes.Fields(rest), nil), []byte("%%EOF"), nil)) == 0 || len(bytes.Trim(rest, "\x00\t\n\f\r %EOF")) == 0
	}
	if len(file) != len(good) {
		return false
	}
	return bytes.Equal(file[:plan.Hole.Start], good[:plan.Hole.Start]) && bytes.Equal(file[plan.Hole.End:], good[plan.Hole.End:])
}
