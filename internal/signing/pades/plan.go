package pades

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"nghisu/internal/signing/pdf"
)

// Plan is what is to be appended to the file, with the hole still empty. Offsets are of the whole file.
// A plan without a signature has no hole.
type Plan struct {
	Appendix []byte
	Hole     pdf.Span // the hexadecimal string, brackets included
	Size     int64    // of the file with the appendix
}

// errNoHole means that a plan lays or fills fields only.
var errNoHole = errors.New("plan has no hole for a signature")

// ByteRange is the part of the file that is signed: everything but the hole.
func (p Plan) ByteRange() [4]int64 { return [4]int64{0, p.Hole.Start, p.Hole.End, p.Size - p.Hole.End} }

// Before is the size of the file that the plan was made for.
func (p Plan) Before() int64 { return p.Size - int64(len(p.Appendix)) }

// Room is how long a message can be.
func (p Plan) Room() int { return max(int(p.Hole.End-p.Hole.Start)/2-1, 0) }

// Digest is the SHA-256 over the ByteRange. original must hold exactly the bytes that the plan was made
// for; it is read once, from front to back.
func (p Plan) Digest(original io.Reader) ([]byte, error) {
	return p.DigestWith(original, crypto.SHA256)
}

// DigestWith is Digest with another hash.
func (p Plan) DigestWith(original io.Reader, alg crypto.Hash) ([]byte, error) {
	if p.Room() == 0 {
		return nil, errNoHole
	}
	h := alg.New()
	n, err := io.Copy(h, original)
	if err != nil {
		return nil, fmt.Errorf("read file to sign: %w", err)
	}
	if n != p.Before() {
		return nil, fmt.Errorf("file to sign has %d bytes instead of %d", n, p.Before())
	}
	return p.Finish(h), nil
}

// Finish adds the appendix to a hash that has the original already.
func (p Plan) Finish(h hash.Hash) []byte {
	h.Write(p.Appendix[:p.Hole.Start-p.Before()])
	h.Write(p.Appendix[p.Hole.End-p.Before():])
	return h.Sum(nil)
}

// Fill puts the message into the hole; the rest of the hole stays zero.
func (p *Plan) Fill(message []byte) error {
	if len(message) > p.Room() || len(message) == 0 {
		return fmt.Errorf("message of %d bytes does not fit into a hole of %d", len(message), p.Room())
	}
	at := p.Hole.Start - p.Before() + 1
	const hexDigits = "0123456789abcdef"
	for i, c := range message {
		p.Appendix[at+2*int64(i)] = hexDigits[c>>4]
		p.Appendix[at+2*int64(i)+1] = hexDigits[c&15]
	}
	return nil
}

// rangeHole is the place of the ByteRange; every number has room for ten digits.
const rangeHole = "[0 0000000000 0000000000 0000000000]"

// emptyHole is the place of a message.
func emptyHole(size int) pdf.Hole { return pdf.Hole(size) }

// cut finds the holes of a signature dictionary, which lies at span of the appendix, and writes the
// ByteRange.
func cut(size int64, data []byte, span pdf.Span) (Plan, error) {
	object := data[span.Start:span.End]
	from := bytes.Index(object, []byte("/Contents <")) + len("/Contents ")
	to := from + bytes.IndexByte(object[from:], '>') + 1
	p := Plan{Appendix: data, Size: size + int64(len(data))}
	p.Hole = pdf.Span{Start: size + span.Start + int64(from), End: size + span.Start + int64(to)}
	r := p.ByteRange()
	text := fmt.Sprintf("[%d %d %d %d]", r[0], r[1], r[2], r[3])
	if len(text) > len(rangeHole) {
		return Plan{}, fmt.Errorf("file of %d bytes is too large", size)
	}
	at := bytes.Index(object, []byte(rangeHole))
	copy(object[at:], text+strings.Repeat(" ", len(rangeHole)-len(text)))
	return p, nil
}
