package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func (d *Disk) partPath(key string) string {
	return filepath.Join(d.root, dirParts, filepath.FromSlash(key))
}

// PutPart implements Store.
func (d *Disk) PutPart(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	in := newIntake(ctx, r, size)
	temp, err := d.stage(in)
	if err != nil {
		return err
	}
	if in.size != size {
		_ = os.Remove(temp)
		return fmt.Errorf("store part %s: %w", key, io.ErrUnexpectedEOF)
	}
	path := d.partPath(key)
	err = d.publish(temp, path)
	if errors.Is(err, ErrMissing) {
		// The folder of the upload was removed as empty in between; the temporary file is gone too.
		return fmt.Errorf("store part %s: %w", key, ErrUnreachable)
	}
	if err != nil {
		return fmt.Errorf("store part %s: %w", key, err)
	}
	return nil
}

// OpenPart implements Store.
func (d *Disk) OpenPart(_ context.Context, key string) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	f, err := os.Open(d.partPath(key))
	if err != nil {
		return nil, fmt.Errorf("open part %s: %w", key, diskError(err))
	}
	return f, nil
}

// DeletePart implements Store. The folder of the upload goes with its last part.
func (d *Disk) DeletePart(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	path := d.partPath(key)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete part %s: %w", key, err)
	}
	_ = os.Remove(filepath.Dir(path)) // refused while other parts are there
	return nil
}

// ListParts implements Store.
func (d *Disk) ListParts(ctx context.Context, fn func(Part) error) error {
	root := filepath.Join(d.root, dirParts)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != root {
			return nil // deleted meanwhile
		}
		if err = firstError(ctx.Err(), err); err != nil || e.IsDir() {
			return err
		}
		fi, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		key, err := filepath.Rel(root, path)
		if err != nil || !ValidKey(filepath.ToSlash(key)) {
			return nil //nolint:nilerr // not a part of ours
		}
		return fn(Part{filepath.ToSlash(key), fi.Size(), fi.ModTime()})
	})
	if err != nil {
		return fmt.Errorf("list parts: %w", err)
	}
	return nil
}
