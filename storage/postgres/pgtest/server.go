package pgtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/storage/postgres"
)

// harness changes when clusters of older versions of this file must not be used any more.
const harness = 2

// Test servers may lose data: nothing survives the process.
var settings = []string{
	"listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal",
	"max_wal_senders=0", "max_connections=300", "shared_buffers=64MB", "autovacuum=off", "jit=off",
	"max_wal_size=4GB", "checkpoint_timeout=1h", "log_min_messages=warning", "timezone=UTC",
}

// supervise runs the server until standard input ends, which happens when the test process ends in
// whatever way, and removes its folder. $0 is the folder, the rest the command.
const supervise = `cd /; "$@" </dev/null >"$0/log" 2>&1 & pid=$!; read -r _; kill -QUIT $pid; wait $pid; rm -rf "$0"`

// keepOpen holds our end of the supervisors' standard input; closed by the end of the process.
var keepOpen []*os.File

// startServer starts a server for this process and returns the address of its database postgres.
func startServer(ctx context.Context, template string) (string, error) {
	account, err := postgres.ServerAccount()
	if err != nil {
		return "", err
	}
	bin, err := postgres.FindBinaries(0)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "nghisu-pg-")
	if err != nil {
		return "", err
	}
	s := builder{account: account, bin: bin, dir: dir, template: template}
	if err := s.fill(ctx); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("prepare test database server: %w", err)
	}
	return s.start(ctx)
}

type builder struct {
	account  *postgres.Account
	bin      postgres.Binaries
	dir      string // of this process; holds data, socket and log
	template string
}

func (s *builder) data() string { return filepath.Join(s.dir, "data") }

func (s *builder) socket(database string) string {
	return "postgres://nghisu@/" + database + "?host=" + s.dir
}

// fill puts a data directory into s.dir: a copy of the prepared cluster in the cache, which the first
// process to come makes.
func (s *builder) fill(ctx context.Context) error {
	cache, err := cacheFolder()
	if err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(cache, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // frees the lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	name := fmt.Sprintf("%s\n%s\n%d\n%d", s.template, s.bin.Dir, s.bin.Major, harness)
	cluster := filepath.Join(cache, fmt.Sprintf("cluster-%x", sha256.Sum256([]byte(name)))[:24])
	if _, err := os.Stat(cluster); err != nil {
		if err := s.build(ctx, cluster); err != nil {
			return err
		}
		removeOld(cache, cluster)
	}
	now := time.Now()
	_ = os.Chtimes(cluster, now, now) // so that removeOld keeps what is in use
	if err := os.CopyFS(s.data(), os.DirFS(cluster)); err != nil {
		return err
	}
	return s.hand()
}

// hand gives the files of s.dir to the server's user, private as PostgreSQL wants it.
func (s *builder) hand() error {
	if err := os.Chmod(s.data(), 0o700); err != nil {
		return err
	}
	return s.account.Own(s.dir)
}

// build makes the prepared cluster: initdb, the template, a clean stop.
func (s *builder) build(ctx context.Context, cluster string) error {
	if err := s.account.Own(s.dir); err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, s.bin.Initdb(),
		append(s.bin.InitdbArgs(s.data()), "--no-sync", "--wal-segsize=4")...)
	initdb.SysProcAttr = s.account.Attr()
	initdb.Dir = "/"
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	args := append([]string{"-D", s.data()}, s.options()...)
	run := exec.Command(s.bin.Postgres(), args...)
	run.SysProcAttr = s.account.Attr()
	run.Dir = "/"
	if err := run.Start(); err != nil {
		return err
	}
	err := s.wait(ctx)
	if err == nil {
		err = ensureTemplate(ctx, s.socket("postgres"), s.template)
	}
	_ = run.Process.Signal(syscall.SIGINT) // fast shutdown
	if stop := run.Wait(); err == nil && stop != nil {
		err = stop
	}
	if err != nil {
		return err
	}
	unfinished := cluster + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := os.CopyFS(unfinished, os.DirFS(s.data())); err != nil {
		return err
	}
	if err := os.RemoveAll(s.data()); err != nil {
		return err
	}
	return os.Rename(unfinished, cluster)
}

func (s *builder) options() []string {
	args := []string{"-c", "unix_socket_directories=" + s.dir}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// start runs the server under its supervisor.
func (s *builder) start(ctx context.Context) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	args := append([]string{"-c", supervise, s.dir, s.bin.Postgres(), "-D", s.data()}, s.options()...)
	cmd := exec.Command("/bin/sh", args...)
	cmd.SysProcAttr = s.account.Attr()
	cmd.Dir = "/"
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		return "", err
	}
	_ = r.Close()
	keepOpen = append(keepOpen, w)
	if err := s.wait(ctx); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		_ = w.Close()
		_ = cmd.Wait()
		return "", fmt.Errorf("start test database server: %w: %s", err, log)
	}
	return s.socket("postgres"), nil
}

// wait returns when the server answers.
func (s *builder) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.socket("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

func cacheFolder() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("nghisu-cache-%d", os.Getuid()))
	}
	dir = filepath.Join(dir, "nghisu", "pgtest")
	return dir, os.MkdirAll(dir, 0o700)
}

// removeOld deletes prepared clusters that nobody used for a week.
func removeOld(cache, keep string) {
	clusters, _ := filepath.Glob(filepath.Join(cache, "cluster-*"))
	for _, c := range clusters {
		info, err := os.Stat(c)
		if err == nil && c != keep && time.Since(info.ModTime()) > 7*24*time.Hour {
			_ = os.RemoveAll(c)
		}
	}
}
