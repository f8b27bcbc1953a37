// Package token signs with keys in PKCS #11 tokens and HSMs. The module of a token's maker is a library
// of foreign machine code: it runs in a child process of ours, one per module, so that its crash costs
// one child and its hanging one wait. The child gets requests with the PIN in them by a pipe; it has no
// database and none of our settings. Talking to modules needs a build with cgo; one without says so.
package token

import (
	"crypto"
	"errors"
	"fmt"
)

// Command is the hidden subcommand of our binary that runs Main.
const Command = "token"

// Errors that callers tell apart.
var (
	ErrNotBuilt    = errors.New("this build cannot use PKCS #11: it was made without cgo")
	ErrAbsent      = errors.New("token is not there")
	ErrWrongPIN    = errors.New("PIN is wrong")
	ErrLocked      = errors.New("PIN is locked")
	ErrNoKey       = errors.New("key is not in the token")
	ErrUnsupported = errors.New("token cannot sign in this way")
	ErrCrashed     = errors.New("module crashed")
	ErrTimeout     = errors.New("module does not answer")
)

// byName carries errors through the pipe.
var byName = map[string]error{"absent": ErrAbsent, "wrong_pin": ErrWrongPIN, "locked": ErrLocked, "no_key": ErrNoKey,
	"unsupported": ErrUnsupported, "not_built": ErrNotBuilt}

// Object is a private key in a token, with the certificates found beside it.
type Object struct {
	Token        string   // label of the token
	KeyID        string   // CKA_ID, hex
	Label        string   // CKA_LABEL
	Certificates [][]byte // DER; those of the same CKA_ID first, then all others of the token
	Own          int      // how many are of the same CKA_ID
}

// Info describes a token.
type Info struct {
	Label    string
	Maker    string
	Model    string
	Serial   string
	Sessions int // open ones, of our child
}

// request is one question to the child.
type request struct {
	ID      uint64
	Sign    *signing `json:",omitempty"` // else: tell what is in the token
	Token   string
	PIN     string
	Timeout int // seconds; the child need not go on longer
}

type signing struct {
	KeyID   string
	Hash    crypto.Hash
	Digests [][]byte
}

// response is what the child says to the request with the same ID.
type response struct {
	ID      uint64
	Values  [][]byte `json:",omitempty"` // RSA PKCS #1 v1.5; ECDSA as two numbers of equal length
	Objects []Object `json:",omitempty"`
	Info    Info
	Failure string `json:",omitempty"` // name of an error, or "other"
	Cause   string `json:",omitempty"` // for the log
}

func (r response) err() error {
	if r.Failure == "" {
		return nil
	}
	if known, ok := byName[r.Failure]; ok {
		return fmt.Errorf("%w: %s", known, r.Cause)
	}
	return errors.New(r.Cause)
}

// failed is the response to a request that went wrong.
func failed(id uint64, err error) response {
	r := response{ID: id, Failure: "other", Cause: err.Error()}
	for name, known := range byName {
		if errors.Is(err, known) {
			r.Failure = name
		}
	}
	return r
}

const maxMessage = 4 << 20 // bytes of one request or response
