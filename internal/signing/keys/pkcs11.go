package keys

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/signing/keys/token"
)

// tokens signs with PKCS #11 tokens, one child process per module.
type tokens struct {
	list    []Token
	clients map[string]*token.Client // by module
}

func newTokens(list []Token, args []string) *tokens {
	t := &tokens{list: list, clients: map[string]*token.Client{}}
	for _, x := range list {
		if t.clients[x.Module] == nil {
			t.clients[x.Module] = &token.Client{Module: x.Module, Args: args}
		}
	}
	return t
}

// Start implements Source.
func (t *tokens) Start(ctx context.Context, cert Certificate, b Batch) (Answer, error) {
	if err := b.check(); err != nil {
		return Answer{}, err
	}
	values, err := t.sign(ctx, cert.settings.Token, cert.settings.KeyID, b.Hash, b.Digests)
	if err != nil {
		return Answer{}, err
	}
	if values, err = verifyAll(cert, b.Hash, b.Digests, values); err != nil {
		return Answer{}, err
	}
	return Answer{Values: values}, nil
}

// Poll implements Source; there is nothing to wait for.
func (t *tokens) Poll(context.Context, Certificate, string) (Answer, error) {
	return Answer{}, errors.New("a token gives no tickets")
}

func (t *tokens) sign(ctx context.Context, label, keyID string, hash crypto.Hash, digests [][]byte) ([][]byte, error) {
	client, pin, err := t.find(label)
	if err != nil {
		return nil, err
	}
	values, err := client.Sign(ctx, label, pin, keyID, hash, digests)
	return values, tokenError(err, label)
}

func (t *tokens) find(label string) (*token.Client, string, error) {
	i := slices.IndexFunc(t.list, func(x Token) bool { return x.Label == label })
	if i < 0 {
		return nil, "", errs.New(errs.Unavailable, "keys.token_unknown").With("token", label)
	}
	pin, err := t.list[i].PIN.read()
	if err != nil {
		return nil, "", errs.Wrap(errs.Unavailable, "keys.token_pin_missing", err).With("token", label)
	}
	return t.clients[t.list[i].Module], pin, nil
}

// tokenError says what is wrong in words that somebody can act on.
func tokenError(err error, label string) error {
	for _, known := range []struct {
		err error
		as  *errs.Error
	}{
		{token.ErrNotBuilt, errs.New(errs.Unavailable, "keys.token_not_built")},
		{token.ErrAbsent, errs.New(errs.Unavailable, "keys.token_absent")},
		{token.ErrWrongPIN, errs.New(errs.Unavailable, "keys.token_wrong_pin")},
		{token.ErrLocked, errs.New(errs.Unavailable, "keys.token_locked")},
		{token.ErrNoKey, errs.New(errs.Unavailable, "keys.token_without_key")},
		{token.ErrUnsupported, errs.New(errs.Unavailable, "keys.token_unsupported")},
		{token.ErrTimeout, errs.New(errs.Unavailable, "keys.token_silent")},
		{token.ErrCrashed, errs.New(errs.Unavailable, "keys.token_failed")},
	} {
		if errors.Is(err, known.err) {
			e := known.as.With("token", label)
			e.Err = err
			return e
		}
	}
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	e := errs.New(errs.Unavailable, "keys.token_failed").With("token", label)
	e.Err = err
	return e
}

// TokenEntry is a token of the settings as administrators see it. Failure is what keeps it from being used.
type TokenEntry struct {
	Label   string
	Info    token.Info
	Objects []TokenObject
	Failure *errs.Error
}

// TokenObject is a private key in a token. Leaf is nil when the token holds no certificate for it.
type TokenObject struct {
	KeyID string
	Label string
	Leaf  *x509.Certificate
}

// Tokens looks into every token of the settings.
func (s *Service) Tokens(ctx context.Context, actor access.Actor) ([]TokenEntry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return nil, err
	}
	all := make([]TokenEntry, 0, len(s.tokens.list))
	for _, t := range s.tokens.list {
		e := TokenEntry{Label: t.Label}
		objects, info, err := s.look(ctx, t.Label)
		if err != nil && !errors.As(err, &e.Failure) {
			return nil, err
		}
		e.Info = info
		for _, o := range objects {
			x := TokenObject{KeyID: o.KeyID, Label: o.Label}
			for _, der := range o.Certificates[:o.Own] {
				if c, err := x509.ParseCertificate(der); err == nil && !c.IsCA {
					x.Leaf = c
					break
				}
			}
			e.Objects = append(e.Objects, x)
		}
		all = append(all, e)
	}
	return all, nil
}

func (s *Service) look(ctx context.Context, label string) ([]token.Object, token.Info, error) {
	client, pin, err := s.tokens.find(label)
	if err != nil {
		return nil, token.Info{}, err
	}
	objects, info, err := client.Look(ctx, label, pin)
	return objects, info, tokenError(err, label)
}

// AddPKCS11 registers a key in a token. Its certificate is the one in the token or among the given, as
// found out by a trial signature.
func (s *Service) AddPKCS11(ctx context.Context, actor access.Actor, h Holder, ref TokenKey) (Entry, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Entry{}, err
	}
	objects, _, err := s.look(ctx, ref.Token)
	if err != nil {
		return Entry{}, err
	}
	keyID := strings.ToLower(ref.KeyID)
	i := slices.IndexFunc(objects, func(o token.Object) bool { return o.KeyID == keyID })
	if i < 0 {
		return Entry{}, errs.New(errs.Unavailable, "keys.token_without_key").With("token", ref.Token)
	}
	var all []*x509.Certificate
	if len(ref.Certificate) > 0 {
		if all, err = ReadCertificates(ref.Certificate); err != nil {
			return Entry{}, err
		}
	}
	for _, der := range objects[i].Certificates {
		if c, err := x509.ParseCertificate(der); err == nil {
			all = append(all, c)
		}
	}
	c := Certificate{Kind: PKCS11, settings: settings{Token: ref.Token, KeyID: keyID}}
	if c.Leaf, err = s.proven(ctx, ref.Token, keyID, all); err != nil {
		return Entry{}, err
	}
	if err := fit(c.Leaf, s.Now()); err != nil {
		return Entry{}, err
	}
	c.Chain = chainOf(c.Leaf, all)
	return s.add(ctx, actor, h, c, nil)
}

// TokenKey names a key in a token. Certificate is its certificate, when the token does not hold it.
type TokenKey struct {
	Token       string
	KeyID       string
	Certificate []byte
}

// proven is the certificate that a key in a token belongs to.
func (s *Service) proven(ctx context.Context, label, keyID string, all []*x509.Certificate) (*x509.Certificate, error) {
	var text [32]byte
	if _, err := rand.Read(text[:]); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(append([]byte("Nghị Sự: thử khóa "), text[:]...))
	values, err := s.tokens.sign(ctx, label, keyID, crypto.SHA256, [][]byte{digest[:]})
	if err != nil {
		return nil, err
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("%d values for one digest", len(values))
	}
	for _, c := range all {
		if _, err := verify(Certificate{Leaf: c}, crypto.SHA256, digest[:], values[0]); err == nil {
			return c, nil
		}
	}
	return nil, errs.New(errs.Invalid, "keys.key_without_certificate")
}
