// Package devpki is the public key infrastructure for trying things out: a root, an issuing authority,
// certificates for persons and agencies, a timestamp authority, and the evidence of what was revoked, all
// made by the system itself and all marked as without legal value. Keys are files (mode 0600). Several nodes use one folder; whoever comes first makes what
// is missing, and everybody else takes it, because a file appears whole or not at all.
package devpki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"nghisu/internal/signing/tsp"
)

// Marker is the organisational unit of every certificate made here: "trial signature, without value".
const Marker = "Chữ ký thử, không có giá trị"

// Validity of what is issued. NĐ 68/2024/NĐ-CP Đ.9 allows authorities up to 20 years, holders up to 5.
const (
	authorityYears = 20
	holderYears    = 5
	stampYears     = 3
)

const authorityFile = "authority.pem"

// ErrLost means that a key that should exist is not in the folder.
var ErrLost = errors.New("key file is missing")

// PKI is an open folder of keys. It is safe for concurrent use.
type PKI struct {
	Root    *x509.Certificate
	Issuing *x509.Certificate

	dir     string
	key     crypto.Signer // of Issuing
	rootKey crypto.Signer

	mu     sync.Mutex
	stamps map[string]*tsp.Authority // by key name, see Authority
}

// Key is a certificate with its private key.
type Key struct {
	Certificate *x509.Certificate
	Signer      crypto.Signer
}

// Holder is whom a certificate names.
type Holder struct {
	Name         string // of the person, or of the agency
	Organisation string // the agency
	Identifier   string // digital identity of the person, code of the agency
	Agency       bool   // an agency's certificate: the seal
}

// Open opens the folder, and makes it and its authorities at the first start.
func Open(dir string, now time.Time) (*PKI, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create key folder: %w", err)
	}
	p := &PKI{dir: dir, stamps: map[string]*tsp.Authority{}}
	blocks, err := ReadOrMake(filepath.Join(dir, authorityFile), func() ([]byte, error) { return makeAuthorities(now) })
	if err != nil {
		return nil, fmt.Errorf("open development authorities: %w", err)
	}
	var certs []*x509.Certificate
	var keys []crypto.Signer
	if certs, keys, err = parse(blocks); err == nil && (len(certs) != 2 || len(keys) != 2) {
		err = errors.New("two certificates and two keys expected")
	}
	if err != nil {
		return nil, fmt.Errorf("read development authorities: %w", err)
	}
	p.Issuing, p.Root, p.key, p.rootKey = certs[0], certs[1], keys[0], keys[1]
	return p, nil
}

var safeName = regexp.MustCompile(`^[a-z0-9-]{1,80}$`)

// Obtain is the key with a name; it is issued to holder when there is none yet. Two callers at once get
// the same key.
func (p *PKI) Obtain(name string, holder Holder, now time.Time) (Key, error) {
	if !safeName.MatchString(name) {
		return Key{}, fmt.Errorf("key name %q", name)
	}
	data, err := ReadOrMake(p.path(name), func() ([]byte, error) { return p.issue(holder, now) })
	if err != nil {
		return Key{}, fmt.Errorf("obtain key %s: %w", name, err)
	}
	return readKey(name, data)
}

// Load is an existing key; ErrLost when its file is not there.
func (p *PKI) Load(name string) (Key, error) {
	if !safeName.MatchString(name) {
		return Key{}, fmt.Errorf("key name %q", name)
	}
	data, err := readPrivate(p.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("load key %s: %w", name, ErrLost)
	}
	if err != nil {
		return Key{}, fmt.Errorf("load key %s: %w", name, err)
	}
	return readKey(name, data)
}

func (p *PKI) path(name string) string { return filepath.Join(p.dir, name+".pem") }

func readKey(name string, data []byte) (Key, error) {
	certs, keys, err := parse(data)
	if err == nil && (len(certs) != 1 || len(keys) != 1) {
		err = errors.New("one certificate and one key expected")
	}
	if err != nil {
		return Key{}, fmt.Errorf("read key %s: %w", name, err)
	}
	return Key{certs[0], keys[0]}, nil
}

// makeAuthorities makes the root and the issuing authority: certificate and key of the latter first.
func makeAuthorities(now time.Time) ([]byte, error) {
	rootKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	issuingKey, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	authority := func(name string, path int) *x509.Certificate {
		return &x509.Certificate{
			Subject:   pkix.Name{CommonName: name, Organization: []string{"Nghị Sự"}, OrganizationalUnit: []string{Marker}},
			NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0),
			IsCA: true, BasicConstraintsValid: true, MaxPathLen: path, MaxPathLenZero: path == 0,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
	}
	root, err := sign(authority("CA gốc thử nghiệm", 1), nil, rootKey, rootKey)
	if err != nil {
		return nil, err
	}
	issuing, err := sign(authority("CA cấp chứng thư thử nghiệm", 0), root, issuingKey, rootKey)
	if err != nil {
		return nil, err
	}
	first, err1 := encode(issuing, issuingKey)
	second, err2 := encode(root, rootKey)
	return append(first, second...), errors.Join(err1, err2)
}

// oidOrganizationIdentifier is the identifier of an agency in a subject (ETSI EN 319 412-3).
var oidOrganizationIdentifier = asn1.ObjectIdentifier{2, 5, 4, 97}

// issue makes the key and certificate of a holder.
func (p *PKI) issue(h Holder, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	subject := pkix.Name{CommonName: h.Name, Organization: []string{h.Organisation}, OrganizationalUnit: []string{Marker}}
	if h.Agency {
		subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidOrganizationIdentifier, Value: h.Identifier}}
	} else {
		subject.SerialNumber = h.Identifier
	}
	cert, err := sign(&x509.Certificate{
		Subject: subject, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(holderYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}, p.Issuing, key, p.key)
	if err != nil {
		return nil, err
	}
	return encode(cert, key)
}

// sign makes a certificate with a random serial number; a nil parent means self-signed.
func sign(template, parent *x509.Certificate, key, parentKey crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1))
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func encode(cert *x509.Certificate, key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...), nil
}

// parse reads pairs of certificate and key, and checks that they belong together.
func parse(data []byte) (certs []*x509.Certificate, keys []crypto.Signer, err error) {
	for len(bytes.TrimSpace(data)) > 0 {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			return nil, nil, errors.New("file is damaged")
		}
		if b.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(b.Bytes)
			if err != nil {
				return nil, nil, err
			}
			certs = append(certs, c)
			continue
		}
		k, err := x509.ParsePKCS8PrivateKey(b.Bytes)
		if err != nil {
			return nil, nil, err
		}
		signer, ok := k.(crypto.Signer)
		if !ok || len(certs) != len(keys)+1 || !samePublic(signer.Public(), certs[len(certs)-1].PublicKey) {
			return nil, nil, errors.New("key does not belong to its certificate")
		}
		keys = append(keys, signer)
	}
	return certs, keys, nil
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// Chain is what a message carries above the holder's certificate: the issuing authority. The root is
// what a verifier must have of its own.
func (p *PKI) Chain() []*x509.Certificate { return []*x509.Certificate{p.Issuing} }
