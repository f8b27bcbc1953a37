package org

import (
	"context"
	"time"

	"nghisu/internal/audit"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// Builder makes an organisation from a program (the demo city) in the caller's transaction, with
// the same rules and the same record as the use cases. It asks for no rights: never hand it to a request.
type Builder struct{ act act }

// NewBuilder builds as the system itself.
func NewBuilder(tx *postgres.Tx, now time.Time) *Builder { return &Builder{act{tx: tx, now: now}} }

// Agency adds an agency with identifiers of the older scheme.
func (b *Builder) Agency(ctx context.Context, in AgencyInput, oldCodes ...string) (Agency, error) {
	in.normalise()
	if err := in.validate(); err != nil {
		return Agency{}, err
	}
	g, err := b.act.addAgency(ctx, in)
	if err != nil {
		return Agency{}, err
	}
	_, err = b.act.addAliases(ctx, g, oldCodes)
	return g, err
}

// Change renames, moves or re-codes an agency.
func (b *Builder) Change(ctx context.Context, agency id.Agency, in AgencyInput) (Agency, error) {
	in.normalise()
	if err := in.validate(); err != nil {
		return Agency{}, err
	}
	g, err := lockAgency(ctx, b.act.tx, agency)
	if err != nil {
		return Agency{}, err
	}
	return b.act.changeAgency(ctx, g, in)
}

// Dissolve ends an agency in an installation that has no administrators yet.
func (b *Builder) Dissolve(ctx context.Context, agency id.Agency, d Dissolution) error {
	g, err := lockAgency(ctx, b.act.tx, agency)
	if err != nil {
		return err
	}
	if err := b.act.nameSuccessors(ctx, g, d); err != nil {
		return err
	}
	return b.act.endAgency(ctx, g, d)
}

// Unit adds a unit.
func (b *Builder) Unit(ctx context.Context, agency id.Agency, in UnitInput) (Unit, error) {
	if err := in.check(); err != nil {
		return Unit{}, err
	}
	return b.act.addUnit(ctx, agency, in)
}

// Person adds a person without an account.
func (b *Builder) Person(ctx context.Context, in PersonInput) (id.Person, error) {
	in.normalise()
	var c check
	in.check(&c)
	if err := c.err(); err != nil {
		return id.Person{}, err
	}
	person := id.New[id.Person]()
	if err := insertPerson(ctx, b.act.tx, person, in, b.act.now); err != nil {
		return id.Person{}, err
	}
	return person, b.act.record(ctx, audit.PersonAdded, person.UUID, id.Agency{}, map[string]any{"full_name": in.FullName})
}

// Appoint gives a person an appointment in an agency that exists.
func (b *Builder) Appoint(ctx context.Context, person id.Person, in AppointmentInput) (id.Appointment, error) {
	in.normalise()
	var c check
	in.check(&c)
	if err := c.err(); err != nil {
		return id.Appointment{}, err
	}
	appointment := id.New[id.Appointment]()
	if err := insertAppointment(ctx, b.act.tx, appointment, person, in, b.act.now); err != nil {
		return id.Appointment{}, err
	}
	return appointment, b.act.record(ctx, audit.AppointmentAdded, appointment.UUID, in.Agency, map[string]any{"person": person,
		"position": in.Position, "roles": in.Roles, "from": day(in.ValidFrom)})
}
