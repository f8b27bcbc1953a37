// Package sandbox runs everything that parses a stranger's PDF in a child process with limits: memory,
// processor time, no file may be written, no environment, no keys, no sockets of ours; the file comes by
// descriptor. A stack that overflows or a memory that fills up cannot be recovered in Go: so a bad file
// costs one child and its caller gets a clear error. The child is our own binary (Main).
package sandbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
)

// Errors of a run. Both mean that the file was too much for the limits, or for the parser.
var (
	ErrDied    = errors.New("child ended without an answer")
	ErrTimeout = errors.New("child took too long")
)

// Request is one question about the file; exactly one field is set.
type Request struct {
	Prepare *pades.Request `json:"prepare,omitempty"`
	Judge   *JudgeRequest  `json:"judge,omitempty"`
}

// JudgeRequest is judge.Options on its way to the child.
type JudgeRequest struct {
	Anchors     [][]byte  `json:"anchors"` // DER
	Authorities [][]byte  `json:"authorities"`
	Marker      string    `json:"marker"`
	Now         time.Time `json:"now"`
}

// Response is the answer.
type Response struct {
	Plan    *pades.Plan   `json:"plan,omitempty"`
	Report  *judge.Report `json:"report,omitempty"`
	Refusal string        `json:"refusal,omitempty"` // message key of a pades.Refusal
	Detail  string        `json:"detail,omitempty"`  // of the refusal, for the log
	Error   string        `json:"error,omitempty"`
}

// Runner answers questions about a file.
type Runner interface {
	Run(ctx context.Context, file *os.File, req Request) (Response, error)
}

// Prepare plans a signature; the error may be a *pades.Refusal.
func Prepare(ctx context.Context, r Runner, file *os.File, req pades.Request) (pades.Plan, error) {
	resp, err := r.Run(ctx, file, Request{Prepare: &req})
	switch {
	case err != nil:
		return pades.Plan{}, fmt.Errorf("prepare signature: %w", err)
	case resp.Refusal != "":
		return pades.Plan{}, &pades.Refusal{Key: resp.Refusal, Err: errors.New(resp.Detail)}
	case resp.Plan == nil:
		return pades.Plan{}, fmt.Errorf("prepare signature: %s", resp.Error)
	}
	return *resp.Plan, nil
}

// Judge judges the signatures of a file.
func Judge(ctx context.Context, r Runner, file *os.File, opts judge.Options) (judge.Report, error) {
	req := JudgeRequest{Marker: opts.Marker, Now: opts.Now}
	for _, c := range opts.Anchors {
		req.Anchors = append(req.Anchors, c.Raw)
	}
	for _, c := range opts.Authorities {
		req.Authorities = append(req.Authorities, c.Raw)
	}
	resp, err := r.Run(ctx, file, Request{Judge: &req})
	switch {
	case err != nil:
		return judge.Report{}, fmt.Errorf("judge signatures: %w", err)
	case resp.Report == nil:
		return judge.Report{}, fmt.Errorf("judge signatures: %s", resp.Error)
	}
	return *resp.Report, nil
}

// answer does the work, in whatever process.
func answer(file *os.File, req Request) Response {
	fi, err := file.Stat()
	if err != nil {
		return Response{Error: err.Error()}
	}
	switch {
	case req.Prepare != nil:
		plan, err := pades.Prepare(file, fi.Size(), *req.Prepare)
		var refusal *pades.Refusal
		switch {
		case errors.As(err, &refusal):
			return Response{Refusal: refusal.Key, Detail: refusal.Err.Error()}
		case err != nil:
			return Response{Error: err.Error()}
		}
		return Response{Plan: &plan}
	case req.Judge != nil:
		opts := judge.Options{Marker: req.Judge.Marker, Now: req.Judge.Now}
		if opts.Anchors, err = certificates(req.Judge.Anchors); err != nil {
			return Response{Error: err.Error()}
		}
		if opts.Authorities, err = certificates(req.Judge.Authorities); err != nil {
			return Response{Error: err.Error()}
		}
		report, err := judge.Judge(file, fi.Size(), opts)
		if err != nil {
			return Response{Error: err.Error()}
		}
		return Response{Report: &report}
	}
	return Response{Error: "nothing was asked"}
}

func certificates(ders [][]byte) ([]*x509.Certificate, error) {
	out := make([]*x509.Certificate, 0, len(ders))
	for _, der := range ders {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// InProcess answers without a child: for tests, and for files we made ourselves.
type InProcess struct{}

// Run implements Runner.
func (InProcess) Run(_ context.Context, file *os.File, req Request) (Response, error) {
	return answer(file, req), nil
}
