// Package place finds where signatures, number and date of an administrative document stand, from the words
// on its pages (NĐ 30/2020 Annex I.II). It is pure: what it does not find gets a sensible place, and says so.
package place

import (
	"strings"

	"nghisu/internal/signing/page"
)

// Kind is what a field is for.
type Kind string

// The closed list of kinds.
const (
	Person Kind = "person" // the leader's own signature: between title and full name
	Seal   Kind = "seal"   // the agency's: over a third of the person's, on its left
	Number Kind = "number" // after "Số:"
	Date   Kind = "date"   // after the place name: ngày ... tháng ... năm ...
)

// Source says where a place comes from.
type Source string

// The sources that Find gives; Placed is for places that a person chose.
const (
	Found   Source = "found"
	Default Source = "default"
	Placed  Source = "placed"
)

// Signer is whom to look for.
type Signer struct {
	Name  string // full name
	Title string // position, as it stands above the signature; may be empty
}

// Size is that of an image, in mm.
type Size struct{ W, H float64 }

// Images are the sizes of the images; zero ones are PersonSize and SealSize.
type Images struct{ Person, Seal Size }

// Usual sizes.
var (
	PersonSize = Size{50, 25}
	SealSize   = Size{36, 36}
)

// Gap is an empty place inside a printed line: "Số:    /QĐ-UBND" has one for the number, "ngày    tháng
// năm 2026" one for the day and one for the month.
type Gap struct {
	Part string    `json:"part"` // number, day, month, year
	Rect page.Rect `json:"rect"`
}

// Field is where one field goes. Gaps are the empty places of a printed line: when there are any, only these
// are to be filled. Printed is what stands there already: "/QĐ-UBND".
type Field struct {
	Kind    Kind      `json:"kind"`
	Page    int       `json:"page"`
	Rect    page.Rect `json:"rect"`
	Source  Source    `json:"source"`
	Gaps    []Gap     `json:"gaps,omitempty"`
	Printed string    `json:"printed,omitempty"`
}

// Layout is one field of each kind.
type Layout struct {
	Fields []Field `json:"fields"`
}

// Field is the field of a kind; the zero Field when there is none.
func (l Layout) Field(k Kind) Field {
	for _, f := range l.Fields {
		if f.Kind == k {
			return f
		}
	}
	return Field{}
}

// Find lays the fields of a document: person and seal at its end, number and date on page 1. Without pages
// there are no fields.
func Find(pages []page.Page, signer Signer, images Images) Layout {
	if len(pages) == 0 {
		return Layout{}
	}
	if images.Person == (Size{}) {
		images.Person = PersonSize
	}
	if images.Seal == (Size{}) {
		images.Seal = SealSize
	}
	person := findPerson(pages, signer, images.Person)
	first := pages[0].Lines()
	return Layout{Fields: []Field{person, sealBeside(person, pages, images.Seal), findNumber(pages[0], first), findDate(pages[0], first)}}
}

// Distances between title and name that are looked at, in mm.
const (
	titleNear = 4
	titleFar  = 75
)

// findPerson looks for the full name from the end of the document, and for the title above it.
func findPerson(pages []page.Page, signer Signer, size Size) Field {
	name := page.Fold(signer.Name)
	for i := len(pages) - 1; i >= 0 && name != ""; i-- {
		lines := pages[i].Lines()
		at := -1
		for j, l := range lines {
			if !isName(page.Fold(l.Text), name) {
				continue
			}
			// the lowest; of two at one height the right one, where signatures stand
			if at < 0 || l.Y > lines[at].Y+1 || l.X > lines[at].X {
				at = j
			}
		}
		if at >= 0 {
			top := titleAbove(lines, lines[at], page.Fold(signer.Title))
			return Field{Kind: Person, Page: pages[i].Number, Rect: between(pages[i], top, lines[at].Rect, size), Source: Found}
		}
	}
	last := pages[len(pages)-1]
	return Field{Kind: Person, Page: last.Number, Rect: atEnd(last, size), Source: Default}
}

// isName tells whether a line is the name alone, or with a degree or rank before it ("TS. Nguyễn Văn A").
func isName(line, name string) bool {
	before, found := strings.CutSuffix(line, name)
	if !found {
		return false
	}
	before = strings.TrimSpace(before)
	return before == "" || len([]rune(before)) <= 24 && (strings.HasSuffix(before, ".") || len(strings.Fields(before)) <= 2) &&
		!strings.ContainsAny(before, ",:;")
}

// titleAbove is the lower edge of the title over a name: that of the line that ends the title, else of the
// nearest line above, else of nothing (0).
func titleAbove(lines []page.Line, name page.Line, title string) float64 {
	nearest, titled := 0.0, 0.0
	for _, l := range lines {
		distance := name.Y - l.Bottom()
		if distance < titleNear || distance > titleFar || l.Over(name.Rect) <= 0 {
			continue
		}
		nearest = max(nearest, l.Bottom())
		text := page.Fold(l.Text)
		if title != "" && (strings.HasSuffix(title, text) || strings.HasSuffix(text, title)) {
			titled = max(titled, l.Bottom())
		}
	}
	if titled > 0 {
		return titled
	}
	return nearest
}

// between puts an image of the given size under top and over the name, in the middle of both, and makes it
// smaller where there is less room.
func between(p page.Page, top float64, name page.Rect, size Size) page.Rect {
	const air = 1
	room := name.Y - top - 2*air
	if top == 0 || room > titleFar {
		room, top = size.H, name.Y-size.H-2*air
	}
	if room < size.H {
		scale := max(room, 8) / size.H
		size = Size{size.W * scale, size.H * scale}
	}
	middle := name.X + name.W/2
	return inside(p, page.Rect{X: middle - size.W/2, Y: top + air + (room-size.H)/2, W: size.W, H: size.H})
}

// atEnd is the place for a signature when no name was found: in the right half, under the last line of the page
// where there is room for it, else at the foot.
func atEnd(p page.Page, size Size) page.Rect {
	low := 0.0
	for _, l := range p.Lines() {
		if l.X+l.W/2 > p.Width/2 {
			low = max(low, l.Bottom())
		}
	}
	foot := p.Height - 20 - size.H
	y := low + 8
	if low == 0 || y > foot {
		y = foot
	}
	return inside(p, page.Rect{X: p.Width*0.7 - size.W/2, Y: y, W: size.W, H: size.H})
}

// sealBeside lays the seal so that it covers about a third of the person's image, on its left
// (NĐ 30/2020 Annex I.II.8; NĐ 99/2016).
func sealBeside(person Field, pages []page.Page, size Size) Field {
	r := page.Rect{X: person.Rect.X + person.Rect.W/3 - size.W, Y: person.Rect.Y + person.Rect.H/2 - size.H/2, W: size.W, H: size.H}
	return Field{Kind: Seal, Page: person.Page, Rect: inside(pageOf(pages, person.Page), r), Source: person.Source}
}

func pageOf(pages []page.Page, number int) page.Page {
	for _, p := range pages {
		if p.Number == number {
			return p
		}
	}
	return pages[0]
}

// inside moves a rectangle onto the page.
func inside(p page.Page, r page.Rect) page.Rect {
	const edge = 2
	r.W, r.H = min(r.W, p.Width-2*edge), min(r.H, p.Height-2*edge)
	r.X = min(max(r.X, edge), p.Width-edge-r.W)
	r.Y = min(max(r.Y, edge), p.Height-edge-r.H)
	return r
}
