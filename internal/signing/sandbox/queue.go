package sandbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"nghisu/internal/errs"
)

// ErrBusy means that too many questions wait already, or that the turn did not come in time.
var ErrBusy = errs.New(errs.Unavailable, "verdict.busy")

// Limits of a queue.
const (
	maxWaiting  = 512 // in all
	maxPerOwner = 256 // so that one person's batch cannot fill it
	waitAtMost  = time.Minute
)

type ownerKey struct{}

// For marks the context with whom a question is asked for. Places are given to owners in turn, so that a
// long batch of one person does not keep others waiting. Without an owner it is background work.
func For(ctx context.Context, owner string) context.Context {
	return context.WithValue(ctx, ownerKey{}, owner)
}

func ownerOf(ctx context.Context) string {
	owner, _ := ctx.Value(ownerKey{}).(string)
	return owner
}

// queue gives out a number of places, to owners in turn.
type queue struct {
	mu      sync.Mutex // guards what follows
	free    int
	total   int
	waiting map[string][]chan struct{}
	turns   []string // owners that wait, the next one first
}

func newQueue(places int) *queue { return &queue{free: places, waiting: map[string][]chan struct{}{}} }

// acquire waits for a place.
func (q *queue) acquire(ctx context.Context) error {
	owner := ownerOf(ctx)
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	if q.total >= maxWaiting || len(q.waiting[owner]) >= maxPerOwner {
		q.mu.Unlock()
		return ErrBusy
	}
	turn := make(chan struct{})
	if len(q.waiting[owner]) == 0 {
		q.turns = append(q.turns, owner)
	}
	q.waiting[owner] = append(q.waiting[owner], turn)
	q.total++
	q.mu.Unlock()

	timer := time.NewTimer(waitAtMost)
	defer timer.Stop()
	var err error
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = ErrBusy
	}
	if !q.leave(owner, turn) { // the place came at the same moment
		q.release()
	}
	return err
}

// leave takes a waiting turn back; false when it was given already.
func (q *queue) leave(owner string, turn chan struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting[owner], turn)
	if i < 0 {
		return false
	}
	q.waiting[owner] = slices.Delete(q.waiting[owner], i, i+1)
	q.total--
	if len(q.waiting[owner]) == 0 {
		delete(q.waiting, owner)
		q.turns = slices.DeleteFunc(q.turns, func(o string) bool { return o == owner })
	}
	return true
}

// release gives a place to the next owner's first question.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.turns) == 0 {
		q.free++
		return
	}
	owner := q.turns[0]
	q.turns = q.turns[1:]
	turn := q.waiting[owner][0]
	if q.waiting[owner] = q.waiting[owner][1:]; len(q.waiting[owner]) == 0 {
		delete(q.waiting, owner)
	} else {
		q.turns = append(q.turns, owner)
	}
	q.total--
	close(turn)
}

// length is how many wait.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.total
}
