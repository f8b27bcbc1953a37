package httpapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
)

// AuditEvent is one event of the record.
type AuditEvent struct {
	ID         uuid.UUID       `json:"id" format:"uuid"`
	At         time.Time       `json:"at"`
	Kind       string          `json:"kind" doc:"feature.verb_in_past"`
	ObjectID   *uuid.UUID      `json:"object_id" format:"uuid"`
	AgencyName string          `json:"agency_name"`
	PersonName string          `json:"person_name" doc:"Empty when the system itself did it"`
	Position   string          `json:"position"`
	Address    string          `json:"address"`
	Details    json.RawMessage `json:"details"`
	Seq        int64           `json:"seq" doc:"Place in the chain; 0 while it waits for its link"`
}

// AuditStatus tells how far the chain is.
type AuditStatus struct {
	Linked  int64 `json:"linked"`
	Pending int64 `json:"pending"`
}

type listEventsInput struct {
	Page
	ObjectID string `query:"object_id" format:"uuid"`
	Kind     string `query:"kind" maxLength:"60" doc:"A kind, or the feature before its dot"`
}

func (a *API) registerAudit() {
	readers := Role(access.Auditor, access.SystemAdmin, access.AgencyAdmin)
	get(a, Op{ID: "list-audit-events", Path: "/audit/events", Summary: "Events, newest first", Tag: "audit", Access: readers}, a.listEvents)
	get(a, Op{ID: "get-audit-status", Path: "/audit/status", Summary: "How far the chain is", Tag: "audit", Access: readers},
		func(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[AuditStatus], error) {
			s, err := a.Audit.Status(ctx, actor)
			if err != nil {
				return nil, err
			}
			return answer(AuditStatus(s)), nil
		})
}

func (a *API) listEvents(ctx context.Context, actor access.Actor, in *listEventsInput) (*List[AuditEvent], error) {
	f := audit.Filter{Kind: in.Kind, Limit: in.Limit + 1}
	var err error
	if in.ObjectID != "" {
		if f.Object, err = uuid.Parse(in.ObjectID); err != nil {
			return nil, errs.InvalidField("object_id", "field.wrong_form")
		}
	}
	if in.After != "" {
		if f.After, err = uuid.Parse(in.After); err != nil {
			return nil, errs.New(errs.Invalid, "request.bad_cursor")
		}
	}
	entries, err := a.Audit.List(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(entries) > in.Limit {
		entries = entries[:in.Limit]
		next = entries[in.Limit-1].ID.String()
	}
	events := make([]AuditEvent, 0, len(entries))
	for _, e := range entries {
		events = append(events, AuditEvent{ID: e.ID, At: e.At, Kind: string(e.Kind), ObjectID: e.Object, AgencyName: e.AgencyName,
			PersonName: e.PersonName, Position: e.Position, Address: e.Address, Details: e.Details, Seq: e.Seq})
	}
	return list(events, next), nil
}
