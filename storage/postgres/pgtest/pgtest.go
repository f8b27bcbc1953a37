// Package pgtest gives each test its own migrated PostgreSQL database, cloned from a template in tens
// of milliseconds. It starts one server per test process from a prepared cluster that is kept in the
// user's cache folder, named by everything that shaped it; the server ends, and its files go, when
// the process ends in whatever way. PGTEST_DSN names a server to use instead (a login that may create
// databases and roles). Without any PostgreSQL a test fails; it is never skipped.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nghisu/migrations"
	"nghisu/storage/postgres"
)

// New returns a pool, under the application's role, on a fresh database of the newest schema. It is
// closed and the database dropped when the test ends.
func New(t testing.TB) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), URL(t))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// URL makes a fresh database of the newest schema and returns its owner's address, for tests that
// start the whole server or need more rights than the application has. Dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	return clone(t, true)
}

// Empty makes a database without any table and returns its owner's address.
func Empty(t testing.TB) string {
	t.Helper()
	return clone(t, false)
}

// Owner connects to the database of db with the rights of its owner, who may do what the application
// may not: change the audit record, say.
func Owner(t testing.TB, db *postgres.DB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), db.Config().ConnString())
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// server is what a test process knows about its database server.
type server struct {
	admin    string // address of a database to give commands from
	template string // name of the migrated database to clone
}

var shared = sync.OnceValues(open)

func open() (server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	template, err := templateName()
	if err != nil {
		return server{}, err
	}
	admin := os.Getenv("PGTEST_DSN")
	if admin == "" {
		if admin, err = startServer(ctx, template); err != nil {
			return server{}, err
		}
	}
	return server{admin, template}, ensureTemplate(ctx, admin, template)
}

func templateName() (string, error) {
	hash, err := migrations.Fingerprint()
	if err != nil {
		return "", err
	}
	return "nghisu_template_" + hash[:16], nil
}

// ensureTemplate makes the template unless it exists. It is built under another name and renamed, so
// that one that broke off is never used; an advisory lock makes processes take turns.
func ensureTemplate(ctx context.Context, admin, template string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtext('nghisu pgtest'))`); err != nil {
		return err
	}
	var exists bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, template).Scan(&exists)
	if err != nil || exists {
		return err
	}
	raw := template + "_raw"
	if _, err := conn.Exec(ctx, "drop database if exists "+raw+" with (force)"); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "create database "+raw+" template template0"); err != nil {
		return err
	}
	address, err := withDatabase(admin, raw)
	if err != nil {
		return err
	}
	if err := migrations.Run(ctx, address, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "alter database "+raw+" rename to "+template)
	return err
}

func clone(t testing.TB, migrated bool) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("pgtest: no test database: %v", err)
	}
	template := "template0"
	if migrated {
		template = s.template
	}
	name := "nghisu_test_" + strings.ToLower(rand.Text()[:16])
	if err := command(t.Context(), s.admin, fmt.Sprintf("create database %s template %s strategy file_copy", name, template)); err != nil {
		t.Fatalf("pgtest: make database: %v", err)
	}
	t.Cleanup(func() {
		if err := command(context.Background(), s.admin, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("pgtest: drop database: %v", err)
		}
	})
	address, err := withDatabase(s.admin, name)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return address
}

func command(ctx context.Context, admin, sql string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// withDatabase is address with another database name.
func withDatabase(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return "", fmt.Errorf("PGTEST_DSN must be an address like postgres://user@host/database")
	}
	u.Path = "/" + name
	return u.String(), nil
}
