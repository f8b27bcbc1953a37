package forward

import "sync/atomic"

// history keeps the newest packets of a stream for retransmission: one history for all receivers.
// One goroutine puts; any may read.
type history struct {
	ring   []atomic.Pointer[Packet]
	newest atomic.Uint64
}

// historyLength is how many packets are kept: two to four seconds of video. Sound is not sent again: it
// carries its own redundancy, and comes too late.
func historyLength(c Codec) int {
	if c.Video() {
		return 512
	}
	return 0
}

func (h *history) init(n int) { h.ring = make([]atomic.Pointer[Packet], n) }

func (h *history) put(p *Packet) {
	if len(h.ring) == 0 {
		return
	}
	h.ring[p.Seq%uint64(len(h.ring))].Store(p)
	if p.Seq > h.newest.Load() {
		h.newest.Store(p.Seq)
	}
}

// forget drops all packets.
func (h *history) forget() {
	for i := range h.ring {
		h.ring[i].Store(nil)
	}
}

// get is the packet with a number; nil when it never came or is too old.
func (h *history) get(seq uint64) *Packet {
	if len(h.ring) == 0 {
		return nil
	}
	if p := h.ring[seq%uint64(len(h.ring))].Load(); p != nil && p.Seq == seq {
		return p
	}
	return nil
}
