// Package live tells open pages that something changed. It carries hints only ("delivery X changed"),
// never content: a page that gets one reads again through the API, with its own rights. Whoever
// misses a hint catches up by reading.
package live

import (
	"sync"

	"github.com/google/uuid"
)

// Topic names what a page can watch: "kind:uuid", for example "delivery:0198…".
type Topic string

// Topics of the features. A list page watches its agency, a detail page its object, every page its person.
func Agency(u uuid.UUID) Topic   { return Topic("agency:" + u.String()) }   // incoming and outgoing lists
func Person(u uuid.UUID) Topic   { return Topic("person:" + u.String()) }   // my work, invitations, sessions
func Document(u uuid.UUID) Topic { return Topic("document:" + u.String()) } // an outgoing document and its deliveries
func Delivery(u uuid.UUID) Topic { return Topic("delivery:" + u.String()) } // one incoming document
func Meeting(u uuid.UUID) Topic  { return Topic("meeting:" + u.String()) }  // agenda, papers, invitations, state
func Floor(u uuid.UUID) Topic    { return Topic("floor:" + u.String()) }    // the speakers of a meeting, by the id of the meeting
func Room(u uuid.UUID) Topic     { return Topic("room:" + u.String()) }     // who is in the room of a meeting, by the id of the meeting

// AfterCommitter is a transaction that can run something after its commit.
type AfterCommitter interface{ AfterCommit(f func()) }

// Feed collects hints of committed changes; Run (feed_run.go) sends them to all nodes.
type Feed struct {
	mu      sync.Mutex
	pending map[Topic]struct{}
	wake    chan struct{}
}

// NewFeed makes a feed. Hints touched before Run starts are kept until it does.
func NewFeed() *Feed {
	return &Feed{pending: map[Topic]struct{}{}, wake: make(chan struct{}, 1)}
}

// Touch says that the topics change with this transaction. The hint leaves after the commit,
// together with others of the same moment, because a NOTIFY inside a transaction makes commits queue.
func (f *Feed) Touch(tx AfterCommitter, topics ...Topic) {
	tx.AfterCommit(func() { f.TouchNow(topics...) })
}

// TouchNow says that the topics changed already.
func (f *Feed) TouchNow(topics ...Topic) {
	f.mu.Lock()
	for _, t := range topics {
		f.pending[t] = struct{}{}
	}
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
