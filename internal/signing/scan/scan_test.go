package scan

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"nghisu/internal/signing/pdftest"
)

// scanned is a page of A4 that is one image of w by h pixels.
func scanned(w, h int, space string) []byte {
	return pdftest.Build([]pdftest.Object{
		{Num: 1, Body: "<</Type/Catalog/Pages 2 0 R>>"},
		{Num: 2, Body: "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]/Resources<</XObject<</Im0 4 0 R>>>>>>"},
		{Num: 3, Body: "<</Type/Page/Parent 2 0 R>>"},
		{Num: 4, Body: pdftest.Stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace %s/Filter/DCTDecode", w, h, space), "x")},
		{Num: 5, Body: pdftest.Stream("/N 1", "profile")},
	}, "/Root 1 0 R")
}

func TestLook(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want Report
	}{
		"300 dpi in colour":   {scanned(2480, 3508, "/DeviceRGB"), Report{Version: "1.7", Pages: 1, Whole: 1, Colour: true, DPI: 300}},
		"on its side":         {scanned(3508, 2480, "/DeviceRGB"), Report{Version: "1.7", Pages: 1, Whole: 1, Colour: true, DPI: 300}},
		"150 dpi in gray":     {scanned(1240, 1754, "/DeviceGray"), Report{Version: "1.7", Pages: 1, Whole: 1, DPI: 150}},
		"gray by its profile": {scanned(1654, 2339, "[/ICCBased 5 0 R]"), Report{Version: "1.7", Pages: 1, Whole: 1, DPI: 200}},
		"few colours":         {scanned(1654, 2339, "[/Indexed/DeviceRGB 1 <000000FF0000>]"), Report{Version: "1.7", Pages: 1, Whole: 1, Colour: true, DPI: 200}},
		"few grays":           {scanned(1654, 2339, "[/Indexed/DeviceGray 1 <00FF>]"), Report{Version: "1.7", Pages: 1, Whole: 1, DPI: 200}},
		"a logo is no scan":   {scanned(400, 400, "/DeviceRGB"), Report{Version: "1.7", Pages: 1}},
		"text is no scan":     {pdftest.Page("x"), Report{Version: "1.7", Pages: 1}},
		"an older version":    {bytes.Replace(scanned(2480, 3508, "/DeviceRGB"), []byte("%PDF-1.7"), []byte("%PDF-1.3"), 1), Report{Version: "1.3", Pages: 1, Whole: 1, Colour: true, DPI: 300}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Look(bytes.NewReader(c.file), int64(len(c.file)))
			if err != nil {
				t.Fatal(err)
			}
			got.DPI = math.Round(got.DPI)
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	if _, err := Look(bytes.NewReader([]byte("no PDF")), 6); err == nil {
		t.Error("looked at what is no PDF")
	}
}
