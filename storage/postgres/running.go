package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// RunningEmbedded finds the embedded server that another nghisu runs on dir at this moment, for
// operator's commands beside it: the application's and the owner's address. ok is false when nobody
// holds the data, or the server has not come up yet.
func RunningEmbedded(dir string) (appURL, ownerURL string, ok bool) {
	lock, err := os.Open(filepath.Join(dir, "postgres.lock"))
	if err != nil {
		return "", "", false
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return "", "", false // nobody holds it; our shared lock goes with the file
	}
	// The fifth line of postmaster.pid is the folder of the socket.
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	if err != nil || len(lines) < 5 || lines[4] == "" {
		return "", "", false
	}
	e := &Embedded{socket: lines[4]}
	return e.AppURL(), e.URL(), true
}
