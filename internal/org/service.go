package org

import (
	"context"
	"time"

	"github.com/google/uuid"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/storage/postgres"
)

// Accounts opens and reads accounts for the people that org adds; auth implements it.
type Accounts interface {
	// Open makes an account with a first password, to be changed at the first sign-in, and returns
	// that password; with withPassword false the account waits for an administrator to give one.
	Open(ctx context.Context, tx *postgres.Tx, person id.Person, username, fullName string, withPassword bool) (string, error)
}

// Deps are the parts the service is built from.
type Deps struct {
	DB       *postgres.DB
	Accounts Accounts
	Feed     *live.Feed
	Now      func() time.Time // postgres.Now when nil
}

// Service holds the use cases of the organisation.
type Service struct {
	db       *postgres.DB
	accounts Accounts
	feed     *live.Feed
	now      func() time.Time
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	if d.Feed == nil {
		d.Feed = live.NewFeed()
	}
	return &Service{db: d.DB, accounts: d.Accounts, feed: d.Feed, now: d.Now}
}

// act holds what every step of one use case needs.
type act struct {
	tx    *postgres.Tx
	actor access.Actor
	now   time.Time
}

func (a act) today() time.Time { return Today(a.now) }

func (a act) record(ctx context.Context, kind audit.Kind, object uuid.UUID, agency id.Agency, details map[string]any) error {
	return audit.Append(ctx, a.tx, a.actor, a.now, audit.Event{Kind: kind, Object: object, Agency: agency, Details: details})
}

// stale answers an update of an older version with what is there now.
func stale(seen, is int, current any) error {
	if seen == 0 || seen == is {
		return nil
	}
	return &errs.Error{Code: errs.Stale, Key: "request.stale", Current: current}
}

func day(t time.Time) string { return t.Format(time.DateOnly) }
