package objects

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"nghisu/internal/errs"
)

// fullFile is a file on a disk that runs out of space after some bytes, or at the flush.
type fullFile struct {
	*os.File
	room int
	sync bool
}

func (f *fullFile) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n, _ := f.File.Write(p[:f.room])
		f.room = 0
		return n, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	f.room -= len(p)
	return f.File.Write(p)
}

func (f *fullFile) Sync() error {
	if f.sync {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: syscall.EDQUOT}
	}
	return f.File.Sync()
}

func files(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func openDisk(t *testing.T, opts Options) (*Disk, string) {
	t.Helper()
	dir := t.TempDir()
	opts.Log = slog.New(slog.DiscardHandler)
	d, err := OpenDisk(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return d, dir
}

func TestDisk_Full(t *testing.T) {
	tests := map[string]fullFile{
		"at the first byte":  {room: 0},
		"in the middle":      {room: 100_000},
		"when it is flushed": {room: 1 << 30, sync: true},
	}
	content := bytes.Repeat([]byte("x"), 300_000)
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			d, dir := openDisk(t, Options{})
			d.create = func(dir string) (tempFile, error) {
				f, err := os.CreateTemp(dir, "write-*")
				return &fullFile{f, fault.room, fault.sync}, err
			}
			_, err := d.Put(t.Context(), bytes.NewReader(content), 1<<20)
			if !errors.Is(err, ErrFull) || !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
				t.Errorf("put: %v", err)
			}
			if err := d.PutPart(t.Context(), "a/b", bytes.NewReader(content), int64(len(content))); errs.CodeOf(err) != errs.Unavailable {
				t.Errorf("put part: %v", err)
			}
			if n := files(t, dir); n != 0 {
				t.Errorf("%d files are left", n)
			}
			d.create = createTemp
			if _, err := d.Put(t.Context(), bytes.NewReader(content), 1<<20); err != nil {
				t.Errorf("put with room again: %v", err)
			}
		})
	}
}

func TestDisk_TidyRemovesOldLeftovers(t *testing.T) {
	d, dir := openDisk(t, Options{})
	if err := os.WriteFile(filepath.Join(dir, dirTemp, "write-1"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Tidy(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("tidying what is older than an hour removed %d, error %v", n, err)
	}
	if n, err := d.Tidy(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil || files(t, dir) != 0 {
		t.Errorf("tidying removed %d, error %v, left %d", n, err, files(t, dir))
	}
}

// An open object whose bytes change while it is being read is not handed out to its end.
func TestDisk_DamagedWhileRead(t *testing.T) {
	damages := 0
	d, _ := openDisk(t, Options{OnDamage: func(context.Context, Hash) { damages++ }})
	content := bytes.Repeat([]byte("content "), 100_000)
	ref, err := d.Put(t.Context(), bytes.NewReader(content), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(f *os.File) error{
		"changed": func(f *os.File) error { _, err := f.WriteAt([]byte("x"), 700_000); return err },
		"cut":     func(f *os.File) error { return f.Truncate(700_000) },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := d.Put(t.Context(), bytes.NewReader(content), 1<<20); err != nil {
				t.Fatal(err)
			}
			o, err := d.Open(t.Context(), ref.Hash)
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			if _, err := io.CopyN(io.Discard, o, 1000); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(d.path(ref.Hash), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := damage(f); err != nil {
				t.Fatal(err)
			}
			before := damages
			if n, err := io.Copy(io.Discard, o); !errors.Is(err, ErrDamaged) || damages != before+1 {
				t.Errorf("read on: %d bytes, error %v, %d reports", n, err, damages-before)
			}
		})
	}
}

// What was verified counts for an hour; afterwards even a change that left no trace is found.
func TestVerifier_Expiry(t *testing.T) {
	now := time.Now()
	v := newVerifier(Options{Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	reads := 0
	open := func(context.Context) (io.ReadCloser, error) {
		reads++
		return io.NopCloser(bytes.NewReader([]byte("x"))), nil
	}
	h := newIntakeRef(t, []byte("x"))
	for _, step := range []struct {
		wait time.Duration
		s    stamp
		want int
	}{{0, "a", 1}, {0, "a", 1}, {59 * time.Minute, "a", 1}, {time.Minute, "a", 2}, {0, "b", 3}, {0, "b", 3}} {
		now = now.Add(step.wait)
		if err := v.check(t.Context(), h, step.s, open); err != nil || reads != step.want {
			t.Errorf("after %v, stamp %s: %d reads, want %d; error %v", step.wait, step.s, reads, step.want, err)
		}
	}
	for i := range verifiedMax + 10 {
		v.remember(Hash{byte(i), byte(i >> 8), 1}, "a")
	}
	if len(v.seen) > verifiedMax {
		t.Errorf("%d verifications are remembered, want at most %d", len(v.seen), verifiedMax)
	}
}

func newIntakeRef(t *testing.T, content []byte) Hash {
	t.Helper()
	in := newIntake(t.Context(), bytes.NewReader(content), 1<<20)
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Fatal(err)
	}
	return in.ref().Hash
}

// A caller that gives up does not fail the others that wait for the same reading.
func TestVerifier_CallerGivesUp(t *testing.T) {
	v := newVerifier(Options{Log: slog.New(slog.DiscardHandler)})
	h := newIntakeRef(t, []byte("x"))
	reading, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	open := func(context.Context) (io.ReadCloser, error) {
		once.Do(func() { close(reading) })
		<-release
		return io.NopCloser(iotest.OneByteReader(bytes.NewReader([]byte("x")))), nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() { gaveUp <- v.check(ctx, h, "a", open) }()
	<-reading
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the one that gave up: %v", err)
	}
	waited := make(chan error)
	go func() { waited <- v.check(t.Context(), h, "a", open) }()
	close(release)
	if err := <-waited; err != nil {
		t.Errorf("the one that waited: %v", err)
	}
}

func TestHash_Text(t *testing.T) {
	h := newIntakeRef(t, []byte("x"))
	back, err := ParseHash(h.Hex())
	if err != nil || back != h {
		t.Errorf("parsed %v, error %v", back, err)
	}
	for _, bad := range []string{"", "zz", h.Hex()[1:], h.Hex() + "0", "g" + h.Hex()[1:]} {
		if _, err := ParseHash(bad); err == nil {
			t.Errorf("%q was taken for a hash", bad)
		}
	}
	var scanned Hash
	if err := scanned.Scan(h[:]); err != nil || scanned != h {
		t.Errorf("scanned %v, error %v", scanned, err)
	}
	for _, bad := range []any{nil, "x", []byte("x")} {
		if err := scanned.Scan(bad); err == nil {
			t.Errorf("%v was scanned", bad)
		}
	}
}
