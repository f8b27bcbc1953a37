package wire_test

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"pgregory.net/rapid"

	"nghisu/internal/sfu/wire"
)

// What another implementation writes is read as it was meant.
func TestParse_asWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rtp.Packet{Header: rtp.Header{Version: 2, Marker: rapid.Bool().Draw(t, "marker"), PayloadType: rapid.Uint8Range(0, 127).Draw(t, "type"),
			SequenceNumber: rapid.Uint16().Draw(t, "seq"), Timestamp: rapid.Uint32().Draw(t, "ts"), SSRC: rapid.Uint32().Draw(t, "ssrc"),
			CSRC: rapid.SliceOfN(rapid.Uint32(), 0, 3).Draw(t, "csrc")},
			Payload: rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "payload")}
		p.PaddingSize = rapid.Uint8Range(0, 9).Draw(t, "padding")
		p.Padding = p.PaddingSize > 0
		ext := map[uint8][]byte{}
		most := 16
		if rapid.Bool().Draw(t, "two bytes") {
			most = 30
		}
		for _, id := range rapid.SliceOfNDistinct(rapid.Uint8Range(1, 14), 0, 4, rapid.ID).Draw(t, "extensions") {
			ext[id] = rapid.SliceOfN(rapid.Byte(), 1, most).Draw(t, "value")
			if p.SetExtension(id, ext[id]) != nil { // the form was chosen by the first element
				delete(ext, id)
			}
		}
		b, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		h, err := wire.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if h.Seq != p.SequenceNumber || h.TS != p.Timestamp || h.SSRC != p.SSRC || h.PT != p.PayloadType || h.Marker != p.Marker {
			t.Fatalf("%+v of %+v", h, p.Header)
		}
		if !bytes.Equal(b[h.Payload:h.End], p.Payload) {
			t.Fatalf("payload %x, written %x", b[h.Payload:h.End], p.Payload)
		}
		for id := uint8(1); id < 15; id++ {
			if got := h.Extension(b, id); !bytes.Equal(got, ext[id]) {
				t.Fatalf("extension %d: %x, written %x", id, got, ext[id])
			}
		}
	})
}

func TestParseVP8_asAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 12).Draw(t, "payload")
		v, ok := wire.ParseVP8(b)
		var other codecs.VP8Packet
		if _, err := other.Unmarshal(b); err != nil || !ok {
			return // both may refuse what is cut short, each in its own place
		}
		if v.Picture != other.PictureID || v.HasTID && v.TID != other.TID || v.HasTL0 && v.TL0 != other.TL0PICIDX {
			t.Fatalf("%x: %+v, another reads %+v", b, v, other)
		}
		picture, tl0 := rapid.Uint16Range(0, 0x7f).Draw(t, "new picture"), rapid.Byte().Draw(t, "new base")
		wire.SetVP8(b, v, picture, tl0)
		again, ok := wire.ParseVP8(b)
		if !ok || v.HasPicture && again.Picture != picture || v.HasTL0 && again.TL0 != tl0 || again.Start != v.Start || again.TID != v.TID {
			t.Fatalf("after writing: %+v, before %+v", again, v)
		}
	})
}

// A keyframe tells how high the picture is (RFC 6386 section 9.1).
func TestParseVP8_height(t *testing.T) {
	for name, c := range map[string]struct {
		payload []byte
		want    uint16
	}{
		"keyframe":         {[]byte{0x10, 0x50, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 7}, 360}, // 640 wide, upscaling told
		"other frame":      {[]byte{0x10, 0x51, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 7}, 0},
		"no start code":    {[]byte{0x10, 0x50, 0, 0, 0x9d, 0x01, 0x2b, 0x80, 0x02, 0x68, 0x41, 7}, 0},
		"cut":              {[]byte{0x10, 0x50, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68}, 0},
		"inside a picture": {[]byte{0x00, 0x50, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 7}, 0},
	} {
		v, ok := wire.ParseVP8(c.payload)
		if !ok || v.Height != c.want {
			t.Errorf("%s: %d (%v), want %d", name, v.Height, ok, c.want)
		}
	}
}

func TestH264Keyframe(t *testing.T) {
	for name, c := range map[string]struct {
		payload []byte
		want    bool
	}{
		"parameter set":       {[]byte{0x67, 1}, true},
		"IDR":                 {[]byte{0x65}, true},
		"slice":               {[]byte{0x41}, false},
		"aggregate with SPS":  {[]byte{24, 0, 1, 0x09, 0, 2, 0x67, 1}, true},
		"aggregate without":   {[]byte{24, 0, 1, 0x09, 0, 1, 0x41}, false},
		"cut aggregate":       {[]byte{24, 0}, false},
		"first of fragments":  {[]byte{0x7c, 0x85}, true},
		"second of fragments": {[]byte{0x7c, 0x05}, false},
		"nothing":             {nil, false},
	} {
		if got := wire.H264Keyframe(c.payload); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSeq_Unwrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s wire.Seq
		truth := uint64(1<<16) + uint64(rapid.Uint16().Draw(t, "first"))
		if s.Unwrap(uint16(truth)) != truth {
			t.Fatal("first")
		}
		for range rapid.IntRange(1, 200).Draw(t, "packets") {
			at := truth + uint64(int64(rapid.IntRange(-2000, 20000).Draw(t, "step")))
			if got := s.Unwrap(uint16(at)); got != at {
				t.Fatalf("%d, want %d", got, at)
			}
			truth = max(truth, at)
		}
	})
}

// No bytes bring it down, and offsets stay inside.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x90, 0x80, 0x81, 1, 0})
	f.Add([]byte{0xbf, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x10, 1, 0, 0, 5, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := wire.Parse(b)
		if err != nil {
			return
		}
		if h.Payload > h.End || h.End > len(b) {
			t.Fatalf("%+v of %d bytes", h, len(b))
		}
		for id := range 256 {
			_ = h.Extension(b, uint8(id))
		}
		p := b[h.Payload:h.End]
		wire.H264Keyframe(p)
		if v, ok := wire.ParseVP8(p); ok {
			wire.SetVP8(p, v, 1, 1)
		}
	})
}
