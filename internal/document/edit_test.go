package document_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/press"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// trouble is a press with which something happens while it works.
type trouble struct {
	document.Press
	before func()       // while the press works
	err    error        // what it fails with
	sight  *press.Sight // what it sees, if not what the other does
	scan   *press.Scan
}

func (p trouble) Look(ctx context.Context, ref objects.Ref) (press.Sight, error) {
	if p.sight != nil {
		return *p.sight, nil
	}
	return p.Press.Look(ctx, ref)
}

func (p trouble) Scan(ctx context.Context, ref objects.Ref) (press.Scan, error) {
	if p.scan != nil {
		return *p.scan, nil
	}
	return p.Press.Scan(ctx, ref)
}

func (p trouble) Lay(ctx context.Context, ref objects.Ref, fields []pades.Field) (objects.Ref, error) {
	if p.before != nil {
		p.before()
	}
	if p.err != nil {
		return objects.Ref{}, p.err
	}
	return p.Press.Lay(ctx, ref, fields)
}

func (p trouble) Fill(ctx context.Context, ref objects.Ref, values map[string]string) (objects.Ref, error) {
	if p.before != nil {
		p.before()
	}
	if p.err != nil {
		return objects.Ref{}, p.err
	}
	return p.Press.Fill(ctx, ref, values)
}

func with(w *exchangetest.World, p trouble) *document.Service {
	p.Press = exchangetest.Press{Uploads: w.Uploads, Store: w.Store}
	return w.DocumentsWith(p)
}

// edits are the edits of a document: "number failed document.changed_meanwhile".
func edits(t *testing.T, w *exchangetest.World, documentID id.Document) []string {
	t.Helper()
	rows, err := w.DB.Query(t.Context(), `select trim(kind || ' ' || state || ' ' || failure) from file_edits where document_id = $1 order by intended_at, id`, documentID)
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

func auditKinds(t *testing.T, w *exchangetest.World, documentID id.Document) map[string]int {
	t.Helper()
	rows, err := w.DB.Query(t.Context(), `select kind, count(*) from audit_events where object_id = $1 group by kind`, documentID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var kind string
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			t.Fatal(err)
		}
		out[kind] = n
	}
	return out
}

// A process that dies while a file is filled leaves the document as it was and an open intent; the next
// attempt needs to wait for nothing, and the sweep closes what is dead.
func TestService_Number_diesBetweenTheSteps(t *testing.T) {
	w := exchangetest.New(t)
	d := signed(t, w)
	n := suggestion(t, w, d.ID)
	dying := with(w, trouble{before: func() { panic("killed") }})
	func() {
		defer func() { _ = recover() }()
		_, _ = dying.Number(t.Context(), w.Sender.Clerk, d.ID, 0, n)
		t.Error("survived")
	}()
	now, err := w.Documents.Get(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, now); diff != "" {
		t.Errorf("the document after the crash (-want +got):\n%s", diff)
	}
	if d, err = w.Documents.Number(t.Context(), w.Sender.Clerk, d.ID, d.Version, n); err != nil || d.Code() != "01/QĐ-STC" {
		t.Fatalf("again: %s, %v", d.Code(), err)
	}
	if diff := cmp.Diff([]string{"fields made", "number intended", "number made"}, edits(t, w, d.ID)); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
	if err := w.Documents.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := edits(t, w, d.ID)[1]; got != "number intended" {
		t.Errorf("swept while it might still be at work: %s", got)
	}
	w.Clock.Add(3 * time.Minute)
	for range 2 {
		if err := w.Documents.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"fields made", "number failed document.changed_meanwhile", "number made"}, edits(t, w, d.ID)); diff != "" {
		t.Errorf("edits after the sweep (-want +got):\n%s", diff)
	}
	if n := auditKinds(t, w, d.ID)["document.edit_failed"]; n != 1 {
		t.Errorf("%d records of the failure", n)
	}
}

func TestService_edit_fails(t *testing.T) {
	w := exchangetest.New(t)
	d := signed(t, w)
	n := suggestion(t, w, d.ID)
	broken := with(w, trouble{err: errs.New(errs.Conflict, "signing.file_refused")})
	if _, err := broken.Number(t.Context(), w.Sender.Clerk, d.ID, 0, n); key(err) != "signing.file_refused" {
		t.Errorf("number: %v", err)
	}
	// another document takes the number meanwhile: told by the constraint, and nothing is half done
	other := signed(t, w)
	late := with(w, trouble{before: func() { w.Number(t, other.ID) }})
	if _, err := late.Number(t.Context(), w.Sender.Clerk, d.ID, 0, n); key(err) != "document.number_taken" {
		t.Errorf("taken meanwhile: %v", err)
	}
	// somebody gives the document up meanwhile
	given := with(w, trouble{before: func() {
		if _, err := w.Documents.Cancel(t.Context(), w.Sender.Clerk, d.ID, 0, "Không ban hành nữa"); err != nil {
			t.Error(err)
		}
	}})
	n.Number = "77"
	if _, err := given.Number(t.Context(), w.Sender.Clerk, d.ID, 0, n); key(err) != "document.wrong_state.cancelled" {
		t.Errorf("given up meanwhile: %v", err)
	}
	if diff := cmp.Diff([]string{"fields made", "number failed signing.file_refused", "number failed document.number_taken",
		"number failed document.wrong_state.cancelled"}, edits(t, w, d.ID)); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
	d, err := w.Documents.Get(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil || d.Number != "" || d.State != document.Cancelled || d.Files[0].Reason != document.LeaderSigned {
		t.Errorf("after all: %+v, %v", d, err)
	}
	// a draft that changes while its fields are laid
	draft := w.Draft(t)
	in := w.Input(t, w.Sender.Clerk)
	in.Files = []document.InputFile{{File: draft.Files[0].ID, Main: true}}
	changed := with(w, trouble{before: func() {
		if _, err := w.Documents.Change(t.Context(), w.Sender.Clerk, draft.ID, 0, in); err != nil {
			t.Error(err)
		}
	}})
	if _, err := changed.Submit(t.Context(), w.Sender.Clerk, draft.ID, 0); key(err) != "document.changed_meanwhile" {
		t.Errorf("changed meanwhile: %v", err)
	}
	if diff := cmp.Diff([]string{"fields failed document.changed_meanwhile"}, edits(t, w, draft.ID)); diff != "" {
		t.Errorf("edits of the draft (-want +got):\n%s", diff)
	}
}

// The same command again, also at once, gives the first answer and does nothing twice.
func TestService_NumberOnce(t *testing.T) {
	w := exchangetest.New(t)
	d := signed(t, w)
	n := suggestion(t, w, d.ID)
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: w.Sender.Clerk.Person, Key: "key-for-number", Fingerprint: []byte("x")})
	var during document.Document
	var duringErr error
	twice := with(w, trouble{before: func() { during, duringErr = w.Documents.Number(ctx, w.Sender.Clerk, d.ID, 0, n) }})
	first, err := twice.Number(ctx, w.Sender.Clerk, d.ID, 0, n)
	if err = errors.Join(err, duringErr); err != nil {
		t.Fatal(err)
	}
	again, err := w.Documents.Number(ctx, w.Sender.Clerk, d.ID, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(during, first) + cmp.Diff(first, again); diff != "" {
		t.Errorf("answers differ:\n%s", diff)
	}
	if got := auditKinds(t, w, d.ID)["document.numbered"]; got != 1 || first.Files[0].Revision != 4 {
		t.Errorf("numbered %d times, revision %d", got, first.Files[0].Revision)
	}
}
