// Package forward is the hot path of the media plane: packets of publishers' streams go to the sinks of
// receivers, each with numbers of its own, protected and sent in batches.
//
// A Stream is one incoming RTP stream (one layer of a track). A Receiver is one client; it lives in one
// shard for good, and everything that is sent to it is sent by that shard: so SRTP contexts, rewriting and
// batches need no lock of their own. A shard is a queue of work and a lock: whoever brings work does it
// at once when it is little and nobody else is at it, otherwise the shard's goroutine does. Packets are
// never changed after they came in, so all shards, and the history that answers requests for
// retransmission, share one copy.
package forward

import (
	"time"

	"nghisu/internal/sfu/rewrite"
	"nghisu/internal/sfu/wire"
)

// Codec of a stream.
type Codec uint8

// The codecs that are forwarded.
const (
	Opus Codec = iota
	VP8
	H264
	RED // Opus with redundancy (RFC 2198)
	codecs
)

// Video reports whether the codec carries pictures.
func (c Codec) Video() bool { return c == VP8 || c == H264 }

// Clock is the rate of its timestamps, in Hz.
func (c Codec) Clock() uint32 {
	if c.Video() {
		return 90000
	}
	return 48000
}

// Packet is one RTP packet as it came in, without header extensions. It never changes.
type Packet struct {
	Seq      uint64 // unwrapped
	TS       uint32
	Marker   bool
	Keyframe bool // begins a picture that can be decoded alone
	Level    uint8
	HasLevel bool // Level is told (RFC 6464: 0 loudest to 127, 0x80 is voice)
	Codec    Codec
	VP8      wire.VP8
	RED      wire.RED
	Payload  []byte
	At       time.Time
	pad      uint8 // bytes that make it as long as the others of its frame
}

// numbers are what package rewrite needs to know.
func (p *Packet) numbers() rewrite.Numbers {
	return rewrite.Numbers{Seq: p.Seq, TS: p.TS, Picture: p.VP8.Picture, Wide: p.VP8.Long, Base: p.VP8.TL0}
}
