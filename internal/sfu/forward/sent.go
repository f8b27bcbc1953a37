package forward

import "time"

// sentLog is what was sent to a client, by transport-wide number, for the estimate of what its line takes.
type sentLog struct {
	ring [1024]sentPacket
	seq  uint16
}

type sentPacket struct {
	at   time.Time
	size uint16
	seq  uint16
}

// next is the number of the packet that is being built.
func (l *sentLog) next() uint16 { return l.seq }

// note records the packet that next numbered.
func (l *sentLog) note(size int, at time.Time) {
	l.ring[l.seq%1024] = sentPacket{at: at, size: uint16(size), seq: l.seq}
	l.seq++
}
