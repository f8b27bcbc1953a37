package offer_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"

	"nghisu/internal/sfu/offer"
)

// browser is what a browser offers that sends a picture in three layers and receives one voice.
const browser = `v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 102 103
c=IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 7A:07:AD:2D:DF:EE:E8:7E:8D:E5:4E:E0:B4:46:98:EF:40:5A:9E:60:8F:8E:A0:2E:5B:6B:08:23:3D:67:99:69
a=setup:actpass
a=mid:0
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:99 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 VP9/90000
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rid:q send
a=rid:h send
a=rid:f send
a=simulcast:send q;h;f
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 7A:07:AD:2D:DF:EE:E8:7E:8D:E5:4E:E0:B4:46:98:EF:40:5A:9E:60:8F:8E:A0:2E:5B:6B:08:23:3D:67:99:69
a=setup:actpass
a=mid:1
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:0 PCMU/8000
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 7A:07:AD:2D:DF:EE:E8:7E:8D:E5:4E:E0:B4:46:98:EF:40:5A:9E:60:8F:8E:A0:2E:5B:6B:08:23:3D:67:99:69
a=setup:actpass
a=mid:2
`

func text(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestParse(t *testing.T) {
	o, err := offer.Parse(text(browser))
	if err != nil {
		t.Fatal(err)
	}
	v, a, d := o.Media[0], o.Media[1], o.Media[2]
	if len(v.Codecs) != 2 || v.Codecs[0].Name != "VP8" || v.Codecs[0].RTX != 97 || v.Codecs[1].Type != 102 || v.Codecs[1].RTX != 103 {
		t.Errorf("codecs %+v", v.Codecs)
	}
	if strings.Join(v.Rids, " ") != "q h f" || v.Direction != offer.SendOnly {
		t.Errorf("layers %v, %s", v.Rids, v.Direction)
	}
	if v.Ext[offer.ExtMid] != 4 || v.Ext[offer.ExtRepair] != 0 {
		t.Errorf("extensions %v: numbers above 14 need the long form, which is not written", v.Ext)
	}
	if len(a.Codecs) != 2 || a.Codecs[0].Channels != 2 || a.Ext[offer.ExtLevel] != 1 || a.Refused() {
		t.Errorf("sound %+v", a)
	}
	if !d.Refused() {
		t.Error("a data channel is taken")
	}
}

// With the policy that WHIP asks of clients, all m-lines but the first have port 0 and are offered all the same.
func TestParse_bundleOnly(t *testing.T) {
	only := strings.Replace(browser, "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0\n", "m=audio 0 UDP/TLS/RTP/SAVPF 111 63 0\na=bundle-only\n", 1)
	o, err := offer.Parse(text(only))
	if err != nil || o.Media[1].Refused() {
		t.Errorf("sound that is bundled only is refused: %v", err)
	}
	o, err = offer.Parse(text(strings.Replace(only, "a=bundle-only\n", "", 1)))
	if err != nil || !o.Media[1].Refused() {
		t.Errorf("sound with port 0 is taken: %v", err)
	}
}

func TestOffer_Write(t *testing.T) {
	o, err := offer.Parse(text(browser))
	if err != nil {
		t.Fatal(err)
	}
	got := o.Write(offer.Answer{Session: 7, Ufrag: "ours", Pwd: "secret", Fingerprint: "AA:BB",
		UDP:   []netip.AddrPort{netip.MustParseAddrPort("203.0.113.5:7882")},
		TCP:   []netip.AddrPort{netip.MustParseAddrPort("203.0.113.5:443")},
		Lines: []offer.Line{{Take: true}, {Send: true, SSRC: 42, Stream: "voice"}, {}}})
	var d sdp.SessionDescription
	if err := d.UnmarshalString(got); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	for _, want := range []string{"a=ice-lite", "a=group:BUNDLE 0 1\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103\r\n", "a=recvonly", "a=simulcast:recv q;h;f",
		"a=rtcp-fb:96 nack pli", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n", "a=sendonly", "a=ssrc:42 cname:voice", "a=fmtp:63 111/111",
		"a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n",
		"a=candidate:1 1 udp 2130706431 203.0.113.5 7882 typ host", "203.0.113.5 443 typ host tcptype passive", "a=setup:passive"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for _, never := range []string{"192.0.2.7", "VP9", "goog-remb", "PCMU"} {
		if strings.Contains(got, never) {
			t.Errorf("%q is in the answer", never)
		}
	}
}

// What is long is refused or cut, and costs little memory: a description lives as long as its connection.
func TestParse_long(t *testing.T) {
	good := text(browser)
	many := strings.Repeat("a=rtcp-fb:* nack\r\na=rtcp-fb:* x\r\n", 3000)
	o, err := offer.Parse(strings.Replace(good, "a=mid:0\r\n", "a=mid:0\r\n"+many, 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Media[0].Codecs[0].Feedback; strings.Join(got, ",") != "nack,nack pli" {
		t.Errorf("feedback %q", got)
	}
	o, err = offer.Parse(strings.Replace(good, "q;h;f", "q;h;f"+strings.Repeat(";x", 30_000), 1))
	if err != nil || len(o.Media[0].Rids) != 3 {
		t.Errorf("layers %v, %v", o.Media[0].Rids, err)
	}
	for name, bad := range map[string]string{
		"formats": strings.Replace(good, "SAVPF 96", "SAVPF 96"+strings.Repeat(" 96", 30_000), 1),
		"mid":     strings.Replace(good, "a=mid:0", "a=mid:"+strings.Repeat("m", 33), 1),
		"m-lines": good + strings.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", 701),
	} {
		if _, err := offer.Parse(bad); err == nil {
			t.Errorf("%s: taken", name)
		} else if len(err.Error()) > 200 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

// No text brings the reader down, and what it takes can be answered.
func FuzzParse(f *testing.F) {
	f.Add(text(browser))
	f.Add("v=0\r\nm=video")
	for _, change := range [][2]string{{"a=mid:0", "a=mid:1"}, {"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVPF 999 -1 abc"}, {"96 nack", "* nack"}, {"a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/-1/9999999999"},
		{"apt=96", "apt=97"}, {"a=extmap:3", "a=extmap:0"}, {"a=extmap:4", "a=extmap:255/x"}, {"q;h;f", ";;;~,q;"}, {"m=video 9", "m=video 99999999"}, {"\r\n", "\n\x00\r"}, {"sha-256 7A", "sha-256 "}} {
		f.Add(strings.ReplaceAll(text(browser), change[0], change[1]))
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := offer.Parse(s)
		if err != nil {
			return
		}
		lines := make([]offer.Line, len(o.Media))
		for i := range lines {
			lines[i] = offer.Line{Take: i%2 == 0, Send: i%2 == 1, SSRC: 9, Stream: "x"}
		}
		answer := o.Write(offer.Answer{Ufrag: "u", Pwd: "p", Fingerprint: "AA", Lines: lines})
		var d sdp.SessionDescription
		if err := d.UnmarshalString(answer); err != nil {
			t.Fatalf("%v\n%s", err, answer)
		}
		if len(d.MediaDescriptions) != len(o.Media) {
			t.Fatalf("%d m-lines answered with %d", len(o.Media), len(d.MediaDescriptions))
		}
	})
}
