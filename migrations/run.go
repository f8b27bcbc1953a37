package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// lockID is the advisory lock that makes nodes starting at the same time take turns ("nghisu" in ASCII).
const lockID int64 = 0x6e6768697375

// oldestServer is the lowest server_version_num we run on (PostgreSQL 15).
const oldestServer = 150000

// Run brings the database at ownerURL to the schema this program was built with: our own steps, then
// those of River, then the rights of nghisu_app. Whoever ownerURL names becomes the owner of the
// tables and must be allowed to create roles. Several callers at once wait for each other; a call
// that finds nothing to do takes a few milliseconds. A database that is newer than the program, or a
// server that is too old, is refused with one sentence.
func Run(ctx context.Context, ownerURL string, log *slog.Logger) error {
	cfg, err := pgxpool.ParseConfig(ownerURL)
	if err != nil {
		return fmt.Errorf("read database address: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "nghisu migrate"
	cfg.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	defer conn.Release()
	if err := checkServer(ctx, conn.Conn()); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", lockID); err != nil {
		return fmt.Errorf("wait for other migrations: %w", err)
	}
	// The lock belongs to the connection: should the unlock fail, closing the pool frees it.
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", lockID)
	}()
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	if err := runOurs(ctx, db, log); err != nil {
		return err
	}
	if err := runRiver(ctx, pool, log); err != nil {
		return err
	}
	return grant(ctx, conn.Conn())
}

func checkServer(ctx context.Context, conn *pgx.Conn) error {
	var number int
	var version string
	err := conn.QueryRow(ctx, `select current_setting('server_version_num')::int, current_setting('server_version')`).
		Scan(&number, &version)
	if err != nil {
		return fmt.Errorf("ask for the version of the database: %w", err)
	}
	if number < oldestServer {
		return fmt.Errorf("the database server is PostgreSQL %s, but version 15 or newer is needed", version)
	}
	return nil
}

func runOurs(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, Files,
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(quiet(log)))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read version of the database: %w", err)
	}
	if current > newest {
		return fmt.Errorf("the database is at schema version %d, but this program knows only %d: start a newer nghisu",
			current, newest)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	if len(results) > 0 {
		log.InfoContext(ctx, "database migrated", "from", current, "to", newest)
	}
	return nil
}

func runRiver(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: quiet(log)})
	if err != nil {
		return fmt.Errorf("read migrations of the job queue: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

// rights are those of nghisu_app on every table, also on tables that another owner made before the
// default privileges of step 1 existed. The audit record stays append-only and the versions of the
// schema read-only throughout, because all is one transaction. PostgreSQL 17 and later let River
// rebuild its indexes only with MAINTAIN.
const rights = `
grant usage on schema public to nghisu_app;
grant select, insert, update, delete on all tables in schema public to nghisu_app;
grant usage, select on all sequences in schema public to nghisu_app;
revoke update, delete, truncate on audit_events, audit_links from nghisu_app;
revoke insert, update, delete, truncate on goose_db_version, river_migration from nghisu_app;
do $$ begin
  if current_setting('server_version_num')::int >= 170000 then
    grant maintain on river_job to nghisu_app;
  end if;
end $$;`

func grant(ctx context.Context, conn *pgx.Conn) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, rights)
		return err
	})
	if err != nil {
		return fmt.Errorf("grant rights to nghisu_app: %w", err)
	}
	return nil
}
