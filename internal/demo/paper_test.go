package demo

import (
	"bytes"
	"os"
	"testing"
	"time"
)

func TestPaper(t *testing.T) {
	p := samplePapers(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))[0].paper
	one, err := p.pdf()
	if err != nil {
		t.Fatal(err)
	}
	two, err := p.pdf()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, two) {
		t.Error("the same paper makes different files")
	}
	if !bytes.HasPrefix(one, []byte("%PDF-1.")) || len(one) > 200<<10 {
		t.Errorf("%d bytes beginning %q", len(one), one[:8])
	}
	if dir := os.Getenv("DEMO_PAPERS"); dir != "" { // to look at them
		for _, d := range samplePapers(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)) {
			data, err := d.paper.pdf()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir+"/"+fileName(d.no, d.symbol), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
