// Package exchange carries released documents from the sending agency to each recipient and keeps
// what became of them: the transport (queued, sent, delivered, failed) and, above it, the answer of
// the recipient (01 arrived, 02 refused, 03 accepted). It owns deliveries, their history and the
// series of numbers of arrival; it does not own documents.
package exchange

import (
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

// Transport is where a delivery stands on its way.
type Transport string

// The closed list of transport states.
const (
	Queued    Transport = "queued"    // waits for an attempt
	Sent      Transport = "sent"      // handed to the transport, arrival not confirmed
	Delivered Transport = "delivered" // stored at the recipient; final
	Failed    Transport = "failed"    // all automatic attempts failed; the sender may send again
)

// Status is the recipient's answer, in the codes of the national axis (vn-rules 2.3).
type Status int

// The codes used so far; zero before arrival.
const (
	Arrived  Status = 1 // 01: the recipient's system has it, văn thư did not act yet
	Refused  Status = 2 // 02: refused with a reason; final
	Accepted Status = 3 // 03: registered under a number of arrival
)

// followers lists the states that may follow. Nothing leads back, and only the sender's explicit Retry
// leads out of Failed, as a new round of attempts.
var followers = map[Transport][]Transport{
	Queued: {Sent},
	Sent:   {Delivered, Failed},
	Failed: {Queued},
}

// mayFollow reports whether a delivery in state t may come into state to.
func (t Transport) mayFollow(to Transport) bool { return slices.Contains(followers[t], to) }

// Delivery is one document on its way to one recipient. The fields of the document are copies made
// at release; a released document no longer changes.
type Delivery struct {
	ID            id.Delivery
	Document      id.Document
	Sender        id.Agency
	SenderName    string
	Recipient     id.Agency
	RecipientName string // filled where the sender looks
	Transport     Transport
	Status        Status // 0 before arrival
	Urgency       int
	TypeCode      string
	Number        string
	Symbol        string
	IssuedOn      time.Time // a date: midnight UTC
	Subject       string
	FileCount     int
	Attempts      int        // of the present round
	Failure       string     // message key of the last attempt's failure; empty when there is none
	NextTryAt     *time.Time // when the next automatic attempt is due; nil when none is
	QueuedAt      time.Time
	ArrivedAt     *time.Time
	OpenedAt      *time.Time // first opened by somebody of the recipient
	DecidedAt     *time.Time
	ArrivalNumber *int // "số đến", unique per recipient and year (NĐ 30/2020 Đ.22)
	ArrivalYear   *int // in Asia/Ho_Chi_Minh
	RefusalReason string
	ChangedAt     time.Time // of the last change of state
	Version       int
}

// Code is number and symbol of the document: "05/QĐ-UBND".
func (d Delivery) Code() string { return d.Number + "/" + d.Symbol }

// Action is something an actor may do with a delivery.
type Action string

// The closed list of actions. Accept, Refuse and Open are the recipient's, Retry is the sender's.
const (
	Open   Action = "open"
	Accept Action = "accept"
	Refuse Action = "refuse"
	Retry  Action = "retry"
)

// Readers are the roles that see what arrives at, and leaves, their agency.
var Readers = []access.Role{access.Clerk, access.Leader, access.Secretary}

// VisibleToRecipient reports whether actor sees the delivery as incoming: a reader of the recipient
// agency, once it has arrived. Nothing of it is known there before.
func (d Delivery) VisibleToRecipient(actor access.Actor) bool {
	return actor.Agency == d.Recipient && d.Transport == Delivered && actor.Has(Readers...)
}

// VisibleToSender reports whether actor sees the delivery as outgoing.
func (d Delivery) VisibleToSender(actor access.Actor) bool {
	return actor.Agency == d.Sender && actor.Has(Readers...)
}

// May is nil when actor may do the action now; otherwise NotFound (hidden), Forbidden (too small a
// role) or Conflict with the present state, in this order.
func (d Delivery) May(actor access.Actor, a Action) error {
	visible := d.VisibleToRecipient(actor)
	if a == Retry {
		visible = d.VisibleToSender(actor)
	}
	if !visible {
		return errs.Missing()
	}
	if a == Open {
		return nil
	}
	if err := actor.Need(access.Clerk); err != nil { // văn thư receives and sends (NĐ 30/2020 Đ.4, 21)
		return err
	}
	switch {
	case a == Retry && !d.Transport.mayFollow(Queued):
		return d.conflict("exchange.not_failed")
	case a != Retry && d.Status == Accepted:
		return d.conflict("exchange.already_accepted").With("number", *d.ArrivalNumber)
	case a != Retry && d.Status == Refused:
		return d.conflict("exchange.already_refused")
	}
	return nil
}

func (d Delivery) conflict(key string) *errs.Error {
	return &errs.Error{Code: errs.Conflict, Key: key, Current: d}
}

// Can lists what actor may do with the delivery now, by the same rules that the use cases follow.
func (d Delivery) Can(actor access.Actor) []Action {
	out := []Action{}
	for _, a := range []Action{Open, Accept, Refuse, Retry} {
		if d.May(actor, a) == nil {
			out = append(out, a)
		}
	}
	return out
}

// Event is one change of state of a delivery.
type Event struct {
	At        time.Time
	Transport Transport
	Status    Status
	By        *org.Appointment // nil when the system did it
	Reason    string           // the recipient's reason, or the message key of a failure
}

// Detail is an incoming document with its files and history.
type Detail struct {
	Delivery        Delivery
	Signer          *org.Appointment
	Files           []document.File
	Events          []Event // oldest first
	SuggestedNumber int     // number of arrival if it were accepted now
}

// Counts tells how many recipients of a document stand where.
type Counts struct {
	Queued    int
	Sent      int
	Delivered int // arrived and not decided yet
	Failed    int
	Accepted  int
	Refused   int
}

// ListState selects incoming documents by the recipient's answer.
type ListState string

// The closed list of selections.
const (
	Waiting      ListState = "waiting" // arrived, not decided: urgent ones first
	AcceptedOnes ListState = "accepted"
	RefusedOnes  ListState = "refused"
	All          ListState = "all"
)

// Filter selects a page of incoming documents. Zero values do not filter.
type Filter struct {
	State   ListState
	Urgency *int
	Sender  id.Agency
	From    time.Time // first day of arrival in Vietnam, as midnight UTC
	To      time.Time // last day of arrival
	After   string    // cursor of the page before
	Limit   int       // 1 to 200
}
