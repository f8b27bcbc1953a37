// Package org owns the organisation of the city: agencies in a tree whose levels are data, units,
// people and their appointments, the history of all of them, and their import. It does not own
// accounts and sessions (auth).
package org

import (
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// vietnam is Asia/Ho_Chi_Minh: +07:00 without daylight saving since 1975.
var vietnam = time.FixedZone("+07", 7*60*60)

// Today is the date of law at a moment: the day in Asia/Ho_Chi_Minh, as midnight UTC, the form in
// which dates come from and go to the database.
func Today(now time.Time) time.Time {
	y, m, d := now.In(vietnam).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Level is one step of the tree, named by the city. Ordinal orders levels from the top.
type Level struct {
	Code      string
	Name      string
	NameEN    string
	Ordinal   int
	ValidFrom time.Time
	ValidTo   *time.Time
}

// Agency is an organisation with its own seal, register and people. ValidTo is the first day on
// which it no longer exists, nil while it does.
type Agency struct {
	ID        id.Agency
	Code      string // QĐ 20/2020 Đ.4: at most 35 characters; never parse a level from it
	Name      string
	ShortName string
	Symbol    string // letters in its document numbers, "STC"
	LevelCode string
	LevelName string
	Parent    *id.Agency
	ValidFrom time.Time
	ValidTo   *time.Time
	Version   int
	People    int // people appointed today; not kept up to date in results of commands
}

// ExistsOn reports whether the agency exists on the day.
func (a Agency) ExistsOn(day time.Time) bool { return holds(a.ValidFrom, a.ValidTo, day) }

// Alias is another identifier of an agency: of the older scheme, or from before a change of code.
type Alias struct {
	Code      string
	ValidFrom time.Time
	ValidTo   *time.Time
}

// Past is what an agency was called and where it stood before a change.
type Past struct {
	Code      string
	Name      string
	ShortName string
	Symbol    string
	LevelCode string
	Parent    *id.Agency
	ValidFrom time.Time
	ValidTo   time.Time
	Reason    string
}

// Relative is another agency named beside one: a successor or a predecessor.
type Relative struct {
	ID      id.Agency
	Name    string
	ValidTo *time.Time
}

// Unit is a part of an agency without a seal of its own.
type Unit struct {
	ID        id.Unit
	Agency    id.Agency
	Name      string
	Symbol    string
	ValidFrom time.Time
	ValidTo   *time.Time
	Version   int
}

// AgencyDetail is an agency with everything known of it.
type AgencyDetail struct {
	Agency       Agency
	Aliases      []Alias
	History      []Past
	Successors   []Relative
	Predecessors []Relative
	Units        []Unit
}

// AccountState tells whether a person can sign in.
type AccountState string

// The closed list of account states.
const (
	NoAccount       AccountState = "none"
	NoPassword      AccountState = "no_password" // imported; an administrator has to give a first password
	FirstPassword   AccountState = "first_password"
	AccountActive   AccountState = "active"
	AccountLocked   AccountState = "locked" // too many failed attempts; ends by itself
	AccountDisabled AccountState = "disabled"
)

// Person is a human being of the city's agencies, with the account in short.
type Person struct {
	ID              id.Person
	FullName        string
	DigitalIdentity string
	Email           string
	Phone           string
	Username        string
	Account         AccountState
	Version         int
}

// Appointment is a position of a person in an agency, with roles, from and to. Every actor acts in
// one, every record names one. ValidTo is the first day on which it no longer holds.
type Appointment struct {
	ID              id.Appointment
	Person          id.Person
	FullName        string
	Position        string
	Agency          id.Agency
	AgencyName      string
	AgencyShortName string
	Unit            *id.Unit
	UnitName        string
	Roles           []access.Role
	Ordinal         int
	ValidFrom       time.Time
	ValidTo         *time.Time
	Version         int
}

// HoldsOn reports whether the appointment holds on the day. The agency's own end is looked at by the queries.
func (a Appointment) HoldsOn(day time.Time) bool { return holds(a.ValidFrom, a.ValidTo, day) }

// Member is a person of an agency as its administrators see them.
type Member struct {
	Appointment Appointment
	Person      Person
}

func holds(from time.Time, to *time.Time, day time.Time) bool {
	return !day.Before(from) && (to == nil || day.Before(*to))
}

// What breaking a constraint of our tables means.
var (
	_ = postgres.MapConstraint("agencies_code_unique", errs.New(errs.Conflict, "org.code_taken"))
	_ = postgres.MapConstraint("agencies_sort", errs.New(errs.Conflict, "org.code_taken"))
	_ = postgres.MapConstraint("agencies_code_format", errs.InvalidField("code", "org.code_form"))
	_ = postgres.MapConstraint("agencies_level", errs.InvalidField("level_code", "org.level_unknown"))
	_ = postgres.MapConstraint("agencies_validity", errs.InvalidField("valid_to", "org.ends_before_start"))
	_ = postgres.MapConstraint("units_name_unique", errs.New(errs.Conflict, "org.unit_taken"))
	_ = postgres.MapConstraint("units_validity", errs.InvalidField("valid_to", "org.ends_before_start"))
	_ = postgres.MapConstraint("persons_identity_unique", errs.New(errs.Conflict, "org.identity_taken"))
	_ = postgres.MapConstraint("appointments_unit", errs.InvalidField("unit_id", "org.unit_elsewhere"))
	_ = postgres.MapConstraint("appointments_validity", errs.InvalidField("on", "org.ends_before_start"))
)
