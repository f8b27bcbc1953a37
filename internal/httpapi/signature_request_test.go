package httpapi

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
	"nghisu/internal/signing/sandbox"
)

// signers is an office that can sign.
type signers struct {
	office
	pki         *devpki.PKI
	agent       devpki.Key
	certificate id.Certificate // of the agent
}

func newSigners(t *testing.T) signers {
	t.Helper()
	w := exchangetest.New(t)
	log, now := slog.New(slog.DiscardHandler), w.Clock.Now()
	pki, err := devpki.Open(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(w.DB, log)
	if err != nil {
		t.Fatal(err)
	}
	s := signing.New(signing.Deps{DB: w.DB, Store: w.Store, Keeper: w.Uploads, Documents: w.Documents, PKI: pki, Jobs: queue,
		Keys: keys.New(keys.Deps{DB: w.DB, PKI: pki, Now: w.Clock.Now}), Runner: sandbox.InProcess{}, Feed: w.Feed, Log: log, Now: w.Clock.Now})
	unsure := w.Sender.Leader
	unsure.SteppedUpUntil = time.Time{}
	a := New(Deps{DB: w.DB, Log: log, Version: "test", Objects: w.Store, Uploads: w.Uploads, Documents: w.Documents, Exchange: w.Exchange, Signing: s,
		Sessions: knownSessions{"clerk": w.Sender.Clerk, "leader": w.Sender.Leader, "leader without password": unsure, "their leader": w.Receivers[0].Leader}})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	o := signers{office: office{transfers{t, server.URL + prefix, ""}, w}, pki: pki, certificate: id.New[id.Certificate]()}
	return o
}

// withAgent puts an agent with a certificate on the computer of the leader.
func (o signers) withAgent() signers {
	o.t.Helper()
	who, now := o.Sender.Leader, o.Clock.Now()
	var err error
	if o.agent, err = o.pki.Obtain("agent", devpki.Holder{Name: who.Name, Organisation: o.Sender.Name, Identifier: "1"}, now); err != nil {
		o.t.Fatal(err)
	}
	leaf := o.agent.Certificate
	for sql, args := range map[string][]any{
		`insert into certificates (id, holder, person_id, subject, issuer, der, serial, kind, valid_from, valid_to, created_at)
			values ($1, 'person', $2, '', '', $3, '1', 'agent', $4, $5, $4)`: {o.certificate, who.Person, leaf.Raw, leaf.NotBefore.UTC(), leaf.NotAfter.UTC()},
		`insert into sessions (id, token_hash, person_id, device, address, idle_seconds, created_at, last_used_at, expires_at)
			values ($1, sha256('x'), $2, '', '', 3600, $3, $3, $4)`: {who.Session, who.Person, now, now.Add(8 * time.Hour)},
	} {
		if _, err := o.DB.Exec(o.t.Context(), sql, args...); err != nil {
			o.t.Fatal(err)
		}
	}
	return o
}

// submitted is a document of one real page that waits for the leader.
func (o signers) submitted() document.Document {
	o.t.Helper()
	in := o.Input(o.t, o.Sender.Clerk)
	in.Files = []document.InputFile{{Upload: o.page(o.Sender.Clerk), Main: true}}
	d, err := o.Documents.Create(o.t.Context(), o.Sender.Clerk, in)
	if err == nil {
		d, err = o.Documents.Submit(o.t.Context(), o.Sender.Clerk, d.ID, 0)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

func (o signers) page(who access.Actor) id.Upload {
	o.t.Helper()
	body := pdftest.Page("x")
	u, err := o.Uploads.Create(o.t.Context(), who, "x.pdf", int64(len(body)))
	if err == nil {
		_, err = o.Uploads.Append(o.t.Context(), who, u.ID, 0, bytes.NewReader(body))
	}
	if err == nil {
		_, err = o.Uploads.Complete(o.t.Context(), who, u.ID)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return u.ID
}

func placeOf(d document.Document) string { return "/documents/" + d.ID.String() }

func TestSignatureRequests_batch(t *testing.T) {
	o := newSigners(t)
	one, two := o.submitted(), o.submitted()
	in := SignatureRequestInput{Purpose: "leader", Documents: []DocumentToBeSigned{{one.ID, one.Version}, {two.ID, two.Version + 1}}}
	call[Problem](o.office, "leader without password", "POST", "/signature-requests", 403, in)
	call[Problem](o.office, "clerk", "POST", "/signature-requests", 403, in)
	call[Problem](o.office, "their leader", "POST", "/signature-requests", 404, in)
	r := call[SignatureRequest](o.office, "leader", "POST", "/signature-requests", 201, in)
	if r.State != "done" || r.Consent != nil || r.Certificate.Kind != "development" || len(r.Items) != 2 || r.Items[0].State != "done" ||
		r.Items[1].FileID != nil || r.Items[1].ReasonKey != "request.stale" || r.Items[1].Reason == "" {
		t.Errorf("request %+v", r)
	}
	if got := call[SignatureRequest](o.office, "leader", "GET", "/signature-requests/"+r.ID.String(), 200, nil); got.State != "done" {
		t.Errorf("read again: %+v", got)
	}
	call[Problem](o.office, "clerk", "GET", "/signature-requests/"+r.ID.String(), 404, nil)
	for query, want := range map[string]int{"": 1, "?state=done": 1, "?state=open": 0, "?state=declined": 0} {
		if got := call[ListBody[SignatureRequest]](o.office, "leader", "GET", "/signature-requests"+query, 200, nil); len(got.Items) != want {
			t.Errorf("list %q: %d, want %d", query, len(got.Items), want)
		}
	}
	if got := call[ListBody[SignatureRequest]](o.office, "clerk", "GET", "/signature-requests", 200, nil); len(got.Items) != 0 {
		t.Errorf("the clerk sees %+v", got.Items)
	}
	call[Problem](o.office, "leader", "POST", "/signature-requests/"+r.ID.String()+"/cancel", 409, nil)
}

func TestSignatureRequests_agent(t *testing.T) {
	o := newSigners(t).withAgent()
	d := o.submitted()
	held := call[Document](o.office, "leader", "POST", placeOf(d)+"/sign", 200, SignInput{CertificateID: &o.certificate})
	if held.Pending == nil || len(held.Can) != 0 {
		t.Fatalf("pending %v, can %v", held.Pending, held.Can)
	}
	request := "/signature-requests/" + held.Pending.String()
	call[Problem](o.office, "leader", "POST", placeOf(d)+"/return", 409, ReasonInput{"Sai"})
	call[Problem](o.office, "leader without password", "POST", request+"/agent-links", 403, nil)
	links := call[AgentLinks](o.office, "leader", "POST", request+"/agent-links", 200, nil)
	if len(links.Links) != 1 {
		t.Fatalf("links %+v", links)
	}
	url := strings.TrimSuffix(o.url, prefix) + links.Links[0].URL
	status, file := o.agentCalls(http.MethodGet, url, nil)
	if status != 200 || !bytes.HasPrefix(file, []byte("%PDF")) {
		t.Fatalf("%d, %d bytes", status, len(file))
	}
	if status, body := o.agentCalls(http.MethodPut, url, file); status != 409 || !bytes.Contains(body, []byte("signing.other_file")) {
		t.Errorf("unsigned file: %d %s", status, body)
	}
	if status, body := o.agentCalls(http.MethodPut, url, bytes.Repeat([]byte("x"), 5<<20)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a file that is too large: %d %s", status, body)
	}
	plan, err := pades.Prepare(bytes.NewReader(file), int64(len(file)), pades.Request{Name: "x", At: o.Clock.Now(), Hole: 8 << 10})
	if err == nil {
		err = plan.Embed(bytes.NewReader(file), pades.Signer{Key: o.agent.Signer, Certificate: o.agent.Certificate, Chain: o.pki.Chain()})
	}
	if err != nil {
		t.Fatal(err)
	}
	if status, body := o.agentCalls(http.MethodPut, url, append(file, plan.Appendix...)); status != http.StatusNoContent {
		t.Fatalf("signed file: %d %s", status, body)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		if status, _ := o.agentCalls(method, url, file); status != http.StatusGone {
			t.Errorf("%s once more: %d", method, status)
		}
	}
	if got := call[Document](o.office, "leader", "GET", placeOf(d), 200, nil); got.State != "signed" || got.Pending != nil {
		t.Errorf("in the end %s, pending %v", got.State, got.Pending)
	}
}

func TestSignatureRequests_decline(t *testing.T) {
	o := newSigners(t).withAgent()
	d := o.submitted()
	held := call[Document](o.office, "leader", "POST", placeOf(d)+"/sign", 200, SignInput{CertificateID: &o.certificate})
	request := "/signature-requests/" + held.Pending.String()
	call[Problem](o.office, "leader without password", "POST", request+"/decline", 403, ReasonInput{"Sai thể thức"})
	call[Problem](o.office, "leader", "POST", request+"/decline", 422, ReasonInput{""})
	r := call[SignatureRequest](o.office, "leader", "POST", request+"/decline", 200, ReasonInput{"Sai thể thức"})
	if r.State != "declined" || r.Reason != "Sai thể thức" {
		t.Errorf("request %+v", r)
	}
	if got := call[Document](o.office, "clerk", "GET", placeOf(d), 200, nil); got.State != "draft" || got.ReturnReason != "Sai thể thức" {
		t.Errorf("document %s, %q", got.State, got.ReturnReason)
	}
}

// agentCalls calls as an agent does: without a session.
func (o signers) agentCalls(method, url string, body []byte) (int, []byte) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return res.StatusCode, answer
}
