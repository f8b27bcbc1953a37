package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"testing"
)

// photo is a ring of ink on paper that grows darker to the right, with grain, as a telephone sees it.
func photo(ink color.NRGBA, paper uint8) *image.NRGBA {
	const w, h = 300, 200
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			ground := float64(paper) - 30*float64(x)/w + float64((x*7+y*13)%5) - 2
			r := math.Hypot(float64(x)-180, float64(y)-100)
			cover := min(max(4-math.Abs(r-60.4), 0), 1) // a line of 8 pixels with soft edges
			mix := func(c uint8) uint8 { return uint8(min(max(float64(c)*cover+ground*(1-cover), 0), 255)) }
			p.SetNRGBA(x, y, color.NRGBA{mix(ink.R), mix(ink.G), mix(ink.B), 255})
		}
	}
	return p
}

func encode(t *testing.T, p image.Image, as string) []byte {
	t.Helper()
	var buf bytes.Buffer
	var err error
	switch as {
	case "jpeg":
		err = jpeg.Encode(&buf, p, &jpeg.Options{Quality: 90})
	case "gif":
		err = gif.Encode(&buf, p, nil)
	default:
		err = png.Encode(&buf, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestClean(t *testing.T) {
	red, blue, black := color.NRGBA{200, 40, 50, 255}, color.NRGBA{30, 50, 150, 255}, color.NRGBA{25, 25, 25, 255}
	for name, c := range map[string]struct {
		ink   color.NRGBA
		paper uint8
		as    string
		kind  Kind
		want  color.NRGBA // of the ink afterwards
	}{
		"red seal on white paper, photographed": {red, 250, "jpeg", Seal, red},
		"red seal on grey paper":                {red, 205, "png", Seal, red},
		"blue signature":                        {blue, 240, "jpeg", Signature, blue},
		"black signature becomes blue":          {black, 240, "png", Signature, ink[Signature]},
		"black seal becomes red":                {black, 240, "png", Seal, ink[Seal]},
		"blue seal becomes red":                 {blue, 240, "png", Seal, ink[Seal]},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := Clean(encode(t, photo(c.ink, c.paper), c.as), c.kind)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			out, ok := decoded.(*image.NRGBA)
			if !ok {
				t.Fatalf("%T has no transparent ground", decoded)
			}
			if w, h := out.Rect.Dx(), out.Rect.Dy(); w < 126 || w > 136 || h < 126 || h > 136 {
				t.Errorf("cut to %d by %d around a ring of 128", w, h)
			}
			w, h := out.Rect.Dx(), out.Rect.Dy()
			if a := out.NRGBAAt(w/2, h/2).A; a > 12 {
				t.Errorf("paper within the ring has opacity %d", a)
			}
			soft := 0
			for x := range w / 4 {
				if a := out.NRGBAAt(x, h/2).A; a > 20 && a < 235 {
					soft++
				}
			}
			if soft == 0 {
				t.Error("edges are hard")
			}
			got := out.NRGBAAt(w/2, 6)
			near := func(a, b uint8) bool { return math.Abs(float64(a)-float64(b)) < 40 }
			if got.A < 200 || !near(got.R, c.want.R) || !near(got.G, c.want.G) || !near(got.B, c.want.B) {
				t.Errorf("ink %+v, want %+v", got, c.want)
			}
		})
	}
}

// What came cut out stays so, and a large picture becomes smaller.
func TestClean_keepsTransparentGround(t *testing.T) {
	p := image.NewNRGBA(image.Rect(0, 0, 2400, 1200))
	for y := range 1200 {
		for x := 200; x < 2200; x++ {
			if (x/50+y/50)%3 == 0 {
				p.SetNRGBA(x, y, color.NRGBA{20, 40, 160, 128})
			}
		}
	}
	data, err := Clean(encode(t, p, "png"), Signature)
	if err != nil {
		t.Fatal(err)
	}
	out, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := out.Bounds(); b.Dx() != 1000 || b.Dy() < 580 || b.Dy() > 605 {
		t.Errorf("%v", b)
	}
	_, _, _, a := out.At(500, 12).RGBA()                        //nolint:dogsled // opacity alone
	c := color.NRGBAModel.Convert(out.At(12, 12)).(color.NRGBA) //nolint:forcetypeassert // what the model makes
	if a>>8 != 128 && a != 0 || c.A != 0 && c.B < 100 {
		t.Errorf("opacity %d, colour %+v", a>>8, c)
	}
}

// bomb is a PNG header that announces more than anybody can hold.
func bomb(width, height uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		body := append([]byte(kind), data...)
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
}

func TestClean_refuses(t *testing.T) {
	white := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	dark := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	for i := range dark.Pix {
		dark.Pix[i] = 60
		if i%4 == 3 {
			dark.Pix[i] = 255
		}
	}
	for y := range 100 { // a bright edge, so that there is something to tell ink from
		for x := range 15 {
			dark.SetNRGBA(x, y, color.NRGBA{250, 250, 250, 255})
		}
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"no picture":           {[]byte("hello"), errUnreadable},
		"cut off":              {encode(t, photo(color.NRGBA{200, 0, 0, 255}, 250), "png")[:500], errUnreadable},
		"GIF":                  {encode(t, white, "gif"), errUnreadable},
		"flood of pixels":      {bomb(60_000, 60_000), errSize},
		"more than an integer": {bomb(1<<31-1, 1<<31-1), errUnreadable},
		"too small":            {encode(t, image.NewNRGBA(image.Rect(0, 0, 30, 100)), "png"), errSize},
		"empty paper":          {encode(t, white, "png"), errNoInk},
		"no paper":             {encode(t, dark, "png"), errNoPaper},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Clean(c.data, Seal); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}
