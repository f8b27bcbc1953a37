package wire

// RED is what forwarding needs of a payload of redundant sound (RFC 2198): older packets stand before the
// primary one, so that a lost packet is heard from the next.
type RED struct {
	Type    uint8 // payload type of all that is inside
	Primary int   // where the newest packet begins
	blocks  int   // how many older ones there are
}

// mostBlocks is how many older packets one may carry.
const mostBlocks = 8

// ParseRED reads a payload; ok is false when it is cut short, when its parts are of several types, or when
// nothing is left beside what is redundant.
func ParseRED(p []byte) (r RED, ok bool) {
	at, older := 0, 0
	for at < len(p) && p[at]&0x80 != 0 {
		if len(p) < at+4 || r.blocks == mostBlocks || r.blocks > 0 && p[at]&0x7f != r.Type {
			return RED{}, false
		}
		r.Type = p[at] & 0x7f
		older += int(p[at+2]&3)<<8 | int(p[at+3])
		r.blocks++
		at += 4
	}
	if at >= len(p) || r.blocks > 0 && p[at] != r.Type {
		return RED{}, false
	}
	r.Type = p[at]
	r.Primary = at + 1 + older
	return r, r.Primary < len(p)
}

// SetRED writes another payload type into all parts of a payload that r was read from.
func SetRED(p []byte, r RED, pt uint8) {
	for i := range r.blocks {
		p[4*i] = 0x80 | pt
	}
	p[4*r.blocks] = pt
}
