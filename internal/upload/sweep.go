package upload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

const (
	keepFor    = 24 * time.Hour    // how long uploads and unreferenced objects stay
	sweepFor   = 100 * time.Second // of the two minutes a job has
	sweepBatch = 500               // objects or parts looked up together
)

// SweepArgs is the hourly job that removes what nobody needs.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "upload.sweep" }

// Swept counts what one sweep removed.
type Swept struct {
	Uploads, Parts, Objects, Leftovers int
}

// sweepPosition is where the next walk through the store begins, when the last one ran out of time.
type sweepPosition struct {
	mu    sync.Mutex
	after objects.Hash
}

func (p *sweepPosition) get() objects.Hash {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.after
}

func (p *sweepPosition) set(h objects.Hash) {
	p.mu.Lock()
	p.after = h
	p.mu.Unlock()
}

// RegisterJobs adds the sweep to the background work.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[SweepArgs]) error {
		done, err := s.Sweep(ctx)
		if done != (Swept{}) {
			s.log.InfoContext(ctx, "swept", "uploads", done.Uploads, "parts", done.Parts, "objects", done.Objects, "leftovers", done.Leftovers)
		}
		return err
	})
	jobs.Every(r, time.Hour, SweepArgs{})
}

// Sweep removes uploads that nobody touched for a day, parts of no upload, objects that no row
// refers to, and leftovers of broken writes; all of it only when a day old. It may run several
// times at once, and beside uploads of the same content.
func (s *Service) Sweep(ctx context.Context) (Swept, error) {
	ctx, cancel := context.WithTimeout(ctx, sweepFor)
	defer cancel()
	cutoff := s.now().Add(-keepFor)
	var done Swept
	var err error
	if done.Uploads, err = s.sweepUploads(ctx, cutoff); err != nil {
		return done, fmt.Errorf("sweep uploads: %w", err)
	}
	if done.Parts, err = s.sweepParts(ctx, cutoff); err != nil {
		return done, fmt.Errorf("sweep parts: %w", err)
	}
	if done.Objects, err = s.sweepObjects(ctx, cutoff); err != nil {
		return done, fmt.Errorf("sweep objects: %w", err)
	}
	if done.Leftovers, err = s.store.Tidy(ctx, cutoff); err != nil {
		return done, fmt.Errorf("sweep leftovers: %w", err)
	}
	return done, nil
}

// sweepUploads removes old uploads, complete or not. One that somebody works on right now is passed over.
func (s *Service) sweepUploads(ctx context.Context, cutoff time.Time) (int, error) {
	rows, err := s.db.Query(ctx, `delete from uploads where id in (
			select id from uploads where updated_at < $1 order by updated_at limit 10000 for update skip locked)
		returning id`, cutoff)
	if err != nil {
		return 0, postgres.Translate(err)
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[id.Upload])
	return len(gone), postgres.Translate(err)
}

// sweepParts removes old parts without a row: of uploads that are gone, and of requests that broke
// between storing a part and counting it.
func (s *Service) sweepParts(ctx context.Context, cutoff time.Time) (int, error) {
	removed := 0
	var batch []string
	flush := func() error {
		rows, err := s.db.Query(ctx, `select k from unnest($1::text[]) k
			where not exists (select from upload_parts p where p.object = k)`, batch)
		if err != nil {
			return postgres.Translate(err)
		}
		orphans, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return postgres.Translate(err)
		}
		for _, key := range orphans {
			if err := s.store.DeletePart(ctx, key); err != nil {
				return err
			}
			removed++
		}
		batch = batch[:0]
		return nil
	}
	err := s.store.ListParts(ctx, func(p objects.Part) error {
		if p.ModTime.Before(cutoff) {
			batch = append(batch, p.Key)
		}
		if len(batch) < sweepBatch {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	return removed, err
}

// sweepObjects removes old objects that no row refers to: first those of which there is a note but
// maybe no bytes, then, walking through the store, those of which there are bytes but no note.
func (s *Service) sweepObjects(ctx context.Context, cutoff time.Time) (int, error) {
	rows, err := s.db.Query(ctx, `select sha256 from objects o where seen_at < $1 and not `+referred("o.sha256")+` limit 10000`, cutoff)
	if err != nil {
		return 0, postgres.Translate(err)
	}
	batch, err := pgx.CollectRows(rows, pgx.RowTo[objects.Hash])
	if err != nil {
		return 0, postgres.Translate(err)
	}
	removed, err := s.removeObjects(ctx, batch, cutoff)
	if err != nil {
		return removed, err
	}
	batch = batch[:0]
	flush := func() error {
		n, err := s.removeUnreferred(ctx, batch, cutoff)
		removed += n
		if err == nil {
			s.sweep.set(batch[len(batch)-1])
			batch = batch[:0]
		}
		return err
	}
	err = s.store.List(ctx, s.sweep.get(), func(i objects.Info) error {
		if i.ModTime.Before(cutoff) {
			batch = append(batch, i.Hash)
		}
		if len(batch) < sweepBatch {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	if err != nil && ctx.Err() != nil && !s.sweep.get().IsZero() {
		return removed, nil // out of time; the next sweep goes on from the position
	}
	if err == nil {
		s.sweep.set(objects.Hash{})
	}
	return removed, err
}

func (s *Service) removeUnreferred(ctx context.Context, hashes []objects.Hash, cutoff time.Time) (int, error) {
	idle, err := filterUnreferred(ctx, s.db, hashes)
	if err != nil {
		return 0, err
	}
	return s.removeObjects(ctx, idle, cutoff)
}

func (s *Service) removeObjects(ctx context.Context, hashes []objects.Hash, cutoff time.Time) (int, error) {
	removed := 0
	for _, h := range hashes {
		gone, err := s.removeObject(ctx, h, cutoff)
		if err != nil {
			return removed, fmt.Errorf("remove object %s: %w", h, err)
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// removeObject removes one object unless a row refers to it or it was stored again lately. Both are
// asked once more under the lock of its note. Whoever stores the same content waits at that note
// (noteObject) until the bytes are gone as well, sees that, and stores them anew; that is why the
// bytes are removed inside the transaction. When the process dies in between, the note comes back
// without bytes and the next sweep removes it.
func (s *Service) removeObject(ctx context.Context, h objects.Hash, cutoff time.Time) (gone bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		// An object without a note gets one, so that there is something to lock.
		if _, err := tx.Exec(ctx, `insert into objects (sha256, size, content_type, created_at, seen_at)
			values ($1, 0, '', 'epoch', 'epoch') on conflict do nothing`, h); err != nil {
			return err
		}
		var idle bool
		if err := tx.QueryRow(ctx, `select seen_at < $2 from objects where sha256 = $1 for update`, h, cutoff).Scan(&idle); err != nil {
			return err
		}
		if idle { // a fresh statement sees what was committed while we waited for the lock
			if err := tx.QueryRow(ctx, `select not `+referred("$1"), h).Scan(&idle); err != nil {
				return err
			}
		}
		if !idle {
			return nil
		}
		if _, err := tx.Exec(ctx, `delete from objects where sha256 = $1`, h); err != nil {
			return err // a foreign key holds it, should references have missed one
		}
		gone = true
		return s.store.Delete(ctx, h)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23503" {
		s.log.ErrorContext(ctx, "an object is referred to by a column that the sweep does not know", "object", h.Hex(), "constraint", pg.ConstraintName)
		return false, nil
	}
	return gone && err == nil, err
}
