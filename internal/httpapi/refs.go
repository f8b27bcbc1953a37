package httpapi

import (
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// AppointmentRef is a person in an appointment, as pages show it wherever somebody is named.
type AppointmentRef struct {
	ID              id.Appointment `json:"id" format:"uuid"`
	PersonID        id.Person      `json:"person_id" format:"uuid"`
	FullName        string         `json:"full_name"`
	Position        string         `json:"position"`
	AgencyID        id.Agency      `json:"agency_id" format:"uuid"`
	AgencyName      string         `json:"agency_name"`
	AgencyShortName string         `json:"agency_short_name"`
	UnitName        string         `json:"unit_name"`
	Roles           []string       `json:"roles" nullable:"false"`
}

const dateForm = "2006-01-02"

// dateText writes a date of law.
func dateText(t time.Time) string { return t.Format(dateForm) }

// readDate reads a date of law, given at path.
func readDate(path, s string) (time.Time, error) {
	t, err := time.Parse(dateForm, s)
	if err != nil {
		return time.Time{}, errs.InvalidField(path, "field.wrong_form")
	}
	return t, nil
}
