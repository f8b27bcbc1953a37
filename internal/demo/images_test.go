package demo

import (
	"bytes"
	"image/png"
	"os"
	"testing"

	"nghisu/internal/signing/images"
)

// What the demo draws passes for a seal and a signature: ink of its colour, in its size, nothing lost.
func TestDrawnImages(t *testing.T) {
	for name, c := range map[string]struct {
		draw func(string) ([]byte, error)
		text string
		kind images.Kind
		size images.Size
	}{
		"seal":      {drawSeal, "Ủy ban nhân dân phường Bạch Đằng", images.Seal, sealSize},
		"signature": {drawSignature, "Nguyễn Hữu Thành", images.Signature, signatureSize},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := c.draw(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if dir := os.Getenv("DEMO_PAPERS"); dir != "" { // to look at them
				if err := os.WriteFile(dir+"/"+name+".png", data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cfg, err := png.DecodeConfig(bytes.NewReader(data))
			if err != nil || cfg.Width != int(c.size.Width*dots) || cfg.Height != int(c.size.Height*dots) {
				t.Errorf("%d by %d, %v", cfg.Width, cfg.Height, err)
			}
			cleaned, err := images.Clean(data, c.kind)
			if err != nil {
				t.Fatal(err)
			}
			out, err := png.Decode(bytes.NewReader(cleaned))
			if err != nil {
				t.Fatal(err)
			}
			inked := 0
			for y := range out.Bounds().Dy() {
				for x := range out.Bounds().Dx() {
					r, _, b, a := out.At(x, y).RGBA()
					if a > 0x8000 {
						if inked++; (c.kind == images.Seal) != (r > b) {
							t.Fatalf("ink of another colour at %d, %d", x, y)
						}
					}
				}
			}
			if share := inked * 100 / (out.Bounds().Dx() * out.Bounds().Dy()); share < 5 || share > 50 {
				t.Errorf("%d %% ink", share)
			}
		})
	}
}
