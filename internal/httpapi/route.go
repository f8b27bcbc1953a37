package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"nghisu/internal/access"
	"nghisu/internal/errs"
)

// Access says who may call a route at all. What the caller may do with the object behind it is
// decided by the feature.
type Access struct {
	kind  string
	roles []access.Role
}

// The access decisions a route can be registered with; Device is in whip.go, Role below.
var (
	Public   = Access{kind: "public"}    // anybody
	SignedIn = Access{kind: "signed_in"} // a session, even without an appointment or with a first password
	Acting   = Access{kind: "acting"}    // a person acting in an appointment, any role
)

// Role asks for one of the roles.
func Role(roles ...access.Role) Access { return Access{kind: "role", roles: roles} }

// check is the decision for the caller of one request.
func (x Access) check(c caller) error {
	if x.kind == "public" || x.kind == "device" { // of devices the token is asked for, by the handler
		return nil
	}
	if !c.signedIn {
		return errs.New(errs.Unauthenticated, "auth.sign_in_needed")
	}
	if x.kind == "signed_in" {
		return nil
	}
	if c.resolved.MustChange {
		return errs.New(errs.Forbidden, "auth.change_password_first")
	}
	if !c.resolved.HasAppointment {
		return errs.New(errs.Forbidden, "auth.choose_appointment_first")
	}
	if x.kind == "role" {
		return c.resolved.Actor.Need(x.roles...)
	}
	return nil
}

// Op describes one operation at registration.
type Op struct {
	ID      string // operation id, kebab-case, unique: "accept-delivery"
	Path    string // below /api/v1: "/deliveries/{delivery_id}/accept"
	Summary string
	Tag     string // feature
	Access  Access
	Free    bool  // POST that needs no Idempotency-Key (sign-in, sign-out)
	Status  int   // 200 when zero
	MaxBody int64 // bytes of JSON; 1 MiB when zero. For paths without parameters only
	Secret  bool  // the body holds a password. For paths without parameters only
}

// Route is a registered operation, for tests and documents.
type Route struct {
	Method  string
	Path    string // full path
	ID      string
	Access  Access
	Command bool // takes an Idempotency-Key
	Raw     bool // bytes instead of JSON
}

// Handler is the form of every JSON operation: the actor is a parameter, the zero Actor on public routes.
type Handler[I, O any] func(ctx context.Context, actor access.Actor, in *I) (*O, error)

// get, post, put and del register one JSON operation each.
func get[I, O any](a *API, op Op, h Handler[I, O])  { register(a, http.MethodGet, op, h) }
func post[I, O any](a *API, op Op, h Handler[I, O]) { register(a, http.MethodPost, op, h) }
func put[I, O any](a *API, op Op, h Handler[I, O])  { register(a, http.MethodPut, op, h) }
func del[I, O any](a *API, op Op, h Handler[I, O])  { register(a, http.MethodDelete, op, h) }

const prefix = "/api/v1"

func register[I, O any](a *API, method string, op Op, h Handler[I, O]) {
	command := method == http.MethodPost && !op.Free
	o := a.describe(method, op, command)
	o.Middlewares = huma.Middlewares{a.gate(op.Access, command)}
	a.routes = append(a.routes, Route{Method: method, Path: o.Path, ID: op.ID, Access: op.Access, Command: command})
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, callerOf(ctx).resolved.Actor, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

// describe makes the OpenAPI operation.
func (a *API) describe(method string, op Op, command bool) huma.Operation {
	o := huma.Operation{
		OperationID: op.ID, Method: method, Path: prefix + op.Path, Summary: op.Summary,
		Tags: []string{op.Tag}, DefaultStatus: op.Status, Errors: []int{http.StatusUnprocessableEntity},
	}
	if op.Access.kind != Public.kind {
		o.Errors = append(o.Errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	if op.MaxBody > 0 {
		o.MaxBodyBytes = op.MaxBody
		a.bodies[o.Path] = op.MaxBody
	}
	if op.Secret {
		a.secrets[o.Path] = true
	}
	if strings.Contains(op.Path, "{") {
		o.Errors = append(o.Errors, http.StatusNotFound)
	}
	if command {
		lo, hi := 8, 100
		o.Parameters = []*huma.Param{{Name: "Idempotency-Key", In: "header", Required: true,
			Description: "Unique per act of the user; a repeat returns the first answer.",
			Schema:      &huma.Schema{Type: "string", MinLength: &lo, MaxLength: &hi}}}
	}
	return o
}

// gate refuses callers without the right before the body is even read.
func (a *API) gate(x Access, command bool) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		err := x.check(callerOf(hc.Context()))
		if err == nil && command {
			err = checkKey(hc.Header("Idempotency-Key"))
		}
		if err != nil {
			a.writeProblemHuma(hc, err)
			return
		}
		next(hc)
	}
}

// RawHandler answers bytes; a returned error becomes a problem document when nothing was written yet.
type RawHandler func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// raw registers a handler of bytes (files, sockets) with its access decision. It appears in the
// OpenAPI document with an answer of the given content type.
func (a *API) raw(method string, op Op, contentType string, h RawHandler) {
	o := a.describe(method, op, false)
	for _, name := range pathParams(op.Path) {
		schema := &huma.Schema{Type: "string"}
		switch {
		case strings.HasSuffix(name, "_id"):
			schema.Format = "uuid"
		case len(name) == 1: // {n}, {p}: counted from 1
			least := 1.0
			schema = &huma.Schema{Type: "integer", Minimum: &least}
		}
		o.Parameters = append(o.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: schema})
	}
	o.Responses = map[string]*huma.Response{strconv.Itoa(max(op.Status, http.StatusOK)): {
		Description: "OK", Content: map[string]*huma.MediaType{contentType: {}}}}
	a.huma.OpenAPI().AddOperation(&o)
	a.routes = append(a.routes, Route{Method: method, Path: o.Path, ID: op.ID, Access: op.Access, Raw: true})
	a.router.MethodFunc(method, o.Path, func(w http.ResponseWriter, r *http.Request) {
		c := callerOf(r.Context())
		if err := op.Access.check(c); err != nil {
			a.writeProblem(w, r, err)
			return
		}
		if err := h(w, r, c.resolved.Actor); err != nil {
			a.writeProblem(w, r, err)
		}
	})
}

// pathParams lists the names in braces of a path.
func pathParams(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// IfMatch is embedded by inputs of versioned things.
type IfMatch struct {
	Match string `header:"If-Match" doc:"Version the caller has seen, in quotes"`
}

// Version is the version of the If-Match header; 0 when there is none.
func (m IfMatch) Version() int {
	v, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(m.Match, "W/"), `"`))
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// Page is embedded by inputs of lists.
type Page struct {
	After string `query:"after" maxLength:"300" doc:"Cursor of the last page"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// List is the answer of every list operation.
type List[T any] struct {
	Body ListBody[T]
}

// ListBody holds one page. Next is empty on the last one.
type ListBody[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"Cursor of the next page; empty on the last"`
}

// Answer wraps one JSON body.
type Answer[T any] struct{ Body T }

// answer makes the output of a handler from a body.
func answer[T any](body T) *Answer[T] { return &Answer[T]{Body: body} }

// list makes the output of a list handler.
func list[T any](items []T, next string) *List[T] {
	if items == nil {
		items = []T{}
	}
	return &List[T]{Body: ListBody[T]{Items: items, Next: next}}
}
