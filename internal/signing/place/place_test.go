package place_test

import (
	"math"
	"testing"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/page"
	"nghisu/internal/signing/place"
)

// words lays words on one line from x, 2.2 mm a letter and 1.5 mm between words.
func words(x, y float64, texts ...string) []page.Box {
	var out []page.Box
	for _, t := range texts {
		w := 2.2 * float64(len([]rune(norm.NFC.String(t))))
		out = append(out, page.Box{Rect: page.Rect{X: x, Y: y, W: w, H: 5}, Text: t})
		x += w + 1.5
	}
	return out
}

func sheet(number int, lines ...[]page.Box) page.Page {
	p := page.Page{Number: number, Width: 210, Height: 297}
	for _, l := range lines {
		p.Boxes = append(p.Boxes, l...)
	}
	return p
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.6 }

func TestFind_signature(t *testing.T) {
	head := sheet(1, words(30, 40, "Ông", "Trần", "Văn", "Nghĩa", "chịu", "trách", "nhiệm"))
	foot := func(name ...string) page.Page {
		return sheet(2,
			words(30, 100, "Nơi", "nhận:"), words(130, 100, "KT.", "CHỦ", "TỊCH"), words(128, 106, "PHÓ", "CHỦ", "TỊCH"),
			words(30, 106, "-", "Như", "trên;"), words(128, 145, name...))
	}
	signer := place.Signer{Name: "Trần Văn Nghĩa", Title: "Phó Chủ tịch"}
	cases := map[string]struct {
		pages  []page.Page
		signer place.Signer
		source place.Source
		page   int
		top    float64 // of the person's image
	}{
		"name under the title":           {[]page.Page{head, foot("Trần", "Văn", "Nghĩa")}, signer, place.Found, 2, 115.5},
		"letters and marks apart (NFD)":  {[]page.Page{head, foot(norm.NFD.String("Trần"), "Văn", norm.NFD.String("Nghĩa"))}, signer, place.Found, 2, 115.5},
		"rank before the name, capitals": {[]page.Page{head, foot("TS.", "TRẦN", "VĂN", "NGHĨA")}, signer, place.Found, 2, 115.5},
		"another title":                  {[]page.Page{head, foot("Trần", "Văn", "Nghĩa")}, place.Signer{Name: "Trần Văn Nghĩa", Title: "Giám đốc"}, place.Found, 2, 115.5},
		"a sentence is not the place":    {[]page.Page{head}, signer, place.Default, 1, 252},
		"another name":                   {[]page.Page{head, foot("Lê", "Thị", "Hoa")}, signer, place.Default, 2, 158},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := place.Find(c.pages, c.signer, place.Images{})
			p, s := l.Field(place.Person), l.Field(place.Seal)
			if p.Source != c.source || p.Page != c.page || !near(p.Rect.Y, c.top) || p.Rect.W != 50 || p.Rect.H != 25 {
				t.Errorf("person %+v", p)
			}
			if covered := s.Rect.Right() - p.Rect.X; !near(covered, p.Rect.W/3) || s.Rect.W != 36 || s.Page != p.Page {
				t.Errorf("seal %+v covers %.1f mm of the person's %+v", s, covered, p.Rect)
			}
		})
	}
}

// A narrow place makes the image smaller, never over title or name.
func TestFind_narrow(t *testing.T) {
	p := sheet(1, words(130, 100, "GIÁM", "ĐỐC"), words(128, 120, "Trần", "Văn", "Nghĩa"))
	f := place.Find([]page.Page{p}, place.Signer{Name: "Trần Văn Nghĩa", Title: "Giám đốc"}, place.Images{}).Field(place.Person)
	if f.Rect.Y < 105 || f.Rect.Bottom() > 120 || f.Rect.H < 12 || !near(f.Rect.W, 2*f.Rect.H) {
		t.Errorf("%+v", f)
	}
}

func TestFind_head(t *testing.T) {
	spaced := append(words(45, 30, "Số:"), words(75, 30, "/QĐ-UBND")...)
	dated := append(append(append(words(110, 36, "Tân", "Giang,", "ngày"), words(155, 36, "tháng")...), words(180, 36, "năm")...), words(190, 36, "2026")...)
	cases := map[string]struct {
		page          page.Page
		number, date  place.Source
		numberX, gaps float64
		printed       string
	}{
		"gap before the symbol":  {sheet(1, spaced, dated), place.Found, place.Found, 52.1, 2, "/QĐ-UBND"},
		"dots before the symbol": {sheet(1, words(45, 30, "Số:", "......../QĐ-UBND"), words(110, 36, "Tân", "Giang,", "ngày", "20", "tháng", "11", "năm", "2026")), place.Found, place.Found, 52.1, 0, "/QĐ-UBND"},
		"nothing after it":       {sheet(1, words(45, 30, "Số:")), place.Found, place.Default, 52.1, 0, ""},
		"a number is there":      {sheet(1, words(45, 30, "Số:", "12/QĐ-UBND")), place.Found, place.Default, 52.1, 0, "12/QĐ-UBND"},
		"no head":                {sheet(1, words(45, 200, "Số:", "12")), place.Default, place.Default, 44.1, 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := place.Find([]page.Page{c.page}, place.Signer{}, place.Images{})
			n, d := l.Field(place.Number), l.Field(place.Date)
			if n.Source != c.number || !near(n.Rect.X, c.numberX) || n.Printed != c.printed || n.Rect.W < 5 {
				t.Errorf("number %+v", n)
			}
			if d.Source != c.date || float64(len(d.Gaps)) != c.gaps || d.Rect.W < 20 {
				t.Errorf("date %+v", d)
			}
		})
	}
}

func TestFind_withoutPages(t *testing.T) {
	if l := place.Find(nil, place.Signer{Name: "x"}, place.Images{}); len(l.Fields) != 0 {
		t.Errorf("%+v", l)
	}
}
