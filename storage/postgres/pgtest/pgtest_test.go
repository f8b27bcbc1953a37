package pgtest

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestNew(t *testing.T) {
	t.Parallel()
	a, b := New(t), New(t)
	ctx := t.Context()
	if _, err := a.Exec(ctx, `update installation set city_name = 'A'`); err != nil {
		t.Fatal(err)
	}
	var name, role string
	if err := b.QueryRow(ctx, `select city_name, current_user from installation`).Scan(&name, &role); err != nil {
		t.Fatal(err)
	}
	if name != "" || role != "nghisu_app" {
		t.Errorf("second database has name %q and role %q, want none and nghisu_app", name, role)
	}
	_, err := a.Exec(ctx, `drop table installation`)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42501" {
		t.Errorf("the application's role may drop a table: %v", err)
	}
	if _, err := Owner(t, a).Exec(ctx, `drop table installation`); err != nil {
		t.Errorf("the owner may not drop a table: %v", err)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	if first, second := Empty(t), Empty(t); first == second {
		t.Error("two tests share a database")
	}
}
