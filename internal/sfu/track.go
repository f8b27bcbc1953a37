package sfu

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Kind is what a track carries.
type Kind string

// The kinds of tracks.
const (
	Audio Kind = "audio"
	Video Kind = "video"
)

func kindOf(k webrtc.RTPCodecType) Kind {
	if k == webrtc.RTPCodecTypeVideo {
		return Video
	}
	return Audio
}

// epochs numbers sources and their resumptions over all tracks, so that a slot sees every change.
var epochs atomic.Uint64

// upTrack is a track of a publisher. Its reader goroutine (run) is the hot path.
type upTrack struct {
	owner  *Participant
	kind   Kind
	remote *webrtc.TrackRemote
	mime   string
	level  uint8 // number of the loudness extension; 0 when the sender has none

	mu    sync.Mutex // writers of downs
	downs atomic.Pointer[[]*downTrack]

	wantKeyframe atomic.Bool
	lastKeyframe time.Time // of our last request; owned by run
}

// keyframeEvery is the least time between two requests for a keyframe: many receivers that join at
// once share one.
const keyframeEvery = 500 * time.Millisecond

func newUpTrack(owner *Participant, remote *webrtc.TrackRemote, extensions []webrtc.RTPHeaderExtensionParameter) *upTrack {
	u := &upTrack{owner: owner, kind: kindOf(remote.Kind()), remote: remote, mime: strings.ToLower(remote.Codec().MimeType),
		level: levelExtension(extensions)}
	u.downs.Store(&[]*downTrack{})
	return u
}

// levelExtension finds the number of the loudness extension (RFC 6464) in one connection.
func levelExtension(extensions []webrtc.RTPHeaderExtensionParameter) uint8 {
	for _, e := range extensions {
		if e.URI == sdp.AudioLevelURI {
			return uint8(e.ID)
		}
	}
	return 0
}

func (u *upTrack) add(d *downTrack) {
	u.mu.Lock()
	defer u.mu.Unlock()
	next := append(slices.Clone(*u.downs.Load()), d)
	u.downs.Store(&next)
}

func (u *upTrack) remove(d *downTrack) {
	u.mu.Lock()
	defer u.mu.Unlock()
	next := slices.DeleteFunc(slices.Clone(*u.downs.Load()), func(x *downTrack) bool { return x == d })
	u.downs.Store(&next)
}

// run reads packets and hands them to the receivers until the track ends.
func (u *upTrack) run() {
	buf := make([]byte, 1<<16)
	counters := &u.owner.room.server.counters
	on, epoch := false, epochs.Add(1)
	var p rtp.Packet
	for failures := 0; failures < mostFailures; {
		n, _, err := u.remote.Read(buf)
		if ended(err) {
			return
		}
		if err != nil {
			failures++
			continue
		}
		failures = 0
		counters.received.Add(1)
		if !u.owner.forwards(u.kind) { // muted: nothing leaves, whatever the sender sends
			on = false
			continue
		}
		if !on {
			on, epoch = true, epochs.Add(1)
			u.wantKeyframe.Store(true)
		}
		p = rtp.Packet{}
		if p.Unmarshal(buf[:n]) != nil || len(p.Payload) == 0 {
			continue // malformed, or padding that probes the rate
		}
		now := time.Now()
		var level []byte
		if u.level != 0 {
			level = p.GetExtension(u.level)
		}
		for _, d := range *u.downs.Load() {
			d.write(packet{u, epoch, p.Header, p.Payload, level, now})
		}
		u.askKeyframe(now)
	}
}

// askKeyframe passes on that some receiver needs a keyframe, not too often.
func (u *upTrack) askKeyframe(now time.Time) {
	if u.kind != Video || !u.wantKeyframe.Load() || now.Sub(u.lastKeyframe) < keyframeEvery {
		return
	}
	u.wantKeyframe.Store(false)
	u.lastKeyframe = now
	_ = u.owner.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(u.remote.SSRC())}})
}

// downTrack is a slot of one receiver: one outgoing stream that shows one source after another. It
// implements webrtc.TrackLocal.
type downTrack struct {
	id       string
	kind     Kind
	counters *counters

	mu       sync.Mutex // everything below
	source   *upTrack
	rewriter rewriter
	ssrc     uint32
	level    uint8            // number of the loudness extension; 0 when the receiver has none
	types    map[string]uint8 // payload types by lower-case codec name
	stream   webrtc.TrackLocalWriter
}

func newDownTrack(id string, kind Kind, c *counters) *downTrack {
	d := &downTrack{id: id, kind: kind, counters: c, rewriter: rewriter{clock: 90000}}
	if kind == Audio {
		d.rewriter.clock = 48000
	}
	return d
}

// show makes u what the slot shows; nil for nothing.
func (d *downTrack) show(u *upTrack) {
	d.mu.Lock()
	old := d.source
	d.source = u
	d.mu.Unlock()
	if old != nil {
		old.remove(d)
	}
	if u != nil {
		u.add(d)
		u.wantKeyframe.Store(true)
	}
}

// packet is one packet of a publisher on its way to the receivers, who share payload and level.
type packet struct {
	up      *upTrack
	epoch   uint64
	header  rtp.Header
	payload []byte
	level   []byte // loudness; nil when not told
	at      time.Time
}

// write sends one packet. Header extensions but the loudness are left out, and that one gets our
// number: numbers belong to a connection.
func (d *downTrack) write(p packet) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := p.header
	pt, ok := d.types[p.up.mime]
	if d.source != p.up || d.stream == nil || !ok {
		return
	}
	h.Extension, h.Extensions, h.ExtensionProfile, h.CSRC = false, nil, 0, nil
	h.Padding, h.PaddingSize = false, 0
	if !d.rewriter.rewrite(&h, p.epoch, p.at) {
		return
	}
	h.SSRC, h.PayloadType = d.ssrc, pt
	if d.level != 0 && len(p.level) > 0 {
		_ = h.SetExtension(d.level, p.level)
	}
	if _, err := d.stream.WriteRTP(&h, p.payload); err == nil {
		d.counters.forwarded.Add(1)
		d.counters.bytes.Add(int64(len(p.payload)))
	}
}

// needsKeyframe passes a receiver's request on to what it sees now.
func (d *downTrack) needsKeyframe() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.source != nil {
		d.source.wantKeyframe.Store(true)
	}
}

// Bind is called by pion when the slot was negotiated.
func (d *downTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.types = map[string]uint8{}
	var chosen webrtc.RTPCodecParameters
	for _, codec := range c.CodecParameters() {
		mime := strings.ToLower(codec.MimeType)
		if _, known := d.types[mime]; known || mime == strings.ToLower(webrtc.MimeTypeRTX) {
			continue
		}
		if len(d.types) == 0 {
			chosen = codec
		}
		d.types[mime] = uint8(codec.PayloadType)
	}
	if len(d.types) == 0 {
		return chosen, webrtc.ErrUnsupportedCodec
	}
	d.ssrc, d.stream, d.level = uint32(c.SSRC()), c.WriteStream(), levelExtension(c.HeaderExtensions())
	if d.source != nil {
		d.source.wantKeyframe.Store(true)
	}
	return chosen, nil
}

// Unbind is called by pion when the slot ends.
func (d *downTrack) Unbind(webrtc.TrackLocalContext) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stream = nil
	return nil
}

// ID names the slot in session descriptions.
func (d *downTrack) ID() string { return d.id }

// RID is empty: a slot has one layer.
func (d *downTrack) RID() string { return "" }

// StreamID names the slot too: which slots belong together is told by Event.Tracks, not by the description.
func (d *downTrack) StreamID() string { return d.id }

// Kind is audio or video.
func (d *downTrack) Kind() webrtc.RTPCodecType {
	if d.kind == Video {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}

// readFeedback takes a receiver's RTCP, which also keeps retransmission going, until the slot ends.
func (d *downTrack) readFeedback(sender *webrtc.RTPSender) {
	buf := make([]byte, 1500)
	for failures := 0; failures < mostFailures; {
		n, _, err := sender.Read(buf)
		if ended(err) {
			return
		}
		packets, malformed := rtcp.Unmarshal(buf[:n])
		if err != nil || malformed != nil {
			failures++
			continue
		}
		failures = 0
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				d.needsKeyframe()
			}
		}
	}
}

// mostFailures is how many malformed packets in a row end a stream.
const mostFailures = 1000

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) }
