package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

var errWrong = errs.New(errs.Unauthenticated, "auth.wrong_credentials")

// SignIn opens a session for the right password. A name nobody has, an account without a password
// and a wrong password take the same time and get the same answer; after five failures in a row the
// name is locked, whether an account has it or not.
func (s *Service) SignIn(ctx context.Context, in SignIn) (SignedIn, error) {
	username := strings.ToLower(strings.TrimSpace(in.Username))
	now := s.now()
	var try attempt
	acc := account{}
	err := postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		var err error
		if try, err = beginAttempt(ctx, tx, username, in.Address, now); err != nil {
			return err
		}
		acc, err = findAccountByName(ctx, tx, username)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return SignedIn{}, s.refusedBefore(ctx, err, in, now)
	}
	ok, err := s.hasher.matches(ctx, in.Password, acc.hash)
	if err != nil {
		return SignedIn{}, errors.Join(err, takeBack(context.WithoutCancel(ctx), s.db, username))
	}
	if !ok {
		return SignedIn{}, s.fail(ctx, acc, try, in, now)
	}
	var out SignedIn
	err = postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		var err error
		out, err = s.open(ctx, tx, acc, in, now)
		return err
	})
	return out, err
}

// refusedBefore records an attempt that a lock refused. Nothing more is written for an address that is
// at its limit: otherwise anybody could fill the record, and keep an office out by trying on.
func (s *Service) refusedBefore(ctx context.Context, refusal error, in SignIn, now time.Time) error {
	var known *errs.Error
	if !errors.As(refusal, &known) || known.Code != errs.TooMany || known.Key == keyAddressLimit {
		return refusal
	}
	err := postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		if err := failAttempt(ctx, tx, in.Address, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.SignInRefused, Details: map[string]any{"reason": "locked"}})
	})
	if err != nil {
		return err
	}
	return refusal
}

// fail records a failed attempt. The name that was typed is not recorded: people type passwords there.
func (s *Service) fail(ctx context.Context, acc account, try attempt, in SignIn, now time.Time) error {
	err := postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		if err := failAttempt(ctx, tx, in.Address, now); err != nil {
			return err
		}
		e := audit.Event{Kind: audit.SignInRefused, Object: acc.person.UUID, Details: map[string]any{"reason": "wrong", "failures": try.failures}}
		if err := audit.Append(ctx, tx, access.Actor{}, now, e); err != nil || try.lockedAs == 0 {
			return err
		}
		return audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.LockedOut, Object: acc.person.UUID,
			Details: map[string]any{"minutes": int(try.lockedAs.Minutes()), "failures": try.failures}})
	})
	if err != nil {
		return err
	}
	if try.lockedAs > 0 {
		return lockedError(try.lockedAs)
	}
	return errWrong
}

// open makes the session after the right password.
func (s *Service) open(ctx context.Context, tx *postgres.Tx, acc account, in SignIn, now time.Time) (SignedIn, error) {
	acc, err := lockAccount(ctx, tx, acc.person) // it may have been disabled meanwhile
	if err != nil {
		return SignedIn{}, err
	}
	if _, err := forgiveName(ctx, tx, acc.username); err != nil { // after the account, as everywhere
		return SignedIn{}, err
	}
	if acc.disabledAt != nil {
		return SignedIn{}, errs.New(errs.Forbidden, "auth.account_disabled")
	}
	held, err := org.ValidAppointments(ctx, tx, acc.person, org.Today(now))
	if err != nil {
		return SignedIn{}, err
	}
	policy, err := secondFactorRoles(ctx, tx)
	if err != nil {
		return SignedIn{}, err
	}
	token, err := newToken()
	if err != nil {
		return SignedIn{}, err
	}
	idle := s.limits.Idle
	if in.Shared {
		idle = s.limits.SharedIdle
	}
	row := sessionRow{id: id.New[id.Session](), tokenHash: tokenHash(token), person: acc.person, factorDue: secondFactorDue(policy, held),
		device: device(in.UserAgent), address: in.Address, idle: idle, now: now, expiresAt: now.Add(s.limits.Absolute)}
	actor := access.Actor{Person: acc.person, Session: row.id, Name: acc.fullName}
	if len(held) == 1 {
		row.appointment = &held[0].ID
		actor.Appointment, actor.Agency = held[0].ID, held[0].Agency
	}
	if err := insertSession(ctx, tx, row); err != nil {
		return SignedIn{}, err
	}
	err = audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.SignedIn, Object: acc.person.UUID,
		Details: map[string]any{"device": row.device, "shared": in.Shared}})
	return SignedIn{Token: token, ExpiresAt: row.expiresAt, Next: nextStep(acc.mustChange, row.factorDue, row.appointment != nil)}, err
}

// nextStep is what a session still needs before its person can act.
func nextStep(mustChange, factorDue, chosen bool) Next {
	switch {
	case factorDue:
		return SecondFactor
	case mustChange:
		return MustChange
	case !chosen:
		return ChooseAppointment
	}
	return Done
}

// secondFactorDue applies the installation's policy to what a person may act in.
func secondFactorDue(policy []access.Role, held []org.Appointment) bool {
	for _, a := range held {
		for _, r := range a.Roles {
			if slices.Contains(policy, r) {
				return true
			}
		}
	}
	return false
}

// newToken makes the secret of a session: 32 random bytes.
func newToken() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
