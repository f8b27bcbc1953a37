package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inCode  = regexp.MustCompile("`([^`]+)`")
	goTest  = regexp.MustCompile(`^(Test|Fuzz)\w+$`)
	webTest = regexp.MustCompile(`^web/.*\.(spec|test)\.ts$`)
)

// The tests that docs/security-media.md names as proof are there: it writes a package, then tests of it.
func TestSecurityOfMedia_namesTests(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "security-media.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	source, where := "", ""
	for _, m := range inCode.FindAllStringSubmatch(string(text), -1) {
		switch name := m[1]; {
		case webTest.MatchString(name):
			named++
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Error(err)
			}
		case strings.HasPrefix(name, "internal/") && !strings.HasSuffix(name, ".go"):
			where = name
			source = tests(t, filepath.Join(root, name))
		case goTest.MatchString(name):
			named++
			if !strings.Contains(source, "func "+name+"(") {
				t.Errorf("%s has no %s, which docs/security-media.md names", where, name)
			}
		}
	}
	if named < 40 {
		t.Errorf("%d tests are named: the document is read wrongly", named)
	}
}

// tests are the test files of a package, one after the other.
func tests(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}
