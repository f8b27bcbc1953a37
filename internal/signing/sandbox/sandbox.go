// Package sandbox runs everything that parses a stranger's PDF in a child process with limits: memory,
// processor time, no file may be written, no environment, no keys, no sockets of ours; the file comes by
// descriptor. A stack that overflows or a memory that fills up cannot be recovered in Go: so a bad file
// costs one child and its caller gets a clear error. The child is our own binary (Main).
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"nghisu/internal/errs"
	"os"
	"sync"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/page/pdfium"
	"nghisu/internal/signing/revision"
	"nghisu/internal/signing/scan"
)

// Errors of a run. Both mean that the file was too much for the limits, or for the parser.
var (
	ErrDied    = errors.New("child ended without an answer")
	ErrTimeout = errors.New("child took too long")
)

// Request is one question about the file; exactly one field is set.
type Request struct {
	Prepare *pades.Request    `json:"prepare,omitempty"`
	Lay     []pades.Field     `json:"lay,omitempty"`
	Fill    map[string]string `json:"fill,omitempty"` // values of text fields
	Check   *pades.Made       `json:"check,omitempty"`
	Judge   *JudgeRequest     `json:"judge,omitempty"`

	Examine   bool            `json:"examine,omitempty"`
	Store     *pades.Evidence `json:"store,omitempty"`     // evidence to be added
	Timestamp int             `json:"timestamp,omitempty"` // bytes of the hole of a document timestamp

	Revisions bool            `json:"revisions,omitempty"`
	Text      *TextRequest    `json:"text,omitempty"`
	Picture   *PictureRequest `json:"picture,omitempty"`
	Compare   *CompareRequest `json:"compare,omitempty"`
	Scan      bool            `json:"scan,omitempty"` // images of a scanned paper
}

// Response is the answer.
type Response struct {
	Plan    *pades.Plan   `json:"plan,omitempty"`
	Report  *judge.Report `json:"report,omitempty"`
	Survey  *pades.Survey `json:"survey,omitempty"`
	Refusal string        `json:"refusal,omitempty"` // message key of a pades.Refusal
	Detail  string        `json:"detail,omitempty"`  // of the refusal, for the log
	Error   string        `json:"error,omitempty"`

	Revisions  []revision.Revision `json:"revisions,omitempty"`
	Text       []page.Page         `json:"text,omitempty"`
	Comparison *pdfium.Comparison  `json:"comparison,omitempty"`
	Blob       []byte              `json:"-"` // bytes of the answer, a picture, sent beside the rest
	Scan       *scan.Report        `json:"scan,omitempty"`
}

// lane says which kind of child answers.
func (r Request) lane() lane {
	if r.Text != nil || r.Picture != nil || r.Compare != nil {
		return pages
	}
	return files
}

// Runner answers questions about a file.
type Runner interface {
	Run(ctx context.Context, file *os.File, req Request) (Response, error)
}

// Prepare plans a signature; the error may be a *pades.Refusal.
func Prepare(ctx context.Context, r Runner, file *os.File, req pades.Request) (pades.Plan, error) {
	return plan(ctx, r, file, Request{Prepare: &req})
}

// Lay plans empty fields; the error may be a *pades.Refusal.
func Lay(ctx context.Context, r Runner, file *os.File, fields []pades.Field) (pades.Plan, error) {
	return plan(ctx, r, file, Request{Lay: fields})
}

// FillForm plans values of text fields; the error may be a *pades.Refusal.
func FillForm(ctx context.Context, r Runner, file *os.File, values map[string]string) (pades.Plan, error) {
	return plan(ctx, r, file, Request{Fill: values})
}

// Check tells whether a file of ours came out as it was planned.
func Check(ctx context.Context, r Runner, file *os.File, made pades.Made) error {
	resp, err := r.Run(ctx, file, Request{Check: &made})
	switch {
	case err != nil:
		return fmt.Errorf("check signed file: %w", err)
	case resp.Error != "":
		return errors.New(resp.Error)
	}
	return nil
}

// plan asks a question whose answer is a plan.
func plan(ctx context.Context, r Runner, file *os.File, req Request) (pades.Plan, error) {
	resp, err := r.Run(ctx, file, req)
	switch {
	case err != nil:
		return pades.Plan{}, fmt.Errorf("plan update: %w", err)
	case resp.Refusal != "":
		return pades.Plan{}, &pades.Refusal{Key: resp.Refusal, Err: errors.New(resp.Detail)}
	case resp.Plan == nil:
		return pades.Plan{}, fmt.Errorf("plan update: %s", resp.Error)
	}
	return *resp.Plan, nil
}

// Scan looks at the images of a scanned paper.
func Scan(ctx context.Context, r Runner, file *os.File) (scan.Report, error) {
	resp, err := r.Run(ctx, file, Request{Scan: true})
	switch {
	case err != nil:
		return scan.Report{}, fmt.Errorf("look at scan: %w", err)
	case resp.Scan == nil:
		return scan.Report{}, fmt.Errorf("look at scan: %s", resp.Error)
	}
	return *resp.Scan, nil
}

// planned turns a plan into an answer.
func planned(p pades.Plan, err error) Response {
	var refusal *pades.Refusal
	switch {
	case errors.As(err, &refusal):
		return Response{Refusal: refusal.Key, Detail: refusal.Err.Error()}
	case err != nil:
		return Response{Error: err.Error()}
	}
	return Response{Plan: &p}
}

// answer does the work, in whatever process.
func answer(file *os.File, req Request) Response {
	fi, err := file.Stat()
	if err != nil {
		return Response{Error: err.Error()}
	}
	switch {
	case req.Prepare != nil:
		return planned(pades.Prepare(file, fi.Size(), *req.Prepare))
	case req.Lay != nil:
		return planned(pades.Lay(file, fi.Size(), req.Lay))
	case req.Fill != nil:
		return planned(pades.FillForm(file, fi.Size(), req.Fill))
	case req.Examine:
		return surveyed(pades.Examine(file, fi.Size()))
	case req.Store != nil:
		return planned(pades.AppendDSS(file, fi.Size(), *req.Store))
	case req.Timestamp != 0:
		return planned(pades.PrepareTimestamp(file, fi.Size(), req.Timestamp))
	case req.Check != nil:
		if err := pades.Check(file, fi.Size(), *req.Check); err != nil {
			return Response{Error: err.Error()}
		}
		return Response{}
	case req.Judge != nil:
		return judgeFile(file, fi.Size(), *req.Judge)
	case req.Scan:
		report, err := scan.Look(file, fi.Size())
		if err != nil {
			return Response{Error: err.Error()}
		}
		return Response{Scan: &report}
	case req.Revisions:
		list, err := revision.List(file, fi.Size())
		if err != nil {
			return Response{Error: err.Error()}
		}
		return Response{Revisions: list}
	}
	return Response{Error: "nothing was asked"}
}

// InProcess answers without a child: for tests, and for files we made ourselves.
type InProcess struct{}

// Run implements Runner.
func (InProcess) Run(_ context.Context, file *os.File, req Request) (Response, error) {
	if req.lane() == files {
		return answer(file, req), nil
	}
	e, err := openOnce()
	if err != nil {
		return Response{}, err
	}
	inProcess.Lock() // an engine does one thing at a time
	defer inProcess.Unlock()
	return e.pagesOf(file, req), nil
}

var inProcess sync.Mutex

// Refusal turns what a question ended with into an error for people: the file's own reason, or that it was too
// much. Any other error passes.
func Refusal(err error) error {
	var r *pades.Refusal
	switch {
	case errors.As(err, &r):
		return errs.Wrap(errs.Conflict, r.Key, err)
	case errors.Is(err, ErrDied):
		return errs.Wrap(errs.Conflict, "signing.too_complex", err)
	case errors.Is(err, ErrTimeout):
		return errs.Wrap(errs.Unavailable, "signing.too_slow", err)
	}
	return err
}
