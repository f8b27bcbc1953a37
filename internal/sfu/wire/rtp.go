// Package wire reads and changes RTP and RTCP packets in place, without allocating: what the hot path
// of the media plane needs of RFC 3550, RFC 8285 and the payload formats of VP8 (RFC 7741) and H.264
// (RFC 6184). It is pure.
package wire

import (
	"encoding/binary"
	"errors"
)

// HeaderLen is the length of an RTP header without contributing sources and extensions.
const HeaderLen = 12

// ErrMalformed means that the bytes are no RTP packet.
var ErrMalformed = errors.New("malformed RTP packet")

// IsRTCP tells RTCP from RTP on one transport (RFC 5761 section 4).
func IsRTCP(b []byte) bool { return len(b) >= 2 && b[1] >= 192 && b[1] <= 223 }

// Header is where the parts of a packet begin. All offsets are checked by Parse.
type Header struct {
	Seq     uint16
	TS      uint32
	SSRC    uint32
	PT      uint8
	Marker  bool
	Profile uint16 // of the header extension; 0 without one
	ext     [2]int // begin and end of the extension's elements
	Payload int    // begin of the payload
	End     int    // end of the payload, padding left out
}

// Parse reads the header of a packet.
func Parse(b []byte) (Header, error) {
	var h Header
	if len(b) < HeaderLen || b[0]>>6 != 2 {
		return h, ErrMalformed
	}
	h.Marker, h.PT = b[1]&0x80 != 0, b[1]&0x7f
	h.Seq = binary.BigEndian.Uint16(b[2:])
	h.TS = binary.BigEndian.Uint32(b[4:])
	h.SSRC = binary.BigEndian.Uint32(b[8:])
	at := HeaderLen + 4*int(b[0]&15)
	if b[0]&0x10 != 0 {
		if len(b) < at+4 {
			return h, ErrMalformed
		}
		h.Profile = binary.BigEndian.Uint16(b[at:])
		n := 4 * int(binary.BigEndian.Uint16(b[at+2:]))
		h.ext = [2]int{at + 4, at + 4 + n}
		at += 4 + n
	}
	h.Payload, h.End = at, len(b)
	if at > len(b) {
		return h, ErrMalformed
	}
	if b[0]&0x20 != 0 {
		if h.End == at || int(b[len(b)-1]) == 0 || int(b[len(b)-1]) > h.End-at {
			return h, ErrMalformed
		}
		h.End -= int(b[len(b)-1])
	}
	return h, nil
}

// Extension profiles of RFC 8285.
const (
	oneByte = 0xbede
	twoByte = 0x1000
)

// Extension is the element of the header extension with a number; nil when there is none.
func (h Header) Extension(b []byte, id uint8) []byte {
	e := b[h.ext[0]:h.ext[1]]
	switch {
	case id == 0:
	case h.Profile == oneByte:
		for len(e) > 0 {
			if e[0] == 0 {
				e = e[1:]
				continue
			}
			n := int(e[0]&15) + 1
			if e[0]>>4 == 15 || len(e) < 1+n {
				return nil
			}
			if e[0]>>4 == id {
				return e[1 : 1+n]
			}
			e = e[1+n:]
		}
	case h.Profile&0xfff0 == twoByte:
		for len(e) > 0 {
			if e[0] == 0 {
				e = e[1:]
				continue
			}
			if len(e) < 2 || len(e) < 2+int(e[1]) {
				return nil
			}
			if e[0] == id {
				return e[2 : 2+int(e[1])]
			}
			e = e[2+int(e[1]):]
		}
	}
	return nil
}

// Seq is a running sequence number without wrapping.
type Seq struct {
	last uint64
	any  bool
}

// Unwrap places a sequence number next to the newest one.
func (s *Seq) Unwrap(n uint16) uint64 {
	if !s.any {
		s.any, s.last = true, 1<<16+uint64(n)
		return s.last
	}
	at := s.last + uint64(int64(int16(n-uint16(s.last))))
	s.last = max(s.last, at)
	return at
}

// Last is the newest number; zero when there was none.
func (s *Seq) Last() uint64 { return s.last }
