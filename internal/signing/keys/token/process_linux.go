package token

import (
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const waitDelay = time.Second

const maxMemory = 1 << 30 // bytes of data that a module may take

// limit sets the limits of this process: a bounded memory, and no core file, which would hold the PIN.
func limit() error {
	for what, n := range map[int]uint64{unix.RLIMIT_DATA: maxMemory, unix.RLIMIT_CORE: 0, unix.RLIMIT_NOFILE: 256} {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return err
		}
	}
	return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}

// isolate puts the child into a process group of its own: Ctrl+C reaches us first, and whatever a module
// starts ends with it. The child ends when its requests do, so it needs no signal of our death.
func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends the child and whatever it started.
func (k *child) kill() { _ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGKILL) }
