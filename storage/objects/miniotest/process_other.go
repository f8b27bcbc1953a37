//go:build !linux

package miniotest

import "syscall"

// processAttributes puts the server into a group of its own.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
