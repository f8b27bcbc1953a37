package exchange_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// key is the message key of an error.
func key(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

// count runs a query of one number.
func count(t *testing.T, w *exchangetest.World, sql string, args ...any) (n int) {
	t.Helper()
	if err := w.DB.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func transports(ds []exchange.Delivery) (out []exchange.Transport) {
	for _, d := range ds {
		out = append(out, d.Transport)
	}
	return out
}

func TestService_Send(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Sealed(t)
	sent, err := w.Exchange.Send(t.Context(), w.Sender.Clerk, d.ID, d.Version)
	if err != nil {
		t.Fatal(err)
	}
	if sent.State != document.Released || sent.ReleasedAt == nil || len(sent.Can(w.Sender.Clerk)) != 0 {
		t.Errorf("after sending: %s, %v, can %v", sent.State, sent.ReleasedAt, sent.Can(w.Sender.Clerk))
	}
	ds := w.Deliveries(t, d.ID)
	if diff := cmp.Diff([]exchange.Transport{"queued", "queued", "queued", "queued"}, transports(ds)); diff != "" {
		t.Fatalf("deliveries (-want +got):\n%s", diff)
	}
	for i, got := range ds {
		if got.RecipientName != w.Receivers[i].Name || got.Code() != d.Code() || got.FileCount != 2 || got.Subject != d.Subject || got.SenderName != w.Sender.Name {
			t.Errorf("delivery %d: %+v", i, got)
		}
	}
	if n := count(t, w, `select count(*) from river_job where kind = 'exchange.deliver' and priority = 4`); n != 4 {
		t.Errorf("%d jobs", n)
	}
	if _, err := w.Exchange.Send(t.Context(), w.Sender.Clerk, d.ID, 0); key(err) != "document.wrong_state.released" {
		t.Errorf("sent twice: %v", err)
	}
	// Nothing is known at the recipient before it has arrived.
	if _, err := w.Exchange.GetIncoming(t.Context(), w.Receivers[0].Clerk, ds[0].ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("seen before arrival: %v", err)
	}
}

func TestService_Send_refuses(t *testing.T) {
	w := exchangetest.New(t)
	sealed, submitted := w.Sealed(t), w.Submitted(t)
	for name, c := range map[string]struct {
		actor   access.Actor
		doc     id.Document
		version int
		code    errs.Code
	}{
		"not sealed":      {w.Sender.Clerk, submitted.ID, 0, errs.Conflict},
		"by the leader":   {w.Sender.Leader, sealed.ID, 0, errs.Forbidden},
		"another agency":  {w.Receivers[0].Clerk, sealed.ID, 0, errs.NotFound},
		"older version":   {w.Sender.Clerk, sealed.ID, 1, errs.Stale},
		"no such":         {w.Sender.Clerk, id.New[id.Document](), 0, errs.NotFound},
		"by a specialist": {w.Sender.Specialist, sealed.ID, 0, errs.NotFound},
	} {
		if _, err := w.Exchange.Send(t.Context(), c.actor, c.doc, c.version); !errs.Is(err, c.code) {
			t.Errorf("%s: %v instead of %s", name, err, c.code)
		}
	}
	if n := count(t, w, `select count(*) from deliveries`); n != 0 {
		t.Errorf("%d deliveries", n)
	}
}

func TestService_urgentOnesGoFirst(t *testing.T) {
	w := exchangetest.New(t)
	in := w.Input(t, w.Sender.Clerk, w.Receivers[0])
	in.Urgency = 3
	d, err := w.Documents.Create(t.Context(), w.Sender.Clerk, in)
	if err == nil {
		_, err = w.Documents.Submit(t.Context(), w.Sender.Clerk, d.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Sign(t, d.ID, w.Sender.Leader, document.ByLeader)
	w.Number(t, d.ID)
	w.Sign(t, d.ID, w.Sender.Clerk, document.BySeal)
	if _, err := w.Exchange.Send(t.Context(), w.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	if n := count(t, w, `select priority from river_job where kind = 'exchange.deliver'`); n != 1 {
		t.Errorf("priority %d of hỏa tốc", n)
	}
}

func TestService_arriveOpenAcceptRefuse(t *testing.T) {
	w := exchangetest.New(t)
	ctx := t.Context()
	ds := w.Arrived(t)
	clerk, leader := w.Receivers[0].Clerk, w.Receivers[0].Leader
	detail, err := w.Exchange.GetIncoming(ctx, leader, ds[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if detail.Delivery.Status != exchange.Arrived || len(detail.Files) != 2 || detail.Signer.FullName != w.Sender.Leader.Name || detail.SuggestedNumber != 1 {
		t.Errorf("detail %+v", detail)
	}
	var road []string
	for _, e := range detail.Events {
		road = append(road, string(e.Transport))
	}
	if diff := cmp.Diff([]string{"queued", "sent", "delivered"}, road); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	for range 2 { // the second opening changes nothing
		w.Clock.Add(time.Minute)
		if _, err := w.Exchange.MarkOpened(ctx, leader, ds[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, w, `select count(*) from audit_events where kind = 'exchange.opened'`); n != 1 {
		t.Errorf("%d openings recorded", n)
	}
	accepted, err := w.Exchange.Accept(ctx, clerk, ds[0].ID, ds[0].Version)
	if err != nil {
		t.Fatal(err)
	}
	if accepted.Status != exchange.Accepted || *accepted.ArrivalNumber != 1 || *accepted.ArrivalYear != 2026 || accepted.DecidedAt == nil {
		t.Errorf("accepted %+v", accepted)
	}
	refused, err := w.Exchange.Refuse(ctx, w.Receivers[1].Clerk, ds[1].ID, 0, "Thiếu Biểu mẫu 02")
	if err != nil {
		t.Fatal(err)
	}
	if refused.Status != exchange.Refused || refused.RefusalReason != "Thiếu Biểu mẫu 02" || refused.OpenedAt == nil {
		t.Errorf("refused %+v", refused)
	}
	seen := w.Deliveries(t, ds[0].Document)
	if seen[0].OpenedAt == nil || seen[0].Status != exchange.Accepted || seen[1].RefusalReason == "" {
		t.Errorf("the sender sees %+v and %+v", seen[0], seen[1])
	}
	counts, err := w.Exchange.Counts(ctx, w.Sender.Clerk, []id.Document{ds[0].Document})
	if diff := cmp.Diff(exchange.Counts{Delivered: 2, Accepted: 1, Refused: 1}, counts[ds[0].Document]); diff != "" || err != nil {
		t.Errorf("counts %v (-want +got):\n%s", err, diff)
	}
	n, err := w.Exchange.CountWaiting(ctx, w.Receivers[2].Secretary)
	if err != nil || n != 1 {
		t.Errorf("%d waiting, %v", n, err)
	}
}

func TestService_decisionsAreRefused(t *testing.T) {
	w := exchangetest.New(t)
	ctx := t.Context()
	ds := w.Arrived(t)
	first, second := w.Receivers[0], w.Receivers[1]
	done, err := w.Exchange.Accept(ctx, first.Clerk, ds[0].ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	accept := func(a access.Actor, d id.Delivery, version int) func() error {
		return func() error { _, err := w.Exchange.Accept(ctx, a, d, version); return err }
	}
	refuse := func(a access.Actor, d id.Delivery, reason string) func() error {
		return func() error { _, err := w.Exchange.Refuse(ctx, a, d, 0, reason); return err }
	}
	for name, c := range map[string]struct {
		do   func() error
		code errs.Code
	}{
		"accepted already":               {accept(first.Clerk, ds[0].ID, 0), errs.Conflict},
		"refuse what is accepted":        {refuse(first.Clerk, ds[0].ID, "x"), errs.Conflict},
		"by the leader":                  {accept(second.Leader, ds[1].ID, 0), errs.Forbidden},
		"by a specialist":                {accept(second.Specialist, ds[1].ID, 0), errs.NotFound},
		"by another recipient":           {accept(first.Clerk, ds[1].ID, 0), errs.NotFound},
		"by the sender":                  {accept(w.Sender.Clerk, ds[1].ID, 0), errs.NotFound},
		"older version":                  {accept(second.Clerk, ds[1].ID, 1), errs.Stale},
		"no such delivery":               {accept(second.Clerk, id.New[id.Delivery](), 0), errs.NotFound},
		"refuse without a reason":        {refuse(second.Clerk, ds[1].ID, " "), errs.Invalid},
		"refuse with 1001 letters":       {refuse(second.Clerk, ds[1].ID, strings.Repeat("ế", 1001)), errs.Invalid},
		"refuse by the secretary":        {refuse(second.Secretary, ds[1].ID, "x"), errs.Forbidden},
		"opened by another agency":       {func() error { _, err := w.Exchange.MarkOpened(ctx, w.Sender.Clerk, ds[1].ID); return err }, errs.NotFound},
		"retry of what arrived":          {func() error { _, err := w.Exchange.Retry(ctx, w.Sender.Clerk, ds[1].ID, 0); return err }, errs.Conflict},
		"retry by the recipient":         {func() error { _, err := w.Exchange.Retry(ctx, second.Clerk, ds[1].ID, 0); return err }, errs.NotFound},
		"deliveries read by a recipient": {func() error { _, err := w.Exchange.DeliveriesOf(ctx, second.Clerk, ds[1].Document); return err }, errs.NotFound},
		"list by a specialist": {func() error {
			_, _, err := w.Exchange.ListIncoming(ctx, second.Specialist, exchange.Filter{})
			return err
		}, errs.Forbidden},
		"count by a specialist": {func() error { _, err := w.Exchange.CountWaiting(ctx, second.Specialist); return err }, errs.Forbidden},
	} {
		if err := c.do(); !errs.Is(err, c.code) {
			t.Errorf("%s: %v instead of %s", name, err, c.code)
		}
	}
	_, err = w.Exchange.Accept(ctx, first.Clerk, ds[0].ID, 0)
	var e *errs.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if now, ok := e.Current.(exchange.Delivery); !ok || *now.ArrivalNumber != *done.ArrivalNumber || e.Args["number"] != 1 {
		t.Errorf("the conflict tells %+v, %v", e.Current, e.Args)
	}
}

func TestService_AcceptOnce(t *testing.T) {
	w := exchangetest.New(t)
	ds := w.Arrived(t, w.Receivers[0])
	clerk := w.Receivers[0].Clerk
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: clerk.Person, Key: "accept-once", Fingerprint: []byte("x")})
	first, err := w.Exchange.Accept(ctx, clerk, ds[0].ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Exchange.Accept(ctx, clerk, ds[0].ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("answers differ (-first +again):\n%s", diff)
	}
}

// Fifty clerks at once: the numbers of arrival are 1 to 50, each once.
func TestService_numbersHaveNoGapsAndNoDuplicates(t *testing.T) {
	w := exchangetest.New(t)
	clerk := w.Receivers[0].Clerk
	const many = 50
	doc := w.Arrived(t, w.Receivers[0])[0]
	var ids []id.Delivery
	for range many { // copies of one delivery under documents of their own
		docID, deliveryID := id.New[id.Document](), id.New[id.Delivery]()
		_, err := w.DB.Exec(t.Context(), `insert into documents (id, agency_id, type_code, number, symbol, issued_on, subject, urgency, state, signer_id, created_by, released_at, created_at, updated_at)
			select $1, agency_id, type_code, (100 + (select count(*) from documents))::text, symbol, issued_on, subject, urgency, state, signer_id, created_by, released_at, created_at, updated_at
			from documents where id = $2`, docID, doc.Document)
		if err == nil {
			_, err = w.DB.Exec(t.Context(), `insert into deliveries (id, document_id, sender_id, recipient_id, transport, status, urgency, type_code, number, symbol, issued_on, subject, sender_name, file_count, queued_at, changed_at, arrived_at)
				select $1, $2, sender_id, recipient_id, transport, status, urgency, type_code, number, symbol, issued_on, subject, sender_name, file_count, queued_at, changed_at, arrived_at
				from deliveries where id = $3`, deliveryID, docID, doc.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, deliveryID)
	}
	var mu sync.Mutex
	var numbers []int
	var wg sync.WaitGroup
	for i, deliveryID := range ids {
		for range 2 { // and each is clicked twice, under different keys
			wg.Go(func() {
				if i%7 == 0 { // some break off after the number was taken
					_ = postgres.InTx(context.Background(), w.DB, func(tx *postgres.Tx) error {
						_, err := tx.Exec(context.Background(), `update number_series set last = last + 1`)
						return errors.Join(err, errors.New("broken off"))
					})
				}
				d, err := w.Exchange.Accept(context.Background(), clerk, deliveryID, 0)
				if errs.Is(err, errs.Conflict) {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				numbers = append(numbers, *d.ArrivalNumber)
			})
		}
	}
	wg.Wait()
	slices.Sort(numbers)
	want := make([]int, many)
	for i := range want {
		want[i] = i + 1
	}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

// The year of a number is that of Vietnam.
func TestService_numbersBeginAnewEachYear(t *testing.T) {
	w := exchangetest.New(t)
	clerk := w.Receivers[0].Clerk
	for _, c := range []struct {
		at           time.Time
		number, year int
	}{
		{time.Date(2026, 12, 31, 16, 59, 59, 0, time.UTC), 1, 2026},
		{time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC), 1, 2027},
		{time.Date(2027, 1, 2, 3, 0, 0, 0, time.UTC), 2, 2027},
	} {
		d := w.Arrived(t, w.Receivers[0])[0]
		w.Clock.Set(c.at)
		got, err := w.Exchange.Accept(t.Context(), clerk, d.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if *got.ArrivalNumber != c.number || *got.ArrivalYear != c.year {
			t.Errorf("at %s: number %d of %d", c.at, *got.ArrivalNumber, *got.ArrivalYear)
		}
	}
}

func TestService_File(t *testing.T) {
	w := exchangetest.New(t)
	ds := w.Arrived(t)
	detail, err := w.Exchange.GetIncoming(t.Context(), w.Receivers[0].Clerk, ds[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.Exchange.File(t.Context(), w.Receivers[0].Clerk, ds[0].ID, detail.Files[0].ID)
	if err != nil || f.Revision != 5 || f.Reason != document.AgencySealed {
		t.Errorf("%+v, %v", f, err)
	}
	if now := w.Deliveries(t, ds[0].Document)[0]; now.OpenedAt == nil {
		t.Error("reading a file does not count as opening")
	}
	other := w.Sealed(t)
	for name, do := range map[string]func() error{
		"file of another document": func() error {
			_, err := w.Exchange.File(t.Context(), w.Receivers[0].Clerk, ds[0].ID, other.Files[0].ID)
			return err
		},
		"another recipient": func() error {
			_, err := w.Exchange.File(t.Context(), w.Receivers[1].Clerk, ds[0].ID, f.ID)
			return err
		},
		"the sender": func() error {
			_, err := w.Exchange.File(t.Context(), w.Sender.Clerk, ds[0].ID, f.ID)
			return err
		},
	} {
		if err := do(); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
