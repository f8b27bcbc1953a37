package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"

	"nghisu/internal/errs"
)

// requestEvent is the one wide log line of a request. Handlers add to it; it is written once, at the end.
// It holds ids and outcomes, no names, no content, no secrets. Owned by the request's goroutine.
type requestEvent struct {
	id     string
	attrs  []slog.Attr
	err    error
	writer middleware.WrapResponseWriter
}

type eventKey struct{}

func eventOf(ctx context.Context) *requestEvent {
	if e, ok := ctx.Value(eventKey{}).(*requestEvent); ok {
		return e
	}
	return &requestEvent{}
}

func (e *requestEvent) add(attrs ...slog.Attr) { e.attrs = append(e.attrs, attrs...) }
func (e *requestEvent) fail(err error)         { e.err = err }
func (e *requestEvent) written() bool          { return e.writer != nil && e.writer.Status() != 0 }

func (e *requestEvent) setCaller(c caller) {
	e.add(slog.String("address", c.address))
	if c.signedIn {
		e.add(slog.String("person", c.resolved.Actor.Person.String()),
			slog.String("appointment", c.resolved.Actor.Appointment.String()),
			slog.String("agency", c.resolved.Actor.Agency.String()))
	}
}

// requestEvent opens the event of a request and writes it when the request is over.
func (a *API) requestEvent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		e := &requestEvent{id: uuid.Must(uuid.NewV7()).String(), writer: ww}
		r = r.WithContext(context.WithValue(r.Context(), eventKey{}, e))
		defer func() { a.logRequest(r, e, ww, time.Since(began)) }()
		next.ServeHTTP(ww, r)
	})
}

func (a *API) logRequest(r *http.Request, e *requestEvent, ww middleware.WrapResponseWriter, took time.Duration) {
	route := chi.RouteContext(r.Context()).RoutePattern()
	if !strings.HasPrefix(route, prefix) && e.err == nil {
		return // pages and their parts
	}
	level := slog.LevelInfo
	switch {
	case errors.Is(e.err, context.Canceled) && r.Context().Err() != nil: // the browser went away: nobody's fault
	case e.err != nil && errs.CodeOf(e.err) == errs.Internal:
		level = slog.LevelError
	case took > time.Second && !strings.HasSuffix(route, "/live"):
		level = slog.LevelWarn
	}
	e.add(slog.String("id", e.id), slog.String("method", r.Method), slog.String("route", route),
		slog.Int("status", ww.Status()), slog.Int("bytes", ww.BytesWritten()), slog.Duration("took", took))
	if e.err != nil {
		e.add(slog.String("error", e.err.Error()))
	}
	a.Log.LogAttrs(r.Context(), level, "request", e.attrs...)
}

// recoverPanic turns a panic of a handler into an internal error, or cuts an answer that has begun; the
// process lives on.
func (a *API) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // sentinel of net/http
				panic(v)
			}
			a.Log.ErrorContext(r.Context(), "panic", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			begun := eventOf(r.Context()).written()
			a.writeProblem(w, r, fmt.Errorf("panic: %v", v))
			if begun {
				panic(http.ErrAbortHandler) // cut, so that half an answer does not read like a whole one
			}
		}()
		next.ServeHTTP(w, r)
	})
}
