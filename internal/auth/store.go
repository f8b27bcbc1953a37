package auth

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

type account struct {
	person     id.Person
	fullName   string
	username   string
	hash       string
	mustChange bool
	disabledAt *time.Time
	demo       bool
}

const accountColumns = `c.person_id, p.full_name, c.username, c.password_hash, c.must_change, c.disabled_at, c.demo`

func accountTargets(a *account) []any {
	return []any{&a.person, &a.fullName, &a.username, &a.hash, &a.mustChange, &a.disabledAt, &a.demo}
}

// findAccountByName returns pgx.ErrNoRows when nobody has the name.
func findAccountByName(ctx context.Context, q postgres.Querier, username string) (account, error) {
	var a account
	err := q.QueryRow(ctx, `select `+accountColumns+` from accounts c join persons p on p.id = c.person_id where c.username = $1`, username).
		Scan(accountTargets(&a)...)
	return a, err
}

func lockAccount(ctx context.Context, q postgres.Querier, person id.Person) (account, error) {
	var a account
	err := q.QueryRow(ctx, `select `+accountColumns+` from accounts c join persons p on p.id = c.person_id where c.person_id = $1 for update of c`, person).
		Scan(accountTargets(&a)...)
	return a, err
}

func insertAccount(ctx context.Context, q postgres.Querier, a account, now time.Time) error {
	_, err := q.Exec(ctx, `insert into accounts (person_id, username, password_hash, must_change, demo, created_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $6)`, a.person, a.username, a.hash, a.mustChange, a.demo, now)
	return err
}

func updatePassword(ctx context.Context, q postgres.Querier, person id.Person, hash string, mustChange bool, now time.Time) error {
	_, err := q.Exec(ctx, `update accounts set password_hash = $2, must_change = $3, changed_at = $4, version = version + 1 where person_id = $1`,
		person, hash, mustChange, now)
	return err
}

type sessionRow struct {
	id          id.Session
	tokenHash   []byte
	person      id.Person
	appointment *id.Appointment
	factorDue   bool
	device      string
	address     string
	idle        time.Duration
	now         time.Time
	expiresAt   time.Time
}

func insertSession(ctx context.Context, q postgres.Querier, s sessionRow) error {
	_, err := q.Exec(ctx, `insert into sessions (id, token_hash, person_id, appointment_id, second_factor_due, device, address, idle_seconds, created_at, last_used_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)`,
		s.id, s.tokenHash, s.person, s.appointment, s.factorDue, s.device, s.address, int(s.idle.Seconds()), s.now, s.expiresAt)
	return err
}

// running is the condition that session s has not ended at the time $1.
const running = ` s.ended_at is null and s.expires_at > $1 and s.last_used_at + make_interval(secs => s.idle_seconds) > $1 `

// endSessions ends running sessions of a person, all but one, and returns how many.
func endSessions(ctx context.Context, q postgres.Querier, person id.Person, but id.Session, reason string, now time.Time) (int64, error) {
	tag, err := q.Exec(ctx, `update sessions s set ended_at = $1, end_reason = $4 where s.person_id = $2 and s.id <> $3 and `+running, now, person, but, reason)
	return tag.RowsAffected(), err
}

func endSession(ctx context.Context, q postgres.Querier, person id.Person, session id.Session, reason string, now time.Time) (int64, error) {
	tag, err := q.Exec(ctx, `update sessions s set ended_at = $1, end_reason = $4 where s.person_id = $2 and s.id = $3 and `+running, now, person, session, reason)
	return tag.RowsAffected(), err
}

func listSessions(ctx context.Context, q postgres.Querier, person id.Person, now time.Time) ([]Session, error) {
	rows, err := q.Query(ctx, `select s.id, s.device, s.address, s.created_at, s.last_used_at from sessions s
		where s.person_id = $2 and `+running+` order by s.last_used_at desc, s.id desc limit 100`, now, person)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Session, error) {
		var s Session
		err := r.Scan(&s.ID, &s.Device, &s.Address, &s.CreatedAt, &s.LastUsedAt)
		return s, err
	})
}

// secondFactorRoles are the roles for which this installation asks a second factor.
func secondFactorRoles(ctx context.Context, q postgres.Querier) ([]access.Role, error) {
	var roles []access.Role
	err := q.QueryRow(ctx, `select second_factor_roles from installation`).Scan(&roles)
	return roles, err
}

func findDemoAccounts(ctx context.Context, q postgres.Querier, logins []DemoLogin) ([]DemoAccount, error) {
	names := make([]string, len(logins))
	passwords := make([]string, len(logins))
	for i, l := range logins {
		names[i], passwords[i] = l.Username, l.Password
	}
	rows, err := q.Query(ctx, `
		select c.username, d.password, p.full_name, a.position, g.name, a.roles
		from unnest($1::text[], $2::text[]) with ordinality as d (username, password, place)
		join accounts c on c.username = d.username and c.demo and c.disabled_at is null and not c.must_change
		join persons p on p.id = c.person_id
		join lateral (select * from appointments where person_id = c.person_id and valid_to is null order by valid_from, id limit 1) a on true
		join agencies g on g.id = a.agency_id
		order by d.place`, names, passwords)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (DemoAccount, error) {
		var d DemoAccount
		err := r.Scan(&d.Username, &d.Password, &d.FullName, &d.Position, &d.AgencyName, &d.Roles)
		return d, err
	})
}
