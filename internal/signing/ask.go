package signing

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// callFor is how long whoever asks waits for the work on a request; it goes on without them.
const callFor = 25 * time.Second

// SignAsLeader puts the signature of the leader, who is named as signer, on the main file, with the usual
// certificate. version is the one the caller has seen, 0 for any.
func (s *Service) SignAsLeader(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error) {
	return s.SignOne(ctx, actor, Ask{Purpose: document.ByLeader, Documents: []Wanted{{documentID, version}}})
}

// Seal puts the agency's signature on every file, by a clerk, after the leader signed (NĐ 30/2020
// Đ.32-33), with the usual certificate. All files or none.
func (s *Service) Seal(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error) {
	return s.SignOne(ctx, actor, Ask{Purpose: document.BySeal, Documents: []Wanted{{documentID, version}}})
}

// SignOne asks for the signatures of one document and answers with the document as it then stands: signed,
// or held while the request waits for the person elsewhere. A file that cannot be signed without damage
// is refused with the reason, and nothing changes. Asking again while it waits changes nothing; after
// trouble of our own it goes on with the same request.
func (s *Service) SignOne(ctx context.Context, actor access.Actor, in Ask) (document.Document, error) {
	r, done, err := s.ask(ctx, actor, in, true)
	if err != nil {
		return document.Document{}, err
	}
	for _, it := range r.Items {
		if it.State == ItemFailed || it.State == ItemCancelled {
			if cause := done.failed[it.Document]; cause != nil {
				return document.Document{}, cause
			}
			return document.Document{}, errs.New(errs.Conflict, it.Failure)
		}
	}
	if done.trouble != nil {
		return document.Document{}, done.trouble
	}
	return s.Documents.Get(context.WithoutCancel(ctx), actor, in.Documents[0].Document)
}

// Ask asks for the signatures of many documents at once, after reading the list: one consent for all. One
// document that cannot be signed does not stop the others; each result is told.
func (s *Service) Ask(ctx context.Context, actor access.Actor, in Ask) (Request, error) {
	r, _, err := s.ask(ctx, actor, in, false)
	if err != nil {
		return Request{}, err
	}
	return s.Request(context.WithoutCancel(ctx), actor, r.ID)
}

// opened is what is remembered of a command that asked.
type opened struct {
	Request id.Request `json:"request"`
}

// ask writes down what is going to happen, commits, and takes the request as far as it goes.
func (s *Service) ask(ctx context.Context, actor access.Actor, in Ask, one bool) (Request, outcome, error) {
	if err := in.check(); err != nil {
		return Request{}, outcome{}, err
	}
	may := actor.Need(roleFor(in.Purpose))
	if may != nil && !one {
		return Request{}, outcome{}, may
	}
	o, found, err := postgres.Recall[opened](ctx, s.DB)
	if err == nil && !found {
		if may == nil { // the document itself refuses everybody else
			err = s.Keys.Ready(ctx, actor, holderOf(actor, in.Purpose))
		}
		if err == nil {
			o, err = postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (opened, error) { return s.open(ctx, tx, actor, in, one) })
		}
	}
	if err != nil {
		return Request{}, outcome{}, err
	}
	ctx = context.WithoutCancel(ctx) // from here on nothing depends on the caller's connection
	done, err := s.goOn(ctx, o.Request)
	if err != nil && (one || !errors.Is(err, errBusy)) {
		return Request{}, outcome{}, err
	}
	r, err := findRequest(ctx, s.DB, o.Request, "")
	return r, done, err
}

// goOn advances a request and waits for it a while; longer work goes on without the caller.
func (s *Service) goOn(ctx context.Context, request id.Request) (outcome, error) {
	ready := s.runs.DoChan(request.String(), func() (any, error) {
		return s.advance(ctx, request)
	})
	timer := time.NewTimer(callFor)
	defer timer.Stop()
	select {
	case done := <-ready:
		return done.Val.(outcome), done.Err
	case <-timer.C:
		return outcome{}, nil
	}
}

// candidate is a document of an Ask with what hinders its signature.
type candidate struct {
	doc document.Document
	err error
}

// open checks rights and writes the intents. Documents are locked in the order of their ids.
func (s *Service) open(ctx context.Context, tx *postgres.Tx, actor access.Actor, in Ask, one bool) (opened, error) {
	now := s.Now()
	found := make([]candidate, len(in.Documents))
	order := make([]int, len(in.Documents))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return bytes.Compare(in.Documents[a].Document.UUID[:], in.Documents[b].Document.UUID[:])
	})
	for _, i := range order {
		c, err := s.candidate(ctx, tx, actor, in, i)
		if err != nil {
			return opened{}, err
		}
		found[i] = c
	}
	if one && found[0].doc.Pending != nil && keyOf(found[0].err) == "document.being_signed" {
		return s.join(ctx, tx, actor, in, found[0])
	}
	if one && found[0].err != nil {
		return opened{}, found[0].err
	}
	cert, err := s.Keys.Choose(ctx, tx, holderOf(actor, in.Purpose), in.Certificate)
	if err != nil {
		return opened{}, err
	}
	r := Request{ID: id.New[id.Request](), Person: actor.Person, Appointment: actor.Appointment, Agency: actor.Agency, Session: actor.Session,
		Purpose: in.Purpose, Certificate: cert.ID, State: Prepared, CreatedAt: now, ExpiresAt: now.Add(requestFor)}
	if !slices.ContainsFunc(found, func(c candidate) bool { return c.err == nil }) {
		r.State = Failed
	}
	if err := insertRequest(ctx, tx, r); err != nil {
		return opened{}, err
	}
	i := intents{actor: actor, request: r, serial: cert.Leaf.SerialNumber.Text(16), at: now}
	for _, c := range found {
		if err := s.intend(ctx, tx, &i, c); err != nil {
			return opened{}, err
		}
	}
	return opened{r.ID}, nil
}

// candidate locks one document and asks whether it may be signed. The error is one that ends all: a
// document that is hidden, or a person who has to give the password again.
func (s *Service) candidate(ctx context.Context, tx *postgres.Tx, actor access.Actor, in Ask, i int) (candidate, error) {
	doc, err := document.LockForSigning(ctx, tx, in.Documents[i].Document)
	if err != nil {
		return candidate{}, err
	}
	c := candidate{doc: doc, err: doc.May(actor, in.action())}
	if errs.Is(c.err, errs.NotFound) {
		return candidate{}, c.err
	}
	if c.err == nil || doc.Pending != nil {
		if err := actor.NeedStepUp(s.Now()); err != nil {
			return candidate{}, err
		}
	}
	version := in.Documents[i].Version
	switch {
	case c.err != nil:
	case version != 0 && version != doc.Version:
		c.err = &errs.Error{Code: errs.Stale, Key: "request.stale", Current: doc}
	case len(doc.NeedsSignature(in.Purpose)) == 0:
		c.err = errs.New(errs.Conflict, "document.already_signed")
	}
	return c, nil
}

// join finds the open request for just this document by the same person: a double click, or another try
// after trouble. What somebody else asked for, or with another certificate, stays theirs.
func (s *Service) join(ctx context.Context, tx *postgres.Tx, actor access.Actor, in Ask, c candidate) (opened, error) {
	r, err := findRequest(ctx, tx, *c.doc.Pending, "")
	if err != nil {
		return opened{}, err
	}
	same := r.Appointment == actor.Appointment && r.Purpose == in.Purpose && (id.IsZero(in.Certificate) || in.Certificate == r.Certificate)
	for _, it := range r.Items {
		same = same && it.Document == c.doc.ID
	}
	if !same {
		return opened{}, c.err
	}
	return opened{r.ID}, nil
}

// intents are the items of a request while they are written.
type intents struct {
	actor   access.Actor
	request Request
	serial  string // of the certificate
	at      time.Time
	ordinal int
}

// intend writes the items of one document and holds it; a document that cannot be signed has one item
// that says why.
func (s *Service) intend(ctx context.Context, tx *postgres.Tx, i *intents, c candidate) error {
	row := newItem{request: i.request.ID, purpose: string(i.request.Purpose), at: i.at}
	row.Document = c.doc.ID
	if c.err != nil {
		i.ordinal++
		row.ID, row.ordinal, row.State, row.Failure = id.New[id.Signature](), i.ordinal, ItemFailed, keyOf(c.err)
		return insertItem(ctx, tx, row)
	}
	if err := document.Hold(ctx, tx, c.doc.ID, i.request.ID); err != nil {
		return err
	}
	for _, f := range c.doc.NeedsSignature(i.request.Purpose) {
		i.ordinal++
		row.ID, row.ordinal, row.State, row.File, row.input = id.New[id.Signature](), i.ordinal, ItemPrepared, f.ID, &f.Ref
		if err := insertItem(ctx, tx, row); err != nil {
			return err
		}
		w := work{Item: row.Item, input: f.Ref}
		if err := audit.Append(ctx, tx, i.actor, i.at, i.request.event(audit.SignatureIntended, w, "certificate", i.serial)); err != nil {
			return err
		}
	}
	s.Feed.Touch(tx, c.doc.Topics()...)
	return nil
}

// event is the audit event of one step of one signature; key and value are what the step adds.
func (r Request) event(kind audit.Kind, w work, key, value string) audit.Event {
	return audit.Event{Kind: kind, Object: w.Document.UUID, Agency: r.Agency, Details: map[string]any{"request": r.ID, "signature": w.ID, "file": w.File,
		"purpose": string(r.Purpose), "input": w.input.Hash.Hex(), key: value}}
}

// actorOf is the person of a request, with the roles that they still have.
func (s *Service) actorOf(ctx context.Context, q postgres.Querier, r Request) (access.Actor, error) {
	held, err := document.Appointments(ctx, q, []id.Appointment{r.Appointment})
	if err != nil {
		return access.Actor{}, err
	}
	a := held[r.Appointment]
	actor := access.Actor{Person: r.Person, Appointment: r.Appointment, Agency: r.Agency, Session: r.Session,
		Name: a.FullName, Position: a.Position, AgencyName: a.AgencyName}
	if day := org.Today(s.Now()); !a.ValidFrom.After(day) && (a.ValidTo == nil || a.ValidTo.After(day)) {
		actor.Roles = a.Roles
	}
	return actor, nil
}

// keyOf is the message key of a failure, as rows and the audit keep it; "" without one.
func keyOf(err error) string {
	var e *errs.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Key
	}
	return "internal"
}
