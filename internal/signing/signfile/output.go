package signfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// output is a file that gets its name when it is complete.
type output struct {
	*os.File
	target string
	done   bool
}

// newOutput begins a file beside its target, so that the rename stays within one file system.
func newOutput(target string) (*output, error) {
	if fi, err := os.Stat(target); err == nil && !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", target)
	}
	name := filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+"."+rand.Text()[:8])
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &output{File: f, target: target}, nil
}

// keep makes the file durable and gives it its name; what stood there before is replaced in one step.
func (o *output) keep() error {
	if err := o.Sync(); err != nil {
		return err
	}
	if err := o.Close(); err != nil {
		return err
	}
	if err := os.Rename(o.Name(), o.target); err != nil {
		return err
	}
	o.done = true
	dir, err := os.Open(filepath.Dir(o.target))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// discard removes a file that was not kept.
func (o *output) discard() error {
	if o.done {
		return nil
	}
	_ = o.Close() // closed already when keep failed late
	return os.Remove(o.Name())
}
