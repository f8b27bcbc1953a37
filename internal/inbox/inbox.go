// Package inbox joins what several features keep into what one person has to do now. It only reads.
package inbox

import (
	"time"

	"github.com/google/uuid"

	"nghisu/internal/id"
)

// Kind is what a piece of work asks for.
type Kind string

// The closed list of kinds.
const (
	Sign             Kind = "sign"              // a document waits for my signature
	Number           Kind = "number"            // signed, waits for its number and date
	Seal             Kind = "seal"              // numbered, waits for the agency's seal
	Send             Kind = "send"              // sealed, waits to be sent
	Returned         Kind = "returned"          // my draft came back
	Accept           Kind = "accept"            // an incoming document waits
	FailedDelivery   Kind = "failed_delivery"   // could not be delivered
	AnswerInvitation Kind = "answer_invitation" // a meeting waits for my answer

	CertificateExpires Kind = "certificate_expires" // a key to sign with ends soon, or has ended
)

// Item is one piece of work.
type Item struct {
	Kind    Kind
	Object  uuid.UUID // document, delivery, meeting or certificate
	Title   string
	Meta    string // who it comes from, or why it came back
	Code    string // "05/QĐ-UBND"; empty for meetings and before there is a number
	Urgency int
	DueAt   *time.Time
	Since   time.Time // since when it waits
}

// Meeting is a meeting of today or of the next days that the person takes part in.
type Meeting struct {
	ID        id.Meeting
	Title     string
	StartsAt  time.Time
	EndsAt    time.Time
	Place     string
	Online    bool
	State     string
	MyAnswer  string
	ItemCount int
	ChairName string
}

// SentDocument is a document the person's work went into, with where its recipients stand.
type SentDocument struct {
	Document id.Document
	Code     string
	Subject  string
	Sent     time.Time
	Total    int
	Waiting  int // not arrived, or arrived and not decided
	Accepted int
	Refused  int
	Failed   int
}

// Work is what one person has to do in the present appointment. Lists are cut at their limits; the
// counts are not.
type Work struct {
	Items    []Item
	Meetings []Meeting
	Sent     []SentDocument
	Counts   Counts
}

// Counts are the figures of the menu.
type Counts struct {
	WaitingDeliveries int
	Invitations       int
}
