package postgres_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/migrations"
	"nghisu/storage/postgres"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func start(t *testing.T, dir string) *postgres.Embedded {
	t.Helper()
	e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedConfig{Dir: dir, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, e) })
	return e
}

func stop(t *testing.T, e *postgres.Embedded) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := e.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// ask runs one statement and returns its single value.
func ask[T any](t *testing.T, url, sql string, args ...any) T {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var v T
	if err := conn.QueryRow(ctx, sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// postmaster reads the number of the server's process on the data below dir.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres/postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// eventually waits until f holds.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

func gone(pid int) func() bool {
	return func() bool {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return err != nil || len(line) == 0
	}
}

func TestEmbedded_KeepsData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // below a private folder of root when we are root
	e := start(t, dir)
	if err := migrations.Run(t.Context(), e.URL(), quiet()); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), e.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `update installation set city_name = 'Tân Giang'`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if fsync := ask[string](t, e.URL(), `show fsync`) + ask[string](t, e.URL(), `show synchronous_commit`); fsync != "onon" {
		t.Errorf("durability is %s, want full", fsync)
	}
	if lowered := ask[string](t, e.URL(), `select lower('ĐƯỜNG')`); lowered != "đường" {
		t.Errorf("lower case of ĐƯỜNG is %q", lowered)
	}
	if _, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedConfig{Dir: dir, Log: quiet()}); err == nil ||
		!strings.Contains(err.Error(), "in use by another nghisu") {
		t.Errorf("second server on the same data: %v", err)
	}
	pid := postmaster(t, dir)
	stop(t, e)
	if !gone(pid)() {
		t.Error("the server lives after Stop")
	}
	again := start(t, dir)
	if name := ask[string](t, again.AppURL(), `select current_user::text`); name != "nghisu_server" {
		t.Errorf("the application logs in as %q", name)
	}
	if name := ask[string](t, again.URL(), `select city_name from installation`); name != "Tân Giang" {
		t.Errorf("after a restart the city is %q", name)
	}
}

func TestEmbedded_AppLoginIsWeak(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	if err := migrations.Run(t.Context(), e.URL(), quiet()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), e.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{`delete from audit_events`, `set role nghisu`, `create table x ()`, `drop table installation`} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
}

func TestEmbedded_ComesBackWhenItDiesAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := start(t, dir)
	pid := postmaster(t, dir)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server is back", func() bool {
		conn, err := pgx.Connect(context.Background(), e.URL())
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close(context.Background()) }()
		return postmaster(t, dir) != pid
	})
}

func TestEmbedded_DeepDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("sâu/", 25))
	e := start(t, dir)
	if one := ask[int](t, e.URL(), `select 1`); one != 1 {
		t.Error(one)
	}
}

// copied is the data directory of a stopped server, to be damaged.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedConfig{Dir: dir, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	stop(t, e)
	return dir
}

func TestEmbedded_RefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		damage func(t *testing.T, data string)
		want   string
	}{
		"data of another version": {func(t *testing.T, data string) { write(t, data, "PG_VERSION", "16\n") }, "was made by PostgreSQL 16"},
		"version unreadable":      {func(t *testing.T, data string) { write(t, data, "PG_VERSION", "x") }, "is damaged (PG_VERSION"},
		"version missing":         {func(t *testing.T, data string) { remove(t, data, "PG_VERSION") }, "is damaged (PG_VERSION"},
		"control file missing":    {func(t *testing.T, data string) { remove(t, data, "global/pg_control") }, "is damaged (global/pg_control"},
		"control file cut": {func(t *testing.T, data string) { write(t, data, "global/pg_control", "cut") },
			"does not start, its files may be damaged (PostgreSQL says:"},
		"log missing": {func(t *testing.T, data string) { emptyFolder(t, data, "pg_wal") }, "does not start, its files may be damaged"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copied(t)
			c.damage(t, filepath.Join(dir, "postgres"))
			e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedConfig{Dir: dir, Log: quiet()})
			if err == nil {
				stop(t, e)
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is %q, want one line with %q", err, c.want)
			}
		})
	}
}

func TestEmbedded_NoPrograms(t *testing.T) {
	t.Parallel()
	_, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedConfig{Dir: t.TempDir(), Log: quiet(), Binaries: t.TempDir()})
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is %v", err)
	}
}

func TestEmbedded_HalfMadeDataAreMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "postgres.new"), "PG_VERSION", "18\n")
	if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
}

func write(t *testing.T, data, name, text string) {
	t.Helper()
	path := filepath.Join(data, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, data, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(data, name)); err != nil {
		t.Fatal(err)
	}
}

func emptyFolder(t *testing.T, data, name string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, name, "0*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
}

// copyFile copies the program at from to a place every user reaches.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
