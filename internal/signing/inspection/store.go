package inspection

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/signing"
	"nghisu/storage/postgres"
)

const checkColumns = `id, name, size, sha256, verdict, created_at`

func scanCheck(row pgx.CollectableRow) (Check, error) {
	var c Check
	var verdict []byte
	if err := row.Scan(&c.ID, &c.Name, &c.Ref.Size, &c.Ref.Hash, &verdict, &c.CreatedAt); err != nil {
		return c, err
	}
	if verdict == nil {
		c.Verdict = signing.FileVerdict{Name: c.Name, SHA256: c.Ref.Hash, Overall: signing.Checking}
		return c, nil
	}
	err := json.Unmarshal(verdict, &c.Verdict)
	c.CheckedAt = c.Verdict.CheckedAt
	return c, err
}

func insertCheck(ctx context.Context, tx *postgres.Tx, actor access.Actor, c Check) error {
	_, err := tx.Exec(ctx, `insert into signature_checks (id, person_id, agency_id, name, size, sha256, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, actor.Person, actor.Agency, c.Name, c.Ref.Size, c.Ref.Hash, c.CreatedAt)
	return err
}

// saveVerdict keeps the verdict of a check, unless that is gone.
func saveVerdict(ctx context.Context, q postgres.Querier, c Check) error {
	verdict, err := json.Marshal(c.Verdict)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `update signature_checks set verdict = $2 where id = $1`, c.ID, verdict)
	return postgres.Translate(err)
}

func countChecks(ctx context.Context, q postgres.Querier, person id.Person, since time.Time) (n int, err error) {
	err = q.QueryRow(ctx, `select count(*) from signature_checks where person_id = $1 and created_at > $2`, person, since).Scan(&n)
	return n, err
}

// findCheck reads a check of a person; anybody else's is NotFound.
func findCheck(ctx context.Context, q postgres.Querier, person id.Person, checkID id.Check) (Check, error) {
	rows, err := q.Query(ctx, `select `+checkColumns+` from signature_checks where id = $1 and person_id = $2`, checkID, person)
	if err != nil {
		return Check{}, postgres.Translate(err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCheck)
	return c, postgres.Translate(err)
}

func listChecks(ctx context.Context, q postgres.Querier, person id.Person, after string, limit int) ([]Check, error) {
	var at *time.Time
	var last *id.Check
	if after != "" {
		at, last = new(time.Time), new(id.Check)
		if err := postgres.ReadCursor(after, at, last); err != nil {
			return nil, err
		}
	}
	rows, err := q.Query(ctx, `select `+checkColumns+` from signature_checks where person_id = $1
		and ($2::timestamptz is null or (created_at, id) < ($2, $3)) order by created_at desc, id desc limit $4`, person, at, last, limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanCheck)
	return found, postgres.Translate(err)
}

func deleteCheck(ctx context.Context, tx *postgres.Tx, checkID id.Check) error {
	_, err := tx.Exec(ctx, `delete from signature_checks where id = $1`, checkID)
	return err
}
