package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nghisu/internal/signing"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
)

// verifyPDFCommand judges the signatures of files, for scripts and auditors: no server, no database, and
// no network unless asked for. Every file is read by a child with limits.
type verifyPDFCommand struct {
	Trust    []string `name:"trust" placeholder:"FILE" help:"Certificates of authorities to trust for signatures, PEM or DER. May be repeated."`
	TSATrust []string `name:"tsa-trust" placeholder:"FILE" help:"Certificates of authorities to trust for timestamps, PEM or DER. May be repeated."`
	At       string   `placeholder:"TIME" help:"Judge as of this moment, as 2026-03-05T08:00:00+07:00 or 2026-03-05; now by default."`
	CRL      []string `name:"crl" placeholder:"FILE" help:"Revocation list, PEM or DER. May be repeated."`
	OCSP     []string `name:"ocsp" placeholder:"FILE" help:"OCSP response, DER. May be repeated."`
	Online   bool     `help:"Ask the authorities for revocation lists and OCSP responses that are missing."`
	JSON     bool     `name:"json" help:"Print JSON."`
	Lang     string   `enum:",vi,en" default:"" placeholder:"LANG" help:"Language of the answer: vi or en; that of LANG by default."`
	Files    []string `arg:"" name:"file" help:"PDF files."`

	fetcher revocation.Fetcher
}

// Exit codes: of several files the worst decides, in the order 1, 3, 2.
const (
	exitPassed        = 0
	exitFailed        = 1
	exitIndeterminate = 2
	exitUnreadable    = 3
)

// exit ends the process with a code; whatever was to be said was printed.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// ExitCode implements coded.
func (e exit) ExitCode() int { return int(e) }

// judgedFile is the answer about one file. Problem is a message key.
type judgedFile struct {
	path    string
	problem string
	report  judge.Report
}

// code is the exit code for one file.
func (f judgedFile) code() int {
	if f.problem != "" || len(f.report.Signatures) == 0 {
		return exitUnreadable
	}
	worst := exitPassed
	for _, s := range f.report.Signatures {
		switch s.Status {
		case judge.Failed:
			return exitFailed
		case judge.Indeterminate:
			worst = exitIndeterminate
		}
	}
	return worst
}

func worstCode(files []judgedFile) int {
	have := map[int]bool{}
	for _, f := range files {
		have[f.code()] = true
	}
	for _, code := range []int{exitFailed, exitUnreadable, exitIndeterminate} {
		if have[code] {
			return code
		}
	}
	return exitPassed
}

// Run judges all files and prints the answers.
func (c *verifyPDFCommand) Run(ctx context.Context) error {
	opts, err := c.options()
	if err != nil {
		fmt.Fprintln(os.Stderr, "nghisu:", err)
		return exit(exitUnreadable)
	}
	pool, err := sandbox.NewPool(sandbox.Options{Files: 1})
	if err != nil {
		return err
	}
	defer pool.Close()
	files := make([]judgedFile, 0, len(c.Files))
	for _, path := range c.Files {
		f, err := c.judge(ctx, pool, path, opts)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	lang := c.language()
	if c.JSON {
		err = printVerifiedJSON(os.Stdout, files, lang)
	} else {
		err = printVerified(os.Stdout, files, lang)
	}
	if code := worstCode(files); err == nil && code != exitPassed {
		return exit(code)
	}
	return err
}

// judge judges one file. That a file cannot be read is an answer, not an error.
func (c *verifyPDFCommand) judge(ctx context.Context, r sandbox.Runner, path string, opts judge.Options) (judgedFile, error) {
	out := judgedFile{path: path}
	f, err := os.Open(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "nghisu:", err)
		out.problem = "verdict.unreadable"
		return out, nil
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		out.problem = "verdict.unreadable"
		return out, nil
	}
	ask := func(judge.Need) []judge.Evidence { return nil }
	if c.Online {
		ask = func(n judge.Need) []judge.Evidence {
			return signing.Inquire(ctx, &c.fetcher, slog.New(slog.NewTextHandler(os.Stderr, nil)), n)
		}
	}
	out.report, _, err = judge.Rounds(opts, nil, func(o judge.Options) (judge.Report, error) { return sandbox.Judge(ctx, r, f, o) }, ask)
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case errors.Is(err, sandbox.ErrTimeout):
		out.problem = "verdict.too_slow"
	case errors.Is(err, sandbox.ErrDied):
		out.problem = "verdict.too_complex"
	case err != nil:
		fmt.Fprintln(os.Stderr, "nghisu:", err)
		out.problem = "verdict.unreadable"
	default:
		out.problem = out.report.Problem
	}
	return out, nil
}

// options reads the given files.
func (c *verifyPDFCommand) options() (judge.Options, error) {
	opts := judge.Options{Now: time.Now()}
	for _, path := range c.Trust {
		certs, err := readCertificates(path)
		if err != nil {
			return opts, err
		}
		opts.Lists = append(opts.Lists, judge.TrustList{Name: filepath.Base(path), Anchors: certs})
	}
	for _, path := range c.TSATrust {
		certs, err := readCertificates(path)
		if err != nil {
			return opts, err
		}
		opts.TSA = append(opts.TSA, certs...)
	}
	var err error
	if opts.CRLs, err = readAll(c.CRL, "X509 CRL"); err != nil {
		return opts, err
	}
	if opts.OCSPs, err = readAll(c.OCSP, "OCSP RESPONSE"); err != nil {
		return opts, err
	}
	if c.At != "" {
		opts.At, err = parseMoment(c.At)
	}
	return opts, err
}

// vietnam is the zone of times that are given without one.
var vietnam = time.FixedZone("+07", 7*60*60)

func parseMoment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, vietnam); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q: write it as 2026-03-05T08:00:00+07:00", s)
}

// maxGiven limits one certificate file or revocation list.
const maxGiven = 32 << 20

func readGiven(path string) ([]byte, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if fi.Size() > maxGiven {
		return nil, fmt.Errorf("%s is too large", path)
	}
	return os.ReadFile(path)
}

// readCertificates reads PEM with any number of certificates, or DER.
func readCertificates(path string) ([]*x509.Certificate, error) {
	data, err := readGiven(path)
	if err != nil {
		return nil, err
	}
	certs, err := x509.ParseCertificates(data)
	if err != nil {
		if certs, err = pemCertificates(data); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return certs, nil
}

func pemCertificates(data []byte) (certs []*x509.Certificate, err error) {
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			return certs, nil
		}
		if b.Type != "CERTIFICATE" && b.Type != "TRUSTED CERTIFICATE" && b.Type != "X509 CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, c)
	}
}

// readAll reads files that are DER, or PEM with blocks of a kind.
func readAll(paths []string, kind string) ([][]byte, error) {
	var out [][]byte
	for _, path := range paths {
		data, err := readGiven(path)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(data, []byte("-----BEGIN "+kind)) {
			out = append(out, data)
			continue
		}
		for b, rest := pem.Decode(data); b != nil; b, rest = pem.Decode(rest) {
			if b.Type == kind {
				out = append(out, b.Bytes)
			}
		}
	}
	return out, nil
}

// language is that of the answer.
func (c *verifyPDFCommand) language() string {
	if c.Lang != "" {
		return c.Lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "vi") {
				return "vi"
			}
			break
		}
	}
	return "en"
}
