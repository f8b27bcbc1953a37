package org

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

const levelColumns = `code, name, name_en, ordinal, valid_from, valid_to`

func listLevels(ctx context.Context, q postgres.Querier) ([]Level, error) {
	rows, err := q.Query(ctx, `select `+levelColumns+` from agency_levels order by ordinal, code`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Level, error) {
		var l Level
		err := r.Scan(&l.Code, &l.Name, &l.NameEN, &l.Ordinal, &l.ValidFrom, &l.ValidTo)
		return l, err
	})
}

const agencyColumns = `g.id, g.code, g.name, g.short_name, g.symbol, g.level_code, l.name, g.parent_id, g.valid_from, g.valid_to, g.version`

func agencyTargets(g *Agency) []any {
	return []any{&g.ID, &g.Code, &g.Name, &g.ShortName, &g.Symbol, &g.LevelCode, &g.LevelName, &g.Parent, &g.ValidFrom, &g.ValidTo, &g.Version}
}

func scanAgency(r pgx.CollectableRow) (Agency, error) {
	var g Agency
	err := r.Scan(agencyTargets(&g)...)
	return g, err
}

// findAgency returns pgx.ErrNoRows when there is none.
func findAgency(ctx context.Context, q postgres.Querier, agency id.Agency) (Agency, error) {
	rows, err := q.Query(ctx, `select `+agencyColumns+` from agencies g join agency_levels l on l.code = g.level_code where g.id = $1`, agency)
	if err != nil {
		return Agency{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanAgency)
}

func findAgencyByCode(ctx context.Context, q postgres.Querier, code string) (Agency, error) {
	rows, err := q.Query(ctx, `select `+agencyColumns+` from agencies g join agency_levels l on l.code = g.level_code where g.code = $1`, code)
	if err != nil {
		return Agency{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanAgency)
}

func lockAgency(ctx context.Context, q postgres.Querier, agency id.Agency) (Agency, error) {
	rows, err := q.Query(ctx, `select `+agencyColumns+` from agencies g join agency_levels l on l.code = g.level_code where g.id = $1 for update of g`, agency)
	if err != nil {
		return Agency{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanAgency)
}

func listAgencies(ctx context.Context, q postgres.Querier, f AgencyFilter, today time.Time, after string) ([]Agency, error) {
	rows, err := q.Query(ctx, `
		select `+agencyColumns+`, (
			select count(distinct a.person_id) from appointments a
			where a.agency_id = g.id and a.valid_from <= $1 and (a.valid_to is null or a.valid_to > $1))
		from agencies g join agency_levels l on l.code = g.level_code
		where ($2 = '' or g.level_code = $2) and ($3::uuid is null or g.parent_id = $3)
			and case $4 when 'active' then g.valid_from <= $1 and (g.valid_to is null or g.valid_to > $1)
				when 'dissolved' then g.valid_to <= $1 else true end
			and g.search like all ($5::text[]) and g.sort > $6
		order by g.sort limit $7`, today, f.Level, f.Parent, f.State, patterns(f.Query), after, f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Agency, error) {
		var g Agency
		err := r.Scan(append(agencyTargets(&g), &g.People)...)
		return g, err
	})
}

// searchOf is what an agency is found by.
func searchOf(g Agency, aliases []Alias) string {
	s := Fold(g.Name) + " " + Fold(g.ShortName) + " " + Fold(g.Symbol) + " " + Fold(g.Code)
	for _, a := range aliases {
		s += " " + Fold(a.Code)
	}
	return s
}

func insertAgency(ctx context.Context, q postgres.Querier, g Agency, now time.Time) error {
	_, err := q.Exec(ctx, `insert into agencies (id, code, sort, name, short_name, symbol, level_code, parent_id, valid_from, valid_to, search, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
		g.ID, g.Code, sortKey(g.Code), g.Name, g.ShortName, g.Symbol, g.LevelCode, g.Parent, g.ValidFrom, g.ValidTo, searchOf(g, nil), now)
	return err
}

// updateAgency writes g and counts its version up.
func updateAgency(ctx context.Context, q postgres.Querier, g *Agency, now time.Time) error {
	aliases, err := listAliases(ctx, q, g.ID)
	if err != nil {
		return err
	}
	g.Version++
	_, err = q.Exec(ctx, `update agencies set code = $2, sort = $3, name = $4, short_name = $5, symbol = $6, level_code = $7,
		parent_id = $8, valid_to = $9, search = $10, version = $11, updated_at = $12 where id = $1`,
		g.ID, g.Code, sortKey(g.Code), g.Name, g.ShortName, g.Symbol, g.LevelCode, g.Parent, g.ValidTo, searchOf(*g, aliases), g.Version, now)
	return err
}

func insertAlias(ctx context.Context, q postgres.Querier, agency id.Agency, a Alias) error {
	_, err := q.Exec(ctx, `insert into agency_aliases (agency_id, code, valid_from, valid_to) values ($1, $2, $3, $4)
		on conflict (agency_id, code) do update set valid_to = excluded.valid_to`, agency, a.Code, a.ValidFrom, a.ValidTo)
	return err
}

func listAliases(ctx context.Context, q postgres.Querier, agency id.Agency) ([]Alias, error) {
	rows, err := q.Query(ctx, `select code, valid_from, valid_to from agency_aliases where agency_id = $1 order by valid_from desc, code`, agency)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Alias, error) {
		var a Alias
		err := r.Scan(&a.Code, &a.ValidFrom, &a.ValidTo)
		return a, err
	})
}

func insertPast(ctx context.Context, q postgres.Querier, agency id.Agency, p Past) error {
	_, err := q.Exec(ctx, `insert into agency_history (id, agency_id, code, name, short_name, symbol, level_code, parent_id, valid_from, valid_to, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, id.New[id.Event](), agency, p.Code, p.Name, p.ShortName, p.Symbol,
		p.LevelCode, p.Parent, p.ValidFrom, p.ValidTo, p.Reason)
	return err
}

func listPast(ctx context.Context, q postgres.Querier, agency id.Agency) ([]Past, error) {
	rows, err := q.Query(ctx, `select code, name, short_name, symbol, level_code, parent_id, valid_from, valid_to, reason
		from agency_history where agency_id = $1 order by valid_to desc, id desc`, agency)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Past, error) {
		var p Past
		err := r.Scan(&p.Code, &p.Name, &p.ShortName, &p.Symbol, &p.LevelCode, &p.Parent, &p.ValidFrom, &p.ValidTo, &p.Reason)
		return p, err
	})
}

// lastChange is the day on which the present form of the agency began: the end of its last past one.
func lastChange(ctx context.Context, q postgres.Querier, g Agency) (time.Time, error) {
	var end *time.Time
	err := q.QueryRow(ctx, `select max(valid_to) from agency_history where agency_id = $1`, g.ID).Scan(&end)
	if err != nil || end == nil {
		return g.ValidFrom, err
	}
	return *end, nil
}

func insertSuccessor(ctx context.Context, q postgres.Querier, agency, successor id.Agency) error {
	_, err := q.Exec(ctx, `insert into agency_successors (agency_id, successor_id) values ($1, $2) on conflict do nothing`, agency, successor)
	return err
}

func scanRelative(r pgx.CollectableRow) (Relative, error) {
	var x Relative
	err := r.Scan(&x.ID, &x.Name, &x.ValidTo)
	return x, err
}

func listSuccessors(ctx context.Context, q postgres.Querier, agency id.Agency) ([]Relative, error) {
	rows, err := q.Query(ctx, `select g.id, g.name, g.valid_to from agency_successors s join agencies g on g.id = s.successor_id
		where s.agency_id = $1 order by g.sort`, agency)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRelative)
}

func listPredecessors(ctx context.Context, q postgres.Querier, agency id.Agency) ([]Relative, error) {
	rows, err := q.Query(ctx, `select g.id, g.name, g.valid_to from agency_successors s join agencies g on g.id = s.agency_id
		where s.successor_id = $1 order by g.sort`, agency)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRelative)
}

// isBelow reports whether agency a lies below (or is) agency top.
func isBelow(ctx context.Context, q postgres.Querier, a, top id.Agency) (bool, error) {
	var below bool
	err := q.QueryRow(ctx, `with recursive up as (
			select id, parent_id from agencies where id = $1
			union select g.id, g.parent_id from agencies g join up on g.id = up.parent_id)
		select exists (select from up where id = $2)`, a, top).Scan(&below)
	return below, err
}

// hasChildren reports whether agencies below this one exist on or after the day.
func hasChildren(ctx context.Context, q postgres.Querier, agency id.Agency, on time.Time) (bool, error) {
	var yes bool
	err := q.QueryRow(ctx, `select exists (select from agencies where parent_id = $1 and (valid_to is null or valid_to > $2))`, agency, on).Scan(&yes)
	return yes, err
}

const unitColumns = `id, agency_id, name, symbol, valid_from, valid_to, version`

func scanUnit(r pgx.CollectableRow) (Unit, error) {
	var u Unit
	err := r.Scan(&u.ID, &u.Agency, &u.Name, &u.Symbol, &u.ValidFrom, &u.ValidTo, &u.Version)
	return u, err
}

func listUnits(ctx context.Context, q postgres.Querier, agency id.Agency) ([]Unit, error) {
	rows, err := q.Query(ctx, `select `+unitColumns+` from units where agency_id = $1 order by id`, agency)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanUnit)
}

func lockUnit(ctx context.Context, q postgres.Querier, unit id.Unit) (Unit, error) {
	rows, err := q.Query(ctx, `select `+unitColumns+` from units where id = $1 for update`, unit)
	if err != nil {
		return Unit{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanUnit)
}

func insertUnit(ctx context.Context, q postgres.Querier, u Unit) error {
	_, err := q.Exec(ctx, `insert into units (id, agency_id, name, symbol, valid_from, valid_to) values ($1, $2, $3, $4, $5, $6)`,
		u.ID, u.Agency, u.Name, u.Symbol, u.ValidFrom, u.ValidTo)
	return err
}

func updateUnit(ctx context.Context, q postgres.Querier, u *Unit) error {
	u.Version++
	_, err := q.Exec(ctx, `update units set name = $2, symbol = $3, valid_from = $4, valid_to = $5, version = $6 where id = $1`,
		u.ID, u.Name, u.Symbol, u.ValidFrom, u.ValidTo, u.Version)
	return err
}

// updateSearch writes what the agency is found by, after a change of its aliases.
func updateSearch(ctx context.Context, q postgres.Querier, g Agency) error {
	aliases, err := listAliases(ctx, q, g.ID)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `update agencies set search = $2 where id = $1`, g.ID, searchOf(g, aliases))
	return err
}
