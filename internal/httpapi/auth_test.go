package httpapi

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/internal/org/orgtest"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// bureau is the API with real sessions and two agencies.
type bureau struct {
	t        *testing.T
	db       *postgres.DB
	api      *API
	accounts *auth.Service
	finance  id.Agency
	other    id.Agency
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	o := &bureau{t: t, db: pgtest.New(t)}
	log, feed := slog.New(slog.DiscardHandler), live.NewFeed()
	var err error
	o.accounts, err = auth.New(auth.Deps{DB: o.db, Feed: feed, Log: log, Hash: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	o.must(err)
	o.api = New(Deps{DB: o.db, Log: log, Now: postgres.Now, Version: "test", Hub: live.NewHub(), Sessions: o.accounts, Accounts: o.accounts,
		Org: org.New(org.Deps{DB: o.db, Accounts: o.accounts, Feed: feed})})
	o.finance, o.other = orgtest.Agency(t, o.db, "H77.1", "Sở Tài chính"), orgtest.Agency(t, o.db, "H77.2", "Sở Y tế")
	return o
}

func (o *bureau) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// account opens an account and returns its first password.
func (o *bureau) account(a access.Actor, username string) string {
	o.t.Helper()
	password := ""
	o.must(postgres.InTx(o.t.Context(), o.db, func(tx *postgres.Tx) error {
		var err error
		password, err = o.accounts.Open(o.t.Context(), tx, a.Person, username, a.Name, true)
		return err
	}))
	return password
}

// ask is one request and its answer.
type ask struct {
	method, path, body, cookie, key, match, language, base string
}

func (o *bureau) send(a ask) *httptest.ResponseRecorder {
	o.t.Helper()
	if a.base == "" {
		a.base = "http://localhost:8080"
	}
	r := httptest.NewRequestWithContext(o.t.Context(), a.method, a.base+"/api/v1"+a.path, strings.NewReader(a.body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", a.language)
	if a.key != "" {
		r.Header.Set("Idempotency-Key", a.key)
	}
	if a.match != "" {
		r.Header.Set("If-Match", a.match)
	}
	if a.cookie != "" {
		r.AddCookie(&http.Cookie{Name: SessionCookie, Value: a.cookie})
	}
	w := httptest.NewRecorder()
	o.api.ServeHTTP(w, r)
	return w
}

func (o *bureau) want(w *httptest.ResponseRecorder, status int, parts ...string) {
	o.t.Helper()
	if w.Code != status {
		o.t.Fatalf("got %d, want %d: %s", w.Code, status, w.Body)
	}
	for _, p := range parts {
		if !strings.Contains(w.Body.String(), p) {
			o.t.Errorf("%q is not in %s", p, w.Body)
		}
	}
}

func (o *bureau) signIn(username, password string) string {
	o.t.Helper()
	w := o.send(ask{method: "POST", path: "/sign-in", body: credentials(username, password)})
	o.want(w, http.StatusOK)
	return w.Result().Cookies()[0].Value
}

func credentials(username, password string) string {
	b, _ := json.Marshal(map[string]string{"username": username, "password": password})
	return string(b)
}

func passwords(current, next string) string {
	b, _ := json.Marshal(map[string]string{"current_password": current, "new_password": next})
	return string(b)
}

const testPassword = "Tram-Nam-7-Que"

func TestSignIn_cookie(t *testing.T) {
	o := newBureau(t)
	first := o.account(orgtest.Person(t, o.db, o.finance, "Đỗ Thị Lan Anh", access.Clerk), "lananh")
	w := o.send(ask{method: "POST", path: "/sign-in", body: credentials("lananh", first)})
	o.want(w, http.StatusOK, `"next":"change_password"`)
	c := w.Result().Cookies()[0]
	if c.Name != SessionCookie || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge <= 0 {
		t.Errorf("cookie %+v", c)
	}
	if strings.Contains(w.Body.String(), c.Value) {
		t.Error("the token is in the body")
	}
	w = o.send(ask{method: "POST", path: "/sign-in", body: credentials("lananh", first), base: "https://hop.tangiang.example"})
	if c := w.Result().Cookies()[0]; !c.Secure {
		t.Error("not Secure over HTTPS")
	}
	w = o.send(ask{method: "POST", path: "/sign-in", body: `{"username":"lananh","password":"` + first + `","shared_computer":true}`})
	if c := w.Result().Cookies()[0]; c.MaxAge != 0 {
		t.Error("on a shared computer the cookie outlives the browser")
	}
	w = o.send(ask{method: "POST", path: "/sign-in", body: credentials("lananh", first), base: "http://10.0.0.5:8080", language: "en"})
	o.want(w, http.StatusForbidden, "auth.https_needed", "HTTPS")
	w = o.send(ask{method: "GET", path: "/installation", base: "http://10.0.0.5:8080"})
	o.want(w, http.StatusOK, `"secure_context_hint":true`, `"demo_accounts":[]`)
}

// An unknown name and a wrong password get the same answer, in the caller's language.
func TestSignIn_tellsNothing(t *testing.T) {
	o := newBureau(t)
	o.account(orgtest.Person(t, o.db, o.finance, "Đỗ Thị Lan Anh", access.Clerk), "lananh")
	answers := map[string]string{}
	for _, name := range []string{"lananh", "nobody"} {
		w := o.send(ask{method: "POST", path: "/sign-in", body: credentials(name, "wrong")})
		o.want(w, http.StatusUnauthorized, "auth.wrong_credentials", "không đúng")
		var p map[string]any
		o.must(json.Unmarshal(w.Body.Bytes(), &p))
		delete(p, "trace")
		b, _ := json.Marshal(p)
		answers[name] = string(b)
		if len(w.Result().Cookies()) != 0 {
			t.Error("a cookie for a wrong password")
		}
	}
	if answers["lananh"] != answers["nobody"] {
		t.Errorf("%s differs from %s", answers["lananh"], answers["nobody"])
	}
}

func TestFirstPassword_mustBeChangedFirst(t *testing.T) {
	o := newBureau(t)
	first := o.account(orgtest.Person(t, o.db, o.finance, "Đỗ Thị Lan Anh", access.Clerk), "lananh")
	cookie := o.signIn("lananh", first)
	o.want(o.send(ask{method: "GET", path: "/me", cookie: cookie}), http.StatusOK, `"must_change_password":true`)
	o.want(o.send(ask{method: "GET", path: "/agencies", cookie: cookie}), http.StatusForbidden, "auth.change_password_first")
	o.want(o.send(ask{method: "POST", path: "/me/password", cookie: cookie, key: "password-01", body: passwords(first, "Lananh12"), language: "en"}),
		http.StatusUnprocessableEntity, "auth.password_short", "auth.password_needs_other", "auth.password_has_name", "at least 14")
	change := ask{method: "POST", path: "/me/password", cookie: cookie, key: "password-02", body: passwords(first, testPassword)}
	o.want(o.send(change), http.StatusNoContent)
	o.want(o.send(change), http.StatusNoContent) // a repeat is the same act
	o.want(o.send(ask{method: "GET", path: "/agencies?q=tai%20chinh", cookie: cookie}), http.StatusOK, "Sở Tài chính", `"people_count":1`)
	n := 0
	o.must(o.db.QueryRow(t.Context(), `select count(distinct fingerprint) from idempotency_keys`).Scan(&n))
	if n != 1 {
		t.Error("what is kept of a password's command depends on the password")
	}
	o.want(o.send(ask{method: "POST", path: "/step-up", cookie: cookie, body: `{"password":"wrong"}`}), http.StatusUnprocessableEntity, `"path":"password"`)
	o.want(o.send(ask{method: "POST", path: "/step-up", cookie: cookie, body: `{"password":"` + testPassword + `"}`}), http.StatusOK, "until")
	o.want(o.send(ask{method: "POST", path: "/sign-out", cookie: cookie}), http.StatusNoContent)
	o.want(o.send(ask{method: "GET", path: "/me", cookie: cookie}), http.StatusUnauthorized, "auth.sign_in_needed")
}

func TestPeople_overHTTP(t *testing.T) {
	o := newBureau(t)
	admin := orgtest.Person(t, o.db, o.finance, "Quản Trị Sở", access.AgencyAdmin)
	first := o.account(admin, "quantri")
	cookie := o.signIn("quantri", first)
	o.want(o.send(ask{method: "POST", path: "/me/password", cookie: cookie, key: "password-01", body: passwords(first, testPassword)}), http.StatusNoContent)
	person := `{"full_name":"Trịnh Thu Phương","digital_identity":"077190000001","username":"phuong","position":"Chuyên viên","roles":["specialist"]}`
	path := "/agencies/" + o.finance.String() + "/people"
	add := ask{method: "POST", path: path, cookie: cookie, key: "add-phuong", body: person}
	w := o.send(add)
	o.want(w, http.StatusOK, `"account_state":"first_password"`)
	var created PersonCreated
	o.must(json.Unmarshal(w.Body.Bytes(), &created))
	o.want(o.send(add), http.StatusOK, created.Member.Person.ID.String(), `"temporary_password":""`)
	o.want(o.send(ask{method: "POST", path: "/agencies/" + o.other.String() + "/people", cookie: cookie, key: "add-other", body: person}), http.StatusNotFound)
	higher := strings.Replace(person, `"specialist"`, `"system_admin"`, 1)
	o.want(o.send(ask{method: "POST", path: path, cookie: cookie, key: "add-higher", body: higher}), http.StatusForbidden, "org.role_above_own")
	o.want(o.send(ask{method: "POST", path: path, cookie: cookie, body: person}), http.StatusUnprocessableEntity, "request.key_needed")

	change := ask{method: "PUT", path: "/people/" + created.Member.Person.ID.String(), cookie: cookie, match: `"1"`,
		body: `{"full_name":"Trịnh Thu Phượng","digital_identity":"077190000001"}`}
	o.want(o.send(change), http.StatusOK, `"version":2`)
	o.want(o.send(change), http.StatusPreconditionFailed, "request.stale", `"current":{`, "Trịnh Thu Phượng")
	o.want(o.send(ask{method: "POST", path: "/people/" + created.Member.Person.ID.String() + "/disable", cookie: cookie, key: "disable-1"}), http.StatusNoContent)
	o.want(o.send(ask{method: "POST", path: "/sign-in", body: credentials("phuong", created.TemporaryPassword)}), http.StatusForbidden, "auth.account_disabled")
	o.want(o.send(ask{method: "POST", path: "/org/import", cookie: cookie, key: "import-01", body: `{"kind":"people","csv":"a","dry_run":true}`}), http.StatusForbidden, "access.role_missing")
}

func TestImport_overHTTP(t *testing.T) {
	o := newBureau(t)
	first := o.account(orgtest.Person(t, o.db, o.finance, "Hệ Thống", access.SystemAdmin), "hethong")
	cookie := o.signIn("hethong", first)
	o.want(o.send(ask{method: "POST", path: "/me/password", cookie: cookie, key: "password-01", body: passwords(first, testPassword)}), http.StatusNoContent)
	importOf := func(key, csv string, dry bool) ask {
		b, _ := json.Marshal(map[string]any{"kind": "agencies", "csv": csv, "dry_run": dry})
		return ask{method: "POST", path: "/org/import", cookie: cookie, key: key, body: string(b), language: "en"}
	}
	o.want(o.send(importOf("import-01", "code,name,level\nH77.5,Sở Nội vụ,department\nx y,,nowhere\n", true)), http.StatusOK,
		`"applied":false`, `"row":3`, `"column":"level"`, "There is no such level")
	large := "code,name,level\n" + strings.Repeat(",,\n", 1_000_000) + "H77.5,Sở Nội vụ,department\n"
	o.want(o.send(importOf("import-02", large, false)), http.StatusOK, `"added":1`, `"applied":true`)
	o.want(o.send(importOf("import-03", large+strings.Repeat(" ", 3<<20), false)), http.StatusRequestEntityTooLarge, "import.too_large")
}
