package sfu

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// maxDescription is the longest session description taken, in bytes. A receiver of 300 people has
// some 600 m-lines of about 400 bytes.
const maxDescription = 256 << 10

// checkOffer refuses descriptions a page of ours never sends: more than one m-line of each kind, data
// channels, layers. It takes the client's candidates out: clients call us, and we send nothing to an
// address only because somebody named it.
func checkOffer(text string) (string, error) {
	return check(text, func(d *sdp.SessionDescription) error {
		seen := map[string]bool{}
		for _, m := range d.MediaDescriptions {
			kind := m.MediaName.Media
			if (kind != "audio" && kind != "video") || seen[kind] {
				return fmt.Errorf("unexpected m-line %q", kind)
			}
			seen[kind] = true
			if _, ok := m.Attribute("simulcast"); ok {
				return fmt.Errorf("layers are not taken")
			}
		}
		return nil
	})
}

// checkAnswer refuses answers with more m-lines than were offered: the publisher's two and the slots.
func checkAnswer(text string, slots int) (string, error) {
	return check(text, func(d *sdp.SessionDescription) error {
		if len(d.MediaDescriptions) > slots+2 {
			return fmt.Errorf("%d m-lines for %d slots", len(d.MediaDescriptions), slots)
		}
		return nil
	})
}

func check(text string, rule func(*sdp.SessionDescription) error) (string, error) {
	if len(text) > maxDescription {
		return "", fmt.Errorf("%d bytes", len(text))
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return "", err
	}
	if len(d.MediaDescriptions) == 0 {
		return "", fmt.Errorf("no m-line")
	}
	if err := rule(&d); err != nil {
		return "", err
	}
	d.Attributes = withoutCandidates(d.Attributes)
	for _, m := range d.MediaDescriptions {
		m.Attributes = withoutCandidates(m.Attributes)
	}
	clean, err := d.Marshal()
	return string(clean), err
}

func withoutCandidates(list []sdp.Attribute) []sdp.Attribute {
	return slices.DeleteFunc(list, func(a sdp.Attribute) bool {
		return a.Key == "candidate" || a.Key == "end-of-candidates" || a.Key == "remote-candidates"
	})
}

// announce puts the announced addresses in place of the bound ones, when there are any.
func (s *Server) announce(text string) string {
	if len(s.cfg.Announce) == 0 {
		return text
	}
	var out strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if !strings.HasPrefix(line, "a=candidate:") {
			out.WriteString(line)
			continue
		}
		// the first candidate line of an m-line stands for all; further ones are dropped
		if !strings.Contains(lastMedia(out.String()), "a=candidate:") {
			out.WriteString(announced(s.cfg.Announce, s.addr.Port(), s.tcpPort))
		}
	}
	return out.String()
}

// lastMedia is the text since the last m-line began.
func lastMedia(text string) string {
	return text[max(0, strings.LastIndex(text, "\nm=")):]
}

// announced are the candidate lines of the announced addresses (RFC 8839 5.1, RFC 6544 4.5).
func announced(addrs []netip.AddrPort, udpPort, tcpPort uint16) string {
	var out strings.Builder
	for i, a := range addrs {
		port := a.Port()
		if port == 0 {
			port = udpPort
		}
		n := strconv.Itoa(i + 1)
		fmt.Fprintf(&out, "a=candidate:%s 1 udp %d %s %d typ host\r\n", n, 2130706431-i, a.Addr(), port)
		if tcpPort != 0 {
			if port = a.Port(); port == 0 {
				port = tcpPort
			}
			fmt.Fprintf(&out, "a=candidate:%s0 1 tcp %d %s %d typ host tcptype passive\r\n", n, 1671430143-i, a.Addr(), port)
		}
	}
	return out.String()
}
