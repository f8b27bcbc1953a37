package org

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// grantable tells which roles an actor may give or take away: nobody gives a role above their own.
func grantable(actor access.Actor) []access.Role {
	switch {
	case actor.Has(access.SystemAdmin):
		return access.Roles
	case actor.Has(access.AgencyAdmin):
		return []access.Role{access.Leader, access.Clerk, access.Secretary, access.Specialist, access.AgencyAdmin}
	}
	return nil
}

// mayGrant refuses roles the actor may not give.
func mayGrant(actor access.Actor, roles []access.Role) error {
	allowed := grantable(actor)
	for _, r := range roles {
		if !slices.Contains(allowed, r) {
			return errs.New(errs.Forbidden, "org.role_above_own")
		}
	}
	return nil
}

// MayManageAgency is for people and units of an agency: its own administrator, or a system
// administrator. Somebody of another agency learns nothing.
func MayManageAgency(actor access.Actor, agency id.Agency) error {
	if actor.Has(access.SystemAdmin) {
		return nil
	}
	return actor.NeedInAgency(agency, access.AgencyAdmin)
}

// mayManagePerson is for the person's data and account: a system administrator always; an agency
// administrator when every appointment the person holds lies in that agency and carries no role
// above the administrator's own, because whoever resets a password can act in all of them.
func mayManagePerson(actor access.Actor, held []Appointment) error {
	if actor.Has(access.SystemAdmin) {
		return nil
	}
	here := slices.ContainsFunc(held, func(a Appointment) bool { return a.Agency == actor.Agency })
	if !here {
		return errs.Missing()
	}
	if err := actor.Need(access.AgencyAdmin); err != nil {
		return err
	}
	for _, a := range held {
		if a.Agency != actor.Agency {
			return errs.New(errs.Forbidden, "org.person_elsewhere")
		}
		if err := mayGrant(actor, a.Roles); err != nil {
			return err
		}
	}
	return nil
}

// normalRoles checks roles and puts them into the order of access.Roles, each once.
func normalRoles(roles []access.Role) ([]access.Role, bool) {
	out := []access.Role{}
	for _, r := range access.Roles {
		if slices.Contains(roles, r) {
			out = append(out, r)
		}
	}
	for _, r := range roles {
		if !slices.Contains(access.Roles, r) {
			return nil, false
		}
	}
	return out, len(out) > 0
}

var (
	codeForm     = regexp.MustCompile(`^[A-Z0-9]+(\.[A-Z0-9]+)*$`) // QĐ 20/2020 Đ.4
	identityForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9._-]{2,39}$`)
	usernameForm = regexp.MustCompile(`^[a-z0-9_.-]{3,64}$`)
	emailForm    = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	phoneForm    = regexp.MustCompile(`^\+?[0-9 .()-]{6,20}$`)
)

// check collects wrong inputs.
type check struct{ fields []errs.Field }

func (c *check) fail(path, key string) { c.fields = append(c.fields, errs.Field{Path: path, Key: key}) }

func (c *check) text(path, value string, max int, required bool) {
	switch n := utf8.RuneCountInString(value); {
	case n == 0 && required:
		c.fail(path, "field.required")
	case n > max:
		c.fail(path, "field.too_long")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == utf8.RuneError }):
		c.fail(path, "field.wrong_form")
	}
}

func (c *check) form(path, value string, form *regexp.Regexp, key string) {
	if !form.MatchString(value) {
		c.fail(path, key)
	}
}

func (c *check) err() error { return errs.InvalidFields(c.fields) }

// AgencyInput is what an administrator says about an agency.
type AgencyInput struct {
	Code      string
	Name      string
	ShortName string // Name when empty
	Symbol    string
	LevelCode string
	Parent    *id.Agency
	ValidFrom time.Time // of the agency, or of the change
	Reason    string    // of a change
}

func (in *AgencyInput) normalise() {
	in.Code, in.Name, in.ShortName = strings.ToUpper(clean(in.Code)), clean(in.Name), clean(in.ShortName)
	in.Symbol, in.Reason = clean(in.Symbol), clean(in.Reason)
	if in.ShortName == "" {
		in.ShortName = in.Name
	}
}

func (in AgencyInput) validate() error {
	var c check
	in.check(&c)
	return c.err()
}

func (in AgencyInput) check(c *check) {
	if len(in.Code) > 35 || !codeForm.MatchString(in.Code) {
		c.fail("code", "org.code_form")
	}
	c.text("name", in.Name, 200, true)
	c.text("short_name", in.ShortName, 80, true)
	c.text("symbol", in.Symbol, 30, false)
	c.text("level_code", in.LevelCode, 31, true)
	c.text("reason", in.Reason, 500, false)
	if in.ValidFrom.IsZero() {
		c.fail("valid_from", "field.required")
	}
}

// PersonInput is what an administrator says about a person.
type PersonInput struct {
	FullName        string
	DigitalIdentity string
	Email           string
	Phone           string
}

func (in *PersonInput) normalise() {
	in.FullName, in.DigitalIdentity = clean(in.FullName), strings.ToUpper(clean(in.DigitalIdentity))
	in.Email, in.Phone = clean(in.Email), clean(in.Phone)
}

func (in PersonInput) check(c *check) {
	c.text("full_name", in.FullName, 100, true)
	c.form("digital_identity", in.DigitalIdentity, identityForm, "org.identity_form")
	if in.Email != "" {
		c.text("email", in.Email, 200, false)
		c.form("email", in.Email, emailForm, "org.email_form")
	}
	if in.Phone != "" {
		c.form("phone", in.Phone, phoneForm, "org.phone_form")
	}
}

// AppointmentInput is what an administrator says about an appointment.
type AppointmentInput struct {
	Agency    id.Agency
	Unit      *id.Unit
	Position  string
	Roles     []access.Role
	Ordinal   int // 100 when zero
	ValidFrom time.Time
}

func (in *AppointmentInput) normalise() {
	in.Position = clean(in.Position)
	if in.Ordinal == 0 {
		in.Ordinal = 100
	}
}

func (in AppointmentInput) check(c *check) {
	c.text("position", in.Position, 120, true)
	if _, ok := normalRoles(in.Roles); !ok {
		c.fail("roles", "org.roles_wrong")
	}
	if in.ValidFrom.IsZero() {
		c.fail("valid_from", "field.required")
	}
}
