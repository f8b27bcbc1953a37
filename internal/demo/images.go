package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/signing/font"
	"nghisu/internal/signing/images"
	"nghisu/storage/postgres"
)

// Real sizes of the drawn pictures, in mm, and pixels of one mm.
var (
	sealSize      = images.Size{Width: 36, Height: 36}
	signatureSize = images.Size{Width: 45, Height: 20}
)

const dots = 16

// pen draws filled shapes in one colour on transparent ground.
type pen struct {
	out    *image.NRGBA
	colour color.NRGBA
	font   *sfnt.Font
	buf    sfnt.Buffer
}

func newPen(size images.Size, colour color.NRGBA, style font.Style) (*pen, error) {
	f, err := sfnt.Parse(font.TTF(style))
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	return &pen{out: image.NewNRGBA(image.Rect(0, 0, int(size.Width*dots), int(size.Height*dots))), colour: colour, font: f}, nil
}

// fill draws what path describes.
func (p *pen) fill(path func(r *vector.Rasterizer)) {
	r := vector.NewRasterizer(p.out.Rect.Dx(), p.out.Rect.Dy())
	path(r)
	mask := image.NewAlpha(p.out.Rect)
	r.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	for i, a := range mask.Pix {
		if at := p.out.Pix[4*i:]; a > at[3] {
			at[0], at[1], at[2], at[3] = p.colour.R, p.colour.G, p.colour.B, a
		}
	}
}

// ring is a circle line of a width.
func (p *pen) ring(x, y, radius, width float64) {
	p.fill(func(r *vector.Rasterizer) {
		for _, edge := range []struct{ radius, way float64 }{{radius, 1}, {radius - width, -1}} {
			for i := range 180 {
				a := edge.way * float64(i) / 180 * 2 * math.Pi
				to := [2]float32{float32(x + edge.radius*math.Cos(a)), float32(y + edge.radius*math.Sin(a))}
				if i == 0 {
					r.MoveTo(to[0], to[1])
				} else {
					r.LineTo(to[0], to[1])
				}
			}
			r.ClosePath()
		}
	})
}

func (p *pen) star(x, y, radius float64) {
	p.fill(func(r *vector.Rasterizer) {
		for i := range 10 {
			reach := radius
			if i%2 == 1 {
				reach = radius * 0.382
			}
			a := -math.Pi/2 + float64(i)*math.Pi/5
			if i == 0 {
				r.MoveTo(float32(x+reach*math.Cos(a)), float32(y+reach*math.Sin(a)))
			} else {
				r.LineTo(float32(x+reach*math.Cos(a)), float32(y+reach*math.Sin(a)))
			}
		}
		r.ClosePath()
	})
}

// carry turns a point of a letter, from the left of its base line, into one of the picture.
type carry func(x, y float64) (float64, float64)

// letter draws one letter and tells how far the next one stands.
func (p *pen) letter(c rune, size float64, at carry) float64 {
	i, err := p.font.GlyphIndex(&p.buf, c)
	if err != nil || i == 0 {
		return size / 3
	}
	ppem := fixed.Int26_6(size * 64)
	segments, err := p.font.LoadGlyph(&p.buf, i, ppem, nil)
	if err != nil {
		return size / 3
	}
	point := func(f fixed.Point26_6) (float32, float32) {
		x, y := at(float64(f.X)/64, float64(f.Y)/64)
		return float32(x), float32(y)
	}
	p.fill(func(r *vector.Rasterizer) {
		for _, s := range segments {
			x0, y0 := point(s.Args[0])
			x1, y1 := point(s.Args[1])
			x2, y2 := point(s.Args[2])
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				r.ClosePath()
				r.MoveTo(x0, y0)
			case sfnt.SegmentOpLineTo:
				r.LineTo(x0, y0)
			case sfnt.SegmentOpQuadTo:
				r.QuadTo(x0, y0, x1, y1)
			case sfnt.SegmentOpCubeTo:
				r.CubeTo(x0, y0, x1, y1, x2, y2)
			}
		}
		r.ClosePath()
	})
	return p.width(c, size)
}

func (p *pen) width(c rune, size float64) float64 {
	i, err := p.font.GlyphIndex(&p.buf, c)
	if err != nil {
		return size / 3
	}
	w, err := p.font.GlyphAdvance(&p.buf, i, fixed.Int26_6(size*64), 0)
	if err != nil {
		return size / 3
	}
	return float64(w) / 64
}

func (p *pen) widthOf(text string, size float64) (w float64) {
	for _, c := range text {
		w += p.width(c, size)
	}
	return w
}

// line writes text in the middle of x on the base line y.
func (p *pen) line(text string, x, y, size float64) {
	x -= p.widthOf(text, size) / 2
	for _, c := range text {
		from := x
		x += p.letter(c, size, func(dx, dy float64) (float64, float64) { return from + dx, y + dy })
	}
}

// arc writes text around a centre, in the middle of the top.
func (p *pen) arc(text string, x, y, radius, size float64) {
	if most := radius * 4.6; p.widthOf(text, size) > most { // not all the way round
		size *= most / p.widthOf(text, size)
	}
	angle := -p.widthOf(text, size) / radius / 2
	for _, c := range text {
		half := p.width(c, size) / radius / 2
		sin, cos := math.Sincos(angle + half)
		p.letter(c, size, func(dx, dy float64) (float64, float64) {
			dx -= half * radius
			return x + radius*sin + dx*cos - dy*sin, y - radius*cos + dx*sin + dy*cos
		})
		angle += 2 * half
	}
}

func (p *pen) png() ([]byte, error) {
	var buf bytes.Buffer
	err := png.Encode(&buf, p.out)
	return buf.Bytes(), err
}

// drawSeal draws the trial seal of an agency: red and round as seals are, and nobody's.
func drawSeal(agency string) ([]byte, error) {
	p, err := newPen(sealSize, color.NRGBA{R: 0xd5, G: 0x1c, B: 0x24, A: 255}, font.Style{Bold: true})
	if err != nil {
		return nil, err
	}
	middle := sealSize.Width * dots / 2
	p.ring(middle, middle, 17.8*dots, 0.7*dots)
	p.ring(middle, middle, 12.2*dots, 0.3*dots)
	p.arc(strings.ToUpper(agency), middle, middle, 13.4*dots, 3*dots)
	p.line("TÂN GIANG", middle, middle+15.5*dots, 2.2*dots)
	p.star(middle, middle-4.2*dots, 4.6*dots)
	p.line("DẤU THỬ", middle, middle+5.6*dots, 4.4*dots)
	return p.png()
}

// drawSignature draws the trial signature of a person: the given name, slanted, in blue.
func drawSignature(name string) ([]byte, error) {
	p, err := newPen(signatureSize, color.NRGBA{R: 0x1f, G: 0x3c, B: 0x9e, A: 255}, font.Style{Italic: true})
	if err != nil {
		return nil, err
	}
	words := strings.Fields(name)
	given := words[len(words)-1]
	size := 13.0 * dots
	x, y := 5.0*dots, 13.5*dots
	for _, c := range given {
		from := x
		x += 0.92 * p.letter(c, size, func(dx, dy float64) (float64, float64) {
			return from + dx - 0.25*dy, y + dy - 0.12*(from+dx)
		})
	}
	p.fill(func(r *vector.Rasterizer) { // the flourish below
		r.MoveTo(3*dots, 15.4*dots)
		r.CubeTo(float32(x), 13.2*dots, float32(x+9*dots), 11*dots, 1.5*dots, 17.2*dots)
		r.CubeTo(float32(x+8*dots), 11.6*dots, float32(x), 13.6*dots, 3*dots, 15.4*dots)
		r.ClosePath()
	})
	p.line("chữ ký thử", 36*dots, 19.4*dots, 3*dots)
	return p.png()
}

// drawImages gives agencies that issue samples, and their leaders, pictures that are clearly for trial.
func (c content) drawImages(ctx context.Context, samples []sample) error {
	agencies, people := map[id.Agency]bool{}, map[id.Person]bool{}
	for _, s := range samples {
		leader, err := c.actor(ctx, s.leader)
		if err != nil {
			return err
		}
		if !agencies[leader.Agency] {
			if err := c.keepImage(ctx, leader, images.OfAgency(leader.Agency), sealSize); err != nil {
				return err
			}
		}
		if !people[leader.Person] {
			if err := c.keepImage(ctx, leader, images.OfPerson(leader.Person), signatureSize); err != nil {
				return err
			}
		}
		agencies[leader.Agency], people[leader.Person] = true, true
	}
	return nil
}

func (c content) keepImage(ctx context.Context, leader access.Actor, h images.Holder, size images.Size) error {
	draw, name := drawSignature, leader.Name
	if h.Agency != nil {
		draw, name = drawSeal, leader.AgencyName
	}
	_, found, err := images.Find(ctx, c.DB, h)
	if err != nil || found {
		return err
	}
	picture, err := draw(name)
	if err != nil {
		return fmt.Errorf("draw picture for %s: %w", name, err)
	}
	_, err = c.Images.Draw(ctx, access.Actor{}, h, picture, size)
	return postgres.Translate(err)
}
