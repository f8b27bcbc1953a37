package bench

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
)

// Document is a PDF file of about size bytes as scanners and word processors write them: pages with text
// and a picture each, that does not compress any further.
func Document(size int) []byte {
	var b bytes.Buffer
	b.Grow(size + 4096)
	_ = WriteDocument(&b, int64(size)) // a buffer takes everything
	return b.Bytes()
}

// WriteDocument writes such a file.
func WriteDocument(to io.Writer, size int64) error {
	w := &counter{w: to}
	const overhead = 1200 // of a page without its picture
	pages := max(min(size/60_000, 400), 1)
	picture := make([]byte, max(size/pages-overhead, 1))
	noise := rand.NewChaCha8([32]byte{1})
	fmt.Fprint(w, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int64
	object := func(body string, data []byte) {
		offsets = append(offsets, w.n)
		fmt.Fprintf(w, "%d 0 obj\n%s", len(offsets), body)
		if data != nil {
			fmt.Fprint(w, "\nstream\n")
			_, _ = w.Write(data)
			fmt.Fprint(w, "\nendstream")
		}
		fmt.Fprint(w, "\nendobj\n")
	}
	object("<</Type/Catalog/Pages 2 0 R/Lang(vi)>>", nil)
	var kids bytes.Buffer
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+3*i)
	}
	object(fmt.Sprintf("<</Type/Pages/Count %d/MediaBox[0 0 595 842]/Kids[%s]>>", pages, kids.String()), nil)
	object("<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>", nil)
	for i := range pages {
		_, _ = noise.Read(picture) // never fails
		at := 4 + 3*i
		object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>/XObject<</Im1 %d 0 R>>>>>>", at+1, at+2), nil)
		text := fmt.Appendf(nil, "q 400 0 0 400 90 90 cm /Im1 Do Q\nBT /F1 14 Tf 72 760 Td (Page %d) Tj ET", i+1)
		object(fmt.Sprintf("<</Length %d>>", len(text)), text)
		object(fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length %d>>",
			len(picture), len(picture)), picture)
	}
	start := w.n
	fmt.Fprintf(w, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(w, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(w, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return w.err
}

// counter knows how much was written, and keeps the first error.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(b []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.err = err
	return n, err
}
