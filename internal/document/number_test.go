package document_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// signed is a document that the leader signed.
func signed(t *testing.T, w *exchangetest.World) document.Document {
	t.Helper()
	return w.Sign(t, w.Submitted(t).ID, w.Sender.Leader, document.ByLeader)
}

func suggestion(t *testing.T, w *exchangetest.World, documentID id.Document) document.Numbering {
	t.Helper()
	n, err := w.Documents.SuggestNumber(t.Context(), w.Sender.Clerk, documentID)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestService_Number_refuses(t *testing.T) {
	w := exchangetest.New(t)
	w.Clock.Set(time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC)) // the 25th in Vietnam
	d, submitted := signed(t, w), w.Submitted(t)
	for name, c := range map[string]struct {
		actor   access.Actor
		doc     id.Document
		version int
		in      document.Numbering
		code    errs.Code
		fields  map[string]string
	}{
		"by the leader":            {w.Sender.Leader, d.ID, 0, document.Numbering{Number: "01", IssuedOn: day(2026, 11, 25)}, errs.Forbidden, nil},
		"by another agency":        {w.Receivers[0].Clerk, d.ID, 0, document.Numbering{Number: "01", IssuedOn: day(2026, 11, 25)}, errs.NotFound, nil},
		"before the leader":        {w.Sender.Clerk, submitted.ID, 0, document.Numbering{Number: "01", IssuedOn: day(2026, 11, 25)}, errs.Conflict, nil},
		"of an older version":      {w.Sender.Clerk, d.ID, 1, document.Numbering{Number: "01", IssuedOn: day(2026, 11, 25)}, errs.Stale, nil},
		"without leading zero":     {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "5", IssuedOn: day(2026, 11, 25)}, errs.Invalid, map[string]string{"number": "document.number_format"}},
		"zero":                     {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "00", IssuedOn: day(2026, 11, 25)}, errs.Invalid, map[string]string{"number": "document.number_format"}},
		"with a letter":            {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "12a", IssuedOn: day(2026, 11, 25)}, errs.Invalid, map[string]string{"number": "document.number_format"}},
		"with too many zeros":      {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "012", IssuedOn: day(2026, 11, 25)}, errs.Invalid, map[string]string{"number": "document.number_format"}},
		"too long":                 {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "123456789012", IssuedOn: day(2026, 11, 25)}, errs.Invalid, map[string]string{"number": "document.number_format"}},
		"dated before the signing": {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "01", IssuedOn: day(2026, 11, 24)}, errs.Invalid, map[string]string{"issued_on": "document.date_before_signature"}},
		"dated far ahead":          {w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "01", IssuedOn: day(2026, 12, 6)}, errs.Invalid, map[string]string{"issued_on": "document.date_too_late"}},
		"without anything is fully told": {w.Sender.Clerk, d.ID, 0, document.Numbering{}, errs.Invalid,
			map[string]string{"number": "document.number_format", "issued_on": "document.date_before_signature"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Documents.Number(t.Context(), c.actor, c.doc, c.version, c.in)
			if !errs.Is(err, c.code) {
				t.Fatalf("%v instead of %s", err, c.code)
			}
			if diff := cmp.Diff(c.fields, fields(err)); c.fields != nil && diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
	last := document.Numbering{Number: "01", IssuedOn: day(2026, 12, 5)}
	if _, err := w.Documents.Number(t.Context(), w.Sender.Clerk, d.ID, d.Version, last); err != nil {
		t.Errorf("the last possible date: %v", err)
	}
}

func TestService_numberIsTakenOncePerYear(t *testing.T) {
	w := exchangetest.New(t)
	first := w.Numbered(t)
	n := document.Numbering{Number: first.Number, IssuedOn: *first.IssuedOn}
	second := signed(t, w)
	_, err := w.Documents.Number(t.Context(), w.Sender.Clerk, second.ID, 0, n)
	if !errs.Is(err, errs.Conflict) || key(err) != "document.number_taken" {
		t.Fatalf("same number, symbol and year: %v", err)
	}
	// given up, it stays taken, and the row says why
	if first, err = w.Documents.Cancel(t.Context(), w.Sender.Clerk, first.ID, 0, "Ban hành nhầm"); err != nil {
		t.Fatal(err)
	}
	if first.Code() != "01/QĐ-STC" || first.Steps[len(first.Steps)-1].Reason != "Ban hành nhầm" {
		t.Errorf("a cancelled document: %s %+v", first.Code(), first.Steps)
	}
	if _, err := w.Documents.Number(t.Context(), w.Sender.Clerk, second.ID, 0, n); key(err) != "document.number_taken" {
		t.Errorf("the number of a cancelled document: %v", err)
	}
	if got := suggestion(t, w, second.ID); got.Number != "02" || !got.IssuedOn.Equal(day(2026, 11, 24)) {
		t.Errorf("suggested %+v", got)
	}
	// another series, and another year, begin anew
	in := w.Input(t, w.Sender.Clerk)
	in.TypeCode, in.Symbol = "KH", "KH-STC"
	plan, err := w.Documents.Create(t.Context(), w.Sender.Clerk, in)
	if err == nil {
		_, err = w.Documents.Submit(t.Context(), w.Sender.Clerk, plan.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Sign(t, plan.ID, w.Sender.Leader, document.ByLeader)
	if got := suggestion(t, w, plan.ID); got.Number != "01" {
		t.Errorf("first of its series: %+v", got)
	}
	w.Clock.Set(time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC)) // midnight in Vietnam
	if got := suggestion(t, w, second.ID); got.Number != "01" || !got.IssuedOn.Equal(day(2027, 1, 1)) {
		t.Errorf("first of the year: %+v", got)
	}
	if d := w.Number(t, second.ID); d.Code() != "01/QĐ-STC" {
		t.Errorf("the same number of another year: %s", d.Code())
	}
}

// Twenty clerks at once take the same number: one gets it, whichever, and the others read why not.
func TestService_Number_atOnce(t *testing.T) {
	w := exchangetest.New(t)
	const many = 20
	var docs []document.Document
	for range many {
		docs = append(docs, signed(t, w))
	}
	n := suggestion(t, w, docs[0].ID)
	var mu sync.Mutex
	var wg sync.WaitGroup
	outcome := map[string]int{}
	for _, d := range docs {
		wg.Go(func() {
			_, err := w.Documents.Number(context.Background(), w.Sender.Clerk, d.ID, 0, n)
			mu.Lock()
			defer mu.Unlock()
			outcome[key(err)]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[string]int{"": 1, "document.number_taken": many - 1}, outcome); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}
