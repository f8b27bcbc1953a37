package migrations_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"nghisu/migrations"
	"nghisu/storage/postgres/pgtest"
)

var update = flag.Bool("update", false, "write schema.sql anew")

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestSchema(t *testing.T) {
	t.Parallel()
	got, err := dump(t.Context(), connect(t, pgtest.URL(t)))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.sql", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("schema.sql is not what the steps make; run make gen (-file +database):\n%s", diff)
	}
}

func TestRun_ManyAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var g errgroup.Group
	for range 4 {
		g.Go(func() error { return migrations.Run(t.Context(), url, quiet()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := dump(t.Context(), connect(t, url))
	if err != nil {
		t.Fatal(err)
	}
	want, err := dump(t.Context(), connect(t, pgtest.URL(t)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("four at once make another schema than one (-one +four):\n%s", diff)
	}
}

func TestRun_NewerDatabase(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	if _, err := connect(t, url).Exec(t.Context(), `insert into goose_db_version (version_id, is_applied) values (99999, true)`); err != nil {
		t.Fatal(err)
	}
	err := migrations.Run(t.Context(), url, quiet())
	if err == nil || !strings.Contains(err.Error(), "start a newer nghisu") {
		t.Errorf("a database newer than the program: %v", err)
	}
}

// TestRun_Rights proves what the application's role may and may not do.
func TestRun_Rights(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const event = `insert into audit_events (id, at, kind, address, request_id, details)
		values ('0198c5a0-0000-7000-8000-000000000001', now(), 'auth.signed_in', '', '', '{}')`
	const link = `insert into audit_links (seq, event_id, hash)
		values (1, '0198c5a0-0000-7000-8000-000000000001', sha256('x'))`
	for _, sql := range []string{event, link, `select * from audit_events`, `select * from river_job`,
		`insert into river_queue (name, created_at, updated_at) values ('x', now(), now())`, `delete from river_queue`, `select * from river_migration`} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		`update audit_events set kind = 'x'`, `delete from audit_events`, `truncate audit_events cascade`,
		`update audit_links set hash = sha256('y')`, `delete from audit_links`, `truncate audit_links`,
		`alter table audit_events disable trigger all`, `drop table audit_events cascade`,
		`delete from goose_db_version`, `delete from river_migration`, `create table x ()`,
	} {
		_, err := db.Exec(t.Context(), sql)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("%s: want permission denied, got %v", sql, err)
		}
	}
	var newer bool
	if err := db.QueryRow(t.Context(), `select current_setting('server_version_num')::int >= 170000`).Scan(&newer); err != nil {
		t.Fatal(err)
	}
	if newer { // River does so every night
		if _, err := db.Exec(t.Context(), `reindex index concurrently river_job_args_index`); err != nil {
			t.Errorf("River cannot rebuild its index: %v", err)
		}
	}
}
