package upload

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

const uploadColumns = `id, name, size, received, state, sha256, coalesce(content_type, ''), created_at, updated_at`

func scanUpload(row pgx.CollectableRow) (Upload, error) {
	var u Upload
	err := row.Scan(&u.ID, &u.Name, &u.Size, &u.Received, &u.State, &u.Hash, &u.ContentType, &u.CreatedAt, &u.UpdatedAt)
	return u, err
}

func insertUpload(ctx context.Context, q postgres.Querier, actor access.Actor, u Upload) error {
	_, err := q.Exec(ctx, `insert into uploads (id, person_id, agency_id, name, size, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $6)`, u.ID, actor.Person, actor.Agency, u.Name, u.Size, u.CreatedAt)
	return err
}

// countOpen counts the uploads of a person that are under way.
func countOpen(ctx context.Context, q postgres.Querier, person id.Person) (n int, err error) {
	err = q.QueryRow(ctx, `select count(*) from uploads where person_id = $1 and state = 'open'`, person).Scan(&n)
	return n, err
}

// findUpload reads an upload of the actor; anybody else's is missing. suffix is "" or "for update".
func findUpload(ctx context.Context, q postgres.Querier, actor access.Actor, uploadID id.Upload, suffix string) (Upload, error) {
	rows, err := q.Query(ctx, `select `+uploadColumns+` from uploads
		where id = $1 and person_id = $2 and agency_id = $3 `+suffix, uploadID, actor.Person, actor.Agency)
	if err != nil {
		return Upload{}, postgres.Translate(err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUpload)
	if err != nil {
		if err = postgres.Translate(err); errs.Is(err, errs.NotFound) {
			return Upload{}, errs.Missing()
		}
		return Upload{}, err
	}
	return u, nil
}

// lockUpload reads an upload of the actor and keeps others from changing it until the transaction ends.
func lockUpload(ctx context.Context, tx *postgres.Tx, actor access.Actor, uploadID id.Upload) (Upload, error) {
	return findUpload(ctx, tx, actor, uploadID, "for update")
}

// part is one durable piece of an open upload.
type part struct {
	start, size int64
	object      string
}

func insertPart(ctx context.Context, tx *postgres.Tx, uploadID id.Upload, p part, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into upload_parts (upload_id, start, size, object) values ($1, $2, $3, $4)`,
		uploadID, p.start, p.size, p.object)
	if err == nil {
		_, err = tx.Exec(ctx, `update uploads set received = $2, updated_at = $3 where id = $1`, uploadID, p.start+p.size, now)
	}
	return err
}

func listParts(ctx context.Context, q postgres.Querier, uploadID id.Upload) ([]part, error) {
	rows, err := q.Query(ctx, `select start, size, object from upload_parts where upload_id = $1 order by start`, uploadID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	parts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p part, err error) {
		return p, row.Scan(&p.start, &p.size, &p.object)
	})
	return parts, postgres.Translate(err)
}

// completeUpload notes the object an upload became and forgets its parts.
func completeUpload(ctx context.Context, tx *postgres.Tx, u Upload) error {
	_, err := tx.Exec(ctx, `update uploads set state = $2, sha256 = $3, content_type = $4, updated_at = $5 where id = $1`,
		u.ID, u.State, u.Hash, u.ContentType, u.UpdatedAt)
	if err == nil {
		_, err = tx.Exec(ctx, `delete from upload_parts where upload_id = $1`, u.ID)
	}
	return err
}

func deleteUpload(ctx context.Context, tx *postgres.Tx, uploadID id.Upload) error {
	_, err := tx.Exec(ctx, `delete from uploads where id = $1`, uploadID)
	return err
}

// noteObject records that content was stored now. A removal of the same content that is under way
// makes it wait and is over afterwards, so the caller must look whether the bytes are there.
func noteObject(ctx context.Context, q postgres.Querier, ref objects.Ref, contentType string, now time.Time) error {
	_, err := q.Exec(ctx, `insert into objects (sha256, size, content_type, created_at, seen_at) values ($1, $2, $3, $4, $4)
		on conflict (sha256) do update set seen_at = greatest(objects.seen_at, excluded.seen_at)`,
		ref.Hash, ref.Size, contentType, now)
	return postgres.Translate(err)
}

// shareObject keeps an object from being removed until the transaction ends.
func shareObject(ctx context.Context, tx *postgres.Tx, h objects.Hash) error {
	var one int
	return tx.QueryRow(ctx, `select 1 from objects where sha256 = $1 for key share`, h).Scan(&one)
}
