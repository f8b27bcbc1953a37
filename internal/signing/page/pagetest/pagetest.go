// Package pagetest opens the page engine for tests, compiled once per machine. Tests only.
package pagetest

import (
	"os"
	"path/filepath"
	"testing"

	"nghisu/internal/signing/page/pdfium"
)

// Cache is the folder of the compiled engine, warm.
func Cache(t testing.TB) string {
	t.Helper()
	own, err := os.UserCacheDir()
	if err != nil {
		own = t.TempDir()
	}
	dir := filepath.Join(own, "nghisu-tests")
	if err := pdfium.Warm(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Engine is an engine that ends with the test.
func Engine(t testing.TB) *pdfium.Engine {
	t.Helper()
	e, err := pdfium.Open(Cache(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
