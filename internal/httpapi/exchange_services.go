package httpapi

import (
	"context"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/internal/inbox"
)

// Documents are the use cases of an agency's own documents.
type Documents interface {
	Create(ctx context.Context, actor access.Actor, in document.Input) (document.Document, error)
	Change(ctx context.Context, actor access.Actor, documentID id.Document, version int, in document.Input) (document.Document, error)
	Submit(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error)
	Return(ctx context.Context, actor access.Actor, documentID id.Document, version int, reason string) (document.Document, error)
	Cancel(ctx context.Context, actor access.Actor, documentID id.Document, version int, reason string) (document.Document, error)
	Get(ctx context.Context, actor access.Actor, documentID id.Document) (document.Document, error)
	List(ctx context.Context, actor access.Actor, f document.Filter) ([]document.Summary, string, error)
	File(ctx context.Context, actor access.Actor, documentID id.Document, fileID id.File, revision int) (document.File, error)
}

// Exchange are the use cases of sending and receiving.
type Exchange interface {
	Send(ctx context.Context, actor access.Actor, documentID id.Document, version int) (document.Document, error)
	Retry(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int) (exchange.Delivery, error)
	MarkOpened(ctx context.Context, actor access.Actor, deliveryID id.Delivery) (exchange.Delivery, error)
	Accept(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int) (exchange.Delivery, error)
	Refuse(ctx context.Context, actor access.Actor, deliveryID id.Delivery, version int, reason string) (exchange.Delivery, error)
	GetIncoming(ctx context.Context, actor access.Actor, deliveryID id.Delivery) (exchange.Detail, error)
	ListIncoming(ctx context.Context, actor access.Actor, f exchange.Filter) ([]exchange.Delivery, string, error)
	CountWaiting(ctx context.Context, actor access.Actor) (int, error)
	DeliveriesOf(ctx context.Context, actor access.Actor, documentID id.Document) ([]exchange.Delivery, error)
	Counts(ctx context.Context, actor access.Actor, documentIDs []id.Document) (map[id.Document]exchange.Counts, error)
	File(ctx context.Context, actor access.Actor, deliveryID id.Delivery, fileID id.File) (document.File, error)
}

// Inbox reads what waits for a person.
type Inbox interface {
	Work(ctx context.Context, actor access.Actor) (inbox.Work, error)
}
