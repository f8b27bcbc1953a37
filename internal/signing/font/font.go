// Package font holds Liberation Serif, which has the measures of Times New Roman that NĐ 30/2020 Annex I asks
// for, and makes small subsets of it for embedding into PDF files. It knows TrueType and nothing of PDF.
// Licence of the fonts: LICENSE (OFL-1.1).
package font

import (
	"embed"
	"encoding/binary"
	"fmt"
	"sync"
)

//go:embed *.ttf
var files embed.FS

// Style chooses one of the four faces.
type Style struct{ Bold, Italic bool }

// name of the face in files and in PDF.
func (s Style) name() string {
	switch {
	case s.Bold && s.Italic:
		return "BoldItalic"
	case s.Bold:
		return "Bold"
	case s.Italic:
		return "Italic"
	}
	return "Regular"
}

// TTF is the whole font file of a style.
func TTF(s Style) []byte {
	data, err := files.ReadFile("LiberationSerif-" + s.name() + ".ttf")
	if err != nil {
		panic(err) // it is part of the binary
	}
	return data
}

// Face is one face, ready to measure and to take subsets of. It is safe for concurrent use.
type Face struct {
	Name                       string // as PDF writes it, without a subset tag
	Box                        [4]int // of all glyphs; this and all below in thousandths of an em
	Ascent, Descent, CapHeight int
	Angle, StemV               int

	tables map[string][]byte
	units  int
	long   bool // form of loca
	hCount int
	glyphs int
	cmap   []byte // subtable of format 4
}

var faces = map[Style]func() *Face{}

func init() {
	for _, s := range []Style{{}, {Bold: true}, {Italic: true}, {Bold: true, Italic: true}} {
		faces[s] = sync.OnceValue(func() *Face { return read(s) })
	}
}

// Serif is the face of a style.
func Serif(s Style) *Face { return faces[s]() }

var be = binary.BigEndian

// read takes a font file of our own apart: its form is known, and the tests hold it.
func read(s Style) *Face {
	data := TTF(s)
	f := &Face{Name: "LiberationSerif", tables: map[string][]byte{}, StemV: 80}
	if n := s.name(); n != "Regular" {
		f.Name += "-" + n
	}
	if s.Bold {
		f.StemV = 140
	}
	for i := range int(be.Uint16(data[4:])) {
		e := data[12+16*i:]
		from, n := be.Uint32(e[8:]), be.Uint32(e[12:])
		f.tables[string(e[:4])] = data[from : from+n]
	}
	head, hhea, os2 := f.tables["head"], f.tables["hhea"], f.tables["OS/2"]
	f.units = int(be.Uint16(head[18:]))
	f.long = be.Uint16(head[50:]) == 1
	for i := range f.Box {
		f.Box[i] = f.thousandths(signed(head[36+2*i:]))
	}
	f.Ascent, f.Descent = f.thousandths(signed(hhea[4:])), f.thousandths(signed(hhea[6:]))
	f.CapHeight = f.thousandths(signed(os2[88:]))
	f.Angle = signed(f.tables["post"][4:]) // the whole part is exact enough
	f.hCount = int(be.Uint16(hhea[34:]))
	f.glyphs = int(be.Uint16(f.tables["maxp"][4:]))
	cmap := f.tables["cmap"]
	for i := range int(be.Uint16(cmap[2:])) {
		sub := cmap[be.Uint32(cmap[4+8*i+4:]):]
		if be.Uint16(sub) == 4 {
			f.cmap = sub
		}
	}
	if f.cmap == nil || f.units == 0 {
		panic(fmt.Sprintf("font %s has no table of characters", f.Name))
	}
	return f
}

func signed(b []byte) int { return int(int16(be.Uint16(b))) }

func (f *Face) thousandths(n int) int { return n * 1000 / f.units }

// glyph is the number of the glyph for a character, zero when the font has none.
func (f *Face) glyph(r rune) uint16 {
	if r > 0xffff || r < 0 {
		return 0
	}
	n := int(be.Uint16(f.cmap[6:])) // twice the number of segments
	ends, starts := f.cmap[14:], f.cmap[16+n:]
	deltas, offsets := f.cmap[16+2*n:], f.cmap[16+3*n:]
	for i := 0; i < n; i += 2 {
		if int(be.Uint16(ends[i:])) < int(r) {
			continue
		}
		start := int(be.Uint16(starts[i:]))
		if start > int(r) {
			return 0
		}
		delta, offset := be.Uint16(deltas[i:]), int(be.Uint16(offsets[i:]))
		if offset == 0 {
			return uint16(r) + delta
		}
		g := be.Uint16(offsets[i+offset+2*(int(r)-start):])
		if g != 0 {
			g += delta
		}
		return g
	}
	return 0
}

// advance of a glyph, in units of the font.
func (f *Face) advance(g uint16) int {
	i := min(int(g), f.hCount-1)
	return int(be.Uint16(f.tables["hmtx"][4*i:]))
}

// Has reports whether the font draws a character.
func (f *Face) Has(r rune) bool { return f.glyph(r) != 0 }

// Width of a text, in ems.
func (f *Face) Width(text string) float64 {
	n := 0
	for _, r := range text {
		n += f.advance(f.glyph(shown(f, r)))
	}
	return float64(n) / float64(f.units)
}

// shown is the character drawn for r: what the font lacks becomes a question mark.
func shown(f *Face, r rune) rune {
	if f.Has(r) {
		return r
	}
	return '?'
}

// outline is the data of a glyph; empty for a blank.
func (f *Face) outline(g uint16) []byte {
	loca := f.tables["loca"]
	var from, to uint32
	if f.long {
		from, to = be.Uint32(loca[4*int(g):]), be.Uint32(loca[4*int(g)+4:])
	} else {
		from, to = 2*uint32(be.Uint16(loca[2*int(g):])), 2*uint32(be.Uint16(loca[2*int(g)+2:]))
	}
	return f.tables["glyf"][from:to]
}
