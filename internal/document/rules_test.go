package document

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

func TestTypes_areThoseOfTheDecree(t *testing.T) {
	if len(Types) != 29 {
		t.Fatalf("%d types instead of 29 (NĐ 30/2020 Đ.7)", len(Types))
	}
	var without []string
	seen := map[string]bool{}
	for _, k := range Types {
		if k.Abbreviation == "" {
			without = append(without, k.Name)
		} else if k.Code != k.Abbreviation {
			t.Errorf("%s: code %q is not the abbreviation %q", k.Name, k.Code, k.Abbreviation)
		}
		if seen[k.Code] {
			t.Errorf("code %q is given twice", k.Code)
		}
		seen[k.Code] = true
	}
	if diff := cmp.Diff([]string{"Công văn", "Thư công"}, without); diff != "" {
		t.Errorf("types without abbreviation (-want +got):\n%s", diff)
	}
}

func TestInput_check(t *testing.T) {
	owner, other := id.New[id.Agency](), id.New[id.Agency]()
	kept := id.New[id.File]()
	for name, c := range map[string]struct {
		change func(in *Input)
		want   []string // paths and keys
	}{
		"a correct draft":                {func(*Input) {}, nil},
		"công văn needs no abbreviation": {func(in *Input) { in.TypeCode, in.Symbol = "CV", "UBND-VX" }, nil},
		"mixed case abbreviation":        {func(in *Input) { in.TypeCode, in.Symbol = "TTr", "TTr-STC" }, nil},
		"Icelandic eth is read as Đ":     {func(in *Input) { in.Symbol = "QÐ-UBND" }, nil},
		"decomposed letters":             {func(in *Input) { in.TypeCode, in.Symbol = "TTr", "TTr-So\u0302" }, nil},
		"unknown type":                   {func(in *Input) { in.TypeCode = "XX" }, []string{"type_code document.type_unknown"}},
		"symbol with a blank":            {func(in *Input) { in.Symbol = "QĐ - UBND" }, []string{"symbol document.symbol_format"}},
		"symbol with a slash":            {func(in *Input) { in.Symbol = "2026/QĐ-UBND" }, []string{"symbol document.symbol_format"}},
		"symbol of another type":         {func(in *Input) { in.Symbol = "KH-UBND" }, []string{"symbol document.symbol_type"}},
		"symbol without agency":          {func(in *Input) { in.Symbol = "QĐ" }, []string{"symbol document.symbol_type"}},
		"symbol too long":                {func(in *Input) { in.Symbol = "QĐ-" + strings.Repeat("A", 28) }, []string{"symbol document.symbol_format"}},
		"no subject":                     {func(in *Input) { in.Subject = "  " }, []string{"subject document.subject_length"}},
		"subject of 500 letters":         {func(in *Input) { in.Subject = strings.Repeat("ế", 500) }, nil},
		"subject of 501 letters":         {func(in *Input) { in.Subject = strings.Repeat("ế", 501) }, []string{"subject document.subject_length"}},
		"urgency 4 is not in the decree": {func(in *Input) { in.Urgency = 4 }, []string{"urgency document.urgency_unknown"}},
		"no signer":                      {func(in *Input) { in.Signer = id.Appointment{} }, []string{"signer_id document.signer_missing"}},
		"no recipient":                   {func(in *Input) { in.Recipients = nil }, []string{"recipient_ids document.recipients_count"}},
		"501 recipients":                 {func(in *Input) { in.Recipients = make([]id.Agency, 501) }, []string{"recipient_ids document.recipients_count"}},
		"to itself":                      {func(in *Input) { in.Recipients = []id.Agency{owner} }, []string{"recipient_ids[0] document.recipient_self"}},
		"recipient twice":                {func(in *Input) { in.Recipients = []id.Agency{other, other} }, []string{"recipient_ids[1] document.recipient_twice"}},
		"no file":                        {func(in *Input) { in.Files = nil }, []string{"files document.files_count"}},
		"no main file":                   {func(in *Input) { in.Files[0].Main = false }, []string{"files document.one_main_file"}},
		"two main files":                 {func(in *Input) { in.Files[1].Main = true }, []string{"files document.one_main_file"}},
		"file from nowhere": {func(in *Input) { in.Files = append(in.Files, InputFile{}) },
			[]string{"files[2] document.file_source"}},
		"same file twice": {func(in *Input) { in.Files = append(in.Files, InputFile{File: kept}, InputFile{File: kept}) },
			[]string{"files[3] document.file_twice"}},
		"everything wrong is told at once": {func(in *Input) { in.Symbol, in.Urgency = "", -1 },
			[]string{"symbol document.symbol_format", "urgency document.urgency_unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{TypeCode: "QĐ", Symbol: "QĐ-UBND", Subject: "Phân bổ kinh phí",
				Signer: id.New[id.Appointment](), Recipients: []id.Agency{other},
				Files: []InputFile{{Upload: id.New[id.Upload](), Main: true}, {Upload: id.New[id.Upload]()}}}
			c.change(&in)
			var got []string
			if err := in.clean().check(owner); err != nil {
				for _, f := range err.(*errs.Error).Fields { //nolint:errorlint // made here
					got = append(got, f.Path+" "+f.Key)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDocument_Can(t *testing.T) {
	agency := id.New[id.Agency]()
	person := func(a id.Agency, roles ...access.Role) access.Actor {
		return access.Actor{Appointment: id.New[id.Appointment](), Agency: a, Roles: roles}
	}
	clerk, specialist := person(agency, access.Clerk), person(agency, access.Specialist)
	signer, otherLeader := person(agency, access.Leader), person(agency, access.Leader)
	colleague, secretary := person(agency, access.Specialist), person(agency, access.Secretary)
	stranger := person(id.New[id.Agency](), access.Clerk, access.Leader, access.Secretary)
	d := Document{Agency: agency, Signer: &org.Appointment{ID: signer.Appointment}, CreatedBy: org.Appointment{ID: specialist.Appointment}}
	type can map[State][]Action
	for name, c := range map[string]struct {
		actor   access.Actor
		visible bool
		can     can
	}{
		"clerk":                      {clerk, true, can{Draft: {Change, Arrange, Submit, Cancel}, Submitted: {Arrange, Cancel}, Signed: {Number, Cancel}, Numbered: {Seal, Cancel}, Sealed: {Send, Cancel}}},
		"specialist who prepared it": {specialist, true, can{Draft: {Change, Arrange, Submit, Cancel}, Submitted: {Arrange, Cancel}}},
		"leader who is asked":        {signer, true, can{Submitted: {Arrange, Sign, Return}}},
		"another leader":             {otherLeader, true, can{}},
		"secretary":                  {secretary, true, can{}},
		"another specialist":         {colleague, false, can{}},
		"everybody else's clerk":     {stranger, false, can{}},
	} {
		t.Run(name, func(t *testing.T) {
			if d.Visible(c.actor) != c.visible {
				t.Errorf("visible: %v", !c.visible)
			}
			for _, state := range States {
				d.State = state
				want := c.can[state]
				if want == nil {
					want = []Action{}
				}
				if diff := cmp.Diff(want, d.Can(c.actor)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", state, diff)
				}
				for _, a := range actions {
					err := d.May(c.actor, a)
					switch {
					case !c.visible && !errs.Is(err, errs.NotFound):
						t.Errorf("%s %s: %v instead of not found", state, a, err)
					case c.visible && errs.Is(err, errs.NotFound):
						t.Errorf("%s %s: not found", state, a)
					case slices.Contains(want, a) != (err == nil):
						t.Errorf("%s %s: %v", state, a, err)
					}
				}
			}
		})
	}
}

func TestDocument_NeedsSignature(t *testing.T) {
	main, annex := File{ID: id.New[id.File](), Main: true, Reason: Uploaded}, File{ID: id.New[id.File](), Reason: Uploaded}
	d := Document{Files: []File{main, annex}}
	if got := d.NeedsSignature(ByLeader); len(got) != 1 || got[0].ID != main.ID {
		t.Errorf("the leader signs %v, not the main file alone", got)
	}
	if got := d.NeedsSignature(BySeal); len(got) != 2 {
		t.Errorf("the agency signs %d files instead of every one", len(got))
	}
	d.Files[0].Reason = AgencySealed
	if got := d.NeedsSignature(BySeal); len(got) != 1 || got[0].ID != annex.ID {
		t.Errorf("left to seal: %v", got)
	}
}
