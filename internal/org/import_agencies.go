package org

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
)

// agencyPlan is one checked row: what to make of it.
type agencyPlan struct {
	line   int
	input  AgencyInput
	parent string // code
	old    []string
	is     *Agency // the agency of that code, nil when new
}

// agencyIndex is every agency by its code, and by its aliases where no code is the same.
func (a act) agencyIndex(ctx context.Context) (map[string]*Agency, error) {
	rows, err := a.tx.Query(ctx, `select `+agencyColumns+` from agencies g join agency_levels l on l.code = g.level_code for update of g`)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanAgency)
	if err != nil {
		return nil, err
	}
	byCode, byID := make(map[string]*Agency, len(all)), make(map[id.Agency]*Agency, len(all))
	for i := range all {
		byCode[all[i].Code], byID[all[i].ID] = &all[i], &all[i]
	}
	aliases, err := a.tx.Query(ctx, `select agency_id, code from agency_aliases`)
	if err != nil {
		return nil, err
	}
	var agency id.Agency
	var code string
	_, err = pgx.ForEachRow(aliases, []any{&agency, &code}, func() error {
		if _, taken := byCode[code]; !taken {
			byCode[code] = byID[agency]
		}
		return nil
	})
	return byCode, err
}

// planAgencies checks all rows and orders them so that a parent comes before what lies below it.
func (a act) planAgencies(ctx context.Context, rows []tableRow, e *rowErrors) ([]*agencyPlan, error) {
	index, err := a.agencyIndex(ctx)
	if err != nil {
		return nil, err
	}
	levels, err := listLevels(ctx, a.tx)
	if err != nil {
		return nil, err
	}
	byCode := make(map[string]*agencyPlan, len(rows))
	plans := make([]*agencyPlan, 0, len(rows))
	for _, r := range rows {
		p := a.planAgency(r, levels, e)
		if first, twice := byCode[p.input.Code]; twice {
			e.add(r.line, "code", "import.twice", map[string]any{"row": first.line})
			continue
		}
		if g := index[p.input.Code]; g != nil && g.Code == p.input.Code {
			p.is = g
			if g.ValidTo != nil && !g.ValidTo.After(a.today()) {
				e.add(r.line, "code", "org.agency_dissolved")
			}
		}
		byCode[p.input.Code] = p
		plans = append(plans, p)
	}
	return orderAgencies(plans, byCode, index, e), nil
}

func (a act) planAgency(r tableRow, levels []Level, e *rowErrors) *agencyPlan {
	p := &agencyPlan{line: r.line, parent: strings.ToUpper(r.values["parent_code"]), input: AgencyInput{Code: r.values["code"], Name: r.values["name"],
		ShortName: r.values["short_name"], Symbol: r.values["symbol"], ValidFrom: r.date("valid_from", a.today(), e)}}
	for _, old := range words(r.values["old_code"]) {
		if old = strings.ToUpper(clean(old)); len(old) > 35 || !codeForm.MatchString(old) {
			e.add(r.line, "old_code", "org.code_form")
		} else {
			p.old = append(p.old, old)
		}
	}
	level := r.values["level"]
	for _, l := range levels {
		if level != "" && (strings.EqualFold(l.Code, level) || Fold(l.Name) == Fold(level)) {
			p.input.LevelCode = l.Code
		}
	}
	if p.input.LevelCode == "" && level != "" {
		e.add(r.line, "level", "org.level_unknown")
		p.input.LevelCode = "unknown"
	}
	p.input.normalise()
	var c check
	p.input.check(&c)
	e.addFields(r.line, c.fields, map[string]string{"level_code": "level"})
	return p
}

// orderAgencies puts parents first and tells rows whose parent is unknown, ended, or below them.
func orderAgencies(plans []*agencyPlan, byCode map[string]*agencyPlan, index map[string]*Agency, e *rowErrors) []*agencyPlan {
	ordered := make([]*agencyPlan, 0, len(plans))
	state := make(map[*agencyPlan]int, len(plans)) // 1 on the way, 2 done
	var visit func(p *agencyPlan)
	visit = func(p *agencyPlan) {
		if state[p] != 0 {
			return
		}
		state[p] = 1
		if p.parent != "" {
			above, inFile := byCode[p.parent]
			switch {
			case inFile && state[above] == 1:
				e.add(p.line, "parent_code", "org.parent_below")
			case inFile:
				visit(above)
			case index[p.parent] == nil:
				e.add(p.line, "parent_code", "import.parent_order")
			case index[p.parent].ValidTo != nil:
				e.add(p.line, "parent_code", "org.agency_dissolved")
			}
		}
		state[p] = 2
		ordered = append(ordered, p)
	}
	for _, p := range plans {
		visit(p)
	}
	return ordered
}

// importAgencies writes a plan in order.
func (a act) importAgencies(ctx context.Context, plans []*agencyPlan, report *ImportReport) error {
	index, err := a.agencyIndex(ctx)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if p.parent != "" {
			p.input.Parent = &index[p.parent].ID
		}
		g, changed, err := a.importAgency(ctx, p)
		if err != nil {
			return err
		}
		index[g.Code] = &g
		added, err := a.addAliases(ctx, g, p.old)
		if err != nil {
			return err
		}
		switch {
		case p.is == nil:
			report.Added++
		case changed || added:
			report.Changed++
		default:
			report.Unchanged++
		}
	}
	return nil
}

func (a act) importAgency(ctx context.Context, p *agencyPlan) (g Agency, changed bool, err error) {
	if p.is == nil {
		g, err = a.addAgency(ctx, p.input)
		return g, true, err
	}
	g = *p.is
	same := g.Name == p.input.Name && g.ShortName == p.input.ShortName && g.Symbol == p.input.Symbol && g.LevelCode == p.input.LevelCode &&
		(g.Parent == nil && p.input.Parent == nil || g.Parent != nil && p.input.Parent != nil && *g.Parent == *p.input.Parent)
	if same {
		return g, false, nil
	}
	p.input.ValidFrom, p.input.Reason = a.today(), "import"
	g, err = a.changeAgency(ctx, g, p.input)
	return g, true, err
}

// addAliases adds codes of the older scheme that are not known yet.
func (a act) addAliases(ctx context.Context, g Agency, codes []string) (bool, error) {
	if len(codes) == 0 {
		return false, nil
	}
	known, err := listAliases(ctx, a.tx, g.ID)
	if err != nil {
		return false, err
	}
	added := false
	for _, code := range codes {
		if code == g.Code || slices.ContainsFunc(known, func(k Alias) bool { return k.Code == code }) {
			continue
		}
		if err := insertAlias(ctx, a.tx, g.ID, Alias{Code: code, ValidFrom: g.ValidFrom}); err != nil {
			return false, err
		}
		added = true
	}
	if added {
		return true, updateSearch(ctx, a.tx, g)
	}
	return false, nil
}
