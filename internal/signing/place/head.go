package place

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"nghisu/internal/signing/page"
)

// Places of number and date where nothing was found: the head of NĐ 30/2020 Annex I on A4, as parts of the page.
var (
	usualNumber = page.Rect{X: 0.21, Y: 0.135, W: 0.07, H: 0.021}
	usualDate   = page.Rect{X: 0.50, Y: 0.135, W: 0.40, H: 0.021}
)

const (
	numberWidth = 14  // mm that a number of four figures takes in 13 pt, with room
	codeWidth   = 40  // mm that number and symbol take together
	gapLeast    = 2.5 // narrower is an ordinary space
)

// blank are characters that stand for something to be written in.
const blank = ".…_ \u00a0"

// findNumber looks for "Số:" in the upper part of page 1.
func findNumber(p page.Page, lines []page.Line) Field {
	for _, l := range rejoin(lines, numberGoesOn) {
		if l.Y > p.Height*0.4 || !strings.HasPrefix(page.Fold(l.Text), "số") {
			continue
		}
		words := l.Words
		head := page.Fold(words[0].Text)
		if head == "số" && len(words) > 1 && page.Fold(words[1].Text) == ":" {
			words = words[1:]
		} else if head != "số:" && !strings.HasPrefix(head, "số:") {
			continue
		}
		return numberAfter(p, l, words)
	}
	return Field{Kind: Number, Page: p.Number, Rect: part(p, usualNumber), Source: Default}
}

// numberAfter lays the number between the colon and the symbol. words begins with the one that ends in it.
func numberAfter(p page.Page, l page.Line, words []page.Box) Field {
	f := Field{Kind: Number, Page: p.Number, Source: Found}
	colon, rest := cut(words[0], strings.Index(words[0].Text, ":")+1)
	pieces := words[1:]
	if strings.TrimSpace(rest.Text) != "" {
		pieces = append([]page.Box{rest}, pieces...)
	}
	from := colon.Right() + 0.5
	for _, w := range pieces {
		dotted := strings.TrimLeft(w.Text, blank)
		if dotted == "" {
			continue
		}
		_, printed := cut(w, len(w.Text)-len(dotted))
		if !strings.HasPrefix(dotted, "/") { // a number stands there
			f.Rect = page.Rect{X: from, Y: l.Y, W: l.Right() - from, H: l.H}
			f.Printed = strings.TrimSpace(joined(pieces))
			return f
		}
		f.Rect = page.Rect{X: from, Y: l.Y, W: max(printed.X-from-0.2, 0), H: l.H}
		f.Printed = dotted
		if f.Rect.W >= gapLeast {
			f.Gaps = []Gap{{Part: "number", Rect: f.Rect}}
		} else {
			f.Rect = page.Rect{X: from, Y: l.Y, W: numberWidth, H: l.H}
		}
		return f
	}
	f.Rect = page.Rect{X: from, Y: l.Y, W: min(codeWidth, p.Width-from), H: l.H}
	return f
}

var dateLine = regexp.MustCompile(`^(?:.{1,60},\s*)?ngày\b.{0,20}\btháng\b.{0,20}\bnăm\b.{0,12}$`)

// findDate looks for the line "..., ngày ... tháng ... năm ..." in the upper part of page 1.
func findDate(p page.Page, lines []page.Line) Field {
	for _, l := range rejoin(lines, dateGoesOn) {
		if l.Y <= p.Height*0.4 && dateLine.MatchString(page.Fold(l.Text)) {
			return dateIn(p, l)
		}
	}
	return Field{Kind: Date, Page: p.Number, Rect: part(p, usualDate), Source: Default}
}

// dateIn lays the date into its line: over "ngày ..." to the end, and the gaps after the three words.
func dateIn(p page.Page, l page.Line) Field {
	f := Field{Kind: Date, Page: p.Number, Source: Found, Printed: l.Text}
	names := []struct{ word, part string }{{"ngày", "day"}, {"tháng", "month"}, {"năm", "year"}}
	var open *Gap // the gap after the last of the three words
	shut := func(right float64) {
		if open != nil && right-open.Rect.X >= gapLeast {
			open.Rect.W = right - open.Rect.X - 0.2
			f.Gaps = append(f.Gaps, *open)
		}
		open = nil
	}
	next := 0
	for _, w := range l.Words {
		text := page.Fold(w.Text)
		if strings.Trim(text, blank) == "" {
			continue
		}
		if next < len(names) && strings.HasSuffix(text, names[next].word) {
			shut(w.X)
			open = &Gap{Part: names[next].part, Rect: page.Rect{X: w.Right() + 0.3, Y: l.Y, H: l.H}}
			if next == 0 {
				f.Rect = page.Rect{X: w.X, Y: l.Y, W: l.Right() - w.X, H: l.H}
			}
			next++
			continue
		}
		open = nil // something is printed here
	}
	if open != nil { // nothing after "năm"
		shut(min(open.Rect.X+12, p.Width))
	}
	for _, g := range f.Gaps {
		f.Rect = f.Rect.Union(g.Rect)
	}
	return f
}

// rejoin puts back together what a wide gap tore apart in one row, where belongs says so of the folded texts.
func rejoin(lines []page.Line, belongs func(left, right string) bool) []page.Line {
	var out []page.Line
	for _, l := range lines {
		n, middle := len(out), l.Y+l.H/2
		if n > 0 && middle > out[n-1].Y && middle < out[n-1].Bottom() && belongs(page.Fold(out[n-1].Text), page.Fold(l.Text)) {
			last := &out[n-1]
			last.Words = append(append([]page.Box{}, last.Words...), l.Words...)
			last.Text += " " + l.Text
			last.Rect = last.Union(l.Rect)
			continue
		}
		out = append(out, l)
	}
	return out
}

func numberGoesOn(left, right string) bool {
	return strings.HasPrefix(left, "số") && strings.HasSuffix(left, ":") && strings.HasPrefix(strings.TrimLeft(right, blank), "/")
}

func dateGoesOn(left, right string) bool {
	return strings.Contains(left, "ngày") && (strings.HasPrefix(right, "tháng") || strings.HasPrefix(right, "năm") || strings.Contains(left, "năm"))
}

// cut divides a word after n bytes; the widths are shared by letters, which is near enough.
func cut(w page.Box, n int) (left, right page.Box) {
	all := max(utf8.RuneCountInString(w.Text), 1)
	share := w.W * float64(utf8.RuneCountInString(w.Text[:n])) / float64(all)
	left, right = w, w
	left.Text, left.W = w.Text[:n], share
	right.Text, right.X, right.W = w.Text[n:], w.X+share, w.W-share
	return left, right
}

func joined(words []page.Box) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// part makes a rectangle of the parts of a page.
func part(p page.Page, r page.Rect) page.Rect {
	return page.Rect{X: r.X * p.Width, Y: r.Y * p.Height, W: r.W * p.Width, H: r.H * p.Height}
}
