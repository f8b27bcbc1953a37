package org

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"nghisu/internal/errs"
)

const (
	maxImportBytes = 5 << 20
	maxImportRows  = 20000
	maxRowErrors   = 200 // told; the rest is the same again
)

// column is one column an import knows.
type column struct {
	name     string   // as the API and reports write it
	also     []string // folded headings that mean it
	required bool
}

var agencyColumnsKnown = []column{
	{"code", []string{"ma", "ma dinh danh", "ma co quan"}, true},
	{"name", []string{"ten", "ten co quan"}, true},
	{"short_name", []string{"ten ngan", "ten viet tat", "ten rut gon"}, false},
	{"symbol", []string{"ky hieu", "chu viet tat"}, false},
	{"level", []string{"cap"}, true},
	{"parent_code", []string{"ma cap tren", "co quan cap tren", "ma co quan cap tren"}, false},
	{"valid_from", []string{"tu ngay", "ngay thanh lap", "ngay hieu luc"}, false},
	{"old_code", []string{"ma cu", "ma dinh danh cu"}, false},
}

var peopleColumnsKnown = []column{
	{"full_name", []string{"ho ten", "ho va ten"}, true},
	{"digital_identity", []string{"ma dinh danh", "dinh danh", "dinh danh so", "so dinh danh"}, true},
	{"email", []string{"thu dien tu"}, false},
	{"phone", []string{"dien thoai", "so dien thoai"}, false},
	{"username", []string{"tai khoan", "ten tai khoan"}, true},
	{"agency_code", []string{"ma co quan", "co quan"}, true},
	{"unit", []string{"don vi", "phong"}, false},
	{"position", []string{"chuc vu"}, true},
	{"roles", []string{"vai tro"}, true},
	{"valid_from", []string{"tu ngay", "ngay bo nhiem"}, false},
}

// tableRow is one row of a file: its line, and its values by column name.
type tableRow struct {
	line   int
	values map[string]string
}

// rowErrors collects what is wrong, up to maxRowErrors.
type rowErrors struct {
	list []RowError
	more int
}

func (e *rowErrors) add(row int, column, key string, args ...map[string]any) {
	if len(e.list) >= maxRowErrors {
		e.more++
		return
	}
	x := RowError{Row: row, Column: column, Key: key}
	if len(args) > 0 {
		x.Args = args[0]
	}
	e.list = append(e.list, x)
}

func (e *rowErrors) any() bool { return len(e.list) > 0 }

// decodeText brings a file as Excel and editors save it to UTF-8 without byte order mark.
func decodeText(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		little := data[0] == 0xFF // Excel's "Unicode text"
		units := make([]uint16, 0, len(data)/2)
		for i := 2; i+1 < len(data); i += 2 {
			hi, lo := data[i], data[i+1]
			if little {
				hi, lo = lo, hi
			}
			units = append(units, uint16(hi)<<8|uint16(lo))
		}
		return string(utf16.Decode(units)), nil
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", errs.InvalidField("csv", "import.not_utf8")
	}
	return string(data), nil
}

// separatorOf guesses what separates columns: Excel's "sep=;" line says it, otherwise the sign that
// is most frequent in the heading. Vietnamese Excel writes semicolons.
func separatorOf(text string) (rune, string) {
	heading, rest, _ := strings.Cut(text, "\n")
	heading = strings.TrimRight(heading, "\r")
	if s, ok := strings.CutPrefix(strings.ToLower(strings.Trim(heading, `"`)), "sep="); ok && len(s) == 1 && strings.Contains(",;\t|", s) {
		return rune(s[0]), rest
	}
	best, most := ',', -1
	for _, sep := range []rune{';', ',', '\t'} {
		if n := strings.Count(heading, string(sep)); n > most {
			best, most = sep, n
		}
	}
	return best, text
}

// readTable reads a CSV file. Problems of single rows go to e; an error is one of the file as a whole.
func readTable(data []byte, known []column, e *rowErrors) ([]tableRow, error) {
	if len(data) > maxImportBytes {
		return nil, errs.New(errs.TooLarge, "import.too_large")
	}
	text, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	skipped := 0
	sep, body := separatorOf(text)
	if len(body) != len(text) {
		skipped = 1
	}
	r := csv.NewReader(strings.NewReader(body))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = sep, -1, true
	heading, err := r.Read()
	if err != nil {
		return nil, errs.InvalidField("csv", "import.empty")
	}
	names := headings(slices.Clone(heading), known, skipped+1, e)
	if e.any() {
		return nil, nil
	}
	var rows []tableRow
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := skipped + 1
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				line = skipped + parse.StartLine
			}
			e.add(line, "", "import.form")
			return rows, nil // what follows a broken quote means nothing
		}
		line, _ := r.FieldPos(0)
		if row, ok := readRow(record, names, skipped+line, e); ok {
			rows = append(rows, row)
		}
		if len(rows) > maxImportRows {
			return nil, errs.New(errs.TooLarge, "import.too_many_rows")
		}
	}
	if len(rows) == 0 && !e.any() {
		return nil, errs.InvalidField("csv", "import.empty")
	}
	return rows, nil
}

// headings finds the column of every heading; "" for empty ones at the end.
func headings(record []string, known []column, line int, e *rowErrors) []string {
	names := make([]string, len(record))
	for i, h := range record {
		folded := Fold(h)
		for _, c := range known {
			if folded == Fold(c.name) || slices.Contains(c.also, folded) {
				names[i] = c.name
			}
		}
		switch {
		case names[i] == "" && folded != "":
			e.add(line, clean(strings.ToValidUTF8(h, "")), "import.column_unknown")
		case names[i] != "" && slices.Contains(names[:i], names[i]):
			e.add(line, names[i], "import.column_twice")
		}
	}
	for _, c := range known {
		if c.required && !slices.Contains(names, c.name) {
			e.add(line, c.name, "import.column_missing")
		}
	}
	return names
}

// lostNumber is how Excel writes a long number that it took for one: 7.92E+10, 7,92E+10.
var lostNumber = regexp.MustCompile(`^\d[.,]?\d*E\+\d+$`)

// readRow reads one record; false when it is empty, as Excel leaves them at the end, or wrong.
func readRow(record, names []string, line int, e *rowErrors) (tableRow, bool) {
	row := tableRow{line: line, values: make(map[string]string, len(names))}
	empty := true
	for i, v := range record {
		v = clean(strings.TrimPrefix(v, "'")) // the sign by which Excel marks text
		if v != "" {
			empty = false
		}
		if i < len(names) && names[i] != "" {
			row.values[names[i]] = v
		} else if v != "" {
			e.add(line, "", "import.columns", map[string]any{"got": len(record), "want": len(names)})
			return row, false
		}
	}
	if empty {
		return row, false
	}
	for name, v := range row.values {
		if lostNumber.MatchString(v) {
			e.add(line, name, "import.number_lost")
			return row, false
		}
	}
	return row, true
}

// date reads a date as people here write it, or as ISO; def when it is empty.
func (r tableRow) date(column string, def time.Time, e *rowErrors) time.Time {
	v := r.values[column]
	if v == "" {
		return def
	}
	for _, layout := range []string{"2006-01-02", "2/1/2006", "2-1-2006", "2.1.2006"} {
		if t, err := time.Parse(layout, v); err == nil && t.Year() >= 1900 && t.Year() <= 2200 {
			return t
		}
	}
	e.add(r.line, column, "import.date")
	return def
}

// words splits a cell that holds several values.
func words(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return r == '|' || r == ',' || r == ';' || r == '+' || r == '/' })
}

// addFields adds wrong inputs of the domain's own checks, under the names of the file's columns.
func (e *rowErrors) addFields(row int, fields []errs.Field, rename map[string]string) {
	for _, f := range fields {
		column := f.Path
		if n, ok := rename[column]; ok {
			column = n
		}
		e.add(row, column, f.Key, f.Args)
	}
}
