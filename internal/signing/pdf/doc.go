package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of reading.
const (
	maxObject     = 64 << 20 // bytes of one object without its stream
	maxResolve    = 32       // references that lead to references
	headerWindow  = 1024     // where "%PDF-" must begin
	firstWindow   = 2 << 10  // first try of reading an object
	maxKept       = 64 << 10 // of the window that stays for the next object
	maxStreams    = 64       // decoded object streams kept
	maxObjects    = 256      // small objects kept
	maxPageDepth  = 64
	maxPageVisits = 100_000
)

// ErrNotPDF means that the file does not begin as a PDF does.
var ErrNotPDF = errors.New("not a pdf")

// ErrNoPage means that the document has no such page.
var ErrNoPage = fmt.Errorf("%w: no such page", ErrSyntax)

// Doc is an open file. It is not safe for concurrent use.
type Doc struct {
	Size      int64
	Shift     int64      // bytes before "%PDF-"; offsets of the file count from there
	Version   string     // of the header, "1.7"
	StartXref int64      // as written, before Shift
	Sections  []*Section // newest first
	Flaws     []string   // what other readers may read differently

	r       io.ReaderAt
	entries int
	depth   int
	streams map[uint32]*objectStream
	decoded int               // bytes in streams
	objects map[uint32]Object // some that were read; they are never changed
	buf     []byte            // of window
}

// Open reads the header and the cross-reference. The errors wrap ErrNotPDF or ErrSyntax, or come from r.
func Open(r io.ReaderAt, size int64) (*Doc, error) {
	d := &Doc{Size: size, r: r, streams: map[uint32]*objectStream{}}
	head := make([]byte, min(size, headerWindow))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	i := bytes.Index(head, []byte("%PDF-"))
	if i < 0 {
		return nil, ErrNotPDF
	}
	if len(head) >= i+8 {
		d.Version = string(head[i+5 : i+8])
	}
	err := d.loadXref()
	if i > 0 && (err != nil || !d.rootReadable()) {
		// offsets may count from the header
		*d = Doc{Size: size, r: r, streams: map[uint32]*objectStream{}, Version: d.Version, Shift: int64(i)}
		err = d.loadXref()
	}
	if err != nil {
		return nil, err
	}
	if !d.rootReadable() {
		return nil, syntax("no catalog")
	}
	return d, nil
}

// flaw notes something that readers may understand differently.
func (d *Doc) flaw(text string) {
	if len(d.Flaws) < 20 {
		d.Flaws = append(d.Flaws, text)
	}
}

func (d *Doc) rootReadable() bool {
	_, _, err := d.Root()
	return err == nil
}

// Trailer is the newest trailer.
func (d *Doc) Trailer() Dict { return d.Sections[0].Trailer }

// Encrypted reports whether any trailer names an encryption dictionary.
func (d *Doc) Encrypted() bool {
	for _, s := range d.Sections {
		if s.Trailer.Has("Encrypt") {
			return true
		}
	}
	return false
}

// Root is the catalog. It must be an indirect dictionary.
func (d *Doc) Root() (Ref, Dict, error) {
	ref, ok := d.Trailer().Get("Root").(Ref)
	if !ok {
		return Ref{}, nil, syntax("trailer without /Root")
	}
	o, err := d.Object(ref.Num)
	if err != nil {
		return ref, nil, err
	}
	dict, ok := o.(Dict)
	if !ok {
		return ref, nil, syntax("catalog is not a dictionary")
	}
	return ref, dict, nil
}

// Locate tells where object num is.
func (d *Doc) Locate(num uint32) Location {
	for _, s := range d.Sections {
		if x, ok := s.find(num); ok {
			return x.location()
		}
	}
	return Location{}
}

// NextNum is a number above every number in use and above every announced size.
func (d *Doc) NextNum() uint32 {
	next := uint32(1)
	for _, s := range d.Sections {
		if size, ok := s.Trailer.Get("Size").(Int); ok && size > 0 && size <= maxNum {
			next = max(next, uint32(size))
		}
		for _, list := range [][]slot{s.slots, s.hidden} {
			if n := len(list); n > 0 {
				next = max(next, list[n-1].num+1)
			}
		}
	}
	return next
}

// Object is the object with number num; Null when there is none. Nobody changes what it is made of.
func (d *Doc) Object(num uint32) (Object, error) {
	if o, ok := d.objects[num]; ok {
		return o, nil
	}
	o, length, err := d.read(num)
	if err != nil || length > firstWindow {
		return o, err
	}
	if len(d.objects) >= maxObjects {
		clear(d.objects)
	}
	if d.objects == nil {
		d.objects = make(map[uint32]Object)
	}
	d.objects[num] = o
	return o, nil
}

// read reads an object and tells how long it is, without its stream.
func (d *Doc) read(num uint32) (o Object, length int64, err error) {
	if d.depth > maxResolve {
		return nil, 0, syntax("objects need one another")
	}
	d.depth++
	defer func() { d.depth-- }()
	at := d.Locate(num)
	switch at.Kind {
	case InFile:
		ref, o, end, err := d.objectSpan(at.Offset)
		if err != nil {
			return nil, 0, fmt.Errorf("object %d: %w", num, err)
		}
		if ref.Num != num {
			return nil, 0, syntax("object %d is not where it should be", num)
		}
		if ref.Gen != at.Gen {
			d.flaw("generation of an object differs from the cross-reference")
		}
		if s, ok := o.(*Stream); ok {
			end = s.Start
		}
		return o, end - at.Offset, nil
	case Compressed:
		o, length, err := d.compressed(num, at)
		if err != nil {
			return nil, 0, fmt.Errorf("object %d: %w", num, err)
		}
		return o, length, nil
	}
	return Null{}, 0, nil
}

// Resolve follows references; a broken or missing object is an error or Null.
func (d *Doc) Resolve(o Object) (Object, error) {
	for range maxResolve {
		ref, ok := o.(Ref)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = d.Object(ref.Num); err != nil {
			return nil, err
		}
	}
	return nil, syntax("references form a loop")
}

// Dict resolves o to a dictionary; nil when it is none or cannot be read.
func (d *Doc) Dict(o Object) Dict {
	v, err := d.Resolve(o)
	if err != nil {
		return nil
	}
	dict, _ := v.(Dict)
	return dict
}

// Array resolves o to an array; nil when it is none or cannot be read.
func (d *Doc) Array(o Object) Array {
	v, err := d.Resolve(o)
	if err != nil {
		return nil
	}
	arr, _ := v.(Array)
	return arr
}

// parseAt reads the object that begins at an absolute offset, with a window that grows as needed, and
// tells where it ends.
func (d *Doc) parseAt(off int64) (out Object, end int64, err error) {
	err = d.window(off, func(p *parser) error {
		var err error
		out, err = p.object(0)
		end = p.offset(p.pos)
		return err
	})
	return out, end, err
}

// window runs fn on growing windows of the file at off, until it no longer runs short.
func (d *Doc) window(off int64, fn func(p *parser) error) error {
	if off < 0 || off >= d.Size {
		return syntax("offset lies outside of the file")
	}
	for size := int64(firstWindow); ; size *= 4 {
		n := min(size, d.Size-off)
		if int64(cap(d.buf)) < n || cap(d.buf) > maxKept && n <= maxKept {
			d.buf = make([]byte, n)
		}
		buf := d.buf[:n]
		if m, err := d.r.ReadAt(buf, off); err != nil && (err != io.EOF || m < len(buf)) {
			return err
		}
		p := &parser{buf: buf, base: off, last: off+n == d.Size}
		err := fn(p)
		if !errors.Is(err, errShort) {
			return err
		}
		if size >= maxObject {
			return syntax("object too large")
		}
	}
}

// Span is where something lies: the offsets of its first byte and behind its last.
type Span struct{ Start, End int64 }

// objectAt reads "n g obj ..." at an absolute offset.
func (d *Doc) objectAt(off int64) (Ref, Object, error) {
	ref, o, _, err := d.objectSpan(off)
	return ref, o, err
}

// objectSpan is objectAt, and where the object or its stream data end.
func (d *Doc) objectSpan(off int64) (ref Ref, out Object, end int64, err error) {
	var stream int64 = -1
	err = d.window(off, func(p *parser) error {
		var err error
		if ref, err = p.header(); err != nil {
			return err
		}
		if out, err = p.object(0); err != nil {
			return err
		}
		end = p.offset(p.pos)
		stream, err = p.streamStart()
		return err
	})
	if err != nil {
		return ref, nil, 0, err
	}
	if stream < 0 {
		return ref, out, end, nil
	}
	dict, ok := out.(Dict)
	if !ok {
		return ref, nil, 0, syntax("stream without a dictionary")
	}
	s := &Stream{Dict: dict, Start: stream}
	s.Length, err = d.streamLength(dict, stream)
	return ref, s, stream + s.Length, err
}

// header reads "n g obj".
func (p *parser) header() (Ref, error) {
	p.skip()
	var n [2]int64
	for i := range n {
		start := p.pos
		for p.pos < len(p.buf) && isDigit(p.buf[p.pos]) && p.pos-start < 10 {
			n[i] = n[i]*10 + int64(p.buf[p.pos]-'0')
			p.pos++
		}
		if p.pos == len(p.buf) {
			return Ref{}, p.short()
		}
		if p.pos == start {
			return Ref{}, syntax("no object where one is announced")
		}
		p.skip()
	}
	if len(p.buf)-p.pos < 3 {
		return Ref{}, p.short()
	}
	if string(p.buf[p.pos:p.pos+3]) != "obj" || n[0] > maxNum || n[1] > 65535 {
		return Ref{}, syntax("no object where one is announced")
	}
	p.pos += 3
	return Ref{uint32(n[0]), uint16(n[1])}, nil
}

// streamStart is the offset of the first data byte when "stream" follows, -1 otherwise.
func (p *parser) streamStart() (int64, error) {
	p.skip()
	const word = "stream"
	if len(p.buf)-p.pos < len(word)+2 {
		if !p.last {
			return 0, errShort
		}
		return -1, nil
	}
	if string(p.buf[p.pos:p.pos+len(word)]) != word {
		return -1, nil
	}
	i := p.pos + len(word)
	for i < len(p.buf) && (p.buf[i] == ' ' || p.buf[i] == '\t') && i < p.pos+len(word)+8 {
		i++ // some writers leave blanks before the end of the line
	}
	if i+1 >= len(p.buf) {
		return 0, p.short()
	}
	switch {
	case p.buf[i] == '\r' && p.buf[i+1] == '\n':
		i += 2
	case p.buf[i] == '\n', p.buf[i] == '\r':
		i++
	}
	return p.offset(i), nil
}

// streamLength is /Length where "endstream" follows, otherwise the distance to the next "endstream".
func (d *Doc) streamLength(dict Dict, start int64) (int64, error) {
	v, err := d.Resolve(dict.Get("Length"))
	if n, ok := v.(Int); ok && err == nil && n >= 0 && int64(n) <= d.Size-start && d.endsStream(start+int64(n)) {
		return int64(n), nil
	}
	d.flaw("wrong length of a stream")
	return d.searchEndstream(start)
}

func (d *Doc) endsStream(off int64) bool {
	var b [16]byte
	n, _ := d.r.ReadAt(b[:], off)
	p := parser{buf: b[:n], last: true}
	for p.pos < n && isSpace(b[p.pos]) {
		p.pos++
	}
	return bytes.HasPrefix(b[p.pos:n], []byte("endstream"))
}

func (d *Doc) searchEndstream(start int64) (int64, error) {
	const chunk = 64 << 10
	word := []byte("endstream")
	buf := make([]byte, chunk+len(word))
	for off := start; off < d.Size; off += chunk {
		n, err := d.r.ReadAt(buf, off)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.Index(buf[:n], word); i >= 0 {
			return off + int64(i) - start, nil
		}
	}
	return 0, syntax("stream does not end")
}

// Raw is the data of a stream as it is in the file.
func (d *Doc) Raw(s *Stream) *io.SectionReader { return io.NewSectionReader(d.r, s.Start, s.Length) }
