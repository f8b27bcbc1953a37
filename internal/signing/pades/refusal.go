package pades

import (
	"errors"
	"fmt"

	"nghisu/internal/signing/pdf"
)

// Why a file cannot be signed or filled: message keys, each with its own sentence.
const (
	NotPDF       = "signing.not_a_pdf"
	Broken       = "signing.broken_pdf"
	Encrypted    = "signing.encrypted_pdf"
	Certified    = "signing.certified_pdf"     // P=1: no change is allowed
	LateCertify  = "signing.certify_late"      // only the first signature certifies
	NoPage       = "signing.no_such_page"      // the place is on a page that is not there
	BadPlace     = "signing.bad_place"         // the place has no extent
	NoField      = "signing.no_such_field"     // to be filled
	FieldTaken   = "signing.field_taken"       // signed or filled already, or a new name in use
	FieldUnfit   = "signing.field_unfit"       // of another type, or broken
	FieldLocked  = "signing.field_locked"      // an earlier signature locks it
	BadImage     = "signing.image_unreadable"  // neither PNG nor JPEG, or too large
	NoLetter     = "signing.letter_unknown"    // a value has a letter that cannot be drawn
	BadFieldName = "signing.field_name_broken" // of a new field
)

// Refusal is the error for a file that cannot be signed. Key says why to people, Err to the log.
type Refusal struct {
	Key string
	Err error
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %v", r.Key, r.Err) }

func (r *Refusal) Unwrap() error { return r.Err }

func refusal(key, format string, args ...any) error {
	return &Refusal{key, fmt.Errorf(format, args...)}
}

// refuse turns an error of the reader into a Refusal; errors of reading pass.
func refuse(err error) error {
	var r *Refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, pdf.ErrNotPDF):
		return &Refusal{NotPDF, err}
	case errors.Is(err, pdf.ErrNoPage):
		return &Refusal{NoPage, err}
	case errors.Is(err, pdf.ErrSyntax):
		return &Refusal{Broken, err}
	}
	return err
}
