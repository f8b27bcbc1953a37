package org

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// Levels lists the levels of the tree from the top.
func (s *Service) Levels(ctx context.Context) ([]Level, error) {
	levels, err := listLevels(ctx, s.db)
	return levels, postgres.Translate(err)
}

// ListAgencies lists agencies in the order of their codes, and the cursor of the next page.
func (s *Service) ListAgencies(ctx context.Context, f AgencyFilter) ([]Agency, string, error) {
	after := ""
	if f.After != "" {
		if err := postgres.ReadCursor(f.After, &after); err != nil {
			return nil, "", err
		}
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	limit := f.Limit
	f.Limit++
	found, err := listAgencies(ctx, s.db, f, Today(s.now()), after)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(found) <= limit {
		return found, "", nil
	}
	found = found[:limit]
	return found, postgres.Cursor(sortKey(found[limit-1].Code)), nil
}

// GetAgency returns an agency with its history, relatives and units.
func (s *Service) GetAgency(ctx context.Context, agency id.Agency) (AgencyDetail, error) {
	var d AgencyDetail
	var err error
	if d.Agency, err = findAgency(ctx, s.db, agency); err != nil {
		return d, postgres.Translate(err)
	}
	today := Today(s.now())
	err = s.db.QueryRow(ctx, `select count(distinct person_id) from appointments
		where agency_id = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)`, agency, today).Scan(&d.Agency.People)
	if err != nil {
		return d, postgres.Translate(err)
	}
	if d.Aliases, err = listAliases(ctx, s.db, agency); err != nil {
		return d, postgres.Translate(err)
	}
	if d.History, err = listPast(ctx, s.db, agency); err != nil {
		return d, postgres.Translate(err)
	}
	if d.Successors, err = listSuccessors(ctx, s.db, agency); err != nil {
		return d, postgres.Translate(err)
	}
	if d.Predecessors, err = listPredecessors(ctx, s.db, agency); err != nil {
		return d, postgres.Translate(err)
	}
	d.Units, err = listUnits(ctx, s.db, agency)
	return d, postgres.Translate(err)
}

// AddAgency adds an agency. A system administrator does it.
func (s *Service) AddAgency(ctx context.Context, actor access.Actor, in AgencyInput) (Agency, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Agency{}, err
	}
	in.normalise()
	if err := in.validate(); err != nil {
		return Agency{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Agency, error) {
		return act{tx, actor, s.now()}.addAgency(ctx, in)
	})
}

func (a act) addAgency(ctx context.Context, in AgencyInput) (Agency, error) {
	if err := a.checkParent(ctx, in.Parent, nil); err != nil {
		return Agency{}, err
	}
	g := Agency{ID: id.New[id.Agency](), Code: in.Code, Name: in.Name, ShortName: in.ShortName, Symbol: in.Symbol,
		LevelCode: in.LevelCode, Parent: in.Parent, ValidFrom: in.ValidFrom, Version: 1}
	if err := insertAgency(ctx, a.tx, g, a.now); err != nil {
		return Agency{}, err
	}
	if err := a.record(ctx, audit.AgencyAdded, g.ID.UUID, g.ID, map[string]any{"code": g.Code, "name": g.Name, "level": g.LevelCode}); err != nil {
		return Agency{}, err
	}
	return findAgency(ctx, a.tx, g.ID)
}

// checkParent refuses a parent that does not exist, has ended, or lies below the agency itself.
func (a act) checkParent(ctx context.Context, parent *id.Agency, self *id.Agency) error {
	if parent == nil {
		return nil
	}
	p, err := findAgency(ctx, a.tx, *parent)
	if errs.Is(postgres.Translate(err), errs.NotFound) {
		return errs.InvalidField("parent_id", "org.agency_unknown")
	}
	if err != nil {
		return err
	}
	if p.ValidTo != nil && !p.ValidTo.After(a.today()) {
		return errs.InvalidField("parent_id", "org.agency_dissolved")
	}
	if self == nil {
		return nil
	}
	below, err := isBelow(ctx, a.tx, *parent, *self)
	if err == nil && below {
		return errs.InvalidField("parent_id", "org.parent_below")
	}
	return err
}

// ChangeAgency renames, moves or re-codes an agency from in.ValidFrom on. What it was is kept as
// history, a former code as an alias.
func (s *Service) ChangeAgency(ctx context.Context, actor access.Actor, agency id.Agency, version int, in AgencyInput) (Agency, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Agency{}, err
	}
	in.normalise()
	if err := in.validate(); err != nil {
		return Agency{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Agency, error) {
		g, err := lockAgency(ctx, tx, agency)
		if err != nil {
			return Agency{}, err
		}
		if err := stale(version, g.Version, g); err != nil {
			return Agency{}, err
		}
		return act{tx, actor, s.now()}.changeAgency(ctx, g, in)
	})
}

func (a act) changeAgency(ctx context.Context, g Agency, in AgencyInput) (Agency, error) {
	if g.ValidTo != nil && !g.ValidTo.After(a.today()) {
		return Agency{}, errs.New(errs.Conflict, "org.agency_dissolved")
	}
	if in.ValidFrom.After(a.today()) {
		return Agency{}, errs.InvalidField("valid_from", "org.change_in_future")
	}
	if err := a.checkParent(ctx, in.Parent, &g.ID); err != nil {
		return Agency{}, err
	}
	since, err := lastChange(ctx, a.tx, g)
	if err != nil {
		return Agency{}, err
	}
	// A change on the day the present form began corrects it; a later one makes it history.
	switch {
	case in.ValidFrom.Before(since):
		return Agency{}, errs.InvalidField("valid_from", "org.change_before_last")
	case in.ValidFrom.After(since):
		past := Past{Code: g.Code, Name: g.Name, ShortName: g.ShortName, Symbol: g.Symbol, LevelCode: g.LevelCode, Parent: g.Parent,
			ValidFrom: since, ValidTo: in.ValidFrom, Reason: in.Reason}
		if err := insertPast(ctx, a.tx, g.ID, past); err != nil {
			return Agency{}, err
		}
		if in.Code != g.Code {
			if err := insertAlias(ctx, a.tx, g.ID, Alias{Code: g.Code, ValidFrom: since, ValidTo: &in.ValidFrom}); err != nil {
				return Agency{}, err
			}
		}
	}
	before := g
	g.Code, g.Name, g.ShortName, g.Symbol, g.LevelCode, g.Parent = in.Code, in.Name, in.ShortName, in.Symbol, in.LevelCode, in.Parent
	if err := updateAgency(ctx, a.tx, &g, a.now); err != nil {
		return Agency{}, err
	}
	err = a.record(ctx, audit.AgencyChanged, g.ID.UUID, g.ID, map[string]any{"from": day(in.ValidFrom), "reason": in.Reason,
		"code": [2]string{before.Code, g.Code}, "name": [2]string{before.Name, g.Name}, "level": [2]string{before.LevelCode, g.LevelCode}})
	if err != nil {
		return Agency{}, err
	}
	return findAgency(ctx, a.tx, g.ID)
}

// Dissolve ends an agency and names who takes over. Its open appointments end with it. Agencies
// below it must have been moved or dissolved first, and a system administrator must remain.
func (s *Service) Dissolve(ctx context.Context, actor access.Actor, agency id.Agency, version int, d Dissolution) (Agency, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return Agency{}, err
	}
	d.Reason = clean(d.Reason)
	var c check
	c.text("reason", d.Reason, 500, true)
	if d.On.IsZero() {
		c.fail("on", "field.required")
	}
	if err := c.err(); err != nil {
		return Agency{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Agency, error) {
		g, err := lockAgency(ctx, tx, agency)
		if err != nil {
			return Agency{}, err
		}
		if err := stale(version, g.Version, g); err != nil {
			return Agency{}, err
		}
		return act{tx, actor, s.now()}.dissolve(ctx, g, d)
	})
}

func (a act) dissolve(ctx context.Context, g Agency, d Dissolution) (Agency, error) {
	if g.ValidTo != nil {
		return Agency{}, errs.New(errs.Conflict, "org.agency_dissolved")
	}
	if !d.On.After(g.ValidFrom) {
		return Agency{}, errs.InvalidField("on", "org.ends_before_start")
	}
	children, err := hasChildren(ctx, a.tx, g.ID, d.On)
	if err != nil {
		return Agency{}, err
	}
	if children {
		return Agency{}, errs.New(errs.Conflict, "org.agency_has_children")
	}
	if err := a.nameSuccessors(ctx, g, d); err != nil {
		return Agency{}, err
	}
	if err := a.endAgency(ctx, g, d); err != nil {
		return Agency{}, err
	}
	if err := a.administratorStays(ctx, d.On); err != nil {
		return Agency{}, err
	}
	return findAgency(ctx, a.tx, g.ID)
}

// endAgency ends the agency and its open appointments.
func (a act) endAgency(ctx context.Context, g Agency, d Dissolution) error {
	g.ValidTo = &d.On
	if err := updateAgency(ctx, a.tx, &g, a.now); err != nil {
		return err
	}
	_, err := a.tx.Exec(ctx, `update appointments set valid_to = greatest(valid_from, $2), version = version + 1
		where agency_id = $1 and (valid_to is null or valid_to > $2)`, g.ID, d.On)
	if err != nil {
		return err
	}
	return a.record(ctx, audit.AgencyDissolved, g.ID.UUID, g.ID, map[string]any{"on": day(d.On), "reason": d.Reason, "successors": d.Successors})
}

func (a act) nameSuccessors(ctx context.Context, g Agency, d Dissolution) error {
	for _, next := range d.Successors {
		if next == g.ID {
			return errs.InvalidField("successor_ids", "org.successor_self")
		}
		n, err := findAgency(ctx, a.tx, next)
		if errs.Is(postgres.Translate(err), errs.NotFound) {
			return errs.InvalidField("successor_ids", "org.agency_unknown")
		}
		if err != nil {
			return err
		}
		if !n.ExistsOn(d.On) {
			return errs.InvalidField("successor_ids", "org.successor_ended")
		}
		if err := insertSuccessor(ctx, a.tx, g.ID, next); err != nil {
			return err
		}
	}
	return nil
}

// administratorsLock makes acts that could remove a system administrator wait for one another.
const administratorsLock = 0x6e67686973750001

// administratorStays refuses the transaction when, on the day, nobody would be left who is a system
// administrator with an account that can sign in.
func (a act) administratorStays(ctx context.Context, on time.Time) error {
	if _, err := a.tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(administratorsLock)); err != nil {
		return err
	}
	var stays bool
	err := a.tx.QueryRow(ctx, `select exists (
		select from appointments a join agencies g on g.id = a.agency_id join accounts c on c.person_id = a.person_id
		where 'system_admin' = any (a.roles) and a.valid_from <= greatest($1::date, $2::date) and c.disabled_at is null and c.password_hash <> ''
			and (a.valid_to is null or a.valid_to > greatest($1::date, $2::date)) and (g.valid_to is null or g.valid_to > greatest($1::date, $2::date)))`,
		on, a.today()).Scan(&stays)
	if err == nil && !stays {
		return errs.New(errs.Conflict, "org.last_administrator")
	}
	return err
}

// AdministratorStays is the same for other features that take away an administrator: call it after
// the write, in its transaction.
func AdministratorStays(ctx context.Context, tx *postgres.Tx, now time.Time) error {
	return act{tx: tx, now: now}.administratorStays(ctx, Today(now))
}

// AddUnit adds a unit to an agency.
func (s *Service) AddUnit(ctx context.Context, actor access.Actor, agency id.Agency, in UnitInput) (Unit, error) {
	if err := MayManageAgency(actor, agency); err != nil {
		return Unit{}, err
	}
	if err := in.check(); err != nil {
		return Unit{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Unit, error) {
		a := act{tx, actor, s.now()}
		g, err := findAgency(ctx, tx, agency)
		if err != nil {
			return Unit{}, err
		}
		if !g.ExistsOn(a.today()) {
			return Unit{}, errs.New(errs.Conflict, "org.agency_dissolved")
		}
		return a.addUnit(ctx, agency, in)
	})
}

func (a act) addUnit(ctx context.Context, agency id.Agency, in UnitInput) (Unit, error) {
	u := Unit{ID: id.New[id.Unit](), Agency: agency, Name: in.Name, Symbol: in.Symbol, ValidFrom: in.ValidFrom, ValidTo: in.ValidTo, Version: 1}
	if u.ValidFrom.IsZero() {
		u.ValidFrom = a.today()
	}
	if err := insertUnit(ctx, a.tx, u); err != nil {
		return Unit{}, err
	}
	return u, a.record(ctx, audit.UnitAdded, u.ID.UUID, agency, map[string]any{"name": u.Name})
}

func (in *UnitInput) check() error {
	in.Name, in.Symbol = clean(in.Name), clean(in.Symbol)
	var c check
	c.text("name", in.Name, 200, true)
	c.text("symbol", in.Symbol, 30, false)
	return c.err()
}

// ChangeUnit renames or ends a unit.
func (s *Service) ChangeUnit(ctx context.Context, actor access.Actor, unit id.Unit, version int, in UnitInput) (Unit, error) {
	if err := in.check(); err != nil {
		return Unit{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Unit, error) {
		u, err := lockUnit(ctx, tx, unit)
		if err != nil {
			return Unit{}, err
		}
		if err := MayManageAgency(actor, u.Agency); err != nil {
			return Unit{}, err
		}
		if err := stale(version, u.Version, u); err != nil {
			return Unit{}, err
		}
		before := u
		u.Name, u.Symbol, u.ValidTo = in.Name, in.Symbol, in.ValidTo
		if !in.ValidFrom.IsZero() {
			u.ValidFrom = in.ValidFrom
		}
		if err := updateUnit(ctx, tx, &u); err != nil {
			return Unit{}, err
		}
		a := act{tx, actor, s.now()}
		return u, a.record(ctx, audit.UnitChanged, u.ID.UUID, u.Agency, map[string]any{"name": [2]string{before.Name, u.Name}, "ended": u.ValidTo != nil})
	})
}
