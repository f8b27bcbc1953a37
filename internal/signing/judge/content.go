package judge

import (
	"encoding/hex"
	"errors"
	"strconv"

	"nghisu/internal/signing/pdf"
)

var errContent = errors.New("content stream is not understood")

// maxContent limits a content stream that is read.
const maxContent = 16 << 20

// operators reads a content stream (ISO 32000-1 7.8.2) and calls fn for each operator with what stands
// before it: float64, pdf.Name, []byte for strings, []any for arrays, nil for anything else. An inline
// image is the operator "BI". fn ends it by returning false.
func operators(data []byte, fn func(op string, args []any) bool) error {
	s := scanner{b: data}
	var args []any
	for {
		v, op, err := s.next(0)
		switch {
		case err != nil:
			return err
		case op == "" && s.end():
			return nil
		case op == "":
			if args = append(args, v); len(args) > 256 {
				return errContent
			}
			continue
		case op == "BI":
			s.skipImage()
		}
		if !fn(op, args) {
			return nil
		}
		args = args[:0]
	}
}

type scanner struct {
	b    []byte
	pos  int
	over bool
}

func (s *scanner) end() bool { return s.over }

// next is a value, or an operator; at the end neither.
func (s *scanner) next(depth int) (v any, op string, err error) {
	if depth > 16 {
		return nil, "", errContent
	}
	s.skip()
	if s.pos >= len(s.b) {
		s.over = true
		return nil, "", nil
	}
	c := s.b[s.pos]
	switch {
	case c == '/':
		s.pos++
		return pdf.Name(s.word()), "", nil
	case c == '(':
		v, err = s.literal()
		return v, "", err
	case c == '<' && s.pos+1 < len(s.b) && s.b[s.pos+1] == '<':
		s.pos += 2
		_, err = s.list(depth, '>')
		s.pos++ // the second bracket
		return nil, "", err
	case c == '<':
		v, err = s.hex()
		return v, "", err
	case c == '[':
		s.pos++
		v, err = s.list(depth, ']')
		return v, "", err
	case c == ')' || c == '>' || c == ']' || c == '{' || c == '}':
		return nil, "", errContent
	}
	word := s.word()
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		return n, "", nil
	}
	if word == "true" || word == "false" || word == "null" {
		return nil, "", nil
	}
	return nil, word, nil
}

func (s *scanner) list(depth int, end byte) ([]any, error) {
	out := []any{}
	for {
		s.skip()
		if s.pos >= len(s.b) {
			return nil, errContent
		}
		if s.b[s.pos] == end {
			s.pos++
			return out, nil
		}
		v, op, err := s.next(depth + 1)
		if err != nil || op != "" && end == ']' {
			return nil, errContent
		}
		out = append(out, v)
	}
}

func isBlank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f'
}

func (s *scanner) skip() {
	for s.pos < len(s.b) {
		switch c := s.b[s.pos]; {
		case isBlank(c):
			s.pos++
		case c == '%':
			for s.pos < len(s.b) && s.b[s.pos] != '\n' && s.b[s.pos] != '\r' {
				s.pos++
			}
		default:
			return
		}
	}
}

func (s *scanner) word() string {
	from := s.pos
	for s.pos < len(s.b) {
		c := s.b[s.pos]
		if isBlank(c) || c == '/' || c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' || c == '}' || c == '%' {
			break
		}
		s.pos++
	}
	if s.pos == from && s.pos < len(s.b) {
		s.pos++
	}
	return string(s.b[from:s.pos])
}

func (s *scanner) hex() ([]byte, error) {
	s.pos++
	var digits []byte
	for s.pos < len(s.b) && s.b[s.pos] != '>' {
		if !isBlank(s.b[s.pos]) {
			digits = append(digits, s.b[s.pos])
		}
		s.pos++
	}
	s.pos++
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	if _, err := hex.Decode(out, digits); err != nil {
		return nil, errContent
	}
	return out, nil
}

// literal reads a string in round brackets.
func (s *scanner) literal() ([]byte, error) {
	out := []byte{}
	for depth := 0; s.pos < len(s.b); s.pos++ {
		c := s.b[s.pos]
		switch {
		case c == '\\':
			out = s.escape(out)
			continue
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
		case c == ')':
			if depth--; depth == 0 {
				s.pos++
				return out, nil
			}
		}
		out = append(out, c)
	}
	return nil, errContent
}

// escape reads what follows a backslash, and leaves pos on its last byte.
func (s *scanner) escape(out []byte) []byte {
	s.pos++
	if s.pos >= len(s.b) {
		return out
	}
	c := s.b[s.pos]
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\n':
		return out
	case '\r':
		if s.pos+1 < len(s.b) && s.b[s.pos+1] == '\n' {
			s.pos++
		}
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	n := 0
	for i := 0; i < 3 && s.pos+i < len(s.b) && s.b[s.pos+i] >= '0' && s.b[s.pos+i] <= '7'; i++ {
		n = n*8 + int(s.b[s.pos+i]-'0')
	}
	for i := 0; i < 2 && s.pos+1 < len(s.b) && s.b[s.pos+1] >= '0' && s.b[s.pos+1] <= '7'; i++ {
		s.pos++
	}
	return append(out, byte(n))
}

// skipImage goes behind the data of an inline image.
func (s *scanner) skipImage() {
	for i := s.pos; i+3 < len(s.b); i++ {
		if isBlank(s.b[i]) && s.b[i+1] == 'E' && s.b[i+2] == 'I' && isBlank(s.b[i+3]) {
			s.pos = i + 3
			return
		}
	}
	s.pos = len(s.b)
}
