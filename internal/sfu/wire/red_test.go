package wire_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"nghisu/internal/sfu/wire"
)

// red writes a payload as RFC 2198 section 3 says.
func red(pt uint8, older [][]byte, primary []byte) []byte {
	var head, body []byte
	for i, b := range older {
		offset := 960 * (len(older) - i)
		head = append(head, 0x80|pt, byte(offset>>6), byte(offset<<2)|byte(len(b)>>8), byte(len(b)))
		body = append(body, b...)
	}
	return append(append(append(head, pt), body...), primary...)
}

// Whatever is sent along, the newest packet is found whole; with another type all else stays as it was.
func TestParseRED_asWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pt, other := rapid.Uint8Range(0, 127).Draw(t, "type"), rapid.Uint8Range(0, 127).Draw(t, "other type")
		older := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 1023), 0, 4).Draw(t, "older")
		primary := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "primary")
		p := red(pt, older, primary)
		r, ok := wire.ParseRED(p)
		if !ok || r.Type != pt || !bytes.Equal(p[r.Primary:], primary) {
			t.Fatalf("%+v %v of %x", r, ok, p)
		}
		wire.SetRED(p, r, other)
		if want := red(other, older, primary); !bytes.Equal(p, want) {
			t.Fatalf("with type %d: %x, want %x", other, p, want)
		}
	})
}

func TestParseRED_refused(t *testing.T) {
	for name, p := range map[string][]byte{
		"nothing":            nil,
		"a head alone":       {111},
		"a cut head":         {0x80 | 111, 0, 0},
		"no last head":       {0x80 | 111, 0, 0, 0},
		"longer than itself": {0x80 | 111, 0, 3, 0xff, 111, 1, 2},
		"two types":          {0x80 | 111, 0, 0, 1, 110, 1, 2},
		"two types of older": append(bytes.Repeat([]byte{0x80 | 111, 0, 0, 0}, 1), 0x80|110, 0, 0, 0, 110, 5),
		"too many":           append(bytes.Repeat([]byte{0x80 | 111, 0, 0, 0}, 9), 111, 5),
		"redundancy alone":   red(111, [][]byte{{1, 2}}, nil),
	} {
		if r, ok := wire.ParseRED(p); ok {
			t.Errorf("%s: read as %+v", name, r)
		}
	}
}

// No bytes bring it down, and what is found stays inside.
func FuzzParseRED(f *testing.F) {
	f.Add(red(111, [][]byte{{1, 2, 3}}, []byte{4, 5}))
	f.Add(red(111, nil, []byte{4}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := wire.ParseRED(b)
		if !ok {
			return
		}
		if r.Primary < 1 || r.Primary >= len(b) {
			t.Fatalf("%+v of %d bytes", r, len(b))
		}
		primary := bytes.Clone(b[r.Primary:])
		wire.SetRED(b, r, 77)
		if again, ok := wire.ParseRED(b); !ok || again.Type != 77 || again.Primary != r.Primary || !bytes.Equal(b[r.Primary:], primary) {
			t.Fatalf("after writing: %+v %v, before %+v", again, ok, r)
		}
	})
}
