// Package page describes what stands on the pages of a PDF: words with their places. It is pure; the engine
// that reads files is package pdfium below it, which runs in children with limits only.
package page

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Rect is a place in mm from the top left corner of a page as it is displayed.
type Rect struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"width"`
	H float64 `json:"height"`
}

// Right and Bottom are the far edges.
func (r Rect) Right() float64 { return r.X + r.W }

// Bottom is the lower edge.
func (r Rect) Bottom() float64 { return r.Y + r.H }

// Union is the smallest rectangle that holds both; an empty one adds nothing.
func (r Rect) Union(o Rect) Rect {
	switch {
	case r.W <= 0 && r.H <= 0:
		return o
	case o.W <= 0 && o.H <= 0:
		return r
	}
	x, y := min(r.X, o.X), min(r.Y, o.Y)
	return Rect{x, y, max(r.Right(), o.Right()) - x, max(r.Bottom(), o.Bottom()) - y}
}

// Scale makes it larger, and farther from the corner.
func (r Rect) Scale(by float64) Rect { return Rect{r.X * by, r.Y * by, r.W * by, r.H * by} }

// Over tells how much two rectangles overlap sideways, in mm; negative when there is a gap.
func (r Rect) Over(o Rect) float64 { return min(r.Right(), o.Right()) - max(r.X, o.X) }

// Box is a word, or a part of one, where it stands.
type Box struct {
	Rect
	Text string `json:"text"`
}

// Page is one page with its words in the order of the file.
type Page struct {
	Number int     `json:"number"` // from 1
	Width  float64 `json:"width"`  // mm
	Height float64 `json:"height"`
	Boxes  []Box   `json:"boxes,omitempty"`
}

// Scale makes everything on the page larger.
func (p Page) Scale(by float64) Page {
	if by == 1 {
		return p
	}
	p.Width, p.Height, p.Boxes = p.Width*by, p.Height*by, slices.Clone(p.Boxes)
	for i := range p.Boxes {
		p.Boxes[i].Rect = p.Boxes[i].Rect.Scale(by)
	}
	return p
}

// Line is a piece of a line: words beside one another without a wide gap. Columns make lines of their own.
type Line struct {
	Rect
	Words []Box
	Text  string // composed (NFC), one space between words
}

// Lines puts the words of a page together, from top to bottom, then from left to right. A word that a file
// writes in several runs, or as letters and marks one by one, is one word again.
func (p Page) Lines() []Line {
	boxes := slices.Clone(p.Boxes)
	slices.SortStableFunc(boxes, func(a, b Box) int { return cmp.Compare(a.Y+a.H/2, b.Y+b.H/2) })
	var rows [][]Box
	var row Rect
	for _, b := range boxes {
		middle := b.Y + b.H/2
		if n := len(rows); n > 0 && middle > row.Y && middle < row.Bottom() {
			rows[n-1] = append(rows[n-1], b)
			if b.H > row.H { // marks are lower than letters: the tallest word is the line
				row = b.Rect
			}
			continue
		}
		rows, row = append(rows, []Box{b}), b.Rect
	}
	var lines []Line
	for _, r := range rows {
		lines = append(lines, split(r)...)
	}
	return lines
}

// split makes lines of the words of one row.
func split(row []Box) []Line {
	slices.SortStableFunc(row, func(a, b Box) int { return cmp.Compare(a.X, b.X) })
	var lines []Line
	for _, b := range row {
		n := len(lines)
		if n == 0 || b.X-lines[n-1].Right() > 2.2*max(b.H, lines[n-1].H) {
			lines = append(lines, Line{Rect: b.Rect, Words: []Box{b}})
			continue
		}
		l := &lines[n-1]
		last := &l.Words[len(l.Words)-1]
		if touching(*last, b) {
			last.Rect, last.Text = last.Union(b.Rect), last.Text+b.Text
		} else {
			l.Words = append(l.Words, b)
		}
		l.Rect = l.Union(b.Rect)
	}
	for i := range lines {
		words := make([]string, len(lines[i].Words))
		for j := range lines[i].Words {
			w := &lines[i].Words[j]
			w.Text = norm.NFC.String(w.Text)
			words[j] = w.Text
		}
		lines[i].Text = strings.Join(words, " ")
	}
	return lines
}

// touching tells whether two boxes of one row belong to one word.
func touching(a, b Box) bool {
	gap := b.X - a.Right()
	if first, _ := firstRune(b.Text); unicode.Is(unicode.Mn, first) {
		return true
	}
	return gap < 0.08*max(a.H, b.H) && !math.IsNaN(gap)
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}

// Fold makes texts comparable: composed, lower case, one space between words, none at the ends.
func Fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), " ")
}
