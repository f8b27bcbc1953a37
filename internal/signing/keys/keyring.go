package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"nghisu/internal/errs"
	"nghisu/internal/signing/devpki"
)

// Keyring holds the keys that secrets are encrypted with before they go to the database: private keys of
// PKCS #12 files, and what a signing service gave for one act. It comes from the settings, never from the
// database.
type Keyring struct {
	active string // name of the key that encrypts; the others only decrypt
	byName map[string]cipher.AEAD
}

const keyBytes = 32 // AES-256

var keyName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// ReadKeyring reads entries NAME:BASE64 of 32 bytes, one a line or by commas. The first encrypts, all
// decrypt: so a new key goes to the front, and an old one leaves once nothing is encrypted with it.
func ReadKeyring(text string) (*Keyring, error) {
	k := &Keyring{byName: map[string]cipher.AEAD{}}
	for i, entry := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' }) {
		entry = strings.TrimSpace(entry)
		if entry == "" || strings.HasPrefix(entry, "#") {
			continue
		}
		name, encoded, ok := strings.Cut(entry, ":")
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if !ok || !keyName.MatchString(name) || err != nil || len(raw) != keyBytes {
			return nil, fmt.Errorf("key-encryption key %d: NAME:BASE64 of %d bytes expected", i+1, keyBytes) // never the value
		}
		if _, double := k.byName[name]; double {
			return nil, fmt.Errorf("key-encryption key %s is there twice", name)
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, err
		}
		if k.byName[name], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, err
		}
		if k.active == "" {
			k.active = name
		}
	}
	if k.active == "" {
		return nil, fmt.Errorf("no key-encryption key")
	}
	return k, nil
}

// OpenKeyring reads the keyring of a file that belongs to us alone; it is made with one new key, mode
// 0600, when there is none. Two nodes at once make one.
func OpenKeyring(path string) (*Keyring, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create folder of key-encryption keys: %w", err)
	}
	text, err := devpki.ReadOrMake(path, func() ([]byte, error) {
		raw := make([]byte, keyBytes)
		if _, err := rand.Read(raw); err != nil {
			return nil, err
		}
		return []byte("k1:" + base64.StdEncoding.EncodeToString(raw) + "\n"), nil
	})
	if err != nil {
		return nil, fmt.Errorf("open key-encryption keys: %w", err)
	}
	return ReadKeyring(string(text))
}

// secret is an encrypted text as the database keeps it.
type secret struct {
	with   string // name of the key
	sealed []byte
}

// errNoKeyring is the answer of an installation without key-encryption keys.
var errNoKeyring = errs.New(errs.Unavailable, "keys.no_encryption_key")

// seal encrypts; about says what it belongs to, and only with the same it opens again.
func (k *Keyring) seal(plain []byte, about string) (secret, error) {
	if k == nil {
		return secret{}, errNoKeyring
	}
	return secret{k.active, k.byName[k.active].Seal(nil, nil, plain, []byte(about))}, nil
}

// open decrypts.
func (k *Keyring) open(s secret, about string) ([]byte, error) {
	if k == nil {
		return nil, errNoKeyring
	}
	aead, ok := k.byName[s.with]
	if !ok {
		return nil, errs.Wrap(errs.Unavailable, "keys.encryption_key_missing", fmt.Errorf("key-encryption key %q is not in the settings", s.with))
	}
	plain, err := aead.Open(nil, nil, s.sealed, []byte(about))
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "keys.encryption_key_missing", fmt.Errorf("key-encryption key %q does not fit: %w", s.with, err))
	}
	return plain, nil
}
