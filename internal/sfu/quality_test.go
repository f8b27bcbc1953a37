package sfu_test

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
)

func upOf(q sfu.Quality, kind sfu.Kind) sfu.UpFigures {
	for _, u := range q.Up {
		if u.Kind == kind {
			return u
		}
	}
	return sfu.UpFigures{}
}

// What a line loses and delays is seen as it is: up by gaps and by what came again, down by the client's reports.
func TestParticipant_Quality(t *testing.T) {
	s, l := behind(t, 11)
	a, b := join(t, s, "a"), join(t, s, "b")
	b.sees("a")
	for _, r := range a.pc.GetReceivers() { // its library looks at our reports only while somebody reads them
		a.wg.Go(func() {
			for {
				if _, _, err := r.ReadRTCP(); err != nil {
					return
				}
			}
		})
	}
	l.set(weather{loss: 0.08, delay: 30 * time.Millisecond})
	var before, q sfu.Quality
	before = a.p.Quality()
	share := func(lost, all int64) float64 { return float64(lost) / float64(max(1, all)) }
	a.wait("for figures of a lossy line", func() bool {
		q = a.p.Quality()
		return upOf(q, sfu.Video).Packets-upOf(before, sfu.Video).Packets > 500 && q.Down.RoundTrip > 0 && q.Down.Lost > 0
	})
	v, was := upOf(q, sfu.Video), upOf(before, sfu.Video)
	missed := v.Missed - was.Missed
	if got := share(missed, missed+v.Packets-was.Packets-v.Repaired); got < 0.05 || got > 0.12 {
		t.Errorf("up %.1f %% lost of a line that loses 8 %%: %+v", 100*got, v)
	}
	if v.Repaired*10 < missed*8 || v.Nacks < v.Repaired || !v.On || !v.Watched || v.Bytes == 0 || time.Since(v.LastPacket) > time.Second {
		t.Errorf("video up: %+v", v)
	}
	if trip := q.Down.RoundTrip; trip < 60*time.Millisecond || trip > 500*time.Millisecond {
		t.Errorf("round trip %v over 30 ms each way", trip)
	}
	if q.Network != "udp" || q.Addr.Port() == 0 || time.Since(q.Heard) > time.Second {
		t.Errorf("way %s %v, heard %v", q.Network, q.Addr, q.Heard)
	}
	if d := q.Down; d.Packets == 0 || d.Bytes == 0 || d.Resent == 0 || d.Nacks == 0 {
		t.Errorf("down: %+v", d)
	}
	a.wait("for the slot to be told", func() bool {
		for _, f := range a.p.Quality().Down.Slots {
			if f.Role == sfu.Main && f.Participant == "b" && f.Layer == 0 && f.Layers == 1 && f.Rate > 0 && f.Rate == f.Best {
				return true
			}
		}
		return false
	})
}

// Who comes over TCP is told apart.
func TestParticipant_Quality_way(t *testing.T) {
	s := newServer(t, func(c *sfu.Config) { c.ListenTCP = "127.0.0.1:0" })
	a, b := join(t, s, "a", webrtc.NetworkTypeTCP4), join(t, s, "b")
	if q := a.p.Quality(); len(q.Up) == 0 && !q.Heard.IsZero() && q.Network == "" {
		t.Errorf("before the first check: %+v", q)
	}
	b.sees("a")
	if q := a.p.Quality(); q.Network != "tcp" || upOf(q, sfu.Audio).Packets == 0 {
		t.Errorf("over TCP: %+v", q)
	}
}
