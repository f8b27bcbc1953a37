package postgres

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// bindToParent makes the kernel shut the child down (SIGINT: a fast, clean stop) when the thread that
// started it ends, which a killed process cannot prevent.
func bindToParent(attr *syscall.SysProcAttr, caps []uintptr) {
	attr.Pdeathsig = syscall.SIGINT
	attr.AmbientCaps = caps
}

func addCapabilities(attr *syscall.SysProcAttr, caps []uintptr) { attr.AmbientCaps = caps }

// Numbers of capabilities(7).
const (
	capDacOverride   = 1
	capDacReadSearch = 2
)

// passFolders is the smallest right we can hand to the child that lets it pass through folders of root.
func passFolders() ([]uintptr, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(string(status), "CapPrm:")
	line, _, _ := strings.Cut(rest, "\n")
	held, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil {
		return nil, err
	}
	for _, c := range []uintptr{capDacReadSearch, capDacOverride} {
		if held>>c&1 == 1 {
			return []uintptr{c}, nil
		}
	}
	return nil, errors.New("this process may not hand on the right to pass through them")
}

// servesData tells whether process pid is a PostgreSQL server on data. A dead process that nobody has
// waited for has no command line and counts as gone.
func servesData(pid int, data string) bool {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return false
	}
	args := bytes.Split(line, []byte{0})
	for i := range len(args) - 1 {
		if string(args[i]) == "-D" && string(args[i+1]) == data {
			return true
		}
	}
	return false
}

// killStrays ends processes of a dead server that have not noticed yet: they keep its shared memory
// busy. PostgreSQL's processes work in the data directory, which tells whose they are.
func killStrays(data string) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if dir, err := os.Readlink(link); err != nil || dir != data {
			continue
		}
		name, err := os.ReadFile(filepath.Join(filepath.Dir(link), "comm"))
		if err != nil || strings.TrimSpace(string(name)) != "postgres" {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
