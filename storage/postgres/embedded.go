package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// EmbeddedConfig says where and with what the database of a single machine runs.
type EmbeddedConfig struct {
	Dir string // the node's data directory (DATA); made when missing
	Log *slog.Logger
	// Binaries is the folder of initdb and postgres. Empty means FindBinaries looks for them.
	Binaries string
}

// names inside of the embedded server
const (
	ownerLogin   = "nghisu"        // superuser, owns the tables, runs the migrations
	serverLogin  = "nghisu_server" // the application logs in as this; all it can do is become AppRole
	databaseName = "nghisu"
)

// startPatience is how long a server may take until it answers, recovery after a crash included.
const startPatience = 10 * time.Minute

// Embedded is a PostgreSQL server that runs as a child of this process: in a process group of its
// own, as an ordinary user when we are root, with full durability, reachable only by a socket in the
// file system. It ends when this process ends, in whatever way, and is started again when it dies
// alone.
type Embedded struct {
	log     *slog.Logger
	data    string // PostgreSQL's data directory
	socket  string // folder of the socket
	ownDir  bool   // socket is a folder of its own that we remove
	bin     Binaries
	account *Account
	caps    []uintptr // ambient capabilities of the child
	lock    *os.File

	output tail
	done   chan struct{} // closed when the supervisor has ended
	lost   chan struct{} // closed when the server died too often

	mu       sync.Mutex // guards what follows
	process  *os.Process
	stopping bool
}

// StartEmbedded starts the server on the data below cfg.Dir, making the data first when there are
// none, and returns when it answers. ctx limits the start only. Whatever prevents it comes back as one
// sentence for the operator: data in use, damaged, of another version or another user; no PostgreSQL.
func StartEmbedded(ctx context.Context, cfg EmbeddedConfig) (_ *Embedded, err error) {
	e := &Embedded{log: cfg.Log, done: make(chan struct{}), lost: make(chan struct{})}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	if e.lock, err = lockData(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.release()
		}
	}()
	if err := e.prepare(ctx, dir, cfg.Binaries); err != nil {
		return nil, err
	}
	started := make(chan error, 1)
	go e.supervise(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL from %s: %w", e.bin.Dir, err)
	}
	if err := e.await(ctx); err != nil {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = e.end(stopCtx)
		return nil, err
	}
	return e, nil
}

// URL is the owner's address of the database: for migrations and the operator's commands.
func (e *Embedded) URL() string { return e.address(ownerLogin, databaseName) }

// AppURL is the application's address of the database: a login that has only the rights of AppRole.
func (e *Embedded) AppURL() string { return e.address(serverLogin, databaseName) }

// Lost is closed when the server cannot be kept alive; the process should end then.
func (e *Embedded) Lost() <-chan struct{} { return e.lost }

// Stop ends the server: open transactions are rolled back, everything is written. When ctx ends first
// the server is killed, which loses nothing but makes the next start slower. Close pools before.
func (e *Embedded) Stop(ctx context.Context) error {
	err := e.end(ctx)
	e.release()
	return err
}

func (e *Embedded) address(user, database string) string {
	q := url.Values{"host": {e.socket}, "sslmode": {"disable"}}
	return "postgres://" + user + "@/" + database + "?" + q.Encode()
}

// end stops the child and waits for the supervisor: fast shutdown first, then immediate, then kill.
func (e *Embedded) end(ctx context.Context) error {
	e.mu.Lock()
	e.stopping = true
	process := e.process
	e.mu.Unlock()
	if process != nil {
		_ = process.Signal(syscall.SIGINT)
	}
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
	}
	if process != nil {
		_ = process.Signal(syscall.SIGQUIT)
	}
	select {
	case <-e.done:
	case <-time.After(2 * time.Second):
		if process != nil {
			_ = process.Kill()
		}
		<-e.done
	}
	killStrays(e.data)
	return fmt.Errorf("stop the database in order: %w", ctx.Err())
}

// release gives the data directory free for another process.
func (e *Embedded) release() {
	if e.ownDir {
		_ = os.RemoveAll(e.socket)
	}
	_ = e.lock.Close()
}

// await returns when the server answers and our database and logins exist.
func (e *Embedded) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := setUp(ctx, conn); err != nil {
		return fmt.Errorf("set up the database: %w", err)
	}
	return nil
}

// connect tries until the server lets us in.
func (e *Embedded) connect(ctx context.Context) (*pgx.Conn, error) {
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for begin, told := time.Now(), false; ; {
		conn, err := pgx.Connect(ctx, e.address(ownerLogin, "postgres"))
		if err == nil {
			return conn, nil
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code != "57P03" { // 57P03: it is starting up
			return nil, fmt.Errorf("open the database in %s: %w", e.data, err)
		}
		if !told && time.Since(begin) > 5*time.Second {
			told = true
			e.log.InfoContext(ctx, "the database is still recovering", "dir", e.data)
		}
		select {
		case <-e.lost:
			return nil, e.refusal()
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the database in %s: %w", e.data, ctx.Err())
		case <-tick.C:
		}
	}
}

// refusal is what the operator reads when the server does not start.
func (e *Embedded) refusal() error {
	return fmt.Errorf("the database in %s does not start, its files may be damaged (PostgreSQL says: %s): restore them from a backup, or move the folder away to begin anew",
		e.data, e.output.reason())
}

// setUp makes the database and the logins that are missing.
func setUp(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, databaseName).Scan(&exists)
	if err != nil {
		return err
	}
	if !exists {
		if _, err := conn.Exec(ctx, "create database "+databaseName); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, `do $$ begin
		if not exists (select from pg_roles where rolname = '`+AppRole+`') then
			create role `+AppRole+` nologin;
		end if;
		if not exists (select from pg_roles where rolname = '`+serverLogin+`') then
			create role `+serverLogin+` login in role `+AppRole+`;
		end if;
	end $$`)
	return err
}
