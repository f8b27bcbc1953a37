package httpapi

import (
	"sync"
	"time"
)

// limiter lets each key do something so often: burst at once, then once every interval. It is kept in
// memory, for each node by itself.
type limiter struct {
	burst float64
	every time.Duration

	mu   sync.Mutex
	keys map[string]allowance
}

type allowance struct {
	left float64
	at   time.Time
}

// maxLimited bounds the memory; keys that have their whole allowance are forgotten first.
const maxLimited = 20_000

func newLimiter(burst int, every time.Duration) *limiter {
	return &limiter{burst: float64(burst), every: every, keys: map[string]allowance{}}
}

// allow takes one from what the key may do at now.
func (l *limiter) allow(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.now(key, now)
	if a.left < 1 {
		return false
	}
	if len(l.keys) >= maxLimited {
		l.forget(now)
	}
	l.keys[key] = allowance{a.left - 1, now}
	return true
}

// spent reports whether the key may do nothing at now, and takes nothing.
func (l *limiter) spent(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now(key, now).left < 1
}

func (l *limiter) now(key string, now time.Time) allowance {
	a, known := l.keys[key]
	if !known {
		return allowance{l.burst, now}
	}
	return allowance{min(l.burst, a.left+float64(now.Sub(a.at))/float64(l.every)), now}
}

func (l *limiter) forget(now time.Time) {
	for key := range l.keys {
		if l.now(key, now).left >= l.burst {
			delete(l.keys, key)
		}
	}
	for key := range l.keys { // somebody with very many addresses: any will do
		if len(l.keys) < maxLimited*3/4 {
			return
		}
		delete(l.keys, key)
	}
}
