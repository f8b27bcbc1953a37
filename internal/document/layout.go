package document

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/place"
	"nghisu/internal/signing/press"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Fields says whether the fields of a document stand in its main file.
type Fields string

// The closed list.
const (
	NoFields         Fields = "none"       // not yet, or never: copies have none
	FieldsAreLaid    Fields = "laid"       // empty fields for person, number, date and seal
	FieldsImpossible Fields = "impossible" // the file came signed: signatures get fields of their own, number and date are not filled in
)

// Names of the fields in the file.
const (
	PersonField = "NguoiKy"
	NumberField = "So"
	DateField   = "NgayBanHanh"
	SealField   = "DauCoQuan"
	CornerField = "KyHieuPhuLuc" // on appendices and copies
)

// Layout is where the fields of a document stand on its main file, or would stand.
type Layout struct {
	Pages  []page.Page // without their words
	Fields []place.Field
	Laid   bool
}

var fieldKinds = []place.Kind{place.Person, place.Number, place.Date, place.Seal}

// leastField is the smallest width and height of a field that a person chooses, in mm.
const leastField = 3

var errNoLayout = errs.New(errs.Conflict, "document.no_layout")

// Layout tells where the fields stand; before they are laid, where they were placed by hand or are found
// by the words on the pages (NĐ 30/2020 Annex I).
func (s *Service) Layout(ctx context.Context, actor access.Actor, documentID id.Document) (Layout, error) {
	d, err := s.Get(ctx, actor, documentID)
	if err != nil {
		return Layout{}, err
	}
	if d.IsCopy() {
		return Layout{Fields: []place.Field{}}, nil
	}
	l, _, err := s.layOut(ctx, d)
	return l, err
}

// layOut reads the layout of a document, and what its main file shows.
func (s *Service) layOut(ctx context.Context, d Document) (Layout, press.Sight, error) {
	main, _ := d.MainFile()
	base, err := uploadedContent(ctx, s.db, main.ID)
	if err != nil {
		return Layout{}, press.Sight{}, err
	}
	sight, err := s.press.Look(ctx, base)
	if err != nil {
		return Layout{}, press.Sight{}, err
	}
	kept, err := listFields(ctx, s.db, d.ID)
	if err != nil {
		return Layout{}, press.Sight{}, err
	}
	l := Layout{Fields: kept, Laid: d.Fields == FieldsAreLaid}
	if !l.Laid {
		if l.Fields, err = s.findFields(ctx, d, sight.Pages, kept); err != nil {
			return Layout{}, press.Sight{}, err
		}
	}
	for _, p := range sight.Pages {
		l.Pages = append(l.Pages, page.Page{Number: p.Number, Width: p.Width, Height: p.Height})
	}
	return l, sight, nil
}

// findFields finds the places of all fields; those that somebody placed stay where they are.
func (s *Service) findFields(ctx context.Context, d Document, pages []page.Page, kept []place.Field) ([]place.Field, error) {
	if len(kept) > 0 && !slices.ContainsFunc(kept, func(f place.Field) bool { return f.Source != place.Placed }) {
		return kept, nil
	}
	sizes, err := s.imageSizes(ctx, d)
	if err != nil {
		return nil, err
	}
	signer := place.Signer{}
	if d.Signer != nil {
		signer = place.Signer{Name: d.Signer.FullName, Title: d.Signer.Position}
	}
	found := place.Find(pages, signer, sizes).Fields
	for i, f := range found {
		for _, k := range kept {
			if k.Kind == f.Kind && k.Source == place.Placed {
				found[i] = k
			}
		}
	}
	return found, nil
}

// SetLayout places the fields of a draft, or of a document that waits for its signature: then they are
// laid anew at once. Number and date may be left out when the clerk does not want them filled in.
func (s *Service) SetLayout(ctx context.Context, actor access.Actor, documentID id.Document, version int, fields []place.Field) (Document, error) {
	if done, found, err := postgres.Recall[Document](ctx, s.db); err != nil || found {
		return done, err
	}
	d, err := s.Get(ctx, actor, documentID)
	if err != nil {
		return Document{}, err
	}
	if err := d.mayAt(actor, Arrange, version); err != nil {
		return Document{}, err
	}
	l, sight, err := s.layOut(ctx, d)
	if err != nil {
		return Document{}, err
	}
	if len(sight.Signed) > 0 {
		return Document{}, errNoLayout
	}
	if err := checkFields(fields, l.Pages); err != nil {
		return Document{}, err
	}
	fields = placed(fields, l.Fields)
	finish := func(tx *postgres.Tx, d Document, now time.Time) (Document, error) {
		return s.keepLayout(ctx, tx, actor, d, fields, now)
	}
	if d.State == Submitted {
		return s.run(ctx, actor, d.ID, edit{kind: FieldsLaid, action: Arrange, version: d.Version,
			check: func(*postgres.Tx, Document) error { return nil }, work: s.lay(fields), finish: finish})
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Document, error) {
		d, err := lockFor(ctx, tx, actor, d.ID, d.Version, Arrange)
		if err != nil {
			return Document{}, err
		}
		return finish(tx, d, s.now())
	})
}

func (s *Service) keepLayout(ctx context.Context, tx *postgres.Tx, actor access.Actor, d Document, fields []place.Field, now time.Time) (Document, error) {
	if err := replaceFields(ctx, tx, d.ID, fields); err != nil {
		return Document{}, err
	}
	if err := touchDocument(ctx, tx, d.ID, d.Fields, now); err != nil {
		return Document{}, err
	}
	err := audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.DocumentLaidOut, Object: d.ID.UUID, Agency: d.Agency})
	if err != nil {
		return Document{}, err
	}
	s.feed.Touch(tx, d.Topics()...)
	return findDocument(ctx, tx, d.ID, "")
}

// lay is the work of an edit that lays fields into the main file as it was uploaded.
func (s *Service) lay(fields []place.Field) func(ctx context.Context, d Document) (objects.Ref, error) {
	return func(ctx context.Context, d Document) (objects.Ref, error) {
		main, _ := d.MainFile()
		base, err := uploadedContent(ctx, s.db, main.ID)
		if err != nil {
			return objects.Ref{}, err
		}
		return s.press.Lay(ctx, base, toLay(fields))
	}
}

// checkFields finds everything wrong with fields that a person placed.
func checkFields(fields []place.Field, pages []page.Page) error {
	var bad []errs.Field
	seen := map[place.Kind]bool{}
	for i, f := range fields {
		path := fmt.Sprintf("fields[%d]", i)
		at := slices.IndexFunc(pages, func(p page.Page) bool { return p.Number == f.Page })
		switch {
		case !slices.Contains(fieldKinds, f.Kind) || seen[f.Kind]:
			bad = append(bad, errs.Field{Path: path + ".kind", Key: "document.field_kind"})
		case at < 0:
			bad = append(bad, errs.Field{Path: path + ".page", Key: "document.field_page", Args: map[string]any{"pages": len(pages)}})
		case f.Rect.W < leastField || f.Rect.H < leastField || f.Rect.X < 0 || f.Rect.Y < 0 ||
			f.Rect.Right() > pages[at].Width+0.01 || f.Rect.Bottom() > pages[at].Height+0.01:
			bad = append(bad, errs.Field{Path: path, Key: "document.field_off_page"})
		}
		seen[f.Kind] = true
	}
	if !seen[place.Person] || !seen[place.Seal] {
		bad = append(bad, errs.Field{Path: "fields", Key: "document.field_missing"})
	}
	return errs.InvalidFields(bad)
}

// placed marks the fields that a person moved. Those that stay where they were found keep their gaps,
// and all keep what is printed there.
func placed(fields, before []place.Field) []place.Field {
	out := make([]place.Field, len(fields))
	for i, f := range fields {
		out[i] = place.Field{Kind: f.Kind, Page: f.Page, Rect: f.Rect, Source: place.Placed}
		for _, b := range before {
			if b.Kind != f.Kind {
				continue
			}
			out[i].Printed = b.Printed
			if b.Page == f.Page && near(b.Rect, f.Rect) {
				out[i] = b
			}
		}
	}
	return out
}

func near(a, b page.Rect) bool {
	const same = 0.5 // mm
	close := func(x, y float64) bool { return x-y < same && y-x < same }
	return close(a.X, b.X) && close(a.Y, b.Y) && close(a.W, b.W) && close(a.H, b.H)
}

// printed reports whether the document shows already what a found field is for: then nothing is filled in.
func printed(f place.Field) bool {
	return f.Source == place.Found && f.Printed != "" &&
		(f.Kind == place.Number && !strings.HasPrefix(f.Printed, "/") || f.Kind == place.Date && len(f.Gaps) == 0)
}

// textField is one text field of number or date, with what goes in.
type textField struct {
	name string
	rect page.Rect
	part string // of place.Gap; empty for the whole
}

// textFields are the fields of a place for number or date: one for each gap of a printed line, or one.
func textFields(f place.Field) []textField {
	name := NumberField
	if f.Kind == place.Date {
		name = DateField
	}
	switch {
	case printed(f) || f.Kind != place.Number && f.Kind != place.Date:
		return nil
	case len(f.Gaps) == 0 || f.Kind == place.Number && len(f.Gaps) == 1:
		return []textField{{name: name, rect: f.Rect}}
	}
	names := map[string]string{"day": "Ngay", "month": "Thang", "year": "Nam"}
	var out []textField
	for _, g := range f.Gaps {
		out = append(out, textField{name: name + names[g.Part], rect: g.Rect, part: g.Part})
	}
	return out
}

// toLay are the fields that are laid into the file for the places.
func toLay(fields []place.Field) []pades.Field {
	var out []pades.Field
	for _, f := range fields {
		switch f.Kind {
		case place.Person:
			out = append(out, pades.Field{Name: PersonField, Kind: pades.Signature, Page: f.Page, Rect: rectOf(f.Rect)})
		case place.Seal:
			out = append(out, pades.Field{Name: SealField, Kind: pades.Signature, Page: f.Page, Rect: rectOf(f.Rect)})
		default:
			// NĐ 30/2020 Annex I.II.3-4: number and date are set in 13 to 14 points, the date in italics
			style := pades.TextStyle{Size: 13, Italic: f.Kind == place.Date, Align: pades.Center}
			if len(f.Gaps) == 0 && f.Kind == place.Number {
				style.Align = pades.Left
			}
			for _, t := range textFields(f) {
				out = append(out, pades.Field{Name: t.name, Kind: pades.Text, Page: f.Page, Rect: rectOf(t.rect), Style: style})
			}
		}
	}
	return out
}

func rectOf(r page.Rect) pades.Rect { return pades.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H} }

// values are what number and date put into the fields of d.
func values(d Document, fields []place.Field, n Numbering) map[string]string {
	// NĐ 30/2020 Annex I.II.4: days below 10, and January and February, have a zero in front
	month := fmt.Sprint(int(n.IssuedOn.Month()))
	if n.IssuedOn.Month() < 3 {
		month = "0" + month
	}
	day, year := fmt.Sprintf("%02d", n.IssuedOn.Day()), fmt.Sprint(n.IssuedOn.Year())
	date := map[string]string{"": "ngày " + day + " tháng " + month + " năm " + year, "day": day, "month": month, "year": year}
	out := map[string]string{}
	for _, f := range fields {
		for _, t := range textFields(f) {
			switch {
			case f.Kind == place.Date:
				out[t.name] = date[t.part]
			case strings.HasPrefix(f.Printed, "/"): // the symbol stands there already
				out[t.name] = n.Number
			default:
				out[t.name] = code(n.Number, d.Symbol)
			}
		}
	}
	return out
}
