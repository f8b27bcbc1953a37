package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Command is the hidden subcommand of our binary that runs Main.
const Command = "sandbox"

// Limits of a child.
const (
	maxMemory = shadow * 512 << 20 // bytes of data, by RLIMIT_DATA
	maxHeap   = 384 << 20          // where the collector works harder
	maxStack  = 64 << 20
	maxNoise  = 4 << 10 // of standard error kept
	maxCPU    = 10 * time.Second
	maxClock  = 20 * time.Second
)

// When a child has done enough, even if nothing is wrong with it.
const (
	maxAnswers = 500
	maxIdle    = time.Minute
)

// lane is a kind of children with a queue of its own: pictures, which take long, do not hold up verdicts.
type lane string

const (
	files lane = "files" // structure and signatures: our own reader
	pages lane = "pages" // text and pictures: the page engine
	warm  lane = "warm"  // compiles the page engine into the cache and ends
)

// grown is how much memory a child of a lane may keep between two questions.
var grown = map[lane]int64{files: shadow * 160 << 20, pages: shadow * 300 << 20}

// Options of a pool. Zero values are sensible: as many children of each lane as there are processors.
type Options struct {
	Files, Pages int                   // children at once
	Cache        string                // folder of the compiled page engine; that of the user when empty
	Args         []string              // put after the name of the binary; Command when empty
	Answers      int                   // questions that one child answers before it is replaced
	CPU, Clock   time.Duration         // for one question
	Metrics      prometheus.Registerer // may be nil
}

// Pool answers questions in children of this binary. They are started when needed, reused, and replaced when they
// die, when they answered often enough or kept too much memory.
type Pool struct {
	Options
	path    string
	lanes   map[lane]*laneState
	meters  meters
	starts  chan func() // run by one thread that lives as long as the pool
	done    chan struct{}
	closing sync.Once
	warming sync.Mutex // guards warmed
	warmed  bool
}

// laneState is what one kind of children shares.
type laneState struct {
	queue *queue
	mu    sync.Mutex // guards idle and closed
	idle  []idle     // the one that was busy last is the last
	shut  bool
}

type idle struct {
	*child
	since time.Time
}

// NewPool makes a pool. Close ends it.
func NewPool(o Options) (*Pool, error) {
	path := "/proc/self/exe" // survives a replaced binary
	if _, err := os.Stat(path); err != nil {
		if path, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find own binary: %w", err)
		}
	}
	if o.Files <= 0 {
		o.Files = runtime.GOMAXPROCS(0)
	}
	if o.Pages <= 0 {
		o.Pages = runtime.GOMAXPROCS(0)
	}
	if o.Cache == "" {
		o.Cache = ownCache()
	}
	if o.Answers <= 0 {
		o.Answers = maxAnswers
	}
	if o.CPU <= 0 {
		o.CPU = maxCPU
	}
	if o.Clock <= 0 {
		o.Clock = maxClock
	}
	if len(o.Args) == 0 {
		o.Args = []string{Command}
	}
	p := &Pool{Options: o, path: path, starts: make(chan func()), done: make(chan struct{}),
		lanes: map[lane]*laneState{files: {queue: newQueue(o.Files)}, pages: {queue: newQueue(o.Pages)}}}
	p.meters = newMeters(o.Metrics, p)
	go p.starter()
	return p, nil
}

// starter starts all children on one thread: the kernel ends them when that thread ends, and so with the
// process. It also ends those that nobody needed for a while.
func (p *Pool) starter() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tick := time.NewTicker(maxIdle / 2)
	defer tick.Stop()
	for {
		select {
		case start := <-p.starts:
			start()
		case now := <-tick.C:
			for _, l := range p.lanes {
				l.drop(func(c idle) bool { return now.Sub(c.since) > maxIdle })
			}
		case <-p.done:
			return
		}
	}
}

// Close ends all children. Questions that are being answered fail with ErrBusy or ErrDied.
func (p *Pool) Close() {
	p.closing.Do(func() {
		for _, l := range p.lanes {
			l.mu.Lock()
			l.shut = true
			l.mu.Unlock()
			l.drop(func(idle) bool { return true })
		}
		close(p.done)
	})
}

// Run implements Runner. It waits for a place, then for the answer. A child that dies over its first question
// dies of the file; one that answered others before may have died of those, so a fresh one is asked once more.
func (p *Pool) Run(ctx context.Context, file *os.File, req Request) (Response, error) {
	name := req.lane()
	l, began := p.lanes[name], time.Now()
	resp, err := p.run(ctx, l, name, file, req)
	p.meters.observe(name, began, err)
	return resp, err
}

func (p *Pool) run(ctx context.Context, l *laneState, name lane, file *os.File, req Request) (Response, error) {
	question, err := json.Marshal(req)
	if err != nil {
		return Response{}, fmt.Errorf("encode request: %w", err)
	}
	if len(question) > maxRequest {
		return Response{}, fmt.Errorf("question of %d bytes is too long", len(question))
	}
	readable, err := readOnly(file)
	if err != nil {
		return Response{}, fmt.Errorf("open file for reading: %w", err)
	}
	defer readable.Close()
	if err := l.queue.acquire(ctx); err != nil {
		return Response{}, err
	}
	defer l.queue.release()
	for {
		c, err := p.child(l, name)
		if err != nil {
			return Response{}, err
		}
		fresh := c.answered == 0
		resp, err := c.ask(ctx, readable, question, p.CPU, p.Clock)
		if errors.Is(err, ErrDied) && !errors.Is(err, errCPU) && !fresh {
			continue
		}
		if err != nil {
			return Response{}, err
		}
		p.keep(l, name, c)
		return resp, nil
	}
}

// child is the one that was idle for the shortest time, or a new one.
func (p *Pool) child(l *laneState, name lane) (*child, error) {
	l.mu.Lock()
	if l.shut {
		l.mu.Unlock()
		return nil, ErrBusy
	}
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1].child
		l.idle = l.idle[:n-1]
		l.mu.Unlock()
		return c, nil
	}
	l.mu.Unlock()
	if name == pages {
		if err := p.Warm(context.Background()); err != nil {
			return nil, err
		}
	}
	return p.start(name)
}

// Warm has the page engine compiled into the cache, by a child of its own, unless it lies there. The first question about
// pages does so too, and waits for it.
func (p *Pool) Warm(ctx context.Context) error {
	p.warming.Lock()
	defer p.warming.Unlock()
	if p.warmed || p.Cache == "" { // without a folder each child compiles for itself
		return nil
	}
	c, err := p.start(warm)
	if err != nil {
		return err
	}
	defer c.kill()
	select {
	case <-c.ended:
	case <-time.After(time.Minute):
		return fmt.Errorf("compile page engine: %w", ErrTimeout)
	case <-ctx.Done():
		return ctx.Err()
	case <-p.done:
		return ErrBusy
	}
	if c.failure != nil {
		return fmt.Errorf("compile page engine: %w: %.300s", c.failure, c.noise)
	}
	p.warmed = true
	return nil
}

// start starts a child on the thread of the pool.
func (p *Pool) start(name lane) (*child, error) {
	var c *child
	var err error
	started := make(chan struct{})
	start := func() {
		c, err = startChild(p.path, p.Args, hello{Lane: name, Cache: p.Cache})
		close(started)
	}
	select {
	case p.starts <- start:
		<-started
	case <-p.done:
		return nil, ErrBusy
	}
	if err == nil {
		p.meters.started.WithLabelValues(string(name)).Inc()
	}
	return c, err
}

// keep holds a child ready for the next question, or ends it when it did enough.
func (p *Pool) keep(l *laneState, name lane, c *child) {
	if c.answered >= p.Answers || dataOf(c.cmd.Process.Pid) > grown[name] {
		c.kill()
		return
	}
	l.mu.Lock()
	shut := l.shut
	if !shut {
		l.idle = append(l.idle, idle{c, time.Now()})
	}
	l.mu.Unlock()
	if shut {
		c.kill()
	}
}

// drop ends the idle children that which says.
func (l *laneState) drop(which func(idle) bool) {
	l.mu.Lock()
	var stay, leave []idle
	for _, c := range l.idle {
		if which(c) {
			leave = append(leave, c)
		} else {
			stay = append(stay, c)
		}
	}
	l.idle = stay
	l.mu.Unlock()
	for _, c := range leave {
		c.kill()
	}
}
