package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"io"
	"slices"
)

// maxDecoded limits one decoded stream of structure. Streams of pages are never decoded here.
const maxDecoded = 64 << 20

// objectStream is a decoded object stream (ISO 32000-1 7.5.7).
type objectStream struct {
	data    []byte
	nums    []uint32
	offsets []int
}

// compressed reads an object from its object stream and tells how long it is.
func (d *Doc) compressed(num uint32, at Location) (o Object, length int64, err error) {
	s, err := d.objectStream(at.Stream)
	if err != nil {
		return nil, 0, err
	}
	i := int(at.Index)
	if i >= len(s.nums) || s.nums[i] != num {
		d.flaw("place in an object stream differs from the cross-reference")
		if i = slices.Index(s.nums, num); i < 0 {
			return nil, 0, syntax("not in its object stream")
		}
	}
	p := &parser{buf: s.data, pos: s.offsets[i], base: -1, last: true}
	o, err = p.object(0)
	return o, int64(p.pos - s.offsets[i]), err
}

// objectStream decodes an object stream, and keeps some of them.
func (d *Doc) objectStream(num uint32) (*objectStream, error) {
	if s, ok := d.streams[num]; ok {
		return s, nil
	}
	if at := d.Locate(num); at.Kind != InFile {
		return nil, syntax("object stream is missing, or inside another")
	}
	o, err := d.Object(num)
	if err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok {
		return nil, syntax("object stream is not a stream")
	}
	data, err := d.Decode(st, maxDecoded)
	if err != nil {
		return nil, err
	}
	first, err1 := d.Resolve(st.Dict.Get("First"))
	count, err2 := d.Resolve(st.Dict.Get("N"))
	f, ok1 := first.(Int)
	n, ok2 := count.(Int)
	if errors.Join(err1, err2) != nil || !ok1 || !ok2 || f < 0 || int64(f) > int64(len(data)) || n < 0 || n > maxNum {
		return nil, syntax("broken object stream")
	}
	s := &objectStream{data: data}
	p := &parser{buf: data[:f], base: -1, last: true}
	for range int(n) {
		a, err1 := p.plainInt()
		b, err2 := p.plainInt()
		if err1 != nil || err2 != nil || a > maxNum || int64(f)+b > int64(len(data)) {
			return nil, syntax("broken object stream")
		}
		s.nums = append(s.nums, uint32(a))
		s.offsets = append(s.offsets, int(int64(f)+b))
	}
	if d.decoded += len(data); len(d.streams) >= maxStreams || d.decoded > maxDecoded {
		clear(d.streams)
		d.decoded = len(data)
	}
	d.streams[num] = s
	return s, nil
}

// plainInt reads digits only.
func (p *parser) plainInt() (int64, error) {
	p.skip()
	start := p.pos
	var n int64
	for p.pos < len(p.buf) && isDigit(p.buf[p.pos]) && p.pos-start < 10 {
		n = n*10 + int64(p.buf[p.pos]-'0')
		p.pos++
	}
	if p.pos == start {
		return 0, syntax("number expected")
	}
	return n, nil
}

// Decode applies the filters of a stream of structure. More than max bytes is an error, as is a filter
// that such streams never have.
func (d *Doc) Decode(s *Stream, max int64) ([]byte, error) {
	filters, parms, err := d.filters(s.Dict)
	if err != nil {
		return nil, err
	}
	if s.Length > max {
		return nil, syntax("stream too large")
	}
	data := make([]byte, s.Length)
	if _, err := io.ReadFull(d.Raw(s), data); err != nil {
		return nil, syntax("stream is cut off")
	}
	for i, f := range filters {
		if data, err = decode(f, parms[i], data, max); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// filters lists the filters with their parameters.
func (d *Doc) filters(dict Dict) ([]Name, []Dict, error) {
	f, err := d.Resolve(dict.Get("Filter"))
	if err != nil {
		return nil, nil, err
	}
	p, err := d.Resolve(dict.Get("DecodeParms"))
	if err != nil {
		return nil, nil, err
	}
	list, isList := f.(Array)
	if n, ok := f.(Name); ok {
		list, isList = Array{n}, true
		if _, ok := p.(Array); !ok {
			p = Array{p}
		}
	}
	if !isList {
		return nil, nil, nil
	}
	if len(list) > 8 {
		return nil, nil, syntax("too many filters")
	}
	parmList, _ := p.(Array)
	names, parms := make([]Name, len(list)), make([]Dict, len(list))
	for i := range list {
		n, err := d.Resolve(list[i])
		if err != nil {
			return nil, nil, err
		}
		names[i], _ = n.(Name)
		if i < len(parmList) {
			parms[i] = d.Dict(parmList[i])
		}
	}
	return names, parms, nil
}

func decode(filter Name, parms Dict, data []byte, max int64) ([]byte, error) {
	switch filter {
	case "FlateDecode", "Fl":
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, syntax("stream does not decompress")
		}
		out, err := io.ReadAll(io.LimitReader(z, max+1))
		if err != nil && len(out) == 0 {
			return nil, syntax("stream does not decompress")
		}
		if int64(len(out)) > max {
			return nil, syntax("stream too large")
		}
		return unpredict(out, parms)
	case "ASCIIHexDecode", "AHx":
		clean := slices.DeleteFunc(data, isSpace)
		clean, _, _ = bytes.Cut(clean, []byte(">"))
		if len(clean)%2 == 1 {
			clean = append(clean, '0')
		}
		out := make([]byte, len(clean)/2)
		if _, err := hex.Decode(out, clean); err != nil {
			return nil, syntax("stream is not hexadecimal")
		}
		return out, nil
	case "ASCII85Decode", "A85":
		body, _, _ := bytes.Cut(data, []byte("~>"))
		out, err := io.ReadAll(io.LimitReader(ascii85.NewDecoder(bytes.NewReader(body)), max))
		if err != nil {
			return nil, syntax("stream is not ASCII85")
		}
		return out, nil
	}
	return nil, syntax("filter of a stream of structure is not known")
}

// unpredict undoes the predictors (ISO 32000-1 7.4.4.4).
func unpredict(data []byte, parms Dict) ([]byte, error) {
	get := func(key Name, def int64) int64 {
		if v, ok := parms.Get(key).(Int); ok {
			return int64(v)
		}
		return def
	}
	predictor, columns := get("Predictor", 1), get("Columns", 1)
	colors, bits := get("Colors", 1), get("BitsPerComponent", 8)
	if predictor == 1 {
		return data, nil
	}
	tiff := predictor == 2 && bits == 8
	if predictor < 10 && !tiff || columns < 1 || columns > 1<<20 || colors < 1 || colors > 32 || bits < 1 || bits > 16 {
		return nil, syntax("predictor of a stream of structure is not known")
	}
	bpp := int(max((colors*bits+7)/8, 1))
	row := min(int((columns*colors*bits+7)/8), len(data)) // never more than there is
	if tiff {                                             // ISO 32000-1 7.4.4.4: each sample is the difference to the one on its left
		for line := range slices.Chunk(data, max(row, 1)) {
			for i := bpp; i < len(line); i++ {
				line[i] += line[i-bpp]
			}
		}
		return data, nil
	}
	out := make([]byte, 0, len(data))
	prev := make([]byte, row)
	for len(data) > 0 {
		kind := data[0]
		n := min(row, len(data)-1)
		line := make([]byte, row)
		copy(line, data[1:1+n])
		data = data[1+n:]
		if err := unfilter(kind, line, prev, bpp); err != nil {
			return nil, err
		}
		out = append(out, line[:n]...)
		prev = line
	}
	return out, nil
}

func unfilter(kind byte, line, prev []byte, bpp int) error {
	for i := range line {
		var a, c byte
		if i >= bpp {
			a, c = line[i-bpp], prev[i-bpp]
		}
		b := prev[i]
		switch kind {
		case 0:
		case 1:
			line[i] += a
		case 2:
			line[i] += b
		case 3:
			line[i] += byte((int(a) + int(b)) / 2)
		case 4:
			line[i] += paeth(a, b, c)
		default:
			return syntax("broken predictor")
		}
	}
	return nil
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	if pa <= pb && pa <= pc {
		return a
	}
	if pb <= pc {
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
