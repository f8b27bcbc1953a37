// Package pdftest makes small PDF files, and appends updates of any kind to files, honest or not. Tests only.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
)

// Object is an object as it is written, without "obj" and "endobj".
type Object struct {
	Num  int
	Body string
}

// Stream is the body of a stream object.
func Stream(dict, data string) string {
	return fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// Page is a one-page document that shows text. extra are more objects, numbered from 6.
func Page(text string, extra ...Object) []byte {
	objects := append([]Object{
		{1, "<</Type/Catalog/Pages 2 0 R>>"},
		{2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"},
		{4, Stream("", "BT /F1 18 Tf 72 700 Td ("+text+") Tj ET")},
		{5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"},
	}, extra...)
	return Build(objects, "/Root 1 0 R")
}

// Build writes a file with a table.
func Build(objects []Object, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	size := 0
	offsets := map[int]int{}
	for _, o := range objects {
		offsets[o.Num] = b.Len()
		size = max(size, o.Num+1)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", o.Num, o.Body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n", size)
	for i := range size {
		if at, ok := offsets[i]; ok {
			fmt.Fprintf(&b, "%010d 00000 n \n", at)
		} else {
			b.WriteString("0000000000 65535 f \n")
		}
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n", size, trailer, start)
	return b.Bytes()
}

// BuildCompressed writes a file with a cross-reference stream; all objects but streams lie in an object stream.
func BuildCompressed(objects []Object, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	top := 0
	for _, o := range objects {
		top = max(top, o.Num)
	}
	packed, self := top+1, top+2
	entries := make([][3]int, self+1)
	var index, body strings.Builder
	n := 0
	for _, o := range objects {
		if strings.Contains(o.Body, "stream\n") {
			entries[o.Num] = [3]int{1, b.Len(), 0}
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", o.Num, o.Body)
			continue
		}
		entries[o.Num] = [3]int{2, packed, n}
		n++
		fmt.Fprintf(&index, "%d %d ", o.Num, body.Len())
		body.WriteString(o.Body + " ")
	}
	entries[packed] = [3]int{1, b.Len(), 0}
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", packed, Stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", n, index.Len()), deflate(index.String()+body.String())))
	start := b.Len()
	entries[self] = [3]int{1, start, 0}
	var table []byte
	for _, e := range entries {
		table = append(table, byte(e[0]), byte(e[1]>>16), byte(e[1]>>8), byte(e[1]), byte(e[2]))
	}
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", self,
		Stream(fmt.Sprintf("/Type/XRef/Size %d/W[1 3 1]/Filter/FlateDecode %s", self+1, trailer), deflate(string(table))), start)
	return b.Bytes()
}

func deflate(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// Append adds an update with a table to a file. at overrides the offset of objects (shadow attacks).
func Append(file []byte, objects []Object, trailer string, at map[int]int) []byte {
	b := bytes.NewBuffer(slices.Clone(file))
	prev := LastStart(file)
	offsets := map[int]int{}
	for n, o := range at {
		offsets[n] = o
	}
	for _, o := range objects {
		offsets[o.Num] = b.Len()
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", o.Num, o.Body)
	}
	nums := []int{}
	top := 0
	for n := range offsets {
		nums = append(nums, n)
		top = max(top, n)
	}
	slices.Sort(nums)
	start := b.Len()
	b.WriteString("xref\n")
	for _, n := range nums {
		if offsets[n] < 0 {
			fmt.Fprintf(b, "%d 1\n0000000000 00001 f \n", n)
		} else {
			fmt.Fprintf(b, "%d 1\n%010d 00000 n \n", n, offsets[n])
		}
	}
	fmt.Fprintf(b, "trailer\n<</Size %d/Prev %d %s>>\nstartxref\n%d\n%%%%EOF\n", top+100, prev, trailer, start)
	return b.Bytes()
}

// LastStart is the number behind the last "startxref".
func LastStart(file []byte) int {
	i := bytes.LastIndex(file, []byte("startxref"))
	var n int
	_, _ = fmt.Sscan(string(file[i+len("startxref"):min(len(file), i+40)]), &n)
	return n
}
