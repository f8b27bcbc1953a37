package whip

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/offer"
)

// Types of content.
const (
	TypeOffer    = "application/sdp"
	TypeFragment = "application/trickle-ice-sdpfrag"
)

// Refusal is a request that cannot be served, with the status that says why. Text is for the log and for
// callers that have no words of their own.
type Refusal struct {
	Status int
	Text   string
	Err    error
}

func (r *Refusal) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("%d %s: %v", r.Status, r.Text, r.Err)
	}
	return fmt.Sprintf("%d %s", r.Status, r.Text)
}

func (r *Refusal) Unwrap() error { return r.Err }

// Bearer is the token of a request; empty when there is none.
func Bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// ReadOffer reads the description of a POST.
func ReadOffer(w http.ResponseWriter, r *http.Request) (string, error) {
	if !accepts(r.Header.Values("Accept"), TypeOffer) {
		return "", &Refusal{Status: http.StatusNotAcceptable, Text: "the answer is " + TypeOffer}
	}
	w.Header().Set("Accept-Post", TypeOffer)
	return read(w, r, TypeOffer)
}

// ReadFragment reads the body of a PATCH.
func ReadFragment(w http.ResponseWriter, r *http.Request) (string, error) {
	w.Header().Set("Accept-Patch", TypeFragment)
	return read(w, r, TypeFragment)
}

func read(w http.ResponseWriter, r *http.Request, want string) (string, error) {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != want {
		return "", &Refusal{Status: http.StatusUnsupportedMediaType, Text: want + " is needed"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, offer.MaxLength))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", &Refusal{Status: http.StatusRequestEntityTooLarge, Text: "the description is too long"}
	case err != nil:
		return "", &Refusal{Status: http.StatusBadRequest, Text: "the body broke off", Err: err}
	}
	return string(body), nil
}

// accepts reports whether Accept headers allow a type. Weights do not matter: there is one answer only.
func accepts(headers []string, want string) bool {
	if len(headers) == 0 {
		return true
	}
	kind, _, _ := strings.Cut(want, "/")
	for _, h := range headers {
		for one := range strings.SplitSeq(h, ",") {
			t, params, err := mime.ParseMediaType(one)
			if q, bad := strconv.ParseFloat(params["q"], 64); err != nil || bad == nil && q == 0 {
				continue
			}
			if t == want || t == "*/*" || t == kind+"/*" {
				return true
			}
		}
	}
	return false
}

// Server is a relay that a client may use.
type Server struct {
	URLs                 []string
	Username, Credential string
}

// Links tells relays in the way of RFC 9725 section 4.6.
func Links(w http.ResponseWriter, servers []Server) {
	for _, s := range servers {
		for _, u := range s.URLs {
			link := fmt.Sprintf(`<%s>; rel="ice-server"`, u)
			if s.Username != "" {
				link += fmt.Sprintf(`; username=%q; credential=%q; credential-type="password"`, s.Username, s.Credential)
			}
			w.Header().Add("Link", link)
		}
	}
}

// Created answers an offer: the session is at location.
func Created(w http.ResponseWriter, location string, session Resource, answer string) {
	h := w.Header()
	h.Set("Content-Type", TypeOffer)
	h.Set("Location", location)
	h.Set("ETag", etag(session))
	h.Set("Accept-Patch", TypeFragment)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

// Resource is a session as PATCH sees it.
type Resource interface {
	// Entity changes with every ICE restart.
	Entity() string
	// Renew answers a fragment that restarts ICE; the answer is empty when nothing is to be said.
	Renew(fragment string) (answer string, err error)
}

func etag(r Resource) string { return `"` + r.Entity() + `"` }

// Patch works a PATCH of a session: addresses that come later (trickle ICE) are taken and not needed, a new
// user name restarts ICE. The request must name the session's state as RFC 9725 section 4.3.1 says.
func Patch(w http.ResponseWriter, r *http.Request, session Resource) error {
	match := r.Header.Get("If-Match")
	switch match {
	case "":
		return &Refusal{Status: http.StatusPreconditionRequired, Text: "If-Match is needed"}
	case "*", etag(session):
	default:
		return &Refusal{Status: http.StatusPreconditionFailed, Text: "the connection was begun anew since"}
	}
	fragment, err := ReadFragment(w, r)
	if err != nil {
		return err
	}
	answer, err := session.Renew(fragment)
	switch {
	case errors.Is(err, sfu.ErrBadDescription):
		return &Refusal{Status: http.StatusUnprocessableEntity, Text: "the fragment cannot be used", Err: err}
	case errors.Is(err, sfu.ErrClosed):
		return &Refusal{Status: http.StatusNotFound, Text: "no such session", Err: err}
	case err != nil:
		return err
	}
	w.Header().Set("ETag", etag(session))
	if answer == "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Content-Type", TypeFragment)
	_, _ = io.WriteString(w, answer)
	return nil
}
