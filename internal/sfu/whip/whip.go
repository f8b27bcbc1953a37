// Package whip lets devices and programs into rooms that speak HTTP only: they send by WHIP (RFC 9725) and
// receive by WHEP. It owns the protocol (protocol.go), which httpapi uses for the devices of meetings, and a
// Handler of its own for a media plane without meetings, where a function says who may do what.
package whip

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"nghisu/internal/sfu"
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
	handle("PATCH "+h.Prefix+"/sessions/{session}", h.patch)
}

func (h *Handler) open(w http.ResponseWriter, r *http.Request, send bool) {
	grant, err := h.Authorize(r, Bearer(r), send, r.PathValue("id"))
	switch {
	case errors.Is(err, ErrForbidden):
		http.Error(w, "not allowed", http.StatusForbidden)
		return
	case err != nil:
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "a bearer token is needed", http.StatusUnauthorized)
		return
	}
	body, err := ReadOffer(w, r)
	if err != nil {
		h.refuse(w, err)
		return
	}
	key := random()
	if grant.ID == "" {
		grant.ID = key
	}
	p, answer, err := h.join(key, grant, send, body)
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
		h.refuse(w, err)
	default:
		Created(w, h.Prefix+"/sessions/"+key, p, answer)
	}
}

// refuse answers what Refusal says, and anything else as our own failure.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	var known *Refusal
	if errors.As(err, &known) {
		http.Error(w, known.Text, known.Status)
		return
	}
	h.Log.Error("media session", "error", err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func (h *Handler) find(r *http.Request) *sfu.Participant {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sessions[r.PathValue("session")]
}

func (h *Handler) patch(w http.ResponseWriter, r *http.Request) {
	p := h.find(r)
	if p == nil {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	if err := Patch(w, r, p); err != nil {
		h.refuse(w, err)
	}
}

func random() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// join opens a session and answers its offer.
func (h *Handler) join(key string, g Grant, send bool, body string) (*sfu.Participant, string, error) {
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
		return nil, "", err
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
		return nil, "", err
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
	return p, answer, nil
}

func (h *Handler) end(w http.ResponseWriter, r *http.Request) {
	p := h.find(r)
	if p == nil {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	p.Leave()
	<-p.Done()
	w.WriteHeader(http.StatusOK)
}
