package load

import (
	"encoding/binary"
	mrand "math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"nghisu/internal/sfu/forward"
)

// What is sent: sound of 50 packets a second, pictures of 30 a second with three temporal layers.
const (
	soundEvery  = 20 * time.Millisecond
	pictureRate = 30
	mostPayload = 1080 // bytes of a packet
	soundSize   = 100
	resendable  = 128
	sealedSize  = 1300 // a packet with everything, at most
	firstNames  = 150  // packets that name their m-line and layer; by then the server knows
)

// rates of layers in bits a second: as our pages send them, the smallest first.
var (
	rates   = []int{150_000, 500_000, 1_200_000}
	heights = []int{180, 360, 720}
)

// magic marks the payloads of the load; the time of sending follows.
const magic = 0x6e67_6869_7375_2e31

// outgoing is one stream that a client sends.
type outgoing struct {
	line   Line
	rid    string
	rate   int
	height int
	ssrc   uint32
	off    atomic.Bool
	key    atomic.Bool  // a keyframe is wanted
	sent   atomic.Int64 // packets

	// the sender's own:
	seq     uint16
	ts      uint32
	picture uint16
	base    uint8
	frame   int
	packets int // of a picture
	octets  uint32
	pay     []byte
	plain   []byte
	pattern []int

	ring [resendable]kept // guarded by sealMu
}

// kept is a packet as it left, to be sent again.
type kept struct {
	seq uint16
	b   []byte
}

// thirds are the temporal layers of four pictures.
var thirds = []int{0, 2, 1, 2}

func (c *Client) senders() {
	for _, l := range c.cfg.Lines {
		if !l.Send {
			continue
		}
		rids := l.Rids
		if len(rids) == 0 {
			rids = []string{""}
		}
		for i, rid := range rids {
			o := &outgoing{line: l, rid: rid, ssrc: mrand.Uint32() | 1, seq: uint16(mrand.IntN(1 << 15)), ts: mrand.Uint32(), picture: uint16(mrand.IntN(1 << 15)),
				pay: make([]byte, mostPayload), pattern: thirds}
			if l.Video {
				o.rate, o.height = rates[len(rates)-len(rids)+i], heights[len(rates)-len(rids)+i]
				o.packets, o.pay = cut(o.rate, o.pay)
			} else {
				o.pay = o.pay[:soundSize]
			}
			for j := range o.pay {
				o.pay[j] = byte(mrand.Uint32())
			}
			for j := range o.ring { // at once, so that the load does not seem to grow
				o.ring[j].b = make([]byte, 0, sealedSize)
			}
			o.key.Store(true)
			c.out = append(c.out, o)
		}
	}
}

// Send switches an m-line off or on, as a page's buttons do.
func (c *Client) Send(mid string, on bool) {
	for _, o := range c.out {
		if o.line.Mid == mid {
			o.off.Store(!on)
			o.key.Store(true)
		}
	}
}

// Sent is how many packets were sent under an m-line.
func (c *Client) Sent(mid string) (n int64) {
	for _, o := range c.out {
		if o.line.Mid == mid {
			n += o.sent.Load()
		}
	}
	return n
}

// send sends sound and pictures at their times until the client ends.
func (c *Client) send() {
	began := time.Now().Add(time.Duration(mrand.Int64N(int64(time.Second / pictureRate))))
	var sounds, pictures, reports int
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		sound := began.Add(time.Duration(sounds) * soundEvery)
		picture := began.Add(time.Duration(pictures) * time.Second / pictureRate)
		next := sound
		if picture.Before(sound) {
			next = picture
		}
		timer.Reset(time.Until(next))
		select {
		case <-c.done:
			return
		case <-timer.C:
		}
		now := time.Now()
		for _, o := range c.out {
			switch {
			case o.line.Video && !picture.After(now):
				c.picture(o)
			case !o.line.Video && !sound.After(now):
				c.sound(o)
			}
		}
		if !sound.After(now) {
			sounds++
		}
		if !picture.After(now) {
			pictures++
		}
		if s := int(now.Sub(began) / time.Second); s != reports {
			reports = s
			c.report(now)
		}
	}
}

// Loudness in the extension of RFC 6464.
const (
	loudLevel  = 0x80 | 25
	quietLevel = 90
)

func (c *Client) sound(o *outgoing) {
	o.ts += 960
	if o.off.Load() {
		return
	}
	o.pay[0] = 0x78 // Opus: 20 ms, one frame
	binary.BigEndian.PutUint32(o.pay[1:], c.tag.Load())
	level := byte(quietLevel)
	if c.loud.Load() {
		level = loudLevel
	}
	c.packet(o, false, level)
}

// cut says in how many packets of which payload a picture goes out.
func cut(rate int, pay []byte) (int, []byte) {
	size := rate / 8 / pictureRate
	n := (size + mostPayload - 1) / mostPayload
	return n, pay[:size/n]
}

// picture sends one picture of a layer, in packets of one length.
func (c *Client) picture(o *outgoing) {
	o.ts += 90000 / pictureRate
	if o.off.Load() {
		return
	}
	n, key := o.packets, o.key.Swap(false)
	if key {
		o.frame = 0
		n *= 3
	}
	layer := o.pattern[o.frame%len(o.pattern)]
	if layer == 0 {
		o.base++
	}
	for i := range n {
		describe(o, layer, i == 0, key)
		c.packet(o, i == n-1, 0)
	}
	o.frame++
	o.picture = (o.picture + 1) & 0x7fff
}

// describe writes the VP8 payload descriptor (RFC 7741 section 4.2) and, first, the head of the picture.
func describe(o *outgoing, layer int, first, key bool) {
	p := o.pay
	p[0], p[1] = 0x80, 0xe0
	p[2], p[3], p[4] = 0x80|byte(o.picture>>8), byte(o.picture), o.base
	p[5] = byte(layer) << 6
	if layer > 0 && o.frame%len(o.pattern) < 3 {
		p[5] |= 0x20 // needs the lowest layer only
	}
	p[6] = 0x11 // a picture that follows others
	if !first {
		return
	}
	p[0] |= 0x10
	if key {
		width := o.height * 16 / 9
		copy(p[6:], []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, byte(width), byte(width >> 8), byte(o.height), byte(o.height >> 8)})
	}
}

// packet protects and sends one packet of a stream.
func (c *Client) packet(o *outgoing, marker bool, level byte) {
	binary.BigEndian.PutUint64(o.pay[len(o.pay)-16:], magic)
	binary.BigEndian.PutUint64(o.pay[len(o.pay)-8:], uint64(time.Now().UnixNano()))
	pt := byte(typeOpus)
	if o.line.Video {
		pt = typeVP8
	}
	if marker {
		pt |= 0x80
	}
	b := append(o.plain[:0], 0x90, pt)
	b = binary.BigEndian.AppendUint16(b, o.seq)
	b = binary.BigEndian.AppendUint32(b, o.ts)
	b = binary.BigEndian.AppendUint32(b, o.ssrc)
	b = append(b, 0xbe, 0xde, 0, 0)
	b = o.extensions(b, level, c.number())
	b[15] = byte((len(b) - 16) / 4)
	b = append(b, o.pay...)
	o.plain = b[:0]
	c.sealMu.Lock()
	k := &o.ring[o.seq%resendable]
	out, err := c.seal.EncryptRTP(k.b[:0], b, nil)
	if err == nil {
		*k = kept{o.seq, out}
		_ = c.sock.Load().WriteTo(out, c.peer.Load().addr)
	}
	c.sealMu.Unlock()
	o.seq++
	o.octets += uint32(len(o.pay))
	o.sent.Add(1)
}

// extensions appends the elements of the header extension, to a multiple of four bytes.
func (o *outgoing) extensions(b []byte, level byte, number uint16) []byte {
	b = append(b, extTransport<<4|1, byte(number>>8), byte(number))
	if !o.line.Video {
		b = append(b, extLevel<<4, level)
	}
	if o.sent.Load() < firstNames {
		b = append(b, extMid<<4|byte(len(o.line.Mid)-1))
		b = append(b, o.line.Mid...)
		if o.rid != "" {
			b = append(b, extRid<<4|byte(len(o.rid)-1))
			b = append(b, o.rid...)
		}
	}
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// number is the transport-wide number of the next packet; one goroutine sends.
func (c *Client) number() uint16 {
	c.wide++
	return c.wide
}

// report tells the time of every stream.
func (c *Client) report(now time.Time) {
	var out []rtcp.Packet
	for _, o := range c.out {
		out = append(out, &rtcp.SenderReport{SSRC: o.ssrc, NTPTime: forward.NTP(now), RTPTime: o.ts, PacketCount: uint32(o.sent.Load()), OctetCount: o.octets})
	}
	c.sendRTCP(out)
}

// asked takes what the server asks of streams that are sent. Needs c.mu.
func (c *Client) asked(b []byte) {
	if len(c.out) == 0 {
		return
	}
	out, err := c.open.DecryptRTCP(nil, b, nil)
	if err != nil {
		return
	}
	packets, err := rtcp.Unmarshal(out)
	if err != nil {
		return
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.PictureLossIndication:
			c.wanted(p.MediaSSRC)
		case *rtcp.FullIntraRequest:
			for _, f := range p.FIR {
				c.wanted(f.SSRC)
			}
		case *rtcp.TransportLayerNack:
			for _, n := range p.Nacks {
				c.again(p.MediaSSRC, n.PacketList())
			}
		}
	}
}

func (c *Client) wanted(ssrc uint32) {
	for _, o := range c.out {
		if o.ssrc == ssrc {
			o.key.Store(true)
		}
	}
}

// again repeats packets bit by bit.
func (c *Client) again(ssrc uint32, seqs []uint16) {
	i := slices.IndexFunc(c.out, func(o *outgoing) bool { return o.ssrc == ssrc })
	if i < 0 {
		return
	}
	c.sealMu.Lock()
	defer c.sealMu.Unlock()
	for _, s := range seqs {
		if k := &c.out[i].ring[s%resendable]; k.seq == s && len(k.b) > 0 {
			_ = c.sock.Load().WriteTo(k.b, c.peer.Load().addr)
		}
	}
}
