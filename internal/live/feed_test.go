package live_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"nghisu/internal/live"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// start runs feed and hub of one node until the test ends, and waits until the hub listens.
func start(t *testing.T, db *postgres.DB) (*live.Feed, *live.Hub) {
	t.Helper()
	feed, hub := live.NewFeed(), live.NewHub()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	log := slog.New(slog.DiscardHandler)
	sub := hub.Subscribe()
	wg.Go(func() { _ = feed.Run(ctx, db, log) })
	wg.Go(func() { _ = hub.Listen(ctx, db, log) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	wait(t, sub) // the epoch that begins with listening
	sub.Close()
	return feed, hub
}

func wait(t *testing.T, s *live.Subscription) ([]live.Topic, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-s.Wake():
	case <-ctx.Done():
		t.Fatal("no hint arrived")
	}
	topics, reset, _, _ := s.Take()
	return topics, reset
}

func TestFeed_reachesAnotherNodeAfterTheCommitOnly(t *testing.T) {
	db := pgtest.New(t)
	feed, _ := start(t, db)
	_, other := start(t, db)
	sub := other.Subscribe()
	defer sub.Close()
	kept, lost := live.Meeting(uuid.New()), live.Meeting(uuid.New())
	sub.Watch(kept, lost)
	failure := errors.New("rule broken")
	err := postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error {
		feed.Touch(tx, lost)
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if err := postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error { feed.Touch(tx, kept); return nil }); err != nil {
		t.Fatal(err)
	}
	got, _ := wait(t, sub)
	if len(got) != 1 || got[0] != kept {
		t.Fatalf("got %v", got)
	}
}

// More topics than one notification can carry all arrive.
func TestFeed_manyTopicsAtOnce(t *testing.T) {
	db := pgtest.New(t)
	feed, hub := start(t, db)
	sub := hub.Subscribe()
	defer sub.Close()
	want := map[live.Topic]bool{}
	for range 1000 {
		topic := live.Delivery(uuid.New())
		want[topic] = true
		sub.Watch(topic)
		feed.TouchNow(topic)
	}
	for len(want) > 0 {
		got, _ := wait(t, sub)
		for _, topic := range got {
			delete(want, topic)
		}
	}
}

// A lost database connection begins a new epoch: whoever listens reads again.
func TestHub_lostConnection(t *testing.T) {
	db := pgtest.New(t)
	_, hub := start(t, db)
	sub := hub.Subscribe()
	defer sub.Close()
	if _, err := pgtest.Owner(t, db).Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and query = 'listen nghisu_live'`); err != nil {
		t.Fatal(err)
	}
	if _, reset := wait(t, sub); !reset {
		t.Fatal("no reset after the connection was lost")
	}
}
