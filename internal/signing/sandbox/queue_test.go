package sandbox

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Owners get places in turn, each one's questions in their order.
func TestQueue_turns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		if err := q.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, owner := range []string{"batch", "batch", "batch", "one", "two"} {
			go func() {
				if err := q.acquire(For(t.Context(), owner)); err != nil {
					t.Error(err)
				}
				order = append(order, owner)
				q.release()
			}()
			synctest.Wait()
		}
		q.release()
		synctest.Wait()
		if want := []string{"batch", "one", "two", "batch", "batch"}; !slices.Equal(order, want) {
			t.Errorf("order %v", order)
		}
		if q.free != 1 || q.length() != 0 {
			t.Errorf("%d places free, %d wait", q.free, q.length())
		}
	})
}

// Whoever gives up leaves no place lost; nobody waits for ever; the queue has limits.
func TestQueue_limits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		if err := q.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := q.acquire(t.Context()); !errors.Is(err, ErrBusy) {
			t.Errorf("after a minute: %v", err)
		}
		for range maxPerOwner {
			go func() {
				if err := q.acquire(For(t.Context(), "a")); err == nil {
					q.release()
				}
			}()
		}
		synctest.Wait()
		if err := q.acquire(For(t.Context(), "a")); !errors.Is(err, ErrBusy) {
			t.Errorf("beyond the limit: %v", err)
		}
		q.release()
		synctest.Wait()
		if q.free != 1 || q.length() != 0 || len(q.turns) != 0 || len(q.waiting) != 0 {
			t.Errorf("left over: %+v", q)
		}
	})
}
