package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nghisu/internal/id"
	"nghisu/internal/signing"
)

// Every reason that the verifier or the signer can give has its own sentence, in both languages.
func TestVerdict_everyReasonHasAText(t *testing.T) {
	pattern := regexp.MustCompile(`^(verdict|signing|keys)\.[a-z_]+$`)
	found := 0
	err := filepath.WalkDir("../signing", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if fn, is := n.(*ast.FuncDecl); is && fn.Name.Name == "Kind" { // names of jobs
				return false
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			key, err := strconv.Unquote(lit.Value)
			if err != nil || !pattern.MatchString(key) {
				return true
			}
			found++
			if messages["vi"][key] == "" || messages["en"][key] == "" {
				t.Errorf("%s: no text for %s", path, key)
			}
			return true
		})
		return nil
	})
	if err != nil || found < 30 {
		t.Errorf("%d reasons found, %v", found, err)
	}
}

func TestVerdictBody(t *testing.T) {
	v := signing.Verdict{Missing: []signing.Purpose{signing.Seal}, Files: []signing.FileVerdict{
		{File: id.New[id.File](), Name: "a.pdf", Overall: signing.Invalid, Signatures: []signing.SignatureVerdict{
			{Purpose: signing.Person, Result: signing.Invalid, Coverage: signing.PartialChanged, Reason: "verdict.changed_after", Development: true}}},
		{File: id.New[id.File](), Name: "b.pdf", Overall: signing.Unsigned},
	}}
	body := verdictBody(t.Context(), v)
	s := body.Files[0].Signatures[0]
	if body.Missing[0] != "seal" || s.Coverage != "partial_changed" || !s.Development || s.Reason == "" || s.Reason == s.ReasonKey {
		t.Errorf("body %+v", body)
	}
	if b := body.Files[1]; b.Signatures == nil || b.Overall != "unsigned" || b.Reason != "" {
		t.Errorf("unsigned file %+v", b)
	}
}
