package keys

import (
	"context"
	"crypto"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

const dealingColumns = `id, certificate_id, person_id, session_id, hash, digests, label, fingerprint, state, browser_state, sealed_with, sealed,
	signature_values, failure, changed_at, expires_at`

// hashes are those that services sign, by their name.
var hashes = map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}

func scanDealing(row pgx.CollectableRow) (d dealing, err error) {
	var hash string
	err = row.Scan(&d.id, &d.certificate, &d.person, &d.session, &hash, &d.digests, &d.label, &d.fingerprint, &d.state, &d.browser,
		&d.secret.with, &d.secret.sealed, &d.values, &d.failure, &d.changed, &d.expires)
	if d.hash = hashes[hash]; err == nil && d.hash == 0 {
		err = fmt.Errorf("dealing %s: hash %q", d.id, hash)
	}
	return d, err
}

func oneDealing(ctx context.Context, q postgres.Querier, sql string, args ...any) (dealing, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return dealing{}, postgres.Translate(err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, scanDealing)
	return d, postgres.Translate(err)
}

func getDealing(ctx context.Context, q postgres.Querier, which id.Dealing) (dealing, error) {
	return oneDealing(ctx, q, `select `+dealingColumns+` from remote_signings where id = $1`, which)
}

// findDealing finds the dealing about the same hashes that did not fail.
func findDealing(ctx context.Context, q postgres.Querier, fingerprint []byte) (d dealing, found bool, err error) {
	d, err = oneDealing(ctx, q, `select `+dealingColumns+` from remote_signings where fingerprint = $1 and state <> 'failed'`, fingerprint)
	if errs.Is(err, errs.NotFound) {
		return d, false, nil
	}
	return d, err == nil, err
}

func insertDealing(ctx context.Context, tx *postgres.Tx, d dealing, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into remote_signings (`+dealingColumns+`, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		d.id, d.certificate, d.person, d.session, d.hash.String(), d.digests, d.label, d.fingerprint, d.state, d.browser,
		d.secret.with, d.secret.sealed, d.values, d.failure, d.changed, d.expires, now)
	return postgres.Translate(err)
}

// updateDealing writes a dealing that is still in a state; false when it is not.
func updateDealing(ctx context.Context, q postgres.Querier, d dealing, from string) (bool, error) {
	tag, err := q.Exec(ctx, `update remote_signings set state = $3, browser_state = $4, sealed_with = $5, sealed = $6, signature_values = $7,
		failure = $8, changed_at = $9 where id = $1 and state = $2`, d.id, from, d.state, d.browser, d.secret.with, d.secret.sealed, d.values, d.failure, d.changed)
	return err == nil && tag.RowsAffected() == 1, postgres.Translate(err)
}

// claimDealing finds the dealing that a browser comes back for, and forgets the state that it brought.
func claimDealing(ctx context.Context, q postgres.Querier, state []byte, person id.Person, session id.Session) (dealing, error) {
	return oneDealing(ctx, q, `update remote_signings set browser_state = null
		where browser_state = $1 and person_id = $2 and session_id = $3 and state = 'consent' returning `+dealingColumns, state, person, session)
}

func deleteDealings(ctx context.Context, q postgres.Querier, before time.Time) error {
	_, err := q.Exec(ctx, `delete from remote_signings where created_at < $1`, before)
	return postgres.Translate(err)
}
