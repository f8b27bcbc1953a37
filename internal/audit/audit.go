// Package audit keeps the append-only record of everything that happened. A use case appends an
// event in its own transaction; one chainer links committed events into a hash chain afterwards, so
// that agencies never wait for one another. The application's database role can insert and read
// events and links, and nothing else.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// Kind is the type of an event, from the closed list in kinds.go: "feature.verb_in_past".
type Kind string

// Event is one thing that happened. Details hold ids, numbers, states and reasons; never file
// content, passwords or tokens.
type Event struct {
	Kind    Kind
	Object  uuid.UUID      // the thing it happened to; zero when there is none
	Agency  id.Agency      // whose record it belongs to; the actor's agency when zero
	Details map[string]any // small, JSON
}

// Origin is where a request came from; httpapi puts it into the context.
type Origin struct {
	Address   string // client address after trusted proxies
	RequestID string
}

type originKey struct{}

// WithOrigin marks ctx with the origin of the request.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// Append records e as done by actor at now, in the caller's transaction. The zero actor means the
// system itself (a worker, a command of the operator).
func Append(ctx context.Context, tx postgres.Querier, actor access.Actor, now time.Time, e Event) error {
	agency := e.Agency
	if id.IsZero(agency) {
		agency = actor.Agency
	}
	details := e.Details
	if details == nil {
		details = map[string]any{}
	}
	body, err := json.Marshal(details)
	if err != nil {
		return fmt.Errorf("encode audit event %s: %w", e.Kind, err)
	}
	origin, _ := ctx.Value(originKey{}).(Origin)
	_, err = tx.Exec(ctx, `
		with e as (
			insert into audit_events (id, at, kind, object_id, agency_id, person_id, appointment_id, session_id, address, request_id, details)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id)
		insert into audit_pending (event_id) select id from e`,
		id.New[id.Event](), now, e.Kind, null(e.Object), null(agency.UUID), null(actor.Person.UUID),
		null(actor.Appointment.UUID), null(actor.Session.UUID), origin.Address, origin.RequestID, body)
	if err != nil {
		return fmt.Errorf("append audit event %s: %w", e.Kind, err)
	}
	return nil
}

func null(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}
