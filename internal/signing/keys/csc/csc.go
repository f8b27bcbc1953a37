// Package csc is a client of signing services that speak the API of the Cloud Signature Consortium,
// version 2: OAuth 2.0, credentials, authorization of hashes, signatures. It keeps nothing but the access
// token of this installation, and decides nothing about whose credential is used.
package csc

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Errors that callers tell apart. Of ErrUnknown nobody knows whether the service did what it was asked.
var (
	ErrUnreachable = errors.New("signing service is not reached")
	ErrUnknown     = errors.New("signing service was asked and did not answer")
	ErrPending     = errors.New("signing service is not ready")
	ErrExpired     = errors.New("authorization has expired")
	ErrRefused     = errors.New("the person did not agree")
)

// Error is what a service answers when it refuses.
type Error struct {
	Status int
	Code   string // "invalid_request", "access_denied", ...
	Text   string // for the log
}

func (e *Error) Error() string {
	return fmt.Sprintf("signing service refuses: %d %s: %.200s", e.Status, e.Code, e.Text)
}

// Is makes the codes of expiry and refusal known.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrExpired:
		return e.Code == "invalid_grant" || e.Code == "expired_token" || e.Code == "invalid_sad" || e.Code == "sad_expired"
	case ErrRefused:
		return e.Code == "access_denied" || e.Code == "user_denied"
	}
	return false
}

// Client speaks to one service. It is safe for concurrent use.
type Client struct {
	URL      string // "https://host/csc/v2"
	ClientID string
	Secret   func() (string, error)
	Callback string // where browsers come back to after consent; empty: consent by link cannot be used
	HTTP     *http.Client

	mu      sync.Mutex // guards what follows
	token   string
	until   time.Time
	info    Info
	infoEnd time.Time
}

// Info is what a service says about itself.
type Info struct {
	Specs   string   `json:"specs"`
	Name    string   `json:"name"`
	OAuth2  string   `json:"oauth2"` // base address of its authorization server; its own when empty
	Methods []string `json:"methods"`
}

// Credential is a key at a service, with its certificate.
type Credential struct {
	Key struct {
		Status string   `json:"status"` // enabled, disabled
		Algo   []string `json:"algo"`
		Len    int      `json:"len"`
	} `json:"key"`
	Cert struct {
		Status       string   `json:"status"`       // valid, expired, revoked, suspended
		Certificates [][]byte `json:"certificates"` // DER, the holder's first
	} `json:"cert"`
	Auth struct {
		Mode string `json:"mode"` // oauth2code, implicit, explicit
	} `json:"auth"`
	SCAL      string `json:"SCAL"`      // "2": consent is bound to hashes
	MultiSign int    `json:"multisign"` // most signatures with one consent
}

// Consent modes of a credential.
const (
	ModeCode     = "oauth2code" // on a page of the service
	ModeImplicit = "implicit"   // by means of the service's own: its application on the phone, or nothing at all
)

// Act is what is to be agreed to and signed.
type Act struct {
	Credential string
	Hash       crypto.Hash
	Digests    [][]byte
	Text       string // what the person sees
}

// Grant is the answer to a request for authorization: the data that activate a signature, or a handle to
// ask with whether the person has agreed.
type Grant struct {
	SAD    string
	Until  time.Time
	Handle string
}

// hashOIDs names hashes to services.
var hashOIDs = map[crypto.Hash]string{
	crypto.SHA256: "2.16.840.1.101.3.4.2.1", crypto.SHA384: "2.16.840.1.101.3.4.2.2", crypto.SHA512: "2.16.840.1.101.3.4.2.3",
}

// Info tells what the service is; it is asked once an hour.
func (c *Client) Info(ctx context.Context) (Info, error) {
	c.mu.Lock()
	known, until := c.info, c.infoEnd
	c.mu.Unlock()
	if time.Now().Before(until) {
		return known, nil
	}
	var i Info
	if err := c.call(ctx, question{path: "/info", body: map[string]any{}, again: true, open: true}, &i); err != nil {
		return i, err
	}
	if i.OAuth2 != "" {
		if err := safe(i.OAuth2); err != nil {
			return i, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.info, c.infoEnd = i, time.Now().Add(time.Hour)
	return i, nil
}

// safe refuses addresses that secrets would travel to in the clear.
func safe(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		return fmt.Errorf("signing service names the address %.100q", address)
	}
	return nil
}

// List names the credentials of a user at the service; of this installation itself when user is empty.
func (c *Client) List(ctx context.Context, user string) ([]string, error) {
	body := map[string]any{}
	if user != "" {
		body["userID"] = user
	}
	var out struct {
		IDs []string `json:"credentialIDs"`
	}
	err := c.call(ctx, question{path: "/credentials/list", body: body, again: true}, &out)
	return out.IDs, err
}

// Credential reads one credential with its chain.
func (c *Client) Credential(ctx context.Context, credential string) (Credential, error) {
	var out Credential
	err := c.call(ctx, question{path: "/credentials/info", again: true,
		body: map[string]any{"credentialID": credential, "certificates": "chain", "certInfo": true, "authInfo": true}}, &out)
	return out, err
}

// Authorize asks for the right to sign exactly these hashes (SCAL2). It is asked once: a person would be
// bothered twice.
func (c *Client) Authorize(ctx context.Context, a Act) (Grant, error) {
	var out grantBody
	err := c.call(ctx, question{path: "/credentials/authorize", body: map[string]any{"credentialID": a.Credential, "numSignatures": len(a.Digests),
		"hashes": a.Digests, "hashAlgorithmOID": hashOIDs[a.Hash], "description": a.Text}}, &out)
	return out.grant(), err
}

// AuthorizeCheck asks whether the person has agreed; ErrPending when not yet.
func (c *Client) AuthorizeCheck(ctx context.Context, handle string) (Grant, error) {
	var out grantBody
	err := c.call(ctx, question{path: "/credentials/authorizeCheck", body: map[string]any{"handle": handle}, again: true}, &out)
	if err == nil && out.SAD == "" {
		err = ErrPending
	}
	return out.grant(), err
}

type grantBody struct {
	SAD     string `json:"SAD"`
	Seconds int    `json:"expiresIn"`
	Handle  string `json:"handle"`
}

// lasting is how long activation data are good when the service does not say (CSC API v2, 11.6).
const lasting = time.Hour

func (g grantBody) grant() Grant {
	d := lasting
	if g.Seconds > 0 {
		d = time.Duration(g.Seconds) * time.Second
	}
	return Grant{SAD: g.SAD, Handle: g.Handle, Until: time.Now().Add(d)}
}

// SignHash has hashes signed with what the person agreed to. It is asked once. Either values come back, or
// the name under which they can be asked for.
func (c *Client) SignHash(ctx context.Context, a Act, algorithm, sad string) (values [][]byte, response string, err error) {
	mode := "S"
	if i, err := c.Info(ctx); err == nil && has(i.Methods, "signatures/signPolling") {
		mode = "A"
	}
	var out signatures
	err = c.call(ctx, question{path: "/signatures/signHash", body: map[string]any{"credentialID": a.Credential, "SAD": sad, "hashes": a.Digests,
		"hashAlgorithmOID": hashOIDs[a.Hash], "signAlgo": algorithm, "operationMode": mode}}, &out)
	if err == nil && len(out.Values) == 0 && out.Response == "" {
		err = fmt.Errorf("%w: neither signatures nor a name to ask for them", ErrUnknown)
	}
	return out.Values, out.Response, err
}

// SignPolling asks for values; ErrPending when they are not there yet.
func (c *Client) SignPolling(ctx context.Context, response string) ([][]byte, error) {
	var out signatures
	err := c.call(ctx, question{path: "/signatures/signPolling", body: map[string]any{"responseID": response}, again: true}, &out)
	if err == nil && len(out.Values) == 0 {
		err = ErrPending
	}
	return out.Values, err
}

type signatures struct {
	Values   [][]byte `json:"signatures"`
	Response string   `json:"responseID"`
}

func has(list []string, name string) bool {
	for _, x := range list {
		if x == name {
			return true
		}
	}
	return false
}

// answerOf reads what a service says.
func answerOf(status int, body []byte, out any) error {
	switch {
	case status == http.StatusAccepted:
		return ErrPending
	case status/100 == 2:
		if len(body) == 0 {
			return nil
		}
		if err := json.Unmarshal(body, out); err != nil {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		return nil
	}
	var e struct {
		Code string `json:"error"`
		Text string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &e) // a proxy in between may say anything
	return &Error{Status: status, Code: e.Code, Text: e.Text}
}
