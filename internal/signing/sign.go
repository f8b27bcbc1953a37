package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// holeSize is the room for the message in a file: signature and two certificates take about 2 kB.
const holeSize = 8 << 10

// signFor limits everything between intent and result. After twice this time an intent is surely dead.
const signFor = time.Minute

// Errors of signing. Those of a file that cannot be signed carry the key of the pades.Refusal.
var (
	errBusy        = errs.New(errs.Conflict, "signing.in_progress")
	errInterrupted = errs.New(errs.Conflict, "signing.interrupted")
	errRefusedFile = errs.New(errs.Conflict, "signing.file_refused")
	errEarlier     = errs.New(errs.Conflict, "signing.earlier_invalid")
	_              = postgres.MapConstraint("signatures_once", errBusy)
)

// SignAsLeader puts the signature of the leader, who is named as signer, on the main file. version is
// the one the caller has seen, 0 for any. A file that cannot be signed without damage is refused with
// the reason, and nothing changes.
func (s *Service) SignAsLeader(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error) {
	return s.sign(ctx, act{actor, documentID, version, document.ByLeader})
}

// Seal puts the agency's signature on every file, by a clerk, after the leader signed (NĐ 30/2020
// Đ.32-33). All files or none.
func (s *Service) Seal(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error) {
	return s.sign(ctx, act{actor, documentID, version, document.BySeal})
}

// act is one request to sign.
type act struct {
	actor    access.Actor
	document id.Document
	version  int
	purpose  document.Purpose
}

func (a act) action() document.Action {
	if a.purpose == document.BySeal {
		return document.Seal
	}
	return document.Sign
}

// holder is whose certificate signs.
func (a act) holder() keys.Holder {
	if a.purpose == document.BySeal {
		return keys.OfAgency(a.actor.Agency)
	}
	return keys.OfPerson(a.actor.Person)
}

// sign goes the way of every signature: intent, commit, sign outside of any transaction, result, commit.
// From the intent on it no longer depends on the caller's connection.
func (s *Service) sign(ctx context.Context, a act) (document.Document, error) {
	if done, found, err := postgres.Recall[document.Document](ctx, s.DB); err != nil || found {
		return done, err
	}
	release, err := s.hold(ctx, a.document)
	if err != nil {
		return document.Document{}, err
	}
	defer release()
	// whoever held the document before us may have done this very command
	if done, found, err := postgres.Recall[document.Document](ctx, s.DB); err != nil || found {
		return done, err
	}
	if err := s.Keys.Ready(ctx, a.actor, a.holder()); err != nil {
		return document.Document{}, err
	}
	plan, err := s.intend(ctx, a)
	if err != nil {
		return document.Document{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signFor)
	defer cancel()
	results := make([]signed, 0, len(plan.intents))
	for _, in := range plan.intents {
		var r signed
		if r, err = s.signFile(ctx, a, plan, in); err != nil {
			break
		}
		results = append(results, r)
	}
	var out document.Document
	if err == nil {
		out, err = s.record(ctx, a, results)
	}
	if err != nil {
		s.fail(ctx, a, plan.intents, err)
		return document.Document{}, err
	}
	return out, nil
}

// intent is a row of signatures in state intended.
type intent struct {
	id   id.Signature
	file document.File
}

// plan is what one request is going to do.
type plan struct {
	doc         document.Document
	certificate keys.Certificate
	intents     []intent
}

// intend checks the right, obtains the key and writes down what is going to happen. Intents of an
// earlier attempt that are still open belong to a process that died: the caller holds the document.
func (s *Service) intend(ctx context.Context, a act) (plan, error) {
	var p plan
	err := postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		doc, err := document.LockForSigning(ctx, tx, a.document)
		if err != nil {
			return err
		}
		if err := doc.May(a.actor, a.action()); err != nil {
			return err
		}
		if err := a.actor.NeedStepUp(now); err != nil {
			return err
		}
		if a.version != 0 && a.version != doc.Version {
			return &errs.Error{Code: errs.Stale, Key: "request.stale", Current: doc}
		}
		if err := s.abandon(ctx, tx, a.document, now); err != nil {
			return err
		}
		p = plan{doc: doc}
		if p.certificate, err = s.Keys.Choose(ctx, tx, a.holder(), id.Certificate{}); err != nil {
			return err
		}
		for _, f := range doc.NeedsSignature(a.purpose) {
			in := intent{id: id.New[id.Signature](), file: f}
			if err := insertIntent(ctx, tx, a, in, p.certificate.ID, now); err != nil {
				return err
			}
			serial := p.certificate.Leaf.SerialNumber.Text(16)
			if err := audit.Append(ctx, tx, a.actor, now, a.event(audit.SignatureIntended, in, "certificate", serial)); err != nil {
				return err
			}
			p.intents = append(p.intents, in)
		}
		if len(p.intents) == 0 {
			return errs.New(errs.Conflict, "document.already_signed")
		}
		return nil
	})
	return p, err
}

// event is the audit event of one step of one signature; key and value are what the step adds.
func (a act) event(kind audit.Kind, in intent, key, value string) audit.Event {
	return audit.Event{Kind: kind, Object: a.document.UUID, Details: map[string]any{"signature": in.id, "file": in.file.ID,
		"purpose": string(a.purpose), "input": in.file.Ref.Hash.Hex(), key: value}}
}

// signed is one file with its new signature, durable in the store.
type signed struct {
	intent intent
	ref    objects.Ref
	report judge.Report
}

// signFile signs one file and proves the result before anything refers to it.
func (s *Service) signFile(ctx context.Context, a act, p plan, in intent) (signed, error) {
	f, err := s.fetch(ctx, in.file.Ref)
	if err != nil {
		return signed{}, err
	}
	defer f.Close()
	now := s.Now()
	layout, err := sandbox.Prepare(ctx, s.Runner, f, pades.Request{Name: p.certificate.Name,
		Reason: reasonText(a.purpose, p.doc, p.certificate.Development), At: now.In(vietnam), Hole: holeSize})
	if err != nil {
		return signed{}, refusal(err)
	}
	key, err := s.Keys.Signer(ctx, p.certificate)
	if err != nil {
		return signed{}, err
	}
	signer := pades.Signer{Key: key, Certificate: p.certificate.Leaf, Chain: p.certificate.Chain}
	if err := layout.Embed(io.NewSectionReader(f, 0, in.file.Ref.Size), signer); err != nil {
		return signed{}, err
	}
	if _, err := f.WriteAt(layout.Appendix, in.file.Ref.Size); err != nil {
		return signed{}, fmt.Errorf("write signed file: %w", noRoom(err))
	}
	report, err := s.prove(ctx, f, in.file.Ref.Size, layout.Size, p.certificate)
	if err != nil {
		return signed{}, err
	}
	ref, err := s.Keeper.KeepStream(ctx, upload.PDF, layout.Size, func() io.ReadCloser {
		return io.NopCloser(io.NewSectionReader(f, 0, layout.Size))
	})
	if err != nil {
		return signed{}, fmt.Errorf("store signed file: %w", err)
	}
	return signed{in, ref, report}, nil
}

// vietnam is the time zone of signing times (NĐ 30/2020 Annex I.II.8).
var vietnam = time.FixedZone("+07", 7*60*60)

// reasonText is what readers show as the reason of the signature. Trial keys say so in every reader.
func reasonText(p document.Purpose, doc document.Document, development bool) string {
	what := "Ký ban hành văn bản "
	if p == document.BySeal {
		what = "Chữ ký số của cơ quan trên văn bản "
	}
	what = strings.TrimSpace(what+doc.Code()) + "."
	if development {
		what += " " + devpki.Marker + "."
	}
	return what
}

// prove judges a freshly signed file by our own verifier: exactly one signature came, it is ours, it is
// good and covers everything; and none of those before was broken, by us or by anybody else.
func (s *Service) prove(ctx context.Context, f *os.File, before, size int64, cert keys.Certificate) (judge.Report, error) {
	report, err := sandbox.Judge(ctx, s.Runner, f, s.options())
	if err != nil {
		return judge.Report{}, refusal(err)
	}
	fresh := 0
	for _, sig := range report.Signatures {
		switch {
		case sig.Result == judge.Invalid && sig.End <= before:
			return judge.Report{}, withCause(errEarlier, sig.Finding)
		case sig.End == size && sig.Result == judge.Valid && sig.Coverage == judge.Whole && string(sig.Certificate) == string(cert.Leaf.Raw):
			fresh++
		case sig.End > before || sig.End == 0:
			return judge.Report{}, withCause(errRefusedFile, sig.Reason+": "+sig.Finding)
		}
	}
	if fresh != 1 {
		return judge.Report{}, withCause(errRefusedFile, fmt.Sprintf("%d good signatures after signing, %s", fresh, report.Problem))
	}
	return report, nil
}

func withCause(e *errs.Error, cause string) error {
	c := *e
	c.Err = errors.New(cause)
	return &c
}

// refusal turns what the child says into an error for people.
func refusal(err error) error {
	var r *pades.Refusal
	switch {
	case errors.As(err, &r):
		return errs.Wrap(errs.Conflict, r.Key, err)
	case errors.Is(err, sandbox.ErrDied):
		return errs.Wrap(errs.Conflict, "signing.too_complex", err)
	case errors.Is(err, sandbox.ErrTimeout):
		return errs.Wrap(errs.Unavailable, "signing.too_slow", err)
	}
	return err
}

// record writes the results, exactly once for the command, if the document is still as it was.
func (s *Service) record(ctx context.Context, a act, results []signed) (document.Document, error) {
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (document.Document, error) {
		now := s.Now()
		for _, r := range results {
			if err := s.recordOne(ctx, tx, a, r, now); err != nil {
				return document.Document{}, err
			}
		}
		doc, err := document.LockForSigning(ctx, tx, a.document)
		if err != nil {
			return document.Document{}, err
		}
		s.Feed.Touch(tx, doc.Topics()...)
		return doc, nil
	})
}

func (s *Service) recordOne(ctx context.Context, tx *postgres.Tx, a act, r signed, now time.Time) error {
	doc, err := document.LockForSigning(ctx, tx, a.document)
	if err != nil {
		return err
	}
	if err := finishIntent(ctx, tx, r, now); err != nil {
		return err
	}
	unchanged := false
	for _, f := range doc.Files {
		unchanged = unchanged || f.ID == r.intent.file.ID && f.Ref.Hash == r.intent.file.Ref.Hash
	}
	if !unchanged {
		return errInterrupted
	}
	err = document.RecordSignature(ctx, tx, a.actor, doc, document.Signature{File: r.intent.file.ID, Purpose: a.purpose, Ref: r.ref, At: now})
	if err != nil {
		return err
	}
	if err := saveReport(ctx, tx, r.ref.Hash, s.stored(r.report, now)); err != nil {
		return err
	}
	return audit.Append(ctx, tx, a.actor, now, a.event(audit.SignatureMade, r.intent, "output", r.ref.Hash.Hex()))
}

// fail marks the intents as failed and records why. When even that is impossible, the next attempt or
// the sweep does it.
func (s *Service) fail(ctx context.Context, a act, intents []intent, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	key := failureKey(cause)
	err := postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		for _, in := range intents {
			open, err := failIntent(ctx, tx, in.id, key, now)
			if err != nil {
				return err
			}
			if !open {
				continue
			}
			if err := audit.Append(ctx, tx, a.actor, now, a.event(audit.SignatureFailed, in, "failure", key)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "signing failed, and could not be recorded as failed", "document", a.document, "error", err)
	}
}

// failureKey is the message key of a failure, as the row and the audit keep it.
func failureKey(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return "internal"
}
