// Package images makes pictures of seals and handwritten signatures fit for documents, and keeps one per
// agency and person in its real size: the seal red, the signature blue, both on a transparent ground
// (NĐ 30/2020 Annex I.II.7.d, 8.a). Where they stand on a page is decided by document.
package images

import (
	"bytes"
	"image"
	"image/color"
	_ "image/jpeg" // photographs and scans
	"image/png"
	"math"
	"slices"

	"nghisu/internal/errs"
)

// Kind is what a picture shows, and with it its colour.
type Kind string

// The two kinds.
const (
	Seal      Kind = "seal"      // red
	Signature Kind = "signature" // blue
)

// Limits of what is taken, and the size of what is made.
const (
	maxPixels = 12 << 20 // of the picture that comes: 4,000 by 3,000 of a telephone's camera
	minSide   = 40
	maxSide   = 1000 // of what is kept: 700 dpi for a seal of 36 mm
)

// Refusals of pictures.
var (
	errUnreadable = errs.New(errs.Invalid, "image.unreadable")
	errSize       = errs.New(errs.Invalid, "image.size")
	errNoInk      = errs.New(errs.Invalid, "image.no_ink")
	errNoPaper    = errs.New(errs.Invalid, "image.no_paper")
)

// ink is the colour that a kind is drawn in when it was not drawn in it: the red and the blue of stamp
// pads and pens.
var ink = map[Kind]color.NRGBA{Seal: {R: 0xd5, G: 0x1c, B: 0x24, A: 255}, Signature: {R: 0x1f, G: 0x3c, B: 0x9e, A: 255}}

// Clean makes a PNG of a picture on paper: paper becomes transparent, ink keeps its edges, and its colour
// when it is that of the kind; what lies outside of the ink is cut off.
func Clean(data []byte, kind Kind) ([]byte, error) {
	cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || format != "png" && format != "jpeg" {
		return nil, errUnreadable
	}
	if cfg.Width < minSide || cfg.Height < minSide || cfg.Width*cfg.Height > maxPixels { // before a pixel is made
		return nil, errSize
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errUnreadable
	}
	pic, err := cutOut(decoded)
	if err != nil {
		return nil, err
	}
	pic.paint(ink[kind], kind)
	out := shrink(pic.NRGBA, maxSide)
	var buf bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, out); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// cutout is ink on a transparent ground.
type cutout struct{ *image.NRGBA }

// cutOut takes ink off its paper and cuts away what lies around it.
func cutOut(src image.Image) (cutout, error) {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	clear := 0
	for y := range h {
		for x := range w {
			c := color.NRGBAModel.Convert(src.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA) //nolint:forcetypeassert // what the model makes
			out.SetNRGBA(x, y, c)
			if c.A < 16 {
				clear++
			}
		}
	}
	if clear < w*h/20 { // else it came cut out
		removePaper(out)
	}
	area, covered := bounds(out)
	switch {
	case area.Empty():
		return cutout{}, errNoInk
	case covered > w*h*6/10:
		return cutout{}, errNoPaper
	}
	return cutout{crop(out, area.Inset(-2).Intersect(out.Bounds()))}, nil
}

// darkest is the least of the three colours of a pixel over white: paper is high in all, ink low in one.
func darkest(c color.NRGBA) int {
	v := int(min(c.R, c.G, c.B))
	return v*int(c.A)/255 + 255 - int(c.A)
}

// removePaper turns the distance of each pixel from the paper around it into its opacity, and the rest of
// the colour into that of the ink alone, so that edges stay soft on any ground.
func removePaper(p *image.NRGBA) {
	paper := paperOf(p)
	full := inkDepth(p, paper)
	const noise = 0.14 // grain and shadow of paper
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			c := p.NRGBAAt(x, y)
			ground := paper.at(x, y)
			a := (float64(ground-darkest(c))/full - noise) / (0.85 - noise)
			a = min(max(a, 0), 1)
			rest := func(v uint8) uint8 { // what the ink adds where it covers a part of the paper
				return uint8(min(max((float64(v)-(1-a)*float64(ground))/max(a, 0.05), 0), 255))
			}
			p.SetNRGBA(x, y, color.NRGBA{rest(c.R), rest(c.G), rest(c.B), uint8(math.Round(a * 255))})
		}
	}
}

// paperMap is the lightness of the paper in a grid of tiles, because light falls unevenly on paper.
type paperMap struct {
	tiles [grid][grid]int
	w, h  int
}

const grid = 8

func (m paperMap) at(x, y int) int {
	fx := float64(x)/float64(m.w)*grid - 0.5
	fy := float64(y)/float64(m.h)*grid - 0.5
	x0, y0 := int(math.Floor(fx)), int(math.Floor(fy))
	tx, ty := fx-float64(x0), fy-float64(y0)
	tile := func(i, j int) float64 { return float64(m.tiles[min(max(j, 0), grid-1)][min(max(i, 0), grid-1)]) }
	top := tile(x0, y0)*(1-tx) + tile(x0+1, y0)*tx
	low := tile(x0, y0+1)*(1-tx) + tile(x0+1, y0+1)*tx
	return int(top*(1-ty) + low*ty)
}

// paperOf finds the paper: the upper tenth of each tile, or of the whole where ink fills a tile.
func paperOf(p *image.NRGBA) paperMap {
	m := paperMap{w: p.Rect.Dx(), h: p.Rect.Dy()}
	var whole histogram
	var each [grid][grid]histogram
	for y := range m.h {
		for x := range m.w {
			v := darkest(p.NRGBAAt(x, y))
			whole.add(v)
			each[y*grid/m.h][x*grid/m.w].add(v)
		}
	}
	general := whole.above(0.9)
	for j := range grid {
		for i := range grid {
			if m.tiles[j][i] = each[j][i].above(0.9); m.tiles[j][i] < general*6/10 {
				m.tiles[j][i] = general
			}
		}
	}
	return m
}

// inkDepth is how far the strongest ink lies below the paper.
func inkDepth(p *image.NRGBA, paper paperMap) float64 {
	var depths histogram
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			if d := paper.at(x, y) - darkest(p.NRGBAAt(x, y)); d > 40 {
				depths.add(min(d, 255))
			}
		}
	}
	return float64(max(depths.above(0.7), 60))
}

// histogram counts values from 0 to 255.
type histogram struct {
	n     [256]int
	total int
}

func (h *histogram) add(v int) { h.n[v]++; h.total++ }

// above is the value below which the share of all lie.
func (h *histogram) above(share float64) int {
	left := int(share * float64(h.total))
	for v, n := range h.n {
		if left -= n; left < 0 {
			return v
		}
	}
	return 255
}

// bounds is where ink is, without specks, and how many pixels it covers.
func bounds(p *image.NRGBA) (image.Rectangle, int) {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	columns, rows := make([]int, w), make([]int, h)
	covered := 0
	for y := range h {
		for x := range w {
			if p.NRGBAAt(x, y).A > 60 {
				columns[x]++
				rows[y]++
				covered++
			}
		}
	}
	span := func(counts []int) (from, to int) {
		inked := func(n int) bool { return n >= 2 }
		if from = slices.IndexFunc(counts, inked); from < 0 {
			return 0, 0
		}
		for to = len(counts); !inked(counts[to-1]); to-- {
		}
		return from, to
	}
	x0, x1 := span(columns)
	y0, y1 := span(rows)
	return image.Rect(x0, y0, x1, y1), covered
}

func crop(p *image.NRGBA, area image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
	for y := range area.Dy() {
		copy(out.Pix[y*out.Stride:][:4*area.Dx()], p.Pix[p.PixOffset(area.Min.X, area.Min.Y+y):])
	}
	return out
}

// paint gives the ink the colour of its kind, unless it has it: a pad that is darker or paler stays so.
func (c cutout) paint(to color.NRGBA, kind Kind) {
	var r, g, b, n float64
	for i := 0; i < len(c.Pix); i += 4 {
		if a := float64(c.Pix[i+3]); a > 128 {
			r, g, b, n = r+float64(c.Pix[i]), g+float64(c.Pix[i+1]), b+float64(c.Pix[i+2]), n+1
		}
	}
	red := r > 1.5*g && r > 1.5*b
	blue := b > 1.25*r && b > 1.1*g
	if n > 0 && (kind == Seal && red || kind == Signature && blue) {
		return
	}
	for i := 0; i < len(c.Pix); i += 4 {
		c.Pix[i], c.Pix[i+1], c.Pix[i+2] = to.R, to.G, to.B
	}
}

// shrink makes the longer side at most size, each pixel the mean of those it stands for.
func shrink(p *image.NRGBA, size int) *image.NRGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	if max(w, h) <= size {
		return p
	}
	nw, nh := max(w*size/max(w, h), 1), max(h*size/max(w, h), 1)
	out := image.NewNRGBA(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			out.SetNRGBA(x, y, mean(p, image.Rect(x*w/nw, y*h/nh, (x+1)*w/nw, (y+1)*h/nh)))
		}
	}
	return out
}

// mean is the colour of an area, weighed by opacity.
func mean(p *image.NRGBA, area image.Rectangle) color.NRGBA {
	var r, g, b, a, n int
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := p.NRGBAAt(x, y)
			r, g, b = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A)
			a, n = a+int(c.A), n+1
		}
	}
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a / n)}
}
