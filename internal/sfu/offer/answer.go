package offer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Answer is what we add to an offer to answer it.
type Answer struct {
	Session     uint64 // number of the session
	Ufrag, Pwd  string
	Fingerprint string
	UDP, TCP    []netip.AddrPort // where we are reached, the best first
	Lines       []Line           // one for each m-line of the offer, in its order
}

// Line is our side of an m-line.
type Line struct {
	// Take receives what the client sends; Send sends to it, from SSRC, retransmissions from RTX (0 for none).
	Take, Send bool
	SSRC, RTX  uint32
	Stream     string // msid that the client's track gets
}

// Write answers an offer.
func (o Offer) Write(a Answer) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- %d 1 IN IP4 0.0.0.0", a.Session)
	line("s=-")
	line("t=0 0")
	var taken []string
	for i, m := range o.Media {
		if !m.rejected && (a.Lines[i].Take || a.Lines[i].Send || m.Direction == Inactive) {
			taken = append(taken, m.Mid)
		}
	}
	if len(taken) > 0 {
		line("a=group:BUNDLE %s", strings.Join(taken, " "))
	}
	line("a=ice-lite")
	line("a=msid-semantic: WMS *")
	for i, m := range o.Media {
		if !slices.Contains(taken, m.Mid) {
			line("m=%s 0 %s", m.Kind, strings.Join(m.lines, " "))
			line("c=IN IP4 0.0.0.0")
			line("a=mid:%s", m.Mid)
			line("a=inactive")
			continue
		}
		o.writeMedia(line, m, a, a.Lines[i], m.Mid == taken[0])
	}
	return b.String()
}

func (o Offer) writeMedia(line func(string, ...any), m Media, a Answer, l Line, first bool) {
	var types []string
	for _, c := range m.Codecs {
		types = append(types, fmt.Sprint(c.Type))
		if c.RTX != 0 {
			types = append(types, fmt.Sprint(c.RTX))
		}
	}
	line("m=%s 9 %s %s", m.Kind, m.lines[0], strings.Join(types, " "))
	line("c=IN IP4 0.0.0.0")
	line("a=mid:%s", m.Mid)
	line("a=ice-ufrag:%s", a.Ufrag)
	line("a=ice-pwd:%s", a.Pwd)
	line("a=fingerprint:sha-256 %s", a.Fingerprint)
	if o.Passive {
		line("a=setup:active")
	} else {
		line("a=setup:passive")
	}
	line("a=rtcp-mux")
	line("a=rtcp-rsize")
	line("a=%s", direction(m, l))
	for _, c := range m.Codecs {
		writeCodec(line, c)
	}
	for _, uri := range extensions {
		if n := m.Ext[uri]; n != 0 && useful(uri, m.Kind, l) {
			line("a=extmap:%d %s", n, uri)
		}
	}
	if l.Take && len(m.Rids) > 0 {
		for _, r := range m.Rids {
			line("a=rid:%s recv", r)
		}
		line("a=simulcast:recv %s", strings.Join(m.Rids, ";"))
	}
	if l.Send && l.SSRC != 0 {
		line("a=msid:%s %s", l.Stream, l.Stream)
		if l.RTX != 0 {
			line("a=ssrc-group:FID %d %d", l.SSRC, l.RTX)
		}
		line("a=ssrc:%d cname:%s", l.SSRC, l.Stream)
		if l.RTX != 0 {
			line("a=ssrc:%d cname:%s", l.RTX, l.Stream)
		}
	}
	if first {
		writeCandidates(line, a)
	}
}

func direction(m Media, l Line) Direction {
	take := l.Take && (m.Direction == SendOnly || m.Direction == SendRecv)
	send := l.Send && (m.Direction == RecvOnly || m.Direction == SendRecv)
	switch {
	case take && send:
		return SendRecv
	case take:
		return RecvOnly
	case send:
		return SendOnly
	}
	return Inactive
}

// feedback that we give and take.
var feedback = []string{"transport-cc", "ccm fir", "nack", "nack pli"}

func writeCodec(line func(string, ...any), c Codec) {
	name := fmt.Sprintf("%s/%d", c.Name, c.Clock)
	if c.Channels > 1 {
		name += fmt.Sprintf("/%d", c.Channels)
	}
	line("a=rtpmap:%d %s", c.Type, name)
	params := c.Params
	if strings.EqualFold(c.Name, "opus") {
		params = "minptime=10;useinbandfec=1;usedtx=1"
	}
	if params != "" {
		line("a=fmtp:%d %s", c.Type, params)
	}
	for _, f := range feedback {
		if slices.Contains(c.Feedback, f) {
			line("a=rtcp-fb:%d %s", c.Type, f)
		}
	}
	if c.RTX != 0 {
		line("a=rtpmap:%d rtx/%d", c.RTX, c.Clock)
		line("a=fmtp:%d apt=%d", c.RTX, c.Type)
	}
}

// useful reports whether we read or write an extension on this m-line.
func useful(uri, kind string, l Line) bool {
	switch uri {
	case ExtLevel:
		return kind == "audio"
	case ExtRid, ExtRepair:
		return l.Take && kind == "video"
	case ExtMid:
		return l.Take
	}
	return true
}

// writeCandidates says where we are reached (RFC 8839 5.1, RFC 6544 4.5).
func writeCandidates(line func(string, ...any), a Answer) {
	for i, at := range a.UDP {
		line("a=candidate:%d 1 udp %d %s %d typ host", i+1, 2130706431-i, at.Addr(), at.Port())
	}
	for i, at := range a.TCP {
		line("a=candidate:%d0 1 tcp %d %s %d typ host tcptype passive", i+1, 1671430143-i, at.Addr(), at.Port())
	}
	line("a=end-of-candidates")
}
