// Package document owns official documents of an agency on their way to release: what a clerk typed
// in, the files with all their revisions, the leader's and the agency's step, and who may do what.
// It does not sign (signing does, and reports through RecordSignature) and does not deliver
// (exchange does, after Release).
package document

import (
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/objects"
)

// State is where a document stands. Order of NĐ 30/2020 Đ.10-19: the leader signs, the clerk gives
// number and date, the agency signs, then it is released.
type State string

// The closed list of states.
const (
	Draft     State = "draft"     // being prepared, or returned by the leader
	Submitted State = "submitted" // waits for the leader's signature
	Signed    State = "signed"    // the leader signed the main file
	Numbered  State = "numbered"  // it has its number and date of issue
	Sealed    State = "sealed"    // the agency signed every file
	Released  State = "released"  // handed to exchange; nothing changes any more
	Cancelled State = "cancelled" // given up before release; a number it had stays taken
)

// States lists all states in the order of the road.
var States = []State{Draft, Submitted, Signed, Numbered, Sealed, Released, Cancelled}

// Recipient is an agency the document is addressed to.
type Recipient struct {
	Agency id.Agency
	Name   string
}

// File is one file of a document as it stands: its newest revision.
type File struct {
	ID       id.File
	Name     string
	Main     bool // the document itself; the others are attachments
	Revision int  // counts from 1
	Reason   RevisionReason
	Ref      objects.Ref
}

// RevisionReason says why a revision of a file was made.
type RevisionReason string

// The closed list of reasons.
const (
	Uploaded     RevisionReason = "upload"
	FieldsLaid   RevisionReason = "fields" // empty fields for signatures, number and date
	LeaderSigned RevisionReason = "leader"
	NumberFilled RevisionReason = "number" // number and date stand in their fields
	AgencySealed RevisionReason = "seal"
	Renewed      RevisionReason = "renewal" // a newer timestamp, before that of the last one ends
)

// Step is one step on the road of a document.
type Step struct {
	At     time.Time
	State  State
	By     *org.Appointment // nil when the system itself did it
	Reason string
}

// Document is an official document with everything its agency sees of it.
type Document struct {
	ID           id.Document
	Agency       id.Agency
	AgencyName   string
	TypeCode     string
	Number       string     // "05"; empty until numbered
	Symbol       string     // "QĐ-UBND"
	IssuedOn     *time.Time // a date: midnight UTC; nil until numbered
	Subject      string
	Urgency      int // 0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc
	State        State
	Signer       *org.Appointment // nil on copies
	CreatedBy    org.Appointment
	ReturnReason string
	ReleasedAt   *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Version      int
	Pending      *id.Request // open request for signatures: nothing else changes the document meanwhile
	Fields       Fields
	Copy         *CopyOf // nil unless it is a copy
	Recipients   []Recipient
	Files        []File // main file first
	Steps        []Step // oldest first
}

func (d Document) hasFile(fileID id.File) bool {
	return slices.ContainsFunc(d.Files, func(f File) bool { return f.ID == fileID })
}

// Code is number and symbol as documents cite them, "05/QĐ-UBND"; empty until there is a number.
func (d Document) Code() string { return code(d.Number, d.Symbol) }

func code(number, symbol string) string {
	if number == "" {
		return ""
	}
	return number + "/" + symbol
}

// MainFile is the file that is the document itself.
func (d Document) MainFile() (File, bool) {
	for _, f := range d.Files {
		if f.Main {
			return f, true
		}
	}
	return File{}, false
}

// Action is something an actor may do with a document.
type Action string

// The closed list of actions, in the order in which pages offer them.
const (
	Change  Action = "change"
	Arrange Action = "layout" // place the fields
	Submit  Action = "submit"
	Sign    Action = "sign"
	Return  Action = "return"
	Number  Action = "number"
	Seal    Action = "seal"
	Send    Action = "send"
	Cancel  Action = "cancel"
)

var actions = []Action{Change, Arrange, Submit, Sign, Return, Number, Seal, Send, Cancel}

// allowedIn says in which states an action is possible at all.
var allowedIn = map[Action][]State{
	Change:  {Draft},
	Arrange: {Draft, Submitted},
	Submit:  {Draft},
	Sign:    {Submitted},
	Return:  {Submitted},
	Number:  {Signed},
	Seal:    {Numbered},
	Send:    {Sealed},
	Cancel:  {Draft, Submitted, Signed, Numbered, Sealed},
}

// copyAllowedIn is the same for copies, which nobody signs in person: the clerk numbers the draft.
var copyAllowedIn = map[Action][]State{
	Change: {Draft},
	Number: {Draft},
	Seal:   {Numbered},
	Send:   {Sealed},
	Cancel: {Draft, Numbered, Sealed},
}

// signedStates are those in which the document carries a signature of ours and is not released yet.
var signedStates = []State{Signed, Numbered, Sealed}

// readers are the roles that see every document of their agency.
var readers = []access.Role{access.Clerk, access.Leader, access.Secretary}

// Visible reports whether actor may know that the document exists: leaders, clerks and secretaries of
// its agency, and whoever prepared it. Recipients see a delivery, never the document.
func (d Document) Visible(actor access.Actor) bool {
	return actor.Agency == d.Agency && (actor.Has(readers...) || d.CreatedBy.ID == actor.Appointment)
}

// May is nil when actor may do the action now; otherwise NotFound (hidden), Forbidden (too small a
// role) or Conflict (the state does not allow it, or a signature is being made), in this order.
func (d Document) May(actor access.Actor, a Action) error {
	if err := d.may(actor, a); err != nil {
		return err
	}
	if d.Pending != nil {
		return &errs.Error{Code: errs.Conflict, Key: "document.being_signed", Current: d}
	}
	return nil
}

// may is May for the request that the document is held for.
func (d Document) may(actor access.Actor, a Action) error {
	if !d.Visible(actor) {
		return errs.Missing()
	}
	if !d.entitled(actor, a) {
		if a == Sign || a == Return {
			return errs.New(errs.Forbidden, "document.not_signer")
		}
		return errs.New(errs.Forbidden, "access.role_missing")
	}
	states := allowedIn[a]
	if d.IsCopy() {
		states = copyAllowedIn[a]
	}
	if !slices.Contains(states, d.State) {
		return &errs.Error{Code: errs.Conflict, Key: "document.wrong_state." + string(d.State), Current: d}
	}
	return nil
}

// mayAt is May on the version that the caller has seen, 0 for any.
func (d Document) mayAt(actor access.Actor, a Action, version int) error {
	if err := d.May(actor, a); err != nil {
		return err
	}
	if version != 0 && version != d.Version {
		return &errs.Error{Code: errs.Stale, Key: "request.stale", Current: d}
	}
	return nil
}

// entitled is the question of role, apart from the state.
func (d Document) entitled(actor access.Actor, a Action) bool {
	switch a {
	case Sign, Return: // the one who is asked, in that appointment (NĐ 30/2020 Đ.13)
		return d.Signer != nil && d.Signer.ID == actor.Appointment && actor.Has(access.Leader)
	case Number, Seal, Send: // only văn thư gives numbers, holds the agency's key and releases (NĐ 30/2020 Đ.4, 15, 32)
		return actor.Has(access.Clerk)
	case Arrange:
		return d.drafter(actor) || d.State == Submitted && d.Signer != nil && d.Signer.ID == actor.Appointment
	default:
		return d.drafter(actor)
	}
}

// drafter reports whether actor works on the document before it is signed. What the leader has signed
// only văn thư may still give up, and only văn thư makes copies.
func (d Document) drafter(actor access.Actor) bool {
	return actor.Has(access.Clerk) || !d.IsCopy() &&
		actor.Has(access.Specialist) && d.CreatedBy.ID == actor.Appointment && !slices.Contains(signedStates, d.State)
}

// Can lists what actor may do with the document now, by the same rules that the use cases follow.
func (d Document) Can(actor access.Actor) []Action {
	out := []Action{}
	for _, a := range actions {
		if d.May(actor, a) == nil {
			out = append(out, a)
		}
	}
	return out
}
