// Package id holds the typed identifiers of the system: UUIDs of version 7, so that they sort by
// the time of their making, one Go type per kind of thing, so that they cannot be mixed up.
// They scan from and into PostgreSQL's uuid and JSON strings unchanged.
package id

import "github.com/google/uuid"

// One type per kind of thing.
type (
	Agency      struct{ uuid.UUID }
	Unit        struct{ uuid.UUID }
	Person      struct{ uuid.UUID }
	Appointment struct{ uuid.UUID }
	Session     struct{ uuid.UUID }
	Event       struct{ uuid.UUID } // audit event
	Upload      struct{ uuid.UUID }
	Document    struct{ uuid.UUID }
	File        struct{ uuid.UUID } // a file of a document
	Signature   struct{ uuid.UUID } // one on one file: an item of a request
	Request     struct{ uuid.UUID } // for signatures
	Certificate struct{ uuid.UUID } // with a key to sign with
	Dealing     struct{ uuid.UUID } // with a signing service
	Check       struct{ uuid.UUID } // of the signatures on a file
	Anchor      struct{ uuid.UUID } // of a trust list
	Delivery    struct{ uuid.UUID }
	Meeting     struct{ uuid.UUID }
	Item        struct{ uuid.UUID } // agenda item
	Paper       struct{ uuid.UUID } // paper of an agenda item
	Turn        struct{ uuid.UUID } // to speak in a meeting
	Node        struct{ uuid.UUID }
	Stay        struct{ uuid.UUID } // of a person in a meeting's room
	Device      struct{ uuid.UUID } // in a meeting's room, with a token
)

// Kind is the set of identifier types.
type Kind interface {
	~struct{ uuid.UUID }
}

// New makes an identifier of kind T.
func New[T Kind]() T { return T(struct{ uuid.UUID }{uuid.Must(uuid.NewV7())}) }

// Parse reads an identifier of kind T.
func Parse[T Kind](s string) (T, error) {
	u, err := uuid.Parse(s)
	return T(struct{ uuid.UUID }{u}), err
}

// IsZero reports whether v was never set.
func IsZero[T Kind](v T) bool { return struct{ uuid.UUID }(v).UUID == uuid.Nil }
