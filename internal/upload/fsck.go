package upload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Finding is one thing that Fsck found.
type Finding struct {
	Kind string // one of the Found constants
	Hash objects.Hash
	Size int64
	At   string // "table.column" that refers to it; empty for Unreferenced
}

// Kinds of findings. The first two are losses; an unreferenced object is none, the sweep removes it
// a day after it was stored.
const (
	FoundMissing      = "missing"
	FoundDamaged      = "damaged"
	FoundUnreferenced = "unreferenced"
)

// Checked sums up a Fsck.
type Checked struct {
	Objects      int   // referred to and looked at
	Bytes        int64 // read
	Missing      int
	Damaged      int
	Unreferenced int
	Took         time.Duration
}

// Lost reports whether anything that rows refer to is missing or damaged.
func (c Checked) Lost() bool { return c.Missing+c.Damaged > 0 }

// Fsck reads every object that a row refers to, compares it with its name, looks for objects that no
// row refers to, and reports what it finds. It changes nothing.
func Fsck(ctx context.Context, db *postgres.DB, store objects.Store, report func(Finding)) (Checked, error) {
	began := time.Now()
	var sum Checked
	var after objects.Hash
	for {
		batch, err := listReferred(ctx, db, after)
		if err != nil {
			return sum, err
		}
		if len(batch) == 0 {
			break
		}
		for _, r := range batch {
			if err := checkObject(ctx, store, r, &sum, report); err != nil {
				return sum, err
			}
			after = r.hash
		}
	}
	err := listUnreferenced(ctx, db, store, func(i objects.Info) {
		sum.Unreferenced++
		report(Finding{Kind: FoundUnreferenced, Hash: i.Hash, Size: i.Size})
	})
	sum.Took = time.Since(began)
	return sum, err
}

func checkObject(ctx context.Context, store objects.Store, r reference, sum *Checked, report func(Finding)) error {
	sum.Objects++
	info, err := store.Stat(ctx, r.hash)
	if err == nil {
		sum.Bytes += info.Size
		err = store.Verify(ctx, r.hash)
	}
	switch {
	case err == nil:
	case errors.Is(err, objects.ErrMissing):
		sum.Missing++
		report(Finding{Kind: FoundMissing, Hash: r.hash, At: r.column})
	case errors.Is(err, objects.ErrDamaged):
		sum.Damaged++
		report(Finding{Kind: FoundDamaged, Hash: r.hash, Size: info.Size, At: r.column})
	default:
		return fmt.Errorf("check object %s: %w", r.hash, err)
	}
	return nil
}

// listUnreferenced calls fn for every object of the store that no row refers to.
func listUnreferenced(ctx context.Context, q postgres.Querier, store objects.Store, fn func(objects.Info)) error {
	batch := map[objects.Hash]objects.Info{}
	flush := func() error {
		hashes := make([]objects.Hash, 0, len(batch))
		for h := range batch {
			hashes = append(hashes, h)
		}
		idle, err := filterUnreferred(ctx, q, hashes)
		for _, h := range idle {
			fn(batch[h])
		}
		clear(batch)
		return err
	}
	err := store.List(ctx, objects.Hash{}, func(i objects.Info) error {
		batch[i.Hash] = i
		if len(batch) < sweepBatch {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	return err
}
