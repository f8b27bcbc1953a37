package revocation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
	"golang.org/x/sync/singleflight"
)

// Limits of fetching.
const (
	maxList      = 20 << 20
	maxResponse  = 64 << 10
	maxAuthority = 64 << 10
	maxWait      = 10 * time.Second // for one address
	maxAddresses = 3                // of one kind, in one certificate
	maxRedirects = 3
)

// How long an answer is kept at most, whatever it says itself: what was revoked must show. A failure is
// kept a while too, so that a dead address does not cost every check its time.
const (
	keepResponse  = time.Hour
	keepList      = 6 * time.Hour
	keepAuthority = 7 * 24 * time.Hour
	keepFailure   = 5 * time.Minute
)

// Cache keeps what was fetched, by key. An empty body is a failure. The time is the end of its use.
type Cache interface {
	Get(ctx context.Context, key string, now time.Time) (body []byte, found bool, err error)
	Put(ctx context.Context, key string, body []byte, until time.Time) error
}

// ErrFetch means that nobody could be reached who tells about a certificate.
var ErrFetch = errors.New("no evidence could be fetched")

// Fetcher gets evidence from the addresses in certificates. Use it for certificates only that lead to a
// trusted root: a stranger's certificate must not send us anywhere. It is safe for concurrent use.
type Fetcher struct {
	Cache     Cache             // none when nil
	Transport http.RoundTripper // the usual one when nil
	Now       func() time.Time  // time.Now when nil

	flight singleflight.Group
}

func (f *Fetcher) now() time.Time {
	if f.Now == nil {
		return time.Now()
	}
	return f.Now()
}

// Fetch gets sound evidence about cert, which issuer issued, as of now: a response where there is one, else
// a list. ErrFetch when there is neither; the state is then unknown.
func (f *Fetcher) Fetch(ctx context.Context, cert, issuer *x509.Certificate) (Status, error) {
	var failures []error
	attempt := func(kind Kind, get func() ([]byte, error)) (Status, bool) {
		der, err := get()
		if err != nil {
			failures = append(failures, err)
			return Status{}, false
		}
		e := Evidence{Now: f.now()}
		if kind == OCSP {
			e.OCSPs = [][]byte{der}
		} else {
			e.CRLs = [][]byte{der}
		}
		s, err := Evaluate(cert, issuer, e, f.now())
		if err != nil || s.State == Unknown {
			failures = append(failures, err, errors.New(s.Why))
			return Status{}, false
		}
		return s, true
	}
	for _, address := range first(cert.OCSPServer) {
		if s, ok := attempt(OCSP, func() ([]byte, error) { return f.response(ctx, address, cert, issuer) }); ok {
			return s, nil
		}
	}
	for _, address := range first(cert.CRLDistributionPoints) {
		if s, ok := attempt(CRL, func() ([]byte, error) {
			return f.cached(ctx, "crl "+address, func() ([]byte, time.Duration, error) { return f.list(ctx, address) })
		}); ok {
			return s, nil
		}
	}
	return Status{State: Unknown}, fmt.Errorf("%w for %s: %w", ErrFetch, cert.Subject.CommonName, errors.Join(failures...))
}

// Issuer gets the certificate that issued cert, from the address in it.
func (f *Fetcher) Issuer(ctx context.Context, cert *x509.Certificate) (*x509.Certificate, error) {
	var failures []error
	for _, address := range first(cert.IssuingCertificateURL) {
		der, err := f.cached(ctx, "issuer "+address, func() ([]byte, time.Duration, error) {
			der, err := f.get(ctx, address, maxAuthority)
			return der, keepAuthority, err
		})
		if err == nil {
			if b, _ := pem.Decode(der); b != nil {
				der = b.Bytes
			}
			var issuer *x509.Certificate
			if issuer, err = x509.ParseCertificate(der); err == nil {
				if err = cert.CheckSignatureFrom(issuer); err == nil {
					return issuer, nil
				}
			}
		}
		failures = append(failures, err)
	}
	return nil, fmt.Errorf("%w of the issuer of %s: %w", ErrFetch, cert.Subject.CommonName, errors.Join(failures...))
}

// first are the addresses that are tried: by HTTP, a few.
func first(addresses []string) []string {
	var out []string
	for _, a := range addresses {
		if u, err := url.Parse(a); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(out) < maxAddresses {
			out = append(out, a)
		}
	}
	return out
}

// cached gives what the cache has, or else gets it and keeps it for as long as get says.
func (f *Fetcher) cached(ctx context.Context, what string, get func() ([]byte, time.Duration, error)) ([]byte, error) {
	sum := sha256.Sum256([]byte(what))
	key := hex.EncodeToString(sum[:])
	body, err, _ := f.flight.Do(key, func() (any, error) {
		if f.Cache != nil {
			if body, found, err := f.Cache.Get(ctx, key, f.now()); err == nil && found {
				if len(body) == 0 {
					return nil, fmt.Errorf("%w: it failed a moment ago", ErrFetch)
				}
				return body, nil
			}
		}
		body, keep, err := get()
		if err != nil {
			body, keep = nil, keepFailure
		}
		if f.Cache != nil && ctx.Err() == nil && keep > 0 {
			// a cache that is down costs time, not the answer
			_ = f.Cache.Put(ctx, key, body, f.now().Add(keep))
		}
		return body, err
	})
	if err != nil {
		return nil, err
	}
	return body.([]byte), nil
}

// until is how long something may be kept that ends at a moment; usual without an end.
func (f *Fetcher) until(end time.Time, most time.Duration) time.Duration {
	if end.IsZero() {
		return most / 2
	}
	return min(most, end.Sub(f.now()))
}

func (f *Fetcher) list(ctx context.Context, address string) ([]byte, time.Duration, error) {
	der, err := f.get(ctx, address, maxList)
	if err != nil {
		return nil, 0, err
	}
	if b, _ := pem.Decode(der); b != nil && b.Type == "X509 CRL" {
		der = b.Bytes // against RFC 5280 4.2.1.13, but some do
	}
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", address, err)
	}
	return der, f.until(l.NextUpdate, keepList), nil
}

func (f *Fetcher) response(ctx context.Context, address string, cert, issuer *x509.Certificate) ([]byte, error) {
	query, err := ocsp.CreateRequest(cert, issuer, nil)
	if err != nil {
		return nil, err
	}
	return f.cached(ctx, "ocsp "+address+" "+string(query), func() ([]byte, time.Duration, error) {
		der, err := f.ask(ctx, address, query)
		if err != nil {
			return nil, 0, err
		}
		basic, err := parseResponse(der)
		if err != nil || len(basic.Data.Responses) == 0 {
			return nil, 0, fmt.Errorf("%s: %w", address, errors.Join(err, errors.New("no answer in it")))
		}
		return der, f.until(basic.Data.Responses[0].NextUpdate, keepResponse), nil
	})
}

// ask sends an OCSP request by POST and, to servers that know only that, by GET (RFC 6960 A.1).
func (f *Fetcher) ask(ctx context.Context, address string, query []byte) ([]byte, error) {
	body, err := f.do(ctx, http.MethodPost, address, query, maxResponse)
	var status statusError
	if err == nil || !errors.As(err, &status) {
		return body, err
	}
	path := url.PathEscape(base64.StdEncoding.EncodeToString(query))
	return f.do(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/"+path, nil, maxResponse)
}

func (f *Fetcher) get(ctx context.Context, address string, most int64) ([]byte, error) {
	return f.do(ctx, http.MethodGet, address, nil, most)
}

// statusError is an answer other than 200.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

func (f *Fetcher) do(ctx context.Context, method, address string, query []byte, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/ocsp-request")
	}
	client := http.Client{Transport: f.Transport, CheckRedirect: onlyHTTP}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %w", address, statusError(resp.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", address, err)
	case int64(len(body)) > most:
		return nil, fmt.Errorf("%s: more than %d bytes", address, most)
	case len(body) == 0:
		return nil, fmt.Errorf("%s: empty", address)
	}
	return body, nil
}

func onlyHTTP(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return errors.New("redirected too often, or out of the web")
	}
	return nil
}
