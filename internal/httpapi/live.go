package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/live"
)

const (
	maxTopics      = 100              // a tab watches a handful
	maxMessage     = 256 << 10        // bytes; session descriptions are the largest
	pingEvery      = 20 * time.Second // also keeps proxies from cutting an idle socket
	pongWithin     = 15 * time.Second
	recheckEvery   = 30 * time.Second // whether the session still stands; at once when the person's own topic is touched
	outgoingBuffer = 256              // messages; a tab that cannot keep up is closed and comes back
)

// RoomSession is one socket's part in online meetings; conference makes it on the first room message.
type RoomSession interface {
	// Handle works one message whose type begins with "room.". Errors are told to the page by the session itself.
	Handle(ctx context.Context, actor access.Actor, kind string, payload json.RawMessage)
	// Close leaves the room; reason is for the record.
	Close(reason string)
}

// Rooms opens room sessions. send never blocks and may be called from any goroutine.
type Rooms interface {
	Open(ctx context.Context, send func(message any)) RoomSession
}

// registerLive adds the socket of the pages. docs/live-protocol.md tells the messages.
func (a *API) registerLive() {
	a.raw(http.MethodGet, Op{ID: "live", Path: "/live", Summary: "WebSocket of a page: hints of changes, and room signalling",
		Tag: "live", Access: Acting, Status: http.StatusSwitchingProtocols}, "application/json", a.serveLive)
}

func (a *API) serveLive(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return errs.New(errs.Invalid, "live.upgrade_needed")
	}
	if !a.sockets.enter(actor.Person) {
		return errs.New(errs.TooMany, "live.too_many_sockets")
	}
	defer a.sockets.leave(actor.Person)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		CompressionMode: websocket.CompressionDisabled, InsecureSkipVerify: true}) // sameOrigin checked the origin
	if err != nil {
		return nil // Accept has answered
	}
	conn.SetReadLimit(maxMessage)
	token := ""
	if c, err := r.Cookie(SessionCookie); err == nil {
		token = c.Value
	}
	s := &socket{api: a, conn: conn, actor: actor, token: token, sub: a.Hub.Subscribe(), own: a.Hub.Subscribe(),
		out: make(chan any, outgoingBuffer), full: make(chan struct{})}
	s.own.Watch(live.Person(actor.Person.UUID))
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if a.Ending != nil {
		defer context.AfterFunc(a.Ending, cancel)()
	}
	s.run(ctx)
	return nil
}

// socket is one tab. The reader goroutine owns room and the subscriptions' topics; the writer owns
// the connection's write side.
type socket struct {
	api   *API
	conn  *websocket.Conn
	actor access.Actor
	token string
	sub   *live.Subscription
	own   *live.Subscription // the person's own topic, watched from the start whatever the page asks for
	out   chan any
	full  chan struct{}
	once  sync.Once
	room  RoomSession
	pace  pace
}

// run serves the socket until it ends for any reason.
func (s *socket) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var writer sync.WaitGroup
	writer.Go(func() {
		defer cancel()
		s.write(ctx)
	})
	epoch, seq := s.api.Hub.Position()
	s.send(map[string]any{"type": "hello", "epoch": epoch, "seq": seq, "version": s.api.Version})
	reason := s.read(ctx)
	s.sub.Close()
	s.own.Close()
	if s.room != nil {
		s.room.Close(reason)
	}
	cancel()
	writer.Wait()
	_ = s.conn.Close(websocket.StatusGoingAway, "")
}

// send queues a message; when the queue is full the socket is ended, and the page comes back and resumes.
func (s *socket) send(message any) {
	select {
	case s.out <- message:
	default:
		s.once.Do(func() { close(s.full) })
	}
}

// read works messages until the socket ends, and tells why it ended.
func (s *socket) read(ctx context.Context) string {
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			if websocket.CloseStatus(err) == websocket.StatusNormalClosure || websocket.CloseStatus(err) == websocket.StatusGoingAway {
				return "left"
			}
			return "connection_lost"
		}
		if !s.pace.allows(len(data), time.Now()) {
			_ = s.conn.Close(websocket.StatusTryAgainLater, "too fast")
			return "too_fast"
		}
		if err := s.handle(ctx, data); err != nil {
			s.send(map[string]any{"type": "error", "key": errorKey(err)})
		}
	}
}

func errorKey(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return "internal"
}

// clientMessage holds the fields of all messages but the rooms'.
type clientMessage struct {
	Type   string   `json:"type"`
	Topics []string `json:"topics"`
	Epoch  string   `json:"epoch"`
	Seq    int64    `json:"seq"`
}

func (s *socket) handle(ctx context.Context, data []byte) error {
	var m clientMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return errs.Wrap(errs.Invalid, "live.bad_message", err)
	}
	switch {
	case m.Type == "subscribe":
		topics, err := s.allowed(m.Topics)
		if err != nil {
			return err
		}
		if !s.sub.WatchUpTo(maxTopics, topics...) {
			return errs.New(errs.TooMany, "live.too_many_topics")
		}
		if m.Epoch != "" {
			s.sub.Resume(m.Epoch, m.Seq)
		}
	case m.Type == "unsubscribe":
		topics, err := s.allowed(m.Topics)
		if err != nil {
			return err
		}
		s.sub.Unwatch(topics...)
	case m.Type == "ping":
		s.send(map[string]any{"type": "pong"})
	case strings.HasPrefix(m.Type, "room.") && s.api.Rooms != nil:
		if s.room == nil {
			s.room = s.api.Rooms.Open(ctx, s.send)
		}
		s.room.Handle(ctx, s.actor, m.Type, data)
	default:
		return errs.New(errs.Invalid, "live.bad_message")
	}
	return nil
}

// allowed reads topics. Hints carry nothing but "changed", so any well-formed topic of a thing may
// be watched; agency and person topics only by their own people.
func (s *socket) allowed(names []string) ([]live.Topic, error) {
	if len(names) > maxTopics {
		return nil, errs.New(errs.TooMany, "live.too_many_topics")
	}
	topics := make([]live.Topic, 0, len(names))
	for _, name := range names {
		kind, value, _ := strings.Cut(name, ":")
		u, err := uuid.Parse(value)
		if err != nil {
			return nil, errs.New(errs.Invalid, "live.bad_topic")
		}
		switch kind {
		case "agency":
			if u != s.actor.Agency.UUID {
				return nil, errs.Missing()
			}
		case "person":
			if u != s.actor.Person.UUID {
				return nil, errs.Missing()
			}
		case "document", "delivery", "meeting", "floor", "room":
		default:
			return nil, errs.New(errs.Invalid, "live.bad_topic")
		}
		topics = append(topics, live.Topic(kind+":"+u.String()))
	}
	return topics, nil
}

// write sends what is queued, hints, and pings, until the socket or ctx ends.
func (s *socket) write(ctx context.Context) {
	ping, recheck := time.NewTicker(pingEvery), time.NewTicker(recheckEvery)
	defer ping.Stop()
	defer recheck.Stop()
	ended := !s.stillSignedIn(ctx) // it may have ended between the request and the subscription
	for {
		if ended {
			_ = s.conn.Close(websocket.StatusPolicyViolation, "session ended")
			return
		}
		var err error
		select {
		case <-ctx.Done():
			return
		case <-s.full:
			_ = s.conn.Close(websocket.StatusTryAgainLater, "slow")
			return
		case m := <-s.out:
			err = s.writeJSON(ctx, m)
		case <-s.sub.Wake():
			err = s.writeHints(ctx)
		case <-ping.C:
			pctx, cancel := context.WithTimeout(ctx, pongWithin)
			err = s.conn.Ping(pctx)
			cancel()
		case <-s.own.Wake():
			s.own.Take()
			ended = !s.stillSignedIn(ctx)
		case <-recheck.C:
			ended = !s.stillSignedIn(ctx)
		}
		if err != nil {
			_ = s.conn.CloseNow()
			return
		}
	}
}

func (s *socket) writeHints(ctx context.Context) error {
	topics, reset, epoch, seq := s.sub.Take()
	if reset {
		return s.writeJSON(ctx, map[string]any{"type": "reset", "epoch": epoch, "seq": seq})
	}
	if len(topics) == 0 {
		return nil
	}
	return s.writeJSON(ctx, map[string]any{"type": "changed", "topics": topics, "seq": seq})
}

func (s *socket) writeJSON(ctx context.Context, m any) error {
	data, err := json.Marshal(m)
	if err != nil {
		s.api.Log.ErrorContext(ctx, "encode live message", slog.Any("error", err))
		return nil
	}
	wctx, cancel := context.WithTimeout(ctx, pongWithin)
	defer cancel()
	return s.conn.Write(wctx, websocket.MessageText, data)
}

// stillSignedIn asks again whether the session and the appointment of the socket stand. When the
// database cannot tell, the socket stays.
func (s *socket) stillSignedIn(ctx context.Context) bool {
	r, err := s.api.Sessions.Resolve(auth.Peek(ctx), s.token)
	if err != nil {
		return !errs.Is(err, errs.Unauthenticated)
	}
	return r.HasAppointment && r.Actor.Appointment == s.actor.Appointment
}
