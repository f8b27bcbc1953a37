package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessages_bothLanguagesSayTheSame(t *testing.T) {
	vi, en := slices.Sorted(maps.Keys(messages["vi"])), slices.Sorted(maps.Keys(messages["en"]))
	if diff := cmp.Diff(vi, en); diff != "" {
		t.Errorf("keys differ (-vi +en):\n%s", diff)
	}
	place := regexp.MustCompile(`\{\w+\}`)
	for key, text := range messages["vi"] {
		a, b := place.FindAllString(text, -1), place.FindAllString(messages["en"][key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s: places differ: %v and %v", key, a, b)
		}
	}
}

// Every key that some code can answer with has a text.
func TestMessages_everyKeyHasAText(t *testing.T) {
	keys := usedKeys(t)
	if len(keys) < 20 {
		t.Fatalf("only %d keys found in the sources", len(keys))
	}
	for key, where := range keys {
		if _, ok := messages["vi"][key]; !ok {
			t.Errorf("%s: no text for %q", where, key)
		}
	}
}

// usedKeys finds the literal keys given to errs.New, Wrap, InvalidField and to Key: fields of errs types.
func usedKeys(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, root := range []string{"..", filepath.Join("..", "..", "storage")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			tree, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				for _, lit := range keyLiterals(n) {
					if key, err := strconv.Unquote(lit.Value); err == nil {
						keys[key] = fset.Position(lit.Pos()).String()
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func keyLiterals(n ast.Node) []*ast.BasicLit {
	var found []*ast.BasicLit
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			found = append(found, lit)
		}
	}
	selector := func(e ast.Expr) string {
		s, ok := e.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		x, ok := s.X.(*ast.Ident)
		if !ok {
			return ""
		}
		return x.Name + "." + s.Sel.Name
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		switch selector(n.Fun) {
		case "errs.New", "errs.Wrap", "errs.InvalidField":
			if len(n.Args) > 1 {
				add(n.Args[1])
			}
		}
	case *ast.CompositeLit:
		if s := selector(n.Type); s == "errs.Field" || s == "errs.Error" {
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if name, ok := kv.Key.(*ast.Ident); ok && name.Name == "Key" {
						add(kv.Value)
					}
				}
			}
		}
	}
	return found
}
