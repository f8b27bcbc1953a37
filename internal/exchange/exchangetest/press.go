package exchangetest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/press"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
)

// Press pretends to work on files: it sees one empty page in A4 everywhere, and writes what it would do as
// a comment behind the file.
type Press struct {
	Uploads *upload.Service
	Store   objects.Store
}

// Look implements document.Press.
func (Press) Look(context.Context, objects.Ref) (press.Sight, error) {
	return press.Sight{Pages: []page.Page{{Number: 1, Width: 210, Height: 297}}}, nil
}

// Scan implements document.Press.
func (Press) Scan(context.Context, objects.Ref) (press.Scan, error) { return press.Scan{DPI: 300}, nil }

// Lay implements document.Press.
func (p Press) Lay(ctx context.Context, ref objects.Ref, fields []pades.Field) (objects.Ref, error) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return p.append(ctx, ref, fmt.Sprint("laid ", names))
}

// Fill implements document.Press.
func (p Press) Fill(ctx context.Context, ref objects.Ref, values map[string]string) (objects.Ref, error) {
	line := "filled"
	for _, name := range slices.Sorted(maps.Keys(values)) {
		line += fmt.Sprintf(" %s=%s", name, values[name])
	}
	return p.append(ctx, ref, line)
}

func (p Press) append(ctx context.Context, ref objects.Ref, line string) (objects.Ref, error) {
	o, err := p.Store.Open(ctx, ref.Hash)
	if err != nil {
		return objects.Ref{}, err
	}
	defer o.Close()
	content, err := io.ReadAll(o)
	if err != nil {
		return objects.Ref{}, err
	}
	return p.Uploads.Keep(ctx, fmt.Appendf(content, "%% %s\n%%%%EOF\n", line), upload.PDF)
}
