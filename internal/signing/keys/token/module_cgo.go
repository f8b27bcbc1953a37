//go:build cgo

package token

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/miekg/pkcs11"
)

// Built reports whether this build can use tokens.
const Built = true

const mostSessions = 8 // of one token, at once

// module is a loaded and initialised library.
type module struct {
	ctx *pkcs11.Ctx

	mu     sync.Mutex // guards tokens
	tokens map[string]*open
}

// open is a token that we are logged in to. The login belongs to all sessions together and ends with the
// last: so the one that logged in stays open unused, and the others are used again.
type open struct {
	slot  uint
	turns chan struct{} // one for each session in use

	mu       sync.Mutex // guards what follows
	idle     []pkcs11.SessionHandle
	sessions int // open
	keys     map[string]privateKey
}

// privateKey is a key found in a token.
type privateKey struct {
	handle pkcs11.ObjectHandle
	kind   uint // CKK_RSA, CKK_EC
	always bool // wants the PIN for each signature
}

func load(path string) (worker, error) {
	ctx := pkcs11.New(path)
	if ctx == nil {
		return nil, fmt.Errorf("%w: module %s cannot be loaded", ErrAbsent, path)
	}
	if err := ctx.Initialize(); err != nil && !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		return nil, fmt.Errorf("initialise module: %w", err)
	}
	return &module{ctx: ctx, tokens: map[string]*open{}}, nil
}

func is(err error, codes ...uint) bool {
	var e pkcs11.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if uint(e) == c {
			return true
		}
	}
	return false
}

func (m *module) work(req request) (response, error) {
	t, err := m.open(req.Token, req.PIN)
	if err != nil {
		return response{}, err
	}
	session, done, err := m.session(t)
	if err != nil {
		return response{}, translate(err)
	}
	var r response
	if req.Sign != nil {
		r.Values, err = m.sign(session, t, req)
	} else if r.Objects, err = m.look(session, req.Token); err == nil {
		r.Info, err = m.info(t)
	}
	done(err == nil)
	return r, translate(err)
}

// open logs in to a token with a label, once.
func (m *module) open(label, pin string) (*open, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t, ok := m.tokens[label]; ok {
		return t, nil
	}
	slot, err := m.find(label)
	if err != nil {
		return nil, err
	}
	session, err := m.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, translate(err)
	}
	if err := m.ctx.Login(session, pkcs11.CKU_USER, pin); err != nil && !is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN) {
		_ = m.ctx.CloseSession(session)
		return nil, translate(err)
	}
	t := &open{slot: slot, turns: make(chan struct{}, mostSessions), sessions: 1, keys: map[string]privateKey{}}
	m.tokens[label] = t
	return t, nil
}

func (m *module) find(label string) (uint, error) {
	slots, err := m.ctx.GetSlotList(true)
	if err != nil {
		return 0, translate(err)
	}
	found, number := 0, uint(0)
	for _, slot := range slots {
		info, err := m.ctx.GetTokenInfo(slot)
		if err == nil && strings.TrimRight(info.Label, " \x00") == label {
			found, number = found+1, slot
		}
	}
	switch found {
	case 0:
		return 0, ErrAbsent
	case 1:
		return number, nil
	}
	return 0, fmt.Errorf("%w: %d tokens have this label", ErrAbsent, found)
}

// session borrows a session; done gives it back, or closes it when something went wrong with it.
func (m *module) session(t *open) (session pkcs11.SessionHandle, done func(good bool), err error) {
	t.turns <- struct{}{}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.idle); n > 0 {
		session, t.idle = t.idle[n-1], t.idle[:n-1]
	} else if session, err = m.ctx.OpenSession(t.slot, pkcs11.CKF_SERIAL_SESSION); err != nil {
		<-t.turns
		return 0, nil, err
	} else {
		t.sessions++
	}
	return session, func(good bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if good {
			t.idle = append(t.idle, session)
		} else {
			t.sessions--
			_ = m.ctx.CloseSession(session)
		}
		<-t.turns
	}, nil
}

func (m *module) sign(session pkcs11.SessionHandle, t *open, req request) ([][]byte, error) {
	key, err := m.key(session, t, req.Sign.KeyID)
	if err != nil {
		return nil, err
	}
	values := make([][]byte, len(req.Sign.Digests))
	for i, digest := range req.Sign.Digests {
		mechanism, input := uint(pkcs11.CKM_ECDSA), digest
		if key.kind == pkcs11.CKK_RSA {
			prefix, ok := digestInfo[req.Sign.Hash]
			if !ok {
				return nil, ErrUnsupported
			}
			mechanism, input = pkcs11.CKM_RSA_PKCS, append(bytes.Clone(prefix), digest...)
		}
		if err := m.ctx.SignInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, key.handle); err != nil {
			return nil, err
		}
		if key.always {
			if err := m.ctx.Login(session, pkcs11.CKU_CONTEXT_SPECIFIC, req.PIN); err != nil {
				return nil, err
			}
		}
		if values[i], err = m.ctx.Sign(session, input); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// digestInfo is what stands before a digest in PKCS #1 v1.5 (RFC 8017 9.2).
var digestInfo = map[crypto.Hash][]byte{
	crypto.SHA256: {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
	crypto.SHA384: {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
	crypto.SHA512: {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
}

// key finds a private key by its CKA_ID.
func (m *module) key(session pkcs11.SessionHandle, t *open, keyID string) (privateKey, error) {
	t.mu.Lock()
	k, ok := t.keys[keyID]
	t.mu.Unlock()
	if ok {
		return k, nil
	}
	raw, err := hex.DecodeString(keyID)
	if err != nil {
		return k, ErrNoKey
	}
	found, err := m.objects(session, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, raw))
	if err != nil {
		return k, err
	}
	if len(found) != 1 {
		return k, fmt.Errorf("%w: %d keys with id %s", ErrNoKey, len(found), keyID)
	}
	k.handle = found[0]
	kind, err := m.ctx.GetAttributeValue(session, k.handle, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, nil)})
	if err != nil {
		return k, err
	}
	if k.kind = number(kind[0].Value); k.kind != pkcs11.CKK_RSA && k.kind != pkcs11.CKK_EC {
		return k, ErrUnsupported
	}
	if always, err := m.ctx.GetAttributeValue(session, k.handle, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ALWAYS_AUTHENTICATE, nil)}); err == nil {
		k.always = len(always[0].Value) == 1 && always[0].Value[0] == 1 // tokens from before version 2.20 do not know it
	}
	t.mu.Lock()
	t.keys[keyID] = k
	t.mu.Unlock()
	return k, nil
}

// number reads a CK_ULONG as this machine writes it.
func number(b []byte) uint {
	var n uint
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint(b[i])
	}
	return n
}

func (m *module) objects(session pkcs11.SessionHandle, template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := m.ctx.FindObjectsInit(session, template); err != nil {
		return nil, err
	}
	const most = 200
	found, _, err := m.ctx.FindObjects(session, most)
	return found, errors.Join(err, m.ctx.FindObjectsFinal(session))
}

// look lists the private keys of a token with their certificates.
func (m *module) look(session pkcs11.SessionHandle, label string) ([]Object, error) {
	type certificate struct{ id, der []byte }
	handles, err := m.objects(session, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE))
	if err != nil {
		return nil, err
	}
	var certificates []certificate
	for _, h := range handles {
		a, err := m.ctx.GetAttributeValue(session, h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ID, nil), pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)})
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate{a[0].Value, a[1].Value})
	}
	if handles, err = m.objects(session, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY)); err != nil {
		return nil, err
	}
	var all []Object
	for _, h := range handles {
		a, err := m.ctx.GetAttributeValue(session, h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ID, nil), pkcs11.NewAttribute(pkcs11.CKA_LABEL, nil)})
		if err != nil {
			return nil, err
		}
		o := Object{Token: label, KeyID: hex.EncodeToString(a[0].Value), Label: string(a[1].Value)}
		for _, own := range []bool{true, false} {
			for _, c := range certificates {
				if bytes.Equal(c.id, a[0].Value) == own {
					o.Certificates = append(o.Certificates, c.der)
				}
			}
			if own {
				o.Own = len(o.Certificates)
			}
		}
		all = append(all, o)
	}
	return all, nil
}

func (m *module) info(t *open) (Info, error) {
	i, err := m.ctx.GetTokenInfo(t.slot)
	text := func(s string) string { return strings.TrimRight(s, " \x00") }
	t.mu.Lock()
	defer t.mu.Unlock()
	return Info{Label: text(i.Label), Maker: text(i.ManufacturerID), Model: text(i.Model), Serial: text(i.SerialNumber), Sessions: t.sessions}, err
}

// translate gives the codes of PKCS #11 that somebody can act on our names.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case is(err, pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE):
		return fmt.Errorf("%w: %w", ErrWrongPIN, err)
	case is(err, pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_PIN_EXPIRED):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case is(err, pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_SLOT_ID_INVALID):
		return fmt.Errorf("%w: %w", ErrAbsent, err)
	case is(err, pkcs11.CKR_MECHANISM_INVALID, pkcs11.CKR_KEY_TYPE_INCONSISTENT, pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED, pkcs11.CKR_KEY_SIZE_RANGE):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return err
}
