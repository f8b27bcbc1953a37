package main

import (
	"bytes"
	"encoding/json"
	"io"
)

// printIndented writes a JSON document for people.
func printIndented(w io.Writer, doc []byte) error {
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}
