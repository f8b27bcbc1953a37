package document

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/internal/signing/place"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Limits of a number and its date.
const (
	MaxNumber    = 11 // digits, NĐ 30/2020 Annex VI
	MaxAheadDays = 10 // how far the date of issue may lie ahead: the next working day after the longest holidays
)

// Numbering is what the clerk gives a document after the leader signed: its number in the series of
// its symbol and its date of issue (NĐ 30/2020 Đ.15).
type Numbering struct {
	Number   string    // as written: "05"
	IssuedOn time.Time // a date: midnight UTC
}

var numberFormat = regexp.MustCompile(`^(0[1-9]|[1-9][0-9]+)$`)

func (n Numbering) clean() Numbering {
	n.Number = strings.TrimSpace(n.Number)
	return n
}

// check finds everything wrong with the numbering of d: the form of the number (NĐ 30/2020 Annex
// I.II.3), and a date from before there was anything to issue.
func (n Numbering) check(d Document, fields []place.Field, now time.Time) error {
	var bad []errs.Field
	if !numberFormat.MatchString(n.Number) || len(n.Number) > MaxNumber {
		bad = append(bad, errs.Field{Path: "number", Key: "document.number_format"})
	}
	for _, f := range fields { // the paper says a number already: it is that one
		if f.Kind == place.Number && printed(f) && f.Printed != n.Number && f.Printed != code(n.Number, d.Symbol) {
			bad = append(bad, errs.Field{Path: "number", Key: "document.number_printed", Args: map[string]any{"printed": f.Printed}})
		}
	}
	switch since := d.readySince(); {
	case n.IssuedOn.Before(since):
		bad = append(bad, errs.Field{Path: "issued_on", Key: "document.date_before_signature",
			Args: map[string]any{"date": since.Format("02/01/2006")}})
	case n.IssuedOn.After(org.Today(now).AddDate(0, 0, MaxAheadDays)):
		bad = append(bad, errs.Field{Path: "issued_on", Key: "document.date_too_late", Args: map[string]any{"days": MaxAheadDays}})
	}
	return errs.InvalidFields(bad)
}

// readySince is the day in Vietnam from which the document can be dated: that of the leader's signature.
func (d Document) readySince() time.Time {
	since := d.CreatedAt
	for _, s := range d.Steps {
		if s.State == Signed {
			since = s.At
		}
	}
	return org.Today(since)
}

// written is a number as documents write it: below ten with a zero in front.
func written(number int64) string { return fmt.Sprintf("%02d", number) }

// Number gives a document that the leader signed, or the draft of a copy, its number and date of issue,
// and fills them into their fields of the main file. A number is used once per agency, series and year
// in Vietnam, for good. A later register of numbers replaces the source, not this.
func (s *Service) Number(ctx context.Context, actor access.Actor, documentID id.Document, version int, n Numbering) (Document, error) {
	n = n.clean()
	e := edit{kind: NumberFilled, action: Number, version: version}
	var into map[string]string
	e.check = func(tx *postgres.Tx, d Document) error {
		fields, err := listFields(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		if err := n.check(d, fields, s.now()); err != nil {
			return err
		}
		if d.Fields == FieldsAreLaid {
			into = values(d, fields, n)
		}
		return needFree(ctx, tx, d, n)
	}
	e.finish = func(tx *postgres.Tx, d Document, now time.Time) (Document, error) {
		if err := updateNumber(ctx, tx, d.ID, n); err != nil {
			return Document{}, err
		}
		return s.finish(ctx, tx, actor, d, change{to: Numbered, kind: audit.DocumentNumbered, at: now,
			details: map[string]any{"code": code(n.Number, d.Symbol), "issued_on": n.IssuedOn.Format(time.DateOnly)}})
	}
	e.work = func(ctx context.Context, d Document) (objects.Ref, error) {
		main, _ := d.MainFile()
		if len(into) == 0 { // a copy, a file that came signed, or one with number and date in print
			return main.Ref, nil
		}
		return s.press.Fill(ctx, main.Ref, into)
	}
	return s.run(ctx, actor, documentID, e)
}

// SuggestNumber proposes the highest number of the document's series this year and one more, and today.
func (s *Service) SuggestNumber(ctx context.Context, actor access.Actor, documentID id.Document) (Numbering, error) {
	d, err := s.Get(ctx, actor, documentID)
	if err != nil {
		return Numbering{}, err
	}
	if err := actor.Need(access.Clerk); err != nil {
		return Numbering{}, err
	}
	today := org.Today(s.now())
	highest, err := highestNumber(ctx, s.db, d.ID, today.Year())
	if err != nil {
		return Numbering{}, err
	}
	return Numbering{Number: written(highest + 1), IssuedOn: today}, nil
}

// updateNumber takes the number and brings the document to Numbered.
func updateNumber(ctx context.Context, tx *postgres.Tx, documentID id.Document, n Numbering) error {
	_, err := tx.Exec(ctx, `update documents set number = $2, issued_on = $3, state = $4 where id = $1`,
		documentID, n.Number, n.IssuedOn, string(Numbered))
	return err
}

// needFree tells early that a number is taken; the constraint tells for sure.
func needFree(ctx context.Context, tx *postgres.Tx, d Document, n Numbering) error {
	var taken bool
	err := tx.QueryRow(ctx, `select exists (select from documents d join documents o on o.agency_id = d.agency_id and o.series = d.series
			and extract(year from o.issued_on) = $2 and o.number = $3 where d.id = $1)`, d.ID, n.IssuedOn.Year(), n.Number).Scan(&taken)
	if err == nil && taken {
		return errNumberTaken
	}
	return err
}

// highestNumber is the highest number taken in the series of the document in a year, 0 when none is.
func highestNumber(ctx context.Context, q postgres.Querier, documentID id.Document, year int) (int64, error) {
	var highest int64
	err := q.QueryRow(ctx, `select coalesce(max(o.number::bigint), 0) from documents d join documents o
			on o.agency_id = d.agency_id and o.series = d.series and extract(year from o.issued_on) = $2 and o.number <> ''
		where d.id = $1`, documentID, year).Scan(&highest)
	return highest, postgres.Translate(err)
}
