// Package pdf reads PDF files of strangers and appends to them. It owns syntax (ISO 32000-1 7.2 to
// 7.5): objects, cross-reference tables and streams, object streams, hybrid files, incremental
// updates; and the writing of one incremental update that leaves every byte before it untouched. It
// knows nothing of signatures and does no I/O but through io.ReaderAt. Every count, depth and size is
// limited; still, files of strangers belong into a child process (package sandbox).
package pdf

import "slices"

// Object is one of Null, bool, Int, Real, String, Name, Array, Dict, *Stream, Ref.
type Object any

// Null is the null object, and what a reference to nothing resolves to.
type Null struct{}

// Int is an integer.
type Int int64

// Real is a number that is not an integer, or too large for one, as it is written.
type Real string

// Name is a name without its slash, escapes resolved.
type Name string

// String is a string, decoded. Start and End are the offsets of the first and behind the last byte of
// the token in the file, brackets included; both are -1 in an object stream.
type String struct {
	Bytes      []byte
	Hex        bool // written in angle brackets
	Start, End int64
}

// Array is an array.
type Array []Object

// Ref is an indirect reference.
type Ref struct {
	Num uint32
	Gen uint16
}

// Entry is one key of a dictionary.
type Entry struct {
	Key   Name
	Value Object
}

// Dict is a dictionary in the order of the file. A key that comes twice is kept twice; Get sees the
// first.
type Dict []Entry

// Stream is a dictionary with raw data; Start is the offset of its first byte, Length their number.
type Stream struct {
	Dict   Dict
	Start  int64
	Length int64
}

// Get is the value of key, nil when there is none.
func (d Dict) Get(key Name) Object {
	for i := range d {
		if d[i].Key == key {
			return d[i].Value
		}
	}
	return nil
}

// Has reports whether key is there.
func (d Dict) Has(key Name) bool { return d.Get(key) != nil }

// With is a copy of d in which key has the given value; nil removes it.
func (d Dict) With(key Name, v Object) Dict {
	out := make(Dict, 0, len(d)+1)
	done := false
	for _, e := range d {
		if e.Key != key {
			out = append(out, e)
		} else if v != nil && !done {
			out = append(out, Entry{key, v})
			done = true
		}
	}
	if v != nil && !done {
		out = append(out, Entry{key, v})
	}
	return out
}

// Repeated reports whether a key comes twice in d or in a dictionary directly inside it: two readers
// may then see two different documents.
func (d Dict) Repeated() bool { return repeated(d) }

func repeated(o Object) bool {
	switch v := o.(type) {
	case Dict:
		keys := make([]Name, 0, len(v))
		for _, e := range v {
			if repeated(e.Value) {
				return true
			}
			keys = append(keys, e.Key)
		}
		slices.Sort(keys)
		return len(slices.Compact(keys)) != len(v)
	case Array:
		return slices.ContainsFunc(v, repeated)
	case *Stream:
		return repeated(v.Dict)
	}
	return false
}

// Equal reports whether a and b are written the same but for blanks and the form of strings. The data
// of streams are not compared.
func Equal(a, b Object) bool {
	switch x := a.(type) {
	case String:
		y, ok := b.(String)
		return ok && string(x.Bytes) == string(y.Bytes)
	case Array:
		y, ok := b.(Array)
		return ok && slices.EqualFunc(x, y, Equal)
	case Dict:
		y, ok := b.(Dict)
		return ok && equalDicts(x, y)
	case *Stream:
		y, ok := b.(*Stream)
		return ok && equalDicts(x.Dict, y.Dict)
	case nil:
		return b == nil
	}
	switch b.(type) {
	case String, Array, Dict, *Stream: // not comparable with ==
		return false
	}
	return a == b
}

// equalDicts compares without regard to order. Dictionaries with a repeated key equal nothing.
func equalDicts(x, y Dict) bool {
	if len(x) != len(y) {
		return false
	}
	sorted := func(d Dict) Dict {
		c := slices.Clone(d)
		slices.SortStableFunc(c, func(a, b Entry) int {
			switch {
			case a.Key < b.Key:
				return -1
			case a.Key > b.Key:
				return 1
			}
			return 0
		})
		return c
	}
	x, y = sorted(x), sorted(y)
	for i := range x {
		if x[i].Key != y[i].Key || i > 0 && x[i].Key == x[i-1].Key || !Equal(x[i].Value, y[i].Value) {
			return false
		}
	}
	return true
}

// Refs calls fn for every reference inside o.
func Refs(o Object, fn func(Ref)) {
	switch v := o.(type) {
	case Ref:
		fn(v)
	case Array:
		for _, e := range v {
			Refs(e, fn)
		}
	case Dict:
		for _, e := range v {
			Refs(e.Value, fn)
		}
	case *Stream:
		Refs(v.Dict, fn)
	}
}
