package inspection_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/signing"
	"nghisu/internal/signing/inspection"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pdftest"
	"nghisu/storage/objects"
)

// slow answers "checking" until it is told what it found out.
type slow struct {
	result signing.Result
	asked  []bool // whether again
	now    func() time.Time
}

func (s *slow) JudgeFile(_ context.Context, name string, ref objects.Ref, again bool) (signing.FileVerdict, error) {
	s.asked = append(s.asked, again)
	v := signing.FileVerdict{Name: name, SHA256: ref.Hash, Overall: s.result}
	if s.result != signing.Checking {
		v.CheckedAt = s.now()
		v.Signatures = []signing.SignatureVerdict{{SignerName: "Trần Văn Nghĩa", Result: s.result, Kind: judge.OfSignature, ClaimedAt: &v.CheckedAt}}
	}
	return v, nil
}

type world struct {
	*exchangetest.World
	*inspection.Service
	judge *slow
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{World: exchangetest.New(t), judge: &slow{result: signing.Checking}}
	w.judge.now = w.Clock.Now
	w.Service = inspection.New(inspection.Deps{DB: w.DB, Uploads: w.Uploads, Judge: w.judge, Now: w.Clock.Now})
	return w
}

func (w world) upload(t *testing.T, actor access.Actor) id.Upload {
	t.Helper()
	body := pdftest.Page("x")
	u, err := w.Uploads.Create(t.Context(), actor, "Đơn.pdf", int64(len(body)))
	if err == nil {
		_, err = w.Uploads.Append(t.Context(), actor, u.ID, 0, bytes.NewReader(body))
	}
	if err == nil {
		_, err = w.Uploads.Complete(t.Context(), actor, u.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// What takes long is answered later; what was found out stays until it is asked for anew.
func TestService(t *testing.T) {
	w := newWorld(t)
	me := w.Sender.Specialist
	c, err := w.Add(t.Context(), me, w.upload(t, me))
	if err != nil || c.Verdict.Overall != signing.Checking || !c.CheckedAt.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	w.judge.result = signing.Valid
	for range 2 {
		if c, err = w.Get(t.Context(), me, c.ID); err != nil || c.Verdict.Overall != signing.Valid || len(c.Verdict.Signatures) != 1 || !c.CheckedAt.Equal(w.Clock.Now()) {
			t.Fatalf("%+v, %v", c, err)
		}
	}
	w.judge.result = signing.Invalid
	if kept, err := w.Get(t.Context(), me, c.ID); err != nil || kept.Verdict.Overall != signing.Valid {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if again, err := w.Rerun(t.Context(), me, c.ID); err != nil || again.Verdict.Overall != signing.Invalid {
		t.Errorf("again %+v, %v", again, err)
	}
	if want := []bool{false, false, true}; !slices.Equal(w.judge.asked, want) {
		t.Errorf("asked %v, want %v", w.judge.asked, want)
	}
	if found, next, err := w.List(t.Context(), me, "", 10); err != nil || len(found) != 1 || next != "" || found[0].Verdict.Overall != signing.Invalid {
		t.Errorf("list %+v %q, %v", found, next, err)
	}
	var kinds []string
	rows, err := w.DB.Query(t.Context(), `select kind from audit_events where object_id = $1 order by at, id`, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, k)
	}
	if rows.Close(); !slices.Equal(kinds, []string{"signing.file_checked", "signing.file_checked"}) {
		t.Errorf("audit %v", kinds)
	}
}

// A check is its owner's alone; deleting it frees its file.
func TestService_owner(t *testing.T) {
	w := newWorld(t)
	me, colleague := w.Sender.Specialist, w.Sender.Clerk
	c, err := w.Add(t.Context(), me, w.upload(t, me))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(t.Context(), colleague, w.upload(t, me)); !errs.Is(err, errs.NotFound) {
		t.Errorf("somebody else's upload: %v", err)
	}
	for name, act := range map[string]func() error{
		"read":   func() error { _, err := w.Get(t.Context(), colleague, c.ID); return err },
		"rerun":  func() error { _, err := w.Rerun(t.Context(), colleague, c.ID); return err },
		"delete": func() error { return w.Delete(t.Context(), colleague, c.ID) },
	} {
		if err := act(); !errs.Is(err, errs.NotFound) {
			t.Errorf("a colleague may %s: %v", name, err)
		}
	}
	if found, _, err := w.List(t.Context(), colleague, "", 10); err != nil || len(found) != 0 {
		t.Errorf("a colleague's list: %+v, %v", found, err)
	}
	if err := w.Delete(t.Context(), me, c.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context(), me, c.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	var left int
	if err := w.DB.QueryRow(t.Context(), `select count(*) from signature_checks`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d left, %v", left, err)
	}
}

func TestService_limit(t *testing.T) {
	w := newWorld(t)
	me := w.Sender.Specialist
	up := w.upload(t, me)
	for range 120 {
		if _, err := w.Add(t.Context(), me, up); err != nil {
			t.Fatal(err)
		}
		w.Clock.Add(time.Second)
	}
	if _, err := w.Add(t.Context(), me, up); !errs.Is(err, errs.TooMany) {
		t.Errorf("number 121: %v", err)
	}
	first, next, err := w.List(t.Context(), me, "", 100)
	if err != nil || len(first) != 100 || next == "" {
		t.Fatalf("%d, %q, %v", len(first), next, err)
	}
	if rest, last, err := w.List(t.Context(), me, next, 100); err != nil || len(rest) != 20 || last != "" || !rest[0].CreatedAt.Before(first[99].CreatedAt) {
		t.Errorf("%d, %q, %v", len(rest), last, err)
	}
	w.Clock.Add(time.Hour)
	if _, err := w.Add(t.Context(), me, up); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}
