package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"nghisu/storage/postgres"
)

// Report is what a check of the chain found.
type Report struct {
	Linked   int64     `json:"linked"`   // events in the chain, all checked
	Pending  int64     `json:"pending"`  // committed events the chainer has not reached; normal for a second
	Head     string    `json:"head"`     // hash of the last link, hex; note it elsewhere to prove the past later
	Findings []Finding `json:"findings"` // empty when everything fits
}

// Finding is one place where the record is not as it was written.
type Finding struct {
	Seq    int64  `json:"seq"`
	Event  string `json:"event"`
	Reason string `json:"reason"`
}

// maxFindings ends a check that finds nothing but damage.
const maxFindings = 100

// Verify reads the whole record in one snapshot and recomputes the chain: places without a gap, every
// hash, and events that are neither linked nor waiting.
func Verify(ctx context.Context, db *postgres.DB) (Report, error) {
	var rep Report
	tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return rep, postgres.Translate(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := walkChain(ctx, tx, &rep); err != nil {
		return rep, fmt.Errorf("walk audit chain: %w", err)
	}
	rows, err := tx.Query(ctx, `select e.id::text from audit_events e left join audit_links l on l.event_id = e.id
		left join audit_pending p on p.event_id = e.id where l.event_id is null and p.event_id is null limit $1`, maxFindings)
	if err != nil {
		return rep, fmt.Errorf("look for unlinked events: %w", err)
	}
	lost, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return rep, fmt.Errorf("look for unlinked events: %w", err)
	}
	for _, e := range lost {
		rep.Findings = append(rep.Findings, Finding{Event: e, Reason: "event is neither linked nor waiting to be"})
	}
	return rep, tx.QueryRow(ctx, `select count(*) from audit_pending`).Scan(&rep.Pending)
}

func walkChain(ctx context.Context, tx pgx.Tx, rep *Report) error {
	rows, err := tx.Query(ctx, `select l.seq, l.hash, `+recordColumns+` from audit_links l join audit_events e on e.id = l.event_id order by l.seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var previous [32]byte
	for rows.Next() && len(rep.Findings) < maxFindings {
		var seq int64
		var stored []byte
		r, err := scanLinked(rows, &seq, &stored)
		if err != nil {
			return err
		}
		rep.Linked++
		if seq != rep.Linked {
			rep.Findings = append(rep.Findings, Finding{Seq: seq, Event: r.ID.String(), Reason: fmt.Sprintf("link %d expected here", rep.Linked)})
			rep.Linked = seq
		}
		want := r.hash(previous, seq)
		if !bytes.Equal(want[:], stored) {
			rep.Findings = append(rep.Findings, Finding{Seq: seq, Event: r.ID.String(), Reason: "event or link was changed"})
		}
		previous = [32]byte(stored)
	}
	if rep.Linked > 0 {
		rep.Head = hex.EncodeToString(previous[:])
	}
	return rows.Err()
}

func scanLinked(rows pgx.Rows, seq *int64, stored *[]byte) (record, error) {
	var r record
	var details string
	err := rows.Scan(seq, stored, &r.ID, &r.At, &r.Kind, &r.Object, &r.Agency, &r.Person, &r.Appointment, &r.Session, &r.Address, &r.RequestID, &details)
	r.Details = []byte(details)
	return r, err
}
