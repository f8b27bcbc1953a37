// Package csctest is a signing service that speaks the CSC API v2, for tests: it binds consent to hashes
// (SCAL2), lets authorizations expire and be used once, and can be slow, silent or away. Tests only.
package csctest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// ClientID and Secret are those of the installation under test.
const (
	ClientID = "nghisu"
	Secret   = "bí mật của máy chủ"
)

// Credential is a key at the service.
type Credential struct {
	Key    crypto.Signer
	Certs  []*x509.Certificate
	Mode   string // oauth2code, implicit, explicit
	Phone  bool   // implicit, and the person agrees on the phone: see Agree
	Most   int    // multisign; 0 says nothing
	Status string // of the key; "" is enabled
	Raw    bool   // ECDSA values as two numbers
}

// Server is the service. Fields are changed with Do only.
type Server struct {
	URL         string
	Credentials map[string]*Credential
	Async       bool          // signHash answers with a name to ask for the values
	Life        time.Duration // of authorizations
	Away        bool          // answers 503 to everything
	Before      func(path string, w http.ResponseWriter) (handled bool)
	After       func(path string) // when the work is done and before the answer leaves

	mu     sync.Mutex
	http   *httptest.Server
	tokens map[string]bool
	codes  map[string]grant
	sads   map[string]grant
	phones map[string]*grant
	ready  map[string][][]byte
	Signed map[string]int // how often a hash was signed, by credential and base64
	Calls  map[string]int // by path
	User   string         // the last userID that was listed
}

// grant is what a person agreed to.
type grant struct {
	credential, challenge, redirect string
	hashes                          []string
	until                           time.Time
	sad                             string
}

// New starts a service without credentials.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{Credentials: map[string]*Credential{}, Life: time.Minute, tokens: map[string]bool{}, codes: map[string]grant{}, sads: map[string]grant{},
		phones: map[string]*grant{}, ready: map[string][][]byte{}, Signed: map[string]int{}, Calls: map[string]int{}}
	mux := http.NewServeMux()
	for path, h := range map[string]func(map[string]any) (any, *refusal){
		"/info": s.info, "/credentials/list": s.list, "/credentials/info": s.credential, "/credentials/authorize": s.authorize,
		"/credentials/authorizeCheck": s.authorizeCheck, "/signatures/signHash": s.signHash, "/signatures/signPolling": s.signPolling,
	} {
		mux.HandleFunc("POST /csc/v2"+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, path, h) })
	}
	mux.HandleFunc("POST /csc/v2/oauth2/token", s.token)
	s.http = httptest.NewServer(mux)
	t.Cleanup(s.http.Close)
	s.URL = s.http.URL + "/csc/v2"
	return s
}

// Do changes the service.
func (s *Server) Do(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// Count is how often a path was called.
func (s *Server) Count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Calls[path]
}

// MostSigned is how often the hash was signed that was signed most often.
func (s *Server) MostSigned() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := 0
	for _, n := range s.Signed {
		most = max(most, n)
	}
	return most
}

// ForgetTokens makes the access tokens that were given out invalid.
func (s *Server) ForgetTokens() { s.Do(func() { clear(s.tokens) }) }

// refusal is an error in the form of the API.
type refusal struct {
	status int
	code   string
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, h func(map[string]any) (any, *refusal)) {
	s.mu.Lock()
	s.Calls[path]++
	before, after := s.Before, s.After
	away := s.Away
	s.mu.Unlock()
	if away {
		http.Error(w, "bảo trì", http.StatusServiceUnavailable)
		return
	}
	if before != nil && before(path, w) {
		return
	}
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, &refusal{400, "invalid_request"})
		return
	}
	s.mu.Lock()
	var out any
	bad := &refusal{401, "invalid_token"}
	if path == "/info" || s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
		out, bad = h(in)
	}
	s.mu.Unlock()
	if after != nil {
		after(path)
	}
	if bad != nil {
		refuse(w, bad)
		return
	}
	_ = json.NewEncoder(w).Encode(out)
}

func refuse(w http.ResponseWriter, bad *refusal) {
	w.WriteHeader(bad.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": bad.code, "error_description": "no"})
}

func (s *Server) info(map[string]any) (any, *refusal) {
	methods := []string{"credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"}
	if s.Async {
		methods = append(methods, "signatures/signPolling")
	}
	return map[string]any{"specs": "2.0.0.2", "name": "Dịch vụ ký thử", "oauth2": s.URL, "methods": methods}, nil
}

func (s *Server) list(in map[string]any) (any, *refusal) {
	s.User, _ = in["userID"].(string)
	var ids []string
	for name := range s.Credentials {
		ids = append(ids, name)
	}
	slices.Sort(ids)
	return map[string]any{"credentialIDs": ids}, nil
}

func (s *Server) credential(in map[string]any) (any, *refusal) {
	name, _ := in["credentialID"].(string)
	c, ok := s.Credentials[name]
	if !ok {
		return nil, &refusal{400, "invalid_request"}
	}
	var ders [][]byte
	for _, x := range c.Certs {
		ders = append(ders, x.Raw)
	}
	status := c.Status
	if status == "" {
		status = "enabled"
	}
	out := map[string]any{"key": map[string]any{"status": status, "algo": []string{"1.2.840.113549.1.1.1", "1.2.840.10045.2.1"}},
		"cert": map[string]any{"status": "valid", "certificates": ders}, "auth": map[string]any{"mode": c.Mode}, "SCAL": "2"}
	if c.Most > 0 {
		out["multisign"] = c.Most
	}
	return out, nil
}

func texts(in map[string]any, name string) []string {
	list, _ := in[name].([]any)
	out := make([]string, 0, len(list))
	for _, x := range list {
		text, _ := x.(string)
		out = append(out, text)
	}
	return out
}

func (s *Server) authorize(in map[string]any) (any, *refusal) {
	name, _ := in["credentialID"].(string)
	c, ok := s.Credentials[name]
	g := grant{credential: name, hashes: texts(in, "hashes"), until: time.Now().Add(s.Life)}
	if n, _ := in["numSignatures"].(float64); !ok || c.Mode != "implicit" || len(g.hashes) == 0 || int(n) != len(g.hashes) {
		return nil, &refusal{400, "invalid_request"}
	}
	if c.Phone {
		handle := rand.Text()
		s.phones[handle] = &g
		return map[string]any{"handle": handle}, nil
	}
	return s.give(g), nil
}

func (s *Server) give(g grant) map[string]any {
	sad := rand.Text()
	s.sads[sad] = g
	return map[string]any{"SAD": sad, "expiresIn": max(1, int(s.Life.Seconds()))}
}

// AgreeOnPhone lets the person agree to everything that waits.
func (s *Server) AgreeOnPhone() {
	s.Do(func() {
		for _, g := range s.phones {
			g.sad = "yes"
		}
	})
}

// DenyOnPhone lets the person refuse.
func (s *Server) DenyOnPhone() {
	s.Do(func() {
		for _, g := range s.phones {
			g.sad = "no"
		}
	})
}

func (s *Server) authorizeCheck(in map[string]any) (any, *refusal) {
	handle, _ := in["handle"].(string)
	g, ok := s.phones[handle]
	switch {
	case !ok:
		return nil, &refusal{400, "invalid_request"}
	case g.sad == "yes":
		g.until = time.Now().Add(s.Life)
		return s.give(*g), nil
	case g.sad == "no":
		return nil, &refusal{400, "access_denied"}
	}
	return map[string]any{}, nil
}

// signHash signs exactly what was agreed to, once.
func (s *Server) signHash(in map[string]any) (any, *refusal) {
	sad, _ := in["SAD"].(string)
	name, _ := in["credentialID"].(string)
	g, ok := s.sads[sad]
	hashes := texts(in, "hashes")
	switch {
	case !ok || g.credential != name || !slices.Equal(g.hashes, hashes):
		return nil, &refusal{400, "invalid_request"}
	case time.Now().After(g.until):
		return nil, &refusal{400, "invalid_sad"}
	}
	delete(s.sads, sad)
	c := s.Credentials[name]
	hash := map[string]crypto.Hash{"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384}[fmt.Sprint(in["hashAlgorithmOID"])]
	var values [][]byte
	for _, h := range hashes {
		digest, err := base64.StdEncoding.DecodeString(h)
		if err != nil || hash == 0 {
			return nil, &refusal{400, "invalid_request"}
		}
		value, err := c.Key.Sign(rand.Reader, digest, hash)
		if err != nil {
			return nil, &refusal{500, "server_error"}
		}
		if c.Raw {
			value = rawOf(value)
		}
		s.Signed[name+" "+h]++
		values = append(values, value)
	}
	if in["operationMode"] == "A" {
		id := rand.Text()
		s.ready[id] = values
		return map[string]any{"responseID": id}, nil
	}
	return map[string]any{"signatures": values}, nil
}

func (s *Server) signPolling(in map[string]any) (any, *refusal) {
	name, _ := in["responseID"].(string)
	values, ok := s.ready[name]
	if !ok {
		return nil, &refusal{400, "invalid_request"}
	}
	return map[string]any{"signatures": values}, nil
}

// Visit is what the person's browser does with the address of consent: the page checks the request, the
// person agrees or not, and the address that the browser is sent back to comes out.
func (s *Server) Visit(t testing.TB, address string, agree bool) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || !strings.HasPrefix(address, s.URL+"/oauth2/authorize?") || q.Get("client_id") != ClientID || q.Get("scope") != "credential" ||
		q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 20 {
		t.Fatalf("address of consent: %s, %v", address, err)
	}
	answer := url.Values{"state": {q.Get("state")}}
	if agree {
		g := grant{credential: q.Get("credentialID"), challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri")}
		for h := range strings.SplitSeq(q.Get("hashes"), ",") {
			raw, err := base64.RawURLEncoding.DecodeString(h)
			if err != nil {
				t.Fatal(err)
			}
			g.hashes = append(g.hashes, base64.StdEncoding.EncodeToString(raw))
		}
		if q.Get("numSignatures") != fmt.Sprint(len(g.hashes)) {
			t.Fatalf("%s signatures for %d hashes", q.Get("numSignatures"), len(g.hashes))
		}
		code := rand.Text()
		s.Do(func() { s.codes[code] = g })
		answer.Set("code", code)
	} else {
		answer.Set("error", "access_denied")
	}
	back.RawQuery = answer.Encode()
	return back
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Calls["/oauth2/token"]++
	if s.Away {
		http.Error(w, "bảo trì", http.StatusServiceUnavailable)
		return
	}
	if r.FormValue("client_id") != ClientID || r.FormValue("client_secret") != Secret {
		refuse(w, &refusal{401, "invalid_client"})
		return
	}
	token := rand.Text()
	if r.FormValue("grant_type") == "client_credentials" {
		s.tokens[token] = true
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
		return
	}
	code := r.FormValue("code")
	g, ok := s.codes[code]
	delete(s.codes, code)
	challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || g.challenge != base64.RawURLEncoding.EncodeToString(challenge[:]) || g.redirect != r.FormValue("redirect_uri") {
		refuse(w, &refusal{400, "invalid_grant"})
		return
	}
	g.until = time.Now().Add(s.Life)
	s.sads[token] = g
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "SAD", "expires_in": max(1, int(s.Life.Seconds()))})
}

// rawOf brings a P-256 value in DER into two numbers of 32 bytes.
func rawOf(der []byte) []byte {
	out := make([]byte, 64)
	at := 2
	for i := range 2 {
		n := int(der[at+1])
		number := der[at+2 : at+2+n]
		for len(number) > 32 {
			number = number[1:]
		}
		copy(out[32*(i+1)-len(number):], number)
		at += 2 + n
	}
	return out
}
