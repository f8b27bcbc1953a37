package signing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"nghisu/internal/document"
	"nghisu/internal/signing"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pdftest"
)

// newTickingWorld is a world whose signing takes time, as it does: a stamp proves a moment that is over.
func newTickingWorld(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	deps := w.Service.Deps
	deps.Now = func() time.Time {
		w.Clock.Add(time.Second)
		return w.Clock.Now()
	}
	w.Service = signing.New(deps)
	return w
}

// sealed is a document with the signatures of leader and agency.
func (w world) sealed(t *testing.T, files ...[]byte) document.Document {
	t.Helper()
	d := w.submitted(t, files...)
	if _, err := w.SignAsLeader(t.Context(), w.Sender.Leader, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.Number(t, d.ID)
	d, err := w.Seal(t.Context(), w.Sender.Clerk, d.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// levels are those of the signatures of the first file, with what is proven about their time.
func (w world) levels(t *testing.T, d document.Document) string {
	t.Helper()
	v, err := w.Verdict(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range v.Files[0].Signatures {
		if s.Kind == judge.OfSignature {
			out = append(out, fmt.Sprintf("%s %s %v", s.Result, s.Level, s.TimeProven))
		}
	}
	return strings.Join(out, "; ")
}

const bothLast = "valid B-LTA true; valid B-LTA true"

func (w world) reasons(t *testing.T, d document.Document) string {
	t.Helper()
	var out string
	err := w.DB.QueryRow(t.Context(), `select string_agg(reason, ' ' order by revision) from file_revisions where file_id = $1`, d.Files[0].ID).Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestService_Augment(t *testing.T) {
	w := newTickingWorld(t)
	d := w.sealed(t, pdftest.Page("Quyet dinh"))
	if got := w.levels(t, d); got != bothLast {
		t.Errorf("after the seal: %s", got)
	}
	ref, level, err := w.Service.Augment(t.Context(), d.Files[0].Ref, judge.BLTA)
	if err != nil || level != judge.BLTA || ref != d.Files[0].Ref {
		t.Errorf("the same again: %s %v, another content: %v", level, err, ref != d.Files[0].Ref)
	}
	plain := w.submitted(t, pdftest.Page("x")).Files[0].Ref
	if ref, _, err := w.Service.Augment(t.Context(), plain, judge.BLTA); err == nil || ref != plain {
		t.Errorf("a file without signatures: %v", err)
	}
}

// What nobody answers to does not hold up the seal; the job goes on when somebody does.
func TestService_Renew_goesOn(t *testing.T) {
	w := newTickingWorld(t)
	deps := w.Service.Deps
	deps.Stamper, deps.Unstamped = silent{}, true
	whole := w.Service
	w.Service = signing.New(deps)
	d := w.sealed(t, pdftest.Page("Quyet dinh"))
	if got := w.levels(t, d); got != "valid B-B false; valid B-B false" {
		t.Errorf("while nobody stamps: %s", got)
	}
	if err := w.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Service = whole
	w.Clock.Add(7 * time.Hour)
	if err := w.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.levels(t, w.get(t, d)); got != bothLast {
		t.Errorf("after the job: %s", got)
	}
	if got := w.reasons(t, d); got != "upload fields leader number seal renewal" {
		t.Errorf("revisions: %s", got)
	}
}

// Before the certificate of the timestamp ends, a newer one is put over everything, once, whoever is first.
func TestService_Renew(t *testing.T) {
	w := newTickingWorld(t)
	d := w.sealed(t, pdftest.Page("Quyet dinh"))
	if err := w.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := w.reasons(t, d)
	if strings.Contains(before, "renewal") {
		t.Fatalf("renewed at once: %s", before)
	}
	w.Clock.Add(3*365*24*time.Hour - 60*24*time.Hour) // the trial authority's certificate lasts three years
	dead := w.Service.Deps
	dead.Stamper = silent{}
	if err := signing.New(dead).Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.reasons(t, d); got != before {
		t.Errorf("nobody stamps, and still: %s", got)
	}
	w.Clock.Add(7 * time.Hour)
	var g errgroup.Group
	for range 2 {
		g.Go(func() error { return signing.New(w.Service.Deps).Renew(t.Context()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := w.reasons(t, d); got != before+" renewal" {
		t.Errorf("after two nodes renewed: %s", got)
	}
	w.Clock.Add(365 * 24 * time.Hour) // the first authority's certificate has ended
	if got := w.levels(t, w.get(t, d)); got != bothLast {
		t.Errorf("a year later: %s", got)
	}
	judges(t, w.content(t, w.get(t, d).Files[0].Ref), 2)
}

// A trial certificate that was taken back shows: before it, signatures stay good.
func TestService_revokedLater(t *testing.T) {
	w := newTickingWorld(t)
	d := w.sealed(t, pdftest.Page("Quyet dinh"))
	v, err := w.Verdict(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	report := v.Files[0].Signatures[0]
	var serial string
	err = w.DB.QueryRow(t.Context(), `select serial from certificates where subject = $1`, report.Subject).Scan(&serial)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(time.Hour)
	if err := w.pki.Revoke(serial, w.Clock.Now(), 1); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(time.Hour)
	if got := w.levels(t, d); got != bothLast {
		t.Errorf("signed before the revocation: %s", got)
	}
}
