package postgres

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
)

// Recall is the stored result of the command of the context, for use cases that must do something
// outside of a transaction before Once: found is false when the command was not done yet, or carries no
// key. The same key with another fingerprint is a conflict.
func Recall[T any](ctx context.Context, db *DB) (out T, found bool, err error) {
	cmd, keyed := ctx.Value(commandKey{}).(Command)
	if !keyed {
		return out, false, nil
	}
	var fingerprint, result []byte
	err = db.QueryRow(ctx, `select fingerprint, result from idempotency_keys where person_id = $1 and key = $2`,
		cmd.Person, cmd.Key).Scan(&fingerprint, &result)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return out, false, nil
	case err != nil:
		return out, false, Translate(err)
	case string(fingerprint) != string(cmd.Fingerprint):
		return out, false, errs.New(errs.Conflict, "request.key_reused")
	}
	return out, true, json.Unmarshal(result, &out)
}
