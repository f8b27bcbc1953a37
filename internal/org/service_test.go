package org_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/internal/org/orgtest"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

var cheap = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

type bundle struct {
	db      *postgres.DB
	org     *org.Service
	auth    *auth.Service
	now     time.Time
	finance id.Agency
	office  id.Agency
	system  access.Actor // of the office, with an account
	admin   access.Actor // agency administrator of finance
	clerk   access.Actor // of finance
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.New(t), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	now := func() time.Time { return b.now }
	var err error
	b.auth, err = auth.New(auth.Deps{DB: b.db, Now: now, Hash: &cheap})
	noErr(t, err)
	b.org = org.New(org.Deps{DB: b.db, Accounts: b.auth, Now: now})
	b.finance = orgtest.Agency(t, b.db, "H77.1", "Sở Tài chính")
	b.office = orgtest.Agency(t, b.db, "H77.2", "Văn phòng UBND thành phố")
	b.system = orgtest.Person(t, b.db, b.office, "Quản Trị Hệ Thống", access.SystemAdmin)
	b.admin = orgtest.Person(t, b.db, b.finance, "Quản Trị Sở", access.AgencyAdmin)
	b.clerk = orgtest.Person(t, b.db, b.finance, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, b.system, "hethong")
	return b
}

func (b *bundle) account(t *testing.T, a access.Actor, username string) {
	t.Helper()
	noErr(t, postgres.InTx(t.Context(), b.db, func(tx *postgres.Tx) error {
		_, err := b.auth.Open(t.Context(), tx, a.Person, username, a.Name, true)
		return err
	}))
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code errs.Code, key string) {
	t.Helper()
	text := fmt.Sprint(err)
	if e, ok := err.(*errs.Error); ok {
		for _, f := range e.Fields {
			text += " " + f.Path + " " + f.Key
		}
	}
	if errs.CodeOf(err) != code || !strings.Contains(text, key) {
		t.Fatalf("got %s, want %s %s", text, code, key)
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func newPerson(agency id.Agency, roles ...access.Role) org.NewPerson {
	return org.NewPerson{Person: org.PersonInput{FullName: "Trịnh Thu Phương", DigitalIdentity: "077190000001", Email: "p@tangiang.example"}, Username: "phuong",
		Appointment: org.AppointmentInput{Agency: agency, Position: "Chuyên viên", Roles: roles, ValidFrom: day("2026-11-24")}}
}

func TestService_AddPerson(t *testing.T) {
	b := setup(t)
	refused := map[string]struct {
		actor access.Actor
		in    org.NewPerson
		code  errs.Code
		key   string
	}{
		"by a clerk":                            {b.clerk, newPerson(b.finance, access.Specialist), errs.Forbidden, "access.role_missing"},
		"by the administrator of another one":   {b.admin, newPerson(b.office, access.Specialist), errs.NotFound, "request.not_found"},
		"a system administrator by an agency's": {b.admin, newPerson(b.finance, access.SystemAdmin), errs.Forbidden, "org.role_above_own"},
		"an auditor by an agency's":             {b.admin, newPerson(b.finance, access.Auditor), errs.Forbidden, "org.role_above_own"},
		"without a role":                        {b.admin, newPerson(b.finance), errs.Invalid, "roles org.roles_wrong"},
	}
	for name, c := range refused {
		t.Run("refused: "+name, func(t *testing.T) {
			_, err := b.org.AddPerson(t.Context(), c.actor, c.in)
			wantCode(t, err, c.code, c.key)
		})
	}
	created, err := b.org.AddPerson(t.Context(), b.admin, newPerson(b.finance, access.Specialist))
	noErr(t, err)
	if created.TemporaryPassword == "" || created.Member.Person.Account != org.FirstPassword || created.Member.Person.Username != "phuong" {
		t.Errorf("created %+v", created)
	}
	_, err = b.auth.SignIn(t.Context(), auth.SignIn{Username: "phuong", Password: created.TemporaryPassword})
	noErr(t, err)
	_, err = b.org.AddPerson(t.Context(), b.admin, newPerson(b.finance, access.Specialist))
	wantCode(t, err, errs.Conflict, "org.identity_taken")
	again := newPerson(b.finance, access.Specialist)
	again.Person.DigitalIdentity = "077190000002"
	_, err = b.org.AddPerson(t.Context(), b.admin, again)
	wantCode(t, err, errs.Conflict, "auth.username_taken")

	members, err := b.org.ListMembers(t.Context(), b.admin, b.finance, "active")
	noErr(t, err)
	if len(members) != 3 {
		t.Errorf("%d members", len(members))
	}
	_, err = b.org.ListMembers(t.Context(), b.admin, b.office, "active")
	wantCode(t, err, errs.NotFound, "request.not_found")
	_, err = b.org.ListMembers(t.Context(), b.clerk, b.finance, "active")
	wantCode(t, err, errs.Forbidden, "access.role_missing")
}

// A repeat answers the same person, without the password, and adds nobody.
func TestService_AddPerson_repeated(t *testing.T) {
	b := setup(t)
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: b.admin.Person, Key: "add-000001", Fingerprint: []byte("x")})
	first, err := b.org.AddPerson(ctx, b.admin, newPerson(b.finance, access.Specialist))
	noErr(t, err)
	again, err := b.org.AddPerson(ctx, b.admin, newPerson(b.finance, access.Specialist))
	noErr(t, err)
	if again.TemporaryPassword != "" {
		t.Error("the temporary password was kept")
	}
	if diff := cmp.Diff(first.Member, again.Member); diff != "" {
		t.Errorf("(-first +again):\n%s", diff)
	}
}

func TestService_ChangePerson(t *testing.T) {
	b := setup(t)
	in := org.PersonInput{FullName: "Đỗ Thị Lan", DigitalIdentity: "077190000009", Phone: "0900 000 001"}
	p, err := b.org.ChangePerson(t.Context(), b.admin, b.clerk.Person, 1, in)
	noErr(t, err)
	if p.Version != 2 || p.FullName != "Đỗ Thị Lan" {
		t.Errorf("changed %+v", p)
	}
	_, err = b.org.ChangePerson(t.Context(), b.admin, b.clerk.Person, 1, in)
	wantCode(t, err, errs.Stale, "request.stale")
	if current, ok := err.(*errs.Error).Current.(org.Person); !ok || current.Version != 2 {
		t.Errorf("current %+v", err.(*errs.Error).Current)
	}
	_, err = b.org.ChangePerson(t.Context(), b.admin, b.system.Person, 1, in)
	wantCode(t, err, errs.NotFound, "request.not_found")
	orgtest.Appoint(t, b.db, b.clerk, b.office, access.Specialist)
	_, err = b.org.ChangePerson(t.Context(), b.admin, b.clerk.Person, 2, in)
	wantCode(t, err, errs.Forbidden, "org.person_elsewhere")
	_, err = b.org.ChangePerson(t.Context(), b.system, b.clerk.Person, 2, in)
	noErr(t, err)
}

func TestService_appointments(t *testing.T) {
	b := setup(t)
	in := org.AppointmentInput{Agency: b.finance, Position: "Phó Giám đốc", Roles: []access.Role{access.Leader}, ValidFrom: day("2026-11-24")}
	second, err := b.org.Appoint(t.Context(), b.admin, b.clerk.Person, in)
	noErr(t, err)
	_, err = b.org.Appoint(t.Context(), b.admin, b.clerk.Person, in)
	wantCode(t, err, errs.Conflict, "org.appointed_already")
	_, err = b.org.Appoint(t.Context(), b.clerk, b.clerk.Person, in)
	wantCode(t, err, errs.Forbidden, "access.role_missing")
	in.Agency = b.office
	_, err = b.org.Appoint(t.Context(), b.admin, b.clerk.Person, in)
	wantCode(t, err, errs.NotFound, "request.not_found")

	changed, err := b.org.ChangeAppointment(t.Context(), b.admin, second.ID, second.Version, []access.Role{access.Clerk, access.Leader}, nil)
	noErr(t, err)
	if diff := cmp.Diff([]access.Role{access.Leader, access.Clerk}, changed.Roles); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = b.org.ChangeAppointment(t.Context(), b.admin, second.ID, changed.Version, []access.Role{access.SystemAdmin}, nil)
	wantCode(t, err, errs.Forbidden, "org.role_above_own")
	_, err = b.org.ChangeAppointment(t.Context(), b.admin, second.ID, second.Version, []access.Role{access.Clerk}, nil)
	wantCode(t, err, errs.Stale, "request.stale")
	unit, err := b.org.AddUnit(t.Context(), b.system, b.office, org.UnitInput{Name: "Phòng Tổng hợp"})
	noErr(t, err)
	_, err = b.org.ChangeAppointment(t.Context(), b.admin, second.ID, changed.Version, []access.Role{access.Clerk}, &unit.ID)
	wantCode(t, err, errs.Invalid, "unit_id org.unit_elsewhere")

	_, err = b.org.EndAppointment(t.Context(), b.admin, second.ID, day("2020-01-01"))
	wantCode(t, err, errs.Invalid, "org.ends_before_start")
	_, err = b.org.EndAppointment(t.Context(), b.admin, second.ID, day("2026-11-24"))
	noErr(t, err)
	_, err = b.org.EndAppointment(t.Context(), b.admin, second.ID, day("2026-11-24"))
	wantCode(t, err, errs.Conflict, "org.appointment_ended")
	_, err = b.org.EndAppointment(t.Context(), b.admin, b.system.Appointment, day("2026-11-24"))
	wantCode(t, err, errs.NotFound, "request.not_found")
}

func TestService_lastAdministratorStays(t *testing.T) {
	b := setup(t)
	_, err := b.org.EndAppointment(t.Context(), b.system, b.system.Appointment, day("2026-11-24"))
	wantCode(t, err, errs.Conflict, "org.last_administrator")
	_, err = b.org.EndAppointment(t.Context(), b.system, b.system.Appointment, day("2027-06-01"))
	wantCode(t, err, errs.Conflict, "org.last_administrator")
	_, err = b.org.ChangeAppointment(t.Context(), b.system, b.system.Appointment, 0, []access.Role{access.Specialist}, nil)
	wantCode(t, err, errs.Conflict, "org.last_administrator")
	_, err = b.org.Dissolve(t.Context(), b.system, b.office, 0, org.Dissolution{On: day("2026-12-01"), Successors: []id.Agency{b.finance}, Reason: "Sắp xếp"})
	wantCode(t, err, errs.Conflict, "org.last_administrator")
	other := orgtest.Person(t, b.db, b.finance, "Quản Trị Hai", access.SystemAdmin)
	_, err = b.org.EndAppointment(t.Context(), b.system, b.system.Appointment, day("2026-11-24"))
	wantCode(t, err, errs.Conflict, "org.last_administrator") // the other one cannot sign in
	b.account(t, other, "hethong2")
	_, err = b.org.EndAppointment(t.Context(), b.system, b.system.Appointment, day("2026-11-24"))
	noErr(t, err)
}

func TestService_agencyHistory(t *testing.T) {
	b := setup(t)
	in := org.AgencyInput{Code: "h77.1", Name: "Sở Tài chính - Kế hoạch", Symbol: "STCKH", LevelCode: "department", ValidFrom: day("2025-03-01"), Reason: "NQ 12"}
	_, err := b.org.ChangeAgency(t.Context(), b.admin, b.finance, 1, in)
	wantCode(t, err, errs.Forbidden, "access.role_missing")
	in.Code = "H77.30"
	g, err := b.org.ChangeAgency(t.Context(), b.system, b.finance, 1, in)
	noErr(t, err)
	_, err = b.org.ChangeAgency(t.Context(), b.system, b.finance, 1, in)
	wantCode(t, err, errs.Stale, "request.stale")
	in.ValidFrom = day("2024-01-01")
	_, err = b.org.ChangeAgency(t.Context(), b.system, b.finance, g.Version, in)
	wantCode(t, err, errs.Invalid, "org.change_before_last")
	d, err := b.org.GetAgency(t.Context(), b.finance)
	noErr(t, err)
	if len(d.History) != 1 || d.History[0].Name != "Sở Tài chính" || !d.History[0].ValidTo.Equal(day("2025-03-01")) || d.History[0].Reason != "NQ 12" {
		t.Errorf("history %+v", d.History)
	}
	if len(d.Aliases) != 1 || d.Aliases[0].Code != "H77.1" {
		t.Errorf("aliases %+v", d.Aliases)
	}
	for _, q := range []string{"so tai chinh ke hoach", "H77.1", "stckh", "TÀI CHÍNH"} {
		found, _, err := b.org.ListAgencies(t.Context(), org.AgencyFilter{Query: q, State: "active"})
		noErr(t, err)
		if len(found) != 1 || found[0].ID != b.finance {
			t.Errorf("%q found %+v", q, found)
		}
	}
}

func TestService_AddAgency(t *testing.T) {
	b := setup(t)
	in := org.AgencyInput{Code: "H77.50", Name: "UBND phường Bạch Đằng", LevelCode: "commune", Parent: &b.office, ValidFrom: day("2025-07-01")}
	for name, c := range map[string]struct {
		change func(*org.AgencyInput)
		code   errs.Code
		key    string
	}{
		"bad code":      {func(in *org.AgencyInput) { in.Code = "H77..5" }, errs.Invalid, "code org.code_form"},
		"long code":     {func(in *org.AgencyInput) { in.Code = strings.Repeat("A", 36) }, errs.Invalid, "code org.code_form"},
		"unknown level": {func(in *org.AgencyInput) { in.LevelCode = "village" }, errs.Invalid, "level_code org.level_unknown"},
		"unknown parent": {func(in *org.AgencyInput) { p := id.New[id.Agency](); in.Parent = &p }, errs.Invalid,
			"parent_id org.agency_unknown"},
		"code taken": {func(in *org.AgencyInput) { in.Code = "H77.1" }, errs.Conflict, "org.code_taken"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := in
			c.change(&bad)
			_, err := b.org.AddAgency(t.Context(), b.system, bad)
			wantCode(t, err, c.code, c.key)
		})
	}
	g, err := b.org.AddAgency(t.Context(), b.system, in)
	noErr(t, err)
	if g.ShortName != in.Name || g.LevelName == "" {
		t.Errorf("added %+v", g)
	}
	up := org.AgencyInput{Code: "H77.2", Name: "Văn phòng UBND thành phố", LevelCode: "department", Parent: &g.ID, ValidFrom: day("2026-01-01")}
	_, err = b.org.ChangeAgency(t.Context(), b.system, b.office, 0, up)
	wantCode(t, err, errs.Invalid, "parent_id org.parent_below")
	_, err = b.org.Dissolve(t.Context(), b.system, b.office, 0, org.Dissolution{On: day("2026-12-01"), Reason: "x"})
	wantCode(t, err, errs.Conflict, "org.agency_has_children")
}

func TestService_Dissolve(t *testing.T) {
	b := setup(t)
	_, err := b.org.Dissolve(t.Context(), b.system, b.finance, 0, org.Dissolution{On: day("2026-11-01"), Successors: []id.Agency{b.finance}, Reason: "x"})
	wantCode(t, err, errs.Invalid, "org.successor_self")
	g, err := b.org.Dissolve(t.Context(), b.system, b.finance, 1, org.Dissolution{On: day("2026-11-01"), Successors: []id.Agency{b.office}, Reason: "Nghị quyết 12"})
	noErr(t, err)
	if g.ExistsOn(day("2026-11-01")) || !g.ExistsOn(day("2026-10-31")) {
		t.Errorf("validity %+v", g)
	}
	held, err := org.ValidAppointments(t.Context(), b.db, b.clerk.Person, day("2026-11-24"))
	noErr(t, err)
	if len(held) != 0 {
		t.Error("appointments outlive the agency")
	}
	d, err := b.org.GetAgency(t.Context(), b.office)
	noErr(t, err)
	if len(d.Predecessors) != 1 || d.Predecessors[0].ID != b.finance {
		t.Errorf("predecessors %+v", d.Predecessors)
	}
	_, err = b.org.AddUnit(t.Context(), b.system, b.finance, org.UnitInput{Name: "Phòng"})
	wantCode(t, err, errs.Conflict, "org.agency_dissolved")
	_, err = b.org.AddPerson(t.Context(), b.system, newPerson(b.finance, access.Clerk))
	wantCode(t, err, errs.Conflict, "org.agency_dissolved")
	active, _, err := b.org.ListAgencies(t.Context(), org.AgencyFilter{State: "active"})
	noErr(t, err)
	gone, _, err := b.org.ListAgencies(t.Context(), org.AgencyFilter{State: "dissolved"})
	noErr(t, err)
	if len(active) != 1 || len(gone) != 1 {
		t.Errorf("%d active, %d dissolved", len(active), len(gone))
	}
}

func TestService_units(t *testing.T) {
	b := setup(t)
	u, err := b.org.AddUnit(t.Context(), b.admin, b.finance, org.UnitInput{Name: " Phòng  Ngân sách "})
	noErr(t, err)
	if u.Name != "Phòng Ngân sách" || !u.ValidFrom.Equal(day("2026-11-24")) {
		t.Errorf("added %+v", u)
	}
	_, err = b.org.AddUnit(t.Context(), b.admin, b.finance, org.UnitInput{Name: "Phòng Ngân sách"})
	wantCode(t, err, errs.Conflict, "org.unit_taken")
	_, err = b.org.AddUnit(t.Context(), b.admin, b.office, org.UnitInput{Name: "Phòng"})
	wantCode(t, err, errs.NotFound, "request.not_found")
	end := day("2026-12-31")
	u, err = b.org.ChangeUnit(t.Context(), b.admin, u.ID, u.Version, org.UnitInput{Name: "Phòng Ngân sách nhà nước", ValidTo: &end})
	noErr(t, err)
	if u.Version != 2 || u.ValidTo == nil {
		t.Errorf("changed %+v", u)
	}
	_, err = b.org.ChangeUnit(t.Context(), b.clerk, u.ID, 0, org.UnitInput{Name: "x"})
	wantCode(t, err, errs.Forbidden, "access.role_missing")
}

func TestService_Directory(t *testing.T) {
	b := setup(t)
	for i := range 7 {
		orgtest.Person(t, b.db, b.office, fmt.Sprintf("Nguyễn Hữu Thành %d", i), access.Leader)
	}
	var names []string
	after := ""
	for {
		page, next, err := b.org.Directory(t.Context(), org.DirectoryFilter{Query: "HUU thanh van phong", Role: access.Leader, After: after, Limit: 3})
		noErr(t, err)
		for _, p := range page {
			names = append(names, p.FullName)
		}
		if next == "" {
			break
		}
		after = next
	}
	if len(names) != 7 || names[0] != "Nguyễn Hữu Thành 0" || names[6] != "Nguyễn Hữu Thành 6" {
		t.Errorf("found %v", names)
	}
	_, _, err := b.org.Directory(t.Context(), org.DirectoryFilter{After: "nonsense"})
	wantCode(t, err, errs.Invalid, "request.bad_cursor")
	found, _, err := b.org.Directory(t.Context(), org.DirectoryFilter{Query: "100% ' or 1=1 --"})
	noErr(t, err)
	if len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

const peopleFile = "Họ và tên;Mã định danh;Tài khoản;Mã cơ quan;Đơn vị;Chức vụ;Vai trò;Từ ngày\r\n" +
	"Phan Thị Kim Oanh;077190000011;oanh;H77.1;Phòng Ngân sách;Phó Giám đốc;lãnh đạo, chuyên viên;01/07/2025\r\n" +
	"Chu Văn Lợi;077190000012;loi;H77.2;;Văn thư;văn thư;\r\n" +
	"Chu Văn Lợi;077190000012;loi;H77.1;;Chuyên viên;specialist;\r\n"

func (b *bundle) importPeople(t *testing.T, ctx context.Context, file string, dry bool) org.ImportReport {
	t.Helper()
	r, err := b.org.Import(ctx, b.system, org.ImportPeople, []byte(file), dry)
	noErr(t, err)
	return r
}

func TestService_Import_people(t *testing.T) {
	b := setup(t)
	_, err := b.org.Import(t.Context(), b.admin, org.ImportPeople, []byte(peopleFile), true)
	wantCode(t, err, errs.Forbidden, "access.role_missing")
	count := func() (n int) {
		noErr(t, b.db.QueryRow(t.Context(), `select count(*) from persons`).Scan(&n))
		return n
	}
	before := count()
	if diff := cmp.Diff(org.ImportReport{Rows: 3, Added: 2, Changed: 1}, b.importPeople(t, t.Context(), peopleFile, true)); diff != "" {
		t.Errorf("dry run (-want +got):\n%s", diff)
	}
	if count() != before {
		t.Error("a dry run changed something")
	}
	if diff := cmp.Diff(org.ImportReport{Rows: 3, Added: 2, Changed: 1, Applied: true}, b.importPeople(t, t.Context(), peopleFile, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(org.ImportReport{Rows: 3, Unchanged: 3, Applied: true}, b.importPeople(t, t.Context(), peopleFile, false)); diff != "" {
		t.Errorf("second time (-want +got):\n%s", diff)
	}
	found, _, err := b.org.Directory(t.Context(), org.DirectoryFilter{Query: "kim oanh"})
	noErr(t, err)
	if len(found) != 1 || found[0].UnitName != "Phòng Ngân sách" || len(found[0].Roles) != 2 || !found[0].ValidFrom.Equal(day("2025-07-01")) {
		t.Errorf("found %+v", found)
	}
	t.Run("an imported account waits for a password", func(t *testing.T) {
		_, err := b.auth.SignIn(t.Context(), auth.SignIn{Username: "oanh", Password: ""})
		wantCode(t, err, errs.Unauthenticated, "auth.wrong_credentials")
		password, err := b.auth.ResetPassword(t.Context(), b.system, found[0].Person)
		noErr(t, err)
		_, err = b.auth.SignIn(t.Context(), auth.SignIn{Username: "oanh", Password: password})
		noErr(t, err)
	})
	t.Run("one wrong row and nothing is imported", func(t *testing.T) {
		before := count()
		r := b.importPeople(t, t.Context(), peopleFile+
			"Người Mới;077190000013;moi;H77.1;;Chuyên viên;chuyên viên;\r\n"+
			"Người Sai;x;SAI TÊN;H99;;;vua;32/13/2026\r\n"+
			"Tài khoản khác;077190000012;khac;H77.1;;Trưởng phòng;leader;\r\n"+
			"Trùng tài khoản;077190000014;oanh;H77.1;;Trưởng phòng;leader;\r\n"+
			"Người Mới;077190000013;moi;H77.1;;Chuyên viên;chuyên viên;\r\n", false)
		var got []string
		for _, e := range r.Errors {
			got = append(got, fmt.Sprintf("%d %s %s", e.Row, e.Column, e.Key))
		}
		want := []string{"6 valid_from import.date", "6 digital_identity org.identity_form", "6 position field.required", "6 roles org.roles_wrong",
			"6 username org.username_form", "6 agency_code org.agency_unknown", "7 username import.username_other", "8 username auth.username_taken",
			"9 digital_identity import.twice"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if r.Applied || count() != before {
			t.Error("something was imported")
		}
	})
}

func TestService_Import_agencies(t *testing.T) {
	b := setup(t)
	file := "\ufeffcode,name,symbol,level,parent_code,valid_from,old_code\n" +
		"H77.51,UBND phường Bạch Đằng,UBND,\"Phường, xã, đặc khu\",H77,01/07/2025,000.00.51.H77\n" +
		"H77,UBND thành phố Tân Giang,UBND,city,,1997-01-01,000.00.00.H77\n" +
		"H77.1,Sở Tài chính thành phố,STC,department,H77,,\n"
	load := func(file string, dry bool) org.ImportReport {
		r, err := b.org.Import(t.Context(), b.system, org.ImportAgencies, []byte(file), dry)
		noErr(t, err)
		return r
	}
	if diff := cmp.Diff(org.ImportReport{Rows: 3, Added: 2, Changed: 1, Applied: true}, load(file, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(org.ImportReport{Rows: 3, Unchanged: 3, Applied: true}, load(file, false)); diff != "" {
		t.Errorf("second time (-want +got):\n%s", diff)
	}
	d, err := b.org.GetAgency(t.Context(), b.finance)
	noErr(t, err)
	if d.Agency.Name != "Sở Tài chính thành phố" || len(d.History) != 1 {
		t.Errorf("changed %+v", d)
	}
	found, _, err := b.org.ListAgencies(t.Context(), org.AgencyFilter{Query: "000.00.51.H77", State: "active"})
	noErr(t, err)
	if len(found) != 1 || found[0].Parent == nil {
		t.Errorf("found %+v", found)
	}
	r := load("code,name,level,parent_code\nH1,A,city,H2\nH2,B,city,H1\nH3,C,nowhere,H9\nH3,D,city,\n", true)
	var got []string
	for _, e := range r.Errors {
		got = append(got, fmt.Sprintf("%d %s %s", e.Row, e.Column, e.Key))
	}
	want := []string{"4 level org.level_unknown", "5 code import.twice", "3 parent_code org.parent_below", "4 parent_code import.parent_order"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The largest file is imported in one go.
func TestService_Import_limits(t *testing.T) {
	b := setup(t)
	_, err := b.org.Import(t.Context(), b.system, org.ImportPeople, make([]byte, 5<<20+1), true)
	wantCode(t, err, errs.TooLarge, "import.too_large")
	var file strings.Builder
	file.WriteString("full_name,digital_identity,username,agency_code,position,roles\n")
	for i := range 20001 {
		fmt.Fprintf(&file, "A,ID%d,u%05d,H77.1,B,clerk\n", i, i)
	}
	_, err = b.org.Import(t.Context(), b.system, org.ImportPeople, []byte(file.String()), true)
	wantCode(t, err, errs.TooLarge, "import.too_many_rows")
	small := strings.Join(strings.SplitAfter(file.String(), "\n")[:2001], "")
	began := time.Now()
	if r := b.importPeople(t, t.Context(), small, false); r.Added != 2000 {
		t.Errorf("%+v", r)
	}
	t.Logf("2,000 people in %v", time.Since(began))
}
