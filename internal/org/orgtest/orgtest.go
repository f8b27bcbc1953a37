// Package orgtest makes agencies and people for tests of the features. Tests only.
package orgtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// Agency adds an agency of the level "department" that exists since 2020.
func Agency(t testing.TB, db *postgres.DB, code, name string) id.Agency {
	t.Helper()
	agency := id.New[id.Agency]()
	_, err := db.Exec(t.Context(), `insert into agencies (id, code, sort, name, short_name, symbol, level_code, valid_from, search, created_at, updated_at)
		values ($1, $2, $2, $3, $3, $4, 'department', '2020-01-01', $5, now(), now())`, agency, code, name, strings.ReplaceAll(code, ".", ""), org.Fold(name+" "+code))
	if err != nil {
		t.Fatalf("orgtest: add agency: %v", err)
	}
	return agency
}

// Person adds a person with one appointment, without an account, and returns the
// actor, who may sign at any time.
func Person(t testing.TB, db *postgres.DB, agency id.Agency, name string, roles ...access.Role) access.Actor {
	t.Helper()
	a := access.Actor{Person: id.New[id.Person](), Agency: agency, Name: name, Session: id.New[id.Session](),
		SteppedUpUntil: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := db.Exec(t.Context(), `insert into persons (id, full_name, digital_identity, search, created_at, updated_at) values ($1, $2, $3, $4, now(), now())`,
		a.Person, name, "TEST-"+strings.ToUpper(a.Person.String()[9:]), org.Fold(name))
	if err != nil {
		t.Fatalf("orgtest: add person: %v", err)
	}
	return Appoint(t, db, a, agency, roles...)
}

// Appoint gives the person of actor one more appointment and returns the actor of it.
func Appoint(t testing.TB, db *postgres.DB, a access.Actor, agency id.Agency, roles ...access.Role) access.Actor {
	t.Helper()
	a.Appointment, a.Agency, a.Roles = id.New[id.Appointment](), agency, roles
	a.Position = "Cán bộ"
	if len(roles) > 0 {
		a.Position = fmt.Sprintf("Cán bộ (%s)", roles[0])
	}
	_, err := db.Exec(t.Context(), `insert into appointments (id, person_id, agency_id, position, roles, valid_from, search, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, now())`, a.Appointment, a.Person, agency, a.Position, roles, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), org.Fold(a.Position))
	if err != nil {
		t.Fatalf("orgtest: appoint: %v", err)
	}
	if err := db.QueryRow(t.Context(), `select name from agencies where id = $1`, agency).Scan(&a.AgencyName); err != nil {
		t.Fatalf("orgtest: agency: %v", err)
	}
	return a
}
