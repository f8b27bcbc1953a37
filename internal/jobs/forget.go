package jobs

import (
	"context"
	"time"

	"nghisu/storage/postgres"
)

// keepCommands is how long a command can be repeated under its key: longer than a page that lost its
// connection stays open over a weekend.
const keepCommands = 7 * 24 * time.Hour

// ForgetArgs is the hourly job that removes the stored results of old commands.
type ForgetArgs struct{}

// Kind names the job.
func (ForgetArgs) Kind() string { return "jobs.forget_commands" }

// ForgetCommands adds the removal of old results to the background work. now is postgres.Now when nil.
func ForgetCommands(r *Registry, db *postgres.DB, now func() time.Time) {
	if now == nil {
		now = postgres.Now
	}
	Handle(r, func(ctx context.Context, _ *Job[ForgetArgs]) error {
		_, err := postgres.ForgetCommands(ctx, db, now().Add(-keepCommands))
		return err
	})
	Every(r, time.Hour, ForgetArgs{})
}
