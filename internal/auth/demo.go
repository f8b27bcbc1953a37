package auth

import (
	"context"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// MarkDemo makes an empty installation a demo, for ever: it is what allows OpenDemo.
func MarkDemo(ctx context.Context, tx *postgres.Tx) error {
	var empty bool
	if err := tx.QueryRow(ctx, `select not exists (select from persons) and not exists (select from agencies)`).Scan(&empty); err != nil {
		return err
	}
	if !empty {
		return errs.New(errs.Conflict, "auth.demo_needs_empty")
	}
	_, err := tx.Exec(ctx, `update installation set demo = true`)
	return err
}

// OpenDemo makes demo accounts by username, all with one password that keeps our rules and need not
// be changed. Refused (auth.demo_refused) unless the installation is a demo; the database refuses it too.
func (s *Service) OpenDemo(ctx context.Context, tx *postgres.Tx, people map[string]id.Person, password string) error {
	var demo bool
	if err := tx.QueryRow(ctx, `select demo from installation`).Scan(&demo); err != nil {
		return err
	}
	if !demo {
		return errs.New(errs.Forbidden, "auth.demo_refused")
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	now := s.now()
	for username, person := range people {
		if fields := checkPassword("password", password, username, ""); len(fields) > 0 {
			return errs.InvalidFields(fields)
		}
		if err := insertAccount(ctx, tx, account{person: person, username: username, hash: hash, demo: true}, now); err != nil {
			return err
		}
		err := audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.AccountCreated, Object: person.UUID, Details: map[string]any{"username": username, "demo": true}})
		if err != nil {
			return err
		}
	}
	return nil
}
