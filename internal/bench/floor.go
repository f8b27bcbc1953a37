package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"nghisu/internal/id"
	"nghisu/internal/sfu/load"
)

// FloorPlan is a meeting in which the chair calls one speaker after the other.
type FloorPlan struct {
	Base      string // address of the server
	Meeting   id.Meeting
	Chair     *http.Client // signed in
	Listener  *http.Client // of all who only listen
	Speakers  []Speaker    // are called by turns
	Receivers int          // who must hear the speaker: sockets and connections of their own, of one person
	Calls     int
}

// Speaker is somebody who is called.
type Speaker struct {
	Client      *http.Client // signed in
	Appointment id.Appointment
}

// Floor is what a measurement of calls found. Times are milliseconds from the sending of the chair's request.
type Floor struct {
	Receivers  int     `json:"receivers"`
	Calls      int     `json:"calls"`
	P50        float64 `json:"heard_by_all_p50_ms"`
	P99        float64 `json:"heard_by_all_p99_ms"`
	Max        float64 `json:"heard_by_all_max_ms"`
	First50    float64 `json:"heard_by_first_p50_ms"`
	Told50     float64 `json:"speaker_told_p50_ms"` // that the microphone is allowed
	Told99     float64 `json:"speaker_told_p99_ms"`
	Answered50 float64 `json:"chair_answered_p50_ms"`
	Answered99 float64 `json:"chair_answered_p99_ms"`
	MustP99    float64 `json:"must_p99_ms"`
	Passed     bool    `json:"passed"`
}

// floorMust is the longest that the slowest of a hundred calls may take.
const floorMust = 500

// Times of the measurement.
const (
	callWithin   = 20 * time.Second
	betweenCalls = 230 * time.Millisecond // not a multiple of anything that ticks
)

// seat is one socket with its connection in the room.
type seat struct {
	conn   *websocket.Conn
	client *load.Client
	mu     sync.Mutex // writes
	answer chan string
	joined chan struct{}
	rights chan bool // of the microphone
	failed chan error
}

// hearing counts who heard the call that is on.
type hearing struct {
	call  atomic.Uint32
	left  atomic.Int32
	first atomic.Int64 // ns
	last  atomic.Int64
	done  chan struct{}
}

// hear notes that one receiver heard a packet; seen is the last call the receiver heard.
func (h *hearing) hear(tag uint32, at time.Time, seen *atomic.Uint32) {
	if tag == 0 || tag != h.call.Load() || seen.Swap(tag) == tag {
		return
	}
	h.first.CompareAndSwap(0, at.UnixNano())
	if h.left.Add(-1) == 0 {
		h.last.Store(at.UnixNano())
		h.done <- struct{}{}
	}
}

// MeasureFloor fills the room and lets the chair call.
func MeasureFloor(ctx context.Context, plan FloorPlan) (Floor, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	crowd, err := load.NewCrowd()
	if err != nil {
		return Floor{}, err
	}
	defer crowd.Close()
	h := &hearing{done: make(chan struct{}, 1)}
	speakers, err := plan.seats(ctx, crowd, h)
	if err != nil {
		return Floor{}, err
	}
	var all, first, told, answered []time.Duration
	for i := range plan.Calls {
		turn := i % len(speakers)
		c, err := plan.call(ctx, h, speakers, turn, uint32(i+1))
		if err != nil {
			return Floor{}, fmt.Errorf("call %d: %w", i+1, err)
		}
		all, first, told, answered = append(all, c.all), append(first, c.first), append(told, c.told), append(answered, c.answered)
		if err := sleep(ctx, betweenCalls); err != nil {
			return Floor{}, err
		}
	}
	for _, d := range [][]time.Duration{all, first, told, answered} {
		slices.Sort(d)
	}
	r := Floor{Receivers: plan.Receivers, Calls: plan.Calls, P50: percentile(all, 0.5), P99: percentile(all, 0.99), Max: ms(all[len(all)-1]),
		First50: percentile(first, 0.5), Told50: percentile(told, 0.5), Told99: percentile(told, 0.99),
		Answered50: percentile(answered, 0.5), Answered99: percentile(answered, 0.99), MustP99: floorMust}
	r.Passed = r.P99 <= r.MustP99
	return r, nil
}

// seats lets everybody come: the speakers, and all who listen.
func (plan FloorPlan) seats(ctx context.Context, crowd *load.Crowd, h *hearing) ([]*seat, error) {
	var speakers []*seat
	sends := []load.Line{{Mid: "0", Send: true}, {Mid: "1", Video: true, Send: true, Rids: layerNames}}
	for i, sp := range plan.Speakers {
		s, err := plan.enter(ctx, crowd, sp.Client, fmt.Sprintf("speaker%d", i), load.Config{Lines: sends})
		if err != nil {
			return nil, err
		}
		s.client.Speak(true)
		s.client.Send("0", false)
		speakers = append(speakers, s)
	}
	hears := []load.Line{{Mid: "v0"}, {Mid: "v1"}, {Mid: "v2"}, {Mid: "m", Video: true}}
	listeners := make([]*seat, plan.Receivers)
	var g errgroup.Group // whose sockets live on
	g.SetLimit(joinAtOnce)
	for i := range listeners {
		g.Go(func() (err error) {
			seen := new(atomic.Uint32)
			listeners[i], err = plan.enter(ctx, crowd, plan.Listener, fmt.Sprintf("listener%d", i), load.Config{Lines: hears, Forget: true, Seed: uint64(i),
				Heard: func(tag uint32, at time.Time) { h.hear(tag, at, seen) }})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return speakers, eventually(ctx, func() bool { // the picture of somebody
		return !slices.ContainsFunc(listeners, func(s *seat) bool { return s.client.Streams() < 1 })
	})
}

// enter joins the room as a page does.
func (plan FloorPlan) enter(ctx context.Context, crowd *load.Crowd, who *http.Client, device string, cfg load.Config) (*seat, error) {
	limited, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	conn, res, err := websocket.Dial(limited, strings.Replace(plan.Base, "http", "ws", 1)+"/api/v1/live", &websocket.DialOptions{HTTPClient: &http.Client{Jar: who.Jar, Transport: who.Transport}})
	if err != nil {
		return nil, fmt.Errorf("open socket of %s: %w", device, err)
	}
	_ = res
	conn.SetReadLimit(4 << 20)
	s := &seat{conn: conn, answer: make(chan string, 4), joined: make(chan struct{}, 4), rights: make(chan bool, 64), failed: make(chan error, 4)}
	go s.read(ctx) // ends with ctx, or with the socket
	if s.client, err = crowd.New(cfg); err != nil {
		return nil, err
	}
	if err := s.write(limited, map[string]any{"type": "room.join", "meeting_id": plan.Meeting, "device": device, "mic": false, "camera": true, "other": "keep"}); err != nil {
		return nil, err
	}
	if err := s.wait(limited, device, s.joined); err != nil {
		return nil, err
	}
	roles := map[string]string{"v0": "voice", "v1": "voice", "v2": "voice", "m": "main"}
	for mid := range roles {
		if !slices.ContainsFunc(cfg.Lines, func(l load.Line) bool { return l.Mid == mid }) {
			delete(roles, mid)
		}
	}
	if err := s.write(limited, map[string]any{"type": "room.offer", "sdp": s.client.Offer(), "roles": roles}); err != nil {
		return nil, err
	}
	select {
	case sdp := <-s.answer:
		if err := s.client.Answer(sdp); err != nil {
			return nil, err
		}
	case err := <-s.failed:
		return nil, fmt.Errorf("%s: %w", device, err)
	case <-limited.Done():
		return nil, fmt.Errorf("%s is not answered: %w", device, limited.Err())
	}
	return s, s.wait(limited, device, s.client.Ready())
}

func (s *seat) wait(ctx context.Context, device string, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case err := <-s.failed:
		return fmt.Errorf("%s: %w", device, err)
	case <-ctx.Done():
		return fmt.Errorf("%s does not get in: %w", device, ctx.Err())
	}
}

func (s *seat) write(ctx context.Context, message any) error {
	b, err := json.Marshal(message)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Write(ctx, websocket.MessageText, b)
}

// kinds of messages are told apart before anything else is read: most are of no use here.
var typePrefix = []byte(`"type":"`)

// read takes what the server says.
func (s *seat) read(ctx context.Context) {
	for {
		_, b, err := s.conn.Read(ctx)
		if err != nil {
			s.fail(fmt.Errorf("socket: %w", err))
			return
		}
		at := bytes.Index(b, typePrefix)
		if at < 0 {
			continue
		}
		kind, _, _ := bytes.Cut(b[at+len(typePrefix):], []byte(`"`))
		var m struct {
			SDP    string `json:"sdp"`
			Mic    bool   `json:"mic"`
			Reason string `json:"reason"`
			Key    string `json:"key"`
			Of     string `json:"of"`
		}
		switch string(kind) {
		case "room.joined":
			s.joined <- struct{}{}
		case "room.answer", "room.rights", "room.closed", "room.error":
			if err := json.Unmarshal(b, &m); err != nil {
				s.fail(err)
				return
			}
		}
		switch string(kind) {
		case "room.answer":
			s.answer <- m.SDP
		case "room.rights":
			s.rights <- m.Mic
		case "room.closed":
			s.fail(errors.New("put out of the room: " + m.Reason))
		case "room.error":
			s.fail(fmt.Errorf("%s refused: %s", m.Of, m.Key))
		}
	}
}

func (s *seat) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// called are the times of one call.
type called struct{ answered, told, first, all time.Duration }

// call has the chair give the floor to a speaker, whose page turns the microphone on when it is told that it
// may, as that of somebody who asked to speak does. The other speaker's page turns its own off.
func (plan FloorPlan) call(ctx context.Context, h *hearing, speakers []*seat, turn int, number uint32) (c called, err error) {
	s, sp := speakers[turn], plan.Speakers[turn]
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	for len(s.rights) > 0 { // told before
		<-s.rights
	}
	s.client.Tag(number)
	h.left.Store(int32(plan.Receivers))
	h.first.Store(0)
	h.call.Store(number)
	began := time.Now()
	answered := make(chan error, 1)
	go func() { // ends with the request
		err := plan.post(ctx, "/floor/call", map[string]any{"appointment_id": sp.Appointment, "seconds": 300})
		c.answered = time.Since(began)
		answered <- err
	}()
	for allowed := false; !allowed; {
		select {
		case allowed = <-s.rights:
		case err := <-s.failed:
			return c, err
		case <-ctx.Done():
			return c, errors.Join(errors.New("the speaker is not told"), ctx.Err(), <-answered)
		}
	}
	c.told = time.Since(began)
	for i, o := range speakers {
		o.client.Send("0", i == turn)
	}
	if err := s.write(ctx, map[string]any{"type": "room.media", "mic": true, "camera": true}); err != nil {
		return c, err
	}
	if err := <-answered; err != nil {
		return c, err
	}
	select {
	case <-h.done:
	case err := <-s.failed:
		return c, err
	case <-ctx.Done():
		return c, fmt.Errorf("%d of %d do not hear the speaker: %w", h.left.Load(), plan.Receivers, ctx.Err())
	}
	c.first, c.all = time.Unix(0, h.first.Load()).Sub(began), time.Unix(0, h.last.Load()).Sub(began)
	return c, nil
}

// post sends a command of the chair.
func (plan FloorPlan) post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, plan.Base+"/api/v1/meetings/"+plan.Meeting.String()+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", uuid.NewString())
	res, err := plan.Chair.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	return err
}
