package httpapi

import (
	"nghisu/internal/id"
	"nghisu/internal/org"
)

// AppointmentRef names a person acting in an appointment, as every list and record shows it.
type AppointmentRef struct {
	ID              id.Appointment `json:"id" format:"uuid"`
	PersonID        id.Person      `json:"person_id" format:"uuid"`
	FullName        string         `json:"full_name"`
	Position        string         `json:"position"`
	AgencyID        id.Agency      `json:"agency_id" format:"uuid"`
	AgencyName      string         `json:"agency_name"`
	AgencyShortName string         `json:"agency_short_name"`
	UnitName        string         `json:"unit_name"`
	Roles           []string       `json:"roles" nullable:"false" enum:"leader,clerk,secretary,specialist,agency_admin,system_admin,auditor"`
}

func appointmentRef(a org.Appointment) AppointmentRef {
	roles := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		roles[i] = string(r)
	}
	return AppointmentRef{ID: a.ID, PersonID: a.Person, FullName: a.FullName, Position: a.Position, AgencyID: a.Agency,
		AgencyName: a.AgencyName, AgencyShortName: a.AgencyShortName, UnitName: a.UnitName, Roles: roles}
}

// AgencyLevel is one step of the tree of agencies.
type AgencyLevel struct {
	Code      string  `json:"code"`
	Name      string  `json:"name"`
	NameEN    string  `json:"name_en"`
	Ordinal   int     `json:"ordinal" doc:"Order from the top"`
	ValidFrom string  `json:"valid_from" format:"date"`
	ValidTo   *string `json:"valid_to" format:"date" doc:"First day on which it no longer exists"`
}

// Agency is an organisation with its own seal and people.
type Agency struct {
	ID          id.Agency  `json:"id" format:"uuid"`
	Code        string     `json:"code"`
	Name        string     `json:"name"`
	ShortName   string     `json:"short_name"`
	Symbol      string     `json:"symbol" doc:"Letters in its document numbers"`
	LevelCode   string     `json:"level_code"`
	LevelName   string     `json:"level_name"`
	ParentID    *id.Agency `json:"parent_id" format:"uuid"`
	ValidFrom   string     `json:"valid_from" format:"date"`
	ValidTo     *string    `json:"valid_to" format:"date" doc:"First day on which it no longer exists"`
	Version     int        `json:"version"`
	PeopleCount int        `json:"people_count" doc:"People appointed today"`
}

func agencyDTO(a org.Agency) Agency {
	return Agency{ID: a.ID, Code: a.Code, Name: a.Name, ShortName: a.ShortName, Symbol: a.Symbol, LevelCode: a.LevelCode,
		LevelName: a.LevelName, ParentID: a.Parent, ValidFrom: dateText(a.ValidFrom), ValidTo: dateTextOrNull(a.ValidTo),
		Version: a.Version, PeopleCount: a.People}
}

// AgencyAlias is another identifier of an agency, older or parallel.
type AgencyAlias struct {
	Code      string  `json:"code"`
	ValidFrom string  `json:"valid_from" format:"date"`
	ValidTo   *string `json:"valid_to" format:"date"`
}

// AgencyPast is what an agency was called and where it stood before a change.
type AgencyPast struct {
	Code      string     `json:"code"`
	Name      string     `json:"name"`
	ShortName string     `json:"short_name"`
	Symbol    string     `json:"symbol"`
	LevelCode string     `json:"level_code"`
	ParentID  *id.Agency `json:"parent_id" format:"uuid"`
	ValidFrom string     `json:"valid_from" format:"date"`
	ValidTo   string     `json:"valid_to" format:"date"`
	Reason    string     `json:"reason"`
}

// AgencyRelative is a successor or predecessor.
type AgencyRelative struct {
	ID      id.Agency `json:"id" format:"uuid"`
	Name    string    `json:"name"`
	ValidTo *string   `json:"valid_to" format:"date"`
}

// Unit is a part of an agency.
type Unit struct {
	ID        id.Unit   `json:"id" format:"uuid"`
	AgencyID  id.Agency `json:"agency_id" format:"uuid"`
	Name      string    `json:"name"`
	Symbol    string    `json:"symbol"`
	ValidFrom string    `json:"valid_from" format:"date"`
	ValidTo   *string   `json:"valid_to" format:"date"`
	Version   int       `json:"version"`
}

func unitDTO(u org.Unit) Unit {
	return Unit{ID: u.ID, AgencyID: u.Agency, Name: u.Name, Symbol: u.Symbol, ValidFrom: dateText(u.ValidFrom),
		ValidTo: dateTextOrNull(u.ValidTo), Version: u.Version}
}

// AgencyDetail is an agency with everything known of it.
type AgencyDetail struct {
	Agency       Agency           `json:"agency"`
	Aliases      []AgencyAlias    `json:"aliases" nullable:"false"`
	History      []AgencyPast     `json:"history" nullable:"false"`
	Successors   []AgencyRelative `json:"successors" nullable:"false"`
	Predecessors []AgencyRelative `json:"predecessors" nullable:"false"`
	Units        []Unit           `json:"units" nullable:"false"`
}

func agencyDetailDTO(d org.AgencyDetail) AgencyDetail {
	out := AgencyDetail{Agency: agencyDTO(d.Agency), Aliases: []AgencyAlias{}, History: []AgencyPast{}, Units: []Unit{},
		Successors: relatives(d.Successors), Predecessors: relatives(d.Predecessors)}
	for _, a := range d.Aliases {
		out.Aliases = append(out.Aliases, AgencyAlias{Code: a.Code, ValidFrom: dateText(a.ValidFrom), ValidTo: dateTextOrNull(a.ValidTo)})
	}
	for _, h := range d.History {
		out.History = append(out.History, AgencyPast{Code: h.Code, Name: h.Name, ShortName: h.ShortName, Symbol: h.Symbol,
			LevelCode: h.LevelCode, ParentID: h.Parent, ValidFrom: dateText(h.ValidFrom), ValidTo: dateText(h.ValidTo), Reason: h.Reason})
	}
	for _, u := range d.Units {
		out.Units = append(out.Units, unitDTO(u))
	}
	return out
}

func relatives(in []org.Relative) []AgencyRelative {
	out := make([]AgencyRelative, 0, len(in))
	for _, r := range in {
		out = append(out, AgencyRelative{ID: r.ID, Name: r.Name, ValidTo: dateTextOrNull(r.ValidTo)})
	}
	return out
}

// Person is a person as the administrators see them.
type Person struct {
	ID              id.Person `json:"id" format:"uuid"`
	FullName        string    `json:"full_name"`
	DigitalIdentity string    `json:"digital_identity"`
	Email           string    `json:"email"`
	Phone           string    `json:"phone"`
	Username        string    `json:"username"`
	AccountState    string    `json:"account_state" enum:"none,no_password,first_password,active,locked,disabled"`
	Version         int       `json:"version"`
}

func personDTO(p org.Person) Person {
	return Person{ID: p.ID, FullName: p.FullName, DigitalIdentity: p.DigitalIdentity, Email: p.Email, Phone: p.Phone,
		Username: p.Username, AccountState: string(p.Account), Version: p.Version}
}

// Member is a person of an agency with the appointment there.
type Member struct {
	Appointment AppointmentRef `json:"appointment"`
	Person      Person         `json:"person"`
	ValidFrom   string         `json:"valid_from" format:"date"`
	ValidTo     *string        `json:"valid_to" format:"date"`
	Version     int            `json:"version" doc:"Of the appointment"`
}

func memberDTO(m org.Member) Member {
	return Member{Appointment: appointmentRef(m.Appointment), Person: personDTO(m.Person), ValidFrom: dateText(m.Appointment.ValidFrom),
		ValidTo: dateTextOrNull(m.Appointment.ValidTo), Version: m.Appointment.Version}
}

// PersonCreated is a new person with the first password.
type PersonCreated struct {
	Member            Member `json:"member"`
	TemporaryPassword string `json:"temporary_password" doc:"Shown once: empty when the same request is repeated, because it is not stored"`
}

// TemporaryPassword is a first password, to be changed at the first sign-in.
type TemporaryPassword struct {
	TemporaryPassword string `json:"temporary_password" doc:"Shown once: empty when the same request is repeated, because it is not stored"`
}

// ImportReport tells what an import did or would do.
type ImportReport struct {
	Rows      int              `json:"rows"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Errors    []ImportRowError `json:"errors" nullable:"false" doc:"The first 200"`
	Applied   bool             `json:"applied" doc:"False for a dry run, and when any row is wrong: then nothing was changed"`
}

// ImportRowError is one thing wrong with one row.
type ImportRowError struct {
	Row        int    `json:"row" doc:"Line of the file, the heading being 1"`
	Column     string `json:"column"`
	MessageKey string `json:"message_key"`
	Message    string `json:"message"`
}
