package httpapi

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

// AgencyPath names an agency in the address.
type AgencyPath struct {
	Agency id.Agency `path:"agency_id" format:"uuid"`
}

// UnitPath names a unit in the address.
type UnitPath struct {
	Unit id.Unit `path:"unit_id" format:"uuid"`
}

// PersonPath names a person in the address.
type PersonPath struct {
	Person id.Person `path:"person_id" format:"uuid"`
}

// AppointmentPath names an appointment in the address.
type AppointmentPath struct {
	Appointment id.Appointment `path:"appointment_id" format:"uuid"`
}

type listAgenciesInput struct {
	Page
	Query  string `query:"q" maxLength:"200" doc:"Words of name, short name, symbol or code, case and marks ignored"`
	Level  string `query:"level" maxLength:"31"`
	Parent string `query:"parent_id" format:"uuid"`
	State  string `query:"state" enum:"active,dissolved,all" default:"active"`
}

// AgencyChange is what a request says about an agency.
type AgencyChange struct {
	Code      string     `json:"code" maxLength:"35" doc:"QĐ 20/2020: letters, digits, dots"`
	Name      string     `json:"name" minLength:"1" maxLength:"200"`
	ShortName string     `json:"short_name,omitempty" maxLength:"80"`
	Symbol    string     `json:"symbol,omitempty" maxLength:"30"`
	LevelCode string     `json:"level_code" maxLength:"31"`
	ParentID  *id.Agency `json:"parent_id,omitempty" format:"uuid"`
	ValidFrom string     `json:"valid_from" format:"date" doc:"First day of the agency; for a change, the first day of the new form"`
	Reason    string     `json:"reason,omitempty" maxLength:"500" doc:"Of a change: the act it rests on"`
}

func (c AgencyChange) input() (org.AgencyInput, error) {
	from, err := readDate("valid_from", c.ValidFrom)
	return org.AgencyInput{Code: c.Code, Name: c.Name, ShortName: c.ShortName, Symbol: c.Symbol, LevelCode: c.LevelCode,
		Parent: c.ParentID, ValidFrom: from, Reason: c.Reason}, err
}

type addAgencyInput struct{ Body AgencyChange }

type changeAgencyInput struct {
	AgencyPath
	IfMatch
	Body AgencyChange
}

// Dissolution ends an agency.
type Dissolution struct {
	On           string      `json:"on" format:"date" doc:"First day on which it no longer exists"`
	SuccessorIDs []id.Agency `json:"successor_ids" format:"uuid" maxItems:"50" nullable:"false" doc:"Who takes over its work"`
	Reason       string      `json:"reason" minLength:"1" maxLength:"500" doc:"The act it rests on"`
}

type dissolveInput struct {
	AgencyPath
	IfMatch
	Body Dissolution
}

// UnitChange is what a request says about a unit.
type UnitChange struct {
	Name      string `json:"name" minLength:"1" maxLength:"200"`
	Symbol    string `json:"symbol,omitempty" maxLength:"30"`
	ValidFrom string `json:"valid_from,omitempty" format:"date" doc:"Today when left out"`
	ValidTo   string `json:"valid_to,omitempty" format:"date" doc:"First day on which it no longer exists"`
}

func (c UnitChange) input() (org.UnitInput, error) {
	from, err := readDate("valid_from", c.ValidFrom)
	if err != nil {
		return org.UnitInput{}, err
	}
	to, err := readDate("valid_to", c.ValidTo)
	in := org.UnitInput{Name: c.Name, Symbol: c.Symbol, ValidFrom: from}
	if !to.IsZero() {
		in.ValidTo = &to
	}
	return in, err
}

type addUnitInput struct {
	AgencyPath
	Body UnitChange
}

type changeUnitInput struct {
	UnitPath
	IfMatch
	Body UnitChange
}

type importInput struct {
	Body struct {
		Kind   string `json:"kind" enum:"agencies,people"`
		CSV    string `json:"csv" doc:"The file: UTF-8, separated by commas or semicolons, at most 5 MB and 20,000 rows"`
		DryRun bool   `json:"dry_run" doc:"Check only"`
	}
}

func (a *API) registerOrg() {
	managers := Role(access.AgencyAdmin, access.SystemAdmin)
	system := Role(access.SystemAdmin)
	get(a, Op{ID: "list-agency-levels", Path: "/agency-levels", Summary: "Levels of agencies, from the top", Tag: "org", Access: Acting}, a.listLevels)
	get(a, Op{ID: "list-agencies", Path: "/agencies", Summary: "Agencies, in the order of their codes", Tag: "org", Access: Acting}, a.listAgencies)
	get(a, Op{ID: "get-agency", Path: "/agencies/{agency_id}", Summary: "An agency with its history and units", Tag: "org", Access: Acting}, a.getAgency)
	post(a, Op{ID: "add-agency", Path: "/agencies", Summary: "Add an agency", Tag: "org", Access: system}, a.addAgency)
	put(a, Op{ID: "change-agency", Path: "/agencies/{agency_id}", Summary: "Rename, move or re-code an agency; its past is kept", Tag: "org", Access: system}, a.changeAgency)
	post(a, Op{ID: "dissolve-agency", Path: "/agencies/{agency_id}/dissolve", Summary: "Dissolve an agency and name its successors", Tag: "org", Access: system}, a.dissolveAgency)
	post(a, Op{ID: "add-unit", Path: "/agencies/{agency_id}/units", Summary: "Add a unit to an agency", Tag: "org", Access: managers}, a.addUnit)
	put(a, Op{ID: "change-unit", Path: "/units/{unit_id}", Summary: "Rename or end a unit", Tag: "org", Access: managers}, a.changeUnit)
	post(a, Op{ID: "import-org", Path: "/org/import", Summary: "Import agencies or people from CSV: all rows or none", Tag: "org", Access: system, MaxBody: 12 << 20}, a.importOrg)
	a.registerPeople()
}

func (a *API) listLevels(ctx context.Context, _ access.Actor, _ *struct{}) (*List[AgencyLevel], error) {
	levels, err := a.Org.Levels(ctx)
	if err != nil {
		return nil, err
	}
	items := make([]AgencyLevel, 0, len(levels))
	for _, l := range levels {
		items = append(items, AgencyLevel{Code: l.Code, Name: l.Name, NameEN: l.NameEN, Ordinal: l.Ordinal,
			ValidFrom: dateText(l.ValidFrom), ValidTo: dateTextOrNull(l.ValidTo)})
	}
	return list(items, ""), nil
}

func (a *API) listAgencies(ctx context.Context, _ access.Actor, in *listAgenciesInput) (*List[Agency], error) {
	f := org.AgencyFilter{Query: in.Query, Level: in.Level, State: in.State, After: in.After, Limit: in.Limit}
	if in.Parent != "" {
		parent, err := id.Parse[id.Agency](in.Parent)
		if err != nil {
			return nil, err
		}
		f.Parent = &parent
	}
	agencies, next, err := a.Org.ListAgencies(ctx, f)
	if err != nil {
		return nil, err
	}
	items := make([]Agency, 0, len(agencies))
	for _, g := range agencies {
		items = append(items, agencyDTO(g))
	}
	return list(items, next), nil
}

func (a *API) getAgency(ctx context.Context, _ access.Actor, in *AgencyPath) (*Answer[AgencyDetail], error) {
	d, err := a.Org.GetAgency(ctx, in.Agency)
	if err != nil {
		return nil, err
	}
	return answer(agencyDetailDTO(d)), nil
}

func (a *API) addAgency(ctx context.Context, actor access.Actor, in *addAgencyInput) (*Answer[Agency], error) {
	input, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	g, err := a.Org.AddAgency(ctx, actor, input)
	if err != nil {
		return nil, err
	}
	return answer(agencyDTO(g)), nil
}

func (a *API) changeAgency(ctx context.Context, actor access.Actor, in *changeAgencyInput) (*Answer[Agency], error) {
	input, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	g, err := a.Org.ChangeAgency(ctx, actor, in.Agency, in.Version(), input)
	if err != nil {
		return nil, currentAs(err, agencyDTO)
	}
	return answer(agencyDTO(g)), nil
}

func (a *API) dissolveAgency(ctx context.Context, actor access.Actor, in *dissolveInput) (*Answer[Agency], error) {
	on, err := readDate("on", in.Body.On)
	if err != nil {
		return nil, err
	}
	g, err := a.Org.Dissolve(ctx, actor, in.Agency, in.Version(), org.Dissolution{On: on, Successors: in.Body.SuccessorIDs, Reason: in.Body.Reason})
	if err != nil {
		return nil, currentAs(err, agencyDTO)
	}
	return answer(agencyDTO(g)), nil
}

func (a *API) addUnit(ctx context.Context, actor access.Actor, in *addUnitInput) (*Answer[Unit], error) {
	input, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	u, err := a.Org.AddUnit(ctx, actor, in.Agency, input)
	if err != nil {
		return nil, err
	}
	return answer(unitDTO(u)), nil
}

func (a *API) changeUnit(ctx context.Context, actor access.Actor, in *changeUnitInput) (*Answer[Unit], error) {
	input, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	u, err := a.Org.ChangeUnit(ctx, actor, in.Unit, in.Version(), input)
	if err != nil {
		return nil, currentAs(err, unitDTO)
	}
	return answer(unitDTO(u)), nil
}

func (a *API) importOrg(ctx context.Context, actor access.Actor, in *importInput) (*Answer[ImportReport], error) {
	report, err := a.Org.Import(ctx, actor, org.ImportKind(in.Body.Kind), []byte(in.Body.CSV), in.Body.DryRun)
	if err != nil {
		return nil, err
	}
	out := ImportReport{Rows: report.Rows, Added: report.Added, Changed: report.Changed, Unchanged: report.Unchanged,
		Applied: report.Applied, Errors: []ImportRowError{}}
	lang := callerOf(ctx).language
	for _, e := range report.Errors {
		out.Errors = append(out.Errors, ImportRowError{Row: e.Row, Column: e.Column, MessageKey: e.Key, Message: Message(lang, e.Key, e.Args)})
	}
	return answer(out), nil
}

// orToday is the date, or today in the law's time zone.
func (a *API) orToday(t time.Time) time.Time {
	if t.IsZero() {
		return org.Today(a.Now())
	}
	return t
}
