package conference

import (
	"context"
	"time"

	"nghisu/internal/jobs"
	"nghisu/storage/postgres"
)

// forgetAfter is how long a node that is silent and a lease that ran out are kept. A node whose name
// changes with every start (a container) never comes back to clear up after itself.
const forgetAfter = 24 * time.Hour

// TidyArgs is the hourly job that forgets nodes and leases of the past.
type TidyArgs struct{}

// Kind names the job.
func (TidyArgs) Kind() string { return "conference.tidy" }

// RegisterJobs adds the background work of rooms.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[TidyArgs]) error { return s.Tidy(ctx) })
	jobs.Every(r, time.Hour, TidyArgs{})
}

// Tidy ends the stays that silent nodes left open, when those were last seen, and removes the rows of
// such nodes and leases that ran out long ago. It may run several times at once.
func (s *Service) Tidy(ctx context.Context) error {
	before := s.Now().Add(-forgetAfter)
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		for _, sql := range []string{
			`update room_stays st set left_at = greatest(st.joined_at, l.expires_at), leave_reason = 'node_lost' from room_leases l
				where l.meeting_id = st.meeting_id and l.node_id = st.node_id and l.expires_at < $1 and st.left_at is null`,
			`update room_stays st set left_at = greatest(st.joined_at, n.seen_at), leave_reason = 'node_lost' from nodes n
				where n.id = st.node_id and n.seen_at < $1 and st.left_at is null`,
			`delete from room_leases where expires_at < $1`,
			`delete from nodes where seen_at < $1`,
		} {
			if _, err := tx.Exec(ctx, sql, before); err != nil {
				return err
			}
		}
		return nil
	})
}
