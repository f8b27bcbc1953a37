package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Sources are the places outside of this installation where keys are: the content of the file that
// --key-sources-file names. It holds no secret, only where each secret is.
type Sources struct {
	Tokens    []Token    `json:"tokens"`
	Providers []Provider `json:"providers"`
}

// Token is a PKCS #11 token or a partition of an HSM.
type Token struct {
	Label  string    `json:"label"`  // as the token itself says
	Module string    `json:"module"` // path of the library of its maker
	PIN    SecretRef `json:"pin"`
}

// Provider is a signing service that speaks the CSC API v2.
type Provider struct {
	Name     string    `json:"name"`      // short, for ever: rows refer to it
	Title    string    `json:"title"`     // what people call it
	URL      string    `json:"url"`       // "https://host/csc/v2"
	ClientID string    `json:"client_id"` // of this installation, at the provider
	Secret   SecretRef `json:"secret"`
}

// SecretRef says where a secret is: in a file, or in an environment variable.
type SecretRef struct {
	File string `json:"file"`
	Env  string `json:"env"`
}

// read is the secret as it is now: a changed file counts at once.
func (r SecretRef) read() (string, error) {
	text := os.Getenv(r.Env)
	if r.File != "" {
		body, err := os.ReadFile(r.File)
		if err != nil {
			return "", fmt.Errorf("read secret: %w", err)
		}
		text = strings.TrimRight(string(body), "\r\n")
	}
	if text == "" {
		return "", errors.New("secret is empty")
	}
	return text, nil
}

func (r SecretRef) check() error {
	if (r.File == "") == (r.Env == "") {
		return errors.New("name a file or an environment variable")
	}
	return nil // whether it can be read shows when it is needed: a card may come later
}

// ReadSources reads and checks the file. An empty path is no sources.
func ReadSources(path string) (Sources, error) {
	var s Sources
	if path == "" {
		return s, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("read --key-sources-file: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("read --key-sources-file: %w", err)
	}
	if err := s.check(); err != nil {
		return s, fmt.Errorf("--key-sources-file: %w", err)
	}
	return s, nil
}

func (s Sources) check() error {
	seen := map[string]bool{}
	for _, t := range s.Tokens {
		if t.Label == "" || !filepath.IsAbs(t.Module) || seen["token "+t.Label] {
			return fmt.Errorf("token %q: a label of its own and the full path of its module are needed", t.Label)
		}
		seen["token "+t.Label] = true
		if err := t.PIN.check(); err != nil {
			return fmt.Errorf("token %q: pin: %w", t.Label, err)
		}
	}
	for _, p := range s.Providers {
		u, err := url.Parse(p.URL)
		if !keyName.MatchString(p.Name) || p.Title == "" || p.ClientID == "" || err != nil || u.Host == "" || seen["provider "+p.Name] {
			return fmt.Errorf("provider %q: a name of its own, title, url and client_id are needed", p.Name)
		}
		if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
			return fmt.Errorf("provider %q: url must begin with https", p.Name)
		}
		seen["provider "+p.Name] = true
		if err := p.Secret.check(); err != nil {
			return fmt.Errorf("provider %q: secret: %w", p.Name, err)
		}
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
