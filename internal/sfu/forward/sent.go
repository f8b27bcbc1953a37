package forward

import (
	"time"

	"github.com/pion/rtcp"

	"nghisu/internal/sfu/bwe"
)

// sentLog is what was sent to a client, by transport-wide number, with the estimate of what its line takes.
// It belongs to the receiver's shard.
type sentLog struct {
	ring  [1024]sentPacket
	seq   uint16
	line  *bwe.Estimator
	came  int64 // packets the client told to have come
	lost  int64 // packets it told not to have come
	batch []bwe.Packet
}

// sentPacket is one packet that was sent.
type sentPacket struct {
	at   time.Time
	size uint16 // 0 for an empty place, and for what was told already
	seq  uint16
}

func newSentLog() *sentLog { return &sentLog{line: bwe.New()} }

// next is the number of the packet that is being built.
func (l *sentLog) next() uint16 { return l.seq }

// note records the packet that next numbered.
func (l *sentLog) note(size int, at time.Time) {
	l.ring[l.seq%1024] = sentPacket{at: at, size: uint16(size), seq: l.seq}
	l.seq++
}

// told takes what the client tells of the arrival of packets.
func (l *sentLog) told(f *rtcp.TransportLayerCC, now time.Time) {
	l.batch = l.batch[:0]
	arrived := time.Duration(f.ReferenceTime) * 64 * time.Millisecond
	deltas := f.RecvDeltas
	seq, left := f.BaseSequenceNumber, int(f.PacketStatusCount)
	take := func(symbol uint16) {
		if left == 0 {
			return
		}
		left--
		came := symbol == rtcp.TypeTCCPacketReceivedSmallDelta || symbol == rtcp.TypeTCCPacketReceivedLargeDelta
		if came && len(deltas) > 0 {
			arrived += time.Duration(deltas[0].Delta) * time.Microsecond
			deltas = deltas[1:]
		}
		if p := &l.ring[seq%1024]; p.seq == seq && p.size > 0 {
			if came {
				l.came++
			} else {
				l.lost++
			}
			l.batch = append(l.batch, bwe.Packet{Sent: p.at, Size: int(p.size), Lost: !came, Arrived: arrived})
			if came {
				p.size = 0
			}
		}
		seq++
	}
	for _, c := range f.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range min(int(c.RunLength), left) {
				take(c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			for _, s := range c.SymbolList {
				take(s)
			}
		}
	}
	l.line.Feedback(now, l.batch)
}
