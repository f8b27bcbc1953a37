package signing

import (
	"context"
	"errors"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// ending is how open items come to their end without a signature.
type ending struct {
	request Request
	actor   access.Actor // who ends them; nobody when the system does
	state   State        // of the request; "" when only one document fails
	item    ItemState
	failure string // message key
	reason  string // of a decline
	at      time.Time
}

// Cancel ends an open request: its documents are free again, and values that come later are not used.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, request id.Request) (Request, error) {
	return s.end(ctx, request, ending{actor: actor, state: Cancelled, item: ItemCancelled, failure: "signing.cancelled"})
}

// Decline ends an open request of a leader, with a reason: the documents go back to whoever prepared them.
func (s *Service) Decline(ctx context.Context, actor access.Actor, request id.Request, reason string) (Request, error) {
	if err := actor.NeedStepUp(s.Now()); err != nil {
		if _, hidden := s.Request(ctx, actor, request); hidden != nil {
			return Request{}, hidden
		}
		return Request{}, err
	}
	reason, err := document.CleanReason(reason)
	if err != nil {
		return Request{}, err
	}
	return s.end(ctx, request, ending{actor: actor, state: Declined, item: ItemCancelled, failure: "signing.declined", reason: reason})
}

// end ends a whole request by its person, exactly once for the command.
func (s *Service) end(ctx context.Context, request id.Request, e ending) (Request, error) {
	r, err := s.Request(ctx, e.actor, request)
	if err != nil {
		return Request{}, err
	}
	if e.state == Declined && r.Purpose != document.ByLeader {
		return Request{}, errs.New(errs.Conflict, "signing.decline_leader_only")
	}
	release, err := s.holdSoon(ctx, request)
	if err != nil {
		return Request{}, err
	}
	defer release()
	_, err = postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (opened, error) {
		if r, err = findRequest(ctx, tx, request, ""); err != nil {
			return opened{}, err
		}
		if !r.State.Open() {
			return opened{}, errs.New(errs.Conflict, "signing.request_closed")
		}
		if slices.ContainsFunc(r.Items, func(it Item) bool { return it.State == ItemSigned }) {
			return opened{}, errs.New(errs.Conflict, "signing.already_agreed")
		}
		e.request, e.at = r, s.Now()
		return opened{request}, s.endRequest(ctx, tx, e)
	})
	if err != nil {
		return Request{}, err
	}
	return s.Request(ctx, e.actor, request)
}

// endRequest ends everything that is open of a request, for whoever holds it.
func (s *Service) endRequest(ctx context.Context, tx *postgres.Tx, e ending) error {
	for _, doc := range openDocuments(e.request.Items) {
		if err := s.endDocument(ctx, tx, e, doc); err != nil {
			return err
		}
	}
	e.request.State, e.request.Reason = e.state, e.reason
	if err := updateRequest(ctx, tx, e.request, e.at); err != nil {
		return err
	}
	return audit.Append(ctx, tx, e.actor, e.at, audit.Event{Kind: audit.SigningEnded, Object: e.request.ID.UUID, Agency: e.request.Agency,
		Details: map[string]any{"state": string(e.state), "reason": e.reason}})
}

// openDocuments lists the documents of open items, in the order of their ids, in which they are locked.
func openDocuments(items []Item) []id.Document {
	var out []id.Document
	for _, it := range items {
		if (it.State == ItemPrepared || it.State == ItemWaiting || it.State == ItemSigned) && !slices.Contains(out, it.Document) {
			out = append(out, it.Document)
		}
	}
	slices.SortFunc(out, func(a, b id.Document) int { return slices.Compare(a.UUID[:], b.UUID[:]) })
	return out
}

// endDocument ends the open items of one document and frees it.
func (s *Service) endDocument(ctx context.Context, tx *postgres.Tx, e ending, documentID id.Document) error {
	doc, err := document.LockForSigning(ctx, tx, documentID)
	if err != nil {
		return err
	}
	closed, err := closeItems(ctx, tx, e, documentID)
	if err != nil {
		return err
	}
	for _, w := range closed {
		if err := audit.Append(ctx, tx, e.actor, e.at, e.request.event(audit.SignatureFailed, w, "failure", e.failure)); err != nil {
			return err
		}
	}
	if e.state == Declined {
		return s.Documents.Decline(ctx, tx, e.actor, doc, e.reason)
	}
	if err := document.Free(ctx, tx, documentID); err != nil {
		return err
	}
	s.Feed.Touch(tx, doc.Topics()...)
	return nil
}

// failDocument ends one document whose error would come again; the others of the request go on.
func (j *run) failDocument(ctx context.Context, doc id.Document, cause error) error {
	e := ending{request: j.request, actor: j.actor, item: ItemFailed, failure: keyOf(cause), at: j.Now()}
	err := postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error { return j.endDocument(ctx, tx, e, doc) })
	if err != nil {
		return errors.Join(cause, err)
	}
	j.out.failed[doc] = cause
	for _, w := range j.ofDocument(doc) {
		w.State = ItemFailed
	}
	return nil
}

// failAll ends every open document for the same cause.
func (j *run) failAll(ctx context.Context, cause error) error {
	for _, doc := range j.documents() {
		if err := j.failDocument(ctx, doc, cause); err != nil {
			return err
		}
	}
	return nil
}

// endAll ends the request as a whole, by the system.
func (j *run) endAll(ctx context.Context, e ending) error {
	e.request, e.at = j.request, j.Now()
	err := postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error { return j.endRequest(ctx, tx, e) })
	if err == nil {
		for i := range j.work {
			j.work[i].State = e.item
		}
		j.request.State = e.state
	}
	return err
}

// tired counts beginnings that ended in trouble, and gives up after many.
func (j *run) tired(ctx context.Context) error {
	n, err := beginAttempt(ctx, j.DB, j.request.ID, j.Now())
	if err != nil || n < maxAttempts {
		return err
	}
	return j.failAll(ctx, j.out.trouble)
}

// finish ends a request that has nothing open any more.
func (j *run) finish(ctx context.Context) error {
	if !j.request.State.Open() || len(j.documents()) > 0 {
		return nil
	}
	return postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error {
		r, err := findRequest(ctx, tx, j.request.ID, "")
		if err != nil {
			return err
		}
		r.State = outcomeOf(r.Items)
		return updateRequest(ctx, tx, r, j.Now())
	})
}
