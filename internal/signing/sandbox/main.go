package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"nghisu/internal/signing/page/pdfium"
)

// question is one message from the parent.
type question struct {
	req  Request
	file *os.File
}

// Main is the child: it limits itself and answers what comes over descriptor 3 until the parent closes it.
func Main() error { return Serve(answer) }

// answerer is how a kind of child answers. The one that compiles the page engine answers nothing: it ends.
func answerer(h hello, other func(*os.File, Request) Response) (func(*os.File, Request) Response, error) {
	switch h.Lane {
	case warm:
		return nil, pdfium.Warm(h.Cache)
	case pages:
		e, err := pdfium.Open(h.Cache)
		return engine{e}.pagesOf, err
	}
	return other, nil
}

// Serve is Main with another way to answer, for tests.
func Serve(other func(*os.File, Request) Response) error {
	runtime.GOMAXPROCS(min(2, runtime.NumCPU()))
	debug.SetMemoryLimit(maxHeap)
	debug.SetMaxStack(maxStack)
	socket := os.NewFile(3, "parent")
	if socket == nil {
		return errors.New("no parent")
	}
	w, err := newWire(socket)
	if err != nil {
		return fmt.Errorf("take descriptor 3: %w", err)
	}
	text, _, _, err := w.receive(maxRequest)
	if err != nil {
		return fmt.Errorf("read greeting: %w", err)
	}
	var h hello
	if err := json.Unmarshal(text, &h); err != nil {
		return fmt.Errorf("read greeting: %w", err)
	}
	if err := limit(h.Lane); err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	answer, err := answerer(h, other)
	if err != nil || answer == nil {
		return err
	}
	questions := make(chan question)
	go listen(w, questions)
	for q := range questions {
		resp := answer(q.file, q.req)
		_ = q.file.Close()
		text, err := json.Marshal(resp)
		if err == nil {
			err = w.send(text, resp.Blob, nil)
		}
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return nil
}

// listen reads questions. It notices at once when the parent is gone, even in the middle of an answer, and
// ends the process.
func listen(w wire, questions chan<- question) {
	for {
		text, _, file, err := w.receive(maxRequest)
		if errors.Is(err, io.EOF) {
			os.Exit(0)
		}
		q := question{file: file}
		if err == nil {
			err = json.Unmarshal(text, &q.req)
		}
		if err == nil && file == nil {
			err = errors.New("a question without a file")
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "read question:", err)
			os.Exit(1)
		}
		questions <- q
	}
}
