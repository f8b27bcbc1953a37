package objectstest

import (
	"context"
	"io"

	"nghisu/storage/objects"
)

// Faulty is a store that fails on demand: Before makes an operation fail undone, After makes it fail
// although it was done, as when the answer of a server is lost. Both get the name of the method and
// may block. Nil means that nothing fails. Set them before the store is used.
type Faulty struct {
	objects.Store
	Before, After func(op string) error
}

func (f *Faulty) do(op string, act func() error) error {
	if f.Before != nil {
		if err := f.Before(op); err != nil {
			return err
		}
	}
	if err := act(); err != nil {
		return err
	}
	if f.After != nil {
		return f.After(op)
	}
	return nil
}

// Put implements objects.Store.
func (f *Faulty) Put(ctx context.Context, r io.Reader, max int64) (ref objects.Ref, err error) {
	err = f.do("Put", func() error { ref, err = f.Store.Put(ctx, r, max); return err })
	return ref, err
}

// Open implements objects.Store.
func (f *Faulty) Open(ctx context.Context, h objects.Hash) (o objects.Object, err error) {
	err = f.do("Open", func() error { o, err = f.Store.Open(ctx, h); return err })
	return o, err
}

// Stat implements objects.Store.
func (f *Faulty) Stat(ctx context.Context, h objects.Hash) (i objects.Info, err error) {
	err = f.do("Stat", func() error { i, err = f.Store.Stat(ctx, h); return err })
	return i, err
}

// Delete implements objects.Store.
func (f *Faulty) Delete(ctx context.Context, h objects.Hash) error {
	return f.do("Delete", func() error { return f.Store.Delete(ctx, h) })
}

// PutPart implements objects.Store.
func (f *Faulty) PutPart(ctx context.Context, key string, r io.Reader, size int64) error {
	return f.do("PutPart", func() error { return f.Store.PutPart(ctx, key, r, size) })
}

// OpenPart implements objects.Store.
func (f *Faulty) OpenPart(ctx context.Context, key string) (r io.ReadCloser, err error) {
	err = f.do("OpenPart", func() error { r, err = f.Store.OpenPart(ctx, key); return err })
	return r, err
}

// DeletePart implements objects.Store.
func (f *Faulty) DeletePart(ctx context.Context, key string) error {
	return f.do("DeletePart", func() error { return f.Store.DeletePart(ctx, key) })
}
