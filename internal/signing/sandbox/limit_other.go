//go:build unix && !linux

package sandbox

import (
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// limit has nothing to set elsewhere: time and memory are limited by the parent's clock and the collector.
func limit(lane) error { return nil }

func timeOf(int) time.Duration { return 0 }

func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func socketPair() ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	return fds, err
}

func readOnly(f *os.File) (*os.File, error) { return os.Open(f.Name()) }

func dataOf(int) int64 { return 0 }
