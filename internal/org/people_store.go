package org

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// accountState is the state of the account c beside its row n of failed attempts, at the time $1.
const accountState = `case when c.person_id is null then 'none' when c.disabled_at is not null then 'disabled'
	when c.password_hash = '' then 'no_password' when n.locked_until > $1 then 'locked'
	when c.must_change then 'first_password' else 'active' end`

const personColumns = `p.id, p.full_name, p.digital_identity, p.email, p.phone, coalesce(c.username, ''), ` + accountState + `, p.version`

const personJoins = ` left join accounts c on c.person_id = p.id
	left join sign_in_names n on n.name_hash = sha256(convert_to(c.username, 'UTF8')) `

func personTargets(p *Person) []any {
	return []any{&p.ID, &p.FullName, &p.DigitalIdentity, &p.Email, &p.Phone, &p.Username, &p.Account, &p.Version}
}

func scanPerson(r pgx.CollectableRow) (Person, error) {
	var p Person
	err := r.Scan(personTargets(&p)...)
	return p, err
}

func findPerson(ctx context.Context, q postgres.Querier, person id.Person, now time.Time) (Person, error) {
	rows, err := q.Query(ctx, `select `+personColumns+` from persons p `+personJoins+` where p.id = $2`, now, person)
	if err != nil {
		return Person{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanPerson)
}

// lockPerson holds the person's row: appointments and accounts of one person change one after another.
func lockPerson(ctx context.Context, q postgres.Querier, person id.Person, now time.Time) (Person, error) {
	rows, err := q.Query(ctx, `select `+personColumns+` from persons p `+personJoins+` where p.id = $2 for update of p`, now, person)
	if err != nil {
		return Person{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanPerson)
}

func insertPerson(ctx context.Context, q postgres.Querier, person id.Person, in PersonInput, now time.Time) error {
	_, err := q.Exec(ctx, `insert into persons (id, full_name, digital_identity, email, phone, search, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $7)`, person, in.FullName, in.DigitalIdentity, in.Email, in.Phone, Fold(in.FullName), now)
	return err
}

func updatePerson(ctx context.Context, q postgres.Querier, person id.Person, in PersonInput, now time.Time) error {
	_, err := q.Exec(ctx, `update persons set full_name = $2, digital_identity = $3, email = $4, phone = $5, search = $6,
		version = version + 1, updated_at = $7 where id = $1`, person, in.FullName, in.DigitalIdentity, in.Email, in.Phone, Fold(in.FullName), now)
	return err
}

const appointmentColumns = `a.id, a.person_id, p.full_name, a.position, a.agency_id, g.name, g.short_name, a.unit_id, coalesce(u.name, ''),
	a.roles, a.ordinal, a.valid_from, a.valid_to, a.version`

const appointmentTables = ` from appointments a join persons p on p.id = a.person_id join agencies g on g.id = a.agency_id
	left join units u on u.id = a.unit_id `

// holdsOn is the condition that appointment a and its agency g hold on the day $1.
const holdsOn = ` a.valid_from <= $1 and (a.valid_to is null or a.valid_to > $1)
	and g.valid_from <= $1 and (g.valid_to is null or g.valid_to > $1) `

func appointmentTargets(a *Appointment) []any {
	return []any{&a.ID, &a.Person, &a.FullName, &a.Position, &a.Agency, &a.AgencyName, &a.AgencyShortName, &a.Unit, &a.UnitName,
		&a.Roles, &a.Ordinal, &a.ValidFrom, &a.ValidTo, &a.Version}
}

func scanAppointment(r pgx.CollectableRow) (Appointment, error) {
	var a Appointment
	err := r.Scan(appointmentTargets(&a)...)
	return a, err
}

// FindAppointment returns an appointment, ended or not; NotFound when there is none.
func FindAppointment(ctx context.Context, q postgres.Querier, appointment id.Appointment) (Appointment, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+appointmentTables+` where a.id = $1`, appointment)
	if err != nil {
		return Appointment{}, postgres.Translate(err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAppointment)
	return a, postgres.Translate(err)
}

// FindAppointments returns those of the appointments that exist, ended or not, by id.
func FindAppointments(ctx context.Context, q postgres.Querier, appointments []id.Appointment) (map[id.Appointment]Appointment, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+appointmentTables+` where a.id = any ($1)`, appointments)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanAppointment)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	byID := make(map[id.Appointment]Appointment, len(found))
	for _, a := range found {
		byID[a.ID] = a
	}
	return byID, nil
}

// ValidAppointments lists what a person is appointed to on a day, in agencies that exist on it.
func ValidAppointments(ctx context.Context, q postgres.Querier, person id.Person, on time.Time) ([]Appointment, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+appointmentTables+` where `+holdsOn+` and a.person_id = $2 order by a.valid_from, a.id`, on, person)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanAppointment)
	return found, postgres.Translate(err)
}

// FindAgency returns an agency, dissolved or not; NotFound when there is none. People is not counted.
func FindAgency(ctx context.Context, q postgres.Querier, agency id.Agency) (Agency, error) {
	g, err := findAgency(ctx, q, agency)
	return g, postgres.Translate(err)
}

// FindAgencies returns those of the agencies that exist, dissolved or not, by id. People is not counted.
func FindAgencies(ctx context.Context, q postgres.Querier, agencies []id.Agency) (map[id.Agency]Agency, error) {
	rows, err := q.Query(ctx, `select `+agencyColumns+` from agencies g join agency_levels l on l.code = g.level_code where g.id = any ($1)`, agencies)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanAgency)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	byID := make(map[id.Agency]Agency, len(found))
	for _, g := range found {
		byID[g.ID] = g
	}
	return byID, nil
}

func lockAppointment(ctx context.Context, q postgres.Querier, appointment id.Appointment) (Appointment, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+appointmentTables+` where a.id = $1 for update of a`, appointment)
	if err != nil {
		return Appointment{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanAppointment)
}

func insertAppointment(ctx context.Context, q postgres.Querier, appointment id.Appointment, person id.Person, in AppointmentInput, now time.Time) error {
	roles, _ := normalRoles(in.Roles)
	_, err := q.Exec(ctx, `insert into appointments (id, person_id, agency_id, unit_id, position, roles, ordinal, valid_from, search, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		appointment, person, in.Agency, in.Unit, in.Position, roles, in.Ordinal, in.ValidFrom, Fold(in.Position), now)
	return err
}

// listMembers lists the people of an agency: state "active" (on the day), "ended", "all".
func listMembers(ctx context.Context, q postgres.Querier, agency id.Agency, state string, now time.Time) ([]Member, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+`, `+personColumns+appointmentTables+personJoins+`
		where a.agency_id = $2 and case $3 when 'active' then a.valid_to is null or a.valid_to > $4 when 'ended' then a.valid_to <= $4 else true end
		order by a.ordinal, a.id limit 2000`, now, agency, state, Today(now))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Member, error) {
		var m Member
		err := r.Scan(append(appointmentTargets(&m.Appointment), personTargets(&m.Person)...)...)
		return m, err
	})
}

// directoryKey is the place of an appointment in the directory: agency, order in the agency, id.
type directoryKey struct {
	sort        string
	ordinal     int
	appointment id.Appointment
}

func listDirectory(ctx context.Context, q postgres.Querier, f DirectoryFilter, today time.Time, after directoryKey) ([]Appointment, []string, error) {
	rows, err := q.Query(ctx, `select `+appointmentColumns+`, g.sort`+appointmentTables+` where `+holdsOn+`
			and ($2 = '' or a.roles @> array[$2]) and ($3::uuid is null or a.agency_id = $3)
			and (p.search || ' ' || a.search || ' ' || g.search) like all ($4::text[])
			and (g.sort, a.ordinal, a.id) > ($5, $6, $7)
		order by g.sort, a.ordinal, a.id limit $8`,
		today, string(f.Role), f.Agency, patterns(f.Query), after.sort, after.ordinal, after.appointment, f.Limit)
	if err != nil {
		return nil, nil, err
	}
	var sorts []string
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Appointment, error) {
		var a Appointment
		var sort string
		err := r.Scan(append(appointmentTargets(&a), &sort)...)
		sorts = append(sorts, sort)
		return a, err
	})
	return found, sorts, err
}
