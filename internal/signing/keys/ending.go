package keys

import (
	"context"
	"time"

	"nghisu/storage/postgres"
)

// WarnAt are the days before its end at which a certificate is warned of, more urgently each time; 0 is
// the end itself.
var WarnAt = []int{WarnDays, 30, 7, 0}

// Ending counts the certificates in use that end within a number of days, or have ended: those whose holder
// has no other one that lasts longer, and those of trusted authorities. A trial certificate does not stand
// in for a real one.
func (s *Service) Ending(ctx context.Context, days int) (int, error) {
	return countEnding(ctx, s.DB, s.Now().AddDate(0, 0, days))
}

func countEnding(ctx context.Context, q postgres.Querier, before time.Time) (n int, err error) {
	err = q.QueryRow(ctx, `select (select count(*) from trust_anchors where valid_to < $1) + count(*) from certificates c where c.disabled_at is null and c.valid_to < $1
		and not exists (select from certificates n where (n.person_id = c.person_id or n.agency_id = c.agency_id) and n.disabled_at is null
			and n.valid_to > c.valid_to and (c.kind = 'development' or n.kind <> 'development'))`, before).Scan(&n)
	return n, postgres.Translate(err)
}

// Health is the worst state among the certificates that somebody signs with.
func (s *Service) Health(ctx context.Context) (State, error) {
	for _, x := range []struct {
		days  int
		state State
	}{{0, Expired}, {WarnDays, ExpiresSoon}} {
		n, err := s.Ending(ctx, x.days)
		if err != nil || n > 0 {
			return x.state, err
		}
	}
	return InUse, nil
}
