package demo

import (
	"bytes"
	"testing"
	"time"

	"nghisu/internal/signing/page/pagetest"
	finder "nghisu/internal/signing/place"
)

// The fields of every sample paper are found where the rules want them (NĐ 30/2020 Annex I.II).
func TestPaper_fields(t *testing.T) {
	engine := pagetest.Engine(t)
	for _, d := range samplePapers(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)) {
		t.Run(d.no+" "+d.symbol, func(t *testing.T) {
			file, err := d.paper.pdf()
			if err != nil {
				t.Fatal(err)
			}
			pages, err := engine.Text(bytes.NewReader(file), int64(len(file)), []int{1, -1, -2})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range finder.Find(pages, finder.Signer{Name: d.paper.signer, Title: d.paper.title}, finder.Images{}).Fields {
				t.Logf("%+v", f)
				if f.Source != finder.Found {
					t.Errorf("%s was not found", f.Kind)
				}
				last := pages[len(pages)-1]
				if f.Kind == finder.Person && (f.Page != last.Number || f.Rect.X < last.Width/2-5 || f.Rect.H < 20) {
					t.Errorf("person at %+v of page %d", f.Rect, f.Page)
				}
			}
		})
	}
}
