package pades

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"nghisu/internal/signing/pdf"
)

// Made is what a file of ours must have beyond its original.
type Made struct {
	Before int64      `json:"before"` // size of the original
	Ranges [][4]int64 `json:"ranges"` // of the signatures that were added, document timestamps too
}

// errMade means that a file is not what was to be made.
var errMade = errors.New("signed file is not as it was planned")

// Check reads a file that was made and finds exactly the signatures that were added, each leaving out nothing
// but its own message, and nothing behind the original but well-formed updates. It does not judge the
// signatures themselves.
func Check(r io.ReaderAt, size int64, m Made) error {
	d, err := pdf.Open(r, size)
	if err != nil {
		return fmt.Errorf("%w: %w", errMade, err)
	}
	if _, err := d.Tail(m.Before); err != nil {
		return fmt.Errorf("%w: %w", errMade, err)
	}
	fields, err := d.Fields()
	if err != nil {
		return fmt.Errorf("%w: %w", errMade, err)
	}
	var found [][4]int64
	for _, f := range fields {
		if f.Type != "Sig" {
			continue
		}
		if rng, ok := rangeOf(d, f); ok && rng[1] >= m.Before && !slices.Contains(found, rng) {
			found = append(found, rng)
		}
	}
	if len(found) != len(m.Ranges) {
		return fmt.Errorf("%w: %d signatures instead of %d", errMade, len(found), len(m.Ranges))
	}
	for _, want := range m.Ranges {
		if !slices.Contains(found, want) {
			return fmt.Errorf("%w: no signature over %v", errMade, want)
		}
	}
	return nil
}

// rangeOf is the byte range of a signature whose hole is its own message.
func rangeOf(d *pdf.Doc, f pdf.Field) (out [4]int64, ok bool) {
	dict := d.Dict(f.Value)
	contents, isString := dict.Get("Contents").(pdf.String)
	list := d.Array(dict.Get("ByteRange"))
	if !isString || !contents.Hex || len(list) != 4 {
		return out, false
	}
	for i := range out {
		n, isInt := list[i].(pdf.Int)
		if !isInt {
			return out, false
		}
		out[i] = int64(n)
	}
	return out, out[0] == 0 && out[1] == contents.Start && out[2] == contents.End && out[2]+out[3] <= d.Size
}
