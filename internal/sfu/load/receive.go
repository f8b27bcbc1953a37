package load

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/pion/rtcp"

	"nghisu/internal/sfu/arrival"
	"nghisu/internal/sfu/wire"
)

// incoming is one stream that a client receives, or the repetitions of one.
type incoming struct {
	ssrc    uint32
	mid     string
	video   bool
	repairs *incoming
	seq     wire.Seq
	books   *arrival.Stream
	rtt     time.Duration
	window  window
}

// window is what is counted of a stream while it is measured.
type window struct {
	on       bool
	from, to uint64             // first and last number; 0 until they are known
	got      [remembered]uint64 // a bit for each of the newest numbers
	folded   uint64             // words before these, by from
	gone     int64              // numbers that were missing when they were folded
	first    int64              // packets that came from the server at first, lost ones too
	again    int64              // and repetitions
	dropped  int64              // of both, lost by our chance
	bytes    int64
	delays   []time.Duration
}

// remembered is for how many words of 64 packets late ones are waited for.
const remembered = 64

// sampled is which pictures are opened to read when they were sent: one packet of so many.
const sampled = 16

// media takes one packet.
func (c *Client) media(b []byte, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		return
	}
	if wire.IsRTCP(b) {
		c.asked(b)
		return
	}
	h, err := wire.Parse(b)
	if err != nil {
		return
	}
	s := c.in[h.SSRC]
	if s == nil {
		return
	}
	of := s
	if s.repairs != nil {
		of = s.repairs
	}
	lost := c.cfg.Loss > 0 && c.chance.Float64() < c.cfg.Loss
	of.window.came(len(b), s != of, lost)
	if lost {
		return
	}
	if e := h.Extension(b, extTransport); len(e) == 2 {
		c.books.Record(of.ssrc, binary.BigEndian.Uint16(e), at.Sub(c.began).Microseconds())
	}
	number := h.Seq
	var plain []byte
	if s != of || s.video && h.Seq%sampled == 0 && !c.cfg.Forget {
		if plain = c.opened(b); plain == nil {
			return
		}
	}
	if c.cfg.Heard != nil && !s.video {
		if plain = c.opened(b); len(plain) >= 5 {
			c.cfg.Heard(binary.BigEndian.Uint32(plain[1:]), at)
		}
	}
	if s != of { // a repetition: its own number stands before the payload (RFC 4588)
		if len(plain) < 2 {
			return
		}
		number = binary.BigEndian.Uint16(plain)
		plain = plain[2:]
	}
	seq := of.seq.Unwrap(number)
	fresh := of.books.Arrive(seq, h.TS, at)
	of.window.take(seq)
	if fresh && number%sampled == 0 && of.video && !c.cfg.Forget {
		of.window.delay(plain, at)
	}
}

// opened is the payload of a packet; nil when it cannot be opened.
func (c *Client) opened(b []byte) []byte {
	out, err := c.open.DecryptRTP(c.buf[:0], b, nil)
	if err != nil {
		return nil
	}
	c.buf = out[:0]
	h, err := wire.Parse(out)
	if err != nil {
		return nil
	}
	return out[h.Payload:h.End]
}

func (w *window) came(n int, again, lost bool) {
	if !w.on {
		return
	}
	if w.bytes += int64(n); again {
		w.again++
	} else {
		w.first++
	}
	if lost {
		w.dropped++
	}
}

// take notes a packet that came to stay. Late ones count as long as anybody looks.
func (w *window) take(seq uint64) {
	if w.on && w.from == 0 {
		w.from = seq
	}
	if w.from == 0 || seq < w.from || w.to != 0 && seq > w.to {
		return
	}
	word := (seq - w.from) / 64
	for word >= w.folded+remembered {
		old := &w.got[w.folded%remembered]
		w.gone += int64(64 - bits.OnesCount64(*old))
		*old = 0
		w.folded++
	}
	if word >= w.folded {
		w.got[word%remembered] |= 1 << ((seq - w.from) % 64)
	}
}

// delay reads when a packet was sent from the end of its payload.
func (w *window) delay(p []byte, at time.Time) {
	if w.on && len(p) >= 16 && binary.BigEndian.Uint64(p[len(p)-16:]) == magic {
		w.delays = append(w.delays, at.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(p[len(p)-8:])))))
	}
}

// missing is how many packets of the window never came.
func (w *window) missing() (want, missing int64) {
	if w.from == 0 || w.to < w.from {
		return 0, 0
	}
	want = int64(w.to - w.from + 1)
	missing = w.gone + want - int64(w.folded*64)
	for _, g := range w.got {
		missing -= int64(bits.OnesCount64(g))
	}
	return want, missing
}

// Received is what clients received in a window of time.
type Received struct {
	Streams int             // that had packets
	First   int64           // packets that the server sent for the first time
	Again   int64           // and once more
	Dropped int64           // of both, lost on purpose
	Bytes   int64           // on the wire, without UDP
	Want    int64           // packets that should have come
	Missing int64           // of pictures, never came
	Silent  int64           // of sound, never came: it is not sent again, but carries its own redundancy
	Delays  []time.Duration // of pictures, a sample
}

// Count begins to count, with the next packets.
func (c *Client) Count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.in {
		s.window = window{on: true}
		if s.repairs == nil && s.seq.Last() != 0 {
			s.window.from = s.seq.Last() + 1
		}
	}
}

// Stop ends counting; what was sent until now may still come.
func (c *Client) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.in {
		s.window.on = false
		s.window.to = s.seq.Last()
	}
}

// Sum is what came between Count and Stop.
func (c *Client) Sum(r *Received) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.in {
		w := &s.window
		want, missing := w.missing()
		r.Want += want
		if s.video {
			r.Missing += missing
		} else {
			r.Silent += missing
		}
		r.First += w.first
		r.Again += w.again
		r.Dropped += w.dropped
		r.Bytes += w.bytes
		r.Delays = append(r.Delays, w.delays...)
		if w.first > 0 {
			r.Streams++
		}
	}
}

// Streams counts the streams that ever had a packet.
func (c *Client) Streams() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.in {
		if s.seq.Last() != 0 {
			n++
		}
	}
	return n
}

// Turns between two reports of the same kind.
const (
	arrivalTurns = 5  // transport-wide feedback every 100 ms
	reportTurns  = 50 // receiver reports every second
)

// tend is the client's turn of everybody's clock.
func (c *Client) tend(now time.Time) {
	c.turn++
	connected := false
	select {
	case <-c.ready:
		connected = true
	default:
	}
	every := checkEvery
	if !connected {
		every = firstEvery
	}
	if now.Sub(c.lastCheck) >= every {
		c.lastCheck = now
		c.check()
	}
	if !connected {
		return
	}
	c.sendRTCP(c.feedback(now))
}

// feedback is what the client has to say of what it receives.
func (c *Client) feedback(now time.Time) []rtcp.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []rtcp.Packet
	if c.turn%arrivalTurns == 0 && c.books.PacketsHeld() > 0 {
		out = append(out, c.books.BuildFeedbackPacket()...)
	}
	for _, s := range c.in {
		if !s.video || s.repairs != nil || !s.books.Waiting() {
			continue
		}
		seqs, broken := s.books.Ask(now, s.rtt)
		if len(seqs) > 0 {
			out = append(out, &rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: s.ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs)})
		}
		if broken {
			out = append(out, &rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: s.ssrc})
		}
	}
	if c.turn%reportTurns == 0 {
		out = append(out, c.reports()...)
	}
	return out
}

// reports are receiver reports of all streams. Needs c.mu.
func (c *Client) reports() (out []rtcp.Packet) {
	var all []rtcp.ReceptionReport
	for _, s := range c.in {
		if s.repairs != nil {
			continue
		}
		if r, ok := s.books.Report(); ok {
			all = append(all, rtcp.ReceptionReport{SSRC: s.ssrc, FractionLost: r.Fraction, TotalLost: uint32(max(0, r.Lost)), LastSequenceNumber: r.Highest, Jitter: r.Jitter})
		}
	}
	for len(all) > 0 {
		n := min(len(all), 31)
		out = append(out, &rtcp.ReceiverReport{SSRC: 1, Reports: all[:n]})
		all = all[n:]
	}
	return out
}

// sendRTCP protects and sends packets, in as many datagrams as they need.
func (c *Client) sendRTCP(packets []rtcp.Packet) {
	const most = 1100
	for len(packets) > 0 {
		n, size := 1, packets[0].MarshalSize()
		for n < len(packets) && size+packets[n].MarshalSize() < most {
			size += packets[n].MarshalSize()
			n++
		}
		if b, err := rtcp.Marshal(packets[:n]); err == nil {
			c.sealMu.Lock()
			b, err = c.seal.EncryptRTCP(nil, b, nil)
			c.sealMu.Unlock()
			if err == nil {
				_ = c.sock.Load().WriteTo(b, c.peer.Load().addr)
			}
		}
		packets = packets[n:]
	}
}
