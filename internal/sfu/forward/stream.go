package forward

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nghisu/internal/sfu/arrival"
	"nghisu/internal/sfu/wire"
)

// Publisher is what a Stream asks of whoever sends it. Calls come from any goroutine and must not block.
type Publisher interface {
	Keyframe(ssrc uint32)
	Again(ssrc uint32, seqs []uint16)
}

// StreamConfig is what was agreed on for one incoming stream.
type StreamConfig struct {
	SSRC    uint32
	Codec   Codec
	Types   [codecs]uint8 // payload types; 0 for codecs that were not agreed. Sound may change between Opus and RED
	Level   uint8         // number of the loudness extension; 0 when not agreed
	Resends bool          // the publisher answers requests to send packets again
}

// Stream is one incoming RTP stream: a track, or one layer of it.
type Stream struct {
	plane     *Plane
	cfg       StreamConfig
	publisher Publisher
	sinks     [][]*Sink // of each shard, guarded by its lock
	counts    []atomic.Int32
	count     atomic.Int32
	history   history
	wantKey   atomic.Bool
	on        atomic.Bool // forwarded at all
	clock     atomic.Pointer[senderClock]
	bytes     atomic.Int64            // taken in since the start
	height    atomic.Int32            // of the picture, as its last keyframe told; 0 while not known
	temporal  [temporals]atomic.Int64 // bytes of each temporal layer

	mu      sync.Mutex // below
	seq     wire.Seq
	books   *arrival.Stream
	lastKey time.Time
	pending []*Packet
	timer   *time.Timer
	closed  bool
	last    time.Time // of the last packet
	asked   int64     // packets asked for again
	keys    int64     // requests for keyframes
}

// senderClock says which timestamp of a stream belongs to which time of our clock.
type senderClock struct {
	at time.Time
	ts uint32
}

// temporals is how many temporal layers VP8 can tell apart.
const temporals = 4

// NewStream makes a stream that is forwarded.
func (p *Plane) NewStream(cfg StreamConfig, by Publisher) *Stream {
	s := &Stream{plane: p, cfg: cfg, publisher: by, books: arrival.New(cfg.Codec.Clock()),
		sinks: make([][]*Sink, len(p.shards)), counts: make([]atomic.Int32, len(p.shards))}
	s.history.init(historyLength(cfg.Codec))
	s.timer = time.AfterFunc(time.Hour, s.flush)
	s.timer.Stop()
	s.on.Store(true)
	p.add(s)
	return s
}

// Close ends the stream. Its sinks must show something else by then.
func (s *Stream) Close() {
	s.plane.remove(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.timer.Stop()
	s.pending = nil
	time.AfterFunc(keepFor, s.forget)
}

// keepFor is how long packets of a stream that ended may still be asked for.
const keepFor = 2 * time.Second

// forget lets go what receivers that were shown the stream once would keep otherwise: its packets and who sent
// it.
func (s *Stream) forget() {
	s.history.forget()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publisher = nobody{}
}

// nobody is asked for nothing any more.
type nobody struct{}

func (nobody) Keyframe(uint32)        {}
func (nobody) Again(uint32, []uint16) {}

// SSRC names the stream at its publisher.
func (s *Stream) SSRC() uint32 { return s.cfg.SSRC }

// Codec of the stream.
func (s *Stream) Codec() Codec { return s.cfg.Codec }

// Bytes is how much came in since the start, payload only.
func (s *Stream) Bytes() int64 { return s.bytes.Load() }

// Height of the picture in pixels; 0 while it is not known.
func (s *Stream) Height() int { return int(s.height.Load()) }

// Type is the payload type of its codec.
func (s *Stream) Type() uint8 { return s.cfg.Types[s.cfg.Codec] }

// Watched reports whether it is, or is about to be, sent to anybody.
func (s *Stream) Watched() bool { return s.count.Load() > 0 }

// Temporal is how much came in of each temporal layer since the start, in bytes; all zero without layers.
func (s *Stream) Temporal() (out [temporals]int64) {
	for i := range out {
		out[i] = s.temporal[i].Load()
	}
	return out
}

// keyframeEvery is how often a keyframe is asked for at most: one serves all who need one.
const keyframeEvery = 400 * time.Millisecond

// Frames are sent whole, because a run of packets to one receiver is cheaper than packets one by one. An
// incomplete frame waits at most holdFor; longHold limits how many packets one receiver gets in a row.
const (
	holdFor  = 6 * time.Millisecond
	longHold = 32
)

// Take forwards one packet and returns it; nil when there was nothing to forward. b is not kept.
func (s *Stream) Take(b []byte, at time.Time) *Packet {
	h, err := wire.Parse(b)
	if err != nil {
		return nil
	}
	s.plane.stats.received.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := s.seq.Unwrap(h.Seq)
	s.last = at
	if !s.books.Arrive(seq, h.TS, at) || h.End == h.Payload || s.closed { // a copy, or padding that probes the rate
		return nil
	}
	if s.books.Waiting() {
		select {
		case s.plane.gaps <- struct{}{}:
		default:
		}
	}
	s.bytes.Add(int64(h.End - h.Payload))
	if !s.on.Load() { // muted: nothing leaves, whatever comes
		return nil
	}
	p := s.packet(b, h, seq, at)
	if p == nil {
		return nil
	}
	if p.Keyframe {
		s.wantKey.Store(false) // here it is; who still needs one will say so
	}
	s.askKeyframe(at)
	s.hold(p)
	return p
}

// packet makes a packet of bytes; nil when its payload cannot be read.
func (s *Stream) packet(b []byte, h wire.Header, seq uint64, at time.Time) *Packet {
	codec, ok := s.codec(h.PT)
	if !ok {
		return nil
	}
	p := &Packet{Seq: seq, TS: h.TS, Marker: h.Marker, At: at, Codec: codec, Payload: append([]byte(nil), b[h.Payload:h.End]...)}
	switch codec {
	case VP8:
		if p.VP8, ok = wire.ParseVP8(p.Payload); !ok {
			return nil
		}
		p.Keyframe = p.VP8.Keyframe
		if p.VP8.Height > 0 {
			s.height.Store(int32(p.VP8.Height))
		}
		if p.VP8.HasTID {
			s.temporal[p.VP8.TID].Add(int64(len(p.Payload)))
		}
		return p
	case H264:
		p.Keyframe = wire.H264Keyframe(p.Payload)
		return p
	case RED:
		if p.RED, ok = wire.ParseRED(p.Payload); !ok || p.RED.Type != s.cfg.Types[Opus] {
			return nil
		}
	}
	p.Keyframe = true
	if e := h.Extension(b, s.cfg.Level); len(e) == 1 {
		p.Level, p.HasLevel = e[0], true
	}
	return p
}

// codec is what a payload type means here; false for one that was not agreed.
func (s *Stream) codec(pt uint8) (Codec, bool) {
	switch c := s.cfg.Codec; {
	case pt == s.cfg.Types[c]:
		return c, true
	case c == Opus && pt == s.cfg.Types[RED]:
		return RED, pt != 0
	case c == RED && pt == s.cfg.Types[Opus]:
		return Opus, pt != 0
	}
	return 0, false
}

// askKeyframe asks the publisher when a receiver needs it. It needs s.mu.
func (s *Stream) askKeyframe(now time.Time) {
	if s.cfg.Codec.Video() && s.wantKey.Load() && now.Sub(s.lastKey) > keyframeEvery {
		s.wantKey.Store(false)
		s.lastKey = now
		s.keys++
		s.publisher.Keyframe(s.cfg.SSRC)
	}
}

// hold keeps a packet until its frame is whole. It needs s.mu.
func (s *Stream) hold(p *Packet) {
	if !s.cfg.Codec.Video() {
		s.history.put(p)
		s.dispatch([]*Packet{p})
		return
	}
	if n := len(s.pending); n > 0 && s.pending[n-1].TS != p.TS {
		s.send()
	}
	if s.pending == nil {
		s.pending = make([]*Packet, 0, 8)
		if !p.Marker {
			s.timer.Reset(holdFor)
		}
	}
	s.pending = append(s.pending, p)
	if p.Marker || len(s.pending) == longHold {
		s.timer.Stop()
		s.send()
	}
}

// flush sends what waits too long.
func (s *Stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send()
}

// send brings the pending packets on their way, in order. It needs s.mu.
func (s *Stream) send() {
	packets := s.pending
	if len(packets) == 0 {
		return
	}
	s.pending = nil
	slices.SortFunc(packets, func(a, b *Packet) int { return int(int64(a.Seq - b.Seq)) })
	even(packets)
	for _, p := range packets {
		s.history.put(p)
	}
	s.dispatch(packets)
}

// mostPadding is how much padding a packet gets at most.
const mostPadding = 8

// even pads the packets of a frame to one length: browsers cut frames into packets that differ by a byte or
// two, and only packets of one length leave in one run (package udp).
func even(packets []*Packet) {
	widest := 0
	for _, p := range packets {
		widest = max(widest, len(p.Payload))
	}
	for _, p := range packets[:len(packets)-1] {
		if d := widest - len(p.Payload); d <= mostPadding {
			p.pad = uint8(d)
		}
	}
}

// dispatch brings packets to all shards that have sinks.
func (s *Stream) dispatch(packets []*Packet) {
	small := s.count.Load() <= inline
	for i, sh := range s.plane.shards {
		if s.counts[i].Load() > 0 {
			sh.put(job{stream: s, packets: packets}, small)
		}
	}
}

// WantKeyframe asks the publisher for a keyframe with the next packet, not too often.
func (s *Stream) WantKeyframe() { s.wantKey.Store(true) }

// Forward switches forwarding: what is off reaches nobody, whatever the publisher sends.
func (s *Stream) Forward(on bool) {
	if s.on.Swap(on) != on && on {
		s.WantKeyframe()
	}
}

// Clock notes which timestamp belongs to which time of our clock, as the publisher's last report tells.
func (s *Stream) Clock(at time.Time, ts uint32) { s.clock.Store(&senderClock{at, ts}) }

// Report is what a receiver report to the publisher says.
func (s *Stream) Report() (arrival.Report, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books.Report()
}

// chase asks for missing packets again; false when none are missing.
func (s *Stream) chase(now time.Time) bool {
	s.mu.Lock()
	if !s.books.Waiting() || s.closed {
		s.mu.Unlock()
		return false
	}
	seqs, broken := s.books.Ask(now, 0)
	if s.cfg.Resends {
		s.asked += int64(len(seqs))
	}
	left, by := s.books.Waiting(), s.publisher
	s.mu.Unlock()
	if broken && s.cfg.Codec.Video() {
		s.WantKeyframe()
	}
	if len(seqs) > 0 && s.cfg.Resends {
		by.Again(s.cfg.SSRC, seqs)
	}
	return left
}

func (s *Stream) join(shard int, k *Sink) {
	s.sinks[shard] = append(s.sinks[shard], k)
	s.counts[shard].Add(1)
	s.count.Add(1)
}

func (s *Stream) leave(shard int, k *Sink) {
	list := s.sinks[shard]
	if i := slices.Index(list, k); i >= 0 {
		list[i] = list[len(list)-1]
		list[len(list)-1] = nil
		s.sinks[shard] = list[:len(list)-1]
		s.counts[shard].Add(-1)
		s.count.Add(-1)
	}
}
