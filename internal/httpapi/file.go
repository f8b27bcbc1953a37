package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"nghisu/internal/errs"
	"nghisu/storage/objects"
)

// bodyPause is how long a transfer of bytes, in or out, may stand still before it is cut.
const bodyPause = time.Minute

// filePolicy keeps a file that a browser shows from running or loading anything. A PDF goes without
// "sandbox", because browsers then refuse to show it; their reader is walled off by itself.
const (
	filePolicy = "default-src 'none'; frame-ancestors 'self'; sandbox"
	pdfPolicy  = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)

// serveObject answers with the content of an object: whole or by ranges, 304 when the caller has it.
// The content was found undamaged before the first byte leaves. PDF is shown in the page, everything
// else is offered for saving, as is a PDF with ?download. Whether the caller may see it was decided before.
func (a *API) serveObject(w http.ResponseWriter, r *http.Request, ref objects.Ref, name, contentType string) error {
	return a.serveBytes(w, r, firstBytes{Ref: ref}, name, contentType)
}

// firstBytes are the first bytes of an object; all of them when size is zero or that of the object.
type firstBytes struct {
	objects.Ref
	size int64
}

func (f firstBytes) whole() bool { return f.size == 0 || f.size == f.Size }

func (f firstBytes) etag() string {
	if f.whole() {
		return `"` + f.Hash.Hex() + `"`
	}
	return `"` + f.Hash.Hex() + "-" + strconv.FormatInt(f.size, 10) + `"`
}

// serveBytes is serveObject for a part of an object.
func (a *API) serveBytes(w http.ResponseWriter, r *http.Request, f firstBytes, name, contentType string) error {
	h := w.Header()
	etag := f.etag()
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache") // kept, but asked for again: rights may have ended
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	o, err := a.Objects.Open(r.Context(), f.Hash)
	if err != nil {
		h.Del("ETag")
		return err
	}
	defer o.Close()
	disposition, policy := "attachment", filePolicy
	if contentType != "application/pdf" {
		contentType = "application/octet-stream"
	} else if !r.URL.Query().Has("download") {
		disposition, policy = "inline", pdfPolicy
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", contentDisposition(disposition, name))
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	content := &servedContent{ReadSeeker: o, response: http.NewResponseController(w)}
	if !f.whole() {
		content.ReadSeeker = &cutContent{o: o, size: f.size}
	}
	http.ServeContent(w, r, "", time.Time{}, content)
	_ = content.response.SetWriteDeadline(time.Time{})
	if content.err != nil {
		eventOf(r.Context()).fail(content.err) // the answer is short of its announced length: the connection is cut
	}
	return nil
}

// contentDisposition names a file for saving, in Vietnamese letters too (RFC 6266, RFC 5987).
func contentDisposition(kind, name string) string {
	if v := mime.FormatMediaType(kind, map[string]string{"filename": name}); v != "" {
		return v
	}
	return kind
}

// servedContent moves the write deadline while the caller takes bytes, and remembers a failed read.
type servedContent struct {
	io.ReadSeeker
	response *http.ResponseController
	err      error
}

func (c *servedContent) Read(p []byte) (int, error) {
	_ = c.response.SetWriteDeadline(time.Now().Add(bodyPause)) // not every server has deadlines
	n, err := c.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// cutContent is an object that ends after size bytes.
type cutContent struct {
	o        objects.Object
	size, at int64
}

func (c *cutContent) Read(p []byte) (int, error) {
	if c.at >= c.size {
		return 0, io.EOF
	}
	n, err := c.o.Read(p[:min(int64(len(p)), c.size-c.at)])
	c.at += int64(n)
	return n, err
}

// Seek implements io.Seeker.
func (c *cutContent) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	}
	at, err := c.o.Seek(offset, io.SeekStart)
	if err == nil {
		c.at = at
	}
	return at, err
}

// receivedBody is a request body of many bytes: it may take long but not stand still.
type receivedBody struct {
	io.Reader
	response *http.ResponseController
}

func newReceivedBody(w http.ResponseWriter, r *http.Request, max int64) *receivedBody {
	return &receivedBody{http.MaxBytesReader(w, r.Body, max), http.NewResponseController(w)}
}

func (b *receivedBody) Read(p []byte) (int, error) {
	_ = b.response.SetReadDeadline(time.Now().Add(bodyPause))
	n, err := b.Reader.Read(p)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return n, errs.Wrap(errs.TooLarge, "upload.too_large", err)
	}
	return n, err
}

// finish takes a little more of a refused body, so that the browser is done sending and reads the
// answer, and lifts the deadline.
func (b *receivedBody) finish(refused bool) {
	if refused {
		_ = b.response.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.CopyN(io.Discard, b.Reader, 9<<20) // one piece of our pages is 8 MB
	}
	_ = b.response.SetReadDeadline(time.Time{})
}
