// Package pdfium reads text and draws pages with PDFium, compiled to WebAssembly: no C in our process, and
// memory of its own that a broken file cannot leave. Still it runs in children with limits only. Each
// file is read in a fresh instance, so that nothing of one file is left when the next is read.
package pdfium

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	pdfiumgo "github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Errors of a file.
var (
	ErrUnreadable = errors.New("not a PDF that can be drawn")
	ErrEncrypted  = errors.New("the file asks for a password")
	ErrNoPage     = errors.New("no such page")
)

// memoryPages limits the memory of an instance: 3,072 of 64 kB.
const memoryPages = 3072

// Engine draws pages. It is used by one goroutine at a time.
type Engine struct{ pool pdfiumgo.Pool }

// folder is where the compiled engine lies below the cache: one for each version.
func folder(cache string) string {
	name := "pages"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/klippa-app/go-pdfium" || m.Path == "github.com/tetratelabs/wazero" {
				name += "-" + m.Version
			}
		}
	}
	return filepath.Join(cache, name)
}

// Warm compiles the engine into the cache, which takes some seconds, unless it lies there already; what other
// versions left is removed.
func Warm(cache string) error {
	at := folder(cache)
	old, err := filepath.Glob(filepath.Join(cache, "pages*"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if name != at {
			if err := os.RemoveAll(name); err != nil {
				return fmt.Errorf("remove old cache: %w", err)
			}
		}
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		return fmt.Errorf("make cache: %w", err)
	}
	e, err := Open(cache)
	if err != nil {
		return err
	}
	return e.Close()
}

// Open starts the engine. The cache must be warm where no file may be written; without one ("") the engine is
// compiled in memory.
func Open(cache string) (*Engine, error) {
	ctx := context.Background()
	// setjmp of the C code has become exceptions of WebAssembly
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(memoryPages).WithCloseOnContextDone(true)
	if cache != "" {
		compiled, err := wazero.NewCompilationCacheWithDir(folder(cache))
		if err != nil {
			return nil, fmt.Errorf("open cache: %w", err)
		}
		config = config.WithCompilationCache(compiled)
	}
	pool, err := webassembly.Init(webassembly.Config{Context: ctx, MaxTotal: 1, MaxIdle: 1, RuntimeConfig: config,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard}) // it sees no file but the one it is given
	if err != nil {
		return nil, fmt.Errorf("start page engine: %w", err)
	}
	return &Engine{pool}, nil
}

// Close ends the engine.
func (e *Engine) Close() error { return e.pool.Close() }

// document is one open file.
type document struct {
	pdfiumgo.Pdfium
	ref   references.FPDF_DOCUMENT
	pages int
	plain bool // its form cannot be drawn
}

// open reads a file of the given size.
func (e *Engine) open(r io.ReaderAt, size int64) (*document, error) {
	if size <= 0 {
		return nil, ErrUnreadable
	}
	i, err := e.pool.GetInstance(30 * time.Second)
	if err != nil {
		return nil, fmt.Errorf("start instance: %w", err)
	}
	d := &document{Pdfium: i}
	opened, err := i.OpenDocument(&requests.OpenDocument{FileReader: io.NewSectionReader(r, 0, size), FileReaderSize: size})
	if err == nil {
		d.ref = opened.Document
		var n int
		if n, err = d.count(); err == nil && n > 0 {
			d.pages = n
			return d, nil
		}
	}
	d.close()
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return nil, ErrEncrypted
	case err != nil && strings.HasPrefix(err.Error(), "panic"):
		return nil, fmt.Errorf("open file: %w", err)
	}
	return nil, ErrUnreadable
}

func (d *document) count() (int, error) {
	n, err := d.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return 0, err
	}
	return n.PageCount, nil
}

// within runs fn and stops the instance when that takes longer than limit; late tells so.
func (d *document) within(limit time.Duration, fn func() error) (late bool, err error) {
	var stopped sync.WaitGroup
	stopped.Add(1)
	timer := time.AfterFunc(limit, func() {
		defer stopped.Done()
		_ = d.Kill()
	})
	err = fn()
	if timer.Stop() {
		return false, err
	}
	stopped.Wait()
	return true, err
}

// close throws the instance away, and with it all that the file brought.
func (d *document) close() { _ = d.Close() }

// at names a page, counted from 1.
func (d *document) at(number int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: number - 1}}
}

const mmPerPoint = 25.4 / 72

// size is the width and height of a page as displayed, in mm.
func (d *document) size(number int) (w, h float64, err error) {
	s, err := d.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: number - 1})
	if err != nil {
		return 0, 0, fmt.Errorf("size of page %d: %w", number, err)
	}
	return s.Width * mmPerPoint, s.Height * mmPerPoint, nil
}
