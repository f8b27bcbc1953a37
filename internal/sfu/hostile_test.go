package sfu_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/transport/transporttest"
)

// mallory is a participant of a room who sends what no browser would.
type mallory struct {
	*transporttest.Peer
	t    *testing.T
	p    *sfu.Participant
	conn *dtls.Conn
	sent int
	wait func() // for a bystander to get something
}

// Send sends 50 packets in a row at most: more overflows the buffers of this machine's sockets, which
// nobody can do anything about.
func (m *mallory) Send(b []byte) {
	m.Peer.Send(b)
	if m.sent++; m.sent%50 == 0 {
		m.wait()
	}
}

// malloryOffers is what she offers: microphone and camera, and a slot for each.
func malloryOffers(fingerprint string) string {
	common := "c=IN IP4 0.0.0.0\r\na=ice-ufrag:mallory\r\na=ice-pwd:secretofmallorysecretof\r\na=setup:active\r\na=rtcp-mux\r\na=fingerprint:sha-256 " + fingerprint + "\r\n"
	ext := "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n" +
		"a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
	sound := "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + common + ext + "a=rtpmap:111 opus/48000/2\r\n"
	picture := "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" + common + ext + "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
	return "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3\r\n" +
		sound + "a=mid:0\r\na=sendonly\r\n" + picture + "a=mid:1\r\na=sendonly\r\n" +
		sound + "a=mid:2\r\na=recvonly\r\n" + picture + "a=mid:3\r\na=recvonly\r\n"
}

var told = regexp.MustCompile(`a=ice-(ufrag|pwd):(\S+)`)

func joinMallory(t *testing.T, s *sfu.Server, wait func()) *mallory {
	t.Helper()
	m := &mallory{Peer: transporttest.New(t, s.Addr()), t: t, wait: wait}
	var err error
	if m.p, err = s.Join("room", "m", func(sfu.Event) {}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.p.Leave(); <-m.p.Done() })
	m.p.Forward(sfu.Audio, true)
	m.p.Forward(sfu.Video, true)
	answer, err := m.p.Offer(malloryOffers(m.Fingerprint()), map[string]sfu.Role{"2": sfu.Voice, "3": sfu.Main})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range told.FindAllStringSubmatch(answer, 2) {
		if part[1] == "pwd" {
			m.Pwd = part[2]
		} else {
			m.Ufrag = part[2]
		}
	}
	if !m.Check() {
		t.Fatal("mallory's check was not answered")
	}
	if m.conn, err = m.Handshake(); err != nil {
		t.Fatal(err)
	}
	return m
}

// another waits for the next picture or sound of a participant.
func (c *client) another(of string) {
	c.t.Helper()
	number := func() (sum int) {
		for _, slot := range c.slots {
			if p := c.remote[slot.Mid]; p != nil && slot.Participant == of {
				sum += int(p.SequenceNumber)
			}
		}
		return sum
	}
	c.mu.Lock()
	before := number()
	c.mu.Unlock()
	c.wait("for something of "+of, func() bool { return number() != before })
}

// bystanders are two people in the room who see and hear each other. fine waits until thirty further packets
// of each came to the other, and fails when a number was missing or a packet was somebody else's.
func bystanders(t *testing.T, s *sfu.Server) (a, b *client, fine func(what string)) {
	t.Helper()
	a, b = join(t, s, "a"), join(t, s, "b")
	a.sees("b")
	b.sees("a")
	return a, b, func(what string) {
		t.Helper()
		for of, c := range map[string]*client{"b": a, "a": b} {
			before := map[string]uint16{}
			mids := func() (list []string) {
				for _, slot := range c.slots {
					if slot.Participant == of {
						list = append(list, slot.Mid)
					}
				}
				return list
			}
			c.mu.Lock()
			for mid, p := range c.remote {
				before[mid] = p.SequenceNumber
			}
			c.mu.Unlock()
			c.wait("for packets during "+what, func() bool {
				list := mids()
				for _, mid := range list {
					if p := c.remote[mid]; p == nil || p.SequenceNumber-before[mid] < 30 {
						return false
					}
				}
				return len(list) >= 2
			})
			c.mu.Lock()
			for _, mid := range mids() {
				if c.gaps[mid] != 0 || !strings.HasSuffix(string(c.remote[mid].Payload), of) {
					t.Errorf("%s: %s's m-line %s has %d gaps, and its last packet is %q", what, c.id, mid, c.gaps[mid], c.remote[mid].Payload)
				}
			}
			c.mu.Unlock()
		}
	}
}

// Whatever one participant sends, within the protection of its own session, the others' packets go on without a gap
// (ASVS 17.2.3, 17.2.4, 17.2.5).
func TestServer_nobodyElseNotices(t *testing.T) {
	s := newServer(t, nil)
	a, b, fine := bystanders(t, s)
	m := joinMallory(t, s, func() { b.another("a") })
	fine("her coming")
	for _, attack := range []struct {
		name string
		run  func()
	}{
		{"malformed payloads", m.payloads},
		{"malformed headers", m.headers},
		{"malformed reports", m.reports},
		{"others' SSRCs", func() { m.foreign(a) }},
		{"a thousand SSRCs", m.manySSRCs},
		{"requests without end", m.requests},
		{"numbers that leap", m.leaps},
		{"a flood", m.flood},
		{"checks without end", m.checks},
		{"data, and a close in the middle", m.closes},
	} {
		attack.run()
		fine(attack.name)
	}
	if st := s.Stats(); st.Flood == 0 || st.Forged == 0 {
		t.Errorf("nothing was counted: %+v", st)
	}
}

// payloads are authentic packets with nonsense in them.
func (m *mallory) payloads() {
	for _, payload := range [][]byte{nil, {0}, {0x80}, {0x90}, {0x90, 0x80}, {0x90, 0x80, 0x80}, {0xff, 0xff, 0xff, 0xff, 0xff}, {0x90, 0xf0, 0xff}, make([]byte, 1300)} {
		m.Send(m.Next(0xbad1, 96, payload))
		m.Send(m.Next(0xbad2, 111, payload))
		m.Send(m.Next(0xbad3, 97, payload)) // retransmissions of nothing
		m.Send(m.Next(0xbad4, 13, payload)) // a payload type nobody agreed on
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		payload := make([]byte, rng.IntN(40))
		for i := range payload {
			payload[i] = byte(rng.Uint32())
		}
		m.Send(m.Next(0xbad1, 96, payload))
	}
}

// headers are extensions and padding that lead out of the packet.
func (m *mallory) headers() {
	for _, e := range [][]byte{{0x1f}, {0x10}, {0xff, 0xff, 0xff, 0xff}, {0x43}, {0x40, 'x', 0x51, 0xff}, bytes.Repeat([]byte{0}, 400)} {
		for _, profile := range []uint16{0xbede, 0x1000, 0x100f, 0} {
			n := (len(e) + 3) / 4
			b := []byte{0x90, 96, 0, 9, 0, 0, 0, 1, 0, 0, 0xba, 0xd1, byte(profile >> 8), byte(profile), byte(n >> 8), byte(n)}
			b = append(append(b, e...), make([]byte, 4*n-len(e))...)
			if sealed := m.SealBytes(append(b, 0x10, 1, 2, 3)); sealed != nil {
				m.Send(sealed)
			}
		}
	}
	for _, pad := range []byte{0, 1, 4, 5, 255} {
		if sealed := m.SealBytes([]byte{0xa0, 96, 0, 9, 0, 0, 0, 1, 0, 0, 0xba, 0xd1, 0x10, 1, 2, pad}); sealed != nil {
			m.Send(sealed)
		}
	}
	for _, first := range []byte{0x80, 0x8f, 0x90, 0xa0, 0xbf} { // nothing of it authentic
		m.Send(append([]byte{first, 96, 0, 1}, make([]byte, 20)...))
		m.Send([]byte{first})
	}
}

// reports are authentic RTCP with nonsense in it.
func (m *mallory) reports() {
	bodies := [][]byte{{0x80, 200, 0, 6, 0, 0, 0, 1}, {0x9f, 201, 0, 1, 0, 0, 0, 1}, {0x81, 205, 0xff, 0xff, 0, 0, 0, 1}, {0x8f, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2},
		{0x84, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, {0x82, 202, 0, 1, 0, 0, 0, 1}, {0x9f, 203, 0, 1, 0, 0, 0, 1}, {0x80, 223, 0, 1, 0, 0, 0, 1}}
	for _, b := range bodies {
		m.Send(m.SealReport(b))
	}
	for _, clock := range []uint64{0, 1, 1 << 63, 1<<64 - 1} {
		for _, ssrc := range []uint32{0xbad1, 0xbad2, 1} {
			m.report(&rtcp.SenderReport{SSRC: ssrc, NTPTime: clock, RTPTime: uint32(clock), PacketCount: 1<<32 - 1})
		}
	}
	huge := &rtcp.TransportLayerCC{SenderSSRC: 1, MediaSSRC: 1, BaseSequenceNumber: 65000, PacketStatusCount: 65535,
		PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketNotReceived, RunLength: 8191}}}
	huge.Header = rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: uint16(huge.MarshalSize()/4 - 1)}
	m.report(huge)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		b := make([]byte, 8+4*rng.IntN(20))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		b[0], b[1] = 0x80|b[0]&0x3f, 200+b[1]%8
		binary.BigEndian.PutUint16(b[2:], uint16(rng.IntN(len(b)/4+2)))
		m.Send(m.SealReport(b))
	}
}

func (m *mallory) report(packets ...rtcp.Packet) {
	m.t.Helper()
	b, err := rtcp.Marshal(packets)
	if err != nil {
		m.t.Fatal(err)
	}
	m.Send(m.SealReport(b))
}

// foreign uses the names of another's streams, on the way in and in reports.
func (m *mallory) foreign(of *client) {
	for i, sender := range of.pc.GetSenders()[:2] {
		ssrc := uint32(sender.GetParameters().Encodings[0].SSRC)
		for n := range uint16(200) {
			h := rtp.Header{SSRC: ssrc, PayloadType: []uint8{111, 96}[i], SequenceNumber: 60000 + n, Timestamp: uint32(n) * 960}
			if n%2 == 0 {
				_ = h.SetExtension(4, []byte(fmt.Sprint(i)))
			}
			m.Send(m.Seal(h, []byte{0x90, 0x80, 0x80, byte(n), 0, 0, 0, 'm'}))
		}
		m.report(&rtcp.Goodbye{Sources: []uint32{ssrc}}, &rtcp.PictureLossIndication{SenderSSRC: ssrc, MediaSSRC: ssrc},
			&rtcp.SenderReport{SSRC: ssrc, NTPTime: 1, RTPTime: 1},
			&rtcp.TransportLayerNack{SenderSSRC: ssrc, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{60000, 60001, 60002})})
	}
}

func (m *mallory) manySSRCs() {
	for n := range uint32(1000) {
		m.Send(m.Next(0x10000+n, 96, []byte{0x90, 0x80, 0x80, byte(n), 0, 0, 0, 'm'}))
	}
}

// requests ask for pictures and packets again, of everything there may be.
func (m *mallory) requests() {
	var all []rtcp.NackPair
	for n := range 60 {
		all = append(all, rtcp.NackPair{PacketID: uint16(n * 17), LostPackets: 0xffff})
	}
	for n := range uint32(400) {
		m.report(&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: n, Nacks: all}, &rtcp.PictureLossIndication{MediaSSRC: n},
			&rtcp.FullIntraRequest{SenderSSRC: 1, FIR: []rtcp.FIREntry{{SSRC: n, SequenceNumber: byte(n)}}})
	}
}

// leaps are numbers and timestamps that no camera makes.
func (m *mallory) leaps() {
	for n := range uint32(500) {
		h := rtp.Header{SSRC: 0xbad1, PayloadType: 96, SequenceNumber: uint16(n * 7919), Timestamp: n * 0x1fffffff, Marker: n%3 == 0}
		m.Send(m.Seal(h, []byte{0x90, 0x80, 0x80 | byte(n>>8)&0x7f, byte(n * 31), byte(n & 1), 0, 0, 'm'}))
	}
}

// flood is several times what is let in.
func (m *mallory) flood() {
	for n := range 12_000 {
		m.Send(m.Next(0xbad1, 96, []byte{0x90, 0x80, 0x80, byte(n), 1, 0, 0, 'm'}))
		if n%200 == 199 {
			m.report(&rtcp.ReceiverReport{SSRC: 1})
		}
	}
}

func (m *mallory) checks() {
	for n := range 2000 {
		m.Send(m.CheckWith(m.Ufrag, m.Pwd))
		m.Send(m.CheckWith(m.Ufrag, fmt.Sprint(n)))
		m.Send([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}) // of a handshake that is over
	}
}

func (m *mallory) closes() {
	_, _ = m.conn.Write(bytes.Repeat([]byte("data"), 200))
	_ = m.conn.Close()
}

// Strangers who send to the media port are heard by nobody.
func TestServer_strangersAreNotNoticed(t *testing.T) {
	s := newServer(t, nil)
	_, b, fine := bystanders(t, s)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		stranger := transporttest.New(t, s.Addr())
		for n := range 250 {
			d := make([]byte, 1+rng.IntN(200))
			for i := range d {
				d[i] = byte(rng.Uint32())
			}
			d[0] = byte(n)
			if stranger.Send(d); n%50 == 49 {
				b.another("a")
			}
		}
		stranger.Send(stranger.CheckWith("absent", "guess"))
	}
	fine("strangers")
	if s.Stats().Dropped == 0 {
		t.Error("nothing was counted")
	}
}

// A description that lies about the certificate, and one that is nonsense, end nobody else's meeting.
func TestServer_badComersAreNotNoticed(t *testing.T) {
	s := newServer(t, nil)
	_, _, fine := bystanders(t, s)
	ended := make(chan sfu.Event, 10)
	p, err := s.Join("room", "liar", func(e sfu.Event) { ended <- e })
	if err != nil {
		t.Fatal(err)
	}
	liar := transporttest.New(t, s.Addr())
	answer, err := p.Offer(malloryOffers(transporttest.New(t, s.Addr()).Fingerprint()), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range told.FindAllStringSubmatch(answer, 2) {
		if part[1] == "pwd" {
			liar.Pwd = part[2]
		} else {
			liar.Ufrag = part[2]
		}
	}
	if !liar.Check() {
		t.Fatal("no answer")
	}
	_, _ = liar.Handshake() // refused now, or when the server looks at the certificate
	<-p.Done()
	good := malloryOffers(strings.Repeat("AB:", 31) + "AB")
	for i := 0; i < len(good); i += 37 {
		q, err := s.Join("room", fmt.Sprint("cut", i), func(sfu.Event) {})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = q.Offer(good[:i], nil)
		_, _ = q.Offer(strings.Replace(good, "a=", strings.Repeat("a=mid:0\r\n", i%7)+"a=", 1+i%9), nil)
		q.Leave()
		<-q.Done()
	}
	fine("bad comers")
}

// What secures a session is in no log: neither passwords of ICE, nor descriptions, nor addresses' secrets.
func TestServer_logsNoSecrets(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, func(c *sfu.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	m := joinMallory(t, s, func() {})
	for _, bad := range []string{"v=0\r\na=ice-pwd:secretofmallory\x00", strings.Replace(malloryOffers("x"), "a=ice-pwd:", "a=ice-pwd\r\nz=", 1),
		strings.Replace(malloryOffers("x"), "t=0 0", "t=secretofmallory", 1), strings.Replace(malloryOffers("x"), "a=mid:0", "a=mid:"+strings.Repeat("secretofmallory", 5), 1)} {
		_, err := m.p.Offer(bad, nil)
		if err == nil {
			t.Error("a bad description was taken")
		} else if strings.Contains(err.Error(), "secretof") {
			t.Errorf("the error, which goes into the log, tells %v", err)
		}
	}
	m.p.Leave()
	<-m.p.Done()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{m.Pwd, "secretofmallory"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %s:\n%s", secret, log.String())
		}
	}
}
