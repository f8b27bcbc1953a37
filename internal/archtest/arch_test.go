// Package archtest holds the shape of the code: who may import whom, how long files and functions
// may be, that every package says what it owns.
package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "nghisu/"

// layers lists what each package may import of ours; a name stands for itself and what lies below it.
// Test files and cmd are free. A package that is not listed fails the test: give it a place first.
var layers = map[string][]string{
	"migrations":          {},
	"web":                 {},
	"storage/postgres":    {"internal/errs", "internal/id", "migrations"},
	"storage/objects":     {"internal/errs"},
	"internal/errs":       {},
	"internal/id":         {},
	"internal/config":     {},
	"internal/obs":        {},
	"internal/access":     {"internal/errs", "internal/id"},
	"internal/audit":      {base, "internal/access", "storage/postgres"},
	"internal/jobs":       {base, "storage/postgres"},
	"internal/live":       {base, "storage/postgres"},
	"internal/org":        {base, infra},
	"internal/auth":       {base, infra, "internal/org"},
	"internal/upload":     {base, infra, "internal/org"},
	"internal/document":   {base, infra, "internal/org", "internal/upload", "internal/signing/press", "internal/signing/images", "internal/signing/pades", "internal/signing/page", "internal/signing/place"},
	"internal/signing":    {base, infra, "internal/org", "internal/upload", "internal/document"},
	"internal/exchange":   {base, infra, "internal/org", "internal/document", "internal/signing"},
	"internal/meeting":    {base, infra, "internal/org", "internal/upload", "internal/document"},
	"internal/sfu":        {},
	"internal/conference": {base, infra, "internal/org", "internal/meeting", "internal/sfu"},
	"internal/inbox":      {base, infra, "internal/org", "internal/document", "internal/exchange", "internal/meeting"},
	"internal/httpapi":    {"internal", "storage"},
	"internal/demo":       {"internal", "storage"},
	"internal/bench":      {"internal", "storage", "migrations"},
	"internal/archtest":   {},

	// fixtures of tests, imported by tests only
	"internal/exchange/exchangetest": {"internal", "storage"},
}

// base are the packages everybody may use; infra is what features stand on.
const (
	base  = "internal/errs internal/id"
	infra = "internal/access internal/audit internal/jobs internal/live storage/postgres storage/objects"
)

// forbidden lists outside packages that parts of ours must not know.
var forbidden = map[string][]string{
	"net/http":                      {"internal/org", "internal/auth", "internal/upload", "internal/document", "internal/meeting", "internal/conference", "internal/inbox", "internal/exchange"},
	"github.com/danielgtaylor/huma": {"internal/org", "internal/auth", "internal/upload", "internal/document", "internal/signing", "internal/exchange", "internal/meeting", "internal/conference", "internal/inbox", "storage", "internal/sfu"},
	"github.com/go-chi/chi":         {"internal/org", "internal/auth", "internal/upload", "internal/document", "internal/signing", "internal/exchange", "internal/meeting", "internal/conference", "internal/inbox", "storage", "internal/sfu"},
	"github.com/jackc/pgx":          {"internal/sfu", "internal/access", "internal/errs", "internal/id", "internal/signing/pdf"},
	"github.com/pion":               {"internal/meeting", "internal/httpapi", "internal/document", "internal/org"},
}

const (
	hardFile     = 700
	hardFunction = 90
	mostParams   = 6 // five and the context
)

type file struct {
	path string // below the root, with slashes
	pkg  string // folder below the root
	ast  *ast.File
	fset *token.FileSet
	test bool
	size int
}

func TestArchitecture(t *testing.T) {
	files := readFiles(t)
	documented := map[string]bool{}
	for _, f := range files {
		if !f.test {
			checkImports(t, f)
			checkSize(t, f)
			documented[f.pkg] = documented[f.pkg] || f.ast.Doc != nil
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment that says what it owns", pkg)
		}
	}
}

func readFiles(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..")
	var files []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "node_modules", ".data", "bin", "testdata"}, d.Name()) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, path, src, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, file{path: rel, pkg: filepath.ToSlash(filepath.Dir(rel)), ast: tree, fset: fset,
			test: strings.HasSuffix(rel, "_test.go"), size: bytes.Count(src, []byte("\n"))})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d Go files found: wrong folder?", len(files))
	}
	return files
}

// place finds the entry of layers that rules a package: itself or the nearest folder above it.
func place(pkg string) (string, bool) {
	for p := pkg; p != "." && p != "/"; p = filepath.ToSlash(filepath.Dir(p)) {
		if _, ok := layers[p]; ok {
			return p, true
		}
	}
	return "", false
}

func checkImports(t *testing.T, f file) {
	t.Helper()
	if strings.HasPrefix(f.pkg, "cmd/") {
		return
	}
	home, ok := place(f.pkg)
	if !ok {
		t.Errorf("%s has no place in the layers of archtest", f.pkg)
		return
	}
	testHelper := strings.HasSuffix(f.pkg, "test") || strings.Contains(f.pkg, "test/")
	for _, imp := range f.ast.Imports {
		path := strings.Trim(imp.Path.Value, `"`)
		if ours, is := strings.CutPrefix(path, module); is && !testHelper && !allowed(home, ours) {
			t.Errorf("%s must not import %s", f.path, ours)
		}
		for outside, who := range forbidden {
			if below(path, outside) && slices.ContainsFunc(who, func(w string) bool { return below(f.pkg, w) }) {
				t.Errorf("%s must not know %s", f.path, outside)
			}
		}
		if strings.Contains(path, module) && (strings.HasSuffix(path, "pgtest") || strings.HasSuffix(path, "objectstest") || strings.HasSuffix(path, "miniotest")) && !testHelper {
			t.Errorf("%s imports the test helper %s", f.path, path)
		}
	}
}

func allowed(home, imported string) bool {
	if below(imported, home) {
		return true
	}
	for _, entry := range layers[home] {
		for name := range strings.FieldsSeq(entry) {
			if below(imported, name) {
				return true
			}
		}
	}
	return false
}

// below reports whether path is name or lies in its folder (or is its next major version).
func below(path, name string) bool {
	return path == name || strings.HasPrefix(path, name+"/")
}

func checkSize(t *testing.T, f file) {
	t.Helper()
	if f.size > hardFile {
		t.Errorf("%s has %d lines, more than %d: split it by concept", f.path, f.size, hardFile)
	}
	for _, decl := range f.ast.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
		where := fmt.Sprintf("%s:%d %s", f.path, f.fset.Position(fn.Pos()).Line, fn.Name.Name)
		if lines > hardFunction {
			t.Errorf("%s has %d lines, more than %d", where, lines, hardFunction)
		}
		if n := fn.Type.Params.NumFields(); n > mostParams {
			t.Errorf("%s takes %d parameters, more than %d: use a struct", where, n, mostParams)
		}
	}
}
