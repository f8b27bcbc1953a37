package wire

// VP8 is what forwarding needs of a VP8 payload descriptor (RFC 7741 4.2) and frame header.
type VP8 struct {
	Start      bool // first packet of a frame
	Keyframe   bool // Start of a keyframe
	HasPicture bool
	Long       bool // the picture number has 15 bits
	Picture    uint16
	HasTL0     bool
	TL0        uint8
	HasTID     bool
	TID        uint8
	Sync       bool // layer sync
	HasKey     bool
	Key        uint8
	Height     uint16 // of the picture, told by a keyframe; 0 otherwise
	picture    int    // offsets in the payload; 0 when absent
	tl0        int
	key        int
}

// ParseVP8 reads a payload; ok is false when it is cut short.
func ParseVP8(p []byte) (v VP8, ok bool) {
	if len(p) < 1 {
		return v, false
	}
	v.Start = p[0]&0x10 != 0 && p[0]&7 == 0
	at := 1
	if p[0]&0x80 != 0 {
		if len(p) < 2 {
			return v, false
		}
		x := p[1]
		at = 2
		if x&0x80 != 0 {
			if len(p) <= at {
				return v, false
			}
			v.HasPicture, v.picture = true, at
			v.Picture = uint16(p[at] & 0x7f)
			if v.Long = p[at]&0x80 != 0; v.Long {
				if len(p) <= at+1 {
					return v, false
				}
				v.Picture = v.Picture<<8 | uint16(p[at+1])
				at++
			}
			at++
		}
		if x&0x40 != 0 {
			if len(p) <= at {
				return v, false
			}
			v.HasTL0, v.tl0, v.TL0 = true, at, p[at]
			at++
		}
		if x&0x30 != 0 {
			if len(p) <= at {
				return v, false
			}
			if x&0x20 != 0 {
				v.HasTID, v.TID, v.Sync = true, p[at]>>6, p[at]&0x20 != 0
			}
			if x&0x10 != 0 {
				v.HasKey, v.key, v.Key = true, at, p[at]&0x1f
			}
			at++
		}
	}
	if len(p) <= at {
		return v, false
	}
	v.Keyframe = v.Start && p[at]&1 == 0
	if h := p[at:]; v.Keyframe && len(h) >= 10 && h[3] == 0x9d && h[4] == 0x01 && h[5] == 0x2a { // RFC 6386 section 9.1
		v.Height = uint16(h[8]) | uint16(h[9]&0x3f)<<8
	}
	return v, true
}

// SetVP8 writes other picture and temporal base numbers into a payload that v was read from.
func SetVP8(p []byte, v VP8, picture uint16, tl0 uint8) {
	if v.HasPicture {
		if v.Long {
			p[v.picture], p[v.picture+1] = 0x80|byte(picture>>8)&0x7f, byte(picture)
		} else {
			p[v.picture] = byte(picture) & 0x7f
		}
	}
	if v.HasTL0 {
		p[v.tl0] = tl0
	}
}

// H264Keyframe reports whether a payload begins a picture that can be decoded alone: a sequence
// parameter set or an IDR slice, single, aggregated (STAP-A) or the first of fragments (FU-A).
func H264Keyframe(p []byte) bool {
	if len(p) < 1 {
		return false
	}
	switch p[0] & 0x1f {
	case 5, 7:
		return true
	case 24:
		for at := 1; at+2 < len(p); {
			n := int(p[at])<<8 | int(p[at+1])
			if t := p[at+2] & 0x1f; t == 5 || t == 7 {
				return true
			}
			at += 2 + n
		}
	case 28:
		return len(p) > 1 && p[1]&0x80 != 0 && (p[1]&0x1f == 5 || p[1]&0x1f == 7)
	}
	return false
}
