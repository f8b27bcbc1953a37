package pdf

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
)

// Append writes o as PDF syntax. Streams are written by Update.
func Append(b []byte, o Object) []byte {
	switch v := o.(type) {
	case nil, Null:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case Int:
		return strconv.AppendInt(b, int64(v), 10)
	case Real:
		return append(b, v...)
	case Raw:
		return append(b, v...)
	case Hole:
		return appendHole(b, v)
	case Name:
		return appendName(b, v)
	case Ref:
		return fmt.Appendf(b, "%d %d R", v.Num, v.Gen)
	case String:
		return appendString(b, v)
	case Array:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ' ')
			}
			b = Append(b, e)
		}
		return append(b, ']')
	case Dict:
		b = append(b, "<<"...)
		for _, e := range v {
			b = append(appendName(b, e.Key), ' ')
			b = append(Append(b, e.Value), '\n')
		}
		return append(b, ">>"...)
	}
	panic(fmt.Sprintf("write %T", o)) // only types of this package come here
}

// Raw is syntax written as it is: placeholders of known length.
type Raw string

// Hole is a hexadecimal string of so many zero bytes, to be filled later.
type Hole int

func appendHole(b []byte, n Hole) []byte {
	b = append(b, '<')
	from := len(b)
	b = slices.Grow(b, 2*int(n))[:from+2*int(n)]
	for i := from; i < len(b); i++ {
		b[i] = '0'
	}
	return append(b, '>')
}

func appendName(b []byte, n Name) []byte {
	b = append(b, '/')
	for i := range len(n) {
		c := n[i]
		if c <= ' ' || c >= 0x7f || c == '#' || isDelimiter(c) {
			b = fmt.Appendf(b, "#%02X", c)
		} else {
			b = append(b, c)
		}
	}
	return b
}

func appendString(b []byte, s String) []byte {
	if s.Hex {
		b = append(b, '<')
		b = hex.AppendEncode(b, s.Bytes)
		return append(b, '>')
	}
	b = append(b, '(')
	for _, c := range s.Bytes {
		switch c {
		case '(', ')', '\\':
			b = append(b, '\\', c)
		case '\r':
			b = append(b, '\\', 'r')
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, c)
		}
	}
	return append(b, ')')
}

// Update collects the objects of one incremental update.
type Update struct {
	d       *Doc
	next    uint32
	objects []pending
}

type pending struct {
	ref  Ref
	body Object
	data []byte // of a stream; nil otherwise
}

// NewUpdate begins an update of d.
func NewUpdate(d *Doc) *Update { return &Update{d: d, next: d.NextNum()} }

// Add gives o a new number.
func (u *Update) Add(o Object) Ref {
	ref := Ref{Num: u.next}
	u.next++
	u.objects = append(u.objects, pending{ref: ref, body: o})
	return ref
}

// AddStream adds a stream; data that has no filter yet is compressed where that helps.
func (u *Update) AddStream(dict Dict, data []byte) Ref {
	if !dict.Has("Filter") && len(data) > minDeflate {
		if packed := deflate(data); len(packed) < len(data) {
			dict, data = dict.With("Filter", Name("FlateDecode")), packed
		}
	}
	ref := u.Add(dict.With("Length", Int(len(data))))
	u.objects[len(u.objects)-1].data = append([]byte{}, data...)
	return ref
}

// minDeflate is the length below which compressing costs more than it saves.
const minDeflate = 160

func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// Replace gives an existing object, or one that was added, a new content. The generation stays as the
// file has it.
func (u *Update) Replace(ref Ref, o Object) {
	if p := u.find(ref.Num); p != nil {
		p.body = o
		return
	}
	if at := u.d.Locate(ref.Num); at.Kind == InFile {
		ref.Gen = at.Gen
	} else {
		ref.Gen = 0
	}
	u.objects = append(u.objects, pending{ref: ref, body: o})
}

func (u *Update) find(num uint32) *pending {
	for i := range u.objects {
		if u.objects[i].ref.Num == num {
			return &u.objects[i]
		}
	}
	return nil
}

// Resolve follows references as they will be after the update.
func (u *Update) Resolve(o Object) (Object, error) {
	for range maxResolve {
		ref, ok := o.(Ref)
		if !ok {
			return o, nil
		}
		p := u.find(ref.Num)
		if p == nil {
			next, err := u.d.Object(ref.Num)
			if err != nil {
				return nil, err
			}
			o = next
			continue
		}
		o = p.body
	}
	return nil, syntax("references form a loop")
}

// Dict resolves o to a dictionary as it will be after the update; nil when it is none.
func (u *Update) Dict(o Object) Dict {
	v, err := u.Resolve(o)
	if err != nil {
		return nil
	}
	d, _ := v.(Dict)
	return d
}

// Bytes is what is to be appended to the file: the objects and a cross-reference section of the kind
// that the file ends with. spans tells where each object lies in it, by number.
func (u *Update) Bytes() (b []byte, spans map[uint32]Span, err error) {
	if u.next > maxNum-1 {
		return nil, nil, syntax("too many objects")
	}
	slices.SortFunc(u.objects, func(a, b pending) int { return cmp.Compare(a.ref.Num, b.ref.Num) })
	spans = make(map[uint32]Span, len(u.objects))
	b = make([]byte, 0, u.estimate())
	var last [1]byte
	if _, err := u.d.r.ReadAt(last[:], u.d.Size-1); err != nil {
		return nil, nil, err
	}
	if last[0] != '\n' && last[0] != '\r' {
		b = append(b, '\n')
	}
	base := u.d.Size - u.d.Shift
	offsets := make([]int64, len(u.objects))
	for i, p := range u.objects {
		offsets[i] = base + int64(len(b))
		from := int64(len(b))
		b = fmt.Appendf(b, "%d %d obj\n", p.ref.Num, p.ref.Gen)
		b = Append(b, p.body)
		if p.data != nil {
			b = append(b, "\nstream\n"...)
			b = append(b, p.data...)
			b = append(b, "\nendstream"...)
		}
		b = append(b, "\nendobj\n"...)
		spans[p.ref.Num] = Span{from, int64(len(b))}
	}
	start := base + int64(len(b))
	if u.d.Sections[0].Stream {
		b = u.appendXrefStream(b, offsets, start)
	} else {
		b = u.appendTable(b, offsets)
	}
	return fmt.Appendf(b, "startxref\n%d\n%%%%EOF\n", start), spans, nil
}

// estimate is about how long the update becomes.
func (u *Update) estimate() int {
	n := 1024
	for _, p := range u.objects {
		n += 512 + len(p.data)
		if d, ok := p.body.(Dict); ok {
			for _, e := range d {
				if hole, ok := e.Value.(Hole); ok {
					n += 2 * int(hole)
				}
			}
		}
	}
	return n
}

// trailer is the trailer of the update: all keys of the last one but those about its own form.
func (u *Update) trailer(size uint32) Dict {
	var t Dict
	for _, e := range u.d.Trailer() {
		switch e.Key {
		case "Prev", "Size", "XRefStm", "Type", "W", "Index", "Filter", "DecodeParms", "Length", "F", "FFilter", "FDecodeParms", "DL":
		default:
			t = append(t, e)
		}
	}
	return append(Dict{{"Size", Int(size)}, {"Prev", Int(u.d.StartXref)}}, t...)
}

func (u *Update) appendTable(b []byte, offsets []int64) []byte {
	b = append(b, "xref\n"...)
	for i := 0; i < len(u.objects); {
		j := i + 1
		for j < len(u.objects) && u.objects[j].ref.Num == u.objects[j-1].ref.Num+1 {
			j++
		}
		b = fmt.Appendf(b, "%d %d\n", u.objects[i].ref.Num, j-i)
		for ; i < j; i++ {
			b = fmt.Appendf(b, "%010d %05d n \n", offsets[i], u.objects[i].ref.Gen)
		}
	}
	b = append(b, "trailer\n"...)
	b = Append(b, u.trailer(u.next))
	return append(b, '\n')
}

func (u *Update) appendXrefStream(b []byte, offsets []int64, start int64) []byte {
	self := Ref{Num: u.next}
	refs := make([]Ref, 0, len(u.objects)+1)
	for _, p := range u.objects {
		refs = append(refs, p.ref)
	}
	refs, offsets = append(refs, self), append(offsets, start)
	var data bytes.Buffer
	var index Array
	for i, r := range refs {
		if i == 0 || r.Num != refs[i-1].Num+1 {
			index = append(index, Int(r.Num), Int(0))
		}
		index[len(index)-1] = index[len(index)-1].(Int) + 1
		data.WriteByte(1)
		for shift := 40; shift >= 0; shift -= 8 {
			data.WriteByte(byte(offsets[i] >> shift))
		}
		data.Write([]byte{byte(r.Gen >> 8), byte(r.Gen)})
	}
	dict := append(Dict{{"Type", Name("XRef")}, {"W", Array{Int(1), Int(6), Int(2)}}, {"Index", index},
		{"Length", Int(data.Len())}}, u.trailer(self.Num+1)...)
	b = fmt.Appendf(b, "%d 0 obj\n", self.Num)
	b = Append(b, dict)
	b = append(b, "\nstream\n"...)
	b = append(b, data.Bytes()...)
	return append(b, "\nendstream\nendobj\n"...)
}
