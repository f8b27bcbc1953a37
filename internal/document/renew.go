package document

import (
	"context"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Renewal is a file whose proof of time was renewed: the same document, with more evidence behind it.
type Renewal struct {
	File   id.File
	Before objects.Hash // what was renewed
	Ref    objects.Ref
	At     time.Time
}

// RecordRenewal adds the renewed content as the newest revision of a file that is sealed or released.
// Nobody acts: the system keeps what was signed provable. Conflict when the file is another one by now. The
// caller audits it and touches the topics of the document.
func RecordRenewal(ctx context.Context, tx *postgres.Tx, documentID id.Document, r Renewal) (Document, error) {
	d, err := LockForSigning(ctx, tx, documentID)
	if err != nil {
		return Document{}, err
	}
	if d.State != Sealed && d.State != Released {
		return Document{}, errs.New(errs.Conflict, "signing.interrupted")
	}
	for _, f := range d.Files {
		if f.ID != r.File || f.Ref.Hash != r.Before {
			continue
		}
		_, err := tx.Exec(ctx, `insert into file_revisions (file_id, revision, sha256, size, reason, made_at) values ($1, $2, $3, $4, $5, $6)`,
			f.ID, f.Revision+1, r.Ref.Hash, r.Ref.Size, Renewed, r.At)
		return d, err
	}
	return Document{}, errs.New(errs.Conflict, "signing.interrupted")
}
