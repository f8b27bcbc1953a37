package auth

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"nghisu/internal/errs"
	"nghisu/storage/postgres/pgtest"
)

// An attempt whose password nobody came to look at has not failed.
func TestService_SignIn_busy(t *testing.T) {
	db := pgtest.New(t)
	s, err := New(Deps{DB: db, Hash: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	if err != nil {
		t.Fatal(err)
	}
	for range cap(s.hasher.slots) {
		s.hasher.slots <- struct{}{}
	}
	for range attemptsPerLock + 1 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := s.SignIn(ctx, SignIn{Username: "lananh", Password: "x"})
		cancel()
		if !errs.Is(err, errs.Unavailable) {
			t.Fatalf("got %v", err)
		}
	}
	for range cap(s.hasher.slots) {
		<-s.hasher.slots
	}
	if _, err := s.SignIn(t.Context(), SignIn{Username: "lananh", Password: "x"}); !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("got %v", err)
	}
	if n := s.hasher.queue.Load(); n != 0 {
		t.Errorf("%d still wait", n)
	}
}
