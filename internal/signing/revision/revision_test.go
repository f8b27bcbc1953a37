package revision_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/revision"
)

func list(t *testing.T, file []byte) []revision.Revision {
	t.Helper()
	got, err := revision.List(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestList(t *testing.T) {
	one := pdftest.Page("x")
	update := func(file []byte) []byte {
		return pdftest.Append(file, []pdftest.Object{{Num: 5, Body: "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"}}, "/Root 1 0 R", nil)
	}
	two := update(one)
	three := update(two)
	// a stream that looks like the end of an update, and an update that nobody follows
	trap := pdftest.Page("x", pdftest.Object{Num: 6, Body: pdftest.Stream("", "startxref\n12\n%%EOF\n")})
	cases := map[string]struct {
		file []byte
		ends []int
	}{
		"as it was written":        {one, []int{len(one)}},
		"two updates":              {three, []int{len(one), len(two), len(three)}},
		"blanks at the end":        {append(bytes.Clone(two), " \n\n"...), []int{len(one), len(two) + 3}},
		"an end inside a stream":   {trap, []int{len(trap)}},
		"no PDF":                   {[]byte("hello"), []int{5}},
		"a broken end":             {one[:len(one)-30], []int{len(one) - 30}},
		"across a border of reads": {pad(t, update), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := list(t, c.file)
			if c.ends == nil {
				if len(got) != 2 || got[1].Size != int64(len(c.file)) {
					t.Errorf("%+v", got)
				}
				return
			}
			if len(got) != len(c.ends) {
				t.Fatalf("%+v, want %v", got, c.ends)
			}
			for i, r := range got {
				if r.Size != int64(c.ends[i]) || r.Number != i+1 || (r.Kind == revision.Original) != (i == 0) {
					t.Errorf("%d: %+v, want %d", i, r, c.ends[i])
				}
			}
		})
	}
}

// pad makes a first state whose end lies on the border of two reads of 256 kB.
func pad(t *testing.T, update func([]byte) []byte) []byte {
	t.Helper()
	for fill := 256<<10 - 900; ; fill++ {
		f := pdftest.Page("x", pdftest.Object{Num: 6, Body: pdftest.Stream("", strings.Repeat("y", fill))})
		if len(f) == 256<<10+3 { // "%%EOF" begins before it and ends behind
			return update(f)
		}
		if len(f) > 256<<10+3 {
			t.Fatal("no such length")
		}
	}
}

// The parts of a linearised file are one state.
func TestList_linearised(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	writeFile(t, in, pdftest.Page("x"))
	if text, err := exec.CommandContext(t.Context(), "qpdf", "--linearize", in, out).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v %s", err, text)
	}
	file := readFile(t, out)
	if got := list(t, file); len(got) != 1 || got[0].Size != int64(len(file)) {
		t.Errorf("%+v", got)
	}
	updated := pdftest.Append(file, []pdftest.Object{{Num: 50, Body: "<<>>"}}, rootOf(t, file), nil)
	if got := list(t, updated); len(got) != 2 || got[0].Size != int64(len(file)) || got[1].Size != int64(len(updated)) {
		t.Errorf("%+v", got)
	}
}

func writeFile(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// rootOf is the entry of the trailer that names the catalog.
func rootOf(t *testing.T, file []byte) string {
	t.Helper()
	m := regexp.MustCompile(`/Root \d+ 0 R`).Find(file)
	if m == nil {
		t.Fatal("no catalog")
	}
	return string(m)
}
