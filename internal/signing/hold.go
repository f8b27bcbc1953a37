package signing

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// hold takes a request for one advance, on all nodes, without a transaction: by an advisory lock of a
// connection of its own. When the process dies, the connection ends and with it the lock; so whoever
// gets the lock knows that nobody else works on the request. errBusy when somebody does.
func (s *Service) hold(ctx context.Context, request id.Request) (release func(), err error) {
	select {
	case s.holds <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done := func() { <-s.holds }
	conn, err := s.DB.Acquire(ctx)
	if err != nil {
		done()
		return nil, postgres.Translate(err)
	}
	const key = "hashtextextended('signing:' || $1::text, 0)"
	var got bool
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(`+key+`)`, request.String()).Scan(&got); err != nil || !got {
		conn.Release()
		done()
		if err == nil {
			err = errBusy
		}
		return nil, postgres.Translate(err)
	}
	return func() {
		defer done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := conn.Exec(ctx, `select pg_advisory_unlock(`+key+`)`, request.String()); err != nil {
			_ = conn.Conn().Close(ctx) // the lock ends with the connection
		}
		conn.Release()
	}, nil
}

// holdFor is how long a person who ends a request, or an agent, waits for the work of the moment.
const holdFor = 5 * time.Second

// holdSoon is hold that waits a while for whoever holds the request now.
func (s *Service) holdSoon(ctx context.Context, request id.Request) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, holdFor)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		release, err := s.hold(ctx, request)
		if !errors.Is(err, errBusy) {
			return release, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errBusy
		}
	}
}
