package tsp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"nghisu/internal/signing/cms"
)

// Errors of asking for a token.
var (
	ErrRefused = errors.New("timestamp authority refused")
	ErrAnswer  = errors.New("answer does not belong to the request")
	ErrServer  = errors.New("timestamp authority did not answer as it should")
)

// Limits of asking.
const (
	maxAnswer = 256 << 10
	maxWait   = 15 * time.Second
)

const (
	typeQuery = "application/timestamp-query"
	typeReply = "application/timestamp-reply"
)

// Client asks an authority for tokens by HTTP (RFC 3161 3.4).
type Client struct {
	URL    string
	HTTP   *http.Client                                           // a client of its own when nil; redirects are not followed
	Roots  func(ctx context.Context) ([]*x509.Certificate, error) // whom to trust, asked for each token; nil leaves the chain to who verifies
	Policy asn1.ObjectIdentifier                                  // asked for when set
}

type request struct {
	Version    int
	Imprint    imprint
	Policy     asn1.ObjectIdentifier `asn1:"optional"`
	Nonce      *big.Int              `asn1:"optional"`
	CertReq    bool                  `asn1:"optional"`
	Extensions asn1.RawValue         `asn1:"optional,tag:0"`
}

type response struct {
	Status statusInfo
	Token  asn1.RawValue `asn1:"optional"`
}

type statusInfo struct {
	Status int
	Text   []asn1.RawValue `asn1:"optional"`
	Fail   asn1.BitString  `asn1:"optional"`
}

// newRequest asks for a token over a digest of SHA-256, SHA-384 or SHA-512: its length tells which.
func newRequest(digest []byte, policy asn1.ObjectIdentifier) (request, error) {
	hash, ok := map[int]crypto.Hash{32: crypto.SHA256, 48: crypto.SHA384, 64: crypto.SHA512}[len(digest)]
	if !ok {
		return request{}, fmt.Errorf("digest of %d bytes", len(digest))
	}
	alg, _ := cms.HashIdentifier(hash)
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return request{}, err
	}
	return request{Version: 1, Imprint: imprint{alg, digest}, Policy: policy, Nonce: nonce.Add(nonce, big.NewInt(1)), CertReq: true}, nil
}

// Stamp gets a token over digest and checks everything about it before it is given on.
func (c *Client) Stamp(ctx context.Context, digest []byte) (Token, error) {
	req, err := newRequest(digest, c.Policy)
	if err != nil {
		return Token{}, err
	}
	query, err := asn1.Marshal(req)
	if err != nil {
		return Token{}, err
	}
	var roots []*x509.Certificate
	if c.Roots != nil {
		if roots, err = c.Roots(ctx); err != nil {
			return Token{}, err
		}
	}
	answer, err := c.post(ctx, query)
	if err != nil {
		return Token{}, err
	}
	t, err := req.accept(answer, roots)
	if c.Roots == nil && errors.Is(err, ErrUntrusted) {
		return t, nil
	}
	return t, err
}

func (c *Client) post(ctx context.Context, query []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(query))
	if err != nil {
		return nil, fmt.Errorf("ask timestamp authority: %w", err)
	}
	r.Header.Set("Content-Type", typeQuery)
	r.Header.Set("Accept", typeReply)
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrServer, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != typeReply {
		return nil, fmt.Errorf("%w: status %d, type %.60q", ErrServer, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrServer, err)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrServer, maxAnswer)
	}
	return body, nil
}

// accept checks an answer: status, imprint, nonce, policy, signature, certificate and chain. With
// ErrUntrusted everything but the chain was good.
func (r request) accept(answer []byte, roots []*x509.Certificate) (Token, error) {
	var resp response
	if rest, err := asn1.Unmarshal(answer, &resp); err != nil || len(rest) > 0 {
		return Token{}, malformed("answer: %v", err)
	}
	if s := resp.Status.Status; s != 0 && s != 1 { // granted, granted with modifications
		return Token{}, fmt.Errorf("%w: status %d, failure %x, %s", ErrRefused, s, resp.Status.Fail.Bytes, resp.Status.text())
	}
	t, err := Parse(resp.Token.FullBytes)
	switch {
	case err != nil:
		return Token{}, err
	case t.Hash != cms.HashOf(r.Imprint.Algorithm.Algorithm) || !bytes.Equal(t.Imprint, r.Imprint.Hash):
		return Token{}, ErrImprint
	case t.Nonce == nil || t.Nonce.Cmp(r.Nonce) != 0:
		return Token{}, fmt.Errorf("%w: nonce", ErrAnswer)
	case len(r.Policy) > 0 && !t.Policy.Equal(r.Policy):
		return Token{}, fmt.Errorf("%w: policy %s", ErrAnswer, t.Policy)
	}
	err = t.Verify(r.Imprint.Hash, Options{Roots: roots})
	switch {
	case err != nil && !errors.Is(err, ErrUntrusted):
		return Token{}, err
	case t.Weak:
		return Token{}, fmt.Errorf("%w: SHA-1 or a short key", ErrUnfit)
	}
	return t, err
}

func (s statusInfo) text() string {
	var out []byte
	for _, t := range s.Text {
		out = append(append(out, t.Bytes...), ' ')
	}
	return fmt.Sprintf("%.200q", out)
}
