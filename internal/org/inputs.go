package org

import (
	"time"

	"nghisu/internal/access"
	"nghisu/internal/id"
)

// AgencyFilter chooses agencies. State is "active" (today), "dissolved" or "all".
type AgencyFilter struct {
	Query  string
	Level  string
	Parent *id.Agency
	State  string
	After  string // cursor
	Limit  int
}

// DirectoryFilter chooses appointments that hold today.
type DirectoryFilter struct {
	Query  string
	Role   access.Role // any when empty
	Agency *id.Agency
	After  string // cursor
	Limit  int
}

// Dissolution ends an agency on a day (the first on which it no longer exists).
type Dissolution struct {
	On         time.Time
	Successors []id.Agency
	Reason     string
}

// UnitInput is what an administrator says about a unit. ValidFrom is today when zero.
type UnitInput struct {
	Name      string
	Symbol    string
	ValidFrom time.Time
	ValidTo   *time.Time
}

// NewPerson is a person with the first appointment and an account.
type NewPerson struct {
	Person      PersonInput
	Username    string
	Appointment AppointmentInput
}

// PersonCreated is the result of AddPerson. TemporaryPassword is not kept with the result of the
// command: a repeat of the same command carries none.
type PersonCreated struct {
	Member            Member
	TemporaryPassword string `json:"-"`
}

// ImportKind is what an import file holds.
type ImportKind string

// The kinds of import files.
const (
	ImportAgencies ImportKind = "agencies"
	ImportPeople   ImportKind = "people"
)

// RowError is one thing wrong with one row of an import file. Row is the line of the file, the heading being 1.
type RowError struct {
	Row    int
	Column string
	Key    string
	Args   map[string]any
}

// ImportReport tells what an import did, or would do. Nothing is changed unless Applied.
type ImportReport struct {
	Rows      int
	Added     int
	Changed   int
	Unchanged int
	Errors    []RowError
	Applied   bool
}
