package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"nghisu/internal/jobs"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

type greetArgs struct {
	Name string `json:"name"`
}

func (greetArgs) Kind() string { return "test.greet" }

// run works jobs until the test ends; worked receives their names.
func run(t *testing.T, db *postgres.DB, fn func(name string) error) (*jobs.Client, chan string) {
	t.Helper()
	client, err := jobs.New(db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	worked := make(chan string, 10)
	registry := jobs.NewRegistry()
	jobs.Handle(registry, func(_ context.Context, job *jobs.Job[greetArgs]) error {
		if err := fn(job.Args.Name); err != nil {
			return err
		}
		worked <- job.Args.Name
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := client.Run(ctx, registry); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	return client, worked
}

func receive(t *testing.T, worked chan string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case name := <-worked:
		return name
	case <-ctx.Done():
		t.Fatal("job was not worked")
		return ""
	}
}

func TestInsert_belongsToTheTransaction(t *testing.T) {
	db := pgtest.New(t)
	client, worked := run(t, db, func(string) error { return nil })
	failure := errors.New("rule broken")
	insert := func(name string, result error) error {
		return postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error {
			if err := client.Insert(t.Context(), tx, greetArgs{name}, nil); err != nil {
				return err
			}
			return result
		})
	}
	if err := insert("rolled back", failure); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if err := insert("committed", nil); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, worked); got != "committed" {
		t.Fatalf("worked %q", got)
	}
}

func TestRun_aPanicOrErrorIsTriedAgain(t *testing.T) {
	db := pgtest.New(t)
	var mu sync.Mutex
	tries := 0
	client, worked := run(t, db, func(string) error {
		mu.Lock()
		defer mu.Unlock()
		tries++
		if tries == 1 {
			panic("boom")
		}
		return nil
	})
	err := postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error { return client.Insert(t.Context(), tx, greetArgs{"again"}, nil) })
	if err != nil {
		t.Fatal(err)
	}
	if got := receive(t, worked); got != "again" {
		t.Fatalf("worked %q", got)
	}
}
