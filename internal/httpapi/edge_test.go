package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
)

// edge is an API with three operations of its own: one that takes a body, one that fails, one that panics.
func edge(t *testing.T) *API {
	t.Helper()
	proxy := netip.MustParsePrefix("10.0.0.0/8")
	web := fstest.MapFS{"index.html": {Data: []byte("<!doctype html>pages")}, "assets/a-1.js": {Data: []byte("plain")},
		"assets/a-1.js.gz": {Data: []byte("packed")}, "icon.svg": {Data: []byte("<svg/>")}}
	a := New(Deps{Log: slog.New(slog.DiscardHandler), Version: "test", Proxies: []netip.Prefix{proxy}, Web: web, Hub: live.NewHub(),
		Sessions: fakeSessions{"me": {Actor: access.Actor{Person: id.New[id.Person](), Roles: []access.Role{access.Clerk}}, HasAppointment: true}}})
	type input struct {
		Body struct {
			Pin  string `json:"pin" minLength:"6" maxLength:"6"`
			Name string `json:"name" maxLength:"5"`
		}
	}
	post(a, Op{ID: "edge-post", Path: "/edge", Access: Acting}, func(context.Context, access.Actor, *input) (*Answer[string], error) {
		return answer("done"), nil
	})
	get(a, Op{ID: "edge-fail", Path: "/edge/fail", Access: Public}, func(context.Context, access.Actor, *struct{}) (*Answer[string], error) {
		return nil, errs.Wrap(errs.Conflict, "request.key_reused", context.Canceled)
	})
	get(a, Op{ID: "edge-broken", Path: "/edge/broken", Access: Public}, func(context.Context, access.Actor, *struct{}) (*Answer[string], error) {
		return nil, context.DeadlineExceeded
	})
	get(a, Op{ID: "edge-panic", Path: "/edge/panic", Access: Public}, func(context.Context, access.Actor, *struct{}) (*Answer[string], error) {
		panic("secret detail")
	})
	a.raw(http.MethodGet, Op{ID: "edge-address", Path: "/edge/address", Access: Public}, "text/plain", func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		_, err := w.Write([]byte(callerOf(r.Context()).address))
		return err
	})
	return a
}

func send(t *testing.T, a *API, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.7:999"
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Remote" {
			r.RemoteAddr = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func readProblem(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return p
}

const signedIn = SessionCookie + "=me"

func TestProblems(t *testing.T) {
	a := edge(t)
	cases := map[string]struct {
		method, path, body string
		headers            []string
		status             int
		key                string
		fields             []string
		title              string
	}{
		"form: every wrong field at once": {method: "POST", path: "/edge", body: `{"pin":"4190","name":"quá dài lắm"}`, headers: []string{"Cookie", signedIn, "Idempotency-Key", "12345678"},
			status: 422, key: "request.invalid", fields: []string{"name field.too_long", "pin field.too_short"}},
		"missing fields":         {method: "POST", path: "/edge", body: `{}`, headers: []string{"Cookie", signedIn, "Idempotency-Key", "12345678"}, status: 422, key: "request.invalid", fields: []string{"name field.required", "pin field.required"}},
		"no JSON":                {method: "POST", path: "/edge", body: `{`, headers: []string{"Cookie", signedIn, "Idempotency-Key", "12345678"}, status: 400, key: "request.invalid"},
		"body over the limit":    {method: "POST", path: "/edge", body: `{"pin":"` + strings.Repeat("1", maxBody) + `"}`, headers: []string{"Cookie", signedIn, "Idempotency-Key", "12345678"}, status: 413, key: "request.too_large"},
		"no idempotency key":     {method: "POST", path: "/edge", body: `{}`, headers: []string{"Cookie", signedIn}, status: 422, key: "request.key_needed"},
		"unknown session":        {method: "POST", path: "/edge", body: `{}`, headers: []string{"Cookie", SessionCookie + "=x"}, status: 401, key: "auth.sign_in_needed"},
		"another site":           {method: "POST", path: "/edge", body: `{}`, headers: []string{"Cookie", signedIn, "Origin", "https://evil.example"}, status: 403, key: "request.cross_origin"},
		"another site, fetch":    {method: "POST", path: "/edge", body: `{}`, headers: []string{"Cookie", signedIn, "Sec-Fetch-Site", "cross-site"}, status: 403, key: "request.cross_origin"},
		"socket from elsewhere":  {method: "GET", path: "/live", headers: []string{"Cookie", signedIn, "Origin", "https://evil.example", "Upgrade", "websocket"}, status: 403, key: "request.cross_origin"},
		"known failure, English": {method: "GET", path: "/edge/fail", headers: []string{"Accept-Language", "en-GB,en"}, status: 409, key: "request.key_reused", title: "This Idempotency-Key was used for another request."},
		"unknown failure":        {method: "GET", path: "/edge/broken", status: 500, key: "internal"},
		"panic":                  {method: "GET", path: "/edge/panic", status: 500, key: "internal"},
		"no such route":          {method: "GET", path: "/nothing", status: 404, key: "request.not_found"},
		"no such method":         {method: "DELETE", path: "/edge", status: 404, key: "request.not_found"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := send(t, a, c.method, prefix+c.path, c.body, c.headers...)
			p := readProblem(t, w)
			if w.Code != c.status || p.Status != c.status || p.Key != c.key {
				t.Errorf("got %d %+v", w.Code, p)
			}
			var fields []string
			for _, f := range p.Errors {
				fields = append(fields, f.Path+" "+f.Key)
				if f.Message == "" {
					t.Errorf("no message for %s", f.Path)
				}
			}
			if c.fields != nil {
				if diff := cmp.Diff(c.fields, fields); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
			}
			if c.title != "" && p.Title != c.title {
				t.Errorf("title %q", p.Title)
			}
			for _, leak := range []string{"4190", "secret detail", "deadline", "canceled", "$schema"} {
				if strings.Contains(w.Body.String(), leak) {
					t.Errorf("answer holds %q", leak)
				}
			}
		})
	}
}

func TestPages(t *testing.T) {
	a := edge(t)
	cases := map[string]struct {
		path, gzip, body, cache, kind string
		status                        int
	}{
		"the start page":          {path: "/", body: "<!doctype html>pages", cache: "no-cache", kind: "text/html; charset=utf-8", status: 200},
		"an address of the pages": {path: "/van-ban-den/123", body: "<!doctype html>pages", cache: "no-cache", kind: "text/html; charset=utf-8", status: 200},
		"a part":                  {path: "/assets/a-1.js", body: "plain", cache: "public, max-age=31536000, immutable", kind: "text/javascript; charset=utf-8", status: 200},
		"a packed part":           {path: "/assets/a-1.js", gzip: "gzip", body: "packed", cache: "public, max-age=31536000, immutable", kind: "text/javascript; charset=utf-8", status: 200},
		"a picture":               {path: "/icon.svg", body: "<svg/>", cache: "no-cache", kind: "image/svg+xml", status: 200},
		"a part that is gone":     {path: "/assets/old-2.js", status: 404},
		"a way out of the folder": {path: "/../api.go", status: 404},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := send(t, a, http.MethodGet, c.path, "", "Accept-Encoding", c.gzip)
			if w.Code != c.status {
				t.Fatalf("status %d", w.Code)
			}
			if c.status == 200 {
				got := []string{w.Body.String(), w.Header().Get("Cache-Control"), w.Header().Get("Content-Type")}
				if diff := cmp.Diff([]string{c.body, c.cache, c.kind}, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "script-src 'self' 'unsafe-inline'") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers: %v", w.Header())
			}
		})
	}
}

// Forwarded addresses are believed from listed proxies only, and only as far as the chain of proxies goes.
// Half an answer must not read like a whole one.
func TestPanic_midAnswer(t *testing.T) {
	a := edge(t)
	a.raw(http.MethodGet, Op{ID: "edge-half", Path: "/edge/half", Access: Public}, "text/plain", func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		panic("in the middle")
	})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	resp, err := server.Client().Get(server.URL + prefix + "/edge/half") //nolint:noctx // ends with the server
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("read %q to a clean end", body)
	}
}

func TestClientAddress(t *testing.T) {
	a := edge(t)
	cases := map[string]struct{ remote, forwarded, want string }{
		"direct":                {"203.0.113.7:1", "", "203.0.113.7"},
		"direct, forged header": {"203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		"behind a proxy":        {"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		"forged before proxy":   {"10.0.0.1:1", "192.0.2.9, 198.51.100.1", "198.51.100.1"},
		"two proxies":           {"10.0.0.1:1", "198.51.100.1, 10.0.0.2", "198.51.100.1"},
		"nonsense":              {"10.0.0.1:1", "x, y", "10.0.0.1"},
		"proxy without header":  {"10.0.0.1:1", "", "10.0.0.1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := send(t, a, http.MethodGet, prefix+"/edge/address", "", "Remote", c.remote, "X-Forwarded-For", c.forwarded)
			if got := w.Body.String(); got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestSession_databaseDownIsNotSignedOut(t *testing.T) {
	a := edge(t)
	a.Sessions = downSessions{}
	w := send(t, a, http.MethodGet, prefix+"/me", "", "Cookie", signedIn)
	if p := readProblem(t, w); p.Status != http.StatusServiceUnavailable {
		t.Errorf("got %+v", p)
	}
}

type downSessions struct{}

func (downSessions) Resolve(context.Context, string) (auth.Resolved, error) {
	return auth.Resolved{}, errs.New(errs.Unavailable, "database.unavailable")
}
