package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// lockData makes this process the only nghisu that works on dir. The lock goes with the process.
func lockData(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "postgres.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		text := make([]byte, 20)
		n, _ := f.Read(text)
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the data in %s are in use by another nghisu (process %s)", dir, strings.TrimSpace(string(text[:n])))
		}
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	_ = f.Truncate(0)
	_, err = f.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	return f, err
}

// prepare finds the programs, makes or checks the data and ends what an earlier run left behind.
func (e *Embedded) prepare(ctx context.Context, dir, binaries string) (err error) {
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	e.data = filepath.Join(dir, "postgres")
	major, err := dataVersion(e.data)
	if err != nil {
		return err
	}
	if e.account, err = chooseAccount(e.data, major); err != nil {
		return err
	}
	if err := e.chooseBinaries(binaries, major); err != nil {
		return err
	}
	if err := e.chooseRights(dir); err != nil {
		return err
	}
	if major == 0 {
		if err := e.initialise(ctx); err != nil {
			return err
		}
	} else if err := e.stopLeftover(ctx); err != nil {
		return err
	}
	return e.chooseSocket()
}

// dataVersion is the major version of the data in data, 0 when there are none yet.
func dataVersion(data string) (int, error) {
	entries, err := os.ReadDir(data)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return 0, nil
	}
	if errors.Is(err, os.ErrPermission) {
		return 0, notOurs(data)
	}
	if err != nil {
		return 0, fmt.Errorf("read database folder: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("read version of the database: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || major < 1 {
		return 0, damaged(data, "PG_VERSION")
	}
	for _, part := range []string{"global/pg_control", "base", "pg_wal", "postgresql.conf", "pg_hba.conf"} {
		if _, err := os.Stat(filepath.Join(data, part)); err != nil {
			return 0, damaged(data, part)
		}
	}
	return major, nil
}

func damaged(data, part string) error {
	return fmt.Errorf("the database in %s is damaged (%s is missing or unreadable): restore it from a backup, or move the folder away to begin anew", data, part)
}

func notOurs(data string) error {
	return fmt.Errorf("the database in %s belongs to another user: start nghisu as root or as that user, or choose another --data", data)
}

// chooseAccount decides who the server runs as: we ourselves, or when we are root the owner of the
// data that exist, so that the same data can be used by root and by an ordinary user in turn.
func chooseAccount(data string, major int) (*Account, error) {
	account, err := ServerAccount()
	if err != nil || major == 0 {
		return account, err
	}
	info, err := os.Stat(data)
	if err != nil {
		return nil, fmt.Errorf("look at database folder: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account, nil
	}
	if account == nil {
		if int(st.Uid) != os.Geteuid() {
			return nil, notOurs(data)
		}
		return nil, nil
	}
	if st.Uid == 0 { // copied back by root, from a backup say
		return account, account.Own(data)
	}
	return &Account{UID: st.Uid, GID: st.Gid, Name: "with the number " + strconv.Itoa(int(st.Uid))}, nil
}

func (e *Embedded) chooseBinaries(dir string, major int) (err error) {
	if dir == "" {
		e.bin, err = FindBinaries(major)
	} else {
		e.bin.Dir = dir
		e.bin.Major, err = serverVersion(dir)
		if err == nil && major > 0 && e.bin.Major != major {
			err = fmt.Errorf("PostgreSQL %d is needed, but %s holds version %d", major, dir, e.bin.Major)
		}
	}
	if err != nil && major > 0 {
		return fmt.Errorf("the database in %s was made by PostgreSQL %d: %w", e.data, major, err)
	}
	return err
}

// chooseRights sees to it that the server's user reaches its data and programs. Below a private folder
// (a checkout in root's home) the server gets the right to pass through folders; programs alone that
// are out of reach, or whose libraries could not be linked, are copied beside the data.
func (e *Embedded) chooseRights(dir string) error {
	reach, err := e.account.Reaches(dir)
	if err != nil {
		return err
	}
	if !reach {
		if e.caps, err = passFolders(); err != nil {
			return fmt.Errorf("user %s, as whom PostgreSQL must run, cannot reach %s: choose another --data or open the folders above it: %w",
				e.account.Name, dir, err)
		}
	}
	usable := linkLibraries(filepath.Dir(e.bin.Dir)) == nil
	if usable && reach {
		if usable, err = e.account.Reaches(e.bin.Postgres()); err != nil {
			return err
		}
	}
	if usable {
		return nil
	}
	return e.copyBinaries(filepath.Join(dir, fmt.Sprintf("postgresql-%d", e.bin.Major)))
}

// copyBinaries copies the programs, with libraries and data, to dir unless they are there.
func (e *Embedded) copyBinaries(dir string) error {
	done := filepath.Join(dir, "bin")
	if v, err := serverVersion(done); err == nil && v == e.bin.Major {
		e.bin.Dir = done
		return nil
	}
	unfinished := dir + ".new"
	for _, old := range []string{unfinished, dir} {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("copy PostgreSQL: %w", err)
		}
	}
	if err := os.CopyFS(unfinished, os.DirFS(filepath.Dir(e.bin.Dir))); err != nil {
		return fmt.Errorf("copy PostgreSQL to %s: %w", dir, err)
	}
	if err := linkLibraries(unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, dir); err != nil {
		return fmt.Errorf("copy PostgreSQL: %w", err)
	}
	e.bin.Dir = done
	return nil
}

// InitdbArgs are the arguments that make a data directory in dir: logins without password (the socket
// is private), UTF-8, letters compared by code so that no change of the system's library can
// damage an index, checksums on every page.
func (b Binaries) InitdbArgs(dir string) []string {
	locale := "C"
	if runtime.GOOS == "linux" {
		locale = "C.UTF-8"
	}
	args := []string{"-D", dir, "-U", ownerLogin, "-A", "trust", "-E", "UTF8", "--locale=" + locale, "--data-checksums"}
	if b.Major >= 17 {
		args = append(args, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	}
	return args
}

// initialise makes the data beside their place and moves them there when they are complete.
func (e *Embedded) initialise(ctx context.Context) error {
	unfinished := e.data + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	if err := e.account.Own(unfinished); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	cmd := exec.CommandContext(ctx, e.bin.Initdb(), e.bin.InitdbArgs(unfinished)...)
	cmd.Dir = "/"
	cmd.Env = childEnvironment()
	cmd.SysProcAttr = e.account.Attr()
	addCapabilities(cmd.SysProcAttr, e.caps)
	if out, err := cmd.CombinedOutput(); err != nil {
		_ = os.RemoveAll(unfinished)
		return fmt.Errorf("make the database in %s: %w: %s", e.data, err, lastLine(out))
	}
	if err := os.RemoveAll(e.data); err != nil { // an empty folder
		return fmt.Errorf("make the database: %w", err)
	}
	if err := os.Rename(unfinished, e.data); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return nil
}

// lastLine is the line of initdb's output that names the trouble.
func lastLine(out []byte) string {
	last := "no output"
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "error:") || strings.Contains(line, "FATAL:") {
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}

// maxSocketPath is what sockaddr_un holds, less the final zero (104 bytes on macOS).
const maxSocketPath = 103

// socketName is what PostgreSQL calls its socket; we keep to the default port.
const socketName = ".s.PGSQL.5432"

// chooseSocket places the socket in the data directory, which is private already, or where that path
// is too long for a socket, in a private folder of its own.
func (e *Embedded) chooseSocket() error {
	if len(filepath.Join(e.data, socketName)) <= maxSocketPath {
		e.socket = e.data
		return nil
	}
	dir, err := os.MkdirTemp("/tmp", "nghisu-")
	if err != nil {
		return fmt.Errorf("make a folder for the database's socket: %w", err)
	}
	e.socket, e.ownDir = dir, true
	return e.account.Own(dir)
}

// childEnvironment keeps the operator's PG... variables away from the server.
func childEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}
