package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"nghisu/internal/config"
	"nghisu/internal/demo"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// startNode runs one node on the shared database and data until the test ends.
func startNode(t *testing.T, url, data string) (*node, string) {
	t.Helper()
	cfg := &config.Server{Listen: "127.0.0.1:0", Data: data, PKIDir: data + "/pki", SessionIdle: time.Hour, SessionTotal: time.Hour, SessionSign: time.Minute}
	cfg.Database.URL = url
	cfg.Media.Listen = freeUDP(t)
	n, err := buildNode(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	loops, end := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	for name, loop := range n.loops() {
		running.Go(func() {
			if err := loop(loops); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	server := httptest.NewServer(n.api)
	t.Cleanup(func() {
		n.endSockets()
		server.Close()
		end()
		running.Wait()
		if err := n.close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return n, server.URL
}

func freeUDP(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.LocalAddr().String()
}

// What one node did is true on the other at once: sessions, answers of repeated commands, hints, ended sessions.
func TestTwoNodes(t *testing.T) {
	url, data := pgtest.URL(t), t.TempDir()
	first, a := startNode(t, url, data)
	_, b := startNode(t, url, data)
	if _, err := demo.SeedCity(t.Context(), first.data.db, first.services.accounts, postgres.Now()); err != nil {
		t.Fatal(err)
	}
	atA := person{t: t, base: a}
	atA.call("POST", "/sign-in", "", object{"username": "vp_hoangthuha", "password": demo.Password}, http.StatusOK)
	atB := person{t: t, base: b, cookie: atA.cookie}
	me := atB.call("GET", "/me", "", nil, http.StatusOK)
	current := me["current"].(object)

	socket, hello := atB.listen("agency:" + current["agency_id"].(string))
	if hello["type"] != "hello" {
		t.Fatalf("first message: %v", hello)
	}
	leaders := atB.call("GET", "/appointments?role=leader&agency_id="+current["agency_id"].(string), "", nil, http.StatusOK)
	meeting := object{"title": "Họp ở hai máy chủ", "starts_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "place": "", "online": true,
		"ends_at": time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339), "secretary_id": current["id"],
		"chair_id": leaders["items"].([]any)[0].(object)["id"], "items": []any{}}
	made := atA.call("POST", "/meetings", "repeat-0001", meeting, http.StatusOK)
	again := atB.call("POST", "/meetings", "repeat-0001", meeting, http.StatusOK)
	if made["id"] != again["id"] {
		t.Errorf("the repeat at the other node made another meeting: %v, %v", made["id"], again["id"])
	}
	socket.expect("changed", "agency:"+current["agency_id"].(string))

	atA.call("POST", "/sign-out", "", object{}, http.StatusNoContent)
	atB.call("GET", "/me", "", nil, http.StatusUnauthorized)
}

// person calls one node, with the cookie that any node gave.
type person struct {
	t            *testing.T
	base, cookie string
}

func (p *person) call(method, path, key string, body any, want int) object {
	p.t.Helper()
	c := clerk{machine: &machine{}, cookie: p.cookie}
	c.base.Store(p.base)
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	status, answer, err := c.once(ctx, request{method: method, path: path, body: body}, key)
	if err != nil || status != want {
		p.t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	if c.cookie != "" {
		p.cookie = c.cookie
	}
	out := object{}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &out); err != nil {
			p.t.Fatalf("%v: %s", err, answer)
		}
	}
	return out
}

type listener struct {
	t    *testing.T
	conn *websocket.Conn
}

// listen opens the page's socket and watches one topic.
func (p *person) listen(topic string) (listener, object) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, strings.Replace(p.base, "http", "ws", 1)+"/api/v1/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {"nghisu_session=" + p.cookie}}})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.CloseNow() })
	var hello object
	if err := wsjson.Read(ctx, conn, &hello); err != nil {
		p.t.Fatal(err)
	}
	if err := wsjson.Write(ctx, conn, object{"type": "subscribe", "topics": []string{topic}}); err != nil {
		p.t.Fatal(err)
	}
	return listener{p.t, conn}, hello
}

// expect reads until a message of the kind names the topic.
func (l listener) expect(kind, topic string) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 30*time.Second)
	defer cancel()
	for {
		var m object
		if err := wsjson.Read(ctx, l.conn, &m); err != nil {
			l.t.Fatalf("no %s of %s: %v", kind, topic, err)
		}
		topics, _ := m["topics"].([]any)
		if m["type"] == kind && slices.Contains(topics, any(topic)) {
			return
		}
	}
}
