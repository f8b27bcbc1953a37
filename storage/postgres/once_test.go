package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

type outcome struct{ Number int }

func command(ctx context.Context, person id.Person, key, asked string) context.Context {
	return postgres.WithCommand(ctx, postgres.Command{Person: person, Key: key, Fingerprint: []byte(asked)})
}

func TestOnce_aRepeatReturnsTheFirstAnswerAndDoesNothing(t *testing.T) {
	db := pgtest.New(t)
	ctx := command(t.Context(), id.New[id.Person](), "key-0001", "accept 5")
	runs := 0
	act := func(*postgres.Tx) (outcome, error) { runs++; return outcome{runs}, nil }
	for range 3 {
		got, err := postgres.Once(ctx, db, act)
		if err != nil || got.Number != 1 {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if runs != 1 {
		t.Fatalf("ran %d times", runs)
	}
}

func TestOnce_keysOfOthersAndOtherRequests(t *testing.T) {
	db := pgtest.New(t)
	person := id.New[id.Person]()
	act := func(*postgres.Tx) (outcome, error) { return outcome{7}, nil }
	if _, err := postgres.Once(command(t.Context(), person, "key-0001", "accept 5"), db, act); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Once(command(t.Context(), person, "key-0001", "accept 6"), db, act); !errs.Is(err, errs.Conflict) {
		t.Errorf("same key, other request: %v", err)
	}
	if _, err := postgres.Once(command(t.Context(), id.New[id.Person](), "key-0001", "accept 6"), db, act); err != nil {
		t.Errorf("same key, other person: %v", err)
	}
}

func TestOnce_aFailedCommandLeavesTheKeyFree(t *testing.T) {
	db := pgtest.New(t)
	ctx := command(t.Context(), id.New[id.Person](), "key-0001", "x")
	failure := errors.New("rule broken")
	if _, err := postgres.Once(ctx, db, func(*postgres.Tx) (outcome, error) { return outcome{1}, failure }); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	got, err := postgres.Once(ctx, db, func(*postgres.Tx) (outcome, error) { return outcome{2}, nil })
	if err != nil || got.Number != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestOnce_manyAtTheSameMoment(t *testing.T) {
	db := pgtest.New(t)
	ctx := command(t.Context(), id.New[id.Person](), "key-0001", "x")
	var runs atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := postgres.Once(ctx, db, func(*postgres.Tx) (outcome, error) { return outcome{int(runs.Add(1))}, nil })
			if err != nil || got.Number != 1 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	wg.Wait()
	if runs.Load() != 1 {
		t.Fatalf("ran %d times", runs.Load())
	}
}

func TestInTx_afterCommitRunsOnlyThen(t *testing.T) {
	db := pgtest.New(t)
	ran := 0
	hook := func(tx *postgres.Tx) { tx.AfterCommit(func() { ran++ }) }
	_ = postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error { hook(tx); return errors.New("no") })
	if ran != 0 {
		t.Fatal("ran after a rollback")
	}
	if err := postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error { hook(tx); return nil }); err != nil || ran != 1 {
		t.Fatalf("ran %d times, %v", ran, err)
	}
}

var _ = postgres.MapConstraint("idempotency_keys_key_length", errs.New(errs.Invalid, "request.key_needed"))

func TestTranslate(t *testing.T) {
	db := pgtest.New(t)
	_, err := postgres.Once(command(t.Context(), id.New[id.Person](), "short", "x"), db, func(*postgres.Tx) (outcome, error) { return outcome{}, nil })
	if !errs.Is(err, errs.Invalid) {
		t.Errorf("known constraint: %v", err)
	}
	var n int
	err = postgres.Translate(db.QueryRow(t.Context(), `select 1 where false`).Scan(&n))
	if !errs.Is(err, errs.NotFound) {
		t.Errorf("no rows: %v", err)
	}
	mine := fmt.Errorf("close meeting: %w", errs.New(errs.Gone, "x"))
	if !errs.Is(postgres.Translate(mine), errs.Gone) || postgres.Translate(nil) != nil {
		t.Error("our own errors change")
	}
	if _, err := pgtest.Owner(t, db).Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), `select * from nothing_here`)
	if err := postgres.Translate(err); errs.CodeOf(err) != errs.Internal && errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("unknown error: %v", err)
	}
	db.Close()
	if _, err := postgres.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1"); err == nil {
		t.Error("opened nothing")
	}
}

func TestForgetCommands(t *testing.T) {
	db := pgtest.New(t)
	old, fresh := command(t.Context(), id.New[id.Person](), "key-0001", "x"), command(t.Context(), id.New[id.Person](), "key-0002", "x")
	runs := 0
	act := func(*postgres.Tx) (outcome, error) { runs++; return outcome{runs}, nil }
	for _, ctx := range []context.Context{old, fresh} {
		if _, err := postgres.Once(ctx, db, act); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), `update idempotency_keys set created_at = now() - interval '8 days' where key = 'key-0001'`); err != nil {
		t.Fatal(err)
	}
	gone, err := postgres.ForgetCommands(t.Context(), db, postgres.Now().AddDate(0, 0, -7))
	if err != nil || gone != 1 {
		t.Fatalf("forgot %d, %v", gone, err)
	}
	if got, err := postgres.Once(fresh, db, act); err != nil || got.Number != 2 {
		t.Errorf("the fresh command is still known: %v, %v", got, err)
	}
	if got, err := postgres.Once(old, db, act); err != nil || got.Number != 3 {
		t.Errorf("the old one is not: %v, %v", got, err)
	}
}
