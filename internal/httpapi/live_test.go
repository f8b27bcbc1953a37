package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org/orgtest"
)

// A socket learns at once that its session has ended, also when its page never asked for the person's topic.
func TestLive_sessionEnded(t *testing.T) {
	o := newBureau(t)
	clerk := orgtest.Person(t, o.db, o.finance, "Đỗ Thị Lan Anh", access.Clerk)
	first := o.account(clerk, "lananh")
	changing := o.signIn("lananh", first)
	o.want(o.send(ask{method: "POST", path: "/me/password", cookie: changing, key: "password-01", body: passwords(first, testPassword)}), http.StatusNoContent)
	cookie := o.signIn("lananh", testPassword)

	server := httptest.NewServer(o.api)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), recheckEvery/2)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, server.URL+"/api/v1/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {SessionCookie + "=" + cookie}, "Origin": {server.URL}}})
	o.must(err)
	defer func() { _ = conn.CloseNow() }()
	var hello struct{ Type string }
	o.must(wsjson.Read(ctx, conn, &hello))
	if hello.Type != "hello" {
		t.Fatalf("first message %q", hello.Type)
	}

	o.want(o.send(ask{method: "POST", path: "/sign-out", cookie: cookie}), http.StatusNoContent)
	began := time.Now()
	o.api.Hub.Publish(live.Person(clerk.Person.UUID))
	_, _, err = conn.Read(ctx)
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Fatalf("after %s: %v", time.Since(began), err)
	}
}

// A page that talks without end is cut off; another's socket goes on (ASVS 17.3.1, 17.3.2).
func TestLive_flood(t *testing.T) {
	o := newBureau(t)
	clerk := orgtest.Person(t, o.db, o.finance, "Đỗ Thị Lan Anh", access.Clerk)
	first := o.account(clerk, "lananh")
	changing := o.signIn("lananh", first)
	o.want(o.send(ask{method: "POST", path: "/me/password", cookie: changing, key: "password-01", body: passwords(first, testPassword)}), http.StatusNoContent)
	cookie := o.signIn("lananh", testPassword)
	server := httptest.NewServer(o.api)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	open := func() *websocket.Conn {
		conn, _, err := websocket.Dial(ctx, server.URL+"/api/v1/live", &websocket.DialOptions{
			HTTPHeader: http.Header{"Cookie": {SessionCookie + "=" + cookie}, "Origin": {server.URL}}})
		o.must(err)
		t.Cleanup(func() { _ = conn.CloseNow() })
		return conn
	}
	read := func(conn *websocket.Conn, kind string) error {
		for {
			var m struct{ Type string }
			if err := wsjson.Read(ctx, conn, &m); err != nil || m.Type == kind {
				return err
			}
		}
	}
	bad, large, good := open(), open(), open()
	go func() {
		for bad.Write(ctx, websocket.MessageText, []byte(`{"type":`)) == nil {
		}
	}()
	go func() {
		for large.Write(ctx, websocket.MessageText, make([]byte, maxMessage-1)) == nil {
		}
	}()
	for name, conn := range map[string]*websocket.Conn{"many": bad, "large": large} {
		if err := read(conn, "never"); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.must(wsjson.Write(ctx, good, map[string]any{"type": "ping"}))
	o.must(read(good, "pong"))
}

func TestSockets_limit(t *testing.T) {
	var s sockets
	one, two := id.New[id.Person](), id.New[id.Person]()
	for range maxSockets {
		if !s.enter(one) {
			t.Fatal("refused too early")
		}
	}
	if s.enter(one) || !s.enter(two) {
		t.Error("the limit is not each person's own")
	}
	s.leave(one)
	if !s.enter(one) {
		t.Error("a place that is free again is refused")
	}
}

func TestPace(t *testing.T) {
	var p pace
	now := time.Now()
	for n := range liveAtOnce {
		if !p.allows(10, now) {
			t.Fatalf("message %d is too much", n)
		}
	}
	if p.allows(10, now) {
		t.Error("more than may come at once")
	}
	if !p.allows(10, now.Add(time.Second)) {
		t.Error("nothing a second later")
	}
	var q pace
	if !q.allows(bytesAtOnce, now) || q.allows(1, now) {
		t.Error("bytes are not counted")
	}
}
