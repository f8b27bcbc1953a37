package pdf

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strconv"
)

// Limits of the cross-reference.
const (
	maxSections = 8192    // a file that was changed more often is refused
	maxEntries  = 4 << 20 // in all sections together
	maxNum      = 8388607 // ISO 32000-1 Annex C
	tailLength  = 2048    // where "startxref" is looked for
)

// Kind says where an object is.
type Kind uint8

// The kinds of cross-reference entries.
const (
	Absent     Kind = iota // not listed at all
	Free                   // listed as deleted or never used
	InFile                 // at an offset
	Compressed             // in an object stream
)

// Location is what the cross-reference says about one object.
type Location struct {
	Kind   Kind
	Gen    uint16
	Offset int64  // InFile: of "n g obj", from the first byte of the file
	Stream uint32 // Compressed: number of the object stream
	Index  uint32 // Compressed: place in it
}

// slot is one packed entry of a section.
type slot struct {
	num  uint32
	gen  uint16
	kind Kind
	val  int64 // offset, or stream<<32|index
}

func (s slot) location() Location {
	l := Location{Kind: s.kind, Gen: s.gen}
	if s.kind == InFile {
		l.Offset = s.val
	} else if s.kind == Compressed {
		l.Stream, l.Index = uint32(s.val>>32), uint32(s.val)
	}
	return l
}

// Section is one cross-reference section with its trailer. A hybrid table has the slots of its stream
// in hidden.
type Section struct {
	Offset  int64 // of "xref" or of the stream object
	End     int64 // behind the trailer of a table; zero for a stream
	Stream  bool  // a cross-reference stream
	Trailer Dict
	slots   []slot
	hidden  []slot
}

// Nums calls fn for every listed object number, hidden ones included.
func (s *Section) Nums(fn func(num uint32, at Location)) {
	for _, x := range s.slots {
		fn(x.num, x.location())
	}
	for _, x := range s.hidden {
		fn(x.num, x.location())
	}
}

// find is the entry of the section for num. In a hybrid file the table lists as free what only the
// stream knows (ISO 32000-1 7.5.8.4).
func (s *Section) find(num uint32) (slot, bool) {
	x, ok := search(s.slots, num)
	if ok && x.kind != Free {
		return x, true
	}
	if y, found := search(s.hidden, num); found {
		return y, true
	}
	return x, ok
}

func search(slots []slot, num uint32) (slot, bool) {
	i, ok := slices.BinarySearchFunc(slots, num, func(s slot, n uint32) int { return cmp.Compare(s.num, n) })
	if !ok {
		return slot{}, false
	}
	return slots[i], true
}

// loadXref reads the chain of sections from the newest to the oldest.
func (d *Doc) loadXref() error {
	if err := d.findStart(); err != nil {
		return err
	}
	seen := map[int64]bool{}
	at := d.StartXref
	for {
		if seen[at] || len(seen) >= maxSections {
			return syntax("cross-reference sections form a loop, or are too many")
		}
		seen[at] = true
		s, err := d.readSection(at + d.Shift)
		if err != nil {
			return err
		}
		if x, ok := s.Trailer.Get("XRefStm").(Int); ok && !s.Stream {
			if seen[int64(x)] {
				return syntax("cross-reference sections form a loop")
			}
			seen[int64(x)] = true
			h, err := d.readXrefStream(int64(x) + d.Shift)
			if err != nil {
				return err
			}
			s.hidden = h.slots
		}
		d.Sections = append(d.Sections, s)
		prev := d.direct(s.Trailer.Get("Prev"))
		if prev == nil {
			return nil
		}
		next, ok := prev.(Int)
		if !ok {
			return syntax("/Prev is not a number")
		}
		if next == 0 && !d.sectionAt(0) {
			return nil // written by some producers for "none"
		}
		at = int64(next)
	}
}

// direct passes an object through; a reference, not allowed here, is nil.
func (d *Doc) direct(o Object) Object {
	if _, ok := o.(Ref); ok {
		return nil
	}
	return o
}

func (d *Doc) sectionAt(off int64) bool {
	var b [4]byte
	n, _ := d.r.ReadAt(b[:], off+d.Shift)
	return n == 4 && string(b[:]) == "xref"
}

// findStart reads the offset behind the last "startxref".
func (d *Doc) findStart() error {
	n := min(d.Size, tailLength)
	tail := make([]byte, n)
	if _, err := d.r.ReadAt(tail, d.Size-n); err != nil && err != io.EOF {
		return err
	}
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return syntax("no startxref at the end")
	}
	p := parser{buf: tail, pos: i + len("startxref"), base: d.Size - n, last: true}
	p.skip()
	start := p.pos
	for p.pos < len(tail) && isDigit(tail[p.pos]) {
		p.pos++
	}
	at, err := strconv.ParseInt(string(tail[start:p.pos]), 10, 64)
	if err != nil || at < 0 || at >= d.Size {
		return syntax("startxref points outside of the file")
	}
	d.StartXref = at
	return nil
}

// readSection reads the table or stream at an absolute offset.
func (d *Doc) readSection(off int64) (*Section, error) {
	if off < 0 || off >= d.Size {
		return nil, syntax("cross-reference lies outside of the file")
	}
	var b [64]byte
	n, err := d.r.ReadAt(b[:], off)
	if err != nil && err != io.EOF {
		return nil, err
	}
	p := parser{buf: b[:n], last: true}
	p.skip()
	if bytes.HasPrefix(b[p.pos:n], []byte("xref")) {
		return d.readTable(off + int64(p.pos))
	}
	return d.readXrefStream(off)
}

// readTable reads a classic table with its trailer.
func (d *Doc) readTable(off int64) (*Section, error) {
	s := &Section{Offset: off}
	t := newTokens(d.r, off+4, d.Size)
	for {
		word, at, err := t.next()
		if err != nil {
			return nil, err
		}
		if word == "trailer" {
			trailer, end, err := d.parseAt(at + int64(len("trailer")))
			if err != nil {
				return nil, err
			}
			dict, ok := trailer.(Dict)
			if !ok {
				return nil, syntax("trailer is not a dictionary")
			}
			s.Trailer, s.End = dict, end
			break
		}
		count, _, err := t.next()
		if err != nil {
			return nil, err
		}
		if err := d.readSubsection(s, t, word, count); err != nil {
			return nil, err
		}
	}
	return s, d.order(&s.slots)
}

func (d *Doc) readSubsection(s *Section, t *tokens, firstWord, countWord string) error {
	first, err1 := strconv.ParseUint(firstWord, 10, 32)
	count, err2 := strconv.ParseUint(countWord, 10, 32)
	if err1 != nil || err2 != nil || first+count > maxNum+1 {
		return syntax("broken cross-reference subsection")
	}
	for i := range count {
		o, g, kind, ok := t.entry()
		if !ok {
			var err error
			if o, g, kind, err = t.looseEntry(); err != nil {
				return err
			}
		}
		if t.skipRemark() {
			d.flaw("remark in the cross-reference")
		}
		if i == 0 && first == 1 && o == 0 && g == 65535 && kind == 'f' {
			first = 0 // a known slip of writers: the head of the free list is object 0
		}
		x := slot{num: uint32(first + i), gen: g, kind: Free}
		if kind == 'n' && o > 0 {
			x.kind, x.val = InFile, o+d.Shift
		}
		s.slots = append(s.slots, x)
		if err := d.count(1); err != nil {
			return err
		}
	}
	return nil
}

// looseEntry reads an entry whose parts are separated by any blanks.
func (t *tokens) looseEntry() (offset int64, gen uint16, kind byte, err error) {
	var words [3]string
	for i := range words {
		if words[i], _, err = t.next(); err != nil {
			return 0, 0, 0, err
		}
	}
	o, err1 := strconv.ParseInt(words[0], 10, 64)
	g, err2 := strconv.ParseUint(words[1], 10, 32)
	if err1 != nil || err2 != nil || o < 0 || words[2] != "n" && words[2] != "f" {
		return 0, 0, 0, syntax("broken cross-reference entry")
	}
	return o, uint16(min(g, 65535)), words[2][0], nil
}

// count guards the number of entries of all sections.
func (d *Doc) count(n int) error {
	if d.entries += n; d.entries > maxEntries {
		return syntax("too many objects")
	}
	return nil
}

// order sorts a section by number. An object listed twice in one section is ambiguous: readers differ.
func (d *Doc) order(slots *[]slot) error {
	byNum := func(a, b slot) int { return cmp.Compare(a.num, b.num) }
	slices.SortStableFunc(*slots, byNum)
	n := len(*slots)
	*slots = slices.CompactFunc(*slots, func(a, b slot) bool { return a.num == b.num })
	if len(*slots) != n {
		d.flaw("object listed twice in one cross-reference section")
	}
	return nil
}

// readXrefStream reads a cross-reference stream (ISO 32000-1 7.5.8).
func (d *Doc) readXrefStream(off int64) (*Section, error) {
	_, o, err := d.objectAt(off)
	if err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok || st.Dict.Get("Type") != Name("XRef") {
		return nil, syntax("no cross-reference where one is announced")
	}
	data, err := d.Decode(st, maxDecoded)
	if err != nil {
		return nil, err
	}
	s := &Section{Offset: off, Stream: true, Trailer: st.Dict}
	widths, err := xrefWidths(st.Dict)
	if err != nil {
		return nil, err
	}
	index, ok := st.Dict.Get("Index").(Array)
	if !ok {
		size, _ := st.Dict.Get("Size").(Int)
		index = Array{Int(0), size}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(Int)
		count, ok2 := index[i+1].(Int)
		if !ok1 || !ok2 || first < 0 || count < 0 || first > maxNum || count > maxNum {
			return nil, syntax("broken /Index")
		}
		if data, err = d.readStreamSlots(s, data, widths, uint32(first), int(count)); err != nil {
			return nil, err
		}
	}
	return s, d.order(&s.slots)
}

func xrefWidths(dict Dict) ([3]int, error) {
	var w [3]int
	arr, ok := dict.Get("W").(Array)
	if !ok || len(arr) < 3 {
		return w, syntax("broken /W")
	}
	for i := range w {
		n, ok := arr[i].(Int)
		if !ok || n < 0 || n > 8 {
			return w, syntax("broken /W")
		}
		w[i] = int(n)
	}
	if w[0]+w[1]+w[2] == 0 {
		return w, syntax("broken /W")
	}
	return w, nil
}

func (d *Doc) readStreamSlots(s *Section, data []byte, w [3]int, first uint32, count int) ([]byte, error) {
	width := w[0] + w[1] + w[2]
	for i := range count {
		if len(data) < width {
			d.flaw("cross-reference stream is too short")
			return nil, nil
		}
		kind := uint64(1)
		if w[0] > 0 {
			kind = number(data[:w[0]])
		}
		a, b := number(data[w[0]:w[0]+w[1]]), number(data[w[0]+w[1]:width])
		data = data[width:]
		x := slot{num: first + uint32(i)}
		switch {
		case kind == 0:
			x.kind, x.gen = Free, uint16(b)
		case kind == 1 && a < 1<<62:
			x.kind, x.gen, x.val = InFile, uint16(b), int64(a)+d.Shift
		case kind == 2 && a <= maxNum && b <= maxNum:
			x.kind, x.val = Compressed, int64(a<<32|b)
		default:
			continue // unknown types are null objects
		}
		s.slots = append(s.slots, x)
		if err := d.count(1); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func number(b []byte) uint64 {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
