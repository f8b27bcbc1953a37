// Package revision lists the states that a PDF file went through: each incremental update ends one, and the bytes
// up to there are a file of their own. It reads through io.ReaderAt and belongs into a child process.
package revision

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"

	"nghisu/internal/signing/pdf"
)

// Kind says what made a revision.
type Kind string

// The closed list of kinds.
const (
	Original  Kind = "original"           // the file as it was first written
	Signature Kind = "signature"          // a signature that covers all of it
	Timestamp Kind = "document_timestamp" // the same by a timestamp authority
	Update    Kind = "update"             // anything else: form values, evidence, changes
)

// Revision is one state of a file.
type Revision struct {
	Number int    `json:"number"` // from 1, the oldest
	Size   int64  `json:"size"`   // its bytes are the first ones of the file
	Kind   Kind   `json:"kind"`
	Field  string `json:"field,omitempty"` // of the signature that covers it
}

// maxRevisions limits the list; of more the newest are told.
const maxRevisions = 500

// List lists the revisions of a file, the oldest first. A file whose cross-reference cannot be followed has one.
// The error comes from r only.
func List(r io.ReaderAt, size int64) ([]Revision, error) {
	d, err := pdf.Open(r, size)
	if err != nil {
		if errors.Is(err, pdf.ErrNotPDF) || errors.Is(err, pdf.ErrSyntax) {
			return []Revision{{Number: 1, Size: size, Kind: Original}}, nil
		}
		return nil, err
	}
	ends, err := ends(r, size, d)
	if err != nil {
		return nil, err
	}
	signed := signatures(d, size)
	for end := range signed {
		// a signature may leave out the end of line behind its revision
		near := func(e int64) bool { return e >= end && e-end <= 2 }
		if i := slices.IndexFunc(ends, near); i >= 0 {
			ends[i] = end
		}
	}
	if n := len(ends); n == 0 {
		ends = []int64{size}
	} else if _, exact := signed[ends[n-1]]; !exact || n == 1 {
		ends[n-1] = size // blanks at the end belong to it
	}
	slices.Sort(ends)
	var out []Revision
	for _, end := range slices.Compact(ends) {
		rev := Revision{Number: len(out) + 1, Size: end, Kind: Update}
		if len(out) == 0 {
			rev.Kind = Original
		}
		if s, ok := signed[end]; ok {
			rev.Kind, rev.Field = s.Kind, s.Field
		}
		out = append(out, rev)
	}
	return out[max(0, len(out)-maxRevisions):], nil
}

// signatures tells by the end of the covered bytes which signature covers them.
func signatures(d *pdf.Doc, size int64) map[int64]Revision {
	out := map[int64]Revision{}
	fields, err := d.Fields()
	if err != nil {
		return out
	}
	for _, f := range fields {
		if f.Type != "Sig" || f.Value == nil {
			continue
		}
		v, err := d.Resolve(f.Value)
		dict, ok := v.(pdf.Dict)
		if err != nil || !ok {
			continue
		}
		ranges := d.Array(dict.Get("ByteRange"))
		if len(ranges) != 4 {
			continue
		}
		from, ok1 := ranges[2].(pdf.Int)
		length, ok2 := ranges[3].(pdf.Int)
		end := int64(from) + int64(length)
		if !ok1 || !ok2 || from < 0 || length < 0 || end <= 0 || end > size {
			continue
		}
		s := Revision{Kind: Signature, Field: f.Name}
		if dict.Get("Type") == pdf.Name("DocTimeStamp") {
			s.Kind = Timestamp
		}
		out[end] = s
	}
	return out
}

var marker = []byte("%%EOF")

// ends finds where updates end: behind "%%EOF" that follows the offset of a cross-reference in use. The first section of
// a linearised file lies before its main one and ends nothing.
func ends(r io.ReaderAt, size int64, d *pdf.Doc) ([]int64, error) {
	sections := map[int64]bool{}
	for _, s := range d.Sections {
		sections[s.Offset] = true
	}
	var out []int64
	const step = 256 << 10
	const before, after = 64, 2 // bytes of interest around the marker
	buf := make([]byte, step+before+int64(len(marker))+after)
	for at := int64(0); at < size; at += step {
		from := max(0, at-before)
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-from)], from)
		if err != nil && err != io.EOF {
			return nil, err
		}
		part := buf[:n]
		for i := int(at - from); ; {
			j := bytes.Index(part[i:], marker)
			if j < 0 || int64(i+j) >= at-from+step {
				break
			}
			i += j + len(marker)
			if start, ok := startOf(part[max(0, i-len(marker)-before) : i-len(marker)]); ok && sections[start+d.Shift] {
				out = append(out, from+int64(i)+eol(part[i:]))
				delete(sections, start+d.Shift)
			}
		}
	}
	return out, nil
}

// startOf reads the number behind the last "startxref".
func startOf(b []byte) (int64, bool) {
	i := bytes.LastIndex(b, []byte("startxref"))
	if i < 0 {
		return 0, false
	}
	words := bytes.Fields(b[i+len("startxref"):])
	if len(words) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(words[0]), 10, 64)
	return n, err == nil
}

// eol is the length of the end of line at the beginning of b.
func eol(b []byte) int64 {
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	case len(b) > 0 && (b[0] == '\n' || b[0] == '\r'):
		return 1
	}
	return 0
}
