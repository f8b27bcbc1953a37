package exchange

import (
	"context"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// GetIncoming reads an arrived document with its files and history.
func (s *Service) GetIncoming(ctx context.Context, actor access.Actor, deliveryID id.Delivery) (Detail, error) {
	return postgres.Snapshot(ctx, s.db, func(q postgres.Querier) (Detail, error) {
		d, err := s.findIncoming(ctx, q, actor, deliveryID)
		if err != nil {
			return Detail{}, err
		}
		doc, err := document.Read(ctx, q, d.Document)
		if err != nil {
			return Detail{}, err
		}
		out := Detail{Delivery: d, Signer: doc.Signer, Files: doc.Files}
		if out.Events, err = listEvents(ctx, q, d.ID); err != nil {
			return Detail{}, err
		}
		out.SuggestedNumber, err = nextNumber(ctx, q, d.Recipient, org.Today(s.now()).Year())
		return out, err
	})
}

// File tells what to serve for one file of an arrived document. Reading it is an opening of the
// document, and is recorded once an hour and person.
func (s *Service) File(ctx context.Context, actor access.Actor, deliveryID id.Delivery, fileID id.File) (document.File, error) {
	d, err := s.findIncoming(ctx, s.db, actor, deliveryID)
	if err != nil {
		return document.File{}, err
	}
	files, err := document.ListFiles(ctx, s.db, d.Document)
	if err != nil {
		return document.File{}, err
	}
	for _, f := range files {
		if f.ID != fileID {
			continue
		}
		if d.OpenedAt == nil {
			if _, err := s.MarkOpened(ctx, actor, deliveryID); err != nil {
				return document.File{}, err
			}
		}
		return f, document.NoteRead(ctx, s.db, actor, s.now(), f)
	}
	return document.File{}, errs.Missing()
}

func (s *Service) findIncoming(ctx context.Context, q postgres.Querier, actor access.Actor, deliveryID id.Delivery) (Delivery, error) {
	d, err := findDelivery(ctx, q, deliveryID, "")
	if err != nil {
		return Delivery{}, err
	}
	if !d.VisibleToRecipient(actor) {
		return Delivery{}, errs.Missing()
	}
	return d, nil
}

// DeliveriesOf lists where a document of the actor's agency stands with each recipient, in the order
// of the recipients.
func (s *Service) DeliveriesOf(ctx context.Context, actor access.Actor, documentID id.Document) ([]Delivery, error) {
	doc, err := document.Read(ctx, s.db, documentID)
	if err != nil {
		return nil, err
	}
	if !doc.Visible(actor) {
		return nil, errs.Missing()
	}
	return listOutgoing(ctx, s.db, documentID)
}

// Counts tells for documents of the actor's agency how many recipients stand where. Documents of
// others are left out.
func (s *Service) Counts(ctx context.Context, actor access.Actor, documentIDs []id.Document) (map[id.Document]Counts, error) {
	if len(documentIDs) == 0 {
		return nil, nil
	}
	return countDeliveries(ctx, s.db, actor.Agency, documentIDs)
}
