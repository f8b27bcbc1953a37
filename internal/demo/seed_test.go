package demo_test

import (
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/demo"
	"nghisu/internal/errs"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

func accounts(t *testing.T, db *postgres.DB) *auth.Service {
	t.Helper()
	s, err := auth.New(auth.Deps{DB: db, DemoAccounts: demo.Logins()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func count(t *testing.T, db *postgres.DB, query string) int {
	t.Helper()
	n := 0
	if err := db.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSeedCity(t *testing.T) {
	db := pgtest.New(t)
	a := accounts(t, db)
	began := time.Now()
	made, err := demo.SeedCity(t.Context(), db, a, postgres.Now())
	if err != nil || !made {
		t.Fatal(made, err)
	}
	t.Logf("made in %v", time.Since(began))
	for query, least := range map[string]int{
		`select count(*) from agencies where level_code = 'department' and valid_to is null`:       20,
		`select count(*) from agencies where level_code = 'district' and valid_to is null`:         10,
		`select count(*) from agencies where level_code = 'district' and valid_to is not null`:     2,
		`select count(*) from agencies where level_code = 'commune' and valid_to is null`:          40,
		`select count(*) from agency_history`:                                                      2,
		`select count(*) from accounts where demo and not must_change`:                             300,
		`select count(*) from (select from appointments group by person_id having count(*) > 1) x`: 1,
		`select count(*) from appointments where roles @> array['system_admin']`:                   1,
		`select count(*) from appointments where roles @> array['auditor']`:                        1,
	} {
		if n := count(t, db, query); n < least {
			t.Errorf("%s: %d, want at least %d", query, n, least)
		}
	}
	if n := count(t, db, `select count(*) from agencies g where valid_to is null and not (
		select array_agg(r) @> array['leader', 'clerk', 'specialist', 'agency_admin'] from appointments a, unnest(a.roles) r where a.agency_id = g.id)`); n != 0 {
		t.Errorf("%d agencies lack a role", n)
	}
	in, err := a.Installation(t.Context())
	if err != nil || !in.Demo || in.CityName != demo.City || len(in.DemoAccounts) != len(demo.Logins()) {
		t.Errorf("installation %+v, %v", in, err)
	}
	for _, l := range demo.Logins() {
		if _, err := a.SignIn(t.Context(), auth.SignIn{Username: l.Username, Password: l.Password}); err != nil {
			t.Errorf("%s: %v", l.Username, err)
		}
	}
	t.Run("names are found without marks", func(t *testing.T) {
		found, _, err := org.New(org.Deps{DB: db}).Directory(t.Context(), org.DirectoryFilter{Query: "nguyen huu thanh", Role: access.Leader})
		if err != nil || len(found) != 1 || found[0].FullName != "Nguyễn Hữu Thành" {
			t.Errorf("found %+v, %v", found, err)
		}
	})
	t.Run("a second time changes nothing", func(t *testing.T) {
		if made, err := demo.SeedCity(t.Context(), db, a, postgres.Now()); made || err != nil {
			t.Errorf("%v, %v", made, err)
		}
	})
}

func TestSeedCity_refusesRealData(t *testing.T) {
	db := pgtest.New(t)
	a := accounts(t, db)
	_, err := org.New(org.Deps{DB: db, Accounts: a}).CreateAdministrator(t.Context(), org.FirstAdministrator{Username: "quantri", FullName: "Người Thật",
		Position: "Quản trị", AgencyCode: "H77", AgencyName: "UBND"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.SeedCity(t.Context(), db, a, postgres.Now()); err == nil {
		t.Fatal("real data became a demo")
	}
	if n := count(t, db, `select count(*) from installation where demo`); n != 0 {
		t.Error("marked as demo")
	}
	err = postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error { return a.OpenDemo(t.Context(), tx, nil, demo.Password) })
	if !errs.Is(err, errs.Forbidden) {
		t.Errorf("demo accounts outside a demo: %v", err)
	}
}
