package sandbox

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// limit sets the limits of this process. Hard limits equal soft ones: they cannot be raised again.
// RLIMIT_AS is left alone: the Go runtime reserves far more addresses than it uses.
func limit() error {
	for what, n := range map[int]uint64{
		unix.RLIMIT_DATA: maxMemory, unix.RLIMIT_CPU: maxCPU, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0, unix.RLIMIT_NOFILE: 16,
	} {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return err
		}
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// isolate puts the child into a process group of its own, so that Ctrl+C reaches us first.
func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
