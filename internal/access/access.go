// Package access decides who may do what. It owns the Actor and pure decisions over it; it reads no
// database. Facts about an object (which agency owns it, who is invited) are handed in by the feature.
package access

import (
	"slices"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// Role is what an appointment allows its holder to do. Roles are data of the appointment; a person
// with two appointments has two sets of roles and acts in one at a time.
type Role string

// The closed list of roles.
const (
	Clerk       Role = "clerk"        // văn thư: registers, seals, sends, receives
	Secretary   Role = "secretary"    // prepares meetings
	Leader      Role = "leader"       // signs, chairs
	Specialist  Role = "specialist"   // drafts and handles
	AgencyAdmin Role = "agency_admin" // people and units of one agency
	SystemAdmin Role = "system_admin" // agencies, first administrators
	Auditor     Role = "auditor"      // reads the audit log
)

// Roles lists all roles in the order in which pages show them.
var Roles = []Role{Leader, Clerk, Secretary, Specialist, AgencyAdmin, SystemAdmin, Auditor}

// Actor is a person acting in an appointment. Every use case takes one; every record names it.
type Actor struct {
	Person      id.Person
	Appointment id.Appointment
	Agency      id.Agency
	Session     id.Session
	Name        string // full name of the person
	Position    string // title of the appointment, as offices write it
	AgencyName  string
	Roles       []Role
	// SteppedUpUntil is how long the password that was given again in this session counts; zero when none was.
	SteppedUpUntil time.Time
}

// NeedStepUp is nil while the password given again counts: a key is used by its holder only, so
// whoever signs shows anew who sits there.
func (a Actor) NeedStepUp(now time.Time) error {
	if now.Before(a.SteppedUpUntil) {
		return nil
	}
	return errs.New(errs.Forbidden, "auth.step_up_needed")
}

// Has reports whether the actor holds one of the roles.
func (a Actor) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// Need is nil when the actor holds one of the roles, and Forbidden otherwise.
func (a Actor) Need(roles ...Role) error {
	if a.Has(roles...) {
		return nil
	}
	return errs.New(errs.Forbidden, "access.role_missing")
}

// NeedInAgency is for things that belong to one agency: another agency's actor learns nothing
// (NotFound), one of the same agency with too small a role is told so (Forbidden).
func (a Actor) NeedInAgency(owner id.Agency, roles ...Role) error {
	if a.Agency != owner {
		return errs.Missing()
	}
	if len(roles) == 0 {
		return nil
	}
	return a.Need(roles...)
}
