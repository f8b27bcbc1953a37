package revocation_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"nghisu/internal/signing/revocation"
)

// memory is a cache of a test.
type memory struct {
	mu   sync.Mutex
	body map[string][]byte
	end  map[string]time.Time
}

func newMemory() *memory { return &memory{body: map[string][]byte{}, end: map[string]time.Time{}} }

func (m *memory) Get(_ context.Context, key string, now time.Time) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, found := m.body[key]
	return b, found && now.Before(m.end[key]), nil
}

func (m *memory) Put(_ context.Context, key string, body []byte, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.body[key], m.end[key] = body, until
	return nil
}

// site is a web server of an authority that counts what is asked of it.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newSite(t *testing.T, handlers map[string]http.HandlerFunc) *site {
	t.Helper()
	s := &site{asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first := "/" + strings.SplitN(r.URL.Path[1:], "/", 2)[0]
		s.mu.Lock()
		s.asked[r.Method+" "+first]++
		s.mu.Unlock()
		if h := handlers[first]; h != nil {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[what]
}

func serve(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
}

// online is a holder of w.ca whose certificate has the addresses.
func online(t *testing.T, w *world, responders, points []string) {
	t.Helper()
	w.holder = issue(t, "Holder", &w.ca, func(c *x509.Certificate) { c.OCSPServer, c.CRLDistributionPoints = responders, points })
}

func TestFetcher_Fetch(t *testing.T) {
	w := newWorld(t)
	var good, list []byte
	clock := now
	s := newSite(t, map[string]http.HandlerFunc{
		"/ocsp":  func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(good) },
		"/crl":   func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(list) },
		"/moved": func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/crl", http.StatusFound) },
		"/away": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "ftp://127.0.0.1/crl", http.StatusFound)
		},
		"/circle": func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/circle", http.StatusFound) },
		"/large":  func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.CopyN(rw, zeros{}, 21<<20) },
		"/get": func(rw http.ResponseWriter, r *http.Request) {
			escaped, _ := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/get/"))
			query, err := base64.StdEncoding.DecodeString(escaped)
			if r.Method != http.MethodGet || err != nil {
				http.Error(rw, "GET only", http.StatusMethodNotAllowed)
				return
			}
			if _, err := ocsp.ParseRequest(query); err != nil {
				t.Error(err)
			}
			_, _ = rw.Write(good)
		},
		"/lies": func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(answer(t, w, w.stranger, nil)) },
	})
	for name, c := range map[string]struct {
		responders, points []string
		want               revocation.Kind
	}{
		"response":                    {[]string{"/ocsp"}, nil, revocation.OCSP},
		"response by GET":             {[]string{"/get"}, nil, revocation.OCSP},
		"list":                        {nil, []string{"/crl"}, revocation.CRL},
		"list that moved":             {nil, []string{"/moved"}, revocation.CRL},
		"response before list":        {[]string{"/ocsp"}, []string{"/crl"}, revocation.OCSP},
		"list when responder is gone": {[]string{"/gone"}, []string{"/crl"}, revocation.CRL},
		"list when responder lies":    {[]string{"/lies"}, []string{"/crl"}, revocation.CRL},
		"second list":                 {nil, []string{"/gone", "/crl"}, revocation.CRL},
		"nothing said":                {nil, nil, ""},
		"responder gone":              {[]string{"/gone"}, nil, ""},
		"responder lies":              {[]string{"/lies"}, nil, ""},
		"too large":                   {nil, []string{"/large"}, ""},
		"redirected out of the web":   {nil, []string{"/away"}, ""},
		"redirected in a circle":      {nil, []string{"/circle"}, ""},
		"nobody listens, and no web":  {[]string{"ldap://127.0.0.1/x"}, []string{"http://127.0.0.1:1/crl"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			whole := func(list []string) (out []string) {
				for _, a := range list {
					if strings.HasPrefix(a, "/") {
						a = s.URL + a
					}
					out = append(out, a)
				}
				return out
			}
			online(t, &w, whole(c.responders), whole(c.points))
			good, list = answer(t, w, w.ca, nil), crl(t, w.ca, nil)
			f := &revocation.Fetcher{Cache: newMemory(), Now: func() time.Time { return clock }}
			got, err := f.Fetch(t.Context(), w.holder.cert, w.ca.cert)
			switch {
			case c.want == "" && (!errors.Is(err, revocation.ErrFetch) || got.State != revocation.Unknown):
				t.Errorf("got %+v, %v", got, err)
			case c.want != "" && (err != nil || got.State != revocation.Good || got.Kind != c.want):
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestFetcher_keeps(t *testing.T) {
	w := newWorld(t)
	var good []byte
	s := newSite(t, map[string]http.HandlerFunc{"/ocsp": func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(good) }})
	online(t, &w, []string{s.URL + "/ocsp"}, []string{s.URL + "/gone"})
	good = answer(t, w, w.ca, nil)
	clock := now
	f := &revocation.Fetcher{Cache: newMemory(), Now: func() time.Time { return clock }}
	state := func() revocation.State {
		got, _ := f.Fetch(t.Context(), w.holder.cert, w.ca.cert)
		return got.State
	}
	for range 3 {
		if state() != revocation.Good {
			t.Fatal("not good")
		}
	}
	if n := s.count("POST /ocsp"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	clock = now.Add(time.Hour) // the response ends, and nobody answers any more
	s.mu.Lock()
	good = nil
	s.mu.Unlock()
	for range 3 {
		if got := state(); got != revocation.Unknown {
			t.Errorf("nobody answers: %s", got)
		}
	}
	if n, m := s.count("POST /ocsp"), s.count("GET /gone"); n != 2 || m != 1 {
		t.Errorf("a failure is not kept: asked %d and %d times", n, m)
	}
	clock = clock.Add(10 * time.Minute)
	good = answer(t, w, w.ca, func(r *ocsp.Response) { r.NextUpdate = clock.Add(time.Hour) })
	if state() != revocation.Good {
		t.Error("not asked again after a while")
	}
}

func TestFetcher_slow(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, map[string]http.HandlerFunc{"/crl": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	online(t, &w, nil, []string{s.URL + "/crl"})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	m := newMemory()
	f := &revocation.Fetcher{Cache: m}
	if got, err := f.Fetch(ctx, w.holder.cert, w.ca.cert); !errors.Is(err, context.DeadlineExceeded) || got.State != revocation.Unknown {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(m.body) != 0 {
		t.Error("the caller's impatience is kept as a failure")
	}
}

func TestFetcher_Issuer(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, map[string]http.HandlerFunc{"/ca": serve(w.ca.cert.Raw), "/twin": serve(w.twin.cert.Raw)})
	for path, want := range map[string]bool{"/ca": true, "/twin": false, "/gone": false} {
		t.Run(path, func(t *testing.T) {
			holder := issue(t, "Holder", &w.ca, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{s.URL + path} })
			got, err := (&revocation.Fetcher{}).Issuer(t.Context(), holder.cert)
			if want != (err == nil) || want && !got.Equal(w.ca.cert) {
				t.Error(fmt.Sprint(got, err))
			}
		})
	}
}
