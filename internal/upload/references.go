package upload

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// references is every column that refers to an object. A feature that adds one adds it here, in the
// same change; a test compares the list with the foreign keys of the schema.
var references = []struct{ table, column string }{
	{"uploads", "sha256"},
	{"file_revisions", "sha256"},
	{"paper_revisions", "sha256"},
	{"signature_checks", "sha256"},
	{"file_edits", "input_sha256"},
	{"file_edits", "output_sha256"},
	{"signature_images", "sha256"},
	{"signature_items", "input_sha256"},
	{"signature_items", "output_sha256"},
}

// referred is a condition that holds when some row refers to the object x.
func referred(x string) string {
	sql := "false"
	for _, r := range references {
		sql += " or exists (select from " + r.table + " r where r." + r.column + " = " + x + ")"
	}
	return "(" + sql + ")"
}

// filterUnreferred tells which of the objects no row refers to.
func filterUnreferred(ctx context.Context, q postgres.Querier, hashes []objects.Hash) ([]objects.Hash, error) {
	raw := make([][]byte, len(hashes))
	for i := range hashes {
		raw[i] = hashes[i][:]
	}
	rows, err := q.Query(ctx, `select x from unnest($1::bytea[]) x where not `+referred("x"), raw)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[objects.Hash])
	return found, postgres.Translate(err)
}

// reference is an object that some row refers to, and one of the columns that do.
type reference struct {
	hash   objects.Hash
	column string
}

// listReferred lists the objects after the given one that rows refer to, in order, up to 5000.
func listReferred(ctx context.Context, q postgres.Querier, after objects.Hash) ([]reference, error) {
	columns := make([]string, len(references))
	for i, r := range references {
		columns[i] = "select " + r.column + " h, '" + r.table + "." + r.column + "' c from " + r.table + " where " + r.column + " > $1"
	}
	rows, err := q.Query(ctx, `select h, min(c) from (`+strings.Join(columns, " union all ")+`) x group by h order by h limit 5000`, after)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r reference, err error) {
		return r, row.Scan(&r.hash, &r.column)
	})
	return found, postgres.Translate(err)
}
