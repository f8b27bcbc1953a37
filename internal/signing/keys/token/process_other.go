//go:build !linux

package token

import (
	"os/exec"
	"time"
)

const waitDelay = time.Second

// limit sets no limits on this system.
func limit() error { return nil }

func isolate(*exec.Cmd) {}

// kill ends the child.
func (k *child) kill() { _ = k.cmd.Process.Kill() }
