package signing

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/storage/postgres"
)

// EvidenceCache keeps fetched evidence about revocation in the database, for all nodes.
type EvidenceCache struct{ DB *postgres.DB }

// Get implements revocation.Cache.
func (c EvidenceCache) Get(ctx context.Context, key string, now time.Time) (body []byte, found bool, err error) {
	err = c.DB.QueryRow(ctx, `select body from revocation_cache where key = $1 and expires_at > $2`, key, now).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return body, err == nil, postgres.Translate(err)
}

// Put implements revocation.Cache.
func (c EvidenceCache) Put(ctx context.Context, key string, body []byte, until time.Time) error {
	if body == nil {
		body = []byte{} // a failure
	}
	_, err := c.DB.Exec(ctx, `insert into revocation_cache (key, body, expires_at) values ($1, $2, $3)
		on conflict (key) do update set body = excluded.body, expires_at = excluded.expires_at`, key, body, until)
	return postgres.Translate(err)
}

// forgetEvidence removes what the cache does not use any more.
func forgetEvidence(ctx context.Context, db *postgres.DB, now time.Time) error {
	_, err := db.Exec(ctx, `delete from revocation_cache where expires_at < $1`, now)
	return postgres.Translate(err)
}
