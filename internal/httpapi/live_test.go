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
