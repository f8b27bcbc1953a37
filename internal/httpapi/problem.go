package httpapi

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"nghisu/internal/errs"
)

// Problem is a problem document (RFC 9457). It never carries a submitted value or an internal text.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title" doc:"What happened and what to do, in the caller's language"`
	Status int            `json:"status"`
	Code   string         `json:"code" doc:"Kind of the failure"`
	Key    string         `json:"key" doc:"Stable key of the message"`
	Trace  string         `json:"trace,omitempty" doc:"Number of the request, for whoever looks into it"`
	Errors []ProblemField `json:"errors,omitempty"`
	// Current is the state as it is now, when an older one was named.
	Current any `json:"current,omitempty"`
}

// ProblemField says what is wrong with one input.
type ProblemField struct {
	Path    string `json:"path"`
	Key     string `json:"key"`
	Message string `json:"message"`
}

// Error makes Problem an error.
func (p *Problem) Error() string { return p.Code + ": " + p.Key }

// GetStatus makes Problem what huma answers with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statuses = map[errs.Code]int{
	errs.Invalid: http.StatusUnprocessableEntity, errs.Unauthenticated: http.StatusUnauthorized,
	errs.Forbidden: http.StatusForbidden, errs.NotFound: http.StatusNotFound,
	errs.Conflict: http.StatusConflict, errs.Stale: http.StatusPreconditionFailed,
	errs.Gone: http.StatusGone, errs.TooLarge: http.StatusRequestEntityTooLarge,
	errs.Unsupported: http.StatusUnsupportedMediaType, errs.TooMany: http.StatusTooManyRequests,
	errs.Unavailable: http.StatusServiceUnavailable, errs.Internal: http.StatusInternalServerError,
}

// problem turns any error into the document for the caller, and notes the cause in the request event.
func (a *API) problem(ctx context.Context, err error) *Problem {
	event := eventOf(ctx)
	event.fail(err)
	var known *errs.Error
	if !errors.As(err, &known) {
		var ready *Problem
		if errors.As(err, &ready) {
			return ready
		}
		known = errs.Wrap(errs.Internal, "internal", err)
	}
	lang := callerOf(ctx).language
	p := &Problem{Type: "about:blank", Status: statuses[known.Code], Code: string(known.Code), Key: known.Key,
		Title: Message(lang, known.Key, known.Args), Trace: event.id, Current: known.Current}
	var as statusError
	if errors.As(err, &as) {
		p.Status = as.status
	}
	for _, f := range known.Fields {
		p.Errors = append(p.Errors, ProblemField{Path: f.Path, Key: f.Key, Message: Message(lang, f.Key, f.Args)})
	}
	return p
}

func (a *API) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	if eventOf(r.Context()).written() {
		eventOf(r.Context()).fail(err)
		return // the answer is on its way already
	}
	p := a.problem(r.Context(), err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func (a *API) writeProblemHuma(hc huma.Context, err error) {
	p := a.problem(hc.Context(), err)
	hc.SetHeader("Content-Type", "application/problem+json")
	hc.SetStatus(p.Status)
	_ = json.NewEncoder(hc.BodyWriter()).Encode(p)
}

// huma reports errors of form (wrong type, missing field) through these two package variables; ours
// drop the submitted value and speak the caller's language. Set once, before any API exists.
func init() {
	huma.NewErrorWithContext = func(hc huma.Context, status int, _ string, causes ...error) huma.StatusError {
		lang := "vi"
		trace := ""
		if hc != nil {
			lang, trace = callerOf(hc.Context()).language, eventOf(hc.Context()).id
		}
		return formProblem(lang, trace, status, causes)
	}
	huma.NewError = func(status int, _ string, causes ...error) huma.StatusError {
		return formProblem("vi", "", status, causes)
	}
}

func formProblem(lang, trace string, status int, causes []error) *Problem {
	for _, c := range causes {
		var ready *Problem
		if errors.As(c, &ready) {
			return ready
		}
	}
	code, key := errs.Invalid, "request.invalid"
	switch status {
	case http.StatusRequestEntityTooLarge:
		code, key = errs.TooLarge, "request.too_large"
	case http.StatusUnsupportedMediaType:
		code, key = errs.Unsupported, "request.unsupported"
	case http.StatusNotAcceptable, http.StatusRequestTimeout, http.StatusBadRequest, http.StatusUnprocessableEntity:
	default:
		if status >= 500 {
			code, key = errs.Internal, "internal"
		}
	}
	p := &Problem{Type: "about:blank", Status: status, Code: string(code), Key: key, Title: Message(lang, key, nil), Trace: trace}
	for _, c := range causes {
		var d *huma.ErrorDetail
		if errors.As(c, &d) {
			fieldKey := formKey(d.Message)
			p.Errors = append(p.Errors, ProblemField{Path: fieldPath(d), Key: fieldKey, Message: Message(lang, fieldKey, nil)})
		}
	}
	slices.SortFunc(p.Errors, func(a, b ProblemField) int { return strings.Compare(a.Path, b.Path) })
	return p
}

var missingField = regexp.MustCompile(`required property (\S+) to be present`)

// fieldPath is the JSON path of the wrong field; of the missing one where one is missing.
func fieldPath(d *huma.ErrorDetail) string {
	path := d.Location
	if m := missingField.FindStringSubmatch(d.Message); m != nil {
		path += "." + m[1]
	}
	return strings.TrimPrefix(path, "body.")
}

// formKey maps huma's English texts onto our keys.
func formKey(text string) string {
	switch {
	case strings.Contains(text, "required"):
		return "field.required"
	case strings.Contains(text, "unexpected property"):
		return "field.unknown"
	case strings.Contains(text, "length <="), strings.Contains(text, "number <="), strings.Contains(text, "items count <="), strings.Contains(text, "array length <="):
		return "field.too_long"
	case strings.Contains(text, "length >="), strings.Contains(text, "number >="), strings.Contains(text, "array length >="):
		return "field.too_short"
	case strings.Contains(text, "one of"):
		return "field.not_allowed"
	}
	return "field.wrong_form"
}

//go:embed messages/*.json
var messageFiles embed.FS

var messages = map[string]map[string]string{"vi": readMessages("vi"), "en": readMessages("en")}

func readMessages(lang string) map[string]string {
	body, err := messageFiles.ReadFile("messages/" + lang + ".json")
	if err != nil {
		panic(err) // embedded at build time
	}
	m := map[string]string{}
	if err := json.Unmarshal(body, &m); err != nil {
		panic(fmt.Errorf("messages/%s.json: %w", lang, err)) // checked by a test
	}
	return m
}

// Message is the text of a key in the language, with {name} places filled. An unknown key reads as
// the text of "internal", so that no key ever reaches a person.
func Message(lang, key string, args map[string]any) string {
	text, ok := messages[lang][key]
	if !ok {
		text = messages[lang]["internal"]
	}
	for name, value := range args {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
	}
	return text
}
