package miniotest

import "syscall"

// processAttributes puts the server into a group of its own and ends it with us.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
