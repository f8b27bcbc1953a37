package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"nghisu/storage/postgres"
)

// A test that needs a second process runs this test program again with the folder in parentVariable:
// then it is a parent that starts a server, prints one line and waits for SIGTERM.
const parentVariable = "NGHISU_TEST_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentVariable); dir != "" {
		os.Exit(beParent(dir))
	}
	os.Exit(m.Run())
}

func beParent(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	e, err := postgres.StartEmbedded(ctx, postgres.EmbeddedConfig{
		Dir: dir, Log: quiet(), Binaries: os.Getenv(parentVariable + "_BIN")})
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	fmt.Println("ready", os.Geteuid())
	<-ctx.Done()
	stopCtx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := e.Stop(stopCtx); err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	return 0
}

// startParent starts such a process and returns it with the line it printed.
func startParent(t *testing.T, program, dir string, attr *syscall.SysProcAttr, env ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = append(append(os.Environ(), parentVariable+"="+dir), env...)
	cmd.SysProcAttr = attr
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the process printed nothing: %v", err)
	}
	return cmd, line
}

func ownProgram(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEmbedded_EndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	parent, line := startParent(t, ownProgram(t), dir, nil)
	pid := postmaster(t, dir)
	if gone(pid)() {
		t.Fatalf("no server runs after %q", line)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server is gone", gone(pid))
	start(t, dir)
}

// leftover starts a server on the data below dir that no parent owns.
func leftover(t *testing.T, dir string) (pid int) {
	t.Helper()
	stop(t, start(t, dir))
	bin, err := postgres.FindBinaries(0)
	if err != nil {
		t.Fatal(err)
	}
	account, err := postgres.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "postgres")
	cmd := exec.Command(bin.Postgres(), "-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories="+data)
	cmd.SysProcAttr = account.Attr()
	if account != nil {
		const passFolders = 2 // CAP_DAC_READ_SEARCH: t.TempDir is private
		cmd.SysProcAttr.AmbientCaps = []uintptr{passFolders}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	eventually(t, "the left-over server runs", func() bool {
		text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
		return err == nil && len(text) > 40
	})
	return cmd.Process.Pid
}

func TestEmbedded_StopsALeftOverServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pid := leftover(t, dir)
	start(t, dir)
	if !gone(pid)() {
		t.Error("the left-over server still runs")
	}
}

func TestEmbedded_ForeignProcessNumberInLockFile(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	write(t, filepath.Join(dir, "postgres"), "postmaster.pid", fmt.Sprintf("%d\n%s\n", os.Getpid(), dir))
	start(t, dir)
}

// ordinary is who stands for an ordinary user when the tests run as root, and a folder of his.
func ordinary(t *testing.T) (attr *syscall.SysProcAttr, dir, program string) {
	t.Helper()
	account, err := postgres.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	// t.TempDir is private to us.
	if dir, err = os.MkdirTemp("/tmp", "nghisu-test-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "program")
	copyFile(t, ownProgram(t), program)
	if err := account.Own(dir); err != nil {
		t.Fatal(err)
	}
	return account.Attr(), dir, program
}

func TestEmbedded_OrdinaryUser(t *testing.T) {
	t.Parallel()
	attr, dir, program := ordinary(t)
	data := filepath.Join(dir, "data")
	parent, line := startParent(t, program, data, attr)
	if line == "ready 0\n" || line[:5] != "ready" {
		t.Fatalf("as an ordinary user: %s", line)
	}
	if err := parent.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err != nil {
		t.Errorf("ordinary user stops: %v", err)
	}
	// What an ordinary user made, root can use, and the other way round.
	stop(t, start(t, data))
	if _, line = startParent(t, program, data, attr); line[:5] != "ready" {
		t.Errorf("ordinary user after root: %s", line)
	}
}

func TestEmbedded_DataOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		// Only root can make data that belong to somebody else; the rule is the same for both.
		t.Log("needs two users: nothing to check as an ordinary user")
		return
	}
	t.Parallel()
	attr, dir, program := ordinary(t)
	data := filepath.Join(dir, "data")
	stop(t, start(t, data))
	if err := os.Lchown(filepath.Join(data, "postgres"), 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(filepath.Join(data, "postgres.lock"), int(attr.Credential.Uid), 0); err != nil {
		t.Fatal(err)
	}
	_, line := startParent(t, program, data, attr)
	want := "failed: the database in " + data + "/postgres belongs to another user"
	if len(line) < len(want) || line[:len(want)] != want {
		t.Errorf("printed %q, want %q", line, want)
	}
}

func TestEmbedded_CopiesProgramsOutOfReach(t *testing.T) {
	t.Parallel()
	bin, err := postgres.FindBinaries(0)
	if err != nil {
		t.Fatal(err)
	}
	// Programs in a folder that is private to us, without the links between libraries and, for an
	// ordinary user, without the right to make them.
	native := filepath.Join(t.TempDir(), "native")
	if err := os.CopyFS(native, os.DirFS(filepath.Dir(bin.Dir))); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(native, "pg-symlinks.json")); err == nil { // from npm
		copyFile(t, filepath.Join(filepath.Dir(filepath.Dir(bin.Dir)), "package.json"), filepath.Join(filepath.Dir(native), "package.json"))
	}
	err = filepath.WalkDir(filepath.Join(native, "lib"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type()&os.ModeSymlink != 0 {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(filepath.Join(native, "lib"), 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(native, "lib"), 0o700) })
	}
	dir, err := os.MkdirTemp("/tmp", "nghisu-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // copies, then finds the copy
		e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedConfig{
			Dir: dir, Log: quiet(), Binaries: filepath.Join(native, "bin")})
		if err != nil {
			t.Fatal(err)
		}
		stop(t, e)
	}
	copies, err := filepath.Glob(filepath.Join(dir, "postgresql-*", "bin", "postgres"))
	if err != nil || len(copies) != 1 {
		t.Errorf("copies: %v %v", copies, err)
	}
}
