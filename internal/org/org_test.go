package org

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Nguyễn Hữu Thành":       "nguyen huu thanh",
		"  Đặng   Hoài-Nam ":     "dang hoai nam",
		"UBND phường Vĩnh Phước": "ubnd phuong vinh phuoc",
		"H77.1.2":                "h77 1 2",
		"Nguye\u0302\u0303n":     "nguyen", // decomposed, as macOS types it
		"":                       "",
		"--":                     "",
		"Ủy ban nhân dân thành phố Tân Giang": "uy ban nhan dan thanh pho tan giang",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSortKey(t *testing.T) {
	ordered := []string{"H77", "H77.1", "H77.2", "H77.2.1", "H77.10", "H100"}
	for i := 1; i < len(ordered); i++ {
		if !(sortKey(ordered[i-1]) < sortKey(ordered[i])) {
			t.Errorf("%s does not sort before %s", ordered[i-1], ordered[i])
		}
	}
}

func TestToday(t *testing.T) {
	got := Today(time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC)) // midnight in Viet Nam
	if want := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v", got)
	}
}

func TestMayManagePerson(t *testing.T) {
	mine, other := id.New[id.Agency](), id.New[id.Agency]()
	in := func(agency id.Agency, roles ...access.Role) Appointment {
		return Appointment{Agency: agency, Roles: roles}
	}
	admin := access.Actor{Agency: mine, Roles: []access.Role{access.AgencyAdmin}}
	cases := map[string]struct {
		actor access.Actor
		held  []Appointment
		want  errs.Code
	}{
		"own clerk":                        {admin, []Appointment{in(mine, access.Clerk)}, ""},
		"somebody of another agency":       {admin, []Appointment{in(other, access.Clerk)}, errs.NotFound},
		"nobody":                           {admin, nil, errs.NotFound},
		"clerk here, leader elsewhere":     {admin, []Appointment{in(mine, access.Clerk), in(other, access.Leader)}, errs.Forbidden},
		"system administrator of own":      {admin, []Appointment{in(mine, access.SystemAdmin)}, errs.Forbidden},
		"auditor of own":                   {admin, []Appointment{in(mine, access.Auditor)}, errs.Forbidden},
		"clerk manages nobody":             {access.Actor{Agency: mine, Roles: []access.Role{access.Clerk}}, []Appointment{in(mine, access.Clerk)}, errs.Forbidden},
		"system administrator manages all": {access.Actor{Agency: other, Roles: []access.Role{access.SystemAdmin}}, []Appointment{in(mine, access.Auditor)}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := errs.CodeOf(mayManagePerson(c.actor, c.held)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMayGrant(t *testing.T) {
	for _, c := range []struct {
		by   access.Role
		give access.Role
		ok   bool
	}{
		{access.AgencyAdmin, access.Leader, true}, {access.AgencyAdmin, access.AgencyAdmin, true}, {access.AgencyAdmin, access.SystemAdmin, false},
		{access.AgencyAdmin, access.Auditor, false}, {access.SystemAdmin, access.Auditor, true}, {access.Leader, access.Specialist, false},
	} {
		if err := mayGrant(access.Actor{Roles: []access.Role{c.by}}, []access.Role{c.give}); (err == nil) != c.ok {
			t.Errorf("%s gives %s: %v", c.by, c.give, err)
		}
	}
}

func TestNormalRoles(t *testing.T) {
	got, ok := normalRoles([]access.Role{access.Clerk, access.Leader, access.Clerk})
	if diff := cmp.Diff([]access.Role{access.Leader, access.Clerk}, got); diff != "" || !ok {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range [][]access.Role{nil, {"emperor"}, {access.Clerk, ""}} {
		if _, ok := normalRoles(bad); ok {
			t.Errorf("%v was taken", bad)
		}
	}
}

func TestReadTable(t *testing.T) {
	row := func(line int, pairs ...string) tableRow {
		r := tableRow{line: line, values: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			r.values[pairs[i]] = pairs[i+1]
		}
		return r
	}
	full := row(2, "code", "H77.1", "name", "Sở Y tế", "level", "department")
	cases := map[string]struct {
		data string
		rows []tableRow
		bad  []RowError
		err  string
	}{
		"commas":                 {"code,name,level\nH77.1,Sở Y tế,department\n", []tableRow{full}, nil, ""},
		"semicolons and BOM":     {"\ufeffMã;Tên;Cấp\r\nH77.1;Sở Y tế;department\r\n", []tableRow{full}, nil, ""},
		"sep line":               {"sep=;\ncode;name;level\nH77.1;Sở Y tế;department\n", []tableRow{row(3, "code", "H77.1", "name", "Sở Y tế", "level", "department")}, nil, ""},
		"UTF-16 of Excel":        {string(utf16le("code\tname\tlevel\r\nH77.1\tSở Y tế\tdepartment\r\n")), []tableRow{full}, nil, ""},
		"empty rows at the end":  {"code,name,level\nH77.1,Sở Y tế,department\n,,\n,,\n", []tableRow{full}, nil, ""},
		"spaces and apostrophe":  {"code,name,level\n'H77.1,  Sở   Y tế ,department\n", []tableRow{full}, nil, ""},
		"quoted with line break": {"code,name,level\nH77.1,\"Sở\nY tế\",department\n", []tableRow{full}, nil, ""},
		"missing column":         {"code,name\nH77.1,Sở Y tế\n", nil, []RowError{{Row: 1, Column: "level", Key: "import.column_missing"}}, ""},
		"unknown column":         {"code,name,level,màu\nH77.1,a,b,c\n", nil, []RowError{{Row: 1, Column: "màu", Key: "import.column_unknown"}}, ""},
		"column twice":           {"code,name,level,Mã\nH77.1,a,b,c\n", nil, []RowError{{Row: 1, Column: "code", Key: "import.column_twice"}}, ""},
		"too many values":        {"code,name,level\nH77.1,Sở Y tế,department,x\n", nil, []RowError{{Row: 2, Key: "import.columns", Args: map[string]any{"got": 4, "want": 3}}}, ""},
		"broken quote":           {"code,name,level\nH77.1,\"Sở,department\n", nil, []RowError{{Row: 2, Key: "import.form"}}, ""},
		"number shortened":       {"code,name,level\n7.92E+10,Sở Y tế,department\n", nil, []RowError{{Row: 2, Column: "code", Key: "import.number_lost"}}, ""},
		"other encoding":         {"code,name,level\nH77.1,S\xf4 Y t\xea,department\n", nil, nil, "import.not_utf8"},
		"heading only":           {"code,name,level\n", nil, nil, "import.empty"},
		"nothing":                {"", nil, nil, "import.empty"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var e rowErrors
			rows, err := readTable([]byte(c.data), agencyColumnsKnown, &e)
			if diff := cmp.Diff(c.rows, rows, cmp.AllowUnexported(tableRow{})); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.bad, e.list); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if got := keyOf(err); got != c.err {
				t.Errorf("error %q, want %q", got, c.err)
			}
		})
	}
}

func utf16le(s string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, r := range s { // the texts of these tests lie in the first plane
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}

func keyOf(err error) string {
	e, ok := err.(*errs.Error)
	switch {
	case !ok:
		return ""
	case len(e.Fields) > 0:
		return e.Fields[0].Key
	}
	return e.Key
}

// Whatever the bytes, reading ends with rows, row errors or an error, and every value is clean text.
func FuzzReadTable(f *testing.F) {
	for _, s := range []string{"code,name,level\nH77.1,Sở Y tế,department\n", "\ufeffMã;Tên;Cấp\r\n'H77;\"a\"\"b\";x;;\r\n", "sep=|\ncode|name|level\n\n|\n",
		string(utf16le("code\tname\tlevel\n1\t2\t3\n")), "\"", "code,name,level\n\"a,b,c\n", "full_name;digital_identity;username;agency_code;position;roles\na;b;c;d;e;f"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, known := range [][]column{agencyColumnsKnown, peopleColumnsKnown} {
			var e rowErrors
			rows, err := readTable(data, known, &e)
			if err == nil && len(rows) == 0 && !e.any() {
				t.Fatal("neither rows nor errors")
			}
			last := 1
			for _, r := range rows {
				if r.line < last {
					t.Fatalf("line %d after %d", r.line, last)
				}
				last = r.line
				for name, v := range r.values {
					if v != clean(v) {
						t.Fatalf("%s holds %q", name, v)
					}
				}
				r.date("valid_from", time.Time{}, &e)
			}
			if len(e.list) > maxRowErrors {
				t.Fatalf("%d errors", len(e.list))
			}
		}
	})
}
