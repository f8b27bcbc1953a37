package pades

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"nghisu/internal/signing/pdf"
)

// Limits of an image. A seal of 40 mm at 600 dots per inch has less than a million dots.
const (
	maxImageBytes = 8 << 20
	maxImageDots  = 16 << 20
)

// image adds a picture to the update and tells its extent in dots.
func (w *writer) image(data []byte) (ref pdf.Ref, width, height int, err error) {
	cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || len(data) > maxImageBytes || cfg.Width < 1 || cfg.Height < 1 || cfg.Width*cfg.Height > maxImageDots {
		return ref, 0, 0, refusal(BadImage, "%d bytes, %d by %d dots: %v", len(data), cfg.Width, cfg.Height, err)
	}
	if format == "jpeg" {
		ref, err = w.jpeg(data, cfg)
	} else {
		ref, err = w.png(data)
	}
	if err != nil {
		return ref, 0, 0, refusal(BadImage, "%v", err)
	}
	return ref, cfg.Width, cfg.Height, nil
}

func imageDict(width, height int, space pdf.Name) pdf.Dict {
	return pdf.Dict{{Key: "Type", Value: pdf.Name("XObject")}, {Key: "Subtype", Value: pdf.Name("Image")},
		{Key: "Width", Value: pdf.Int(width)}, {Key: "Height", Value: pdf.Int(height)},
		{Key: "ColorSpace", Value: space}, {Key: "BitsPerComponent", Value: pdf.Int(8)}}
}

// jpeg embeds the data as they are, once they are known to decode.
func (w *writer) jpeg(data []byte, cfg image.Config) (pdf.Ref, error) {
	if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
		return pdf.Ref{}, err
	}
	space := pdf.Name("DeviceRGB")
	var decode pdf.Array
	switch cfg.ColorModel {
	case color.GrayModel:
		space = "DeviceGray"
	case color.CMYKModel: // written inverted by those who write it at all
		space = "DeviceCMYK"
		decode = pdf.Array{pdf.Int(1), pdf.Int(0), pdf.Int(1), pdf.Int(0), pdf.Int(1), pdf.Int(0), pdf.Int(1), pdf.Int(0)}
	}
	dict := append(imageDict(cfg.Width, cfg.Height, space), pdf.Entry{Key: "Filter", Value: pdf.Name("DCTDecode")})
	if decode != nil {
		dict = append(dict, pdf.Entry{Key: "Decode", Value: decode})
	}
	return w.u.AddStream(dict, data), nil
}

// png splits a picture into colours and transparency. Where the document forbids transparency the
// picture is laid on white.
func (w *writer) png(data []byte) (pdf.Ref, error) {
	src, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return pdf.Ref{}, err
	}
	b := src.Bounds()
	dots := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	if w.claimsPDFA1() {
		draw.Draw(dots, dots.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(dots, dots.Rect, src, b.Min, draw.Over)
	} else {
		straight(dots, src)
	}
	tint(dots)
	rgb, alpha, opaque := make([]byte, 0, 3*b.Dx()*b.Dy()), make([]byte, 0, b.Dx()*b.Dy()), true
	for i := 0; i+3 < len(dots.Pix); i += 4 {
		rgb = append(rgb, dots.Pix[i:i+3]...)
		alpha = append(alpha, dots.Pix[i+3])
		opaque = opaque && dots.Pix[i+3] == 255
	}
	dict := imageDict(b.Dx(), b.Dy(), "DeviceRGB")
	if !opaque {
		dict = append(dict, pdf.Entry{Key: "SMask", Value: w.u.AddStream(imageDict(b.Dx(), b.Dy(), "DeviceGray"), alpha)})
	}
	return w.u.AddStream(dict, rgb), nil
}

// tint gives dots that are not seen the mean colour of those that are: readers that make a picture smaller mix
// colours before they look at the transparency, and black would show at every edge.
func tint(dots *image.NRGBA) {
	var sum [3]uint64
	var seen uint64
	for i := 0; i+3 < len(dots.Pix); i += 4 {
		if a := uint64(dots.Pix[i+3]); a > 0 {
			for c := range sum {
				sum[c] += a * uint64(dots.Pix[i+c])
			}
			seen += a
		}
	}
	if seen == 0 {
		return
	}
	for i := 0; i+3 < len(dots.Pix); i += 4 {
		if dots.Pix[i+3] == 0 {
			for c := range sum {
				dots.Pix[i+c] = byte(sum[c] / seen)
			}
		}
	}
}

// straight copies with colours that are not multiplied by their transparency.
func straight(dst *image.NRGBA, src image.Image) {
	b := src.Bounds()
	if n, ok := src.(*image.NRGBA); ok {
		for y := range b.Dy() {
			copy(dst.Pix[y*dst.Stride:(y+1)*dst.Stride], n.Pix[n.PixOffset(b.Min.X, b.Min.Y+y):][:4*b.Dx()])
		}
		return
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			dst.Set(x, y, src.At(b.Min.X+x, b.Min.Y+y))
		}
	}
}
