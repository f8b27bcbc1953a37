package auth

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/storage/postgres"
)

var errWrongAgain = errs.InvalidField("password", "auth.password_wrong")

// StepUp takes the password of whoever sits at a session again, before they sign, and tells until when
// it counts. An attempt counts like one at signing in; at a lock the session ends.
func (s *Service) StepUp(ctx context.Context, actor access.Actor, password string) (time.Time, error) {
	acc, try, err := s.beginPresent(ctx, actor, func(account) error { return nil })
	if err != nil {
		return time.Time{}, err
	}
	right, err := s.hasher.matches(ctx, password, acc.hash)
	if err != nil {
		return time.Time{}, errors.Join(err, takeBack(context.WithoutCancel(ctx), s.db, acc.username))
	}
	if !right {
		return time.Time{}, s.wrongPresent(ctx, actor, acc, try, errWrongAgain)
	}
	now := s.now()
	return now.Add(s.limits.StepUp), postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		present, err := lockAccount(ctx, tx, actor.Person)
		if err != nil {
			return err
		}
		if present.hash != acc.hash { // changed meanwhile
			return errWrongAgain
		}
		tag, err := tx.Exec(ctx, `update sessions s set stepped_up_at = $1 where s.person_id = $2 and s.id = $3 and `+running, now, actor.Person, actor.Session)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errs.New(errs.Unauthenticated, "auth.sign_in_needed")
		}
		if _, err := forgiveName(ctx, tx, acc.username); err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.SteppedUp, Object: actor.Session.UUID})
	})
}

// beginPresent counts an attempt at the present password of the actor, if check agrees. While the name
// is locked the session ends: somebody else may sit at it.
func (s *Service) beginPresent(ctx context.Context, actor access.Actor, check func(account) error) (acc account, try attempt, err error) {
	var refusal error
	err = postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now := s.now()
		if acc, err = lockAccount(ctx, tx, actor.Person); err != nil {
			return err
		}
		if err := check(acc); err != nil {
			return err
		}
		try, err = beginAttempt(ctx, tx, acc.username, "session", now)
		if !errs.Is(err, errs.TooMany) {
			return err
		}
		refusal = err
		_, err = endSession(ctx, tx, actor.Person, actor.Session, "locked_out", now)
		return err
	})
	if err == nil {
		err = refusal
	}
	return acc, try, err
}

// wrongPresent records a wrong present password and answers wrong. At a lock the session ends. When the
// same command was done by another request at the same moment, its answer counts.
func (s *Service) wrongPresent(ctx context.Context, actor access.Actor, acc account, try attempt, wrong error) error {
	if _, done, err := postgres.Recall[bool](ctx, s.db); err != nil || done {
		return errors.Join(err, takeBack(ctx, s.db, acc.username))
	}
	err := postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now := s.now()
		if try.lockedAs > 0 {
			if _, err := endSession(ctx, tx, actor.Person, actor.Session, "locked_out", now); err != nil {
				return err
			}
		}
		e := audit.Event{Kind: audit.SignInRefused, Object: actor.Person.UUID, Details: map[string]any{"reason": "present_password_wrong", "failures": try.failures}}
		return audit.Append(ctx, tx, actor, now, e)
	})
	if err != nil {
		return err
	}
	if try.lockedAs > 0 {
		return lockedError(try.lockedAs)
	}
	return wrong
}
