package tsp

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"time"

	"nghisu/internal/signing/cms"
)

// TrialPolicy is the policy of our own authority, below the arc that is reserved for examples.
var TrialPolicy = asn1.ObjectIdentifier{2, 999, 3161}

// Authority gives out tokens by a key of its own. It is for development and tests: its time is that of
// this machine and proves nothing to anybody else.
type Authority struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	Chain       []*x509.Certificate // above the certificate, the root last
	Algorithm   cms.Algorithm       // cms.Usual when left out
	Now         func() time.Time
}

// Failures of RFC 3161 2.4.2, as numbers of bits.
const (
	badAlgorithm        = 0
	badRequest          = 2
	unacceptedPolicy    = 15
	unacceptedExtension = 16
)

// Stamp is a token over digest, made in this process, through the same request and checks as by HTTP.
func (a *Authority) Stamp(_ context.Context, digest []byte) (Token, error) {
	req, err := newRequest(digest, nil)
	if err != nil {
		return Token{}, err
	}
	query, err := asn1.Marshal(req)
	if err != nil {
		return Token{}, err
	}
	answer, err := a.Answer(query)
	if err != nil {
		return Token{}, err
	}
	return req.accept(answer, a.Chain[len(a.Chain)-1:])
}

// ServeHTTP answers requests by HTTP.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != typeQuery {
		http.Error(w, "a timestamp query is expected", http.StatusUnsupportedMediaType)
		return
	}
	query, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "query cannot be read", http.StatusBadRequest)
		return
	}
	answer, err := a.Answer(query)
	if err != nil {
		http.Error(w, "no token could be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", typeReply)
	_, _ = w.Write(answer)
}

// Answer is the answer to a request, a token or a refusal. The error is of the key.
func (a *Authority) Answer(query []byte) ([]byte, error) {
	var req request
	if rest, err := asn1.Unmarshal(query, &req); err != nil || len(rest) > 0 || req.Version != 1 {
		return refuse(badRequest)
	}
	hash := cms.HashOf(req.Imprint.Algorithm.Algorithm)
	switch {
	case hash == 0 || hash == crypto.SHA1:
		return refuse(badAlgorithm)
	case len(req.Imprint.Hash) != hash.Size():
		return refuse(badRequest)
	case len(req.Policy) > 0 && !req.Policy.Equal(TrialPolicy):
		return refuse(unacceptedPolicy)
	case len(req.Extensions.FullBytes) > 0:
		return refuse(unacceptedExtension)
	}
	token, err := a.token(req)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(response{Token: asn1.RawValue{FullBytes: token}})
}

func refuse(failure int) ([]byte, error) {
	bits := make([]byte, failure/8+1)
	bits[failure/8] = 0x80 >> (failure % 8)
	return asn1.Marshal(response{Status: statusInfo{Status: 2, Fail: asn1.BitString{Bytes: bits, BitLength: failure + 1}}})
}

func (a *Authority) token(req request) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := a.Now().UTC()
	info, err := asn1.Marshal(tstInfo{Version: 1, Policy: TrialPolicy, Imprint: req.Imprint, Serial: serial.Add(serial, big.NewInt(1)),
		Time:     asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: now.AppendFormat(nil, "20060102150405Z")},
		Accuracy: accuracy{Seconds: 1}, Nonce: req.Nonce})
	if err != nil {
		return nil, err
	}
	alg := a.Algorithm
	if alg.Hash == 0 {
		alg = cms.Usual
	}
	attributes, err := cms.TokenAttributes(alg.Digest(info), a.Certificate, alg)
	if err != nil {
		return nil, err
	}
	value, err := alg.Sign(a.Key, attributes)
	if err != nil {
		return nil, err
	}
	return cms.Build(cms.Parts{Attributes: attributes, Algorithm: alg, Value: value, Certificate: a.Certificate,
		Chain: a.Chain[:len(a.Chain)-1], Token: info, Bare: !req.CertReq})
}

// Usage is the extension of a timestamp authority's certificate: critical, and for nothing else.
func Usage() pkix.Extension {
	der, err := asn1.Marshal([]asn1.ObjectIdentifier{oidTimeStamping})
	if err != nil {
		panic(err) // a constant
	}
	return pkix.Extension{Id: oidExtKeyUsage, Critical: true, Value: der}
}
