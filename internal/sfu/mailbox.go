package sfu

import "sync"

// mailbox is an unbounded queue of work for one loop: putting never blocks, so no caller waits for
// another participant. Only control messages go through it, never media.
type mailbox struct {
	mu    sync.Mutex
	queue []func()
	shut  bool
	wake  chan struct{} // one token when there is something to take
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// put queues work; false when the loop has ended, and the work will not be done.
func (m *mailbox) put(f func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shut {
		return false
	}
	m.queue = append(m.queue, f)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return true
}

// take empties the queue.
func (m *mailbox) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queue
	m.queue = nil
	return q
}

// close refuses further work.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shut, m.queue = true, nil
}
