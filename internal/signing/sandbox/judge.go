package sandbox

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"nghisu/internal/signing/judge"
)

// JudgeRequest is judge.Options on its way to the child; certificates are DER.
type JudgeRequest struct {
	Lists  []JudgeList `json:"lists"`
	TSA    [][]byte    `json:"tsa"`
	Extra  [][]byte    `json:"extra"`
	CRLs   [][]byte    `json:"crls"`
	OCSPs  [][]byte    `json:"ocsps"`
	Marker string      `json:"marker"`
	Now    time.Time   `json:"now"`
	At     time.Time   `json:"at"`
}

// JudgeList is a judge.TrustList on its way to the child.
type JudgeList struct {
	Name    string   `json:"name"`
	Anchors [][]byte `json:"anchors"`
}

// Judge judges the signatures of a file.
func Judge(ctx context.Context, r Runner, file *os.File, opts judge.Options) (judge.Report, error) {
	req := JudgeRequest{TSA: ders(opts.TSA), Extra: ders(opts.Extra), CRLs: opts.CRLs, OCSPs: opts.OCSPs,
		Marker: opts.Marker, Now: opts.Now, At: opts.At}
	for _, l := range opts.Lists {
		req.Lists = append(req.Lists, JudgeList{l.Name, ders(l.Anchors)})
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

// judgeFile is the child's part.
func judgeFile(file *os.File, size int64, req JudgeRequest) Response {
	opts, err := req.options()
	if err != nil {
		return Response{Error: err.Error()}
	}
	report, err := judge.Judge(file, size, opts)
	if err != nil {
		return Response{Error: err.Error()}
	}
	return Response{Report: &report}
}

func (req JudgeRequest) options() (opts judge.Options, err error) {
	opts = judge.Options{CRLs: req.CRLs, OCSPs: req.OCSPs, Marker: req.Marker, Now: req.Now, At: req.At}
	for _, l := range req.Lists {
		anchors, err := certificates(l.Anchors)
		if err != nil {
			return opts, err
		}
		opts.Lists = append(opts.Lists, judge.TrustList{Name: l.Name, Anchors: anchors})
	}
	if opts.TSA, err = certificates(req.TSA); err != nil {
		return opts, err
	}
	opts.Extra, err = certificates(req.Extra)
	return opts, err
}

func ders(certs []*x509.Certificate) [][]byte {
	out := make([][]byte, 0, len(certs))
	for _, c := range certs {
		out = append(out, c.Raw)
	}
	return out
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
