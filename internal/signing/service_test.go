package signing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/press"
	"nghisu/internal/signing/sandbox"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// The test binary is its own sandbox, as the real one is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == sandbox.Command {
		if err := sandbox.Main(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// world is a city that can sign.
type world struct {
	*exchangetest.World
	*signing.Service
	pki *devpki.PKI
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{World: exchangetest.New(t)}
	var err error
	if w.pki, err = devpki.Open(filepath.Join(t.TempDir(), "pki"), w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	pool, err := sandbox.NewPool(sandbox.Options{Files: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w.Documents = w.DocumentsWith(press.New(press.Deps{Store: w.Store, Keeper: w.Uploads, Runner: pool, Now: w.Clock.Now}))
	w.Service = w.service(pool)
	return w
}

func (w world) service(r sandbox.Runner) *signing.Service {
	queue, err := jobs.New(w.DB, slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	return signing.New(signing.Deps{DB: w.DB, Store: w.Store, Keeper: w.Uploads, Documents: w.Documents, PKI: w.pki,
		Keys: keys.New(keys.Deps{DB: w.DB, PKI: w.pki, Now: w.Clock.Now}), Runner: r, Feed: w.Feed, Jobs: queue,
		Stamper: devpki.Stamper{PKI: w.pki, Now: w.Clock.Now}, RenewBefore: 90 * 24 * time.Hour, Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now})
}

func (w world) upload(t *testing.T, name string, body []byte) id.Upload {
	t.Helper()
	u, err := w.Uploads.Create(t.Context(), w.Sender.Clerk, name, int64(len(body)))
	if err == nil {
		_, err = w.Uploads.Append(t.Context(), w.Sender.Clerk, u.ID, 0, bytes.NewReader(body))
	}
	if err == nil {
		_, err = w.Uploads.Complete(t.Context(), w.Sender.Clerk, u.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// submitted is a document with the given files, the first of which is the main one, before the leader.
func (w world) submitted(t *testing.T, files ...[]byte) document.Document {
	t.Helper()
	in := w.Input(t, w.Sender.Clerk)
	in.Files = nil
	for i, f := range files {
		in.Files = append(in.Files, document.InputFile{Upload: w.upload(t, fmt.Sprintf("tep-%d.pdf", i), f), Main: i == 0})
	}
	d, err := w.Documents.Create(t.Context(), w.Sender.Clerk, in)
	if err == nil {
		d, err = w.Documents.Submit(t.Context(), w.Sender.Clerk, d.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w world) content(t *testing.T, ref objects.Ref) []byte {
	t.Helper()
	o, err := w.Store.Open(t.Context(), ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rows are the signatures of a document: "leader done", "seal failed signing.encrypted_pdf".
func (w world) rows(t *testing.T, documentID id.Document) []string {
	t.Helper()
	rows, err := w.DB.Query(t.Context(), `select trim(purpose || ' ' || state || ' ' || failure) from signature_items where document_id = $1 order by intended_at, id`, documentID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func (w world) events(t *testing.T, documentID id.Document) []string {
	t.Helper()
	rows, err := w.DB.Query(t.Context(), `select kind from audit_events where object_id = $1 and kind like 'signing.%' order by at, id`, documentID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func key(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// short is a verdict in one line per file.
func short(v signing.Verdict) []string {
	var out []string
	for _, f := range v.Files {
		line := string(f.Overall)
		for _, s := range f.Signatures {
			line += fmt.Sprintf("; %s %s %s", s.Purpose, s.Result, s.Coverage)
			if s.Reason != "verdict.good" && s.Reason != "verdict.good_partial" {
				line += " " + s.Reason
			}
		}
		if f.Reason != "" {
			line += " " + f.Reason
		}
		out = append(out, line)
	}
	if v.Missing != nil {
		out = append(out, fmt.Sprint("missing ", v.Missing))
	}
	return out
}

func (w world) wantVerdict(t *testing.T, d document.Document, want ...string) {
	t.Helper()
	v, err := w.Verdict(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, short(v)); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

func TestService_leaderThenSeal(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("Quyet dinh"), pdftest.Page("Phu luc"))
	w.wantVerdict(t, d, "unsigned", "unsigned", "missing [person seal]")
	d, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, d.Version)
	if err != nil {
		t.Fatal(err)
	}
	if d.State != document.Signed || d.Files[0].Revision != 3 || d.Files[1].Revision != 1 {
		t.Errorf("after the leader: %s %+v", d.State, d.Files)
	}
	w.wantVerdict(t, d, "valid; person valid whole", "unsigned", "missing [seal]")
	d = w.Number(t, d.ID)
	if d, err = w.Seal(t.Context(), w.Sender.Clerk, d.ID, d.Version); err != nil {
		t.Fatal(err)
	}
	if d.State != document.Sealed || d.Files[0].Revision != 5 || d.Files[1].Revision != 2 {
		t.Errorf("after the seal: %s %+v", d.State, d.Files)
	}
	w.wantVerdict(t, d, "valid; person valid partial_allowed; seal valid partial_allowed; other valid whole", "valid; seal valid partial_allowed; other valid whole")
	v, err := w.Verdict(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	person, seal := v.Files[0].Signatures[0], v.Files[0].Signatures[1]
	if person.SignerName != w.Sender.Leader.Name || person.AgencyName != w.Sender.Name || !person.Development || seal.SignerName != w.Sender.Name {
		t.Errorf("signatures are described as %+v and %+v", person, seal)
	}
	if diff := cmp.Diff([]string{"signing.intended", "signing.made", "signing.intended", "signing.intended", "signing.made", "signing.made"}, w.events(t, d.ID)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	judges(t, w.content(t, d.Files[0].Ref), 2)
	judges(t, w.content(t, d.Files[1].Ref), 1)
}

// judges asks pdfsig and qpdf about a file with n signatures.
func judges(t *testing.T, file []byte, n int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "pdfsig", "-nocert", path).CombinedOutput()
	if got := strings.Count(string(out), "Signature is Valid"); got != n {
		t.Errorf("pdfsig finds %d good signatures, want %d: %v\n%s", got, n, err, out)
	}
	if out, err := exec.CommandContext(ctx, "qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
}

func TestService_refusesWhoMayNot(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	other := w.Receivers[0]
	for name, c := range map[string]struct {
		do   func(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error)
		who  access.Actor
		want string
	}{
		"clerk signs":                   {w.SignAsLeader, w.Sender.Clerk, "document.not_signer"},
		"leader of another agency":      {w.SignAsLeader, other.Leader, "request.not_found"},
		"seal before the leader signed": {w.Seal, w.Sender.Clerk, "document.wrong_state"},
		"leader seals":                  {w.Seal, w.Sender.Leader, "access.role_missing"},
		"clerk of another agency":       {w.Seal, other.Clerk, "request.not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.do(t.Context(), c.who, d.ID, 0); !strings.HasPrefix(key(err), c.want) {
				t.Errorf("got %q, want %q", key(err), c.want)
			}
		})
	}
	unsure := w.Sender.Leader
	unsure.SteppedUpUntil = w.Clock.Now()
	if _, err := w.SignAsLeader(t.Context(), unsure, d.ID, 0); key(err) != "auth.step_up_needed" {
		t.Errorf("without the password given again: %v", err)
	}
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, d.Version+5); key(err) != "request.stale" {
		t.Errorf("stale version: %v", err)
	}
	if _, err := w.Verdict(t.Context(), other.Clerk, d.ID); key(err) != "request.not_found" {
		t.Errorf("another agency asks for the verdict: %v", err)
	}
	if rows := w.rows(t, d.ID); rows != nil {
		t.Errorf("refused attempts left %v", rows)
	}
}

func TestService_refusesFiles(t *testing.T) {
	w := newWorld(t)
	page := pdftest.Page("x")
	signed := w.submitted(t, page)
	signed, err := w.SignAsLeader(t.Context(), w.Sender.Leader, signed.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	tampered := bytes.Replace(w.content(t, signed.Files[0].Ref), []byte("(x)"), []byte("(y)"), 1)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"tampered before":     {tampered, "signing.earlier_invalid"},
		"a signature in part": {append(bytes.Clone(page), "4 0 obj\n"...), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := w.submitted(t, c.file)
			before := d.Files[0]
			_, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0)
			if key(err) != c.want {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if c.want == "" {
				return
			}
			d, err = w.Documents.Get(t.Context(), w.Sender.Clerk, d.ID)
			if err != nil || d.State != document.Submitted || d.Files[0] != before {
				t.Errorf("the refused document is %s %+v, %v", d.State, d.Files, err)
			}
			if diff := cmp.Diff([]string{"leader failed " + c.want}, w.rows(t, d.ID)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
	forged := w.submitted(t, tampered)
	w.wantVerdict(t, forged, "invalid; person invalid whole verdict.content_changed", "missing [person seal]")
}

// A signature of somebody else is valid, but is not the one the document needs.
func TestService_Verdict_otherSigners(t *testing.T) {
	w := newWorld(t)
	first := w.submitted(t, pdftest.Page("x"))
	first, err := w.SignAsLeader(t.Context(), w.Sender.Leader, first.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.Judge(t.Context(), signing.Subject{Files: first.Files, Signer: w.Receivers[0].Leader.Person, Agency: w.Receivers[0].Agency})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"valid; other valid whole verdict.other_person", "missing [person seal]"}, short(v)); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

func TestService_repeatedCommand(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: w.Sender.Leader.Person, Key: "sign-once-1", Fingerprint: []byte("f")})
	first, err := w.SignAsLeader(ctx, w.Sender.Leader, d.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.SignAsLeader(ctx, w.Sender.Leader, d.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if again.Version != first.Version || again.Files[0] != first.Files[0] {
		t.Errorf("the repeat answers %+v, the first %+v", again, first)
	}
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); !strings.HasPrefix(key(err), "document.wrong_state") {
		t.Errorf("another command: %v", err)
	}
	if diff := cmp.Diff([]string{"leader done"}, w.rows(t, d.ID)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// gate is a runner that waits before each answer, or fails.
type gate struct {
	sandbox.Runner
	reached chan struct{}
	open    chan error
}

func (g gate) Run(ctx context.Context, f *os.File, req sandbox.Request) (sandbox.Response, error) {
	g.reached <- struct{}{}
	if err := <-g.open; err != nil {
		return sandbox.Response{}, err
	}
	return g.Runner.Run(ctx, f, req)
}

func newGate() gate {
	return gate{sandbox.InProcess{}, make(chan struct{}, 10), make(chan error, 10)}
}

func TestService_twoAtOnce(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	g := newGate()
	slow := w.service(g)
	result := make(chan error, 1)
	// the caller of the first goes away in the middle: the signature is finished all the same
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		_, err := slow.SignAsLeader(ctx, w.Sender.Leader, d.ID, 0)
		result <- err
	}()
	<-g.reached
	leave()
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); key(err) != "signing.in_progress" {
		t.Errorf("second at the same time: %v", err)
	}
	if err := w.Sweep(t.Context()); err != nil {
		t.Errorf("sweep beside a signing: %v", err)
	}
	g.open <- nil
	g.open <- nil
	if err := <-result; err != nil {
		t.Errorf("first: %v", err)
	}
	if diff := cmp.Diff([]string{"leader done"}, w.rows(t, d.ID)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// While a signature is being made nothing else changes the document.
func TestService_documentIsHeld(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	g := newGate()
	slow := w.service(g)
	result := make(chan error, 1)
	go func() {
		_, err := slow.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0)
		result <- err
	}()
	<-g.reached
	held, err := w.Documents.Get(t.Context(), w.Sender.Leader, d.ID)
	if err != nil || held.Pending == nil || len(held.Can(w.Sender.Leader)) != 0 || held.Version != d.Version {
		t.Errorf("meanwhile: %+v, %v", held, err)
	}
	if _, err := w.Documents.Return(t.Context(), w.Sender.Leader, d.ID, 0, "Sai ngày"); key(err) != "document.being_signed" {
		t.Errorf("returned meanwhile: %v", err)
	}
	if _, err := w.Documents.Cancel(t.Context(), w.Sender.Clerk, d.ID, 0, "Sai ngày"); key(err) != "document.being_signed" {
		t.Errorf("given up meanwhile: %v", err)
	}
	g.open <- nil
	g.open <- nil
	if err := <-result; err != nil {
		t.Errorf("got %v", err)
	}
	if d, err = w.Documents.Get(t.Context(), w.Sender.Leader, d.ID); err != nil || d.Pending != nil || d.State != document.Signed {
		t.Errorf("afterwards: %+v, %v", d, err)
	}
}

func TestService_childDies(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	g := newGate()
	weak := w.service(g)
	g.open <- sandbox.ErrDied
	if _, err := weak.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); key(err) != "signing.too_complex" {
		t.Errorf("signing: %v", err)
	}
	g.open <- sandbox.ErrTimeout
	if _, err := weak.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); key(err) != "signing.too_slow" {
		t.Errorf("signing: %v", err)
	}
	if diff := cmp.Diff([]string{"leader failed signing.too_complex", "leader prepared"}, w.rows(t, d.ID)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		err  error
		want string
	}{{sandbox.ErrTimeout, "verdict.too_slow"}, {sandbox.ErrDied, "verdict.too_complex"}} {
		g.open <- c.err
		v, err := weak.Verdict(t.Context(), w.Sender.Clerk, d.ID)
		if err != nil || v.Files[0].Overall != signing.Unknown || v.Files[0].Reason != c.want {
			t.Errorf("%v: %+v, %v", c.err, v, err)
		}
	}
	// the last answer is kept: asking again needs no child
	if v, err := weak.Verdict(t.Context(), w.Sender.Clerk, d.ID); err != nil || v.Files[0].Reason != "verdict.too_complex" {
		t.Errorf("asked again: %+v, %v", v, err)
	}
}

// full is a keeper without room.
type full struct{}

func (full) KeepStream(context.Context, string, int64, func() io.ReadCloser) (objects.Ref, error) {
	return objects.Ref{}, objects.ErrFull
}

func TestService_storeIsFull(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	deps := w.Service.Deps
	deps.Keeper = full{}
	if _, err := signing.New(deps).SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); key(err) != "storage.full" {
		t.Errorf("got %v", err)
	}
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if diff := cmp.Diff([]string{"leader done"}, w.rows(t, d.ID)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestService_lostKey(t *testing.T) {
	w := newWorld(t)
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.pki, _ = devpki.Open(filepath.Join(t.TempDir(), "other"), w.Clock.Now())
	other := w.service(sandbox.InProcess{})
	next := w.submitted(t, pdftest.Page("y"))
	if _, err := other.SignAsLeader(t.Context(), w.Sender.Leader, next.ID, 0); key(err) != "signing.key_missing" {
		t.Errorf("got %v", err)
	}
	// with other anchors the stored verdict does not count any more
	v, err := other.Verdict(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil || v.Files[0].Overall != signing.Unknown {
		t.Errorf("verdict under other anchors: %v, %v", short(v), err)
	}
}
