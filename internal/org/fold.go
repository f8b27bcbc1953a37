package org

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings text into the form it is searched in: lower case, without Vietnamese marks, đ as d,
// anything but letters and digits as one space. "Nguyễn Hữu Thành" and "nguyen  huu thanh" fold alike.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == 'đ' || r == 'Đ':
			r = 'd'
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// searchWords splits what a user typed into folded words, each of which must be found. Eight are enough.
func searchWords(q string) []string {
	words := strings.Fields(Fold(q))
	return words[:min(len(words), 8)]
}

// patterns makes LIKE patterns of words. Folded words hold letters and digits only: nothing to escape.
func patterns(q string) []string {
	words := searchWords(q)
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "%" + w + "%"
	}
	return out
}

// sortKey is the code of an agency with every number padded to six digits, so that H77.2 sorts
// before H77.10. It orders lists; it says nothing about levels.
func sortKey(code string) string {
	var b strings.Builder
	digits := 0
	flush := func(end int) {
		if digits > 0 {
			b.WriteString(strings.Repeat("0", max(0, 6-digits)))
			b.WriteString(code[end-digits : end])
			digits = 0
		}
	}
	for i := range len(code) {
		if code[i] >= '0' && code[i] <= '9' {
			digits++
			continue
		}
		flush(i)
		b.WriteByte(code[i])
	}
	flush(len(code))
	return b.String()
}

// clean trims a text, brings it to the composed form of Unicode (as Vietnamese keyboards of Windows
// type it) and makes runs of white space one space.
func clean(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }
