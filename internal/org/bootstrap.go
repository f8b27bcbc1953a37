package org

import (
	"context"
	"strings"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/storage/postgres"
)

// FirstAdministrator is what the operator says about a system administrator to be made from the
// command line. The agency is made too when the installation has none of that code.
type FirstAdministrator struct {
	Username        string
	FullName        string
	DigitalIdentity string // the username in capitals when empty
	Position        string
	AgencyCode      string
	AgencyName      string // needed when the agency is new
	CityName        string // set when the installation has none yet
}

// CreateAdministrator makes a system administrator and returns the temporary password. It is the
// only way into an empty installation, and open to the operator of the machine only.
func (s *Service) CreateAdministrator(ctx context.Context, in FirstAdministrator) (string, error) {
	if in.DigitalIdentity == "" {
		in.DigitalIdentity = in.Username
	}
	return inTx(ctx, s.db, func(tx *postgres.Tx) (string, error) {
		a := act{tx: tx, now: s.now()}
		g, err := a.firstAgency(ctx, in)
		if err != nil {
			return "", err
		}
		if city := clean(in.CityName); city != "" {
			if _, err := tx.Exec(ctx, `update installation set city_name = $1 where city_name = ''`, city); err != nil {
				return "", err
			}
		}
		p := NewPerson{Person: PersonInput{FullName: in.FullName, DigitalIdentity: in.DigitalIdentity}, Username: in.Username,
			Appointment: AppointmentInput{Agency: g.ID, Position: in.Position, Roles: []access.Role{access.SystemAdmin}, ValidFrom: a.today()}}
		p.normalise()
		if err := p.validate(); err != nil {
			return "", err
		}
		created, err := s.addPerson(ctx, a, p)
		return created.TemporaryPassword, err
	})
}

func (a act) firstAgency(ctx context.Context, in FirstAdministrator) (Agency, error) {
	code := strings.ToUpper(clean(in.AgencyCode))
	g, err := findAgencyByCode(ctx, a.tx, code)
	if err == nil || !errs.Is(postgres.Translate(err), errs.NotFound) {
		return g, err
	}
	if clean(in.AgencyName) == "" {
		return Agency{}, errs.InvalidField("agency-code", "org.agency_unknown")
	}
	level := ""
	err = a.tx.QueryRow(ctx, `select code from agency_levels order by ordinal, code limit 1`).Scan(&level)
	if err != nil {
		return Agency{}, err
	}
	input := AgencyInput{Code: code, Name: in.AgencyName, LevelCode: level, ValidFrom: a.today()}
	input.normalise()
	if err := input.validate(); err != nil {
		return Agency{}, err
	}
	return a.addAgency(ctx, input)
}

// SetCity writes the name and support telephone of the city.
func SetCity(ctx context.Context, tx *postgres.Tx, name, phone string) error {
	_, err := tx.Exec(ctx, `update installation set city_name = $1, support_phone = $2`, name, phone)
	return err
}

func inTx[T any](ctx context.Context, db *postgres.DB, fn func(tx *postgres.Tx) (T, error)) (T, error) {
	var out T
	err := postgres.InTx(ctx, db, func(tx *postgres.Tx) error {
		var err error
		out, err = fn(tx)
		return err
	})
	return out, err
}
