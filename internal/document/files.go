package document

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// readAgain is how long after a recorded reading the same person may read a file on without another
// record: a reader of PDF asks for a file in dozens of ranges.
const readAgain = time.Hour

// Read reads a document whole. It decides no right: the caller has.
func Read(ctx context.Context, q postgres.Querier, documentID id.Document) (Document, error) {
	return findDocument(ctx, q, documentID, "")
}

// File tells what to serve for a file of an own document: its newest revision, or the one asked for
// when revision is not 0. The reading is recorded.
func (s *Service) File(ctx context.Context, actor access.Actor, documentID id.Document, fileID id.File, revision int) (File, error) {
	d, err := s.Get(ctx, actor, documentID)
	if err != nil {
		return File{}, err
	}
	for _, f := range d.Files {
		if f.ID != fileID {
			continue
		}
		if revision != 0 && revision != f.Revision {
			if f, err = findRevision(ctx, s.db, f, revision); err != nil {
				return File{}, err
			}
		}
		return f, NoteRead(ctx, s.db, actor, s.now(), f)
	}
	return File{}, errs.Missing()
}

// NoteRead records that actor reads a file, at most once an hour.
func NoteRead(ctx context.Context, db *postgres.DB, actor access.Actor, now time.Time, f File) error {
	var known bool
	err := db.QueryRow(ctx, `select exists (select from audit_events
		where object_id = $1 and kind = $2 and person_id = $3 and at > $4)`,
		f.ID, audit.FileRead, actor.Person, now.Add(-readAgain)).Scan(&known)
	if err != nil || known {
		return postgres.Translate(err)
	}
	return postgres.InTx(ctx, db, func(tx *postgres.Tx) error {
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.FileRead, Object: f.ID.UUID,
			Details: map[string]any{"revision": f.Revision, "sha256": f.Ref.Hash.Hex()}})
	})
}

func findRevision(ctx context.Context, q postgres.Querier, f File, revision int) (File, error) {
	err := q.QueryRow(ctx, `select revision, reason, sha256, size from file_revisions where file_id = $1 and revision = $2`,
		f.ID, revision).Scan(&f.Revision, &f.Reason, &f.Ref.Hash, &f.Ref.Size)
	if err == pgx.ErrNoRows { //nolint:errorlint // QueryRow returns it bare
		return File{}, errs.Missing()
	}
	return f, postgres.Translate(err)
}
