package offer

import (
	"errors"
	"fmt"
	"strings"
)

// Fragment is what a client says of its way through the network after the offer (RFC 8840 section 4.4,
// RFC 9725 section 4.3). Its candidates are not read, as those of an offer are not.
type Fragment struct {
	Ufrag, Pwd string
}

// ParseFragment reads a fragment.
func ParseFragment(text string) (Fragment, error) {
	var f Fragment
	if len(text) > MaxLength {
		return f, fmt.Errorf("fragment of %d bytes", len(text))
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' || line[0] != 'a' && line[0] != 'm' {
			return f, errors.New("a line of a fragment is neither an attribute nor a medium")
		}
		if u, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok && f.Ufrag == "" {
			f.Ufrag = u
		}
		if p, ok := strings.CutPrefix(line, "a=ice-pwd:"); ok && f.Pwd == "" {
			f.Pwd = p
		}
	}
	if f.Ufrag == "" || f.Pwd == "" {
		return f, errors.New("no ICE user or no password")
	}
	return f, nil
}

// WriteFragment answers an ICE restart that a fragment asked for.
func (o Offer) WriteFragment(a Answer) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("a=ice-lite")
	for _, m := range o.Media {
		if m.rejected {
			continue
		}
		line("m=%s 9 %s", m.Kind, strings.Join(m.lines, " "))
		line("a=mid:%s", m.Mid)
		line("a=ice-ufrag:%s", a.Ufrag)
		line("a=ice-pwd:%s", a.Pwd)
		writeCandidates(line, a)
		break // the others share its way
	}
	return b.String()
}

// ReceiveOnly is a description in which the client sends nothing: what it would send and receive, it receives.
func ReceiveOnly(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.TrimRight(l, "\r") == "a=sendrecv" {
			lines[i] = strings.Replace(l, "sendrecv", "recvonly", 1)
		}
	}
	return strings.Join(lines, "\n")
}
