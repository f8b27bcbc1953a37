package pdf

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// EncodeText makes a text string. Anything but plain ASCII becomes UTF-16BE, and every string is
// written in hexadecimal, so that no byte of a Vietnamese letter can be taken for a bracket.
func EncodeText(s string) String {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] >= ' ' && s[i] < 0x7f
	}
	if ascii {
		return String{Bytes: []byte(s), Hex: true}
	}
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return String{Bytes: b, Hex: true}
}

// DecodeText reads a text string: UTF-16 with a mark, UTF-8 with a mark, else PDFDocEncoding, of which
// the letters beyond Latin-1 are read as question marks.
func DecodeText(b []byte) string {
	switch {
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		return decode16(b[2:], 0, 1)
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		return decode16(b[2:], 1, 0)
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf && utf8.Valid(b[3:]):
		return string(b[3:])
	}
	var out strings.Builder
	for _, c := range b {
		if c >= 0x80 && c < 0xa1 {
			c = '?'
		}
		out.WriteRune(rune(c))
	}
	return out.String()
}

func decode16(b []byte, high, low int) string {
	u := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, uint16(b[i+high])<<8|uint16(b[i+low]))
	}
	return string(utf16.Decode(u))
}

// FormatDate is a date string (ISO 32000-1 7.9.4) in the time zone of t.
func FormatDate(t time.Time) string {
	zone := t.Format("-07:00")
	return fmt.Sprintf("D:%s%s'%s'", t.Format("20060102150405"), zone[:3], zone[4:])
}

// ParseDate reads a date string down to the second; ok is false for anything less.
func ParseDate(s string) (time.Time, bool) {
	s, found := strings.CutPrefix(s, "D:")
	if !found || len(s) < 14 {
		return time.Time{}, false
	}
	t, err := time.Parse("20060102150405", s[:14])
	if err != nil {
		return time.Time{}, false
	}
	zone := strings.ReplaceAll(s[14:], "'", "")
	if zone == "" || zone[0] == 'Z' {
		return t, true
	}
	if len(zone) == 3 {
		zone += "00"
	}
	z, err := time.Parse("-0700", zone)
	if err != nil {
		return time.Time{}, false
	}
	_, seconds := z.Zone()
	return t.Add(-time.Duration(seconds) * time.Second), true
}
