// Package upload takes files from people: in parts that may break off and go on, until the whole is
// one object of the store. It owns the tables uploads, upload_parts and objects, the staging area of
// the store, and the sweep that removes what nobody refers to. What a file is used for is decided by
// the features that take it.
package upload

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/objects"
)

// MaxSize is the size in bytes of the largest file taken (200 MB).
const MaxSize = 200 << 20

// The kinds of files taken, by content type. Pictures are for seals and signatures; whoever takes an
// upload over asks for the kind it can use.
const (
	PDF  = "application/pdf"
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

// MaxPicture is the size in bytes of the largest picture taken (10 MB).
const MaxPicture = 10 << 20

const (
	maxName = 200 // runes
	maxOpen = 100 // uploads of one person that are under way
)

// State of an upload.
type State string

// The closed list of states. A cancelled upload is gone.
const (
	Open     State = "open"
	Complete State = "complete"
)

// Upload is a file on its way in. Hash and ContentType are set when it is complete.
type Upload struct {
	ID          id.Upload
	Name        string
	Size        int64 // bytes announced
	Received    int64 // bytes that are durable; the next part starts here
	State       State
	Hash        *objects.Hash
	ContentType string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Taken is a complete upload as a feature takes it over.
type Taken struct {
	Hash        objects.Hash
	Size        int64
	Name        string
	ContentType string
}

// Ref names the content of a complete upload.
func (u Upload) Ref() (objects.Ref, error) {
	if u.State != Complete {
		return objects.Ref{}, errs.New(errs.Conflict, "upload.incomplete")
	}
	return objects.Ref{Hash: *u.Hash, Size: u.Size}, nil
}

// taken is a complete upload of one of the kinds.
func (u Upload) taken(kinds ...string) (Taken, error) {
	switch {
	case u.State != Complete:
		return Taken{}, errs.New(errs.Conflict, "upload.incomplete")
	case slices.Contains(kinds, u.ContentType):
		return Taken{Hash: *u.Hash, Size: u.Size, Name: u.Name, ContentType: u.ContentType}, nil
	case slices.Contains(kinds, PDF):
		return Taken{}, errNotPDF
	}
	return Taken{}, errs.New(errs.Unsupported, "upload.not_picture")
}

// cleanName is the last element of what the browser sent, composed (NFC, as people type Vietnamese),
// without spaces around it. Characters that cannot be seen or that turn the reading direction are
// refused: they make one name look like another.
func cleanName(name string) (string, error) {
	name = norm.NFC.String(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(name)
	hidden := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError }
	switch {
	case name == "", name == ".", name == "..", strings.ContainsFunc(name, hidden):
		return "", errs.InvalidField("name", "upload.bad_name")
	case utf8.RuneCountInString(name) > maxName:
		return "", errs.InvalidField("name", "upload.name_too_long")
	}
	return name, nil
}

func checkSize(size int64) error {
	switch {
	case size <= 0:
		return errs.InvalidField("size", "upload.empty")
	case size > MaxSize:
		return errs.New(errs.TooLarge, "upload.too_large")
	}
	return nil
}

var errNotPDF = errs.New(errs.Unsupported, "upload.not_pdf")

// PDF readers look for the header in the first and for the end mark in the last 1024 bytes
// (PDF Reference 1.7, Appendix H, implementation notes 13 and 18); so do we.
const pdfWindow = 1024

// contentType judges the beginning of a file of the announced size; empty when we take no such file.
func contentType(head []byte, size int64) string {
	switch {
	case bytes.Contains(head[:min(len(head), pdfWindow)], []byte("%PDF-")):
		return PDF
	case size <= MaxPicture && bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case size <= MaxPicture && bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	}
	return ""
}

// checkedReader passes content through and ends in errNotPDF instead of EOF when it is nothing that we
// take or does not have the announced size, so that a Put of it leaves nothing.
type checkedReader struct {
	r    io.Reader
	size int64 // announced
	read int64
	head []byte
	tail []byte
}

func (c *checkedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.read += int64(n)
	if missing := pdfWindow - len(c.head); missing > 0 {
		c.head = append(c.head, b[:min(n, missing)]...)
		if len(c.head) == pdfWindow && contentType(c.head, c.size) == "" {
			return 0, errNotPDF
		}
	}
	c.tail = append(c.tail, b[max(0, n-pdfWindow):n]...)
	c.tail = c.tail[max(0, len(c.tail)-pdfWindow):]
	if err != io.EOF {
		return n, err
	}
	kind := contentType(c.head, c.size)
	switch {
	case c.read != c.size:
		return n, errs.New(errs.Conflict, "upload.incomplete")
	case kind == "", kind == PDF && !bytes.Contains(c.tail, []byte("%%EOF")):
		return n, errNotPDF
	}
	return n, io.EOF
}
