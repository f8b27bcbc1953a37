package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"nghisu/internal/audit"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/signing/sandbox"
	"nghisu/storage/postgres"
)

// SessionCookie is the name of the cookie that carries the session's secret.
const SessionCookie = "nghisu_session"

// caller is who sent the request, found once by the session middleware.
type caller struct {
	signedIn bool
	resolved auth.Resolved
	address  string // client address after trusted proxies
	secure   bool   // the browser speaks HTTPS, to us or to a trusted proxy
	loopback bool   // the browser runs on this machine: a secure context even without HTTPS
	language string // "vi" or "en"
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	if c.language == "" {
		c.language = "vi"
	}
	return c
}

// session finds out who calls. A bad or ended session is an anonymous caller; routes decide.
func (a *API) session(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := caller{address: a.clientAddress(r), secure: a.isSecure(r), loopback: onThisMachine(r), language: language(r)}
		if cookie, err := r.Cookie(SessionCookie); err == nil && strings.HasPrefix(r.URL.Path, prefix) {
			resolved, err := a.Sessions.Resolve(r.Context(), cookie.Value)
			switch {
			case err == nil:
				c.signedIn, c.resolved = true, resolved
			case !errs.Is(err, errs.Unauthenticated):
				a.writeProblem(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)), err)
				return
			}
		}
		event := eventOf(r.Context())
		event.setCaller(c)
		ctx := context.WithValue(r.Context(), callerKey{}, c)
		ctx = audit.WithOrigin(ctx, audit.Origin{Address: c.address, RequestID: event.id})
		if c.signedIn { // children that read files serve people in turn
			ctx = sandbox.For(ctx, c.resolved.Actor.Person.String())
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// trusted reports whether the peer of the connection is a proxy whose headers we believe.
func (a *API) trusted(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, p := range a.Proxies {
		if p.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// clientAddress is the address of the browser: the last untrusted hop of X-Forwarded-For when the
// peer is a trusted proxy, the peer otherwise.
func (a *API) clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if !a.trusted(r) {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = addr.Unmap().String()
		inside := false
		for _, p := range a.Proxies {
			inside = inside || p.Contains(addr.Unmap())
		}
		if !inside {
			break
		}
	}
	return host
}

func (a *API) isSecure(r *http.Request) bool {
	return r.TLS != nil || a.trusted(r) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// onThisMachine reports whether the address in the browser names its own machine, which browsers
// treat as a secure context even without HTTPS.
func onThisMachine(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}

// sameOrigin refuses acts that another site makes the browser do (with SameSite=Lax cookies).
func (a *API) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if (!reads || r.Header.Get("Upgrade") != "") && !a.fromHere(r) {
			a.writeProblem(w, r, errs.New(errs.Forbidden, "request.cross_origin"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) fromHere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "cross-site", "same-site":
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true // not a browser
	}
	u, err := url.Parse(origin)
	host := r.Host
	if f := r.Header.Get("X-Forwarded-Host"); f != "" && a.trusted(r) {
		host = f
	}
	return err == nil && u.Host == host
}

// language is Vietnamese unless English is asked for first.
func language(r *http.Request) string {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "en") {
		return "en"
	}
	return "vi"
}

// maxBody is the largest JSON body, in bytes. Files do not pass here.
const maxBody = 1 << 20

// readCommand marks the context of a request that carries an Idempotency-Key, with a fingerprint of
// what is asked, so that the first transaction of the use case runs once (postgres.Once).
func (a *API) readCommand(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		c := callerOf(r.Context())
		if r.Method != http.MethodPost || key == "" || !c.signedIn || checkKey(key) != nil {
			next.ServeHTTP(w, r)
			return
		}
		response := http.NewResponseController(w)
		_ = response.SetReadDeadline(time.Now().Add(bodyPause)) // not every server has deadlines
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, max(a.bodies[r.URL.Path], maxBody)+1))
		_ = response.SetReadDeadline(time.Time{})
		if err != nil {
			a.writeProblem(w, r, brokenBody(err))
			return
		}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		h := sha256.New()
		h.Write([]byte(r.Method + " " + r.URL.Path + "\n"))
		if !a.secrets[r.URL.Path] { // a fast hash of a password must not be stored
			h.Write(body)
		}
		ctx := postgres.WithCommand(r.Context(), postgres.Command{
			Person: c.resolved.Actor.Person, Key: key, Fingerprint: h.Sum(nil)})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// brokenBody says why a body could not be read to its end.
func brokenBody(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errs.Wrap(errs.TooLarge, "request.too_large", err)
	}
	return errs.Wrap(errs.Invalid, "request.broken_off", err)
}

func checkKey(key string) error {
	if len(key) < 8 || len(key) > 100 {
		return errs.New(errs.Invalid, "request.key_needed")
	}
	return nil
}
