// Package inspection is the page "Kiểm tra chữ ký": anybody of the house drops a PDF on it and reads who signed
// it and whether that holds. It owns the table signature_checks; judging is signing's. A check belongs to
// the person who asked for it, and to nobody else.
package inspection

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// maxPerHour is how many files one person may have judged in an hour.
const maxPerHour = 120

var errTooMany = errs.New(errs.TooMany, "check.too_many")

// Check is a file with what was found out about it. While it is being judged, Verdict.Overall is
// signing.Checking and CheckedAt zero.
type Check struct {
	ID        id.Check
	Name      string
	Ref       objects.Ref
	CreatedAt time.Time
	CheckedAt time.Time
	Verdict   signing.FileVerdict
}

// Judge judges files by content.
type Judge interface {
	JudgeFile(ctx context.Context, name string, ref objects.Ref, again bool) (signing.FileVerdict, error)
}

// Uploads gives complete uploads to features.
type Uploads interface {
	Take(ctx context.Context, tx *postgres.Tx, actor access.Actor, uploadID id.Upload) (upload.Taken, error)
}

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB      *postgres.DB
	Uploads Uploads
	Judge   Judge
	Now     func() time.Time
}

// Service checks files.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{d}
}

// Add takes an upload and judges it. What it is not, a PDF or a signed one, is a result too.
func (s *Service) Add(ctx context.Context, actor access.Actor, uploadID id.Upload) (Check, error) {
	c, err := postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (Check, error) {
		now := s.Now()
		n, err := countChecks(ctx, tx, actor.Person, now.Add(-time.Hour))
		if err != nil {
			return Check{}, err
		}
		if n >= maxPerHour {
			return Check{}, errTooMany
		}
		taken, err := s.Uploads.Take(ctx, tx, actor, uploadID)
		if err != nil {
			return Check{}, err
		}
		c := Check{ID: id.New[id.Check](), Name: taken.Name, Ref: objects.Ref{Hash: taken.Hash, Size: taken.Size}, CreatedAt: now,
			Verdict: signing.FileVerdict{Name: taken.Name, SHA256: taken.Hash, Overall: signing.Checking}}
		if err := insertCheck(ctx, tx, actor, c); err != nil {
			return Check{}, err
		}
		return c, audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.FileChecked, Object: c.ID.UUID,
			Details: map[string]any{"sha256": taken.Hash.Hex(), "size": taken.Size}})
	})
	if err != nil {
		return Check{}, err
	}
	return s.judge(ctx, c, false)
}

// Get reads a check of the actor; anybody else's is missing. One that was not judged yet is judged now.
func (s *Service) Get(ctx context.Context, actor access.Actor, checkID id.Check) (Check, error) {
	c, err := findCheck(ctx, s.DB, actor.Person, checkID)
	if err != nil || c.Verdict.Overall != signing.Checking {
		return c, err
	}
	return s.judge(ctx, c, false)
}

// List lists the checks of the actor, newest first, and the cursor of the next page.
func (s *Service) List(ctx context.Context, actor access.Actor, after string, limit int) ([]Check, string, error) {
	found, err := listChecks(ctx, s.DB, actor.Person, after, limit+1)
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	found = found[:limit]
	return found, postgres.Cursor(found[limit-1].CreatedAt, found[limit-1].ID), nil
}

// Rerun judges the file anew, with what can be found out today.
func (s *Service) Rerun(ctx context.Context, actor access.Actor, checkID id.Check) (Check, error) {
	c, err := postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (Check, error) {
		c, err := findCheck(ctx, tx, actor.Person, checkID)
		if err != nil {
			return Check{}, err
		}
		return c, audit.Append(ctx, tx, actor, s.Now(), audit.Event{Kind: audit.FileChecked, Object: c.ID.UUID,
			Details: map[string]any{"sha256": c.Ref.Hash.Hex(), "again": true}})
	})
	if err != nil {
		return Check{}, err
	}
	return s.judge(ctx, c, true)
}

// Delete removes a check. Its file goes when nothing else refers to it.
func (s *Service) Delete(ctx context.Context, actor access.Actor, checkID id.Check) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		c, err := findCheck(ctx, tx, actor.Person, checkID)
		if err != nil {
			return err
		}
		if err := deleteCheck(ctx, tx, checkID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, s.Now(), audit.Event{Kind: audit.CheckDeleted, Object: checkID.UUID,
			Details: map[string]any{"sha256": c.Ref.Hash.Hex()}})
	})
}

// judge judges the file of a check and keeps what is found out; a check that was deleted meanwhile keeps nothing.
func (s *Service) judge(ctx context.Context, c Check, again bool) (Check, error) {
	v, err := s.Judge.JudgeFile(ctx, c.Name, c.Ref, again)
	if err != nil || v.Overall == signing.Checking {
		return c, err
	}
	c.Verdict, c.CheckedAt = v, v.CheckedAt
	return c, saveVerdict(ctx, s.DB, c)
}
