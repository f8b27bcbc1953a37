package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopLeftover ends a server that still runs on data although we hold the lock: the child of a nghisu
// that was killed. It may be shutting down already. Then the way is free for ours.
func (e *Embedded) stopLeftover(ctx context.Context) error {
	data := e.data
	pidFile := filepath.Join(data, "postmaster.pid")
	pid, err := readPID(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", pidFile, err)
	}
	for _, step := range []struct {
		signal   syscall.Signal
		patience time.Duration
	}{{syscall.SIGINT, 8 * time.Second}, {syscall.SIGQUIT, 3 * time.Second}, {syscall.SIGKILL, 3 * time.Second}} {
		if !servesData(pid, data) {
			break
		}
		if err := syscall.Kill(pid, step.signal); errors.Is(err, os.ErrPermission) {
			return fmt.Errorf("another PostgreSQL (process %d) runs on %s: stop it first", pid, data)
		}
		waitGone(ctx, pid, data, step.patience)
	}
	if servesData(pid, data) {
		return fmt.Errorf("another PostgreSQL (process %d) runs on %s and does not end: stop it first", pid, data)
	}
	killStrays(data)
	return e.disarm(pidFile, pid)
}

// disarm rewrites the lock files of a server that is gone, because PostgreSQL would not start when its
// number now names another process, or a dead one that nobody waited for. The lock on the data gets
// our own number, which PostgreSQL knows as its parent's; so its check that no process is attached to
// the old shared memory still protects the data.
func (e *Embedded) disarm(pidFile string, pid int) error {
	_ = os.Remove(filepath.Join(e.data, socketName+".lock"))
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it ended in order
	}
	if err == nil && pid == 0 { // cut short by a crash: it says nothing
		err = os.Remove(pidFile)
	} else if err == nil {
		_, rest, _ := strings.Cut(string(text), "\n")
		unfinished := pidFile + ".new"
		err = errors.Join(os.WriteFile(unfinished, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600),
			e.account.Own(unfinished), os.Rename(unfinished, pidFile))
	}
	if err != nil {
		return fmt.Errorf("take over the lock of a database that is gone: %w", err)
	}
	return nil
}

// readPID reads the first line of a postmaster.pid; a file cut short by a crash counts as missing.
func readPID(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	scan := bufio.NewScanner(f)
	scan.Scan()
	pid, err := strconv.Atoi(scan.Text())
	if err != nil || pid <= 1 {
		return 0, nil
	}
	return pid, scan.Err()
}

func waitGone(ctx context.Context, pid int, data string, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for servesData(pid, data) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
