package auth

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// Open makes an account with a first password and returns that password; without one the account
// waits for an administrator to give it. The caller records it.
func (s *Service) Open(ctx context.Context, tx *postgres.Tx, person id.Person, username, fullName string, withPassword bool) (string, error) {
	a := account{person: person, fullName: fullName, username: username, mustChange: true}
	password := ""
	if withPassword {
		var err error
		if password, a.hash, err = s.firstPassword(ctx); err != nil {
			return "", err
		}
	}
	return password, insertAccount(ctx, tx, a, s.now())
}

func (s *Service) firstPassword(ctx context.Context) (password, hash string, err error) {
	if password, err = temporaryPassword(); err != nil {
		return "", "", err
	}
	hash, err = s.hasher.hash(ctx, password)
	return password, hash, err
}

// ChangePassword changes the actor's own password; the person's other sessions end. An attempt counts
// like one at signing in before the present password is looked at, and passwords are judged outside
// of any transaction, because that takes time.
func (s *Service) ChangePassword(ctx context.Context, actor access.Actor, current, next string) error {
	if _, done, err := postgres.Recall[bool](ctx, s.db); err != nil || done {
		return err
	}
	acc, try, err := s.beginChange(ctx, actor, next)
	if err != nil {
		return err
	}
	right, err := s.hasher.matches(ctx, current, acc.hash)
	if err != nil {
		return errors.Join(err, takeBack(context.WithoutCancel(ctx), s.db, acc.username))
	}
	if !right {
		return s.wrongPresent(ctx, actor, acc, try, errWrongPresent)
	}
	if normal(current) == normal(next) {
		return errors.Join(errs.InvalidField("new_password", "auth.password_same"), takeBack(ctx, s.db, acc.username))
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return errors.Join(err, takeBack(context.WithoutCancel(ctx), s.db, acc.username))
	}
	_, err = postgres.Once(ctx, s.db, func(tx *postgres.Tx) (bool, error) {
		now := s.now()
		present, err := lockAccount(ctx, tx, actor.Person)
		if err != nil {
			return false, err
		}
		if present.hash != acc.hash { // changed meanwhile: what was typed is not the present one any more
			return false, errWrongPresent
		}
		if err := updatePassword(ctx, tx, actor.Person, hash, false, now); err != nil {
			return false, err
		}
		if _, err := forgiveName(ctx, tx, acc.username); err != nil {
			return false, err
		}
		ended, err := endSessions(ctx, tx, actor.Person, actor.Session, "password_changed", now)
		if err != nil {
			return false, err
		}
		s.feed.Touch(tx, live.Person(actor.Person.UUID))
		return true, audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.PasswordChanged, Object: actor.Person.UUID, Details: map[string]any{"sessions_ended": ended}})
	})
	return err
}

var errWrongPresent = errs.InvalidField("current_password", "auth.password_wrong")

// beginChange checks the new password and counts the attempt at the present one.
func (s *Service) beginChange(ctx context.Context, actor access.Actor, next string) (account, attempt, error) {
	return s.beginPresent(ctx, actor, func(acc account) error {
		if acc.demo {
			return errs.New(errs.Conflict, "auth.demo_password_stays")
		}
		return errs.InvalidFields(checkPassword("new_password", next, acc.username, acc.fullName))
	})
}

// ResetPassword gives a person a new first password, ends a lock and all sessions. The password is
// returned once and not kept with the result of the command: a repeat returns an empty one.
func (s *Service) ResetPassword(ctx context.Context, actor access.Actor, person id.Person) (string, error) {
	password, hash, err := s.firstPassword(ctx)
	if err != nil {
		return "", err
	}
	done := false
	_, err = postgres.Once(ctx, s.db, func(tx *postgres.Tx) (bool, error) {
		done = true
		acc, err := s.lockManaged(ctx, tx, actor, person)
		if err != nil {
			return false, err
		}
		return true, s.giveFirstPassword(ctx, tx, actor, acc, hash)
	})
	if err != nil || !done {
		return "", err
	}
	return password, nil
}

func (s *Service) giveFirstPassword(ctx context.Context, tx *postgres.Tx, actor access.Actor, acc account, hash string) error {
	now := s.now()
	if acc.demo {
		return errs.New(errs.Conflict, "auth.demo_password_stays")
	}
	if err := updatePassword(ctx, tx, acc.person, hash, true, now); err != nil {
		return err
	}
	if _, err := forgiveName(ctx, tx, acc.username); err != nil {
		return err
	}
	ended, err := endSessions(ctx, tx, acc.person, id.Session{}, "password_reset", now)
	if err != nil {
		return err
	}
	s.feed.Touch(tx, live.Person(acc.person.UUID))
	return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.PasswordReset, Object: acc.person.UUID, Details: map[string]any{"sessions_ended": ended}})
}

// lockManaged locks the account of a person whom the actor may manage.
func (s *Service) lockManaged(ctx context.Context, tx *postgres.Tx, actor access.Actor, person id.Person) (account, error) {
	if _, err := org.MayManage(ctx, tx, actor, person, s.now()); err != nil {
		return account{}, err
	}
	acc, err := lockAccount(ctx, tx, person)
	if errors.Is(err, pgx.ErrNoRows) {
		return account{}, errs.Missing()
	}
	return acc, err
}

// Unlock ends the lock after failed attempts.
func (s *Service) Unlock(ctx context.Context, actor access.Actor, person id.Person) error {
	return s.command(ctx, actor, person, func(tx *postgres.Tx, acc account) error {
		if _, err := forgiveName(ctx, tx, acc.username); err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, s.now(), audit.Event{Kind: audit.AccountUnlocked, Object: person.UUID})
	})
}

// Disable disables an account and ends its sessions. Nobody disables the own account, and a system
// administrator must remain.
func (s *Service) Disable(ctx context.Context, actor access.Actor, person id.Person) error {
	if actor.Person == person {
		return errs.New(errs.Conflict, "auth.not_yourself")
	}
	return s.command(ctx, actor, person, func(tx *postgres.Tx, acc account) error {
		now := s.now()
		if acc.disabledAt != nil {
			return nil
		}
		if _, err := tx.Exec(ctx, `update accounts set disabled_at = $2, version = version + 1 where person_id = $1`, person, now); err != nil {
			return err
		}
		held, err := org.ValidAppointments(ctx, tx, person, org.Today(now))
		if err != nil {
			return err
		}
		if slices.ContainsFunc(held, func(a org.Appointment) bool { return slices.Contains(a.Roles, access.SystemAdmin) }) {
			if err := org.AdministratorStays(ctx, tx, now); err != nil {
				return err
			}
		}
		if _, err := endSessions(ctx, tx, person, id.Session{}, "disabled", now); err != nil {
			return err
		}
		s.feed.Touch(tx, live.Person(person.UUID))
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.AccountDisabled, Object: person.UUID})
	})
}

// Enable lets a disabled account sign in again.
func (s *Service) Enable(ctx context.Context, actor access.Actor, person id.Person) error {
	return s.command(ctx, actor, person, func(tx *postgres.Tx, _ account) error {
		if _, err := tx.Exec(ctx, `update accounts set disabled_at = null, version = version + 1 where person_id = $1`, person); err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, s.now(), audit.Event{Kind: audit.AccountEnabled, Object: person.UUID})
	})
}

func (s *Service) command(ctx context.Context, actor access.Actor, person id.Person, fn func(tx *postgres.Tx, acc account) error) error {
	_, err := postgres.Once(ctx, s.db, func(tx *postgres.Tx) (bool, error) {
		acc, err := s.lockManaged(ctx, tx, actor, person)
		if err != nil {
			return false, err
		}
		return true, fn(tx, acc)
	})
	return err
}

// ResetByOperator is ResetPassword by name from the operator's command line.
func (s *Service) ResetByOperator(ctx context.Context, username string) (string, error) {
	password, hash, err := s.firstPassword(ctx)
	if err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		acc, err := findAccountByName(ctx, tx, strings.ToLower(strings.TrimSpace(username)))
		if err != nil {
			return err
		}
		return s.giveFirstPassword(ctx, tx, access.Actor{}, acc, hash)
	})
	if err != nil {
		return "", err
	}
	return password, nil
}
