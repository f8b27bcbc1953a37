package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"nghisu/internal/errs"
	"nghisu/internal/httpapi"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/signfile"
)

// signCommand signs files without a server. Exit codes: 0 done; 1 failed; 2 what was given is wrong (key,
// password, image, place); 3 the file cannot be signed; 4 the level was not reached. Nothing is written
// unless it is 0.
type signCommand struct {
	PDF     signPDFCommand     `cmd:"" name:"pdf" help:"Sign a PDF file with a PKCS#12 key."`
	Prepare signPrepareCommand `cmd:"" help:"First step: lay an empty signature into a PDF file and tell the hash to be signed, elsewhere, at any time."`
	Embed   signEmbedCommand   `cmd:"" help:"Second step: put the signature value into the prepared file."`
}

const (
	exitBadInput   = 2
	exitRefused    = 3
	exitNotReached = 4
)

// failure is an error with an exit code and a sentence for people.
type failure struct {
	code int
	text string
}

func (f failure) Error() string { return f.text }

// ExitCode implements coded.
func (f failure) ExitCode() int { return f.code }

func badInput(format string, args ...any) error {
	return failure{exitBadInput, fmt.Sprintf(format, args...)}
}

// lookFlags say where a signature stands and what it shows.
type lookFlags struct {
	Field  string `placeholder:"NAME" help:"Empty signature field of the file; with --rect, the name of a new one."`
	Page   int    `placeholder:"N" help:"Page of a new field, from 1."`
	Rect   string `placeholder:"X,Y,W,H" help:"Place of a new field in millimetres from the top left of the page as displayed. A place that reaches over the edge is moved onto the page. Without one the signature is invisible."`
	Image  string `placeholder:"FILE" help:"PNG or JPEG to show."`
	Text   string `placeholder:"TEXT" help:"Text to show; \\n begins a new line."`
	Reason string `placeholder:"TEXT" help:"Reason, for the signature panel of readers."`
}

// request is what is asked of the file; name is who signs.
func (f lookFlags) request(name string, at time.Time) (pades.Request, error) {
	req := pades.Request{Name: name, Reason: f.Reason, At: at, Field: f.Field, Existing: f.Field != "" && f.Rect == "", Page: f.Page}
	req.Look.Text = strings.ReplaceAll(f.Text, `\n`, "\n")
	if f.Page < 0 {
		return req, badInput("--page: pages count from 1")
	}
	if f.Page > 0 && f.Rect == "" {
		return req, badInput("--page needs --rect: where on the page")
	}
	if f.Rect != "" {
		parts := strings.Split(f.Rect, ",")
		var v [4]float64
		for i := range v {
			var err error
			if len(parts) == 4 {
				v[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
			}
			if len(parts) != 4 || err != nil {
				return req, badInput("--rect %q: write x,y,w,h in millimetres", f.Rect)
			}
		}
		req.Rect = pades.Rect{X: v[0], Y: v[1], W: v[2], H: v[3]}
		if v[2] <= 0 || v[3] <= 0 {
			return req, badInput("--rect %q: width and height must be more than 0", f.Rect)
		}
	}
	if f.Image != "" {
		var err error
		if req.Look.Image, err = readGiven(f.Image); err != nil {
			return req, badInput("--image: %v", err)
		}
	}
	if f.Rect != "" && f.Image == "" && f.Text == "" { // a place that is to show something
		req.Look.Text = "Người ký: " + name + "\nThời gian ký: " + at.Format("02/01/2006 15:04:05 -07:00")
	}
	return req, nil
}

// keyFlags name a PKCS#12 file.
type keyFlags struct {
	P12      string `name:"p12" required:"" placeholder:"FILE" help:"PKCS#12 file with the key and its certificates."`
	PassFile string `required:"" placeholder:"FILE" help:"File with its password; one newline at the end is ignored."`
}

// signer opens the file; others are all certificates in it.
func (k keyFlags) signer(now time.Time) (s pades.Signer, others []*x509.Certificate, err error) {
	data, err := readGiven(k.P12)
	if err != nil {
		return s, nil, badInput("--p12: %v", err)
	}
	password, err := readGiven(k.PassFile)
	if err != nil {
		return s, nil, badInput("--pass-file: %v", err)
	}
	text, found := strings.CutSuffix(string(password), "\r\n")
	if !found {
		text = strings.TrimSuffix(text, "\n")
	}
	pair, err := keys.ReadPKCS12(data, text, now)
	if err != nil && (pair.Leaf == nil || errorKey(err) != "keys.wrong_usage" && errorKey(err) != "keys.expired") {
		return s, nil, badInput("--p12: %s", httpapi.Message("en", errorKey(err), nil))
	}
	if err != nil { // the key works; what its signature is worth is for verifiers to say
		fmt.Fprintln(os.Stderr, "nghisu: warning:", httpapi.Message("en", errorKey(err), nil))
	}
	_, first, rest, err := pkcs12.DecodeChain(data, text)
	if err != nil {
		return s, nil, badInput("--p12: %v", err)
	}
	return pades.Signer{Key: pair.Key, Certificate: pair.Leaf, Chain: pair.Chain}, append(rest, first), nil
}

// errorKey is the message key of an error that was made for forms.
func errorKey(err error) string {
	var e *errs.Error
	switch {
	case !errors.As(err, &e):
		return "internal"
	case len(e.Fields) > 0:
		return e.Fields[0].Key
	}
	return e.Key
}

type signPDFCommand struct {
	keyFlags
	lookFlags
	levelFlags
	In  string `required:"" placeholder:"FILE" help:"PDF file to sign. It is never changed."`
	Out string `required:"" placeholder:"FILE" help:"Signed file; replaced in one step when it exists."`
}

func (c *signPDFCommand) Run(ctx context.Context) error {
	at := time.Now().In(vietnam)
	signer, others, err := c.signer(at)
	if err != nil {
		return err
	}
	req, err := c.request(signer.Certificate.Subject.CommonName, at)
	if err != nil {
		return err
	}
	return withJob(c.levelFlags, func(job signfile.Job) error {
		job.In, job.Out, job.Request, job.Signer = c.In, c.Out, req, signer
		job.Level.Known = append(job.Level.Known, others...)
		return signfile.Sign(ctx, job)
	})
}

// withJob runs fn with children that read the file, and says what went wrong.
func withJob(flags levelFlags, fn func(signfile.Job) error) error {
	level, err := flags.level()
	if err != nil {
		return err
	}
	pool, err := sandbox.NewPool(sandbox.Options{Files: 1, Pages: 1})
	if err != nil {
		return err
	}
	defer pool.Close()
	return signFailure(fn(signfile.Job{Runner: pool, Level: level}))
}

// signFailure turns an error into one with an exit code and a sentence.
func signFailure(err error) error {
	var refusal *pades.Refusal
	var path *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		code := exitRefused
		switch refusal.Key {
		case pades.NoPage, pades.NoField, pades.BadPlace, pades.BadImage, pades.BadFieldName, pades.FieldTaken, pades.FieldUnfit:
			code = exitBadInput
		}
		return failure{code, httpapi.Message("en", refusal.Key, nil) + " (" + refusal.Err.Error() + ")"}
	case errors.Is(err, sandbox.ErrDied):
		return failure{exitRefused, httpapi.Message("en", "signing.too_complex", nil)}
	case errors.Is(err, sandbox.ErrTimeout):
		return failure{exitRefused, httpapi.Message("en", "signing.too_slow", nil)}
	case errors.Is(err, signfile.ErrNotReached):
		return failure{exitNotReached, err.Error()}
	case errors.Is(err, signfile.ErrSame), errors.Is(err, signfile.ErrNotPrepared), errors.Is(err, signfile.ErrBadValue),
		errors.As(err, &path) && path.Op == "open":
		return failure{exitBadInput, err.Error()}
	}
	return err
}

type signPrepareCommand struct {
	lookFlags
	levelFlags
	Cert string `required:"" placeholder:"FILE" help:"Certificate of who will sign, and those above it: PEM, or DER one after the other."`
	Hash string `enum:"SHA-256,SHA-384,SHA-512" default:"SHA-256" help:"Hash: SHA-256, SHA-384 or SHA-512."`
	PSS  bool   `name:"pss" help:"For RSA: PSS padding instead of PKCS #1 v1.5."`
	In   string `required:"" placeholder:"FILE" help:"PDF file to sign. It is never changed."`
	Out  string `required:"" placeholder:"FILE" help:"Prepared file."`
	JSON string `name:"json" placeholder:"FILE" help:"Where to write what is to be signed; standard output by default."`
}

func (c *signPrepareCommand) Run(ctx context.Context) error {
	certs, err := readCertificates(c.Cert)
	if err != nil {
		return badInput("--cert: %v", err)
	}
	signer, err := signfile.Without(certs, c.Hash, c.PSS)
	if err != nil {
		return badInput("--cert: %v", err)
	}
	req, err := c.request(certs[0].Subject.CommonName, time.Now().In(vietnam))
	if err != nil {
		return err
	}
	return withJob(c.levelFlags, func(job signfile.Job) error {
		job.In, job.Out, job.Request, job.Signer = c.In, c.Out, req, signer
		prepared, err := signfile.Prepare(ctx, job)
		if err != nil {
			return err
		}
		text, err := json.Marshal(prepared)
		if err != nil {
			return err
		}
		if c.JSON != "" {
			return os.WriteFile(c.JSON, append(text, '\n'), 0o644) //nolint:gosec // nothing secret in it
		}
		_, err = os.Stdout.Write(append(text, '\n'))
		return err
	})
}

type signEmbedCommand struct {
	levelFlags
	JSON  string `name:"json" required:"" placeholder:"FILE" help:"What sign prepare printed; - is standard input."`
	Value string `required:"" placeholder:"FILE" help:"The signature value: raw bytes, or base64."`
	In    string `required:"" placeholder:"FILE" help:"Prepared file. It is never changed."`
	Out   string `required:"" placeholder:"FILE" help:"Signed file; replaced in one step when it exists."`
}

func (c *signEmbedCommand) Run(ctx context.Context) error {
	var text []byte
	var err error
	if c.JSON == "-" {
		text, err = io.ReadAll(io.LimitReader(os.Stdin, maxGiven))
	} else {
		text, err = readGiven(c.JSON)
	}
	if err != nil {
		return badInput("--json: %v", err)
	}
	var prepared signfile.Prepared
	if err := json.Unmarshal(text, &prepared); err != nil {
		return badInput("--json: %v", err)
	}
	value, err := readGiven(c.Value)
	if err != nil {
		return badInput("--value: %v", err)
	}
	if decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(value)), "")); err == nil && len(decoded) > 0 {
		value = decoded
	}
	return withJob(c.levelFlags, func(job signfile.Job) error {
		job.In, job.Out = c.In, c.Out
		return signfile.Embed(ctx, job, prepared, value)
	})
}

// levelFlags say how far a signature is taken.
type levelFlags struct {
	Level    string   `enum:"B-B,B-T,B-LT,B-LTA" default:"B-B" help:"B-B, B-T (timestamp), B-LT (evidence for later), B-LTA (document timestamp over it)."`
	TSA      string   `name:"tsa" placeholder:"URL" help:"Timestamp authority (RFC 3161), for B-T and above."`
	TSATrust []string `name:"tsa-trust" placeholder:"FILE" help:"Accept only timestamps of these authorities, PEM or DER. May be repeated."`
	Chain    []string `placeholder:"FILE" help:"Certificates of the authorities above the signer, PEM or DER, when neither the key's file nor an address in the certificates has them. May be repeated."`
	Online   bool     `help:"Ask the authorities for revocation lists and OCSP responses; B-LT and B-LTA need it."`
}

func (f levelFlags) level() (signfile.Level, error) {
	trust, err := readEach("--tsa-trust", f.TSATrust)
	if err != nil {
		return signfile.Level{}, err
	}
	known, err := readEach("--chain", f.Chain)
	switch {
	case err != nil:
		return signfile.Level{}, err
	case f.Level != "B-B" && f.TSA == "":
		return signfile.Level{}, badInput("--level %s needs --tsa URL", f.Level)
	case (f.Level == "B-LT" || f.Level == "B-LTA") && !f.Online:
		return signfile.Level{}, badInput("--level %s needs --online: its evidence comes from the authorities", f.Level)
	}
	level := signfile.NewLevel(f.Level, f.TSA, trust)
	level.Known = append(level.Known, known...)
	return level, nil
}

func readEach(flag string, paths []string) (all []*x509.Certificate, err error) {
	for _, path := range paths {
		certs, err := readCertificates(path)
		if err != nil {
			return nil, badInput("%s: %v", flag, err)
		}
		all = append(all, certs...)
	}
	return all, nil
}
