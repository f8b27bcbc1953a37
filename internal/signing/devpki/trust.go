package devpki

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"nghisu/internal/signing/tsp"
)

// evidenceFor is how long a list or a response may be used.
const evidenceFor = 7 * 24 * time.Hour

// Authority is the timestamp authority of a moment. There is a new key every year, so that files stamped
// long ago can get a stamp that lasts longer.
func (p *PKI) Authority(now time.Time) (*tsp.Authority, error) {
	name := fmt.Sprintf("tsa-%d", now.UTC().Year())
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.stamps[name]; a != nil {
		return a, nil
	}
	data, err := ReadOrMake(p.path(name), func() ([]byte, error) { return p.issueAuthority(now) })
	if err != nil {
		return nil, fmt.Errorf("obtain timestamp key: %w", err)
	}
	k, err := readKey(name, data)
	if err != nil {
		return nil, err
	}
	a := &tsp.Authority{Certificate: k.Certificate, Key: k.Signer, Chain: []*x509.Certificate{p.Issuing, p.Root}}
	p.stamps[name] = a
	return a, nil
}

func (p *PKI) issueAuthority(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	cert, err := sign(&x509.Certificate{
		Subject:   pkix.Name{CommonName: "Dấu thời gian thử nghiệm", Organization: []string{"Nghị Sự"}, OrganizationalUnit: []string{Marker}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(stampYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{tsp.Usage()}, BasicConstraintsValid: true,
	}, p.Issuing, key, p.key)
	if err != nil {
		return nil, err
	}
	return encode(cert, key)
}

// Stamper gives out timestamps of the trial authority in this process, at the time of Now.
type Stamper struct {
	PKI *PKI
	Now func() time.Time
}

// Stamp is a token over digest. It may make a key file: never ask inside a transaction.
func (s Stamper) Stamp(ctx context.Context, digest []byte) (tsp.Token, error) {
	a, err := s.PKI.Authority(s.Now())
	if err != nil {
		return tsp.Token{}, err
	}
	dated := *a
	dated.Now = s.Now
	return dated.Stamp(ctx, digest)
}

// Revoked is a trial certificate that was taken back.
type Revoked struct {
	Serial string    `json:"serial"` // hexadecimal
	At     time.Time `json:"at"`
	Reason int       `json:"reason"` // RFC 5280 5.3.1
}

const revokedPrefix = "revoked-"

// Revoke takes a certificate back, in a folder of keys that exists. Done twice, the first moment stands.
func Revoke(dir string, r Revoked) error {
	n, ok := new(big.Int).SetString(r.Serial, 16)
	if !ok || n.Sign() <= 0 || n.BitLen() > 160 {
		return fmt.Errorf("serial number %.50q", r.Serial)
	}
	if r.Reason < 0 || r.Reason > 10 || r.Reason == 7 || r.Reason == 8 {
		return fmt.Errorf("reason %d", r.Reason)
	}
	if _, err := os.Stat(filepath.Join(dir, authorityFile)); err != nil {
		return fmt.Errorf("no development keys: %w", err)
	}
	r.Serial, r.At = n.Text(16), r.At.UTC().Truncate(time.Second)
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := publish(filepath.Join(dir, revokedPrefix+r.Serial+".json"), body); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("revoke %s: %w", r.Serial, err)
	}
	return nil
}

// Revoke is like the function of that name, in the folder of p.
func (p *PKI) Revoke(serial string, at time.Time, reason int) error {
	return Revoke(p.dir, Revoked{Serial: serial, At: at, Reason: reason})
}

// revoked lists what was taken back.
func (p *PKI) revoked() (map[string]Revoked, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return nil, err
	}
	out := map[string]Revoked{}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), revokedPrefix) {
			continue
		}
		body, err := os.ReadFile(filepath.Join(p.dir, e.Name()))
		if err != nil {
			return nil, err
		}
		var r Revoked
		if err := json.Unmarshal(body, &r); err != nil {
			return nil, fmt.Errorf("read %s: %w", e.Name(), err)
		}
		out[r.Serial] = r
	}
	return out, nil
}

// Evidence says whether a certificate of this PKI was revoked: an OCSP response for what the issuing
// authority issued, a list for the issuing authority itself. Nothing for certificates of others.
func (p *PKI) Evidence(cert *x509.Certificate, now time.Time) (crls, ocsps [][]byte, err error) {
	var der []byte
	switch {
	case cert.Equal(p.Root):
	case cert.CheckSignatureFrom(p.Issuing) == nil:
		if der, err = p.OCSP(cert, now); err == nil {
			ocsps = append(ocsps, der)
		}
	case cert.CheckSignatureFrom(p.Root) == nil:
		if der, err = p.list(p.Root, p.rootKey, nil, now); err == nil {
			crls = append(crls, der)
		}
	}
	return crls, ocsps, err
}

// OCSP is the answer of the issuing authority about one of its certificates.
func (p *PKI) OCSP(cert *x509.Certificate, now time.Time) ([]byte, error) {
	taken, err := p.revoked()
	if err != nil {
		return nil, err
	}
	now = now.UTC().Truncate(time.Second)
	answer := ocsp.Response{Status: ocsp.Good, SerialNumber: cert.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(evidenceFor),
		IssuerHash: crypto.SHA256}
	if r, is := taken[cert.SerialNumber.Text(16)]; is {
		answer.Status, answer.RevokedAt, answer.RevocationReason = ocsp.Revoked, r.At, r.Reason
	}
	return ocsp.CreateResponse(p.Issuing, p.Issuing, answer, p.key)
}

// CRL is the list of what the issuing authority took back.
func (p *PKI) CRL(now time.Time) ([]byte, error) {
	taken, err := p.revoked()
	if err != nil {
		return nil, err
	}
	return p.list(p.Issuing, p.key, taken, now)
}

func (p *PKI) list(issuer *x509.Certificate, key crypto.Signer, taken map[string]Revoked, now time.Time) ([]byte, error) {
	now = now.UTC().Truncate(time.Second)
	template := &x509.RevocationList{Number: big.NewInt(now.Unix()), ThisUpdate: now, NextUpdate: now.Add(evidenceFor)}
	for _, r := range taken {
		n, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("serial number %.50q", r.Serial)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: n, RevocationTime: r.At, ReasonCode: r.Reason})
	}
	return x509.CreateRevocationList(rand.Reader, template, issuer, key)
}
