package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/storage/postgres"
)

// Entry is an event as a reader sees it, with the names of who did it.
type Entry struct {
	ID         uuid.UUID
	At         time.Time
	Kind       Kind
	Object     *uuid.UUID
	AgencyName string
	PersonName string // empty for the system itself
	Position   string
	Address    string
	Details    json.RawMessage
	Seq        int64 // place in the chain; 0 while it waits for its link
}

// Filter narrows a list of events. Zero fields do not filter.
type Filter struct {
	Object uuid.UUID
	Kind   string    // a kind, or the part before the dot
	After  uuid.UUID // events older than this one
	Limit  int
}

// Reader reads the record for auditors: all of it for the system's auditor and administrator, the
// own agency's for an agency administrator.
type Reader struct{ db *postgres.DB }

// NewReader makes a reader.
func NewReader(db *postgres.DB) *Reader { return &Reader{db: db} }

// List gives the newest events first.
func (r *Reader) List(ctx context.Context, actor access.Actor, f Filter) ([]Entry, error) {
	if err := actor.Need(access.Auditor, access.SystemAdmin, access.AgencyAdmin); err != nil {
		return nil, err
	}
	var agency *uuid.UUID
	if !actor.Has(access.Auditor, access.SystemAdmin) {
		agency = &actor.Agency.UUID
	}
	rows, err := r.db.Query(ctx, `
		select e.id, e.at, e.kind, e.object_id, coalesce(g.name, ''), coalesce(p.full_name, ''), coalesce(a.position, ''),
		       e.address, e.details::text, coalesce(l.seq, 0)
		from audit_events e
		left join agencies g on g.id = e.agency_id
		left join persons p on p.id = e.person_id
		left join appointments a on a.id = e.appointment_id
		left join audit_links l on l.event_id = e.id
		where ($1::uuid is null or e.agency_id = $1)
		  and ($2::uuid is null or e.object_id = $2)
		  and ($3 = '' or e.kind = $3 or starts_with(e.kind, $3 || '.'))
		  and ($4::uuid is null or e.id < $4)
		order by e.id desc limit $5`, agency, null(f.Object), f.Kind, null(f.After), f.Limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Entry, error) {
		var e Entry
		var details string
		err := row.Scan(&e.ID, &e.At, &e.Kind, &e.Object, &e.AgencyName, &e.PersonName, &e.Position, &e.Address, &details, &e.Seq)
		e.Details = json.RawMessage(details)
		return e, err
	})
	return entries, postgres.Translate(err)
}

// Status tells how far the chain is.
type Status struct {
	Linked  int64
	Pending int64
}

// Status reads the length of the chain and of its tail.
func (r *Reader) Status(ctx context.Context, actor access.Actor) (Status, error) {
	var s Status
	if err := actor.Need(access.Auditor, access.SystemAdmin, access.AgencyAdmin); err != nil {
		return s, err
	}
	err := r.db.QueryRow(ctx, `select coalesce((select max(seq) from audit_links), 0), (select count(*) from audit_pending)`).Scan(&s.Linked, &s.Pending)
	return s, postgres.Translate(err)
}
