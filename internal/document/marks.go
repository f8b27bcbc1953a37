package document

import (
	"context"
	"slices"
	"time"

	"nghisu/internal/signing/images"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/place"
	"nghisu/storage/objects"
)

// Mark is where a signature stands in a file and what it shows. Field is an empty field that is there, or
// the name of a new one at Page and Rect; empty is the next free name.
type Mark struct {
	Field   string
	Page    int
	Rect    pades.Rect
	Look    pades.Appearance
	Certify int // 2 when the signature certifies the document: from then on forms and signatures only
}

// vietnam is the time zone of signing times (NĐ 30/2020 Annex I.II.8).
var vietnam = time.FixedZone("+07", 7*60*60)

// corner is the place of the agency's text on appendices and copies, in mm: the top right corner of the
// first page (NĐ 30/2020 Annex I.II.8.b, box 14).
var corner = struct{ width, height, margin float64 }{72, 15, 8}

// Mark tells how the signature of a purpose looks on a file of the document, signed at a moment.
// NĐ 30/2020 Annex I.II.7-8: the person's image and the seal on the main file, without any text; on
// appendices and copies no image, but text in 10 points, upright and black.
func (s *Service) Mark(ctx context.Context, d Document, purpose Purpose, f File, at time.Time) (Mark, error) {
	if !f.Main || d.IsCopy() {
		return s.cornerMark(ctx, d, f, at)
	}
	kind, name := place.Person, PersonField
	if purpose == BySeal {
		kind, name = place.Seal, SealField
	}
	image, err := s.image(ctx, d, purpose)
	if err != nil {
		return Mark{}, err
	}
	m := Mark{Field: name, Look: pades.Appearance{Image: image}}
	if d.Fields == FieldsAreLaid {
		if purpose == ByLeader { // the first signature: from now on fields are filled and signed, nothing else
			m.Certify = 2
		}
		return m, nil
	}
	fields, err := listFields(ctx, s.db, d.ID)
	if err != nil {
		return Mark{}, err
	}
	for _, field := range fields {
		if field.Kind == kind {
			m.Page, m.Rect = field.Page, rectOf(field.Rect)
		}
	}
	m.Field, err = s.freeName(ctx, f.Ref, name)
	return m, err
}

// cornerMark is the agency's text on an appendix or a copy.
func (s *Service) cornerMark(ctx context.Context, d Document, f File, at time.Time) (Mark, error) {
	sight, err := s.press.Look(ctx, f.Ref)
	if err != nil {
		return Mark{}, err
	}
	first := page.Page{Number: 1, Width: 210, Height: 297}
	if len(sight.Pages) > 0 {
		first = sight.Pages[0]
	}
	width := min(corner.width, first.Width-2*corner.margin)
	text := d.Code()
	if d.IsCopy() {
		text = copyTitles[d.Copy.Form] + "\n" + d.AgencyName
	}
	m := Mark{Field: CornerField, Page: first.Number,
		Rect: pades.Rect{X: first.Width - corner.margin - width, Y: corner.margin, W: width, H: corner.height},
		Look: pades.Appearance{Text: text + "\n" + at.In(vietnam).Format("02/01/2006 15:04:05 -07:00"),
			Style: pades.TextStyle{Size: 10, Align: pades.Right}}}
	if slices.Contains(sight.Signed, CornerField) {
		m.Field = "" // it was signed elsewhere before, and keeps that signature
	}
	return m, nil
}

// freeName is the name when no signature of the file has it.
func (s *Service) freeName(ctx context.Context, ref objects.Ref, name string) (string, error) {
	sight, err := s.press.Look(ctx, ref)
	if err != nil || slices.Contains(sight.Signed, name) {
		return "", err
	}
	return name, nil
}

// image is the picture that a purpose shows; empty when there is none.
func (s *Service) image(ctx context.Context, d Document, purpose Purpose) ([]byte, error) {
	holder := images.OfAgency(d.Agency)
	if purpose == ByLeader {
		holder = images.OfPerson(d.Signer.Person)
	}
	p, found, err := images.Find(ctx, s.db, holder)
	if err != nil || !found {
		return nil, err
	}
	return images.Read(ctx, s.store, p.Ref)
}

// imageSizes are the real sizes of the pictures that the document will show.
func (s *Service) imageSizes(ctx context.Context, d Document) (place.Images, error) {
	var out place.Images
	seal, found, err := images.Find(ctx, s.db, images.OfAgency(d.Agency))
	if err != nil {
		return out, err
	}
	if found {
		out.Seal = place.Size{W: seal.Size.Width, H: seal.Size.Height}
	}
	if d.Signer == nil {
		return out, nil
	}
	person, found, err := images.Find(ctx, s.db, images.OfPerson(d.Signer.Person))
	if found {
		out.Person = place.Size{W: person.Size.Width, H: person.Size.Height}
	}
	return out, err
}
