package httpapi

import (
	"context"
	"net/http"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/internal/upload"
)

// OutgoingDelivery is the road of a document to one recipient, as the sender sees it.
type OutgoingDelivery struct {
	ID            id.Delivery `json:"id" format:"uuid"`
	RecipientID   id.Agency   `json:"recipient_id" format:"uuid"`
	RecipientName string      `json:"recipient_name"`
	Transport     string      `json:"transport" enum:"queued,sent,delivered,failed"`
	Status        *int        `json:"status" enum:"1,2,3" doc:"01 arrived, 02 refused, 03 accepted; null before arrival"`
	UpdatedAt     time.Time   `json:"updated_at" doc:"When it came into this state"`
	Note          string      `json:"note" doc:"The recipient's reason of refusal"`
	ArrivalNumber *int        `json:"arrival_number"`
	OpenedAt      *time.Time  `json:"opened_at" doc:"When somebody of the recipient first opened it"`
	Attempts      int         `json:"attempts"`
	NextTryAt     *time.Time  `json:"next_try_at" doc:"Next automatic attempt; null when none is planned"`
	FailureKey    string      `json:"failure_key" doc:"Why the last attempt failed; empty otherwise"`
	Failure       string      `json:"failure" doc:"The same in the caller's language"`
	Version       int         `json:"version"`
	Can           []string    `json:"can" nullable:"false" enum:"retry"`
}

// Delivery is an incoming document as the recipient sees it in lists.
type Delivery struct {
	ID            id.Delivery `json:"id" format:"uuid"`
	DocumentID    id.Document `json:"document_id" format:"uuid"`
	Transport     string      `json:"transport" enum:"delivered"`
	Status        int         `json:"status" enum:"1,2,3" doc:"01 arrived, 02 refused, 03 accepted"`
	Urgency       int         `json:"urgency"`
	TypeCode      string      `json:"type_code"`
	Code          string      `json:"code"`
	IssuedOn      string      `json:"issued_on" format:"date"`
	Subject       string      `json:"subject"`
	SenderID      id.Agency   `json:"sender_id" format:"uuid"`
	SenderName    string      `json:"sender_name"`
	FileCount     int         `json:"file_count"`
	ArrivedAt     time.Time   `json:"arrived_at"`
	OpenedAt      *time.Time  `json:"opened_at"`
	ArrivalNumber *int        `json:"arrival_number"`
	DecidedAt     *time.Time  `json:"decided_at"`
	RefusalReason string      `json:"refusal_reason"`
	Version       int         `json:"version"`
}

// DeliveryEvent is one change of state.
type DeliveryEvent struct {
	At        time.Time       `json:"at"`
	Transport string          `json:"transport" enum:"queued,sent,delivered,failed"`
	Status    *int            `json:"status" enum:"1,2,3"`
	By        *AppointmentRef `json:"by" doc:"null when the system did it"`
	Reason    string          `json:"reason"`
}

// DeliveryDetail is an incoming document with its files and history.
type DeliveryDetail struct {
	Delivery               Delivery        `json:"delivery"`
	DocumentTypeName       string          `json:"document_type_name"`
	SignerName             string          `json:"signer_name"`
	SignerPosition         string          `json:"signer_position"`
	Files                  []DocumentFile  `json:"files" nullable:"false"`
	Events                 []DeliveryEvent `json:"events" nullable:"false" doc:"Oldest first"`
	SuggestedArrivalNumber int             `json:"suggested_arrival_number" doc:"The number it would get if accepted now"`
	Can                    []string        `json:"can" nullable:"false" enum:"accept,refuse"`
}

// WaitingCounts are the figures of the menu.
type WaitingCounts struct {
	Waiting int `json:"waiting" doc:"Arrived, neither accepted nor refused"`
}

// DeliveryPath names a delivery in the address.
type DeliveryPath struct {
	ID id.Delivery `path:"delivery_id" format:"uuid"`
}

type deliveryCommand struct {
	DeliveryPath
	IfMatch
}

type deliveryReasonCommand struct {
	DeliveryPath
	IfMatch
	Body ReasonInput
}

type listDeliveriesInput struct {
	Page
	State   string `query:"state" enum:"waiting,accepted,refused,all" default:"all"`
	Urgency int    `query:"urgency" minimum:"-1" maximum:"3" default:"-1" doc:"-1 for all"`
	Sender  string `query:"sender_id" format:"uuid"`
	From    string `query:"from" format:"date" doc:"First day of arrival, in Vietnam"`
	To      string `query:"to" format:"date" doc:"Last day of arrival, in Vietnam"`
}

// ofDeliveries are the roles that read what arrived.
var ofDeliveries = Role(access.Clerk, access.Leader, access.Secretary)

// registerExchange adds the routes of sending and receiving.
func (a *API) registerExchange() {
	const tag = "exchange"
	post(a, Op{ID: "send-document", Path: "/documents/{document_id}/send", Tag: tag, Access: Role(access.Clerk),
		Summary: "Release a sealed document to its recipients"},
		func(ctx context.Context, actor access.Actor, in *documentCommand) (*Answer[Document], error) {
			return documentAnswer(actor)(a.Exchange.Send(ctx, actor, in.ID, in.Version()))
		})
	get(a, Op{ID: "list-document-deliveries", Path: "/documents/{document_id}/deliveries", Tag: tag, Access: Acting,
		Summary: "Where an own document stands with each recipient"}, a.listOutgoing)
	get(a, Op{ID: "list-deliveries", Path: "/deliveries", Tag: tag, Access: ofDeliveries,
		Summary: "Incoming documents; waiting ones by urgency, others by arrival"}, a.listDeliveries)
	get(a, Op{ID: "count-deliveries", Path: "/deliveries/counts", Tag: tag, Access: ofDeliveries,
		Summary: "How many incoming documents wait"},
		func(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[WaitingCounts], error) {
			n, err := a.Exchange.CountWaiting(ctx, actor)
			return answer(WaitingCounts{Waiting: n}), err
		})
	get(a, Op{ID: "get-delivery", Path: "/deliveries/{delivery_id}", Tag: tag, Access: ofDeliveries,
		Summary: "One incoming document"}, a.getDelivery)
	post(a, Op{ID: "open-delivery", Path: "/deliveries/{delivery_id}/open", Tag: tag, Access: ofDeliveries,
		Summary: "Say that it was opened; the first time is recorded and shown to the sender"},
		func(ctx context.Context, actor access.Actor, in *DeliveryPath) (*Answer[Delivery], error) {
			return deliveryAnswer(a.Exchange.MarkOpened(ctx, actor, in.ID))
		})
	post(a, Op{ID: "accept-delivery", Path: "/deliveries/{delivery_id}/accept", Tag: tag, Access: Role(access.Clerk),
		Summary: "Accept it under the next number of arrival"},
		func(ctx context.Context, actor access.Actor, in *deliveryCommand) (*Answer[Delivery], error) {
			return deliveryAnswer(a.Exchange.Accept(ctx, actor, in.ID, in.Version()))
		})
	post(a, Op{ID: "refuse-delivery", Path: "/deliveries/{delivery_id}/refuse", Tag: tag, Access: Role(access.Clerk),
		Summary: "Refuse it with a reason"},
		func(ctx context.Context, actor access.Actor, in *deliveryReasonCommand) (*Answer[Delivery], error) {
			return deliveryAnswer(a.Exchange.Refuse(ctx, actor, in.ID, in.Version(), in.Body.Reason))
		})
	post(a, Op{ID: "retry-delivery", Path: "/deliveries/{delivery_id}/retry", Tag: tag, Access: Role(access.Clerk),
		Summary: "Send again what could not be delivered (sender)"}, a.retryDelivery)
	a.raw(http.MethodGet, Op{ID: "get-delivery-file", Path: "/deliveries/{delivery_id}/files/{file_id}", Tag: tag, Access: ofDeliveries,
		Summary: "A file of an incoming document"}, upload.PDF, a.serveDeliveryFile)
}

func (a *API) serveDeliveryFile(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	deliveryID, fileID, err := filePath[id.Delivery](r, "delivery_id")
	if err != nil {
		return err
	}
	f, err := a.Exchange.File(r.Context(), actor, deliveryID, fileID)
	if err != nil {
		return err
	}
	return a.serveObject(w, r, f.Ref, f.Name, upload.PDF)
}

func (a *API) listOutgoing(ctx context.Context, actor access.Actor, in *DocumentPath) (*List[OutgoingDelivery], error) {
	found, err := a.Exchange.DeliveriesOf(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	items := make([]OutgoingDelivery, 0, len(found))
	for _, d := range found {
		items = append(items, outgoingBody(ctx, actor, d))
	}
	return list(items, ""), nil
}

func (a *API) retryDelivery(ctx context.Context, actor access.Actor, in *deliveryCommand) (*Answer[OutgoingDelivery], error) {
	body := func(d exchange.Delivery) any { return outgoingBody(ctx, actor, d) }
	d, err := a.Exchange.Retry(ctx, actor, in.ID, in.Version())
	if err != nil {
		return nil, withCurrent(err, body)
	}
	return answer(outgoingBody(ctx, actor, d)), nil
}

func (a *API) listDeliveries(ctx context.Context, actor access.Actor, in *listDeliveriesInput) (*List[Delivery], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	found, next, err := a.Exchange.ListIncoming(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	items := make([]Delivery, 0, len(found))
	for _, d := range found {
		items = append(items, deliveryBody(d))
	}
	return list(items, next), nil
}

func (in listDeliveriesInput) filter() (exchange.Filter, error) {
	f := exchange.Filter{State: exchange.ListState(in.State), After: in.After, Limit: in.Limit}
	if in.Urgency >= 0 {
		f.Urgency = &in.Urgency
	}
	var err error
	if in.Sender != "" {
		if f.Sender, err = id.Parse[id.Agency](in.Sender); err != nil {
			return f, errs.InvalidField("sender_id", "field.wrong_form")
		}
	}
	if in.From != "" {
		if f.From, err = readDate("from", in.From); err != nil {
			return f, err
		}
	}
	if in.To != "" {
		if f.To, err = readDate("to", in.To); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (a *API) getDelivery(ctx context.Context, actor access.Actor, in *DeliveryPath) (*Answer[DeliveryDetail], error) {
	d, err := a.Exchange.GetIncoming(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	kind, _ := document.TypeByCode(d.Delivery.TypeCode)
	out := DeliveryDetail{Delivery: deliveryBody(d.Delivery), DocumentTypeName: kind.Name, Files: filesBody(d.Files),
		Events: make([]DeliveryEvent, 0, len(d.Events)), SuggestedArrivalNumber: d.SuggestedNumber, Can: []string{}}
	if d.Signer != nil {
		out.SignerName, out.SignerPosition = d.Signer.FullName, d.Signer.Position
	}
	for _, e := range d.Events {
		out.Events = append(out.Events, DeliveryEvent{At: e.At, Transport: string(e.Transport), Status: statusBody(e.Status),
			By: appointmentBody(e.By), Reason: e.Reason})
	}
	for _, c := range d.Delivery.Can(actor) {
		out.Can = append(out.Can, string(c))
	}
	return answer(out), nil
}

func deliveryAnswer(d exchange.Delivery, err error) (*Answer[Delivery], error) {
	if err != nil {
		return nil, withCurrent(err, func(d exchange.Delivery) any { return deliveryBody(d) })
	}
	return answer(deliveryBody(d)), nil
}

func deliveryBody(d exchange.Delivery) Delivery {
	out := Delivery{
		ID: d.ID, DocumentID: d.Document, Transport: string(d.Transport), Status: int(d.Status), Urgency: d.Urgency,
		TypeCode: d.TypeCode, Code: d.Code(), IssuedOn: dateText(d.IssuedOn), Subject: d.Subject, SenderID: d.Sender,
		SenderName: d.SenderName, FileCount: d.FileCount, OpenedAt: d.OpenedAt, ArrivalNumber: d.ArrivalNumber,
		DecidedAt: d.DecidedAt, RefusalReason: d.RefusalReason, Version: d.Version,
	}
	if d.ArrivedAt != nil {
		out.ArrivedAt = *d.ArrivedAt
	}
	return out
}

func outgoingBody(ctx context.Context, actor access.Actor, d exchange.Delivery) OutgoingDelivery {
	out := OutgoingDelivery{
		ID: d.ID, RecipientID: d.Recipient, RecipientName: d.RecipientName, Transport: string(d.Transport),
		Status: statusBody(d.Status), UpdatedAt: d.ChangedAt, Note: d.RefusalReason, ArrivalNumber: d.ArrivalNumber,
		OpenedAt: d.OpenedAt, Attempts: d.Attempts, NextTryAt: d.NextTryAt, FailureKey: d.Failure,
		Failure: reasonText(callerOf(ctx).language, d.Failure), Version: d.Version, Can: []string{},
	}
	for _, c := range d.Can(actor) {
		if c == exchange.Retry {
			out.Can = append(out.Can, string(c))
		}
	}
	return out
}

func statusBody(s exchange.Status) *int {
	if s == 0 {
		return nil
	}
	n := int(s)
	return &n
}
