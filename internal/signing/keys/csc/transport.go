package csc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	callFor    = 15 * time.Second // one call
	maxAnswer  = 1 << 20
	tries      = 3 // of calls that may be repeated
	firstPause = 200 * time.Millisecond
)

// question is one call.
type question struct {
	path  string
	body  any
	again bool // asking twice is the same as asking once
	open  bool // without an access token
}

// call asks the service. What may not be repeated is sent at most once; a token that is not accepted any
// more is replaced once, since the service did nothing with it.
func (c *Client) call(ctx context.Context, q question, out any) error {
	body, err := json.Marshal(q.body)
	if err != nil {
		return err
	}
	pause := firstPause
	for try := 1; ; try++ {
		err := c.once(ctx, q, body, out)
		var e *Error
		if errors.As(err, &e) && e.Status == http.StatusUnauthorized && !q.open && try == 1 {
			c.forget()
			continue
		}
		if err == nil || !q.again || try >= tries || !passing(err) {
			return err
		}
		select {
		case <-time.After(pause):
			pause *= 3
		case <-ctx.Done():
			return err
		}
	}
}

// passing reports whether an error may be gone a moment later.
func passing(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		return e.Status == http.StatusTooManyRequests || e.Status >= 500
	}
	return errors.Is(err, ErrUnreachable) || errors.Is(err, ErrUnknown)
}

func (c *Client) once(ctx context.Context, q question, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.URL, "/")+q.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if !q.open {
		token, err := c.access(ctx)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return c.send(r, out)
}

// send sends one request once. Before its first byte left us, nothing has happened at the service; after
// that, only an answer tells. Services that are overloaded say that they did nothing.
func (c *Client) send(r *http.Request, out any) error {
	ctx, cancel := context.WithTimeout(r.Context(), callFor)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	r.Header.Set("Accept", "application/json")
	r.GetBody = nil // or the transport would send it a second time on a connection that was closed
	resp, err := c.http().Do(r.WithContext(ctx))
	if err != nil {
		if sent.Load() {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	err = answerOf(resp.StatusCode, body, out)
	var e *Error
	if errors.As(err, &e) {
		switch {
		case e.Status == http.StatusServiceUnavailable || e.Status == http.StatusTooManyRequests:
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		case e.Status >= 500:
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
	}
	return err
}

func (c *Client) http() *http.Client {
	h := c.HTTP
	if h == nil {
		h = http.DefaultClient
	}
	strict := *h
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // secrets go nowhere else
	return &strict
}

// access is the token of this installation (client credentials, scope "service").
func (c *Client) access(ctx context.Context) (string, error) {
	c.mu.Lock()
	token, until := c.token, c.until
	c.mu.Unlock()
	if token != "" && time.Now().Before(until) {
		return token, nil
	}
	t, err := c.askToken(ctx, url.Values{"grant_type": {"client_credentials"}, "scope": {"service"}})
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	const margin = 30 * time.Second
	c.token, c.until = t.Access, time.Now().Add(t.lasting()-margin)
	return t.Access, nil
}

func (c *Client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = ""
}

type tokenBody struct {
	Access  string `json:"access_token"`
	Seconds int    `json:"expires_in"`
}

func (t tokenBody) lasting() time.Duration {
	if t.Seconds <= 0 {
		return lasting
	}
	return time.Duration(t.Seconds) * time.Second
}

func (c *Client) askToken(ctx context.Context, form url.Values) (tokenBody, error) {
	var t tokenBody
	base, err := c.authorizationServer(ctx)
	if err != nil {
		return t, err
	}
	secret, err := c.Secret()
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	form.Set("client_id", c.ClientID)
	form.Set("client_secret", secret)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return t, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := c.send(r, &t); err != nil {
		return t, err
	}
	if t.Access == "" {
		return t, fmt.Errorf("%w: no token in the answer", ErrUnknown)
	}
	return t, nil
}

func (c *Client) authorizationServer(ctx context.Context) (string, error) {
	i, err := c.Info(ctx)
	if err != nil {
		return "", err
	}
	if i.OAuth2 == "" {
		return strings.TrimRight(c.URL, "/"), nil
	}
	return strings.TrimRight(i.OAuth2, "/"), nil
}

// ConsentURL is the page on which the person agrees to exactly these hashes (authorization code with PKCE,
// scope "credential"). state comes back with the browser; verifier stays here.
func (c *Client) ConsentURL(ctx context.Context, a Act, state, verifier string) (string, error) {
	if c.Callback == "" {
		return "", errors.New("consent by link needs --public-url")
	}
	base, err := c.authorizationServer(ctx)
	if err != nil {
		return "", err
	}
	hashes := make([]string, len(a.Digests))
	for i, d := range a.Digests {
		hashes[i] = base64.RawURLEncoding.EncodeToString(d)
	}
	challenge := sha256.Sum256([]byte(verifier))
	return base + "/oauth2/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {c.ClientID}, "redirect_uri": {c.Callback}, "scope": {"credential"}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
		"credentialID": {a.Credential}, "numSignatures": {strconv.Itoa(len(a.Digests))}, "hashes": {strings.Join(hashes, ",")},
		"hashAlgorithmOID": {hashOIDs[a.Hash]}, "description": {a.Text}, "lang": {"vi"},
	}.Encode(), nil
}

// Exchange trades the code that the browser brought for activation data. A code is good once.
func (c *Client) Exchange(ctx context.Context, code, verifier string) (Grant, error) {
	t, err := c.askToken(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.Callback}, "code_verifier": {verifier}})
	return Grant{SAD: t.Access, Until: time.Now().Add(t.lasting())}, err
}
