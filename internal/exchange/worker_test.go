package exchange_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/errs"
	"nghisu/internal/exchange"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/jobs"
	"nghisu/storage/objects"
)

// shaky is a store that fails as it is told.
type shaky struct {
	exchange.Store
	err  error
	size int64 // added to the true size
}

func (s *shaky) Stat(ctx context.Context, h objects.Hash) (objects.Info, error) {
	i, err := s.Store.Stat(ctx, h)
	i.Size += s.size
	if s.err != nil {
		return objects.Info{}, s.err
	}
	return i, err
}

func TestService_Deliver_isIdempotent(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Sent(t, w.Receivers[0])[0]
	var wg sync.WaitGroup
	for range 8 { // at the same moment on several nodes
		wg.Go(func() {
			if err := w.Exchange.Deliver(context.Background(), d.ID, 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := w.Exchange.Deliver(t.Context(), d.ID, 1); err != nil { // and once more later
		t.Error(err)
	}
	got := w.Deliveries(t, d.Document)[0]
	if got.Transport != exchange.Delivered || got.Status != exchange.Arrived || got.Attempts != 1 || got.ArrivedAt == nil {
		t.Errorf("%+v", got)
	}
	if n := count(t, w, `select count(*) from delivery_events where delivery_id = $1`, d.ID); n != 3 {
		t.Errorf("%d events instead of queued, sent, delivered", n)
	}
	if n := count(t, w, `select count(*) from audit_events where kind = 'exchange.arrived'`); n != 1 {
		t.Errorf("%d arrivals recorded", n)
	}
	if err := w.Exchange.Deliver(t.Context(), d.ID, 2); err != nil {
		t.Error(err)
	}
	if again := w.Deliveries(t, d.Document)[0]; again.Version != got.Version {
		t.Errorf("an attempt after the arrival changed it: %+v", again)
	}
}

func TestService_Deliver_failures(t *testing.T) {
	w := exchangetest.New(t)
	for name, c := range map[string]struct {
		store shaky
		key   string
	}{
		"missing":     {shaky{Store: w.Store, err: objects.ErrMissing}, "exchange.file_missing"},
		"damaged":     {shaky{Store: w.Store, err: objects.ErrDamaged}, "exchange.file_damaged"},
		"shortened":   {shaky{Store: w.Store, size: -1}, "exchange.file_damaged"},
		"unreachable": {shaky{Store: w.Store, err: objects.ErrUnreachable}, "exchange.store_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.ExchangeOn(t, &c.store)
			d := w.Sent(t, w.Receivers[0])[0]
			for attempt := 1; attempt <= 5; attempt++ {
				if err := s.Deliver(t.Context(), d.ID, attempt); err != nil {
					t.Fatal(err)
				}
				got := w.Deliveries(t, d.Document)[0]
				if got.Failure != c.key || got.Attempts != attempt {
					t.Errorf("attempt %d: failure %q, attempts %d", attempt, got.Failure, got.Attempts)
				}
				if attempt < 5 && (got.Transport != exchange.Sent || got.NextTryAt == nil || !got.NextTryAt.After(w.Clock.Now())) {
					t.Errorf("attempt %d: %s, next try %v", attempt, got.Transport, got.NextTryAt)
				}
				if err := s.Deliver(t.Context(), d.ID, attempt); err != nil { // a repeat of the job
					t.Fatal(err)
				}
				if again := w.Deliveries(t, d.Document)[0]; again.Attempts != attempt {
					t.Errorf("the repeat of attempt %d counts", attempt)
				}
			}
			got := w.Deliveries(t, d.Document)[0]
			if got.Transport != exchange.Failed || got.NextTryAt != nil {
				t.Errorf("after the round: %s, next try %v", got.Transport, got.NextTryAt)
			}
			retried, err := w.Exchange.Retry(t.Context(), w.Sender.Clerk, d.ID, got.Version)
			if err != nil || retried.Transport != exchange.Queued || retried.RecipientName != w.Receivers[0].Name {
				t.Fatalf("retry: %+v, %v", retried, err)
			}
			if err := w.Exchange.Deliver(t.Context(), d.ID, 6); err != nil {
				t.Fatal(err)
			}
			if got := w.Deliveries(t, d.Document)[0]; got.Transport != exchange.Delivered || got.Failure != "" {
				t.Errorf("after the retry: %s %q", got.Transport, got.Failure)
			}
		})
	}
	pauses := `select count(distinct extract(epoch from scheduled_at - $1)) from river_job where kind = 'exchange.deliver' and (args->>'attempt')::int between 2 and 5`
	if n := count(t, w, pauses, w.Clock.Now()); n != 4 {
		t.Errorf("%d different pauses between the attempts", n)
	}
}

func TestService_Deliver_toADissolvedAgency(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Sent(t, w.Receivers[0])[0]
	dissolve := `update agencies set valid_to = $2 where id = $1`
	if _, err := w.DB.Exec(t.Context(), dissolve, w.Receivers[0].Agency, "2026-11-24"); err != nil {
		t.Fatal(err)
	}
	if err := w.Exchange.Deliver(t.Context(), d.ID, 1); err != nil {
		t.Fatal(err)
	}
	got := w.Deliveries(t, d.Document)[0]
	if got.Transport != exchange.Failed || got.Failure != "exchange.recipient_dissolved" {
		t.Fatalf("%s %q", got.Transport, got.Failure)
	}
	if _, err := w.Exchange.Retry(t.Context(), w.Sender.Leader, d.ID, 0); !errs.Is(err, errs.Forbidden) {
		t.Errorf("retry by the leader: %v", err)
	}
	if _, err := w.DB.Exec(t.Context(), dissolve, w.Receivers[0].Agency, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Exchange.Retry(t.Context(), w.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	if err := w.Exchange.Deliver(t.Context(), d.ID, got.Attempts+1); err != nil {
		t.Fatal(err)
	}
	if got := w.Deliveries(t, d.Document)[0]; got.Transport != exchange.Delivered {
		t.Errorf("after the retry: %s", got.Transport)
	}
}

// A node died between the two steps, and its job with it: the sweep goes on.
func TestService_Sweep(t *testing.T) {
	w := exchangetest.New(t)
	ds := w.Sent(t, w.Receivers[0], w.Receivers[1])
	_, err := w.DB.Exec(t.Context(), `update deliveries set transport = 'sent' where id = $1`, ds[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Exchange.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]exchange.Transport{"sent", "queued"}, transports(w.Deliveries(t, ds[0].Document))); diff != "" {
		t.Errorf("touched before it is overdue (-want +got):\n%s", diff)
	}
	w.Clock.Add(time.Minute)
	if err := w.Exchange.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]exchange.Transport{"delivered", "delivered"}, transports(w.Deliveries(t, ds[0].Document))); diff != "" {
		t.Errorf("after the sweep (-want +got):\n%s", diff)
	}
}

// counted is a store that tells of every file that is looked for.
type counted struct {
	exchange.Store
	looked chan struct{}
}

func (c counted) Stat(ctx context.Context, h objects.Hash) (objects.Info, error) {
	c.looked <- struct{}{}
	return c.Store.Stat(ctx, h)
}

// The jobs that Send inserts are worked by River itself.
func TestService_RegisterJobs(t *testing.T) {
	w := exchangetest.New(t)
	w.Clock.Set(time.Now().UTC().Truncate(time.Microsecond)) // River plans by the true time
	d := w.Sent(t, w.Receivers[0], w.Receivers[1])[0]
	store := counted{w.Store, make(chan struct{}, 100)}
	registry := jobs.NewRegistry()
	w.ExchangeOn(t, store).RegisterJobs(registry)
	client, err := jobs.New(w.DB, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx, registry) }()
	for range 4 { // two deliveries of two files
		select {
		case <-store.looked:
		case <-time.After(20 * time.Second):
			t.Fatal("no job is worked")
		}
	}
	stop() // lets running jobs finish
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]exchange.Transport{"delivered", "delivered"}, transports(w.Deliveries(t, d.Document))); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}
