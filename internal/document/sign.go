package document

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Purpose is whose signature is put on a file.
type Purpose = RevisionReason

// The two purposes.
const (
	ByLeader Purpose = LeaderSigned
	BySeal   Purpose = AgencySealed
)

// Signature is one signature that was put on a file of a document.
type Signature struct {
	File    id.File
	Purpose Purpose
	Ref     objects.Ref // the file with the signature in it
	At      time.Time
}

// LockForSigning locks a document, whole, for a signature; NotFound when there is none. It decides
// no right: ask Document.May with Sign or Seal.
func LockForSigning(ctx context.Context, tx *postgres.Tx, documentID id.Document) (Document, error) {
	return findDocument(ctx, tx, documentID, "for update of d")
}

// Hold keeps a document, locked by LockForSigning, as it is while a request for its signatures is open.
func Hold(ctx context.Context, tx *postgres.Tx, documentID id.Document, request id.Request) error {
	return updatePending(ctx, tx, documentID, &request)
}

// Free ends Hold: the request came to its end.
func Free(ctx context.Context, tx *postgres.Tx, documentID id.Document) error {
	return updatePending(ctx, tx, documentID, nil)
}

// Decline gives a document that is held for the leader's signature back to whoever prepared it, with
// the leader's reason, and frees it. doc comes from LockForSigning in the same transaction.
func (s *Service) Decline(ctx context.Context, tx *postgres.Tx, actor access.Actor, doc Document, reason string) error {
	if err := doc.may(actor, Return); err != nil {
		return err
	}
	if err := Free(ctx, tx, doc.ID); err != nil {
		return err
	}
	_, err := s.finish(ctx, tx, actor, doc, change{to: Draft, kind: audit.DocumentReturned, reason: reason, at: s.now()})
	return err
}

// NeedsSignature lists the files that still need the signature: the leader signs the main file, the
// agency every file, because attachments that are files of their own carry its signature too
// (NĐ 30/2020 Annex I.II.8, III.1).
func (d Document) NeedsSignature(p Purpose) []File {
	var out []File
	for _, f := range d.Files {
		if f.Reason != p && (f.Main || p == BySeal) {
			out = append(out, f)
		}
	}
	return out
}

// RecordSignature adds the signed content of one file as its newest revision and, when no file needs
// this signature any more, moves the document on (to Signed or Sealed). doc comes from LockForSigning
// in the same transaction. Conflict when the state does not allow it, or when
// the file has the signature already. The caller frees the document, audits the signature itself and touches doc.Topics().
func RecordSignature(ctx context.Context, tx *postgres.Tx, actor access.Actor, doc Document, sig Signature) error {
	action, to := Sign, Signed
	if sig.Purpose == BySeal {
		action, to = Seal, Sealed
	}
	if err := doc.may(actor, action); err != nil {
		return err
	}
	open := doc.NeedsSignature(sig.Purpose)
	var file *File
	for i := range open {
		if open[i].ID == sig.File {
			file = &open[i]
		}
	}
	if file == nil {
		return errs.New(errs.Conflict, "document.already_signed")
	}
	err := insertRevision(ctx, tx, sig.File, revision{number: file.Revision + 1, ref: sig.Ref, reason: sig.Purpose,
		by: actor.Appointment, at: sig.At})
	if err != nil || len(open) > 1 {
		return err
	}
	return moveTo(ctx, tx, actor, doc, change{to: to, at: sig.At})
}

// Release moves a sealed document to Released, for exchange, in its transaction: from then on it
// never changes. Rights and the version the caller has seen (0 for any) are checked here.
func Release(ctx context.Context, tx *postgres.Tx, actor access.Actor, documentID id.Document, version int, now time.Time) (Document, error) {
	d, err := lockFor(ctx, tx, actor, documentID, version, Send)
	if err != nil {
		return Document{}, err
	}
	if err := moveTo(ctx, tx, actor, d, change{to: Released, at: now}); err != nil {
		return Document{}, err
	}
	err = audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.DocumentSent, Object: d.ID.UUID, Agency: d.Agency,
		Details: map[string]any{"code": d.Code(), "recipients": len(d.Recipients)}})
	if err != nil {
		return Document{}, err
	}
	return findDocument(ctx, tx, documentID, "")
}

// Topics are the hints for everybody whose pages show the document: lists of the agency, the page of
// the document, the work of the signer and of whoever prepared it.
func (d Document) Topics() []live.Topic {
	topics := []live.Topic{live.Agency(d.Agency.UUID), live.Document(d.ID.UUID)}
	if !id.IsZero(d.CreatedBy.Person) {
		topics = append(topics, live.Person(d.CreatedBy.Person.UUID))
	}
	if d.Signer != nil {
		topics = append(topics, live.Person(d.Signer.Person.UUID))
	}
	return topics
}
