package postgres

import (
	"context"
	"time"
)

// forgetBatch is how many stored results of commands go in one statement, so that no lock is held long.
const forgetBatch = 5000

// ForgetCommands removes the stored results of commands that were done before the given moment, and
// tells how many. A repeat that comes later still would be done anew.
func ForgetCommands(ctx context.Context, db *DB, before time.Time) (int64, error) {
	var gone int64
	for {
		tag, err := db.Exec(ctx, `delete from idempotency_keys where ctid = any (array(
			select ctid from idempotency_keys where created_at < $1 order by created_at limit $2))`, before, forgetBatch)
		gone += tag.RowsAffected()
		if err != nil || tag.RowsAffected() < forgetBatch {
			return gone, Translate(err)
		}
	}
}
