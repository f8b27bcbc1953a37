// Package config is the one list of settings: flags and environment variables of the same names,
// read by kong. docs/configuration.md is made from it. It owns checks of form, not of reachability.
package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Server holds the settings of a serving node. Every field has a flag and an environment variable.
type Server struct {
	Listen  string `help:"Address and port of the web server." default:"127.0.0.1:8080" env:"NGHISU_LISTEN" placeholder:"HOST:PORT"`
	Data    string `help:"Directory of everything this node keeps itself: embedded database, objects, development keys." default:".data" env:"NGHISU_DATA" placeholder:"DIR"`
	TLSCert string `name:"tls-cert" help:"Certificate file (PEM); with --tls-key the server speaks HTTPS." env:"NGHISU_TLS_CERT" placeholder:"FILE"`
	TLSKey  string `name:"tls-key" help:"Key file (PEM) of --tls-cert." env:"NGHISU_TLS_KEY" placeholder:"FILE"`
	Proxies string `name:"trusted-proxies" help:"Proxies whose X-Forwarded-* headers are believed: addresses or networks, by commas." env:"NGHISU_TRUSTED_PROXIES" placeholder:"CIDR,..."`

	PublicURL string `name:"public-url" help:"Address of this installation as browsers know it, for example https://nghisu.example.vn. Signing services send people back there." env:"NGHISU_PUBLIC_URL" placeholder:"URL"`

	Database Database `embed:""`
	Objects  Objects  `embed:""`
	Media    Media    `embed:""`
	Keys     Keys     `embed:""`
	Stamps   Stamps   `embed:""`

	SessionIdle  time.Duration `name:"session-idle" help:"A session ends after this long without use." default:"8h" env:"NGHISU_SESSION_IDLE"`
	SessionTotal time.Duration `name:"session-total" help:"A session ends after this long in any case." default:"12h" env:"NGHISU_SESSION_TOTAL"`
	SessionSign  time.Duration `name:"session-sign" help:"For this long after a person gave the password again, the session may sign." default:"5m" env:"NGHISU_SESSION_SIGN"`
	PKIDir       string        `name:"pki-dir" help:"Directory of the development keys; shared by all nodes. Without it: pki in --data." env:"NGHISU_PKI_DIR" placeholder:"DIR"`
	Metrics      string        `name:"metrics-listen" help:"Address and port at which Prometheus reads figures without signing in (/metrics); for a network that only machines reach. Without it: only administrators, at /api/v1/metrics." env:"NGHISU_METRICS_LISTEN" placeholder:"HOST:PORT"`
	LogFormat    string        `name:"log-format" help:"Form of the log on standard error: text or json." enum:"text,json" default:"text" env:"NGHISU_LOG_FORMAT"`
	LogLevel     string        `name:"log-level" help:"Least level of the log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"NGHISU_LOG_LEVEL"`
}

// Stamps says who proves the time of signatures, and when such proof is renewed.
type Stamps struct {
	URL       string `name:"tsa-url" help:"Time-stamping authority (RFC 3161) that proves when something was signed; its root belongs into the list of such authorities. Without it: the trial authority, which proves nothing to others." env:"NGHISU_TSA_URL" placeholder:"URL"`
	Optional  bool   `name:"tsa-optional" help:"Sign on, without a proven time, while the time-stamping authority does not answer." env:"NGHISU_TSA_OPTIONAL"`
	RenewDays int    `name:"renew-days" help:"Files get a new timestamp this many days before the certificate of the last one ends." default:"90" env:"NGHISU_RENEW_DAYS"`
}

// Database says where PostgreSQL is.
type Database struct {
	URL     string `name:"database-url" help:"Address of an external PostgreSQL (15 or newer). Without it an embedded one runs in --data." env:"NGHISU_DATABASE_URL" placeholder:"URL"`
	URLFile string `name:"database-url-file" help:"File that holds the address of --database-url, for secrets kept in files." env:"NGHISU_DATABASE_URL_FILE" placeholder:"FILE"`
}

// Objects says where files are kept.
type Objects struct {
	S3Endpoint   string `name:"s3-endpoint" help:"Host and port of MinIO or another S3 server. Without it files lie in --data." env:"NGHISU_S3_ENDPOINT" placeholder:"HOST:PORT"`
	S3Bucket     string `name:"s3-bucket" help:"Bucket; made when it does not exist." default:"nghisu" env:"NGHISU_S3_BUCKET"`
	S3AccessKey  string `name:"s3-access-key" help:"Access key." env:"NGHISU_S3_ACCESS_KEY"`
	S3SecretKey  string `name:"s3-secret-key" help:"Secret key; better in a file." env:"NGHISU_S3_SECRET_KEY"`
	S3SecretFile string `name:"s3-secret-key-file" help:"File that holds the secret key." env:"NGHISU_S3_SECRET_KEY_FILE" placeholder:"FILE"`
	S3TLS        bool   `name:"s3-tls" help:"Speak HTTPS to the S3 server." env:"NGHISU_S3_TLS"`
	S3Region     string `name:"s3-region" help:"Region, where the server asks for one." env:"NGHISU_S3_REGION"`
}

// Media holds the settings of online meetings.
type Media struct {
	Listen   string `name:"media-listen" help:"Address and UDP port that media arrive at." default:":8443" env:"NGHISU_MEDIA_LISTEN" placeholder:"HOST:PORT"`
	Announce string `name:"media-announce" help:"Address, and port where it differs, that browsers are told to send media to. Without it: the addresses of this machine." env:"NGHISU_MEDIA_ANNOUNCE" placeholder:"IP[:PORT]"`

	Relay       string `name:"turn-listen" help:"Address and port, UDP and TCP, of the relay (TURN) for people whose network does not let them reach the media port. Without it there is none." env:"NGHISU_TURN_LISTEN" placeholder:"HOST:PORT"`
	RelayTLS    string `name:"turn-tls-listen" help:"Address and TCP port of the relay over TLS, which looks like a web connection; on the port of HTTPS it needs an address of its own, or a proxy that tells names apart (SNI)." env:"NGHISU_TURN_TLS_LISTEN" placeholder:"HOST:PORT"`
	RelayHost   string `name:"turn-host" help:"Name or address, with ports where they differ (HOST[:PORT[:TLSPORT]]), at which browsers find the relay. Without it: the one of --turn-listen or --media-announce." env:"NGHISU_TURN_HOST" placeholder:"HOST"`
	RelayCert   string `name:"turn-tls-cert" help:"Certificate file (PEM) of --turn-tls-listen. Without it: --tls-cert." env:"NGHISU_TURN_TLS_CERT" placeholder:"FILE"`
	RelayKey    string `name:"turn-tls-key" help:"Key file (PEM) of --turn-tls-cert." env:"NGHISU_TURN_TLS_KEY" placeholder:"FILE"`
	RelaySecret string `name:"turn-secret-file" help:"File with the secret that makes the relay's passwords; nodes that share it accept one another's. Without it each start makes one." env:"NGHISU_TURN_SECRET_FILE" placeholder:"FILE"`
}

// Keys says where signing keys are, besides those that administrators give as files.
type Keys struct {
	Development    string `name:"development-keys" help:"Whether people and agencies without a certificate get a trial one, without legal value: on or off." enum:"on,off" default:"on" env:"NGHISU_DEVELOPMENT_KEYS"`
	Encryption     string `name:"key-encryption-keys" help:"Keys that private keys are encrypted with before they go to the database: NAME:BASE64 of 32 bytes, by commas. The first encrypts, the others only decrypt. Better in a file." env:"NGHISU_KEY_ENCRYPTION_KEYS"`
	EncryptionFile string `name:"key-encryption-keys-file" help:"File that holds --key-encryption-keys, one a line. With the embedded database and without either, it is made in --data." env:"NGHISU_KEY_ENCRYPTION_KEYS_FILE" placeholder:"FILE"`
	SourcesFile    string `name:"key-sources-file" help:"JSON file that names tokens (PKCS #11) and signing services (CSC API v2); docs/adr/0011-keys.md shows one." env:"NGHISU_KEY_SOURCES_FILE" placeholder:"FILE"`
}

// Check reads secrets from files, fills defaults that depend on others, and reports the first wrong setting.
func (s *Server) Check() error {
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return fmt.Errorf("--tls-cert and --tls-key go together")
	}
	if _, err := s.ProxyList(); err != nil {
		return err
	}
	if err := fromFile(&s.Database.URL, s.Database.URLFile); err != nil {
		return err
	}
	if err := fromFile(&s.Objects.S3SecretKey, s.Objects.S3SecretFile); err != nil {
		return err
	}
	if err := fromFile(&s.Keys.Encryption, s.Keys.EncryptionFile); err != nil {
		return err
	}
	if s.Objects.S3Endpoint != "" && (s.Objects.S3AccessKey == "" || s.Objects.S3SecretKey == "") {
		return fmt.Errorf("--s3-endpoint needs --s3-access-key and --s3-secret-key (or --s3-secret-key-file)")
	}
	if s.SessionIdle <= 0 || s.SessionTotal < s.SessionIdle {
		return fmt.Errorf("--session-idle must be more than zero and at most --session-total")
	}
	if s.SessionSign <= 0 || s.SessionSign > time.Hour {
		return fmt.Errorf("--session-sign must be more than zero and at most an hour")
	}
	if (s.Media.RelayCert == "") != (s.Media.RelayKey == "") {
		return fmt.Errorf("--turn-tls-cert and --turn-tls-key go together")
	}
	if s.Media.RelayTLS != "" && s.Media.RelayCert == "" && s.TLSCert == "" {
		return fmt.Errorf("--turn-tls-listen needs --turn-tls-cert and --turn-tls-key, or --tls-cert and --tls-key")
	}
	if u, err := url.Parse(s.Stamps.URL); s.Stamps.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("--tsa-url: %q is no address of a web server", s.Stamps.URL)
	}
	if s.Stamps.RenewDays < 1 || s.Stamps.RenewDays > 3650 {
		return fmt.Errorf("--renew-days must be between 1 and 3650")
	}
	data, err := filepath.Abs(s.Data)
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	s.Data = data
	if s.PKIDir == "" {
		s.PKIDir = filepath.Join(s.Data, "pki")
	}
	return nil
}

// ProxyList reads Proxies; a bare address means that one host.
func (s *Server) ProxyList() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for part := range strings.SplitSeq(s.Proxies, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			addr, aerr := netip.ParseAddr(part)
			if aerr != nil {
				return nil, fmt.Errorf("--trusted-proxies: %q is no address or network", part)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, p)
	}
	return list, nil
}

func fromFile(value *string, file string) error {
	if file == "" {
		return nil
	}
	if *value != "" {
		return fmt.Errorf("a setting is given both directly and by file %s", file)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read setting from file: %w", err)
	}
	*value = strings.TrimSpace(string(body))
	return nil
}
