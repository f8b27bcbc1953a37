package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/objects/objectstest"
	"nghisu/storage/postgres/pgtest"
)

// knownSessions resolves tokens that are the names of actors.
type knownSessions map[string]access.Actor

func (k knownSessions) Resolve(_ context.Context, token string) (auth.Resolved, error) {
	a, ok := k[token]
	if !ok {
		return auth.Resolved{}, errs.New(errs.Unauthenticated, "auth.sign_in_needed")
	}
	return auth.Resolved{Actor: a, HasAppointment: true}, nil
}

// transfers is a server with uploads, and one route that serves the object named in its address.
type transfers struct {
	t   *testing.T
	url string
	dir string // of the store
}

func newTransfers(t *testing.T) transfers {
	t.Helper()
	db, dir, log := pgtest.New(t), t.TempDir(), slog.New(slog.DiscardHandler)
	store, err := objects.OpenDisk(dir, objects.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	agency := orgtest.Agency(t, db, "H77.1", "Sở Y tế")
	a := New(Deps{DB: db, Log: log, Version: "test", Objects: store,
		Uploads: upload.New(upload.Deps{DB: db, Store: store, Log: log}),
		Sessions: knownSessions{
			"clerk": orgtest.Person(t, db, agency, "Nguyễn Văn A", access.Clerk),
			"other": orgtest.Person(t, db, agency, "Trần Thị B", access.Clerk),
		}})
	a.raw(http.MethodGet, Op{ID: "test-object", Path: "/test-object", Tag: "test", Access: Acting}, "application/pdf",
		func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			h, err := objects.ParseHash(r.URL.Query().Get("hash"))
			if err != nil {
				return err
			}
			kind := "application/pdf"
			if k := r.URL.Query().Get("kind"); k != "" {
				kind = k
			}
			return a.serveObject(w, r, objects.Ref{Hash: h}, "Quyết định số 05.pdf", kind)
		})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return transfers{t, server.URL + prefix, dir}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) upload(t *testing.T) (u Upload) {
	t.Helper()
	if err := json.Unmarshal(r.body, &u); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return u
}

func (r reply) problem(t *testing.T) (p Problem) {
	t.Helper()
	if err := json.Unmarshal(r.body, &p); err != nil || r.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s %s: %v", r.status, r.header, r.body, err)
	}
	return p
}

// do sends a request; header holds pairs. who is the name of a session, or empty.
func (x transfers) do(who, method, path string, body io.Reader, header ...string) reply {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), method, x.url+path, body)
	if err != nil {
		x.t.Fatal(err)
	}
	if who != "" {
		req.AddCookie(&http.Cookie{Name: SessionCookie, Value: who})
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", id.New[id.Event]().String())
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, got}
}

func (x transfers) create(size int) Upload {
	x.t.Helper()
	r := x.do("clerk", http.MethodPost, "/uploads", strings.NewReader(fmt.Sprintf(`{"name":"Quyết định.pdf","size":%d}`, size)))
	if r.status != http.StatusCreated {
		x.t.Fatalf("create: %d %s", r.status, r.body)
	}
	return r.upload(x.t)
}

func (x transfers) put(u Upload, offset int, content []byte) reply {
	x.t.Helper()
	return x.do("clerk", http.MethodPut, "/uploads/"+u.ID.String()+"/content", bytes.NewReader(content), "Upload-Offset", fmt.Sprint(offset))
}

// store uploads content to its end.
func (x transfers) store(content []byte) Upload {
	x.t.Helper()
	u := x.create(len(content))
	if r := x.put(u, 0, content); r.status != http.StatusOK {
		x.t.Fatalf("put: %d %s", r.status, r.body)
	}
	r := x.do("clerk", http.MethodPost, "/uploads/"+u.ID.String()+"/complete", nil)
	if r.status != http.StatusOK {
		x.t.Fatalf("complete: %d %s", r.status, r.body)
	}
	return r.upload(x.t)
}

func testPDF(n int) []byte {
	b := objectstest.Bytes(n, uint64(n))
	copy(b, "%PDF-1.7\n")
	copy(b[n-6:], "%%EOF\n")
	return b
}

func TestUpload_Whole(t *testing.T) {
	x := newTransfers(t)
	content := testPDF(9<<20 + 5) // far over the limit of JSON bodies
	u := x.store(content)
	if u.State != "complete" || u.Received != u.Size || u.ContentType != "application/pdf" || len(u.SHA256) != 64 {
		t.Errorf("complete: %+v", u)
	}
	got := x.do("clerk", http.MethodGet, "/uploads/"+u.ID.String(), nil).upload(t)
	if diff := cmp.Diff(u, got); diff != "" {
		t.Errorf("get (-completed +got):\n%s", diff)
	}
	if r := x.do("clerk", http.MethodGet, "/test-object?hash="+u.SHA256, nil); r.status != http.StatusOK || !bytes.Equal(r.body, content) {
		t.Errorf("read back: %d, %d bytes", r.status, len(r.body))
	}
}

func TestUpload_Refused(t *testing.T) {
	x := newTransfers(t)
	open := x.create(20_000)
	if r := x.put(open, 0, testPDF(20_000)[:5000]); r.status != http.StatusOK || r.upload(t).Received != 5000 {
		t.Fatalf("put: %d %s", r.status, r.body)
	}
	at := "/uploads/" + open.ID.String()
	missing := "/uploads/" + id.New[id.Upload]().String()
	create := func(body string) func() reply {
		return func() reply { return x.do("clerk", http.MethodPost, "/uploads", strings.NewReader(body)) }
	}
	put := func(who, path, offset string, n int) func() reply {
		return func() reply {
			return x.do(who, http.MethodPut, path+"/content", bytes.NewReader(testPDF(n)), "Upload-Offset", offset)
		}
	}
	tests := map[string]struct {
		ask    func() reply
		status int
		key    string
	}{
		"over 200 MB":                {create(`{"name":"a.pdf","size":209715201}`), 413, "upload.too_large"},
		"empty file":                 {create(`{"name":"a.pdf","size":0}`), 422, "request.invalid"},
		"bad name":                   {create(`{"name":"a\u0000","size":5}`), 422, "request.invalid"},
		"no PDF":                     {func() reply { return x.put(x.create(5), 0, []byte("hello")) }, 415, "upload.not_pdf"},
		"wrong place":                {put("clerk", at, "0", 5000), 409, "upload.wrong_offset"},
		"too long":                   {put("clerk", at, "5000", 15_001), 422, "upload.too_long"},
		"no place":                   {put("clerk", at, "", 5000), 422, "request.invalid"},
		"not whole":                  {func() reply { return x.do("clerk", http.MethodPost, at+"/complete", nil) }, 409, "upload.incomplete"},
		"another person's content":   {put("other", at, "5000", 5000), 404, "request.not_found"},
		"another person's state":     {func() reply { return x.do("other", http.MethodGet, at, nil) }, 404, "request.not_found"},
		"another person's to cancel": {func() reply { return x.do("other", http.MethodDelete, at, nil) }, 404, "request.not_found"},
		"a missing one":              {put("clerk", missing, "0", 5000), 404, "request.not_found"},
		"a name that is no id":       {put("clerk", "/uploads/x", "0", 5000), 404, "request.not_found"},
		"anonymous":                  {put("", at, "5000", 5000), 401, "auth.sign_in_needed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := tc.ask()
			p := r.problem(t)
			if r.status != tc.status || p.Key != tc.key || p.Title == "" || p.Title == Message("vi", "internal", nil) {
				t.Errorf("%d %s, want %d %s", r.status, r.body, tc.status, tc.key)
			}
			if r.status == http.StatusConflict {
				current, _ := p.Current.(map[string]any)
				if current["received"] != 5000.0 || current["state"] != "open" || current["id"] != open.ID.String() {
					t.Errorf("current state %v", p.Current)
				}
			}
		})
	}
	if got := x.do("clerk", http.MethodGet, at, nil).upload(t); got.Received != 5000 {
		t.Errorf("received %d after refusals, want 5000", got.Received)
	}
	if r := x.do("clerk", http.MethodDelete, at, nil); r.status != http.StatusNoContent {
		t.Errorf("cancel: %d %s", r.status, r.body)
	}
	if r := x.do("clerk", http.MethodGet, at, nil); r.status != http.StatusNotFound {
		t.Errorf("cancelled upload: %d", r.status)
	}
}

func TestUpload_MessagesInBothLanguages(t *testing.T) {
	x := newTransfers(t)
	for language, want := range map[string]string{"vi": "200 MB nên không nhận", "en": "larger than 200 MB"} {
		r := x.do("clerk", http.MethodPost, "/uploads", strings.NewReader(`{"name":"a.pdf","size":300000000}`), "Accept-Language", language)
		if p := r.problem(t); !strings.Contains(p.Title, want) {
			t.Errorf("%s: %q", language, p.Title)
		}
	}
}

// A connection that breaks in the middle leaves what had come, and the upload goes on from there.
func TestUpload_BrokenConnection(t *testing.T) {
	x := newTransfers(t)
	content := testPDF(300_000)
	u := x.create(len(content))
	host := strings.TrimSuffix(strings.TrimPrefix(x.url, "http://"), prefix)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "PUT %s/uploads/%s/content HTTP/1.1\r\nHost: %s\r\nCookie: %s=clerk\r\nUpload-Offset: 0\r\nContent-Length: %d\r\n\r\n",
		prefix, u.ID, host, SessionCookie, len(content))
	if _, err := conn.Write(content[:100_000]); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	for u.Received == 0 { // the server notices the end of the connection on its own time
		u = x.do("clerk", http.MethodGet, "/uploads/"+u.ID.String(), nil).upload(t)
	}
	if u.Received != 100_000 || u.State != "open" {
		t.Fatalf("after the break: %+v", u)
	}
	if r := x.put(u, 100_000, content[100_000:]); r.status != http.StatusOK || r.upload(t).Received != 300_000 {
		t.Errorf("going on: %d %s", r.status, r.body)
	}
}

func TestServeObject(t *testing.T) {
	x := newTransfers(t)
	content := testPDF(100_000)
	u := x.store(content)
	path := "/test-object?hash=" + u.SHA256
	whole := x.do("clerk", http.MethodGet, path, nil)
	if whole.status != http.StatusOK || !bytes.Equal(whole.body, content) {
		t.Errorf("whole: %d, %d bytes", whole.status, len(whole.body))
	}
	etag := `"` + u.SHA256 + `"`
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Etag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache",
		"X-Content-Type-Options": "nosniff", "Content-Length": "100000",
		"Content-Disposition": "inline; filename*=utf-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%20s%E1%BB%91%2005.pdf",
	} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(whole.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("policy %q", whole.header.Get("Content-Security-Policy"))
	}
	tests := map[string]struct {
		header []string
		status int
		want   []byte
	}{
		"a range":                   {[]string{"Range", "bytes=500-999"}, 206, content[500:1000]},
		"the end":                   {[]string{"Range", "bytes=-10"}, 206, content[99_990:]},
		"a range of this version":   {[]string{"Range", "bytes=0-0", "If-Range", etag}, 206, content[:1]},
		"a range of another":        {[]string{"Range", "bytes=0-0", "If-Range", `"other"`}, 200, content},
		"known already":             {[]string{"If-None-Match", etag}, 304, nil},
		"known already, among more": {[]string{"If-None-Match", `"x", ` + etag}, 304, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := x.do("clerk", http.MethodGet, path, nil, tc.header...)
			if r.status != tc.status || !bytes.Equal(r.body, tc.want) {
				t.Errorf("%d with %d bytes, want %d with %d", r.status, len(r.body), tc.status, len(tc.want))
			}
		})
	}
	if r := x.do("clerk", http.MethodGet, path, nil, "Range", "bytes=100000-"); r.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range behind the end: %d", r.status)
	}
	if r := x.do("clerk", http.MethodGet, path+"&download", nil); !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("download: %q", r.header.Get("Content-Disposition"))
	}
	html := x.do("clerk", http.MethodGet, path+"&kind=text/html", nil)
	if html.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(html.header.Get("Content-Disposition"), "attachment;") ||
		!strings.Contains(html.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("HTML is served as %v", html.header)
	}
}

// An object that no longer matches its hash is reported; not one byte of it leaves.
func TestServeObject_Damaged(t *testing.T) {
	x := newTransfers(t)
	content := testPDF(100_000)
	u := x.store(content)
	path := "/test-object?hash=" + u.SHA256
	if r := x.do("clerk", http.MethodGet, path, nil); r.status != http.StatusOK {
		t.Fatalf("before: %d", r.status)
	}
	content[50_000] ^= 1
	if err := os.WriteFile(filepath.Join(x.dir, "sha256", u.SHA256[:2], u.SHA256[2:4], u.SHA256), content, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string][]string{"whole": nil, "a range before the damage": {"Range", "bytes=0-99"}} {
		r := x.do("clerk", http.MethodGet, path, nil, header...)
		if p := r.problem(t); r.status != http.StatusInternalServerError || p.Key != "storage.damaged" {
			t.Errorf("%s: %d %s", name, r.status, p.Key)
		}
		if r.header.Get("Etag") != "" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the answer may be kept: %v", name, r.header)
		}
	}
	missing := x.do("clerk", http.MethodGet, "/test-object?hash="+strings.Repeat("ab", 32), nil)
	if p := missing.problem(t); p.Key != "storage.missing" {
		t.Errorf("missing: %d %s", missing.status, p.Key)
	}
}

// The deadlines of long transfers reach the connection through everything that wraps the answer.
func TestTransfers_DeadlinesReachTheConnection(t *testing.T) {
	a := New(Deps{Log: slog.New(slog.DiscardHandler), Version: "test", Sessions: knownSessions{}})
	a.raw(http.MethodGet, Op{ID: "test-deadline", Path: "/test-deadline", Tag: "test", Access: Public}, "text/plain",
		func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			c := http.NewResponseController(w)
			return errors.Join(c.SetReadDeadline(time.Now().Add(time.Minute)), c.SetWriteDeadline(time.Now().Add(time.Minute)))
		})
	server := httptest.NewServer(a)
	defer server.Close()
	x := transfers{t: t, url: server.URL + prefix}
	if r := x.do("", http.MethodGet, "/test-deadline", nil); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
}
