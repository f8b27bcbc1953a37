package font

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"unicode/utf16"
)

// Subset collects the characters that a text needs. Every character has a number of its own, so that it can be
// read back as what it was even where the font draws two of them alike.
type Subset struct {
	Face  *Face
	runes []rune // by number; the first is for what is missing
	index map[rune]uint16
}

// Subset begins an empty subset.
func (f *Face) Subset() *Subset {
	return &Subset{Face: f, runes: []rune{0}, index: map[rune]uint16{}}
}

// Encode adds the characters of a text and writes it as the numbers of its glyphs, two bytes each.
func (s *Subset) Encode(text string) []byte {
	out := make([]byte, 0, 2*len(text))
	for _, r := range text {
		r = shown(s.Face, r)
		n, ok := s.index[r]
		if !ok {
			n = uint16(len(s.runes))
			s.runes = append(s.runes, r)
			s.index[r] = n
		}
		out = be.AppendUint16(out, n)
	}
	return out
}

// Name is the name with the tag that tells subsets apart (ISO 32000-1 9.6.4): the same characters make
// the same one.
func (s *Subset) Name() string {
	h := sha256.Sum256([]byte(s.Face.Name + string(s.runes)))
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + h[i]%26
	}
	return string(tag) + "+" + s.Face.Name
}

// Widths of the numbers, in thousandths of an em.
func (s *Subset) Widths() []int {
	out := make([]int, len(s.runes))
	for i, r := range s.runes {
		if i > 0 {
			out[i] = (s.Face.advance(s.Face.glyph(r))*1000 + s.Face.units/2) / s.Face.units
		}
	}
	return out
}

// ToUnicode is the table by which readers find the characters again (ISO 32000-1 9.10.3).
func (s *Subset) ToUnicode() []byte {
	b := []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for from := 1; from < len(s.runes); from += 100 { // at most a hundred in one block
		to := min(from+100, len(s.runes))
		b = fmt.Appendf(b, "%d beginbfchar\n", to-from)
		for i := from; i < to; i++ {
			b = fmt.Appendf(b, "<%04X> <", i)
			for _, u := range utf16.Encode(s.runes[i : i+1]) {
				b = fmt.Appendf(b, "%04X", u)
			}
			b = append(b, ">\n"...)
		}
		b = append(b, "endbfchar\n"...)
	}
	return append(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"...)
}

// Flags of the parts of a composite glyph.
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	morePartsFlag = 1 << 5
	twoScales     = 1 << 6
	twoByTwo      = 1 << 7
	instructions  = 1 << 8
)

// File is a TrueType font with the glyphs of the subset, and how many it has. Hints are left out: they
// would be most of it, and screens of today do without.
func (s *Subset) File() (data []byte, glyphs int) {
	old := make([]uint16, len(s.runes)) // new number -> glyph of the whole font
	for i, r := range s.runes {
		if i > 0 {
			old[i] = s.Face.glyph(r)
		}
	}
	parts := map[uint16]uint16{} // glyphs that composites are made of
	var glyf, loca, hmtx []byte
	for i := 0; i < len(old); i++ { // old grows while parts are found
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, plain(s.Face.outline(old[i]), func(g uint16) uint16 {
			n, ok := parts[g]
			if !ok {
				n = uint16(len(old))
				parts[g] = n
				old = append(old, g)
			}
			return n
		})...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = be.AppendUint16(hmtx, uint16(s.Face.advance(old[i])))
		hmtx = append(hmtx, s.Face.sideBearing(old[i])...)
	}
	loca = be.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := slices.Clone(s.Face.tables["head"]), slices.Clone(s.Face.tables["hhea"]), slices.Clone(s.Face.tables["maxp"])
	be.PutUint32(head[8:], 0)
	be.PutUint16(head[50:], 1)
	be.PutUint16(hhea[34:], uint16(len(old)))
	be.PutUint16(maxp[4:], uint16(len(old)))
	for i := 14; i+1 < 28 && i+1 < len(maxp); i += 2 {
		be.PutUint16(maxp[i:], 0) // storage and functions of the hints
	}
	be.PutUint16(maxp[14:], 1) // zones
	return assemble([]table{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}}), len(old)
}

func (f *Face) sideBearing(g uint16) []byte {
	hmtx := f.tables["hmtx"]
	if int(g) < f.hCount {
		return hmtx[4*int(g)+2:][:2]
	}
	return hmtx[4*f.hCount+2*(int(g)-f.hCount):][:2]
}

// plain is an outline without hints, its parts renumbered.
func plain(outline []byte, renumber func(uint16) uint16) []byte {
	if len(outline) == 0 {
		return nil
	}
	out := slices.Clone(outline)
	contours := signed(out)
	if contours >= 0 {
		at := 10 + 2*contours
		n := int(be.Uint16(out[at:]))
		be.PutUint16(out[at:], 0)
		return slices.Delete(out, at+2, at+2+n)
	}
	for at := 10; ; {
		flags := be.Uint16(out[at:])
		be.PutUint16(out[at:], flags&^instructions)
		be.PutUint16(out[at+2:], renumber(be.Uint16(out[at+2:])))
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&oneScale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		if flags&morePartsFlag == 0 {
			return out[:at]
		}
	}
}

type table struct {
	tag  string
	data []byte
}

// assemble writes the tables, in the order of their tags, as one file.
func assemble(tables []table) []byte {
	n := len(tables)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{n, power * 16, log, n*16 - power*16} {
		out = be.AppendUint16(out, uint16(v))
	}
	offset := len(out) + 16*n
	var body []byte
	head := 0
	for _, t := range tables {
		if t.tag == "head" {
			head = offset + len(body)
		}
		out = append(out, t.tag...)
		out = be.AppendUint32(out, sum(t.data))
		out = be.AppendUint32(out, uint32(offset+len(body)))
		out = be.AppendUint32(out, uint32(len(t.data)))
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	be.PutUint32(out[head+8:], 0xb1b0afba-sum(out))
	return out
}

// sum is the checksum of TrueType.
func sum(b []byte) uint32 {
	var n uint32
	for i := 0; i < len(b); i += 4 {
		var word [4]byte
		copy(word[:], b[i:])
		n += be.Uint32(word[:])
	}
	return n
}
