package live

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/storage/postgres"
)

const (
	channel = "nghisu_live"
	// coalesce is how long hints of the same moment wait for one another.
	coalesce = 15 * time.Millisecond
	// maxPayload stays below PostgreSQL's limit of 8,000 bytes a notification.
	maxPayload = 7000
)

// Run sends the hints of this node to all nodes until ctx ends. When the database cannot be reached
// the hints are kept and sent later.
func (f *Feed) Run(ctx context.Context, db *postgres.DB, log *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.wake:
		}
		if !pause(ctx, coalesce) {
			return nil
		}
		if err := f.flush(ctx, db); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "live hints wait for the database", "error", err)
			if !pause(ctx, time.Second) {
				return nil
			}
			f.TouchNow()
		}
	}
}

func (f *Feed) flush(ctx context.Context, db *postgres.DB) error {
	f.mu.Lock()
	taken := f.pending
	f.pending = map[Topic]struct{}{}
	f.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	var payloads []string
	var b strings.Builder
	for t := range taken {
		if b.Len()+len(t)+1 > maxPayload {
			payloads = append(payloads, b.String())
			b.Reset()
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(t))
	}
	payloads = append(payloads, b.String())
	if _, err := db.Exec(ctx, `select pg_notify($1, p) from unnest($2::text[]) p`, channel, payloads); err != nil {
		f.mu.Lock()
		for t := range taken {
			f.pending[t] = struct{}{}
		}
		f.mu.Unlock()
		return fmt.Errorf("send live hints: %w", err)
	}
	return nil
}

// Listen hands the hints of all nodes to the hub until ctx ends. It holds one connection; when that
// is lost the hub begins a new epoch, because hints may have been missed.
func (h *Hub) Listen(ctx context.Context, db *postgres.DB, log *slog.Logger) error {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := h.listenOnce(ctx, db)
		if ctx.Err() != nil {
			return nil
		}
		log.WarnContext(ctx, "live hints interrupted", "error", err)
		if time.Since(began) > 10*time.Second {
			wait = 100 * time.Millisecond
		}
		if !pause(ctx, wait) {
			return nil
		}
		wait = min(wait*2, 5*time.Second)
	}
	return nil
}

func (h *Hub) listenOnce(ctx context.Context, db *postgres.DB) error {
	conn, err := pgx.ConnectConfig(ctx, db.Config().ConnConfig.Copy())
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	h.Break() // whatever was notified before this moment is unknown to us
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		for t := range strings.FieldsSeq(n.Payload) {
			h.Publish(Topic(t))
		}
	}
}

// pause waits, and reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
