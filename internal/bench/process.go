package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// ErrNoFigures means that this system does not tell what processes take.
var ErrNoFigures = errors.New("this system does not tell what a process takes: measure on Linux")

// tick is the unit of times in /proc.
const tick = 10 * time.Millisecond

// procFile is a file of a process; of our own for 0.
func procFile(pid int, name string) ([]byte, error) {
	who := "self"
	if pid != 0 {
		who = fmt.Sprint(pid)
	}
	b, err := os.ReadFile("/proc/" + who + "/" + name)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoFigures, err)
	}
	return b, nil
}

// cpuTime is how long a process has been computing, for itself and in the system.
func cpuTime(pid int) (time.Duration, error) {
	b, err := procFile(pid, "stat")
	if err != nil {
		return 0, err
	}
	// the name of the program, in parentheses, may contain anything
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	var user, system int64
	if len(f) < 13 {
		return 0, ErrNoFigures
	}
	if _, err := fmt.Sscan(f[11]+" "+f[12], &user, &system); err != nil {
		return 0, ErrNoFigures
	}
	return time.Duration(user+system) * tick, nil
}

// memory is how much memory a process has, in kilobytes.
func memory(pid int) (float64, error) {
	b, err := procFile(pid, "status")
	if err != nil {
		return 0, err
	}
	_, after, _ := bytes.Cut(b, []byte("VmRSS:"))
	var kB float64
	if _, err := fmt.Sscan(string(after), &kB); err != nil {
		return 0, ErrNoFigures
	}
	return kB, nil
}

// ms is a time in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
