package forward

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"nghisu/internal/sfu/rewrite"
	"nghisu/internal/sfu/transport"
	"nghisu/internal/sfu/wire"
)

// SinkConfig is what was agreed on for one m-line of a receiver.
type SinkConfig struct {
	SSRC, RTX uint32        // RTX of retransmissions (RFC 4588); 0 when not agreed
	Types     [codecs]uint8 // payload types; 0 for codecs that were not agreed
	RTXTypes  [codecs]uint8 // of retransmissions
	Level     uint8         // number of the loudness extension; 0 when not agreed
	Transport uint8         // number of the transport-wide sequence number extension; 0 when not agreed
}

// Sink is one outgoing stream of a receiver, which shows one source after another. All fields but the
// first three are guarded by the receiver's shard.
type Sink struct {
	receiver *Receiver
	cfg      SinkConfig
	shows    atomic.Pointer[Stream] // current, for everybody

	current  *Stream // what is forwarded
	target   *Stream // what shall be, from its next keyframe on
	temporal uint8   // highest temporal layer that is forwarded
	thin     uint8   // highest temporal layer that shall be, as soon as the picture allows
	plain    bool    // sound goes without redundancy
	rewrite  rewrite.Stream
	places   *places // video only
	rtxSeq   uint16
	packets  uint32
	octets   uint32
	reported uint32 // packets at the last report
}

// NewSink adds an outgoing stream.
func (r *Receiver) NewSink(cfg SinkConfig) *Sink {
	k := &Sink{receiver: r, cfg: cfg, temporal: Whole, thin: Whole}
	if cfg.Types[VP8] != 0 || cfg.Types[H264] != 0 {
		k.places = &places{}
	}
	r.shard.do(func() { r.sinks = append(r.sinks, k) })
	return k
}

// Show makes s what the sink shows, from its next keyframe on; nil for nothing, at once.
func (k *Sink) Show(s *Stream) {
	k.receiver.shard.do(func() {
		if !k.receiver.closed {
			k.show(s)
		}
	})
}

// Shows is what is forwarded now; nil for nothing.
func (k *Sink) Shows() *Stream { return k.shows.Load() }

// Whole is the temporal layer that limits nothing.
const Whole = 7

// Thin limits the temporal layers that are forwarded: 0 is the lowest alone, Whole is all.
func (k *Sink) Thin(temporal uint8) {
	k.receiver.shard.do(func() { k.thin = temporal })
}

// Plain says whether sound goes without redundancy, for a line that has no room for it.
func (k *Sink) Plain(on bool) {
	k.receiver.shard.do(func() { k.plain = on })
}

func (k *Sink) show(s *Stream) {
	at := k.receiver.shard.index
	if k.target != nil && k.target != k.current && k.target != s {
		k.target.leave(at, k)
	}
	if s == nil && k.current != nil {
		k.current.leave(at, k)
		k.current = nil
		k.shows.Store(nil)
	}
	if s != nil && s != k.current && s != k.target {
		s.join(at, k)
	}
	k.target = s
	if s != nil && s != k.current {
		s.WantKeyframe()
	}
}

// write sends packets of a stream. It runs in the shard.
func (k *Sink) write(s *Stream, packets []*Packet) {
	r := k.receiver
	route := r.session.Route()
	if r.seal == nil || route == nil || !k.takes(s.cfg.Codec) {
		return
	}
	for _, p := range packets {
		if s != k.current && !k.change(s, p) {
			continue
		}
		if p.VP8.HasTID && k.tooFine(p) {
			if out, ok := k.rewrite.Drop(p.numbers()); ok {
				k.send(route, s, p, out)
			}
			continue
		}
		if out, ok := k.rewrite.Next(p.numbers(), p.At); ok {
			k.send(route, s, p, out)
		}
	}
}

// takes reports whether the receiver understands a codec. Redundant sound is understood by all who take Opus.
func (k *Sink) takes(c Codec) bool {
	if c == RED {
		c = Opus
	}
	return k.cfg.Types[c] != 0
}

// tooFine reports whether a packet belongs to a temporal layer that is left out. Layers go with the next picture;
// they come back with one that builds on nothing which was left out (RFC 7741 section 4.2, Y).
func (k *Sink) tooFine(p *Packet) bool {
	switch v := &p.VP8; {
	case k.temporal == k.thin || !v.Start:
	case p.Keyframe, k.thin < k.temporal:
		k.temporal = k.thin
	case v.Sync && v.TID > k.temporal && v.TID <= k.thin:
		k.temporal = v.TID
	}
	return p.VP8.TID > k.temporal
}

// change goes over to the target with its keyframe; false for what is not shown.
func (k *Sink) change(s *Stream, p *Packet) bool {
	if s != k.target {
		return false
	}
	if !p.Keyframe {
		s.WantKeyframe()
		return false
	}
	if k.current != nil {
		k.receiver.shard.later = append(k.receiver.shard.later, leaving{k.current, k})
	}
	k.current = s
	k.temporal = k.thin // all that follows builds on this keyframe
	k.shows.Store(s)
	if k.places != nil {
		k.places.source(s, &k.rewrite)
	}
	k.rewrite.Switch(p.numbers(), p.At, s.cfg.Codec.Clock())
	return true
}

// send builds, protects and queues one packet.
func (k *Sink) send(route *transport.Route, s *Stream, p *Packet, out rewrite.Out) {
	if k.places != nil {
		k.places.put(out.Seq, p.Seq)
	}
	o := outgoing{p, out, k.cfg.SSRC, out.Seq, k.cfg.Types[p.Codec], false}
	if p.Codec == RED && (k.plain || o.pt == 0) {
		o.pt = k.cfg.Types[Opus]
	}
	k.emit(route, o)
	k.packets++
	k.octets += uint32(len(p.Payload))
}

// outgoing is a packet as it leaves. With again it is a retransmission (RFC 4588 section 4): the original
// number stands before the payload.
type outgoing struct {
	*Packet
	out   rewrite.Out
	ssrc  uint32
	seq   uint16
	pt    uint8
	again bool
}

// emit writes one packet into the batch.
func (k *Sink) emit(route *transport.Route, o outgoing) {
	r, p, out := k.receiver, o.Packet, o.out
	payload, pad := p.Payload, int(p.pad)
	switch {
	case out.Filler:
		payload, pad = nil, 1
	case p.Codec == RED && o.pt == k.cfg.Types[Opus]:
		payload = payload[p.RED.Primary:]
	}
	var ext [8]byte
	head := wire.HeaderLen
	e := k.extensions(ext[:0], p)
	if len(e) > 0 {
		head += 4 + 4*((len(e)+3)/4)
	}
	body := head
	if o.again {
		body += 2
	}
	n := body + len(payload) + pad
	b, commit := route.Reserve(r.shard.batch, n+r.seal.Overhead())
	b[0], b[1] = 0x80, o.pt
	if p.Marker && !out.Filler {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], o.seq)
	binary.BigEndian.PutUint32(b[4:], out.TS)
	binary.BigEndian.PutUint32(b[8:], o.ssrc)
	if len(e) > 0 {
		b[0] |= 0x10
		b[12], b[13], b[14], b[15] = 0xbe, 0xde, 0, byte((len(e)+3)/4)
		clear(b[16:head])
		copy(b[16:], e)
	}
	if o.again {
		binary.BigEndian.PutUint16(b[head:], out.Seq)
	}
	copy(b[body:], payload)
	if p.Codec == RED && o.pt == k.cfg.Types[RED] && p.RED.Type != k.cfg.Types[Opus] {
		wire.SetRED(b[body:], p.RED, k.cfg.Types[Opus])
	}
	if p.VP8.HasPicture && !out.Filler {
		wire.SetVP8(b[body:], p.VP8, out.Picture, out.Base)
	}
	if pad > 0 {
		b[0] |= 0x20
		clear(b[n-pad : n])
		b[n-1] = byte(pad)
	}
	if r.sent != nil && k.cfg.Transport != 0 {
		r.sent.note(n+underneath, r.shard.now)
	}
	if r.seal.RTP(b, n) != nil {
		clear(b) // the place is taken; what leaves is nobody's packet
		return
	}
	if commit != nil {
		commit()
	}
	r.count++
	r.octets += int64(len(payload))
	r.shard.forwarded++
	r.shard.bytes += int64(len(payload))
}

// extensions are the elements of the header extension: loudness, and the transport-wide number.
func (k *Sink) extensions(b []byte, p *Packet) []byte {
	if k.cfg.Level != 0 && p.HasLevel {
		b = append(b, k.cfg.Level<<4, p.Level)
	}
	if r := k.receiver; k.cfg.Transport != 0 && r.sent != nil {
		n := r.sent.next()
		b = append(b, k.cfg.Transport<<4|1, byte(n>>8), byte(n))
	}
	return b
}

// underneath is what the network's own headers and the protection add to a packet, in bytes.
const underneath = 44

// againEvery is how often one packet is sent again at most.
const againEvery = 20 * time.Millisecond

// again answers a request for packets. Without a stream for retransmissions a packet goes out as it was,
// bit by bit: that is the only repetition that the protection allows. It runs in the shard.
func (k *Sink) again(seqs []uint16, now time.Time) {
	route := k.receiver.session.Route()
	if k.places == nil || route == nil || k.receiver.seal == nil {
		return
	}
	for _, seq := range seqs {
		if !k.receiver.mayRepeat(now) {
			return
		}
		s, in, numbers, ok := k.places.get(seq, now)
		if !ok || k.cfg.RTX == 0 && k.cfg.Transport != 0 {
			continue
		}
		p := s.history.get(in)
		if p == nil {
			continue
		}
		if numbers == nil { // not lost just before the picture changed
			numbers = &k.rewrite
		}
		out, ok := numbers.Again(p.numbers())
		if !ok || out.Seq != seq {
			continue
		}
		if k.cfg.RTX == 0 {
			k.emit(route, outgoing{p, out, k.cfg.SSRC, seq, k.cfg.Types[s.cfg.Codec], false})
		} else {
			k.rtxSeq++
			k.emit(route, outgoing{p, out, k.cfg.RTX, k.rtxSeq, k.cfg.RTXTypes[s.cfg.Codec], true})
		}
		k.receiver.repeats -= 8 * float64(len(p.Payload)+underneath)
		k.receiver.resent++
		k.receiver.shard.plane.stats.resent.Add(1)
	}
}

// clock is the outgoing timestamp that belongs to now; false while that is not known.
func (k *Sink) clock(now time.Time) (uint32, bool) {
	s := k.current
	if s == nil {
		return 0, false
	}
	c := s.clock.Load()
	if c == nil {
		return 0, false
	}
	passed := now.Sub(c.at).Seconds() * float64(s.cfg.Codec.Clock())
	return c.ts + uint32(int64(passed)) + k.rewrite.Offset(), true
}
