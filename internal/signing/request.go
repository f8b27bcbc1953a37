package signing

import (
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys"
	"nghisu/storage/objects"
)

// Request is one act of will of one person: to sign one or many documents with one certificate. It is
// prepared, its hashes are signed wherever the key is, any time later, and any node puts the values
// into the files. Several files of one document are signed all or none; documents do not wait for one another.
type Request struct {
	ID          id.Request
	Person      id.Person
	Appointment id.Appointment
	Agency      id.Agency
	Session     id.Session
	Purpose     document.Purpose
	Certificate id.Certificate
	Key         Key
	State       State
	Consent     *keys.Consent // what the person must do meanwhile
	Reason      string        // why it was declined
	CreatedAt   time.Time
	ExpiresAt   time.Time
	Items       []Item // in the order of the request

	ticket string
}

// Key says which certificate signs.
type Key struct {
	Kind        keys.Kind
	Name        string
	Development bool
}

// State is where a request stands.
type State string

// The closed list of states of a request.
const (
	Prepared  State = "prepared" // being worked on, here or on another node
	Waiting   State = "waiting"  // for the person, at a provider or with an agent
	Done      State = "done"     // at its end; at least one document was signed
	Failed    State = "failed"   // at its end; nothing was signed
	Cancelled State = "cancelled"
	Declined  State = "declined" // by its person, with a reason: the documents went back
	Expired   State = "expired"  // the values did not come in time
)

// Open reports whether something is still to be done.
func (s State) Open() bool { return s == Prepared || s == Waiting }

// States lists the states of a request.
var States = []State{Prepared, Waiting, Done, Failed, Cancelled, Declined, Expired}

// Item is one signature of a request: on one file.
type Item struct {
	ID       id.Signature
	Document id.Document
	Code     string // of the document
	Subject  string
	File     id.File // zero when the document could not even begin
	FileName string
	State    ItemState
	Failure  string // message key
	Level    string // of the signature that was made: B-B, B-T, ...
}

// ItemState is where one signature stands.
type ItemState string

// The closed list of states of an item.
const (
	ItemPrepared  ItemState = "prepared" // intended
	ItemWaiting   ItemState = "waiting"  // its hash is with the provider, or its file with the agent
	ItemSigned    ItemState = "signed"   // the value is kept; it goes into the file next
	ItemDone      ItemState = "done"
	ItemFailed    ItemState = "failed"
	ItemCancelled ItemState = "cancelled" // with its request, before anything was signed
)

// Limits of requests.
const (
	MaxDocuments = 100            // of one batch
	requestFor   = 24 * time.Hour // how long the values may take to come
	maxAttempts  = 10             // beginnings of work that trouble of our own may end
)

// Ask is what a person asks to be signed: documents in the version that they have seen (0 for any), with
// a certificate of their own, or the usual one when it is zero.
type Ask struct {
	Purpose     document.Purpose
	Certificate id.Certificate
	Documents   []Wanted
}

// Wanted is one document of an Ask.
type Wanted struct {
	Document id.Document
	Version  int
}

func (a Ask) action() document.Action {
	if a.Purpose == document.BySeal {
		return document.Seal
	}
	return document.Sign
}

// check finds what is wrong with the form of an Ask.
func (a Ask) check() error {
	if a.Purpose != document.ByLeader && a.Purpose != document.BySeal {
		return errs.InvalidField("purpose", "signing.purpose_unknown")
	}
	if n := len(a.Documents); n < 1 || n > MaxDocuments {
		return &errs.Error{Code: errs.Invalid, Key: "request.invalid", Fields: []errs.Field{
			{Path: "documents", Key: "signing.documents_count", Args: map[string]any{"max": MaxDocuments}}}}
	}
	seen := map[id.Document]bool{}
	for _, w := range a.Documents {
		if seen[w.Document] {
			return errs.InvalidField("documents", "signing.document_twice")
		}
		seen[w.Document] = true
	}
	return nil
}

// holderOf is whose certificate signs.
func holderOf(actor access.Actor, p document.Purpose) keys.Holder {
	if p == document.BySeal {
		return keys.OfAgency(actor.Agency)
	}
	return keys.OfPerson(actor.Person)
}

// roleFor is who may ask for a signature at all (NĐ 30/2020 Đ.13, 32).
func roleFor(p document.Purpose) access.Role {
	if p == document.BySeal {
		return access.Clerk
	}
	return access.Leader
}

// Visible reports whether actor may know of the request: its person, in the same appointment, and for
// seals every clerk of the agency, because the seal is not anybody's own.
func (r Request) Visible(actor access.Actor) bool {
	if r.Purpose == document.BySeal {
		return actor.Agency == r.Agency && actor.Has(access.Clerk)
	}
	return actor.Appointment == r.Appointment
}

// work is an item with everything that is needed to finish it.
type work struct {
	Item
	input      objects.Ref
	appendix   []byte // nil until it was prepared
	holeStart  int64
	holeEnd    int64
	digest     []byte
	attributes []byte
	value      []byte
	output     *objects.Ref // of an agent: the file came back whole
}

func (w work) open() bool {
	return w.State == ItemPrepared || w.State == ItemWaiting || w.State == ItemSigned
}

// outcomeOf is the state of a request whose items are all at their end.
func outcomeOf(items []Item) State {
	for _, it := range items {
		if it.State == ItemDone {
			return Done
		}
	}
	return Failed
}
