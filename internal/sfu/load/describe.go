package load

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"nghisu/internal/sfu/arrival"
)

// Numbers of payload types and header extensions in our offers.
const (
	typeOpus, typeVP8, typeRTX             = 111, 96, 97
	extLevel, extTransport, extMid, extRid = 1, 3, 4, 10
)

// Offer describes what the client sends and receives. Called again after Renew, it begins another way
// through the network (ICE restart).
func (c *Client) Offer() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- 1 1 IN IP4 127.0.0.1")
	line("s=-")
	line("t=0 0")
	mids := make([]string, len(c.cfg.Lines))
	for i, l := range c.cfg.Lines {
		mids[i] = l.Mid
	}
	line("a=group:BUNDLE %s", strings.Join(mids, " "))
	for _, l := range c.cfg.Lines {
		if l.Video {
			line("m=video 9 UDP/TLS/RTP/SAVPF %d %d", typeVP8, typeRTX)
		} else {
			line("m=audio 9 UDP/TLS/RTP/SAVPF %d", typeOpus)
		}
		line("c=IN IP4 0.0.0.0")
		line("a=mid:%s", l.Mid)
		line("a=ice-ufrag:%s", c.ufrag)
		line("a=ice-pwd:%s", c.pwd)
		line("a=fingerprint:sha-256 %s", c.crowd.fingerprint)
		line("a=setup:actpass")
		line("a=rtcp-mux")
		line("a=rtcp-rsize")
		line("a=extmap:%d http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", extTransport)
		line("a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid", extMid)
		if l.Send {
			line("a=sendonly")
		} else {
			line("a=recvonly")
		}
		describeCodec(line, l)
	}
	return b.String()
}

func describeCodec(line func(string, ...any), l Line) {
	if !l.Video {
		line("a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level", extLevel)
		line("a=rtpmap:%d opus/48000/2", typeOpus)
		line("a=rtcp-fb:%d transport-cc", typeOpus)
		return
	}
	line("a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", extRid)
	line("a=rtpmap:%d VP8/90000", typeVP8)
	for _, f := range []string{"transport-cc", "ccm fir", "nack", "nack pli"} {
		line("a=rtcp-fb:%d %s", typeVP8, f)
	}
	line("a=rtpmap:%d rtx/90000", typeRTX)
	line("a=fmtp:%d apt=%d", typeRTX, typeVP8)
	if l.Send && len(l.Rids) > 0 {
		for _, r := range l.Rids {
			line("a=rid:%s send", r)
		}
		line("a=simulcast:send %s", strings.Join(l.Rids, ";"))
	}
}

// Renew gives the client another name and password: the next Offer and Answer begin another way.
func (c *Client) Renew() { c.renew() }

// Answer takes the server's answer and begins to call it.
func (c *Client) Answer(text string) error {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if len(d.MediaDescriptions) != len(c.cfg.Lines) {
		return fmt.Errorf("answer of %d m-lines to %d", len(d.MediaDescriptions), len(c.cfg.Lines))
	}
	p := &peer{}
	for i, m := range d.MediaDescriptions {
		for _, a := range m.Attributes {
			switch a.Key {
			case "ice-ufrag":
				p.ufrag = a.Value
			case "ice-pwd":
				p.pwd = a.Value
			case "fingerprint":
				_, p.fingerprint, _ = strings.Cut(a.Value, " ")
			case "candidate":
				if f := strings.Fields(a.Value); len(f) > 5 && f[2] == "udp" && !p.addr.IsValid() {
					p.addr, _ = netip.ParseAddrPort(f[4] + ":" + f[5])
				}
			}
		}
		if l := c.cfg.Lines[i]; !l.Send {
			c.expect(l, m)
		}
	}
	if !p.addr.IsValid() || p.ufrag == "" || p.fingerprint == "" {
		return errors.New("the answer names no way to the server")
	}
	c.peer.Store(p)
	c.check()
	return nil
}

// expect notes under which numbers an m-line will be received.
func (c *Client) expect(l Line, m *sdp.MediaDescription) {
	var ids []uint32
	for _, a := range m.Attributes {
		if a.Key == "ssrc" {
			text, _, _ := strings.Cut(a.Value, " ")
			if n, err := strconv.ParseUint(text, 10, 32); err == nil {
				ids = append(ids, uint32(n))
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(ids) == 0 || c.in[ids[0]] != nil {
		return
	}
	clock := uint32(48000)
	if l.Video {
		clock = 90000
	}
	s := &incoming{ssrc: ids[0], mid: l.Mid, video: l.Video, books: arrival.New(clock)}
	c.in[s.ssrc] = s
	if len(ids) > 1 {
		c.in[ids[1]] = &incoming{ssrc: ids[1], repairs: s}
	}
}
