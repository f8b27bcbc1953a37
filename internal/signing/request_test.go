package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/signing"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/tsp"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// provider is a signing service far away: it holds the keys, and the person agrees there.
type provider struct {
	mu      sync.Mutex // guards the rest
	local   keys.Source
	batches map[string]keys.Batch
	labels  []string
	agreed  bool
	err     error // told instead of an answer
	deaf    error // the next answer is lost on its way
}

func (p *provider) Start(_ context.Context, _ keys.Certificate, b keys.Batch) (keys.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return keys.Answer{}, p.err
	}
	ticket := fmt.Sprint("ticket-", len(p.batches)+1)
	p.batches[ticket], p.labels = b, b.Labels
	if lost := p.deaf; lost != nil {
		p.deaf = nil
		return keys.Answer{}, lost
	}
	return keys.Answer{Ticket: ticket, Consent: &keys.Consent{Kind: keys.App, Text: "Nhà cung cấp"}}, nil
}

func (p *provider) Poll(ctx context.Context, cert keys.Certificate, ticket string) (keys.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lost := p.deaf
	p.deaf = nil
	switch {
	case p.err != nil:
		return keys.Answer{}, p.err
	case lost != nil:
		return keys.Answer{}, lost
	case !p.agreed:
		return keys.Answer{Ticket: ticket, Consent: &keys.Consent{Kind: keys.App, Text: "Nhà cung cấp"}}, nil
	}
	return p.local.Start(ctx, cert, p.batches[ticket])
}

func (p *provider) agree() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.agreed = true
}

// remote is a world whose keys are with a provider.
func remote(t *testing.T) (world, *provider) {
	t.Helper()
	w := newWorld(t)
	local, err := w.Keys.Source(keys.Development)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{local: local, batches: map[string]keys.Batch{}}
	deps := w.Service.Deps
	deps.Source = func(keys.Kind) (keys.Source, error) { return p, nil }
	w.Service = signing.New(deps)
	return w, p
}

// node is another node of the same installation.
func (w world) node() *signing.Service { return signing.New(w.Service.Deps) }

func (w world) sweep(t *testing.T, s *signing.Service) {
	t.Helper()
	w.Clock.Add(2 * time.Minute)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w world) get(t *testing.T, d document.Document) document.Document {
	t.Helper()
	d, err := w.Documents.Get(t.Context(), w.Sender.Leader, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w world) wantRows(t *testing.T, d document.Document, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.rows(t, d.ID)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func items(r signing.Request) []string {
	out := []string{string(r.State)}
	for _, it := range r.Items {
		out = append(out, strings.TrimSpace(string(it.State)+" "+it.Failure))
	}
	return out
}

func batchOf(purpose document.Purpose, docs ...document.Document) signing.Ask {
	in := signing.Ask{Purpose: purpose}
	for _, d := range docs {
		in.Documents = append(in.Documents, signing.Wanted{Document: d.ID, Version: d.Version})
	}
	return in
}

// A request that waits at a provider is finished by any node, hours later.
func TestRequest_waitsForTheProvider(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	d, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, d.Version)
	if err != nil || d.State != document.Submitted || d.Pending == nil {
		t.Fatalf("%s, pending %v, %v", d.State, d.Pending, err)
	}
	first := *d.Pending
	r, err := w.Request(t.Context(), w.Sender.Leader, first)
	if err != nil || r.State != signing.Waiting || r.Consent == nil || r.Consent.Text != "Nhà cung cấp" || r.Key.Kind != keys.Development {
		t.Fatalf("%+v, %v", r, err)
	}
	if open, _, err := w.Requests(t.Context(), w.Sender.Leader, signing.RequestFilter{Open: true, Limit: 10}); err != nil || len(open) != 1 || open[0].ID != first {
		t.Errorf("open requests: %v, %v", open, err)
	}
	// again, and once more from another node: it is the same request
	for _, s := range []*signing.Service{w.Service, w.node()} {
		if d, err = s.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, d.Version); err != nil || d.Pending == nil || *d.Pending != first {
			t.Errorf("asked again: pending %v, %v", d.Pending, err)
		}
	}
	p.deaf = errors.New("connection reset")
	w.sweep(t, w.node())
	w.wantRows(t, d, "leader waiting")
	p.deaf = errs.New(errs.Unavailable, "keys.provider_silent")
	w.sweep(t, w.node())
	w.wantRows(t, d, "leader waiting")
	w.Clock.Add(20 * time.Hour)
	p.agree()
	w.sweep(t, w.node())
	d = w.get(t, d)
	if d.State != document.Signed || d.Pending != nil {
		t.Errorf("at the end: %s, pending %v", d.State, d.Pending)
	}
	if len(p.batches) != 1 {
		t.Errorf("the provider was asked %d times to begin", len(p.batches))
	}
	w.wantRows(t, d, "leader done")
	w.wantVerdict(t, d, "valid; person valid whole", "missing [seal]")
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader done")
	judges(t, w.content(t, d.Files[0].Ref), 1)
}

func TestRequest_refusedAtTheProvider(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	d, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	p.err = errs.New(errs.Conflict, "keys.refused")
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader failed keys.refused")
	if d = w.get(t, d); d.Pending != nil || d.State != document.Submitted {
		t.Errorf("afterwards %s, pending %v", d.State, d.Pending)
	}
	p.err, p.agreed = nil, true
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, d.Version); err != nil {
		t.Fatal(err)
	}
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader failed keys.refused", "leader done")
}

// A value that is not the signature over the attributes goes nowhere.
func TestRequest_wrongValue(t *testing.T) {
	w, p := remote(t)
	p.local, p.agreed = liar{}, true
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		w.sweep(t, w.Service)
	}
	w.wantRows(t, d, "leader failed keys.wrong_signature")
	if d = w.get(t, d); d.Pending != nil || d.Files[0].Revision != 2 {
		t.Errorf("afterwards %+v", d)
	}
}

type liar struct{}

func (liar) Start(_ context.Context, _ keys.Certificate, b keys.Batch) (keys.Answer, error) {
	a := keys.Answer{}
	for range b.Digests {
		value := make([]byte, 64)
		_, _ = rand.Read(value)
		a.Values = append(a.Values, value)
	}
	return a, nil
}

func (liar) Poll(context.Context, keys.Certificate, string) (keys.Answer, error) {
	return keys.Answer{}, nil
}

// dying stands for a process that is killed: the step is begun, perhaps even done, and nobody hears of it.
type dying struct {
	sandbox.Runner
	signing.Keeper
	keys.Source
	mu    sync.Mutex // guards the rest
	step  int
	die   int
	late  bool // dies after the step was done
	lasts bool // what the process died at leaves something behind: a file in the store, values at the key
}

var errKilled = errors.New("killed")

func (k *dying) before() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.step++
	if k.step == k.die && !k.late {
		return errKilled
	}
	return nil
}

func (k *dying) after(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.step == k.die && k.late {
		return errKilled
	}
	return err
}

func (k *dying) Run(ctx context.Context, f *os.File, req sandbox.Request) (sandbox.Response, error) {
	if err := k.before(); err != nil {
		return sandbox.Response{}, err
	}
	a, err := k.Runner.Run(ctx, f, req)
	return a, k.after(err)
}

func (k *dying) KeepStream(ctx context.Context, contentType string, limit int64, open func() io.ReadCloser) (objects.Ref, error) {
	if err := k.before(); err != nil {
		k.lasts = true
		return objects.Ref{}, err
	}
	ref, err := k.Keeper.KeepStream(ctx, contentType, limit, open)
	return ref, k.after(err)
}

func (k *dying) Start(ctx context.Context, cert keys.Certificate, b keys.Batch) (keys.Answer, error) {
	if err := k.before(); err != nil {
		k.lasts = true
		return keys.Answer{}, err
	}
	a, err := k.Source.Start(ctx, cert, b)
	return a, k.after(err)
}

// A seal of two files is cut before every single step, and after those that leave something behind; another node always brings it to the
// same end: one signature per file, all of them or none.
func TestRequest_killedBetweenSteps(t *testing.T) {
	w := newWorld(t)
	local, err := w.Keys.Source(keys.Development)
	if err != nil {
		t.Fatal(err)
	}
	deps := w.Service.Deps
	deps.Runner = sandbox.InProcess{}
	w.Service = signing.New(deps)
	cut := 0
	for step := 1; ; step++ {
		reached, lasts := false, false
		for _, late := range []bool{false, true} {
			if late && !lasts { // a question that was answered is one that was not asked
				break
			}
			d := w.submitted(t, pdftest.Page("a"), pdftest.Page("b"))
			if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
				t.Fatal(err)
			}
			d = w.Number(t, d.ID)
			k := &dying{Runner: deps.Runner, Keeper: deps.Keeper, Source: local, die: step, late: late}
			mortal := deps
			mortal.Runner, mortal.Keeper = k, k
			mortal.Source = func(keys.Kind) (keys.Source, error) { return k, nil }
			_, err := signing.New(mortal).Seal(t.Context(), w.Sender.Clerk, d.ID, 0)
			if err == nil {
				continue
			}
			reached, lasts = true, k.lasts
			if !errors.Is(err, errKilled) {
				t.Fatalf("step %d: %v", step, err)
			}
			cut++
			if got := w.get(t, d); got.State != document.Numbered || got.Pending == nil || got.Files[1].Revision != 1 {
				t.Errorf("step %d: half done: %s, pending %v, %+v", step, got.State, got.Pending, got.Files)
			}
			w.sweep(t, w.node())
			if got := w.get(t, d); got.State != document.Sealed || got.Pending != nil {
				t.Errorf("step %d: in the end %s, pending %v", step, got.State, got.Pending)
			}
			w.wantRows(t, d, "leader done", "seal done", "seal done")
			w.wantVerdict(t, w.get(t, d), "valid; person valid partial_allowed; seal valid partial_allowed; other valid whole", "valid; seal valid partial_allowed; other valid whole")
		}
		if !reached {
			break
		}
	}
	if cut < 14 { // two files: prepare, one consent, judge, keep
		t.Errorf("only %d cuts", cut)
	}
}

func TestRequest_Cancel(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	d, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	request := *d.Pending
	for name, who := range map[string]access.Actor{"the clerk": w.Sender.Clerk, "another agency": w.Receivers[0].Leader} {
		if _, err := w.Cancel(t.Context(), who, request); key(err) != "request.not_found" {
			t.Errorf("%s cancels: %v", name, err)
		}
		if _, err := w.Request(t.Context(), who, request); key(err) != "request.not_found" {
			t.Errorf("%s reads: %v", name, err)
		}
	}
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: w.Sender.Leader.Person, Key: "cancel-once", Fingerprint: []byte("f")})
	for range 2 { // a repeat answers the same
		r, err := w.Cancel(ctx, w.Sender.Leader, request)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"cancelled", "cancelled signing.cancelled"}, items(r)); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
	}
	if _, err := w.Cancel(t.Context(), w.Sender.Leader, request); key(err) != "signing.request_closed" {
		t.Errorf("another time: %v", err)
	}
	p.agree() // too late
	w.sweep(t, w.Service)
	if d = w.get(t, d); d.State != document.Submitted || d.Pending != nil || len(d.Can(w.Sender.Leader)) == 0 {
		t.Errorf("afterwards %s, pending %v", d.State, d.Pending)
	}
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, d.Version); err != nil {
		t.Errorf("asked anew: %v", err)
	}
}

// Whoever cancels while a provider is asked waits for the answer.
func TestRequest_cancelDuringWork(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	d, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock() // the provider takes its time
	polled, cancelled := make(chan error, 1), make(chan error, 1)
	w.Clock.Add(2 * time.Minute)
	go func() { polled <- w.node().Sweep(t.Context()) }()
	go func() {
		_, err := w.Cancel(t.Context(), w.Sender.Leader, *d.Pending)
		cancelled <- err
	}()
	p.mu.Unlock()
	if err := errors.Join(<-polled, <-cancelled); err != nil {
		t.Fatal(err)
	}
	w.wantRows(t, d, "leader cancelled signing.cancelled")
}

func TestRequest_Decline(t *testing.T) {
	w, _ := remote(t)
	one, two := w.submitted(t, pdftest.Page("x")), w.submitted(t, pdftest.Page("y"))
	r, err := w.Ask(t.Context(), w.Sender.Leader, batchOf(document.ByLeader, one, two))
	if err != nil || r.State != signing.Waiting {
		t.Fatalf("%v, %v", items(r), err)
	}
	unsure := w.Sender.Leader
	unsure.SteppedUpUntil = w.Clock.Now()
	if _, err := w.Decline(t.Context(), unsure, r.ID, "Sai thể thức"); key(err) != "auth.step_up_needed" {
		t.Errorf("without the password: %v", err)
	}
	if _, err := w.Decline(t.Context(), w.Receivers[0].Leader, r.ID, "Sai thể thức"); key(err) != "request.not_found" {
		t.Errorf("by somebody else: %v", err)
	}
	if _, err := w.Decline(t.Context(), w.Sender.Leader, r.ID, " "); !errs.Is(err, errs.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	r, err = w.Decline(t.Context(), w.Sender.Leader, r.ID, "Sai thể thức")
	if err != nil || r.State != signing.Declined || r.Reason != "Sai thể thức" {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, d := range []document.Document{one, two} {
		if d = w.get(t, d); d.State != document.Draft || d.Pending != nil || d.ReturnReason != "Sai thể thức" {
			t.Errorf("afterwards %s, %q, pending %v", d.State, d.ReturnReason, d.Pending)
		}
	}
}

func TestRequest_expires(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(25 * time.Hour)
	p.agree()
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader cancelled signing.expired")
	if d = w.get(t, d); d.Pending != nil || d.State != document.Submitted {
		t.Errorf("afterwards %s, pending %v", d.State, d.Pending)
	}
	found, _, err := w.Requests(t.Context(), w.Sender.Leader, signing.RequestFilter{State: signing.Expired, Limit: 1})
	if err != nil || len(found) != 1 {
		t.Errorf("expired requests: %v, %v", found, err)
	}
}

// One consent for a batch; what cannot be signed does not stop the rest.
func TestAsk_batch(t *testing.T) {
	w, p := remote(t)
	good, stale, last := w.submitted(t, pdftest.Page("a")), w.submitted(t, pdftest.Page("b")), w.submitted(t, pdftest.Page("d"))
	real := w.Documents // it would not let an encrypted file be submitted
	w.Documents = w.DocumentsWith(exchangetest.Press{Uploads: w.Uploads, Store: w.Store})
	encrypted := w.submitted(t, bytes.Replace(pdftest.Page("c"), []byte("/Root"), []byte("/Encrypt<</Filter/Standard>>/Root"), 1))
	w.Documents = real
	in := batchOf(document.ByLeader, good, stale, encrypted, last)
	in.Documents[1].Version += 3
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: w.Sender.Leader.Person, Key: "batch-once", Fingerprint: []byte("f")})
	r, err := w.Ask(ctx, w.Sender.Leader, in)
	if err != nil {
		t.Fatal(err)
	}
	refused := r.Items[2].Failure
	if diff := cmp.Diff([]string{"waiting", "waiting", "failed request.stale", "failed " + refused, "waiting"}, items(r)); diff != "" || !strings.HasPrefix(refused, "signing.") {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if again, err := w.Ask(ctx, w.Sender.Leader, in); err != nil || again.ID != r.ID {
		t.Errorf("repeated: %v, %v", again.ID, err)
	}
	if len(p.batches) != 1 || len(p.labels) != 2 {
		t.Errorf("the provider was asked %d times, for %v", len(p.batches), p.labels)
	}
	if d := w.get(t, encrypted); d.Pending != nil {
		t.Error("a document that failed is still held")
	}
	p.agree()
	w.sweep(t, w.node())
	if r, err = w.Request(t.Context(), w.Sender.Leader, r.ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"done", "done", "failed request.stale", "failed " + refused, "done"}, items(r)); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
	for _, d := range []document.Document{good, last} {
		w.wantVerdict(t, w.get(t, d), "valid; person valid whole", "missing [seal]")
	}
}

func TestAsk_batchOfSeals(t *testing.T) {
	w := newWorld(t)
	var docs []document.Document
	for range 3 {
		d := w.submitted(t, pdftest.Page("a"), pdftest.Page("b"))
		if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, w.Number(t, d.ID))
	}
	r, err := w.Ask(t.Context(), w.Sender.Clerk, batchOf(document.BySeal, docs...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"done", "done", "done", "done", "done", "done", "done"}, items(r)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	for _, it := range r.Items {
		if it.Code == "" || it.Level != "B-LTA" {
			t.Errorf("item %+v", it)
		}
	}
	for _, d := range docs {
		if d = w.get(t, d); d.State != document.Sealed {
			t.Errorf("document is %s", d.State)
		}
	}
}

func TestAsk_refuses(t *testing.T) {
	w := newWorld(t)
	d, other := w.submitted(t, pdftest.Page("x")), w.submitted(t, pdftest.Page("y"))
	unsure := w.Sender.Leader
	unsure.SteppedUpUntil = w.Clock.Now()
	foreign := batchOf(document.ByLeader, d)
	foreign.Certificate = id.New[id.Certificate]()
	for name, c := range map[string]struct {
		who  access.Actor
		in   signing.Ask
		want string
	}{
		"nothing":                     {w.Sender.Leader, signing.Ask{Purpose: document.ByLeader}, "request.invalid"},
		"an unknown purpose":          {w.Sender.Leader, batchOf("other", d), "request.invalid"},
		"twice the same":              {w.Sender.Leader, batchOf(document.ByLeader, d, d), "request.invalid"},
		"101 documents":               {w.Sender.Leader, signing.Ask{Purpose: document.ByLeader, Documents: make([]signing.Wanted, 101)}, "request.invalid"},
		"another agency":              {w.Receivers[0].Leader, batchOf(document.ByLeader, d, other), "request.not_found"},
		"without the password":        {unsure, batchOf(document.ByLeader, d, other), "auth.step_up_needed"},
		"somebody else's certificate": {w.Sender.Leader, foreign, "keys.not_yours"},
		"a clerk as a leader":         {w.Sender.Clerk, batchOf(document.ByLeader, d, other), "access.role_missing"},
		"a leader as a clerk":         {w.Sender.Leader, batchOf(document.BySeal, d, other), "access.role_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.Ask(t.Context(), c.who, c.in); key(err) != c.want {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
	if d = w.get(t, d); d.Pending != nil {
		t.Error("a refused request holds the document")
	}
}

func TestAsk_endedCertificate(t *testing.T) {
	w := newWorld(t)
	holder := keys.OfPerson(w.Sender.Leader.Person)
	if err := w.Keys.Ready(t.Context(), w.Sender.Leader, holder); err != nil {
		t.Fatal(err)
	}
	cert, err := w.Keys.Choose(t.Context(), w.DB, holder, id.Certificate{})
	if err != nil {
		t.Fatal(err)
	}
	d := w.submitted(t, pdftest.Page("x"))
	in := batchOf(document.ByLeader, d)
	in.Certificate = cert.ID
	w.Clock.Set(cert.Leaf.NotAfter.Add(time.Second))
	if _, err := w.SignOne(t.Context(), w.Sender.Leader, in); key(err) != "signing.certificate_expired" {
		t.Errorf("got %v", err)
	}
	if d = w.get(t, d); d.Pending != nil {
		t.Error("the document is held")
	}
}

// The certificate is looked at when signing begins, also when that is long after asking.
func TestRequest_certificateEndsMeanwhile(t *testing.T) {
	w, p := remote(t)
	p.err = errs.New(errs.Unavailable, "keys.provider_silent")
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); key(err) != "keys.provider_silent" {
		t.Fatal(err)
	}
	if _, err := w.DB.Exec(t.Context(), `update certificates set disabled_at = now()`); err != nil {
		t.Fatal(err)
	}
	p.err = nil
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader failed keys.disabled")
}

// A person who lost the role between consent and result does not sign any more.
func TestRequest_roleEndsMeanwhile(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.Exec(t.Context(), `update appointments set valid_to = '2026-11-24' where id = $1`, w.Sender.Leader.Appointment); err != nil {
		t.Fatal(err)
	}
	p.agree()
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader failed signing.role_ended")
}

// What is kept for the provider's values is what the signature is over.
func TestRequest_valuesAreKeptFirst(t *testing.T) {
	w, p := remote(t)
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	p.agree()
	deps := w.Service.Deps
	deps.Keeper = full{}
	w.sweep(t, signing.New(deps)) // the store is full after the values came
	w.wantRows(t, d, "leader signed")
	p.err = errors.New("the provider forgot everything")
	if _, err := w.Cancel(t.Context(), w.Sender.Leader, *w.get(t, d).Pending); key(err) != "signing.already_agreed" {
		t.Errorf("cancelled after consent: %v", err)
	}
	w.sweep(t, w.node())
	w.wantRows(t, d, "leader done")
	var digest, attributes []byte
	if err := w.DB.QueryRow(t.Context(), `select digest, attributes from signature_items where document_id = $1`, d.ID).Scan(&digest, &attributes); err != nil {
		t.Fatal(err)
	}
	h := crypto.SHA256.New()
	h.Write(attributes)
	if !bytes.Contains(attributes, digest) || !bytes.Equal(h.Sum(nil), p.batches["ticket-1"].Digests[0]) {
		t.Error("the provider was asked to sign something else")
	}
}

// silent is a time-stamping authority that does not answer.
type silent struct{}

func (silent) Stamp(context.Context, []byte) (tsp.Token, error) { return tsp.Token{}, tsp.ErrServer }

// Without a proven time nothing is finished, unless the installation says so; the value waits.
func TestRequest_noTimestamp(t *testing.T) {
	w := newWorld(t)
	deps := w.Service.Deps
	deps.Stamper = silent{}
	strict := signing.New(deps)
	deps.Unstamped = true
	lenient := signing.New(deps)
	d := w.submitted(t, pdftest.Page("x"))
	if _, err := strict.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); key(err) != "signing.no_timestamp" {
		t.Errorf("got %v", err)
	}
	w.wantRows(t, d, "leader signed")
	w.sweep(t, w.Service)
	w.wantRows(t, d, "leader done")
	stamped := w.content(t, w.get(t, d).Files[0].Ref)
	other, err := lenient.SignAsLeader(t.Context(), w.Sender.Leader, w.submitted(t, pdftest.Page("y")).ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	// id-aa-timeStampToken, 1.2.840.113549.1.9.16.2.14, in hexadecimal as the hole is written
	const attribute = "060b2a864886f70d010910020e"
	if plain := w.content(t, other.Files[0].Ref); !bytes.Contains(stamped, []byte(attribute)) || bytes.Contains(plain, []byte(attribute)) {
		t.Error("the stamped file has no timestamp, or the other has one")
	}
	judges(t, stamped, 1)
}
