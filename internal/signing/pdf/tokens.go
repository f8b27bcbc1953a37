package pdf

import (
	"bufio"
	"io"
)

// tokens reads words separated by blanks, and where each begins; for tables that may be long.
type tokens struct {
	r   *bufio.Reader
	off int64
}

func newTokens(r io.ReaderAt, off, size int64) *tokens {
	return &tokens{r: bufio.NewReaderSize(io.NewSectionReader(r, off, max(size-off, 0)), 4<<10), off: off}
}

// next is the next word of up to 20 characters; "trailer" ends at the bracket that may touch it.
func (t *tokens) next() (word string, at int64, err error) {
	var buf [20]byte
	n := 0
	for {
		c, err := t.r.ReadByte()
		if err != nil {
			return "", 0, syntax("file ends inside the cross-reference")
		}
		t.off++
		if isSpace(c) || isDelimiter(c) {
			if n == 0 && isSpace(c) {
				continue
			}
			if n == 0 {
				return "", 0, syntax("unexpected %q in the cross-reference", c)
			}
			if isDelimiter(c) {
				_ = t.r.UnreadByte()
				t.off--
				return string(buf[:n]), t.off - int64(n), nil
			}
			return string(buf[:n]), t.off - 1 - int64(n), nil
		}
		if n == len(buf) {
			return "", 0, syntax("word too long in the cross-reference")
		}
		buf[n] = c
		n++
	}
}

// entry reads "oooooooooo ggggg n", as nearly every writer writes it; false moves nothing but blanks.
func (t *tokens) entry() (offset int64, gen uint16, kind byte, ok bool) {
	const length = 18
	for {
		b, err := t.r.Peek(length + 1)
		if err != nil {
			return 0, 0, 0, false
		}
		if isSpace(b[0]) {
			_, _ = t.r.Discard(1)
			t.off++
			continue
		}
		o, ok1 := digits(b[:10])
		g, ok2 := digits(b[11:16])
		kind = b[17]
		if !ok1 || !ok2 || b[10] != ' ' || b[16] != ' ' || kind != 'n' && kind != 'f' || !isSpace(b[18]) || g > 65535 {
			return 0, 0, 0, false
		}
		_, _ = t.r.Discard(length)
		t.off += length
		return o, uint16(g), kind, true
	}
}

func digits(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// skipRemark moves over words behind an entry, up to the end of its line; "trailer" is none. It reports
// whether there were any.
func (t *tokens) skipRemark() bool {
	remark := false
	for {
		b, err := t.r.Peek(1)
		if err != nil || b[0] == '\n' || b[0] == '\r' || isDigit(b[0]) && !remark {
			return remark
		}
		if !isSpace(b[0]) && !remark {
			if word, _ := t.r.Peek(len("trailer")); string(word) == "trailer" {
				return false
			}
			remark = true
		}
		_, _ = t.r.Discard(1)
		t.off++
	}
}
