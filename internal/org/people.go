package org

import (
	"context"
	"slices"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/storage/postgres"
)

// ListMembers lists the people of an agency for its administrators, at most 2,000.
func (s *Service) ListMembers(ctx context.Context, actor access.Actor, agency id.Agency, state string) ([]Member, error) {
	if err := MayManageAgency(actor, agency); err != nil {
		return nil, err
	}
	if _, err := findAgency(ctx, s.db, agency); err != nil {
		return nil, postgres.Translate(err)
	}
	members, err := listMembers(ctx, s.db, agency, state, s.now())
	return members, postgres.Translate(err)
}

// AddPerson adds a person with a first appointment and an account with a temporary password. A
// digital identity that is known already is a conflict: that person is appointed, not added again.
func (s *Service) AddPerson(ctx context.Context, actor access.Actor, in NewPerson) (PersonCreated, error) {
	if err := MayManageAgency(actor, in.Appointment.Agency); err != nil {
		return PersonCreated{}, err
	}
	in.normalise()
	if err := in.validate(); err != nil {
		return PersonCreated{}, err
	}
	if err := mayGrant(actor, in.Appointment.Roles); err != nil {
		return PersonCreated{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (PersonCreated, error) {
		return s.addPerson(ctx, act{tx, actor, s.now()}, in)
	})
}

func (in *NewPerson) normalise() {
	in.Person.normalise()
	in.Appointment.normalise()
	in.Username = strings.ToLower(clean(in.Username))
}

func (in NewPerson) validate() error {
	var c check
	in.Person.check(&c)
	in.Appointment.check(&c)
	c.form("username", in.Username, usernameForm, "org.username_form")
	return c.err()
}

func (s *Service) addPerson(ctx context.Context, a act, in NewPerson) (PersonCreated, error) {
	person := id.New[id.Person]()
	if err := insertPerson(ctx, a.tx, person, in.Person, a.now); err != nil {
		return PersonCreated{}, err
	}
	err := a.record(ctx, audit.PersonAdded, person.UUID, in.Appointment.Agency, map[string]any{"full_name": in.Person.FullName})
	if err != nil {
		return PersonCreated{}, err
	}
	ap, err := a.appoint(ctx, person, in.Appointment)
	if err != nil {
		return PersonCreated{}, err
	}
	password, err := s.accounts.Open(ctx, a.tx, person, in.Username, in.Person.FullName, true)
	if err != nil {
		return PersonCreated{}, err
	}
	err = a.record(ctx, audit.AccountCreated, person.UUID, in.Appointment.Agency, map[string]any{"username": in.Username})
	if err != nil {
		return PersonCreated{}, err
	}
	p, err := findPerson(ctx, a.tx, person, a.now)
	return PersonCreated{Member: Member{Appointment: ap, Person: p}, TemporaryPassword: password}, err
}

// appoint inserts an appointment into an agency that exists.
func (a act) appoint(ctx context.Context, person id.Person, in AppointmentInput) (Appointment, error) {
	g, err := findAgency(ctx, a.tx, in.Agency)
	if errs.Is(postgres.Translate(err), errs.NotFound) {
		return Appointment{}, errs.InvalidField("agency_id", "org.agency_unknown")
	}
	if err != nil {
		return Appointment{}, err
	}
	if g.ValidTo != nil && !g.ValidTo.After(a.today()) {
		return Appointment{}, errs.New(errs.Conflict, "org.agency_dissolved")
	}
	if in.ValidFrom.Before(g.ValidFrom) {
		return Appointment{}, errs.InvalidField("valid_from", "org.before_agency")
	}
	appointment := id.New[id.Appointment]()
	if err := insertAppointment(ctx, a.tx, appointment, person, in, a.now); err != nil {
		return Appointment{}, err
	}
	err = a.record(ctx, audit.AppointmentAdded, appointment.UUID, in.Agency, map[string]any{"person": person, "position": in.Position,
		"roles": in.Roles, "from": day(in.ValidFrom)})
	if err != nil {
		return Appointment{}, err
	}
	return FindAppointment(ctx, a.tx, appointment)
}

// ChangePerson changes a person's data.
func (s *Service) ChangePerson(ctx context.Context, actor access.Actor, person id.Person, version int, in PersonInput) (Person, error) {
	in.normalise()
	var c check
	in.check(&c)
	if err := c.err(); err != nil {
		return Person{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Person, error) {
		a := act{tx, actor, s.now()}
		p, err := lockPerson(ctx, tx, person, a.now)
		if err != nil {
			return Person{}, err
		}
		if _, err := MayManage(ctx, tx, actor, person, a.now); err != nil {
			return Person{}, err
		}
		if err := stale(version, p.Version, p); err != nil {
			return Person{}, err
		}
		if err := updatePerson(ctx, tx, person, in, a.now); err != nil {
			return Person{}, err
		}
		err = a.record(ctx, audit.PersonChanged, person.UUID, actor.Agency, map[string]any{
			"full_name": [2]string{p.FullName, in.FullName}, "identity_changed": p.DigitalIdentity != in.DigitalIdentity})
		if err != nil {
			return Person{}, err
		}
		return findPerson(ctx, tx, person, a.now)
	})
}

// MayManage decides whether actor may change the person's data and account, and returns the
// person's appointments of today. Other features call it in their transaction.
func MayManage(ctx context.Context, tx *postgres.Tx, actor access.Actor, person id.Person, now time.Time) ([]Appointment, error) {
	held, err := ValidAppointments(ctx, tx, person, Today(now))
	if err != nil {
		return nil, err
	}
	if len(held) == 0 && !actor.Has(access.SystemAdmin) {
		// Somebody between two appointments: the administrator of the last agency may still mend the data.
		if held, err = lastAppointment(ctx, tx, person); err != nil {
			return nil, err
		}
	}
	return held, mayManagePerson(actor, held)
}

func lastAppointment(ctx context.Context, q postgres.Querier, person id.Person) ([]Appointment, error) {
	var last id.Appointment
	err := q.QueryRow(ctx, `select id from appointments where person_id = $1 order by valid_to desc nulls first, id desc limit 1`, person).Scan(&last)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	a, err := FindAppointment(ctx, q, last)
	return []Appointment{a}, err
}

// Appoint gives a person one more appointment.
func (s *Service) Appoint(ctx context.Context, actor access.Actor, person id.Person, in AppointmentInput) (Appointment, error) {
	if err := MayManageAgency(actor, in.Agency); err != nil {
		return Appointment{}, err
	}
	in.normalise()
	var c check
	in.check(&c)
	if err := c.err(); err != nil {
		return Appointment{}, err
	}
	if err := mayGrant(actor, in.Roles); err != nil {
		return Appointment{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Appointment, error) {
		a := act{tx, actor, s.now()}
		if _, err := lockPerson(ctx, tx, person, a.now); err != nil {
			return Appointment{}, err
		}
		if err := a.notTwice(ctx, person, in); err != nil {
			return Appointment{}, err
		}
		s.feed.Touch(tx, live.Person(person.UUID))
		return a.appoint(ctx, person, in)
	})
}

// notTwice refuses the same position in the same agency beside one that holds.
func (a act) notTwice(ctx context.Context, person id.Person, in AppointmentInput) error {
	held, err := ValidAppointments(ctx, a.tx, person, a.today())
	if err != nil {
		return err
	}
	if slices.ContainsFunc(held, func(h Appointment) bool { return h.Agency == in.Agency && h.Position == in.Position }) {
		return errs.New(errs.Conflict, "org.appointed_already")
	}
	return nil
}

// ChangeAppointment changes roles and unit. A new position is a new appointment, because signed
// documents and records name the old one.
func (s *Service) ChangeAppointment(ctx context.Context, actor access.Actor, appointment id.Appointment, version int, roles []access.Role, unit *id.Unit) (Appointment, error) {
	normal, ok := normalRoles(roles)
	if !ok {
		return Appointment{}, errs.InvalidField("roles", "org.roles_wrong")
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Appointment, error) {
		a := act{tx, actor, s.now()}
		ap, err := a.lockManaged(ctx, appointment)
		if err != nil {
			return Appointment{}, err
		}
		if err := stale(version, ap.Version, ap); err != nil {
			return Appointment{}, err
		}
		if err := mayGrant(actor, normal); err != nil {
			return Appointment{}, err
		}
		if !ap.HoldsOn(a.today()) && ap.ValidTo != nil {
			return Appointment{}, errs.New(errs.Conflict, "org.appointment_ended")
		}
		if _, err := tx.Exec(ctx, `update appointments set roles = $2, unit_id = $3, version = version + 1 where id = $1`, appointment, normal, unit); err != nil {
			return Appointment{}, err
		}
		if err := a.afterRoles(ctx, ap, normal); err != nil {
			return Appointment{}, err
		}
		s.feed.Touch(tx, live.Person(ap.Person.UUID))
		err = a.record(ctx, audit.AppointmentChanged, appointment.UUID, ap.Agency, map[string]any{"roles_before": ap.Roles, "roles": normal})
		if err != nil {
			return Appointment{}, err
		}
		return FindAppointment(ctx, tx, appointment)
	})
}

// lockManaged locks an appointment that the actor may change: in an agency of theirs and without a
// role above their own.
func (a act) lockManaged(ctx context.Context, appointment id.Appointment) (Appointment, error) {
	ap, err := lockAppointment(ctx, a.tx, appointment)
	if err != nil {
		return Appointment{}, err
	}
	if err := MayManageAgency(a.actor, ap.Agency); err != nil {
		return Appointment{}, err
	}
	return ap, mayGrant(a.actor, ap.Roles)
}

// afterRoles checks that a system administrator remains when one may have gone.
func (a act) afterRoles(ctx context.Context, before Appointment, roles []access.Role) error {
	if slices.Contains(before.Roles, access.SystemAdmin) && !slices.Contains(roles, access.SystemAdmin) {
		return a.administratorStays(ctx, a.today())
	}
	return nil
}

// EndAppointment ends an appointment: on is the first day on which it no longer holds. A session
// that acts in it loses it at its next request on or after that day.
func (s *Service) EndAppointment(ctx context.Context, actor access.Actor, appointment id.Appointment, on time.Time) (Appointment, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Appointment, error) {
		a := act{tx, actor, s.now()}
		ap, err := a.lockManaged(ctx, appointment)
		if err != nil {
			return Appointment{}, err
		}
		if ap.ValidTo != nil && !ap.ValidTo.After(a.today()) {
			return Appointment{}, errs.New(errs.Conflict, "org.appointment_ended")
		}
		if on.Before(ap.ValidFrom) {
			return Appointment{}, errs.InvalidField("on", "org.ends_before_start")
		}
		if _, err := tx.Exec(ctx, `update appointments set valid_to = $2, version = version + 1 where id = $1`, appointment, on); err != nil {
			return Appointment{}, err
		}
		if slices.Contains(ap.Roles, access.SystemAdmin) {
			if err := a.administratorStays(ctx, on); err != nil {
				return Appointment{}, err
			}
		}
		s.feed.Touch(tx, live.Person(ap.Person.UUID))
		err = a.record(ctx, audit.AppointmentEnded, appointment.UUID, ap.Agency, map[string]any{"person": ap.Person, "position": ap.Position, "on": day(on)})
		if err != nil {
			return Appointment{}, err
		}
		return FindAppointment(ctx, tx, appointment)
	})
}

// Directory lists the appointments that hold today, agency by agency in the order of codes, and the
// cursor of the next page. Everybody who acts may read it.
func (s *Service) Directory(ctx context.Context, f DirectoryFilter) ([]Appointment, string, error) {
	var after directoryKey
	if f.After != "" {
		if err := postgres.ReadCursor(f.After, &after.sort, &after.ordinal, &after.appointment); err != nil {
			return nil, "", err
		}
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	limit := f.Limit
	f.Limit++
	found, sorts, err := listDirectory(ctx, s.db, f, Today(s.now()), after)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(found) <= limit {
		return found, "", nil
	}
	last := found[limit-1]
	return found[:limit], postgres.Cursor(sorts[limit-1], last.Ordinal, last.ID), nil
}
