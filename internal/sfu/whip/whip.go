// Package whip lets devices and programs into rooms that speak HTTP only: they send by WHIP (RFC 9725) and
// receive by WHEP. Who may do that is asked of a function; everything else is the same as for pages.
package whip

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/offer"
)

// Grant is what a token allows.
type Grant struct {
	Room   string
	ID     string          // of the participant; made up when empty
	Only   string          // WHEP: the one participant to receive; empty for all
	Notify func(bool)      // told when media begin (true) and end (false); may be nil
	Closed <-chan struct{} // ends the session when closed; may be nil
}

// ErrForbidden is for a token that is good, but not for this.
var ErrForbidden = errors.New("not allowed")

// ErrUnauthorized is for a token that is not good.
var ErrUnauthorized = errors.New("no such token")

// Handler serves POST {prefix}/whip/{id}, POST {prefix}/whep, POST {prefix}/whep/{id} and the sessions it makes.
type Handler struct {
	Server *sfu.Server
	// Authorize says what a bearer token may do: send as id, or receive id (empty: everybody).
	Authorize func(r *http.Request, token string, send bool, id string) (Grant, error)
	Prefix    string
	Log       *slog.Logger

	mu       sync.Mutex
	sessions map[string]*sfu.Participant
}

// Routes adds the handler's routes.
func (h *Handler) Routes(handle func(pattern string, f func(http.ResponseWriter, *http.Request))) {
	handle("POST "+h.Prefix+"/whip/{id}", func(w http.ResponseWriter, r *http.Request) { h.open(w, r, true) })
	handle("POST "+h.Prefix+"/whep/{id}", func(w http.ResponseWriter, r *http.Request) { h.open(w, r, false) })
	handle("POST "+h.Prefix+"/whep", func(w http.ResponseWriter, r *http.Request) { h.open(w, r, false) })
	handle("DELETE "+h.Prefix+"/sessions/{session}", h.end)
	// Trickled candidates are of no use: clients call us, and our answer names all ways at once.
	handle("PATCH "+h.Prefix+"/sessions/{session}", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "candidates are not needed", http.StatusMethodNotAllowed)
	})
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (h *Handler) open(w http.ResponseWriter, r *http.Request, send bool) {
	grant, err := h.Authorize(r, bearer(r), send, r.PathValue("id"))
	switch {
	case errors.Is(err, ErrForbidden):
		http.Error(w, "not allowed", http.StatusForbidden)
		return
	case err != nil:
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "a bearer token is needed", http.StatusUnauthorized)
		return
	}
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/sdp" {
		w.Header().Set("Accept-Post", "application/sdp")
		http.Error(w, "application/sdp is needed", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, offer.MaxLength))
	if err != nil {
		http.Error(w, "description is too long", http.StatusRequestEntityTooLarge)
		return
	}
	key := random()
	if grant.ID == "" {
		grant.ID = key
	}
	answer, err := h.join(key, grant, send, string(body))
	switch {
	case errors.Is(err, sfu.ErrFull), errors.Is(err, sfu.ErrClosed):
		w.Header().Set("Retry-After", "10")
		http.Error(w, "no room", http.StatusServiceUnavailable)
	case errors.Is(err, sfu.ErrTaken):
		http.Error(w, "somebody is sending under this name", http.StatusConflict)
	case errors.Is(err, sfu.ErrBadDescription):
		h.Log.Debug("description refused", "error", err)
		http.Error(w, "the description cannot be used", http.StatusBadRequest)
	case err != nil:
		h.Log.Error("open media session", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/sdp")
		w.Header().Set("Location", h.Prefix+"/sessions/"+key)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, answer)
	}
}

func random() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// join opens a session and answers its offer.
func (h *Handler) join(key string, g Grant, send bool, body string) (string, error) {
	notify := func(e sfu.Event) {
		switch e.Kind {
		case sfu.Connected:
			if g.Notify != nil {
				g.Notify(true)
			}
		case sfu.Ended:
			h.mu.Lock()
			delete(h.sessions, key)
			h.mu.Unlock()
			if g.Notify != nil {
				g.Notify(false)
			}
		}
	}
	p, err := h.Server.Join(g.Room, g.ID, notify)
	if err != nil {
		return "", err
	}
	if send {
		p.Forward(sfu.Audio, true)
		p.Forward(sfu.Video, true)
	}
	p.Only(g.Only)
	h.mu.Lock()
	if h.sessions == nil {
		h.sessions = map[string]*sfu.Participant{}
	}
	h.sessions[key] = p
	h.mu.Unlock()
	answer, err := p.Offer(body, nil)
	if err != nil {
		p.Leave()
		return "", err
	}
	if g.Closed != nil {
		go func() { // ends with the session
			select {
			case <-g.Closed:
				p.Leave()
			case <-p.Done():
			}
		}()
	}
	return answer, nil
}

func (h *Handler) end(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	p := h.sessions[r.PathValue("session")]
	h.mu.Unlock()
	if p == nil {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	p.Leave()
	<-p.Done()
	w.WriteHeader(http.StatusOK)
}
