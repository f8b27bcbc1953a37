package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The folders below the root of a Disk.
const (
	dirObjects = "sha256" // ab/cd/<hex>, one file per object
	dirParts   = "parts"  // <upload>/<part>
	dirTemp    = "tmp"    // writes that are not finished
)

// Disk keeps objects as files. A write goes to a temporary file, is flushed to stable storage and
// then renamed; the folder is flushed as well, so an acknowledged object survives a loss of power.
type Disk struct {
	root     string
	verifier *verifier
	create   func(dir string) (tempFile, error) // replaced by tests that run out of space
}

type tempFile interface {
	io.WriteCloser
	Name() string
	Sync() error
}

// OpenDisk opens the store below dir and creates its folders.
func OpenDisk(dir string, opts Options) (*Disk, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open object folder: %w", err)
	}
	d := &Disk{root: root, verifier: newVerifier(opts), create: createTemp}
	for _, sub := range []string{dirObjects, dirParts, dirTemp} {
		if err := os.MkdirAll(filepath.Join(root, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open object folder: %w", err)
		}
	}
	probe, err := d.create(filepath.Join(root, dirTemp))
	if err != nil {
		return nil, fmt.Errorf("write into object folder: %w", err)
	}
	d.discard(probe)
	return d, nil
}

func createTemp(dir string) (tempFile, error) { return os.CreateTemp(dir, "write-*") }

// discard closes and removes a temporary file.
func (d *Disk) discard(f tempFile) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

func (d *Disk) path(h Hash) string {
	x := h.Hex()
	return filepath.Join(d.root, dirObjects, x[:2], x[2:4], x)
}

// Put implements Store.
func (d *Disk) Put(ctx context.Context, r io.Reader, max int64) (Ref, error) {
	in := newIntake(ctx, r, max)
	temp, err := d.stage(in)
	if err != nil {
		return Ref{}, err
	}
	ref := in.ref()
	if d.keeps(ctx, ref.Hash) {
		_ = os.Remove(temp)
		return ref, nil
	}
	if err := d.publish(temp, d.path(ref.Hash)); err != nil {
		return Ref{}, fmt.Errorf("store object %s: %w", ref.Hash, err)
	}
	return ref, nil
}

// keeps reports whether the object is there and whole.
func (d *Disk) keeps(ctx context.Context, h Hash) bool {
	f, err := d.Open(ctx, h)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// stage writes all of r into a temporary file and flushes it. After an error nothing is left.
func (d *Disk) stage(r io.Reader) (path string, err error) {
	f, err := d.create(filepath.Join(d.root, dirTemp))
	if err != nil {
		return "", fmt.Errorf("create temporary file: %w", diskError(err))
	}
	// Only the methods of the interface: os.File.ReadFrom would go around the intake's checks.
	if _, err = io.Copy(struct{ io.Writer }{f}, r); err == nil {
		err = f.Sync()
	}
	if err != nil {
		d.discard(f)
		return "", fmt.Errorf("write object: %w", diskError(err))
	}
	if err := f.Close(); err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("write object: %w", diskError(err))
	}
	return f.Name(), nil
}

// publish moves a flushed temporary file to its place and flushes the folders on the way.
func (d *Disk) publish(temp, path string) error {
	err := d.makeDir(filepath.Dir(path))
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return diskError(err)
	}
	return diskError(syncDir(filepath.Dir(path)))
}

// makeDir creates dir below the root. The folder above each new one is flushed, so that the entry
// survives a loss of power.
func (d *Disk) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == d.root {
		return err
	}
	if err := d.makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// diskError names the causes that a person can mend.
func diskError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return err
}

// Open implements Store.
func (d *Disk) Open(ctx context.Context, h Hash) (Object, error) {
	for attempt := 0; ; attempt++ {
		o, err := d.openVerified(ctx, h)
		if errors.Is(err, errReplaced) && attempt < 3 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open object %s: %w", h, diskError(err))
		}
		return o, nil
	}
}

// errReplaced says that another file took the name while it was being verified.
var errReplaced = errors.New("object was replaced while it was read")

func (d *Disk) openVerified(ctx context.Context, h Hash) (Object, error) {
	f, err := os.Open(d.path(h))
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil {
		s := fileStamp(fi)
		err = d.verifier.check(ctx, h, s, func(context.Context) (io.ReadCloser, error) { return d.reopen(h, s) })
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &diskObject{file: f, info: fi, hash: h, verifier: d.verifier, sequence: newSequence()}, nil
}

// reopen opens the object for a verification, which may outlive the caller that asked for it. The
// file must be the one with the stamp.
func (d *Disk) reopen(h Hash, s stamp) (io.ReadCloser, error) {
	f, err := os.Open(d.path(h))
	if err != nil {
		return nil, err
	}
	if fi, err := f.Stat(); err != nil || fileStamp(fi) != s {
		_ = f.Close()
		return nil, firstError(err, errReplaced)
	}
	return f, nil
}

// Stat implements Store.
func (d *Disk) Stat(_ context.Context, h Hash) (Info, error) {
	fi, err := os.Stat(d.path(h))
	if err != nil {
		return Info{}, fmt.Errorf("look for object %s: %w", h, diskError(err))
	}
	return Info{Ref{h, fi.Size()}, fi.ModTime()}, nil
}

// Verify implements Store.
func (d *Disk) Verify(ctx context.Context, h Hash) error {
	fi, err := os.Stat(d.path(h))
	if err != nil {
		return fmt.Errorf("verify object %s: %w", h, diskError(err))
	}
	s := fileStamp(fi)
	err = d.verifier.read(ctx, h, s, func(context.Context) (io.ReadCloser, error) { return d.reopen(h, s) })
	return diskError(err)
}

// Delete implements Store.
func (d *Disk) Delete(_ context.Context, h Hash) error {
	d.verifier.forget(h)
	if err := os.Remove(d.path(h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete object %s: %w", h, err)
	}
	return nil
}

// List implements Store. Files whose name is not a hash are passed over.
func (d *Disk) List(ctx context.Context, after Hash, fn func(Info) error) error {
	from := d.path(after)
	err := filepath.WalkDir(filepath.Join(d.root, dirObjects), func(path string, e fs.DirEntry, err error) error {
		if err = firstError(ctx.Err(), err); err != nil {
			return err
		}
		if e.IsDir() {
			if path < from && !strings.HasPrefix(from, path) {
				return fs.SkipDir // everything below sorts before the place to start from
			}
			return nil
		}
		h, err := ParseHash(e.Name())
		if err != nil || path <= from && !after.IsZero() {
			return nil //nolint:nilerr // not an object of ours
		}
		fi, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		return fn(Info{Ref{h, fi.Size()}, fi.ModTime()})
	})
	if err != nil {
		return fmt.Errorf("list objects: %w", err)
	}
	return nil
}

// Tidy implements Store: temporary files of writes that never finished.
func (d *Disk) Tidy(ctx context.Context, before time.Time) (int, error) {
	removed := 0
	entries, err := os.ReadDir(filepath.Join(d.root, dirTemp))
	if err != nil {
		return 0, fmt.Errorf("tidy object folder: %w", err)
	}
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil || !fi.ModTime().Before(before) {
			continue
		}
		if err := firstError(ctx.Err(), os.Remove(filepath.Join(d.root, dirTemp, e.Name()))); err != nil {
			return removed, fmt.Errorf("tidy object folder: %w", err)
		}
		removed++
	}
	return removed, nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// diskObject is an open, verified file.
type diskObject struct {
	file     *os.File
	info     fs.FileInfo
	hash     Hash
	at       int64
	verifier *verifier
	sequence *sequence
}

func (o *diskObject) Size() int64        { return o.info.Size() }
func (o *diskObject) ModTime() time.Time { return o.info.ModTime() }
func (o *diskObject) Close() error       { return o.file.Close() }

func (o *diskObject) Seek(offset int64, whence int) (int64, error) {
	at, err := o.file.Seek(offset, whence)
	if err == nil {
		o.at = at
	}
	return at, err
}

func (o *diskObject) Read(p []byte) (int, error) {
	n, err := o.file.Read(p)
	if o.sequence.took(p[:n], o.at, o.info.Size()) && !o.sequence.matches(o.hash) {
		return 0, o.verifier.damaged(context.Background(), o.hash, o.info.Size())
	}
	o.at += int64(n)
	if err == io.EOF && o.at < o.info.Size() {
		return n, o.verifier.damaged(context.Background(), o.hash, o.at)
	}
	return n, err
}
