package document

import (
	"context"
	"fmt"
	"maps"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Uploads gives finished uploads over to a document.
type Uploads interface {
	Get(ctx context.Context, actor access.Actor, uploadID id.Upload) (upload.Upload, error)
	Take(ctx context.Context, tx *postgres.Tx, actor access.Actor, uploadID id.Upload) (upload.Taken, error)
}

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB      *postgres.DB
	Uploads Uploads
	Press   Press
	Store   objects.Store // for pictures of seals and signatures
	Feed    *live.Feed
	Now     func() time.Time
}

// Service holds the use cases of an agency's own documents.
type Service struct {
	db      *postgres.DB
	uploads Uploads
	press   Press
	store   objects.Store
	feed    *live.Feed
	now     func() time.Time
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{db: d.DB, uploads: d.Uploads, press: d.Press, store: d.Store, feed: d.Feed, now: d.Now}
}

// Create prepares a document as a draft, from uploads that are complete.
func (s *Service) Create(ctx context.Context, actor access.Actor, in Input) (Document, error) {
	if err := actor.Need(access.Clerk, access.Specialist); err != nil {
		return Document{}, err
	}
	return s.create(ctx, actor, in)
}

func (s *Service) create(ctx context.Context, actor access.Actor, in Input) (Document, error) {
	now := s.now()
	in = in.clean()
	if err := in.check(actor.Agency); err != nil {
		return Document{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Document, error) {
		d := Document{ID: id.New[id.Document](), Agency: actor.Agency, State: Draft, CreatedAt: now, Copy: in.Copy}
		d.CreatedBy.ID = actor.Appointment
		if err := checkFacts(ctx, tx, d.Agency, in, now); err != nil {
			return Document{}, err
		}
		if err := insertDocument(ctx, tx, d, in); err != nil {
			return Document{}, err
		}
		if err := replaceRecipients(ctx, tx, d.ID, in.Recipients); err != nil {
			return Document{}, err
		}
		if err := s.writeFiles(ctx, tx, actor, d, in.Files, now); err != nil {
			return Document{}, err
		}
		return s.finish(ctx, tx, actor, d, change{to: Draft, kind: audit.DocumentAdded, at: now})
	})
}

// Change replaces everything about a draft. Files it names by id stay, the others are taken out.
// version is the one the caller has seen, 0 for any.
func (s *Service) Change(ctx context.Context, actor access.Actor, documentID id.Document, version int, in Input) (Document, error) {
	in = in.clean()
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Document, error) {
		now := s.now()
		d, err := lockFor(ctx, tx, actor, documentID, version, Change)
		if err != nil {
			return Document{}, err
		}
		in.Copy = d.Copy // once a copy, always that copy
		if err := in.check(d.Agency); err != nil {
			return Document{}, err
		}
		if err := checkFacts(ctx, tx, d.Agency, in, now); err != nil {
			return Document{}, err
		}
		if err := updateContent(ctx, tx, d.ID, in, now); err != nil {
			return Document{}, err
		}
		if err := replaceRecipients(ctx, tx, d.ID, in.Recipients); err != nil {
			return Document{}, err
		}
		if err := s.writeFiles(ctx, tx, actor, d, in.Files, now); err != nil {
			return Document{}, err
		}
		if main, _ := d.MainFile(); !in.keepsMain(main.ID) { // fields were placed on another file
			if err := replaceFields(ctx, tx, d.ID, nil); err != nil {
				return Document{}, err
			}
		}
		err = audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.DocumentChanged, Object: d.ID.UUID, Agency: d.Agency})
		if err != nil {
			return Document{}, err
		}
		s.feed.Touch(tx, d.Topics()...)
		return findDocument(ctx, tx, d.ID, "")
	})
}

// Submit lays the fields of the document into its main file and asks the leader named as signer to
// sign. A file that came signed is asked for as it is: what its signatures cover must not change.
func (s *Service) Submit(ctx context.Context, actor access.Actor, documentID id.Document, version int) (Document, error) {
	if done, found, err := postgres.Recall[Document](ctx, s.db); err != nil || found {
		return done, err
	}
	d, err := s.Get(ctx, actor, documentID)
	if err != nil {
		return Document{}, err
	}
	if err := d.mayAt(actor, Submit, version); err != nil {
		return Document{}, err
	}
	layout, sight, err := s.layOut(ctx, d)
	if err != nil {
		return Document{}, err
	}
	finish := func(tx *postgres.Tx, d Document, now time.Time) (Document, error) {
		if err := replaceFields(ctx, tx, d.ID, layout.Fields); err != nil {
			return Document{}, err
		}
		fields := FieldsAreLaid
		if len(sight.Signed) > 0 {
			fields = FieldsImpossible
		}
		if err := setFields(ctx, tx, d.ID, fields); err != nil {
			return Document{}, err
		}
		return s.finish(ctx, tx, actor, d, change{to: Submitted, kind: audit.DocumentSubmitted, at: now})
	}
	check := func(tx *postgres.Tx, d Document) error { return stillThere(ctx, tx, d, s.now()) }
	if len(sight.Signed) == 0 {
		return s.run(ctx, actor, d.ID, edit{kind: FieldsLaid, action: Submit, version: d.Version,
			check: check, work: s.lay(layout.Fields), finish: finish})
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Document, error) {
		d, err := lockFor(ctx, tx, actor, d.ID, d.Version, Submit)
		if err != nil {
			return Document{}, err
		}
		if err := check(tx, d); err != nil {
			return Document{}, err
		}
		return finish(tx, d, s.now())
	})
}

// stillThere asks again for the signer and the recipients: the draft may have lain for weeks.
func stillThere(ctx context.Context, tx *postgres.Tx, d Document, now time.Time) error {
	in := Input{Signer: d.Signer.ID}
	for _, r := range d.Recipients {
		in.Recipients = append(in.Recipients, r.Agency)
	}
	return checkFacts(ctx, tx, d.Agency, in, now)
}

// Return gives a submitted document back to whoever prepared it, with a reason, unsigned.
func (s *Service) Return(ctx context.Context, actor access.Actor, documentID id.Document, version int, reason string) (Document, error) {
	return s.giveUp(ctx, actor, documentID, version, Return, change{to: Draft, kind: audit.DocumentReturned, reason: reason})
}

// Cancel gives a document up before its release, with a reason. A number it has stays taken, explained
// by the row and the reason: numbers run without gaps that nobody can explain (NĐ 30/2020 Đ.15).
func (s *Service) Cancel(ctx context.Context, actor access.Actor, documentID id.Document, version int, reason string) (Document, error) {
	return s.giveUp(ctx, actor, documentID, version, Cancel, change{to: Cancelled, kind: audit.DocumentCancelled, reason: reason})
}

func (s *Service) giveUp(ctx context.Context, actor access.Actor, documentID id.Document, version int, a Action, c change) (Document, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Document, error) {
		d, err := lockFor(ctx, tx, actor, documentID, version, a)
		if err != nil {
			return Document{}, err
		}
		if c.reason, err = CleanReason(c.reason); err != nil {
			return Document{}, err
		}
		c.at = s.now()
		return s.finish(ctx, tx, actor, d, c)
	})
}

// takeFieldsOut makes the main file of a document that becomes a draft again what was uploaded.
func takeFieldsOut(ctx context.Context, tx *postgres.Tx, actor access.Actor, d Document, now time.Time) error {
	main, _ := d.MainFile()
	if main.Reason != FieldsLaid {
		return nil
	}
	base, err := uploadedContent(ctx, tx, main.ID)
	if err != nil {
		return err
	}
	err = insertRevision(ctx, tx, main.ID, revision{number: main.Revision + 1, ref: base, reason: Uploaded, by: actor.Appointment, at: now})
	if err != nil {
		return err
	}
	return setFields(ctx, tx, d.ID, NoFields)
}

// Get reads one document of the actor's agency.
func (s *Service) Get(ctx context.Context, actor access.Actor, documentID id.Document) (Document, error) {
	d, err := postgres.Snapshot(ctx, s.db, func(q postgres.Querier) (Document, error) {
		return findDocument(ctx, q, documentID, "")
	})
	if err != nil {
		return Document{}, err
	}
	if !d.Visible(actor) {
		return Document{}, errs.Missing()
	}
	return d, nil
}

// List reads a page of the documents of the actor's agency, newest first, and the cursor of the next.
// Those who are neither leader nor clerk nor secretary see what they prepared themselves.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter) ([]Summary, string, error) {
	var creator *id.Appointment
	if !actor.Has(readers...) {
		creator = &actor.Appointment
	}
	found, err := listSummaries(ctx, s.db, actor.Agency, creator, f)
	if err != nil || len(found) <= f.Limit {
		return found, "", err
	}
	found = found[:f.Limit]
	last := found[len(found)-1]
	return found, postgres.Cursor(last.CreatedAt, last.ID), nil
}

// change is a step of a document into a state.
type change struct {
	to      State
	kind    audit.Kind
	reason  string
	details map[string]any // for the audit, besides state and reason
	at      time.Time
}

// finish writes the step, the audit event and the hint, and reads the document as it is now.
func (s *Service) finish(ctx context.Context, tx *postgres.Tx, actor access.Actor, d Document, c change) (Document, error) {
	if err := moveTo(ctx, tx, actor, d, c); err != nil {
		return Document{}, err
	}
	err := audit.Append(ctx, tx, actor, c.at, audit.Event{Kind: c.kind, Object: d.ID.UUID, Agency: d.Agency, Details: details(c)})
	if err != nil {
		return Document{}, err
	}
	now, err := findDocument(ctx, tx, d.ID, "")
	if err != nil {
		return Document{}, err
	}
	s.feed.Touch(tx, now.Topics()...)
	return now, nil
}

func details(c change) map[string]any {
	m := map[string]any{"state": string(c.to)}
	maps.Copy(m, c.details)
	if c.reason != "" {
		m["reason"] = c.reason
	}
	return m
}

// moveTo brings the document into another state and records the step; a new draft is there already.
func moveTo(ctx context.Context, tx *postgres.Tx, actor access.Actor, d Document, c change) error {
	if d.State == Submitted && c.to == Draft {
		if err := takeFieldsOut(ctx, tx, actor, d, c.at); err != nil {
			return fmt.Errorf("take the fields out again: %w", err)
		}
	}
	if d.State != c.to {
		if err := updateState(ctx, tx, d.ID, c.to, c.reason, c.at); err != nil {
			return fmt.Errorf("move document to %s: %w", c.to, err)
		}
	}
	step := Step{At: c.at, State: c.to, By: &org.Appointment{ID: actor.Appointment}, Reason: c.reason}
	if err := insertStep(ctx, tx, d.ID, step); err != nil {
		return fmt.Errorf("record step %s: %w", c.to, err)
	}
	return nil
}

// lockFor locks a document and asks whether actor may do the action on the version they have seen.
func lockFor(ctx context.Context, tx *postgres.Tx, actor access.Actor, documentID id.Document, version int, a Action) (Document, error) {
	d, err := findDocument(ctx, tx, documentID, "for update of d")
	if err != nil {
		return Document{}, err
	}
	return d, d.mayAt(actor, a, version)
}

// checkFacts asks the database what the form of the input cannot tell.
func checkFacts(ctx context.Context, tx *postgres.Tx, owner id.Agency, in Input, now time.Time) error {
	day := org.Today(now)
	var bad []errs.Field
	if in.Copy == nil {
		leader, err := isLeaderOf(ctx, tx, in.Signer, owner, day)
		if err != nil {
			return err
		}
		if !leader {
			bad = append(bad, errs.Field{Path: "signer_id", Key: "document.signer_not_leader"})
		}
	}
	active, err := activeAgencies(ctx, tx, in.Recipients, day)
	if err != nil {
		return err
	}
	for i, a := range in.Recipients {
		if !active[a] {
			bad = append(bad, errs.Field{Path: fmt.Sprintf("recipient_ids[%d]", i), Key: "document.recipient_unknown"})
		}
	}
	return errs.InvalidFields(bad)
}

// revision is a new state of a file.
type revision struct {
	number int
	ref    objects.Ref
	reason RevisionReason
	by     id.Appointment
	at     time.Time
}

// writeFiles makes the files of a draft those of the input.
func (s *Service) writeFiles(ctx context.Context, tx *postgres.Tx, actor access.Actor, d Document, files []InputFile, now time.Time) error {
	kept := []id.File{}
	for i, f := range files {
		if id.IsZero(f.File) {
			continue
		}
		if !d.hasFile(f.File) {
			return errs.InvalidField(fmt.Sprintf("files[%d]", i), "document.file_unknown")
		}
		kept = append(kept, f.File)
	}
	if err := keepFiles(ctx, tx, d.ID, kept, now); err != nil {
		return err
	}
	ordinal, err := lastOrdinal(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	for i, f := range files {
		switch {
		case id.IsZero(f.File):
			ordinal++
			err = s.addFile(ctx, tx, actor, f.Upload, newFile{document: d.ID, id: id.New[id.File](), ordinal: ordinal, main: f.Main, at: now})
			if errs.Is(err, errs.NotFound) {
				err = errs.InvalidField(fmt.Sprintf("files[%d]", i), "document.upload_unknown")
			}
		case f.Main:
			err = markMain(ctx, tx, f.File)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) addFile(ctx context.Context, tx *postgres.Tx, actor access.Actor, uploadID id.Upload, f newFile) error {
	taken, err := s.uploads.Take(ctx, tx, actor, uploadID)
	if err != nil {
		return err
	}
	f.name = taken.Name
	if err := insertFile(ctx, tx, f); err != nil {
		return err
	}
	return insertRevision(ctx, tx, f.id, revision{number: 1, reason: Uploaded, by: actor.Appointment, at: f.at,
		ref: objects.Ref{Hash: taken.Hash, Size: taken.Size}})
}
