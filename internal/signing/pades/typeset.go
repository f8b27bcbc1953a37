package pades

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/font"
	"nghisu/internal/signing/pdf"
)

// Sizes of text in points, and the distance of lines in sizes.
const (
	defaultSize = 10
	smallest    = 3
	leading     = 1.16
)

// area is a part of an appearance, in points from its lower left corner.
type area struct{ x, y, w, h float64 }

// block is text that fits: its lines, and the size at which they do.
type block struct {
	lines []string
	size  float64
}

// fit breaks text into lines for an area, at the wanted size or the next smaller one that fits.
func fit(face *font.Face, text string, size float64, in area) block {
	text = norm.NFC.String(strings.ReplaceAll(text, "\r\n", "\n"))
	if size <= 0 {
		size = defaultSize
	}
	for {
		lines := breakLines(face, text, in.w/size)
		if float64(len(lines))*size*leading <= in.h+size*0.3 && fits(face, lines, in.w/size) || size <= smallest {
			return block{lines, size}
		}
		size = max(size-0.5, smallest)
	}
}

func fits(face *font.Face, lines []string, width float64) bool {
	return !slices.ContainsFunc(lines, func(l string) bool { return face.Width(l) > width+0.01 })
}

// breakLines breaks at blanks, so that no line is wider than width ems where that is possible.
func breakLines(face *font.Face, text string, width float64) []string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			switch {
			case line == "":
				line = word
			case face.Width(line+" "+word) <= width:
				line += " " + word
			default:
				out, line = append(out, line), word
			}
		}
		out = append(out, line)
	}
	return out
}

// typeset collects what appearances of one stream need: text operators and the fonts in use.
type typeset struct {
	ops   []byte
	names []pdf.Name
	fonts []*font.Subset
}

// use is the subset of a face and its name in the resources.
func (t *typeset) use(face *font.Face) (*font.Subset, pdf.Name) {
	for i, s := range t.fonts {
		if s.Face == face {
			return s, t.names[i]
		}
	}
	t.fonts = append(t.fonts, face.Subset())
	t.names = append(t.names, pdf.Name(fmt.Sprintf("F%d", len(t.fonts))))
	return t.fonts[len(t.fonts)-1], t.names[len(t.names)-1]
}

// write sets a block from the top of an area; middle sets it in the middle of its height.
func (t *typeset) write(b block, style TextStyle, in area, middle bool) {
	face := style.face()
	subset, name := t.use(face)
	ascent, descent := float64(face.Ascent)/1000*b.size, -float64(face.Descent)/1000*b.size
	y := in.y + in.h - ascent
	if middle {
		whole := ascent + descent + float64(len(b.lines)-1)*b.size*leading
		y = in.y + (in.h+whole)/2 - ascent
	}
	t.ops = fmt.Appendf(t.ops, "BT\n%s %s %s rg\n/%s %s Tf\n", num(style.Color.R), num(style.Color.G), num(style.Color.B), name, num(b.size))
	atX, atY := 0.0, 0.0
	for _, line := range b.lines {
		x := in.x
		switch free := in.w - face.Width(line)*b.size; style.Align {
		case Center:
			x += free / 2
		case Right:
			x += free
		}
		if line != "" {
			t.ops = fmt.Appendf(t.ops, "%s %s Td\n<%x> Tj\n", num(x-atX), num(y-atY), subset.Encode(line))
			atX, atY = x, y
		}
		y -= b.size * leading
	}
	t.ops = append(t.ops, "ET\n"...)
}

func num(v float64) string { return string(pdf.Append(nil, real(v))) }

// resources adds the fonts to the update.
func (t *typeset) resources(u *pdf.Update) pdf.Dict {
	var fonts pdf.Dict
	for i, s := range t.fonts {
		fonts = append(fonts, pdf.Entry{Key: t.names[i], Value: addFont(u, s)})
	}
	if fonts == nil {
		return pdf.Dict{}
	}
	return pdf.Dict{{Key: "Font", Value: fonts}}
}

// addFont writes a subset as a composite font (ISO 32000-1 9.7): its codes are the numbers of its glyphs.
func addFont(u *pdf.Update, s *font.Subset) pdf.Ref {
	name := pdf.Name(s.Name())
	file, glyphs := s.File()
	f := s.Face
	program := u.AddStream(pdf.Dict{{Key: "Length1", Value: pdf.Int(len(file))}}, file)
	set := make([]byte, (glyphs+7)/8) // all glyphs there are; PDF/A-1 asks for it
	for i := range glyphs {
		set[i/8] |= 0x80 >> (i % 8)
	}
	flags := pdf.Int(2 | 4) // serif, symbolic: the codes are of no standard set
	if f.Angle != 0 {
		flags |= 64
	}
	descriptor := u.Add(pdf.Dict{
		{Key: "Type", Value: pdf.Name("FontDescriptor")}, {Key: "FontName", Value: name}, {Key: "Flags", Value: flags},
		{Key: "FontBBox", Value: pdf.Array{pdf.Int(f.Box[0]), pdf.Int(f.Box[1]), pdf.Int(f.Box[2]), pdf.Int(f.Box[3])}},
		{Key: "ItalicAngle", Value: pdf.Int(f.Angle)}, {Key: "Ascent", Value: pdf.Int(f.Ascent)}, {Key: "Descent", Value: pdf.Int(f.Descent)},
		{Key: "CapHeight", Value: pdf.Int(f.CapHeight)}, {Key: "StemV", Value: pdf.Int(f.StemV)},
		{Key: "FontFile2", Value: program}, {Key: "CIDSet", Value: u.AddStream(nil, set)},
	})
	widths := pdf.Array{}
	for _, w := range s.Widths() {
		widths = append(widths, pdf.Int(w))
	}
	descendant := u.Add(pdf.Dict{
		{Key: "Type", Value: pdf.Name("Font")}, {Key: "Subtype", Value: pdf.Name("CIDFontType2")}, {Key: "BaseFont", Value: name},
		{Key: "CIDSystemInfo", Value: pdf.Dict{{Key: "Registry", Value: pdf.String{Bytes: []byte("Adobe")}},
			{Key: "Ordering", Value: pdf.String{Bytes: []byte("Identity")}}, {Key: "Supplement", Value: pdf.Int(0)}}},
		{Key: "FontDescriptor", Value: descriptor}, {Key: "DW", Value: pdf.Int(0)},
		{Key: "W", Value: pdf.Array{pdf.Int(0), widths}}, {Key: "CIDToGIDMap", Value: pdf.Name("Identity")},
	})
	return u.Add(pdf.Dict{
		{Key: "Type", Value: pdf.Name("Font")}, {Key: "Subtype", Value: pdf.Name("Type0")}, {Key: "BaseFont", Value: name},
		{Key: "Encoding", Value: pdf.Name("Identity-H")}, {Key: "DescendantFonts", Value: pdf.Array{descendant}},
		{Key: "ToUnicode", Value: u.AddStream(nil, s.ToUnicode())},
	})
}
