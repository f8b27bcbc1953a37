package document

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/press"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Press works on files, outside of transactions.
type Press interface {
	Look(ctx context.Context, ref objects.Ref) (press.Sight, error)
	Lay(ctx context.Context, ref objects.Ref, fields []pades.Field) (objects.Ref, error)
	Fill(ctx context.Context, ref objects.Ref, values map[string]string) (objects.Ref, error)
	Scan(ctx context.Context, ref objects.Ref) (press.Scan, error)
}

// editFor limits everything between intent and result. After twice this time an intent is surely dead.
const editFor = time.Minute

var errEditInterrupted = errs.New(errs.Conflict, "document.changed_meanwhile")

// edit is a change that the system itself makes to the main file of a document: the intent is recorded
// and audited, then the press works outside of any transaction, then the result is recorded, if the
// document is still as it was. A crash in between leaves an intent that the sweep closes as failed, and
// perhaps an object that nothing refers to; so it can be repeated at once.
type edit struct {
	kind    RevisionReason // FieldsLaid or NumberFilled
	action  Action
	version int
	check   func(tx *postgres.Tx, d Document) error // the rule, asked before the press works
	work    func(ctx context.Context, d Document) (objects.Ref, error)
	finish  func(tx *postgres.Tx, d Document, now time.Time) (Document, error) // after the revision was added
}

// edited is an edit that is under way.
type edited struct {
	id   id.Event
	kind RevisionReason
	file File // as the press finds it
}

// run makes an edit, exactly once for the command.
func (s *Service) run(ctx context.Context, actor access.Actor, documentID id.Document, e edit) (Document, error) {
	if done, found, err := postgres.Recall[Document](ctx, s.db); err != nil || found {
		return done, err
	}
	x, d, err := s.intend(ctx, actor, documentID, e)
	if err != nil {
		// this very command may have ended between the question above and the lock
		if done, found, recallErr := postgres.Recall[Document](ctx, s.db); recallErr == nil && found {
			return done, nil
		}
		return Document{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), editFor)
	defer cancel()
	ref, err := e.work(ctx, d)
	var out Document
	if err == nil {
		out, err = s.record(ctx, actor, d, e, x, ref)
	}
	if err != nil {
		return Document{}, errors.Join(err, s.fail(ctx, actor, d, x, err))
	}
	return out, nil
}

// intend asks whether the actor may, and writes down what is going to happen.
func (s *Service) intend(ctx context.Context, actor access.Actor, documentID id.Document, e edit) (x edited, d Document, err error) {
	err = postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		if d, err = lockFor(ctx, tx, actor, documentID, e.version, e.action); err != nil {
			return err
		}
		if err := e.check(tx, d); err != nil {
			return err
		}
		now := s.now()
		x = edited{id: id.New[id.Event](), kind: e.kind}
		x.file, _ = d.MainFile()
		if err := insertEdit(ctx, tx, d, x, actor, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, now, x.event(audit.FileEditIntended, d, "input", x.file.Ref.Hash.Hex()))
	})
	return x, d, err
}

// event is the audit event of one step of an edit; key and value are what the step adds.
func (x edited) event(kind audit.Kind, d Document, key, value string) audit.Event {
	return audit.Event{Kind: kind, Object: d.ID.UUID, Agency: d.Agency,
		Details: map[string]any{"edit": x.id, "file": x.file.ID, "kind": string(x.kind), key: value}}
}

// record adds the result as the newest revision of the main file and finishes the step, if the document
// is still as the press found it (before).
func (s *Service) record(ctx context.Context, actor access.Actor, before Document, e edit, x edited, ref objects.Ref) (Document, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Document, error) {
		d, err := lockFor(ctx, tx, actor, before.ID, 0, e.action)
		if err != nil {
			return Document{}, err
		}
		now := s.now()
		open, err := makeEdit(ctx, tx, x.id, ref.Hash, now)
		if err != nil {
			return Document{}, err
		}
		if !open || d.Version != before.Version {
			return Document{}, errEditInterrupted
		}
		if ref != x.file.Ref {
			r := revision{number: x.file.Revision + 1, ref: ref, reason: e.kind, by: actor.Appointment, at: now}
			if err := insertRevision(ctx, tx, x.file.ID, r); err != nil {
				return Document{}, err
			}
		}
		if err := audit.Append(ctx, tx, actor, now, x.event(audit.FileEditMade, d, "output", ref.Hash.Hex())); err != nil {
			return Document{}, err
		}
		return e.finish(tx, d, now)
	})
}

// fail closes the intent of an edit that came to nothing. When even that is impossible the sweep does it.
func (s *Service) fail(ctx context.Context, actor access.Actor, d Document, x edited, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	key := "internal"
	var known *errs.Error
	if errors.As(cause, &known) {
		key = known.Key
	}
	return postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now := s.now()
		open, err := failEdit(ctx, tx, x.id, key, now)
		if err != nil || !open {
			return err
		}
		return audit.Append(ctx, tx, actor, now, x.event(audit.FileEditFailed, d, "failure", key))
	})
}

// SweepArgs is the job that closes edits whose process died.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "document.sweep" }

// RegisterJobs adds the background work of documents.
func (s *Service) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ *jobs.Job[SweepArgs]) error { return s.Sweep(ctx) })
	jobs.Every(r, time.Minute, SweepArgs{})
}

// Sweep closes edits that nobody works on any more as failed. It may run several times at once.
func (s *Service) Sweep(ctx context.Context) error {
	return postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now := s.now()
		dead, err := failDeadEdits(ctx, tx, now.Add(-2*editFor), now)
		if err != nil {
			return err
		}
		for _, x := range dead {
			err := audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.FileEditFailed, Object: x.document.UUID, Agency: x.agency,
				Details: map[string]any{"edit": x.edit, "failure": errEditInterrupted.Key}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
