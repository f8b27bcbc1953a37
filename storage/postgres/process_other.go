//go:build !linux

package postgres

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// bindToParent does nothing: only Linux ends a child with its parent. The next start stops what is left.
func bindToParent(*syscall.SysProcAttr, []uintptr) {}

func addCapabilities(*syscall.SysProcAttr, []uintptr) {}

func passFolders() ([]uintptr, error) { return nil, errors.New("only Linux can hand on that right") }

// servesData tells whether process pid is a PostgreSQL server on data.
func servesData(pid int, data string) bool {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "-D "+data)
}

// killStrays does nothing: processes of a dead server end by themselves within seconds.
func killStrays(string) {}
