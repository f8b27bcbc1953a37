package signing

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// RequestFilter selects a page of requests. A zero State is any; Open are those that are not at their end.
type RequestFilter struct {
	State State
	Open  bool
	After string // cursor of the page before
	Limit int    // 1 to 200
}

// Request reads a request; hidden ones are NotFound.
func (s *Service) Request(ctx context.Context, actor access.Actor, request id.Request) (Request, error) {
	r, err := findRequest(ctx, s.DB, request, "")
	if err == nil && !r.Visible(actor) {
		err = errs.Missing()
	}
	if err != nil {
		return Request{}, err
	}
	all := []Request{r}
	return all[0], s.nameKeys(ctx, all)
}

// Requests lists the requests that actor sees, newest first, and the cursor of the next page.
func (s *Service) Requests(ctx context.Context, actor access.Actor, f RequestFilter) ([]Request, string, error) {
	var at *time.Time
	var last *id.Request
	if f.After != "" {
		at, last = new(time.Time), new(id.Request)
		if err := postgres.ReadCursor(f.After, at, last); err != nil {
			return nil, "", err
		}
	}
	found, err := listRequests(ctx, s.DB, `(r.purpose = 'leader' and r.appointment_id = $1 or r.purpose = 'seal' and r.agency_id = $2 and $3)
		and ($4 = '' or r.state = $4) and (not $5 or r.state in ('prepared', 'waiting'))
		and ($6::timestamptz is null or (r.created_at, r.id) < ($6, $7)) order by r.created_at desc, r.id desc limit $8`,
		actor.Appointment, actor.Agency, actor.Has(roleFor(document.BySeal)), string(f.State), f.Open, at, last, f.Limit+1)
	next := ""
	if len(found) > f.Limit {
		found = found[:f.Limit]
		next = postgres.Cursor(found[f.Limit-1].CreatedAt, found[f.Limit-1].ID)
	}
	if err != nil {
		return nil, "", err
	}
	return found, next, s.nameKeys(ctx, found)
}

// nameKeys fills what is to be told of the certificates.
func (s *Service) nameKeys(ctx context.Context, requests []Request) error {
	known := map[id.Certificate]Key{}
	for i := range requests {
		r := &requests[i]
		if _, ok := known[r.Certificate]; !ok {
			c, err := s.Keys.Find(ctx, s.DB, r.Certificate)
			if err != nil {
				return err
			}
			known[r.Certificate] = Key{c.Kind, c.Name, c.Development}
		}
		r.Key = known[r.Certificate]
	}
	return nil
}

// DocumentsOf lists the documents of an own request by the ticket of its provider: where a browser goes when
// it comes back from there.
func (s *Service) DocumentsOf(ctx context.Context, actor access.Actor, ticket string) ([]id.Document, error) {
	return listTicketDocuments(ctx, s.DB, actor.Person, ticket)
}
