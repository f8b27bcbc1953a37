// Package offer reads the session descriptions that clients offer and writes the answers (RFC 8829, RFC
// 8866): which codecs, header extensions and layers of an m-line we take, in which direction, and where we
// are reached. It is pure. Clients' candidates are not read: clients call us, and nothing is sent to an
// address only because somebody named it.
package offer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// Limits of an offer.
const (
	MaxLength = 256 << 10 // bytes
	MaxMedia  = 700       // m-lines: a WHEP receiver of 300 sources has two for each
	maxMid    = 32        // characters
	maxTypes  = 128       // payload types of an m-line: there are no more
	maxLayers = 3
)

// Direction of an m-line, as the client wrote it.
type Direction string

// The directions.
const (
	SendRecv Direction = "sendrecv"
	SendOnly Direction = "sendonly"
	RecvOnly Direction = "recvonly"
	Inactive Direction = "inactive"
)

// Header extensions that we know.
const (
	ExtLevel     = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	ExtMid       = "urn:ietf:params:rtp-hdrext:sdes:mid"
	ExtRid       = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	ExtRepair    = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
	ExtTransport = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
)

var extensions = []string{ExtLevel, ExtMid, ExtRid, ExtRepair, ExtTransport}

// Codec is one payload type of an m-line that we take.
type Codec struct {
	Type     uint8
	Name     string // "VP8", "H264", "opus", "red"
	Clock    int
	Channels int
	Params   string   // fmtp, as offered
	RTX      uint8    // payload type of its retransmissions; 0 without
	Feedback []string // of the kinds that we give and take
}

// Media is one m-line.
type Media struct {
	Kind      string // "audio", "video"; others are refused in the answer
	Mid       string
	Direction Direction
	Codecs    []Codec          // those we take, in the client's order
	Ext       map[string]uint8 // numbers of the extensions we know
	Rids      []string         // of layers the client sends, as it orders them
	SSRCs     []uint32         // announced by the client
	lines     []string         // protocol and formats, for a refusal
	rejected  bool
}

// Refused reports whether nothing of the m-line can be used.
func (m Media) Refused() bool { return m.rejected }

// Offer is what a client offered.
type Offer struct {
	Ufrag, Pwd  string
	Fingerprint string // SHA-256
	Passive     bool   // the client waits for our handshake, as encoders do that know one role only
	Media       []Media
	bundle      []string
}

// Parse reads an offer. Its errors say what is wrong, for the log.
func Parse(text string) (Offer, error) {
	var o Offer
	if len(text) > MaxLength {
		return o, fmt.Errorf("description of %d bytes", len(text))
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return o, err
	}
	if n := len(d.MediaDescriptions); n == 0 || n > MaxMedia {
		return o, fmt.Errorf("%d m-lines", n)
	}
	mids := map[string]bool{}
	for i, md := range d.MediaDescriptions {
		if n := len(md.MediaName.Formats); n > maxTypes {
			return o, fmt.Errorf("m-line %d: %d payload types", i, n)
		}
		m := media(md)
		if m.Mid == "" || mids[m.Mid] || len(m.Mid) > maxMid {
			return o, fmt.Errorf("m-line %d: no mid, a mid that is there already, or one of more than %d characters", i, maxMid)
		}
		mids[m.Mid] = true
		o.Media = append(o.Media, m)
		if err := o.transport(&d, md); err != nil {
			return o, fmt.Errorf("m-line %d: %w", i, err)
		}
	}
	if g, ok := d.Attribute("group"); ok && strings.HasPrefix(g, "BUNDLE ") {
		o.bundle = strings.Fields(g)[1:]
	}
	if len(o.Media) > 1 && len(o.bundle) != len(o.Media) {
		return o, fmt.Errorf("not all m-lines are bundled")
	}
	if o.Ufrag == "" || o.Fingerprint == "" {
		return o, fmt.Errorf("no ICE user or no SHA-256 fingerprint")
	}
	return o, nil
}

// transport takes what secures the connection; all m-lines share one.
func (o *Offer) transport(d *sdp.SessionDescription, m *sdp.MediaDescription) error {
	get := func(key string) string {
		if v, ok := m.Attribute(key); ok {
			return v
		}
		v, _ := d.Attribute(key)
		return v
	}
	if u := get("ice-ufrag"); u != "" && o.Ufrag == "" {
		o.Ufrag, o.Pwd = u, get("ice-pwd")
	}
	hash, value, _ := strings.Cut(get("fingerprint"), " ")
	switch {
	case !strings.EqualFold(hash, "sha-256"):
	case o.Fingerprint == "":
		o.Fingerprint = value
	case !strings.EqualFold(o.Fingerprint, value):
		return fmt.Errorf("two fingerprints")
	}
	if get("setup") == "passive" {
		o.Passive = true
	}
	if _, ok := m.Attribute("rtcp-mux"); !ok && m.MediaName.Media != "application" {
		return fmt.Errorf("no rtcp-mux")
	}
	return nil
}

func media(md *sdp.MediaDescription) Media {
	m := Media{Kind: md.MediaName.Media, Direction: SendRecv, Ext: map[string]uint8{}}
	m.lines = append([]string{strings.Join(md.MediaName.Protos, "/")}, md.MediaName.Formats...)
	m.Mid, _ = md.Attribute("mid")
	all := map[string]*Codec{}
	rtx := map[string]string{} // payload type -> of which
	var order []string
	for _, f := range md.MediaName.Formats {
		if n, err := strconv.ParseUint(f, 10, 7); err == nil && all[f] == nil {
			all[f] = &Codec{Type: uint8(n)}
			order = append(order, f)
		}
	}
	for _, a := range md.Attributes {
		pt, rest, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap":
			if c := all[pt]; c != nil {
				parts := strings.Split(rest, "/")
				c.Name = parts[0]
				if len(parts) > 1 {
					c.Clock, _ = strconv.Atoi(parts[1])
				}
				if len(parts) > 2 {
					c.Channels, _ = strconv.Atoi(parts[2])
				}
			}
		case "fmtp":
			if c := all[pt]; c != nil {
				c.Params = rest
				for p := range strings.SplitSeq(rest, ";") {
					if apt, ok := strings.CutPrefix(strings.TrimSpace(p), "apt="); ok {
						rtx[pt] = apt
					}
				}
			}
		case "rtcp-fb":
			for f, c := range all {
				if (pt == f || pt == "*") && slices.Contains(feedback, rest) && !slices.Contains(c.Feedback, rest) {
					c.Feedback = append(c.Feedback, rest)
				}
			}
		case "extmap":
			number, _, _ := strings.Cut(pt, "/")
			n, err := strconv.ParseUint(number, 10, 8)
			uri, _, _ := strings.Cut(rest, " ")
			if err == nil && n > 0 && n < 15 && slices.Contains(extensions, uri) {
				m.Ext[uri] = uint8(n)
			}
		case "sendrecv", "sendonly", "recvonly", "inactive":
			m.Direction = Direction(a.Key)
		case "ssrc":
			if n, err := strconv.ParseUint(pt, 10, 32); err == nil && !slices.Contains(m.SSRCs, uint32(n)) && len(m.SSRCs) < 12 {
				m.SSRCs = append(m.SSRCs, uint32(n))
			}
		case "simulcast":
			if way, list, _ := strings.Cut(a.Value, " "); way == "send" {
				list, _, _ = strings.Cut(list, " ")
				for r := range strings.SplitSeq(list, ";") {
					if len(m.Rids) == maxLayers {
						break
					}
					r, _, _ = strings.Cut(r, ",")
					m.Rids = append(m.Rids, strings.TrimPrefix(r, "~"))
				}
			}
		}
	}
	for r, apt := range rtx {
		if c := all[apt]; c != nil && strings.EqualFold(all[r].Name, "rtx") {
			c.RTX = all[r].Type
		}
	}
	for _, f := range order {
		if c := all[f]; wanted(m.Kind, *c) {
			m.Codecs = append(m.Codecs, *c)
		}
	}
	_, bundled := md.Attribute("bundle-only") // has port 0 and is offered all the same (RFC 8843 section 6)
	m.rejected = len(m.Codecs) == 0 || md.MediaName.Port.Value == 0 && !bundled
	return m
}

// wanted reports whether we forward a codec: Opus, with redundancy too; VP8; H.264 in the form that all
// devices decode (constrained baseline, fragments allowed).
func wanted(kind string, c Codec) bool {
	switch strings.ToLower(c.Name) {
	case "opus":
		return kind == "audio" && c.Clock == 48000
	case "red":
		return kind == "audio" && c.Clock == 48000
	case "vp8":
		return kind == "video"
	case "h264":
		p := strings.ToLower(c.Params)
		return kind == "video" && strings.Contains(p, "packetization-mode=1") && baseline(p)
	}
	return false
}

// baseline reports whether the profile of H.264 parameters is one that every decoder of the constrained
// baseline takes (RFC 6184 table 5). Plain baseline counts: what it has more is written by no encoder.
func baseline(params string) bool {
	_, id, _ := strings.Cut(params, "profile-level-id=")
	if len(id) < 6 {
		return false
	}
	n, err := strconv.ParseUint(id[:6], 16, 32)
	profile, constraints := n>>16, n>>8&0xff
	return err == nil && (profile == 0x42 || profile == 0x4d && constraints&0x80 != 0)
}
