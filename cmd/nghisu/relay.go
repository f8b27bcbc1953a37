package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"nghisu/internal/conference"
	"nghisu/internal/id"
	"nghisu/internal/sfu/relay"
)

// buildRelay starts the relay, when there shall be one.
func (n *node) buildRelay() error {
	m := n.cfg.Media
	if m.Relay == "" && m.RelayTLS == "" {
		return nil
	}
	cfg := relay.Config{UDP: m.Relay, TCP: m.Relay, TLS: m.RelayTLS, Ways: n.media.Ways()}
	if m.RelaySecret != "" {
		b, err := os.ReadFile(m.RelaySecret)
		if err != nil {
			return fmt.Errorf("--turn-secret-file: %w", err)
		}
		if cfg.Secret = strings.TrimSpace(string(b)); len(cfg.Secret) < 16 {
			return fmt.Errorf("--turn-secret-file: at least 16 characters are needed")
		}
	}
	if m.RelayTLS != "" {
		c := &certificateFiles{cert: m.RelayCert, key: m.RelayKey}
		if c.cert == "" {
			c.cert, c.key = n.cfg.TLSCert, n.cfg.TLSKey
		}
		if _, err := c.get(nil); err != nil {
			return fmt.Errorf("certificate of --turn-tls-listen: %w", err)
		}
		cfg.Certificate = c.get
	}
	var err error
	n.relay, err = relay.Listen(cfg)
	return err
}

// certificateFiles is a certificate that is read again now and then: files are renewed while we run.
type certificateFiles struct {
	cert, key string

	mu   sync.Mutex
	last *tls.Certificate
	read time.Time
}

const rereadEvery = 10 * time.Minute

func (c *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && time.Since(c.read) < rereadEvery {
		return c.last, nil
	}
	fresh, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		if c.last != nil { // being replaced just now
			return c.last, nil
		}
		return nil, err
	}
	c.last, c.read = &fresh, time.Now()
	return c.last, nil
}

// iceServers are the relays a person's browser is told, with a password of the person's own.
func (n *node) iceServers(person id.Person) []conference.ICEServer {
	if n.relay == nil {
		return nil
	}
	user, password, err := n.relay.Credentials(person.String())
	if err != nil {
		n.log.Error("make relay password", "error", err)
		return nil
	}
	host, port, tlsPort := n.relayHost()
	var urls []string
	if n.cfg.Media.Relay != "" {
		at := net.JoinHostPort(host, port)
		urls = append(urls, "turn:"+at+"?transport=udp", "turn:"+at+"?transport=tcp")
	}
	if n.cfg.Media.RelayTLS != "" {
		urls = append(urls, "turns:"+net.JoinHostPort(host, tlsPort)+"?transport=tcp")
	}
	return []conference.ICEServer{{URLs: urls, Username: user, Credential: password}}
}

// relayHost is where browsers find the relay.
func (n *node) relayHost() (host, port, tlsPort string) {
	port, tlsPort = fmt.Sprint(n.relay.UDPAddr().Port()), fmt.Sprint(n.relay.TLSAddr().Port())
	m := n.cfg.Media
	if m.RelayHost != "" {
		parts := strings.Split(m.RelayHost, ":")
		host = parts[0]
		if len(parts) > 1 {
			port = parts[1]
		}
		if len(parts) > 2 {
			tlsPort = parts[2]
		}
		return host, port, tlsPort
	}
	for _, at := range []string{m.Relay, m.RelayTLS} {
		if h, _, err := net.SplitHostPort(at); err == nil && h != "" && h != "0.0.0.0" && h != "::" {
			return h, port, tlsPort
		}
	}
	for a := range n.media.Ways() {
		host = a.Addr().String()
		if !a.Addr().IsLoopback() {
			break
		}
	}
	return host, port, tlsPort
}
