package document

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

func insertEdit(ctx context.Context, tx *postgres.Tx, d Document, x edited, by access.Actor, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into file_edits (id, document_id, file_id, kind, appointment_id, state, input_sha256, intended_at)
		values ($1, $2, $3, $4, $5, 'intended', $6, $7)`, x.id, d.ID, x.file.ID, string(x.kind), by.Appointment, x.file.Ref.Hash, now)
	return err
}

// makeEdit closes an edit with its result; false when it is not open any more.
func makeEdit(ctx context.Context, tx *postgres.Tx, edit id.Event, output objects.Hash, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `update file_edits set state = 'made', output_sha256 = $2, finished_at = $3
		where id = $1 and state = 'intended'`, edit, output, now)
	return err == nil && tag.RowsAffected() == 1, err
}

// failEdit closes an edit that came to nothing; false when it is not open any more.
func failEdit(ctx context.Context, tx *postgres.Tx, edit id.Event, failure string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `update file_edits set state = 'failed', failure = $2, finished_at = $3
		where id = $1 and state = 'intended'`, edit, failure, now)
	return err == nil && tag.RowsAffected() == 1, err
}

// deadEdit is an edit whose process is gone.
type deadEdit struct {
	edit     id.Event
	document id.Document
	agency   id.Agency
}

// failDeadEdits closes edits that were intended before a moment and tells which.
func failDeadEdits(ctx context.Context, tx *postgres.Tx, before, now time.Time) ([]deadEdit, error) {
	rows, err := tx.Query(ctx, `update file_edits e set state = 'failed', failure = $1, finished_at = $2
		from documents d where e.state = 'intended' and e.intended_at < $3 and d.id = e.document_id
		returning e.id, e.document_id, d.agency_id`, errEditInterrupted.Key, now, before)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (x deadEdit, err error) {
		return x, r.Scan(&x.edit, &x.document, &x.agency)
	})
}

// uploadedContent is the content of a file as it was uploaded, before anything was laid into it.
func uploadedContent(ctx context.Context, q postgres.Querier, fileID id.File) (ref objects.Ref, err error) {
	err = q.QueryRow(ctx, `select sha256, size from file_revisions where file_id = $1 and reason = 'upload' order by revision desc limit 1`,
		fileID).Scan(&ref.Hash, &ref.Size)
	return ref, postgres.Translate(err)
}
