package forward

import (
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"nghisu/internal/sfu/transport"
)

// Receiver is a client that packets are sent to. Nothing is sent before Ready.
type Receiver struct {
	plane   *Plane
	shard   *shard
	session *transport.Session
	number  uint32
	rate    atomic.Uint64 // bits of the estimate; 0 without one
	figures atomic.Pointer[ReceiverFigures]

	// Guarded by the shard:
	seal   *transport.Sealer // nil until ready
	sinks  []*Sink
	sent   *sentLog // nil when the client gives no transport-wide feedback
	buf    []byte
	closed bool
	// what may still be sent again, in bits, as it stood at a time
	repeats   float64
	repeatsAt time.Time
	resent    int64
	octets    int64 // payload, sent again included
	count     int64 // packets, sent again included
}

// NewReceiver puts a client into a shard.
func (p *Plane) NewReceiver(s *transport.Session) *Receiver {
	r := &Receiver{plane: p, session: s, number: p.next.Add(1)}
	r.shard = p.shards[int(r.number)%len(p.shards)]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.receivers[r] = struct{}{}
	return r
}

// Ready gives the keys.
func (r *Receiver) Ready(seal *transport.Sealer) {
	r.shard.do(func() {
		r.seal = seal
		for _, k := range r.sinks {
			if k.target != nil {
				k.target.WantKeyframe()
			}
		}
	})
}

// Close takes the receiver and its sinks away.
func (r *Receiver) Close() {
	r.plane.mu.Lock()
	delete(r.plane.receivers, r)
	r.plane.mu.Unlock()
	r.shard.do(func() {
		r.closed = true
		for _, k := range r.sinks {
			k.show(nil)
		}
		r.sinks = nil
	})
}

// Estimate begins to estimate what the client's line takes, by the feedback that it agreed to give.
func (r *Receiver) Estimate() {
	r.shard.do(func() {
		if r.sent == nil {
			r.sent = newSentLog()
		}
	})
}

// Told takes the client's feedback about the arrival of packets.
func (r *Receiver) Told(f *rtcp.TransportLayerCC, now time.Time) {
	r.shard.do(func() {
		if r.sent != nil {
			r.sent.told(f, now)
			r.rate.Store(math.Float64bits(r.sent.line.Rate()))
		}
	})
}

// Rate is what the client's line takes, bits a second; 0 while that is not known.
func (r *Receiver) Rate() float64 { return math.Float64frombits(r.rate.Load()) }

// SendRTCP protects and sends a compound packet.
func (r *Receiver) SendRTCP(packets ...rtcp.Packet) {
	b, err := rtcp.Marshal(packets)
	if err != nil {
		return
	}
	r.shard.do(func() { r.sendRTCP(b) })
}

// sendRTCP runs in the shard.
func (r *Receiver) sendRTCP(b []byte) {
	route := r.session.Route()
	if r.seal == nil || route == nil {
		return
	}
	out, err := r.seal.RTCP(b)
	if err != nil {
		return
	}
	place, commit := route.Reserve(r.shard.batch, len(out))
	copy(place, out)
	if commit != nil {
		commit()
	}
}

// mostReports is how many sender reports go into one packet of RTCP.
const mostReports = 30

// report tells the client which timestamps belong to which time (RFC 3550 section 6.4.1), so that it
// plays sound and picture together. It runs in the shard.
func (r *Receiver) report(now time.Time) {
	if r.sent != nil && r.Rate() > 0 {
		r.sent.line.Idle(now)
		r.rate.Store(math.Float64bits(r.sent.line.Rate()))
	}
	r.buf = r.buf[:0]
	n := 0
	for _, k := range r.sinks {
		if n == mostReports {
			r.sendRTCP(r.buf)
			r.buf, n = r.buf[:0], 0
		}
		if k.packets == k.reported {
			continue
		}
		if ts, ok := k.clock(now); ok {
			r.buf = appendSenderReport(r.buf, k, now, ts)
			k.reported = k.packets
			n++
		}
	}
	if n > 0 {
		r.sendRTCP(r.buf)
	}
	r.publish(now)
}

func appendSenderReport(b []byte, k *Sink, now time.Time, ts uint32) []byte {
	b = append(b, 0x80, 200, 0, 6)
	b = binary.BigEndian.AppendUint32(b, k.cfg.SSRC)
	b = binary.BigEndian.AppendUint64(b, NTP(now))
	b = binary.BigEndian.AppendUint32(b, ts)
	b = binary.BigEndian.AppendUint32(b, k.packets)
	return binary.BigEndian.AppendUint32(b, k.octets)
}

// Again sends packets of one of the receiver's streams once more.
func (r *Receiver) Again(ssrc uint32, seqs []uint16, now time.Time) {
	seqs = slices.Clone(seqs)
	r.shard.do(func() {
		for _, k := range r.sinks {
			if k.cfg.SSRC == ssrc {
				k.again(seqs, now)
			}
		}
	})
}

// Repetitions may take a share of the line: on one that is too narrow, all that is lost and sent again is lost again,
// and takes the place of what is new.
const (
	repeatShare = 0.3
	repeatSaved = 200_000 // bits that may be saved up
)

// mayRepeat reports whether there is room to send anything again. It runs in the shard.
func (r *Receiver) mayRepeat(now time.Time) bool {
	rate := r.Rate()
	if rate == 0 {
		return true
	}
	if r.repeatsAt.IsZero() {
		r.repeats = repeatSaved
	} else {
		r.repeats = min(repeatSaved, r.repeats+repeatShare*rate*max(0, now.Sub(r.repeatsAt).Seconds()))
	}
	r.repeatsAt = now
	return r.repeats > 0
}

// Keyframe asks the source that the stream shows for a keyframe.
func (r *Receiver) Keyframe(ssrc uint32) {
	r.shard.do(func() {
		for _, k := range r.sinks {
			if k.cfg.SSRC == ssrc && k.target != nil {
				k.target.WantKeyframe()
			}
		}
	})
}

const from1900 = 2208988800 // seconds to 1970

// Time is a time that was written in the form of RFC 3550 section 4.
func Time(ntp uint64) time.Time {
	return time.Unix(int64(ntp>>32)-from1900, int64((ntp&0xffffffff)*1e9>>32))
}

// NTP is a time in the form of RFC 3550 section 4.
func NTP(t time.Time) uint64 {
	n := t.UnixNano()
	s, f := uint64(n/1e9), uint64(n%1e9)
	return (s+from1900)<<32 | f<<32/1e9
}
