package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// crashRounds is how often the test kills.
const crashRounds = 20

// crashClients is how many clerks work at the same time.
const crashClients = 3

// TestCrash kills the server, the server with its database, or the database alone, at random moments
// while clerks upload, sign, seal, send and accept over HTTP and a meeting debates. After each kill nothing that was
// acknowledged may be missing, nothing half done may be visible, and the audit record must be whole.
func TestCrash(t *testing.T) {
	m := &machine{t: t, binary: buildProgram(t), data: filepath.Join(t.TempDir(), "data")}
	city := m.found()
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	t.Cleanup(func() {
		stop()
		clients.Wait()
		m.end()
	})
	book := &ledger{}
	// one document in peace: from then on what reads pages is compiled, and does not begin anew with every crash
	if err := city.carry(ctx, book, 9); err != nil {
		t.Fatal(err)
	}
	for n := range crashClients {
		clients.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := city.carry(ctx, book, 10+n+crashClients*i); err != nil && ctx.Err() == nil {
					t.Errorf("clerk %d: %v", n, err)
					return
				}
			}
		})
	}
	debate := city.hold(city.secretary)
	clients.Go(func() {
		pace := time.NewTicker(200 * time.Millisecond) // people need time to think; the clerks need the machine
		defer pace.Stop()
		for ctx.Err() == nil {
			if err := debate.turns(ctx, book); err != nil && ctx.Err() == nil {
				t.Errorf("debate: %v", err)
				return
			}
			select {
			case <-pace.C:
			case <-ctx.Done():
			}
		}
	})
	seed := uint64(time.Now().UnixNano())
	t.Logf("random moments from seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	checked := 0
	for round := range crashRounds {
		select {
		case <-time.After(time.Duration(100+random.IntN(1900)) * time.Millisecond):
		case <-t.Context().Done():
			return
		}
		kill := []func(){m.killServer, m.killBoth, m.killDatabase}[round%3]
		before := book.all()
		kill()
		m.awaitHealth()
		city.check(before[checked:])
		debate.check(before)
		checked = len(before)
		m.checkNothingHalfDone()
		m.verifyAudit()
		if t.Failed() {
			t.Fatalf("stopped after round %d", round+1)
		}
	}
	stop()
	clients.Wait()
	city.check(book.all())
	debate.check(book.all())
	m.checkNothingHalfDone()
	m.verifyAudit()
	t.Logf("%d acknowledged facts survived %d crashes: %s", len(book.all()), crashRounds, book.summary())
	book.demand(t, "uploaded", "submitted", "signed", "numbered", "sealed", "released", "accepted", "asked to speak", "called to speak", "spoke")
}

// buildProgram compiles the program under test once, as make build does.
func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "nghisu")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// machine is a node on its own data, started and killed again and again.
type machine struct {
	t      *testing.T
	binary string
	data   string
	base   atomic.Value // string: address of the running server
	server *exec.Cmd
	log    sync.WaitGroup
}

func (m *machine) settings() []string { return []string{"--data", m.data, "--log-format", "json"} }

// command runs the program to its end and returns what it printed.
func (m *machine) command(args ...string) string {
	m.t.Helper()
	cmd := exec.Command(m.binary, append(args, m.settings()...)...)
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatalf("nghisu %s: %v\n%s%s", strings.Join(args, " "), err, out, errOut.String())
	}
	return string(out)
}

// start starts the server and returns when it serves.
func (m *machine) start() {
	m.t.Helper()
	m.server = exec.Command(m.binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0", "--session-sign", "1h"}, m.settings()...)...)
	out, err := m.server.StderrPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := m.server.Start(); err != nil {
		m.t.Fatal(err)
	}
	serving := make(chan string, 1)
	m.log.Go(func() {
		defer close(serving)
		m.readLog(out, serving)
	})
	address, ok := <-serving
	if !ok {
		err := m.server.Wait()
		m.server = nil
		m.t.Fatalf("the server ended at start: %v", err)
	}
	m.base.Store("http://" + address)
}

// readLog follows the log of the server: the address it serves at, and what must not be in it.
func (m *machine) readLog(out io.Reader, serving chan<- string) {
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 1<<20)
	last, seen := "", map[string]bool{}
	for scan.Scan() {
		last = scan.Text()
		var line struct {
			Msg, Address, Error string
			Status              int
		}
		if json.Unmarshal([]byte(last), &line) != nil {
			continue
		}
		if line.Msg == "serving" {
			serving <- line.Address
		}
		if (line.Status == 500 || strings.Contains(line.Msg, "panic")) && !seen[line.Error] {
			seen[line.Error] = true
			m.t.Logf("log: %s", last)
		}
	}
	if strings.HasPrefix(last, "nghisu:") {
		m.t.Logf("log: %s", last)
	}
}

// reap waits for a server that was killed.
func (m *machine) reap() {
	m.log.Wait()
	_ = m.server.Wait()
	m.server = nil
}

func (m *machine) killServer() {
	_ = m.server.Process.Kill()
	m.reap()
	m.start()
}

// killBoth leaves no time for an orderly end of the database.
func (m *machine) killBoth() {
	victims := m.databaseProcesses()
	_ = m.server.Process.Kill()
	for _, pid := range victims {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	m.reap()
	m.start()
}

func (m *machine) killDatabase() {
	for _, pid := range m.databaseProcesses() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// databaseProcesses are the postmaster and its children; the children first, so that none sees its
// parent die and ends in order.
func (m *machine) databaseProcesses() []int {
	text, err := os.ReadFile(filepath.Join(m.data, "postgres/postmaster.pid"))
	if err != nil {
		m.t.Logf("no database runs at the moment of the kill: %v", err)
		return nil
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	if err != nil {
		return nil
	}
	var pids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue
		}
		// "pid (name) state ppid ..."
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == first {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return append(pids, postmaster)
}

// end stops the server in order, if it runs.
func (m *machine) end() {
	if m.server == nil {
		return
	}
	begin := time.Now()
	_ = m.server.Process.Signal(syscall.SIGINT)
	m.log.Wait()
	if err := m.server.Wait(); err != nil {
		m.t.Errorf("end of the server: %v", err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		m.t.Errorf("the server took %s to end", took)
	}
}

// verifyAudit runs the operator's command beside the server.
func (m *machine) verifyAudit() {
	m.t.Helper()
	if out := m.command("verify", "audit", "--log-level", "error"); !strings.Contains(out, "the audit record is whole") {
		m.t.Errorf("verify audit: %s", out)
	}
}

// awaitHealth returns when the server answers and reaches its database.
func (m *machine) awaitHealth() {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 60*time.Second)
	defer cancel()
	nobody := &clerk{machine: m, name: "nobody"}
	if err := nobody.call(ctx, request{method: "GET", path: "/health"}, nil); err != nil {
		m.t.Fatalf("the server does not come back: %v", err)
	}
}

// ledger holds what the server acknowledged.
type ledger struct {
	mu    sync.Mutex // guards facts
	facts []fact
}

// fact is one acknowledged result: kind of thing, whose, which, and what was said of it.
type fact struct {
	kind  string // uploaded, created, submitted, signed, numbered, sealed, released, accepted
	owner *clerk
	id    string
	value string // hash of the upload, number of arrival
}

func (l *ledger) add(f fact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.facts = append(l.facts, f)
}

func (l *ledger) all() []fact {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.facts[:len(l.facts):len(l.facts)]
}

func (l *ledger) counts() map[string]int {
	n := map[string]int{}
	for _, f := range l.all() {
		n[f.kind]++
	}
	return n
}

func (l *ledger) summary() string { return fmt.Sprint(l.counts()) }

// demand fails a run that proved nothing about a kind of fact.
func (l *ledger) demand(t *testing.T, kinds ...string) {
	t.Helper()
	for _, k := range kinds {
		if l.counts()[k] == 0 {
			t.Errorf("no document was %s during the whole run", k)
		}
	}
}
