package judge

import (
	"bytes"
	"encoding/hex"
	"io"

	"nghisu/internal/signing/pdf"
)

// structure checks that the signature covers exactly one revision but for its own hole, and that the
// revision by itself has the same signature. The answer is what is wrong, empty when nothing is.
func (j *judging) structure(c *candidate) string {
	ref, ok := c.field.Value.(pdf.Ref)
	if !ok || c.field.Ref == (pdf.Ref{}) {
		return "field or signature is not an object of its own"
	}
	if j.d.Locate(ref.Num).Kind != pdf.InFile {
		return "signature dictionary is missing, or in an object stream"
	}
	c.value = ref
	o, err := j.d.Object(ref.Num)
	dict, ok := o.(pdf.Dict)
	if err != nil || !ok || dict.Repeated() || c.field.Dict.Repeated() {
		return "signature dictionary is broken or ambiguous"
	}
	c.dict = dict
	if t := dict.Get("Type"); t != nil && t != pdf.Name("Sig") && t != pdf.Name("DocTimeStamp") {
		return "not a signature dictionary"
	}
	if finding := c.holeOf(j.r, j.size); finding != "" {
		return finding
	}
	if !endsAtEOF(j.r, c.end) {
		return "range does not end with a revision"
	}
	return j.ownRevision(c)
}

// holeOf checks ByteRange against the place of Contents: [0 a b c] leaves out exactly the hexadecimal
// string, which has two digits per byte and nothing else in it.
func (c *candidate) holeOf(file io.ReaderAt, size int64) string {
	list, ok := c.dict.Get("ByteRange").(pdf.Array)
	if !ok || len(list) != 4 {
		return "byte range is not four numbers"
	}
	var r [4]int64
	for i := range r {
		n, ok := list[i].(pdf.Int)
		if !ok || n < 0 || int64(n) > size {
			return "byte range is not four numbers"
		}
		r[i] = int64(n)
	}
	s, ok := c.dict.Get("Contents").(pdf.String)
	switch {
	case !ok || !s.Hex || s.Start < 0:
		return "contents is not a hexadecimal string"
	case r[0] != 0 || r[1] != s.Start || r[2] != s.End:
		return "byte range leaves out something else than the contents"
	case s.End-s.Start > maxHole || !pairsOfDigits(file, s.Start+1, s.End-1):
		return "contents holds other characters than pairs of digits"
	case r[2]+r[3] > size || r[3] == 0:
		return "byte range ends outside of the file"
	}
	c.hole = pdf.Span{Start: s.Start, End: s.End}
	c.end = r[2] + r[3]
	c.contents = s.Bytes
	return ""
}

// maxHole limits the contents of a signature: a message with all its evidence stays far below.
const maxHole = 4 << 20

// pairsOfDigits reports whether the bytes between the two offsets are an even number of hexadecimal digits.
func pairsOfDigits(r io.ReaderAt, from, to int64) bool {
	buf := make([]byte, to-from)
	if n, err := r.ReadAt(buf, from); n < len(buf) && err != nil {
		return false
	}
	_, err := hex.Decode(buf, buf)
	return err == nil
}

// endsAtEOF reports whether the bytes before end are "%%EOF" with at most one end of line.
func endsAtEOF(r io.ReaderAt, end int64) bool {
	n := min(end, 7)
	buf := make([]byte, n)
	if m, err := r.ReadAt(buf, end-n); int64(m) < n && err != nil {
		return false
	}
	for _, eol := range []string{"\r\n", "\n", "\r", ""} {
		if bytes.HasSuffix(buf, []byte("%%EOF"+eol)) {
			return true
		}
	}
	return false
}

// ownRevision opens the signed revision alone: what the signer had before them.
func (j *judging) ownRevision(c *candidate) string {
	rev, err := pdf.Open(io.NewSectionReader(j.r, 0, c.end), c.end)
	if err != nil {
		return "signed revision cannot be read"
	}
	if rev.Locate(c.value.Num) != j.d.Locate(c.value.Num) {
		return "signature dictionary is not in the revision that it covers"
	}
	fields, err := rev.Fields()
	if err != nil {
		return "form of the signed revision cannot be read"
	}
	for _, f := range fields {
		if f.Type == "Sig" && f.Value == pdf.Object(c.value) && f.Name == c.field.Name && f.Ref.Num == c.field.Ref.Num {
			c.revision = rev
			return ""
		}
	}
	return "signed revision has no such signature"
}
