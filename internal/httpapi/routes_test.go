package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres/pgtest"
)

// fakeSessions lets a test call as anybody: the token is the key.
type fakeSessions map[string]auth.Resolved

func (f fakeSessions) Resolve(_ context.Context, token string) (auth.Resolved, error) {
	if r, ok := f[token]; ok {
		return r, nil
	}
	return auth.Resolved{}, errs.New(errs.Unauthenticated, "auth.sign_in_needed")
}

// openToOthers are routes with an object in their path that people of other agencies may call, with the reason.
var openToOthers = map[string]string{
	"get-agency": "who exists in the city is known to all of it",
}

// agencyWide are the roles an agency can hold on its own.
var agencyWide = []access.Role{access.Leader, access.Clerk, access.Secretary, access.Specialist, access.AgencyAdmin}

// Every route is called as nobody, with each role that is too small, and as another agency with
// every right there; a new route is covered without a line here.
func TestRoutes_refuseWhoMayNot(t *testing.T) {
	db := pgtest.New(t)
	f := makeFixture(t, db)
	sessions := fakeSessions{}
	api := apiUnderTest(t, db, sessions)
	for _, route := range api.Routes() {
		t.Run(route.ID, func(t *testing.T) {
			c := caseOf{t: t, api: api, route: route, f: f, sessions: sessions}
			c.anonymous()
			c.smallRoles()
			c.otherAgency()
		})
	}
	f.unchanged(t)
	for _, route := range api.Routes() {
		t.Run("own "+route.ID, func(t *testing.T) {
			caseOf{t: t, api: api, route: route, f: f, sessions: sessions}.ownAgency()
		})
	}
}

type caseOf struct {
	t        *testing.T
	api      *API
	route    Route
	f        *fixture
	sessions fakeSessions
}

func (c caseOf) anonymous() {
	c.t.Helper()
	w := c.call("")
	if c.route.Access.kind == "public" {
		if w.Code == http.StatusUnauthorized && c.route.ID != "sign-in" {
			c.t.Errorf("public route refuses nobody: %d %s", w.Code, w.Body)
		}
		return
	}
	if w.Code != http.StatusUnauthorized {
		c.t.Errorf("anonymous caller got %d: %s", w.Code, w.Body)
	}
}

// smallRoles calls with each role that is not enough, with a first password, and without an appointment.
func (c caseOf) smallRoles() {
	c.t.Helper()
	if c.route.Access.kind == "public" || c.route.Access.kind == "signed_in" {
		return
	}
	if c.route.Access.kind == Device.kind { // every cookie is one too little
		c.sessions["every"] = auth.Resolved{Actor: c.f.actorA(access.Roles...), HasAppointment: true}
		if w := c.call("every"); w.Code != http.StatusUnauthorized {
			c.t.Errorf("a person without a device's token got %d: %s", w.Code, w.Body)
		}
		return
	}
	c.sessions["first"] = auth.Resolved{Actor: c.f.actorA(access.Roles...), HasAppointment: true, MustChange: true}
	c.sessions["none"] = auth.Resolved{Actor: access.Actor{Person: c.f.personA}}
	for _, token := range []string{"first", "none"} {
		if w := c.call(token); w.Code != http.StatusForbidden {
			c.t.Errorf("%s: got %d: %s", token, w.Code, w.Body)
		}
	}
	for _, role := range access.Roles {
		if c.route.Access.kind != "role" || slices.Contains(c.route.Access.roles, role) {
			continue
		}
		c.sessions["small"] = auth.Resolved{Actor: c.f.actorA(role), HasAppointment: true}
		if w := c.call("small"); w.Code != http.StatusForbidden {
			c.t.Errorf("role %s got %d: %s", role, w.Code, w.Body)
		}
	}
}

// otherAgency calls with every right in another agency on things of the first, and looks for them in lists.
func (c caseOf) otherAgency() {
	c.t.Helper()
	if c.route.Access.kind == "public" || c.route.Access.kind == Device.kind || c.route.ID == "live" {
		return
	}
	c.sessions["other"] = auth.Resolved{Actor: c.f.actorB(agencyWide...), HasAppointment: true}
	params := pathParams(c.route.Path)
	if len(params) == 0 {
		if c.route.Method != http.MethodGet {
			return
		}
		w := c.call("other")
		for name, secret := range c.f.secrets {
			if strings.Contains(w.Body.String(), secret) {
				c.t.Errorf("another agency's list shows %s", name)
			}
		}
		return
	}
	if _, open := openToOthers[c.route.ID]; open {
		return
	}
	if c.route.Access.kind == "role" && !slices.ContainsFunc(c.route.Access.roles, func(r access.Role) bool { return slices.Contains(agencyWide, r) }) {
		return // only the system's own roles may call it
	}
	if w := c.call("other"); w.Code != http.StatusNotFound {
		c.t.Errorf("another agency got %d: %s", w.Code, w.Body)
	}
}

// ownAgency reads as somebody who may: it proves that the refusals above were not of a thing that nobody finds.
func (c caseOf) ownAgency() {
	c.t.Helper()
	if c.route.Method != http.MethodGet || c.route.Raw || len(pathParams(c.route.Path)) == 0 {
		return
	}
	c.sessions["own"] = auth.Resolved{Actor: c.f.actorA(access.Roles...), HasAppointment: true}
	if w := c.call("own"); w.Code != http.StatusOK {
		c.t.Errorf("own agency got %d: %s", w.Code, w.Body)
	}
}

// call sends a well-formed request to the route, with things of agency A in its path.
func (c caseOf) call(token string) *httptest.ResponseRecorder {
	c.t.Helper()
	path := c.route.Path
	for _, name := range pathParams(path) {
		value, ok := c.f.params[name]
		if !ok {
			c.t.Fatalf("the fixture has nothing for {%s}: add it to makeFixture", name)
		}
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	var body []byte
	op := operation(c.api.huma.OpenAPI(), c.route.Method, c.route.Path)
	if op.RequestBody != nil {
		for _, media := range op.RequestBody.Content {
			body = encode(c.t, c.example(media.Schema, ""))
		}
	}
	r := httptest.NewRequestWithContext(c.t.Context(), c.route.Method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "en")
	if c.route.Command {
		r.Header.Set("Idempotency-Key", id.New[id.Event]().String())
	}
	if c.route.ID == "put-upload-content" {
		r.Header.Set("Upload-Offset", "0")
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: SessionCookie, Value: token})
	}
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	return w
}

func operation(doc *huma.OpenAPI, method, path string) *huma.Operation {
	item := doc.Paths[path]
	return map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete,
		http.MethodPatch: item.Patch, http.MethodOptions: item.Options}[method]
}

// examples are values for fields whose form the schema does not tell.
var examples = map[string]any{
	"symbol": "QĐ-UBND", "number": "07", "code": "H77.99", "type_code": "QĐ", "level_code": "city", "username": "khach_moi",
	"digital_identity": "079000000001", "current_password": "x", "new_password": "x", "password": "x", "email": "a@example.vn",
	"phone": "0236000000", "csv": "a,b", "kind": "agencies", "roles": []any{"specialist"}, "size": 10, "name": "a.pdf", "issued_on": "2026-11-20",
	"on": "2026-12-01", "valid_from": "2026-01-01", "starts_at": "2026-12-01T08:00:00Z", "ends_at": "2026-12-01T10:00:00Z",
}

// example makes a value that fits the schema.
func (c caseOf) example(s *huma.Schema, name string) any {
	if s.Ref != "" {
		s = c.api.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	if v, ok := examples[name]; ok {
		return v
	}
	switch {
	case s.Format == "uuid":
		if v, ok := c.f.params[name]; ok {
			return v
		}
		return c.f.params["appointment_id"]
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		object := map[string]any{}
		for field, schema := range s.Properties {
			if slices.Contains(s.Required, field) {
				object[field] = c.example(schema, field)
			}
		}
		return object
	case huma.TypeArray:
		if s.MinItems == nil || *s.MinItems == 0 {
			return []any{}
		}
		return []any{c.example(s.Items, strings.TrimSuffix(name, "s"))}
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case huma.TypeBoolean:
		return false
	}
	if s.Format == "date-time" {
		return "2026-12-01T08:00:00Z"
	}
	if s.Format == "date" {
		return "2026-12-01"
	}
	return "văn bản"
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Every route is in the OpenAPI document, under a unique id.
func TestRoutes_areAllDocumented(t *testing.T) {
	api := New(Deps{Version: "1"})
	seen := map[string]bool{}
	for _, r := range api.Routes() {
		if seen[r.ID] {
			t.Errorf("operation id %s is used twice", r.ID)
		}
		seen[r.ID] = true
		op := operation(api.huma.OpenAPI(), r.Method, r.Path)
		if op == nil {
			t.Errorf("%s %s is not documented", r.Method, r.Path)
			continue
		}
		// huma reads a parameter only when the input struct declares it, exported all the way down.
		for _, name := range pathParams(r.Path) {
			if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == name }) {
				t.Errorf("%s %s never reads {%s}", r.Method, r.Path, name)
			}
		}
	}
	for path, item := range api.huma.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete,
			"PATCH": item.Patch, "OPTIONS": item.Options} {
			if op != nil && !slices.ContainsFunc(api.Routes(), func(r Route) bool { return r.Method == method && r.Path == path }) {
				t.Errorf("%s %s has no access decision", method, path)
			}
		}
	}
	if n := len(api.Routes()); n < 60 {
		t.Errorf("only %d routes", n)
	}
}

func (f *fixture) String() string { return fmt.Sprint(f.params) }
