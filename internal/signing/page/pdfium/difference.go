package pdfium

import (
	"image"
	"image/draw"

	"nghisu/internal/signing/page"
)

// Measures of comparing.
const (
	cell     = 4  // pixels of a side of the squares that are compared
	visible  = 24 // of 255: less is how edges are smoothed
	maxAreas = 200
	joined   = 2 // cells between two changes that are one area
)

// luminance makes a copy in shades of gray that keeps colours apart: red text turned blue is a change.
func luminance(img image.Image) *image.Gray {
	b := img.Bounds()
	rgba, ok := img.(*image.RGBA)
	if !ok {
		rgba = image.NewRGBA(b)
		draw.Draw(rgba, b, img, b.Min, draw.Src)
	}
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		row := rgba.Pix[y*rgba.Stride:]
		line := out.Pix[y*out.Stride:]
		for x := range b.Dx() {
			p := row[4*x : 4*x+3]
			line[x] = uint8((3*int(p[0]) + 4*int(p[1]) + int(p[2])) / 8) // weights that no two of the plain colours share
		}
	}
	return out
}

// differences are the areas in which two pictures of one size differ, in mm.
func differences(a, b *image.Gray, mmPerPixel float64) []page.Rect {
	w, h := (a.Rect.Dx()+cell-1)/cell, (a.Rect.Dy()+cell-1)/cell
	changed := make([]bool, w*h)
	for y := range a.Rect.Dy() {
		x0, x1 := a.Pix[y*a.Stride:], b.Pix[y*b.Stride:]
		for x := range a.Rect.Dx() {
			if d := int(x0[x]) - int(x1[x]); d > visible || d < -visible {
				changed[y/cell*w+x/cell] = true
			}
		}
	}
	var out []page.Rect
	for _, r := range areas(changed, w, h) {
		out = append(out, page.Rect{X: float64(r.Min.X*cell) * mmPerPixel, Y: float64(r.Min.Y*cell) * mmPerPixel,
			W: float64(r.Dx()*cell) * mmPerPixel, H: float64(r.Dy()*cell) * mmPerPixel})
	}
	return out
}

// areas are the smallest rectangles around changed cells that lie near one another, none over another.
func areas(changed []bool, w, h int) []image.Rectangle {
	var found []image.Rectangle
	var stack []int
	for start := range changed {
		if !changed[start] {
			continue
		}
		r := image.Rectangle{}
		changed[start] = false
		for stack = append(stack[:0], start); len(stack) > 0; {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := at%w, at/w
			r = r.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(0, y-joined); ny <= min(h-1, y+joined); ny++ {
				for nx := max(0, x-joined); nx <= min(w-1, x+joined); nx++ {
					if n := ny*w + nx; changed[n] {
						changed[n] = false
						stack = append(stack, n)
					}
				}
			}
		}
		found = append(found, r)
	}
	if len(found) > maxAreas { // a page that differs everywhere, such as another scan of it
		var all image.Rectangle
		for _, r := range found {
			all = all.Union(r)
		}
		return []image.Rectangle{all}
	}
	return separate(found)
}

// separate joins rectangles that overlap until none does.
func separate(found []image.Rectangle) []image.Rectangle {
	for again := true; again; {
		again = false
		for i := 0; i < len(found); i++ {
			for j := i + 1; j < len(found); j++ {
				if found[i].Overlaps(found[j]) {
					found[i] = found[i].Union(found[j])
					found = append(found[:j], found[j+1:]...)
					again, j = true, i
				}
			}
		}
	}
	return found
}
