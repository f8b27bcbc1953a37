package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nghisu/storage/postgres"
)

// batch is how many events one round of the chainer links.
const batch = 500

// chainLock is the advisory lock of the one chainer among all nodes.
const chainLock = 7_310_001

// record is a stored event, as it is hashed and shown.
type record struct {
	ID          uuid.UUID
	At          time.Time
	Kind        string
	Object      *uuid.UUID
	Agency      *uuid.UUID
	Person      *uuid.UUID
	Appointment *uuid.UUID
	Session     *uuid.UUID
	Address     string
	RequestID   string
	Details     json.RawMessage
}

const recordColumns = `e.id, e.at, e.kind, e.object_id, e.agency_id, e.person_id, e.appointment_id, e.session_id, e.address, e.request_id, e.details::text`

func scanRecord(row pgx.CollectableRow) (record, error) {
	var r record
	var details string
	err := row.Scan(&r.ID, &r.At, &r.Kind, &r.Object, &r.Agency, &r.Person, &r.Appointment, &r.Session, &r.Address, &r.RequestID, &details)
	r.Details = json.RawMessage(details)
	return r, err
}

// hash chains r behind previous: SHA-256 over the previous hash, the place in the chain, and every
// column with its length before it, so that no two different events read alike. Times count in
// microseconds since 1970, absent ids as zero bytes, details as PostgreSQL prints its jsonb.
func (r record) hash(previous [32]byte, seq int64) [32]byte {
	h := sha256.New()
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(v int64) { field(binary.BigEndian.AppendUint64(nil, uint64(v))) }
	optional := func(u *uuid.UUID) {
		if u == nil {
			field(nil)
			return
		}
		field(u[:])
	}
	field([]byte("nghisu audit 1"))
	field(previous[:])
	number(seq)
	field(r.ID[:])
	number(r.At.UnixMicro())
	field([]byte(r.Kind))
	for _, u := range []*uuid.UUID{r.Object, r.Agency, r.Person, r.Appointment, r.Session} {
		optional(u)
	}
	field([]byte(r.Address))
	field([]byte(r.RequestID))
	field(r.Details)
	return [32]byte(h.Sum(nil))
}

// Chainer links committed events. One of all nodes does it at a time, so that writers never wait.
type Chainer struct {
	db  *postgres.DB
	log *slog.Logger
}

// NewChainer makes a chainer; every node runs one.
func NewChainer(db *postgres.DB, log *slog.Logger) *Chainer { return &Chainer{db: db, log: log} }

// Run links events about twice a second until ctx ends.
func (c *Chainer) Run(ctx context.Context) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := c.LinkPending(ctx); err != nil && ctx.Err() == nil {
			c.log.WarnContext(ctx, "audit chain waits", "error", err)
		}
	}
}

// LinkPending links everything that is committed and not linked yet, and tells how many events that
// were. When another node holds the chain it does nothing.
func (c *Chainer) LinkPending(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := c.linkBatch(ctx)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

func (c *Chainer) linkBatch(ctx context.Context) (int, error) {
	linked := 0
	err := postgres.InTx(ctx, c.db, func(tx *postgres.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock($1)`, chainLock).Scan(&mine); err != nil || !mine {
			return err
		}
		rows, err := tx.Query(ctx, `select `+recordColumns+` from audit_pending p join audit_events e on e.id = p.event_id order by e.id limit $1`, batch)
		if err != nil {
			return err
		}
		records, err := pgx.CollectRows(rows, scanRecord)
		if err != nil || len(records) == 0 {
			return err
		}
		seq, previous, err := head(ctx, tx)
		if err != nil {
			return err
		}
		seqs, ids, hashes := make([]int64, len(records)), make([]uuid.UUID, len(records)), make([][]byte, len(records))
		for i, r := range records {
			seq++
			previous = r.hash(previous, seq)
			seqs[i], ids[i], hashes[i] = seq, r.ID, append([]byte(nil), previous[:]...)
		}
		if _, err := tx.Exec(ctx, `insert into audit_links (seq, event_id, hash) select * from unnest($1::bigint[], $2::uuid[], $3::bytea[])`, seqs, ids, hashes); err != nil {
			return fmt.Errorf("link audit events: %w", err)
		}
		if _, err := tx.Exec(ctx, `delete from audit_pending where event_id = any($1)`, ids); err != nil {
			return fmt.Errorf("clear linked audit events: %w", err)
		}
		linked = len(records)
		return nil
	})
	return linked, err
}

// head is the end of the chain; zeros before the first link.
func head(ctx context.Context, q postgres.Querier) (int64, [32]byte, error) {
	var seq int64
	var hash []byte
	err := q.QueryRow(ctx, `select seq, hash from audit_links order by seq desc limit 1`).Scan(&seq, &hash)
	if err == pgx.ErrNoRows { //nolint:errorlint // returned unwrapped by Scan
		return 0, [32]byte{}, nil
	}
	if err != nil {
		return 0, [32]byte{}, err
	}
	return seq, [32]byte(hash), nil
}
