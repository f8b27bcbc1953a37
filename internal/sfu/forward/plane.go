package forward

import (
	"sync"
	"sync/atomic"
	"time"

	"nghisu/internal/sfu/udp"
)

// Plane holds the shards of a node.
type Plane struct {
	shards []*shard
	next   atomic.Uint32
	stop   chan struct{}
	wait   sync.WaitGroup
	stats  counters
	gaps   chan struct{} // one token: packets are missing

	mu        sync.Mutex // below
	streams   map[*Stream]struct{}
	receivers map[*Receiver]struct{}
}

// New starts n shards, one for each processor.
func New(n int) *Plane {
	p := &Plane{stop: make(chan struct{}), gaps: make(chan struct{}, 1), streams: map[*Stream]struct{}{}, receivers: map[*Receiver]struct{}{}}
	for i := range max(1, n) {
		s := &shard{plane: p, index: i, batch: udp.NewBatch(), wake: make(chan struct{}, 1)}
		p.shards = append(p.shards, s)
		p.wait.Go(s.run)
	}
	p.wait.Go(p.report)
	p.wait.Go(p.chase)
	return p
}

func (p *Plane) add(s *Stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.streams[s] = struct{}{}
}

func (p *Plane) remove(s *Stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.streams, s)
}

// Times of the plane's own work.
const (
	chaseEvery  = 20 * time.Millisecond
	reportEvery = time.Second
	reportParts = 10 // receivers take turns
)

// report has every receiver told about its streams, each once in reportEvery.
func (p *Plane) report() {
	t := time.NewTicker(reportEvery / reportParts)
	defer t.Stop()
	var due []*Receiver
	for part := uint32(0); ; part = (part + 1) % reportParts {
		select {
		case <-p.stop:
			return
		case now := <-t.C:
			p.mu.Lock()
			for r := range p.receivers {
				if r.number%reportParts == part {
					due = append(due, r)
				}
			}
			p.mu.Unlock()
			for _, r := range due {
				r.shard.put(job{do: func() { r.report(now) }}, true)
			}
			clear(due)
			due = due[:0]
		}
	}
}

// chase asks publishers for what is missing, as long as something is.
func (p *Plane) chase() {
	var t <-chan time.Time
	var all []*Stream
	for {
		select {
		case <-p.stop:
			return
		case <-p.gaps:
			if t == nil {
				t = time.After(chaseEvery / 2)
			}
			continue
		case <-t:
		}
		p.mu.Lock()
		for s := range p.streams {
			all = append(all, s)
		}
		p.mu.Unlock()
		t = nil
		for _, s := range all {
			if s.chase(time.Now()) {
				t = time.After(chaseEvery)
			}
		}
		clear(all)
		all = all[:0]
	}
}

// Stats are counters since the start.
type Stats struct{ Received, Forwarded, Bytes, Resent, Lost int64 }

type counters struct{ received, forwarded, bytes, resent, refused atomic.Int64 }

// Close ends the shards. Nothing may be forwarded any more.
func (p *Plane) Close() {
	close(p.stop)
	p.wait.Wait()
}

// Stats reads the counters.
func (p *Plane) Stats() Stats {
	return Stats{Received: p.stats.received.Load(), Forwarded: p.stats.forwarded.Load(), Bytes: p.stats.bytes.Load(),
		Resent: p.stats.resent.Load(), Lost: p.stats.refused.Load()}
}

// job is work of a shard: packets of a stream for its sinks there, or anything else.
type job struct {
	stream  *Stream
	packets []*Packet
	do      func()
}

// shard is a part of the receivers.
type shard struct {
	plane *Plane
	index int
	wake  chan struct{}

	queueMu sync.Mutex
	queue   []job
	spare   []job

	mu        sync.Mutex // everything of its receivers, and below
	batch     *udp.Batch
	now       time.Time // when the work at hand began
	later     []leaving // sinks to be taken from a stream's list when nobody walks it
	forwarded int64
	bytes     int64
}

// leaving is a sink that went over to another stream while packets of that one were forwarded.
type leaving struct {
	stream *Stream
	sink   *Sink
}

// inline is up to how many sinks the bringer of packets does the work itself: below, waking another
// goroutine costs more than the work.
const inline = 24

// put queues work and sees to it that it is done; small work at once, if nobody else is at the shard.
func (s *shard) put(j job, small bool) {
	s.queueMu.Lock()
	s.queue = append(s.queue, j)
	s.queueMu.Unlock()
	if small && s.mu.TryLock() {
		s.drain()
		s.mu.Unlock()
		// whoever queued while we held the lock relied on us, or will be heard by run
		s.queueMu.Lock()
		left := len(s.queue) > 0
		s.queueMu.Unlock()
		if !left {
			return
		}
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *shard) run() {
	for {
		select {
		case <-s.plane.stop:
			return
		case <-s.wake:
			s.mu.Lock()
			s.drain()
			s.mu.Unlock()
		}
	}
}

// drain does all queued work in its order. It needs s.mu.
func (s *shard) drain() {
	for {
		s.queueMu.Lock()
		work := s.queue
		s.queue, s.spare = s.spare[:0], nil
		s.queueMu.Unlock()
		if len(work) == 0 {
			s.spare = work
			break
		}
		s.now = time.Now()
		for i := range work {
			if j := &work[i]; j.do != nil {
				j.do()
			} else {
				for _, k := range j.stream.sinks[s.index] {
					k.write(j.stream, j.packets)
				}
				for _, l := range s.later {
					l.stream.leave(s.index, l.sink)
				}
				s.later = s.later[:0]
			}
			work[i] = job{}
		}
		s.queueMu.Lock()
		s.spare = work[:0]
		s.queueMu.Unlock()
	}
	s.batch.Flush()
	if s.forwarded > 0 {
		s.plane.stats.forwarded.Add(s.forwarded)
		s.plane.stats.bytes.Add(s.bytes)
		s.forwarded, s.bytes = 0, 0
	}
}

// do has work of any other kind done in the shard.
func (s *shard) do(f func()) { s.put(job{do: f}, true) }
