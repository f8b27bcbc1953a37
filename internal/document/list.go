package document

import (
	"time"

	"nghisu/internal/id"
)

// Filter selects a page of an agency's documents. Zero values do not filter.
type Filter struct {
	State State
	After string // cursor of the page before
	Limit int    // 1 to 200
}

// Summary is a line of the list.
type Summary struct {
	ID             id.Document
	TypeCode       string
	Number         string // empty until numbered
	Symbol         string
	IssuedOn       *time.Time // a date: midnight UTC; nil until numbered
	Subject        string
	Urgency        int
	State          State
	SignerName     string
	CreatedByName  string
	RecipientCount int
	FileCount      int
	ReturnReason   string
	ReleasedAt     *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int
}

// Code is number and symbol; empty until there is a number.
func (s Summary) Code() string { return code(s.Number, s.Symbol) }
