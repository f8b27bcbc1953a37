package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/storage/postgres"
)

const (
	attemptsPerLock  = 5                // TCVN 14423:2026: at most 5 wrong ones
	addressWindow    = 15 * time.Minute // in which failures of an address count
	addressFailures  = 60               // offices share an address, so many people may mistype
	forgetNamesAfter = 30 * 24 * time.Hour
)

// keyAddressLimit is the message key of a refusal because of the address alone.
const keyAddressLimit = "auth.too_many_from_address"

// lockFor is how long a name is locked after so many failures in a row: 15 minutes after five, then
// longer after each further five, to the 12 hours the standard begins with. Zero between.
func lockFor(failures int) time.Duration {
	if failures == 0 || failures%attemptsPerLock != 0 {
		return 0
	}
	steps := []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour}
	return steps[min(failures/attemptsPerLock, len(steps))-1]
}

func nameHash(username string) []byte {
	h := sha256.Sum256([]byte(username))
	return h[:]
}

// attempt is one try at a name, counted as a failure before the password is looked at, so that many
// at the same moment do not get more tries.
type attempt struct {
	failures int
	lockedAs time.Duration // the lock this attempt sets if it fails
}

// beginAttempt counts an attempt, or refuses it because the address or the name is locked. It
// answers names without an account in the same way.
func beginAttempt(ctx context.Context, tx *postgres.Tx, username, address string, now time.Time) (attempt, error) {
	var fromAddress int
	err := tx.QueryRow(ctx, `select count(*) from sign_in_failures where address = $1 and at > $2`, address, now.Add(-addressWindow)).Scan(&fromAddress)
	if err != nil {
		return attempt{}, err
	}
	if fromAddress >= addressFailures {
		return attempt{}, errs.New(errs.TooMany, keyAddressLimit).With("minutes", int(addressWindow.Minutes()))
	}
	hash := nameHash(username)
	var failures int
	var lockedUntil *time.Time
	err = tx.QueryRow(ctx, `insert into sign_in_names as n (name_hash, failures, at) values ($1, 0, $2)
		on conflict (name_hash) do update set at = n.at returning failures, locked_until`, hash, now).Scan(&failures, &lockedUntil)
	if err != nil {
		return attempt{}, err
	}
	if lockedUntil != nil && lockedUntil.After(now) {
		return attempt{}, lockedError(lockedUntil.Sub(now))
	}
	failures++
	lock := lockFor(failures)
	var until *time.Time
	if lock > 0 {
		t := now.Add(lock)
		until = &t
	}
	_, err = tx.Exec(ctx, `update sign_in_names set failures = $2, locked_until = $3, at = $4 where name_hash = $1`, hash, failures, until, now)
	return attempt{failures: failures, lockedAs: lock}, err
}

func lockedError(left time.Duration) error {
	return errs.New(errs.TooMany, "auth.locked").With("minutes", max(1, int((left+time.Minute-1)/time.Minute)))
}

// failAttempt remembers the failure of an address; names long quiet and old failures are forgotten.
func failAttempt(ctx context.Context, tx *postgres.Tx, address string, now time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`insert into sign_in_failures (address, at) values ($1, $2)`, address, now)
	batch.Queue(`delete from sign_in_failures where ctid = any (array(select ctid from sign_in_failures where at < $1 limit 100))`, now.Add(-addressWindow))
	batch.Queue(`delete from sign_in_names where name_hash = any (array(select name_hash from sign_in_names where at < $1 limit 10))`, now.Add(-forgetNamesAfter))
	return tx.SendBatch(ctx, batch).Close()
}

// takeBack uncounts an attempt whose password was never looked at, because the server was too busy.
func takeBack(ctx context.Context, q postgres.Querier, username string) error {
	_, err := q.Exec(ctx, `update sign_in_names set failures = failures - 1, locked_until = null where name_hash = $1 and failures > 0`, nameHash(username))
	return postgres.Translate(err)
}

// forgiveName ends a lock and forgets failures: after the right password, or by an administrator.
func forgiveName(ctx context.Context, tx *postgres.Tx, username string) (wasLocked bool, err error) {
	var until *time.Time
	err = tx.QueryRow(ctx, `delete from sign_in_names where name_hash = $1 returning locked_until`, nameHash(username)).Scan(&until)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return until != nil, err
}
