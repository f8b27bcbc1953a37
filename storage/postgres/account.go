package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Account is the unprivileged user PostgreSQL runs as when we are root, which it refuses to be.
type Account struct {
	UID, GID uint32
	Name     string
}

// ServerAccount chooses that user: postgres where it exists, else nobody. Nil means that we are an
// ordinary user already and PostgreSQL runs as we do.
func ServerAccount() (*Account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &Account{UID: uint32(uid), GID: uint32(gid), Name: name}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: start nghisu as an ordinary user")
}

// Own gives everything below dir to the account; without an account nothing is to be done.
func (a *Account) Own(dir string) error {
	if a == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(a.UID), int(a.GID))
	})
}

// Reaches tells whether the account may pass through every folder above path (an absolute one) and
// enter or run path itself.
func (a *Account) Reaches(path string) (bool, error) {
	if a == nil {
		return true, nil
	}
	for {
		info, err := os.Stat(path)
		if err != nil {
			return false, fmt.Errorf("look at %s: %w", path, err)
		}
		mode, shift := info.Mode().Perm(), 0
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid == a.UID {
			shift = 6
		} else if ok && st.Gid == a.GID {
			shift = 3
		}
		if mode>>shift&1 == 0 {
			return false, nil
		}
		if path == filepath.Dir(path) {
			return true, nil
		}
		path = filepath.Dir(path)
	}
}

// Attr are the process attributes to run a child as the account, in a process group of its own so
// that Ctrl+C reaches only us.
func (a *Account) Attr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.UID, Gid: a.GID}
	}
	return attr
}
