package document

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
	"nghisu/internal/signing/place"
	"nghisu/storage/postgres"
)

// listFields reads the fields of a document that are laid or were placed by somebody.
func listFields(ctx context.Context, q postgres.Querier, documentID id.Document) ([]place.Field, error) {
	rows, err := q.Query(ctx, `select kind, page, x, y, width, height, source, printed, gaps from document_fields
		where document_id = $1 order by array_position('{person,number,date,seal}', kind)`, documentID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f place.Field, err error) {
		return f, row.Scan(&f.Kind, &f.Page, &f.Rect.X, &f.Rect.Y, &f.Rect.W, &f.Rect.H, &f.Source, &f.Printed, &f.Gaps)
	})
	return found, postgres.Translate(err)
}

func replaceFields(ctx context.Context, tx *postgres.Tx, documentID id.Document, fields []place.Field) error {
	if _, err := tx.Exec(ctx, `delete from document_fields where document_id = $1`, documentID); err != nil {
		return err
	}
	for _, f := range fields {
		gaps, err := json.Marshal(f.Gaps)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into document_fields (document_id, kind, page, x, y, width, height, source, printed, gaps)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			documentID, string(f.Kind), f.Page, f.Rect.X, f.Rect.Y, f.Rect.W, f.Rect.H, string(f.Source), f.Printed, gaps)
		if err != nil {
			return err
		}
	}
	return nil
}

// touchDocument records that something of the document changed, and whether its fields are laid.
func touchDocument(ctx context.Context, tx *postgres.Tx, documentID id.Document, fields Fields, now time.Time) error {
	_, err := tx.Exec(ctx, `update documents set fields = $2, updated_at = $3, version = version + 1 where id = $1`,
		documentID, string(fields), now)
	return err
}

func setFields(ctx context.Context, tx *postgres.Tx, documentID id.Document, fields Fields) error {
	_, err := tx.Exec(ctx, `update documents set fields = $2 where id = $1`, documentID, string(fields))
	return err
}
