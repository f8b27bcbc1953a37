package org

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/storage/postgres"
)

// roleNames are how people write roles in files, folded.
var roleNames = map[string]access.Role{
	"lanh dao": access.Leader, "van thu": access.Clerk, "thu ky": access.Secretary, "chuyen vien": access.Specialist,
	"quan tri co quan": access.AgencyAdmin, "quan tri he thong": access.SystemAdmin, "kiem tra nhat ky": access.Auditor, "kiem toan": access.Auditor,
}

// personPlan is one checked row of a person and an appointment.
type personPlan struct {
	line        int
	person      PersonInput
	username    string
	agency      *Agency
	unit        string
	appointment AppointmentInput
	is          *knownPerson // nil when new
}

// planPeople checks all rows against one another and against what is stored.
func (a act) planPeople(ctx context.Context, rows []tableRow, e *rowErrors) ([]personPlan, error) {
	agencies, err := a.agencyIndex(ctx)
	if err != nil {
		return nil, err
	}
	known, owners, err := a.knownPeople(ctx)
	if err != nil {
		return nil, err
	}
	plans := make([]personPlan, 0, len(rows))
	seenPlace := make(map[string]int, len(rows)) // identity, agency, position -> line
	seenName := make(map[string]string, len(rows))
	for _, r := range rows {
		p := a.planPerson(r, agencies, e)
		place := p.person.DigitalIdentity + "\x00" + strings.ToUpper(r.values["agency_code"]) + "\x00" + p.appointment.Position
		if first, twice := seenPlace[place]; twice {
			e.add(r.line, "digital_identity", "import.twice", map[string]any{"row": first})
		} else {
			seenPlace[place] = r.line
		}
		p.is = known[p.person.DigitalIdentity]
		has := ""
		if p.is != nil {
			has = p.is.username
		}
		if name, before := seenName[p.person.DigitalIdentity]; before {
			has = name
		}
		owner, taken := owners[p.username]
		switch {
		case has != "" && has != p.username:
			e.add(r.line, "username", "import.username_other")
		case taken && owner != p.person.DigitalIdentity:
			e.add(r.line, "username", "auth.username_taken")
		default:
			owners[p.username], seenName[p.person.DigitalIdentity] = p.person.DigitalIdentity, p.username
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// knownPerson is what is stored of a person whom a file may name.
type knownPerson struct {
	id       id.Person
	input    PersonInput
	username string // "" without account
}

// knownPeople returns everybody by identity, and the identity of every username.
func (a act) knownPeople(ctx context.Context) (map[string]*knownPerson, map[string]string, error) {
	rows, err := a.tx.Query(ctx, `select p.id, p.full_name, p.digital_identity, p.email, p.phone, coalesce(c.username, '')
		from persons p left join accounts c on c.person_id = p.id for update of p`)
	if err != nil {
		return nil, nil, err
	}
	byIdentity, byName := map[string]*knownPerson{}, map[string]string{}
	var k knownPerson
	_, err = pgx.ForEachRow(rows, []any{&k.id, &k.input.FullName, &k.input.DigitalIdentity, &k.input.Email, &k.input.Phone, &k.username}, func() error {
		one := k
		byIdentity[k.input.DigitalIdentity] = &one
		if k.username != "" {
			byName[k.username] = k.input.DigitalIdentity
		}
		return nil
	})
	return byIdentity, byName, err
}

func (a act) planPerson(r tableRow, agencies map[string]*Agency, e *rowErrors) personPlan {
	v := r.values
	p := personPlan{line: r.line, username: strings.ToLower(v["username"]), unit: v["unit"],
		person:      PersonInput{FullName: v["full_name"], DigitalIdentity: v["digital_identity"], Email: v["email"], Phone: v["phone"]},
		appointment: AppointmentInput{Position: v["position"], ValidFrom: r.date("valid_from", a.today(), e)}}
	p.person.normalise()
	p.appointment.normalise()
	for _, w := range words(v["roles"]) {
		role, ok := roleNames[Fold(w)]
		if !ok {
			role = access.Role(strings.ToLower(clean(w)))
		}
		p.appointment.Roles = append(p.appointment.Roles, role)
	}
	var c check
	p.person.check(&c)
	p.appointment.check(&c)
	c.text("unit", p.unit, 200, false)
	c.form("username", p.username, usernameForm, "org.username_form")
	p.agency = agencies[strings.ToUpper(v["agency_code"])]
	switch {
	case p.agency == nil:
		c.fail("agency_code", "org.agency_unknown")
	case p.agency.ValidTo != nil && !p.agency.ValidTo.After(a.today()):
		c.fail("agency_code", "org.agency_dissolved")
	default:
		p.appointment.Agency = p.agency.ID
		if p.appointment.ValidFrom.Before(p.agency.ValidFrom) {
			c.fail("valid_from", "org.before_agency")
		}
	}
	e.addFields(r.line, c.fields, nil)
	return p
}

// importPeople writes a plan. Units that an agency does not have yet are added.
func (s *Service) importPeople(ctx context.Context, a act, plans []personPlan, report *ImportReport) error {
	units := map[id.Agency]map[string]id.Unit{}
	made := map[string]*knownPerson{} // by identity, of this file
	tx := a.tx
	var flush func(context.Context) error
	a.tx, flush = pipelined(tx)
	for _, p := range plans {
		if p.is == nil {
			p.is = made[p.person.DigitalIdentity]
		}
		if p.unit != "" {
			unit, err := a.unitNamed(ctx, units, p.agency.ID, p.unit)
			if err != nil {
				return err
			}
			p.appointment.Unit = &unit
		}
		var added, changed bool
		var err error
		if p.is == nil {
			added = true
			made[p.person.DigitalIdentity], err = s.importNewPerson(ctx, a, p)
		} else {
			s.feed.Touch(tx, live.Person(p.is.id.UUID))
			changed, err = s.importPerson(ctx, a, p)
		}
		if err != nil {
			return err
		}
		switch {
		case added:
			report.Added++
		case changed:
			report.Changed++
		default:
			report.Unchanged++
		}
	}
	return flush(ctx)
}

func (a act) unitNamed(ctx context.Context, cache map[id.Agency]map[string]id.Unit, agency id.Agency, name string) (id.Unit, error) {
	known, ok := cache[agency]
	if !ok {
		units, err := listUnits(ctx, a.tx, agency)
		if err != nil {
			return id.Unit{}, err
		}
		known = make(map[string]id.Unit, len(units))
		for _, u := range units {
			known[Fold(u.Name)] = u.ID
		}
		cache[agency] = known
	}
	if unit, ok := known[Fold(name)]; ok {
		return unit, nil
	}
	u, err := a.addUnit(ctx, agency, UnitInput{Name: name})
	known[Fold(name)] = u.ID
	return u.ID, err
}

func (s *Service) importPerson(ctx context.Context, a act, p personPlan) (changed bool, err error) {
	person, is := p.is.id, p.is.input
	want := p.person
	if want.Email == "" { // an empty cell says nothing
		want.Email = is.Email
	}
	if want.Phone == "" {
		want.Phone = is.Phone
	}
	if want != is {
		changed = true
		p.is.input = want
		if err := updatePerson(ctx, a.tx, person, want, a.now); err != nil {
			return false, err
		}
		if err := a.record(ctx, audit.PersonChanged, person.UUID, p.agency.ID, map[string]any{"full_name": [2]string{is.FullName, want.FullName}}); err != nil {
			return false, err
		}
	}
	if p.is.username == "" {
		changed = true
		p.is.username = p.username
		if err := s.importAccount(ctx, a, person, p); err != nil {
			return false, err
		}
	}
	other, err := s.importAppointment(ctx, a, person, p)
	return changed || other, err
}

func (s *Service) importNewPerson(ctx context.Context, a act, p personPlan) (*knownPerson, error) {
	person := id.New[id.Person]()
	if err := insertPerson(ctx, a.tx, person, p.person, a.now); err != nil {
		return nil, err
	}
	if err := a.record(ctx, audit.PersonAdded, person.UUID, p.agency.ID, map[string]any{"full_name": p.person.FullName}); err != nil {
		return nil, err
	}
	if err := a.importNewAppointment(ctx, person, p); err != nil {
		return nil, err
	}
	return &knownPerson{id: person, input: p.person, username: p.username}, s.importAccount(ctx, a, person, p)
}

func (s *Service) importAccount(ctx context.Context, a act, person id.Person, p personPlan) error {
	if _, err := s.accounts.Open(ctx, a.tx, person, p.username, p.person.FullName, false); err != nil {
		return err
	}
	return a.record(ctx, audit.AccountCreated, person.UUID, p.agency.ID, map[string]any{"username": p.username})
}

func (a act) importNewAppointment(ctx context.Context, person id.Person, p personPlan) error {
	appointment := id.New[id.Appointment]()
	if err := insertAppointment(ctx, a.tx, appointment, person, p.appointment, a.now); err != nil {
		return err
	}
	return a.record(ctx, audit.AppointmentAdded, appointment.UUID, p.agency.ID, map[string]any{"person": person, "position": p.appointment.Position,
		"roles": p.appointment.Roles, "from": day(p.appointment.ValidFrom)})
}

// importAppointment gives the appointment of the row unless the person holds it, with these roles.
func (s *Service) importAppointment(ctx context.Context, a act, person id.Person, p personPlan) (bool, error) {
	held, err := heldOrComing(ctx, a.tx, person, a.today())
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(held, func(h Appointment) bool { return h.Agency == p.agency.ID && h.Position == p.appointment.Position })
	if i < 0 {
		return true, a.importNewAppointment(ctx, person, p)
	}
	is := held[i]
	roles, _ := normalRoles(p.appointment.Roles)
	unit := is.Unit
	if p.appointment.Unit != nil {
		unit = p.appointment.Unit
	}
	isRoles, _ := normalRoles(is.Roles)
	if slices.Equal(isRoles, roles) && (unit == nil || is.Unit != nil && *unit == *is.Unit) {
		return false, nil
	}
	if _, err := a.tx.Exec(ctx, `update appointments set roles = $2, unit_id = $3, version = version + 1 where id = $1`, is.ID, roles, unit); err != nil {
		return false, err
	}
	if err := a.afterRoles(ctx, is, roles); err != nil {
		return false, err
	}
	return true, a.record(ctx, audit.AppointmentChanged, is.ID.UUID, p.agency.ID, map[string]any{"roles_before": is.Roles, "roles": roles})
}

// heldOrComing lists appointments of a person that have not ended by the day.
func heldOrComing(ctx context.Context, q postgres.Querier, person id.Person, on time.Time) ([]Appointment, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+appointmentTables+` where a.person_id = $1 and (a.valid_to is null or a.valid_to > $2)`, person, on)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAppointment)
}
