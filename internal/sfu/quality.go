package sfu

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"nghisu/internal/sfu/forward"
)

// Quality is what passed between a participant and us since it came. Counters only grow, so whoever wants a
// rate takes the difference of two looks; nothing here costs the packets anything.
type Quality struct {
	At      time.Time
	Network string         // "udp" or "tcp"; empty before the first check
	Addr    netip.AddrPort // where the client is; a relay's when it comes through one
	Heard   time.Time      // when anything last came from the client
	Up      []UpFigures    // what the participant sends, by kind and then by layer
	Down    DownFigures    // what it receives
}

// UpFigures are one incoming stream: a track, or one layer of it.
type UpFigures struct {
	Kind       Kind
	Layer      int // 0 is the smallest
	Layers     int // that this track has now
	Packets    int64
	Missed     int64 // packets that the line lost, as the gaps in their numbers show
	Repaired   int64 // of these, came when asked for
	Bytes      int64
	Nacks      int64 // packets we asked for again
	Keyframes  int64 // keyframes we asked for
	Jitter     time.Duration
	LastPacket time.Time // zero before the first
	On         bool      // it is forwarded
	Watched    bool      // somebody is shown it
}

// DownFigures are what goes to a participant.
type DownFigures struct {
	At             time.Time // of Packets, Bytes and Resent; they are written down once a second
	Packets, Bytes int64
	Resent         int64         // packets sent again
	Came, Lost     int64         // packets, by the client's reports
	RoundTrip      time.Duration // 0 while nothing told it
	Estimate       float64       // bits a second that the line takes; 0 while that is not known
	Nacks          int64         // packets the client asked for again
	Keyframes      int64         // keyframes the client asked for
	Slots          []SlotFigures
}

// SlotFigures say what a slot with pictures shows.
type SlotFigures struct {
	Role          Role
	Participant   string
	Kind          Kind
	Layer, Layers int     // the layer that is sent, 0 the smallest, of how many; -1 for none
	Paused        bool    // the line does not take even the smallest
	Rate, Best    float64 // bits a second of that layer, and of the one that would fill the place
}

// Quality looks at the participant's figures. It may be called from anywhere, some times a second.
func (p *Participant) Quality() Quality {
	q := Quality{At: time.Now()}
	if r := p.session.Route(); r != nil {
		q.Network, q.Addr, q.Heard = r.Network(), r.Addr(), p.session.Heard()
	}
	f := p.recv.Figures()
	q.Down = DownFigures{At: f.At, Packets: f.Packets, Bytes: f.Bytes, Resent: f.Resent, Came: f.Came, Lost: f.Lost, Estimate: f.Rate,
		RoundTrip: time.Duration(p.in.told.trip.Load()), Nacks: p.in.told.nacks.Load(), Keyframes: p.in.told.keyframes.Load()}
	if f.Came+f.Lost == 0 { // no feedback on every packet: reports tell less often, and the same
		q.Down.Came, q.Down.Lost = p.in.told.counts()
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	for _, t := range p.tracks {
		for i, l := range t.layers {
			if l.stream == nil {
				continue
			}
			s := l.stream.Figures()
			q.Up = append(q.Up, UpFigures{Kind: t.kind, Layer: i, Layers: len(t.layers), Packets: s.Received, Missed: s.Missed, Repaired: s.Repaired,
				Bytes: s.Bytes, Nacks: s.Asked, Keyframes: s.Keyframes, Jitter: s.Jitter, LastPacket: s.Last, On: t.on, Watched: s.Watched})
		}
	}
	slices.SortFunc(q.Up, func(a, b UpFigures) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Layer, b.Layer))
	})
	for _, s := range p.slots {
		if s.video && s.shows != nil && p.height(s.role, s.shows) > 0 {
			q.Down.Slots = append(q.Down.Slots, s.figures(p.height(s.role, s.shows)))
		}
	}
	return q
}

// figures say what the slot shows. Needs room.mu.
func (s *slot) figures(height int) SlotFigures {
	f := SlotFigures{Role: s.role, Participant: s.shows.owner.id, Kind: s.shows.kind, Layer: -1, Layers: len(s.shows.layers), Paused: s.paused}
	best := s.shows.best(height)
	for i, l := range s.shows.layers {
		if l.stream != nil && l.stream == s.stream {
			f.Layer, f.Rate = i, l.rate
		}
		if i == best {
			f.Best = l.rate
		}
	}
	return f
}

// told is what a client's reports say. Written by the session, one packet at a time.
type told struct {
	trip      atomic.Int64 // ns
	nacks     atomic.Int64
	keyframes atomic.Int64

	mu         sync.Mutex
	last       map[uint32]report // by stream
	came, lost int64
}

// report is the last report on one stream.
type report struct {
	highest uint32
	lost    uint32
}

// mostReported limits the streams a client may report on: it has fewer slots.
const mostReported = 64

// mostTrip is the longest round trip that is believed.
const mostTrip = time.Minute

// reports takes reception reports (RFC 3550 section 6.4.2).
func (t *told) reports(list []rtcp.ReceptionReport, at time.Time) {
	if len(list) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[uint32]report{}
	}
	for _, r := range list {
		if trip, ok := roundTrip(r, at); ok {
			t.trip.Store(int64(trip))
		}
		was, known := t.last[r.SSRC]
		if !known && len(t.last) >= mostReported {
			continue
		}
		now := report{r.LastSequenceNumber, r.TotalLost}
		t.last[r.SSRC] = now
		wanted, lost := int64(now.highest-was.highest), int64(now.lost)-int64(was.lost)
		if known && wanted > 0 && wanted < 1<<20 {
			lost = max(0, min(lost, wanted))
			t.lost += lost
			t.came += wanted - lost
		}
	}
}

func (t *told) counts() (came, lost int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.came, t.lost
}

// roundTrip is the time from our report to the client's answer, without what the client waited; section 6.4.1.
func roundTrip(r rtcp.ReceptionReport, at time.Time) (time.Duration, bool) {
	if r.LastSenderReport == 0 {
		return 0, false
	}
	ticks := uint32(forward.NTP(at)>>16) - r.LastSenderReport - r.Delay // 1/65536 s, modulo 2^32
	trip := time.Duration(ticks) * time.Second / (1 << 16)
	if int32(ticks) < 0 || trip > mostTrip {
		return 0, false
	}
	return max(trip, time.Microsecond), true
}
