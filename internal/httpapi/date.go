package httpapi

import (
	"time"

	"nghisu/internal/errs"
)

// Dates of law travel as YYYY-MM-DD; inside they are midnight UTC.

func dateText(t time.Time) string { return t.Format(time.DateOnly) }

func dateTextOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := dateText(*t)
	return &s
}

// readDate reads a date of the request; the zero time when it is empty.
func readDate(path, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, errs.InvalidField(path, "field.wrong_form")
	}
	return t, nil
}
