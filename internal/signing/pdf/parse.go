package pdf

import (
	"errors"
	"fmt"
	"strconv"
)

// Limits of one object. ISO 32000-1 Annex C knows none of these as strict limits; files of people stay
// far below.
const (
	maxDepth    = 120     // arrays and dictionaries inside one another
	maxElements = 2 << 20 // values in one object
	maxName     = 64 << 10
)

// ErrSyntax is wrapped by every error about the form of a file.
var ErrSyntax = errors.New("broken pdf")

// errShort means that the window ended before the object did.
var errShort = errors.New("window too small")

func syntax(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrSyntax, fmt.Sprintf(format, args...))
}

// parser reads objects from a window of the file. base is the offset of buf[0], or -1 when the window
// is decoded data; last says that nothing follows the window.
type parser struct {
	buf      []byte
	pos      int
	base     int64
	last     bool
	elements int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// short is what running out of the window means.
func (p *parser) short() error {
	if p.last {
		return syntax("file ends inside an object")
	}
	return errShort
}

// skip moves over blanks and comments.
func (p *parser) skip() {
	for p.pos < len(p.buf) {
		switch c := p.buf[p.pos]; {
		case isSpace(c):
			p.pos++
		case c == '%':
			for p.pos < len(p.buf) && p.buf[p.pos] != '\n' && p.buf[p.pos] != '\r' {
				p.pos++
			}
		default:
			return
		}
	}
}

// offset is the place of buf[i] in the file.
func (p *parser) offset(i int) int64 {
	if p.base < 0 {
		return -1
	}
	return p.base + int64(i)
}

// keyword reads a run of ordinary characters.
func (p *parser) keyword() (string, error) {
	start := p.pos
	for p.pos < len(p.buf) && !isSpace(p.buf[p.pos]) && !isDelimiter(p.buf[p.pos]) {
		p.pos++
		if p.pos-start > maxName {
			return "", syntax("word too long")
		}
	}
	if p.pos == len(p.buf) && !p.last {
		return "", errShort
	}
	return string(p.buf[start:p.pos]), nil
}

// object reads one object; "n g R" is a reference.
func (p *parser) object(depth int) (Object, error) {
	p.skip()
	if p.pos >= len(p.buf) {
		return nil, p.short()
	}
	if p.elements++; p.elements > maxElements {
		return nil, syntax("too many values in one object")
	}
	if depth > maxDepth {
		return nil, syntax("nested too deep")
	}
	switch c := p.buf[p.pos]; {
	case c == '/':
		return p.name()
	case c == '(':
		return p.literal()
	case c == '[':
		return p.array(depth)
	case c == '<':
		if p.pos+1 >= len(p.buf) {
			return nil, p.short()
		}
		if p.buf[p.pos+1] == '<' {
			return p.dict(depth)
		}
		return p.hex()
	case isDigit(c) || c == '+' || c == '-' || c == '.':
		return p.number()
	case isDelimiter(c):
		return nil, syntax("unexpected %q", c)
	}
	word, err := p.keyword()
	if err != nil {
		return nil, err
	}
	switch word {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return Null{}, nil
	}
	return nil, syntax("unknown word")
}

func (p *parser) array(depth int) (Object, error) {
	p.pos++
	out := Array{}
	for {
		p.skip()
		if p.pos >= len(p.buf) {
			return nil, p.short()
		}
		if p.buf[p.pos] == ']' {
			p.pos++
			return out, nil
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (p *parser) dict(depth int) (Object, error) {
	p.pos += 2
	out := Dict{}
	for {
		p.skip()
		if p.pos >= len(p.buf) {
			return nil, p.short()
		}
		if p.buf[p.pos] == '>' {
			if p.pos+1 >= len(p.buf) {
				return nil, p.short()
			}
			if p.buf[p.pos+1] != '>' {
				return nil, syntax("dictionary is not closed")
			}
			p.pos += 2
			return out, nil
		}
		if p.buf[p.pos] != '/' {
			return nil, syntax("key of a dictionary is not a name")
		}
		key, err := p.name()
		if err != nil {
			return nil, err
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, Entry{key, v})
	}
}

func unhex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (p *parser) name() (Name, error) {
	p.pos++
	raw, err := p.keyword()
	if err != nil {
		return "", err
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) && unhex(raw[i+1]) >= 0 && unhex(raw[i+2]) >= 0 {
			out = append(out, byte(unhex(raw[i+1])<<4|unhex(raw[i+2])))
			i += 2
			continue
		}
		out = append(out, raw[i])
	}
	return Name(out), nil
}

// number reads an integer, a real, or a reference.
func (p *parser) number() (Object, error) {
	start := p.pos
	word, err := p.keyword()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		if !looksNumeric(word) {
			return nil, syntax("broken number")
		}
		return Real(word), nil
	}
	if n < 0 || n > 1<<32-1 || !isDigit(p.buf[start]) {
		return Int(n), nil
	}
	ref, ok, err := p.reference(uint32(n))
	if err != nil || ok {
		return ref, err
	}
	return Int(n), nil
}

func looksNumeric(word string) bool {
	digits := 0
	for i := range len(word) {
		switch c := word[i]; {
		case isDigit(c):
			digits++
		case c == '.' || c == '-' || c == '+':
		default:
			return false
		}
	}
	return digits > 0 || word == "." || word == "-" // some writers print zero so
}

// reference looks whether "g R" follows; otherwise it moves nothing.
func (p *parser) reference(num uint32) (Ref, bool, error) {
	at := p.pos
	p.skip()
	start := p.pos
	for p.pos < len(p.buf) && isDigit(p.buf[p.pos]) && p.pos-start < 6 {
		p.pos++
	}
	gen, bad := strconv.ParseUint(string(p.buf[start:p.pos]), 10, 16)
	if p.pos == len(p.buf) && !p.last {
		return Ref{}, false, errShort
	}
	if bad != nil || p.pos < len(p.buf) && !isSpace(p.buf[p.pos]) && p.buf[p.pos] != '%' {
		p.pos = at
		return Ref{}, false, nil
	}
	p.skip()
	if p.pos+1 >= len(p.buf) && !p.last {
		return Ref{}, false, errShort
	}
	if p.pos < len(p.buf) && p.buf[p.pos] == 'R' &&
		(p.pos+1 == len(p.buf) || isSpace(p.buf[p.pos+1]) || isDelimiter(p.buf[p.pos+1])) {
		p.pos++
		return Ref{num, uint16(gen)}, true, nil
	}
	p.pos = at
	return Ref{}, false, nil
}

func (p *parser) hex() (Object, error) {
	start := p.pos
	p.pos++
	var out []byte
	high := -1
	for p.pos < len(p.buf) {
		c := p.buf[p.pos]
		p.pos++
		if c == '>' {
			if high >= 0 {
				out = append(out, byte(high<<4))
			}
			return p.str(out, true, start), nil
		}
		if isSpace(c) {
			continue
		}
		v := unhex(c)
		if v < 0 {
			return nil, syntax("broken hexadecimal string")
		}
		if high < 0 {
			high = v
		} else {
			out = append(out, byte(high<<4|v))
			high = -1
		}
	}
	return nil, p.short()
}

func (p *parser) str(b []byte, hex bool, start int) String {
	s := String{Bytes: b, Hex: hex, Start: -1, End: -1}
	if p.base >= 0 {
		s.Start, s.End = p.offset(start), p.offset(p.pos)
	}
	return s
}

// literal reads a string in round brackets (ISO 32000-1 7.3.4.2).
func (p *parser) literal() (Object, error) {
	start := p.pos
	p.pos++
	var out []byte
	depth := 1
	for p.pos < len(p.buf) {
		c := p.buf[p.pos]
		p.pos++
		switch c {
		case '\\':
			b, err := p.escape()
			if err != nil {
				return nil, err
			}
			out = append(out, b...)
			continue
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return p.str(out, false, start), nil
			}
		case '\r': // an end of line of any kind is a line feed
			if p.pos < len(p.buf) && p.buf[p.pos] == '\n' {
				p.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, p.short()
}

// escape reads what follows a backslash.
func (p *parser) escape() ([]byte, error) {
	if p.pos >= len(p.buf) {
		return nil, p.short()
	}
	c := p.buf[p.pos]
	p.pos++
	switch c {
	case 'n':
		return []byte{'\n'}, nil
	case 'r':
		return []byte{'\r'}, nil
	case 't':
		return []byte{'\t'}, nil
	case 'b':
		return []byte{'\b'}, nil
	case 'f':
		return []byte{'\f'}, nil
	case '\n':
		return nil, nil
	case '\r':
		if p.pos < len(p.buf) && p.buf[p.pos] == '\n' {
			p.pos++
		}
		return nil, nil
	}
	if c < '0' || c > '7' {
		return []byte{c}, nil
	}
	v := int(c - '0')
	for i := 0; i < 2 && p.pos < len(p.buf) && p.buf[p.pos] >= '0' && p.buf[p.pos] <= '7'; i++ {
		v = v<<3 | int(p.buf[p.pos]-'0')
		p.pos++
	}
	return []byte{byte(v)}, nil
}
