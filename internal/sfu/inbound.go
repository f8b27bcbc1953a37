package sfu

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"

	"nghisu/internal/sfu/forward"
	"nghisu/internal/sfu/offer"
	"nghisu/internal/sfu/wire"
)

// inbound sorts what comes from one client. Its methods are called one at a time, by the session.
type inbound struct {
	p       *Participant
	streams []source
	skew    time.Duration // from the client's clock to ours
	skewed  bool
	failed  int // packets that belong nowhere

	unmetered atomic.Bool // the client's sound does not tell how loud it is

	arrivals arrivals
	told     told
}

// arrivals tell the client when its packets came, so that it finds out what its line takes
// (transport-wide congestion control, draft-holmer-rmcat-transport-wide-cc-extensions-01).
type arrivals struct {
	ext atomic.Uint32 // number of the extension; 0 when not agreed

	mu    sync.Mutex
	began time.Time
	books *twcc.Recorder
}

func (a *arrivals) note(b []byte, ssrc uint32, at time.Time) {
	n := a.ext.Load()
	if n == 0 {
		return
	}
	h, err := wire.Parse(b)
	if err != nil {
		return
	}
	e := h.Extension(b, uint8(n))
	if len(e) != 2 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.books == nil {
		a.books, a.began = twcc.NewRecorder(ourSSRC), at
	}
	a.books.Record(ssrc, binary.BigEndian.Uint16(e), at.Sub(a.began).Microseconds())
}

// report is what came since the last; nil for nothing.
func (a *arrivals) report() []rtcp.Packet {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.books == nil || a.books.PacketsHeld() == 0 {
		return nil
	}
	return a.books.BuildFeedbackPacket()
}

// source is one SSRC of the client.
type source struct {
	ssrc   uint32
	stream *forward.Stream // nil for what is thrown away
	track  *Track
	repair bool // retransmissions of stream (RFC 4588)
}

// mostSources limits the SSRCs of one client: four tracks, three layers, retransmissions, and changes.
const mostSources = 32

func (in *inbound) rtp(b []byte, at time.Time) {
	ssrc := binary.BigEndian.Uint32(b[8:])
	in.arrivals.note(b, ssrc, at)
	i := slices.IndexFunc(in.streams, func(s source) bool { return s.ssrc == ssrc })
	if i < 0 {
		if i = in.learn(ssrc, b); i < 0 {
			return
		}
	}
	s := in.streams[i]
	switch {
	case s.stream == nil:
	case s.repair:
		in.repaired(s, b, at)
	default:
		p := s.stream.Take(b, at)
		switch {
		case p == nil || s.track.kind != Audio:
		case p.HasLevel:
			in.p.heard(p.Level, at)
		case in.unmetered.Load() && len(b) > silentPacket:
			in.p.heard(assumedLevel, at)
		}
	}
}

// Encoders and room codecs mostly do not tell how loud they are (RFC 6464). They are taken for somebody who
// is just audible: heard while there is room, and making way for whoever speaks. Silence that is sent as such
// (DTX) is a packet of a few bytes.
const (
	assumedLevel = 52
	silentPacket = wire.HeaderLen + 24
)

// repaired takes a retransmission: the original number stands before the payload.
func (in *inbound) repaired(s source, b []byte, at time.Time) {
	h, err := wire.Parse(b)
	if err != nil || h.End < h.Payload+2 {
		return
	}
	binary.BigEndian.PutUint16(b[2:], binary.BigEndian.Uint16(b[h.Payload:]))
	copy(b[h.Payload:], b[h.Payload+2:])
	b[1] = b[1]&0x80 | s.stream.Type()
	s.stream.Take(b[:len(b)-2], at)
}

// learn finds out what a new SSRC is: by the m-line and layer its packet names (RFC 8843, RFC 8852), by the
// description that announced it, or by its payload type when only one m-line has it.
func (in *inbound) learn(ssrc uint32, b []byte) int {
	h, err := wire.Parse(b)
	if err != nil || len(in.streams) >= mostSources {
		return -1
	}
	r := in.p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range in.p.lines {
		if !l.ours.Take {
			continue
		}
		named := string(h.Extension(b, l.media.Ext[offer.ExtMid]))
		announced := slices.Contains(l.media.SSRCs, ssrc)
		if named != "" && named != l.media.Mid || named == "" && !announced && (len(l.media.SSRCs) > 0 || in.ambiguous(h.PT)) {
			continue
		}
		_, rtx, ok := codecOf(l.media, h.PT)
		if !ok {
			continue
		}
		s := source{ssrc: ssrc, repair: rtx, track: in.p.tracks[trackKind(in.p, l)]}
		rid := string(h.Extension(b, l.media.Ext[offer.ExtRid]))
		if rtx {
			if rid = string(h.Extension(b, l.media.Ext[offer.ExtRepair])); rid == "" && len(l.media.Rids) > 0 {
				return -1 // not yet known of which layer: it will be said again
			} else if len(l.media.Rids) == 0 {
				rid = ""
			}
			if s.track != nil {
				if y := s.track.layer(rid); y != nil {
					s.stream = y.stream
				}
			}
			if s.stream == nil {
				return -1
			}
		} else if s.track != nil {
			if len(l.media.Rids) == 0 {
				rid = ""
			} else if s.track.layer(rid) == nil {
				return -1
			}
			s.stream = in.p.publish(s.track, l.media, ssrc, rid, h.PT)
		}
		in.streams = append(in.streams, s)
		return len(in.streams) - 1
	}
	in.failed++
	return -1
}

// ambiguous reports whether more than one m-line sends a payload type. Needs room.mu.
func (in *inbound) ambiguous(pt uint8) bool {
	n := 0
	for _, l := range in.p.lines {
		if _, _, ok := codecOf(l.media, pt); ok && l.ours.Take {
			n++
		}
	}
	return n > 1
}

func codecOf(m offer.Media, pt uint8) (c forward.Codec, rtx, ok bool) {
	for _, k := range m.Codecs {
		if k.Type == pt || k.RTX == pt && pt != 0 {
			c, ok = codecs[strings.ToLower(k.Name)]
			return c, k.Type != pt, ok
		}
	}
	return 0, false, false
}

func trackKind(p *Participant, l line) Kind {
	for kind, t := range p.tracks {
		if t.mid == l.media.Mid {
			return kind
		}
	}
	return ""
}

// publish makes a stream of a track, which takes the place of an older one of the same layer. Needs room.mu.
func (p *Participant) publish(t *Track, m offer.Media, ssrc uint32, rid string, pt uint8) *forward.Stream {
	codec, _, _ := codecOf(m, pt)
	cfg := forward.StreamConfig{SSRC: ssrc, Codec: codec, Level: m.Ext[offer.ExtLevel]}
	for _, c := range m.Codecs {
		cfg.Resends = cfg.Resends || codec.Video() && slices.Contains(c.Feedback, "nack")
		if k, ok := codecs[strings.ToLower(c.Name)]; ok && (cfg.Types[k] == 0 || c.Type == pt) {
			cfg.Types[k] = c.Type
		}
	}
	s := p.room.server.plane.NewStream(cfg, p)
	s.Forward(t.on)
	l := t.layer(rid)
	old := l.stream
	l.stream, l.bytes, l.alive = s, 0, time.Now()
	p.room.remap()
	if old != nil {
		old.Close()
	}
	return s
}

// heard notes how loud the participant is.
func (p *Participant) heard(level uint8, at time.Time) {
	p.room.meterMu.Lock()
	defer p.room.meterMu.Unlock()
	p.room.meter.Hear(p.id, level&0x7f, at)
}

// Keyframe implements forward.Publisher.
func (p *Participant) Keyframe(ssrc uint32) {
	p.recv.SendRTCP(&rtcp.PictureLossIndication{SenderSSRC: ourSSRC, MediaSSRC: ssrc})
}

// Again implements forward.Publisher.
func (p *Participant) Again(ssrc uint32, seqs []uint16) {
	p.recv.SendRTCP(&rtcp.TransportLayerNack{SenderSSRC: ourSSRC, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs)})
}

// ourSSRC names us in feedback; we send no stream of our own.
const ourSSRC = 1

// mostNacks is how many packets one request may ask for.
const mostNacks = 256

func (in *inbound) rtcp(b []byte, at time.Time) {
	packets, err := rtcp.Unmarshal(b)
	if err != nil {
		in.failed++
		return
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			in.clock(p, at)
			in.told.reports(p.Reports, at)
		case *rtcp.ReceiverReport:
			in.told.reports(p.Reports, at)
		case *rtcp.PictureLossIndication:
			in.told.keyframes.Add(1)
			in.p.recv.Keyframe(p.MediaSSRC)
		case *rtcp.FullIntraRequest:
			for _, f := range p.FIR {
				in.told.keyframes.Add(1)
				in.p.recv.Keyframe(f.SSRC)
			}
		case *rtcp.TransportLayerCC:
			in.p.recv.Told(p, at)
		case *rtcp.TransportLayerNack:
			var seqs []uint16
			for _, n := range p.Nacks {
				seqs = append(seqs, n.PacketList()...)
			}
			in.told.nacks.Add(int64(len(seqs)))
			if len(seqs) > 0 {
				in.p.recv.Again(p.MediaSSRC, seqs[:min(len(seqs), mostNacks)], at)
			}
		}
	}
}

// clock takes the client's time into ours. The least delay that was seen is the truest; sound and picture
// of one client share it, so that they stay together.
func (in *inbound) clock(r *rtcp.SenderReport, at time.Time) {
	theirs := forward.Time(r.NTPTime)
	if d := at.Sub(theirs); !in.skewed || d < in.skew {
		in.skew, in.skewed = d, true
	}
	for _, s := range in.streams {
		if s.ssrc == r.SSRC && s.stream != nil && !s.repair {
			s.stream.Clock(theirs.Add(in.skew), r.RTPTime)
		}
	}
}

// reportTurns is how many turns of a room lie between two receiver reports; signTurns those between two
// signs of life to a client that hears and sees nobody. Without them a page could not tell a quiet room from
// a line that is cut.
const (
	reportTurns = 10
	signTurns   = 5
)

// feedback reports to the client what came of its streams. Needs room.mu.
func (p *Participant) feedback(turn int) {
	if packets := p.in.arrivals.report(); len(packets) > 0 {
		p.recv.SendRTCP(packets...)
	} else if turn%signTurns == 0 && !p.shown() {
		p.recv.SendRTCP(&rtcp.ReceiverReport{SSRC: ourSSRC})
	}
	if turn%reportTurns != 0 {
		return
	}
	var reports []rtcp.ReceptionReport
	for _, t := range p.tracks {
		for _, l := range t.layers {
			if l.stream == nil {
				continue
			}
			if r, ok := l.stream.Report(); ok {
				reports = append(reports, rtcp.ReceptionReport{SSRC: l.stream.SSRC(), FractionLost: r.Fraction,
					TotalLost: uint32(max(0, min(r.Lost, 1<<23-1))), LastSequenceNumber: r.Highest, Jitter: r.Jitter})
			}
		}
	}
	if len(reports) > 0 {
		p.recv.SendRTCP(&rtcp.ReceiverReport{SSRC: ourSSRC, Reports: reports})
	}
}

// shown reports whether anything is sent to the client now. Needs room.mu.
func (p *Participant) shown() bool {
	return slices.ContainsFunc(p.slots, func(s *slot) bool { return s.stream != nil })
}
