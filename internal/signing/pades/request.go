package pades

import (
	"time"

	"nghisu/internal/signing/font"
)

// Rect is a place on a page: millimetres from the top left corner of the page as it is displayed, after
// rotation, crop box and user unit.
type Rect struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// Align says where lines of text begin or end.
type Align int

// The alignments, with the numbers that PDF gives them (ISO 32000-1 12.7.3.3, Q).
const (
	Left Align = iota
	Center
	Right
)

// Color is red, green and blue from 0 to 1; the zero value is black.
type Color struct {
	R float64 `json:"r"`
	G float64 `json:"g"`
	B float64 `json:"b"`
}

// TextStyle is how text is set, always in Liberation Serif.
type TextStyle struct {
	Size   float64 `json:"size"` // points; 0 is 10. Text that does not fit becomes smaller
	Bold   bool    `json:"bold,omitempty"`
	Italic bool    `json:"italic,omitempty"`
	Align  Align   `json:"align,omitempty"`
	Color  Color   `json:"color"`
}

func (s TextStyle) face() *font.Face { return font.Serif(font.Style{Bold: s.Bold, Italic: s.Italic}) }

// FieldKind is what a field takes.
type FieldKind string

// The kinds of fields that are laid.
const (
	Signature FieldKind = "signature"
	Text      FieldKind = "text"
)

// Field is an empty field to be laid. A text field takes one line.
type Field struct {
	Name  string    `json:"name"`
	Kind  FieldKind `json:"kind"`
	Page  int       `json:"page"` // from 1
	Rect  Rect      `json:"rect"`
	Style TextStyle `json:"style"` // of what a text field takes
}

// Appearance is what a signature shows. Where there are both, the image stands left of the text or above
// it, as the place is wide or high.
type Appearance struct {
	Image []byte    `json:"image,omitempty"` // PNG or JPEG, drawn to fit, in the middle
	Text  string    `json:"text,omitempty"`  // lines are broken where they must be
	Style TextStyle `json:"style"`
}

// Request is one signature.
type Request struct {
	Name     string    `json:"name"`               // who signs
	Reason   string    `json:"reason,omitempty"`   // may be empty
	Location string    `json:"location,omitempty"` // may be empty
	At       time.Time `json:"at"`                 // claimed time of signing
	Hole     int       `json:"hole"`               // bytes reserved for the message

	// Field is an existing empty field, or the name of a new one; empty takes the next free name.
	Field string `json:"field,omitempty"`
	// Existing refuses a new field: a name that is mistyped would make an invisible one.
	Existing bool `json:"existing,omitempty"`
	// Page and Rect are the place of a new field. No rect is an invisible field.
	Page int        `json:"page,omitempty"`
	Rect Rect       `json:"rect"`
	Look Appearance `json:"look"`

	// Certify makes the first signature one that certifies the document: 1 no change at all, 2 forms and
	// signatures, 3 annotations too (DocMDP, ISO 32000-1 12.8.2.2). 0 is an approval signature.
	Certify int `json:"certify,omitempty"`
}

// Limits of a Request.
const (
	MinHole = 1 << 10
	MaxHole = 256 << 10
)
