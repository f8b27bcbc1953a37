package demo

import (
	"context"
	"fmt"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// builder makes the city in one transaction.
type builder struct {
	org    *org.Builder
	now    time.Time
	ids    map[string]id.Agency // by key
	units  map[string]id.Unit   // by agency key and name
	people map[string]id.Person // by username
	names  *names
	serial int
}

// SeedCity fills an empty database with the city and its people and makes it a demo installation.
// A database that is a demo already is left as it is (false); one that holds anything else is
// refused: demo accounts must not come near real ones.
func SeedCity(ctx context.Context, db *postgres.DB, accounts *auth.Service, now time.Time) (made bool, err error) {
	err = postgres.InTx(ctx, db, func(tx *postgres.Tx) error {
		var demo bool
		if err := tx.QueryRow(ctx, `select demo from installation for update`).Scan(&demo); err != nil {
			return err
		}
		if demo {
			return nil
		}
		made = true
		if err := auth.MarkDemo(ctx, tx); err != nil {
			return err
		}
		if err := org.SetCity(ctx, tx, City, supportPhone); err != nil {
			return err
		}
		b := &builder{org: org.NewBuilder(tx, now), now: now, ids: map[string]id.Agency{}, units: map[string]id.Unit{}, people: map[string]id.Person{}, names: newNames()}
		if err := b.city(ctx); err != nil {
			return err
		}
		return accounts.OpenDemo(ctx, tx, b.people, Password)
	})
	if errs.Is(err, errs.Conflict) {
		return false, fmt.Errorf("this database holds real data, so it cannot become the demo city: use another --data or --database-url")
	}
	return made, err
}

func (b *builder) city(ctx context.Context) error {
	all := places()
	for _, p := range all {
		for _, post := range p.posts {
			b.names.take(post.name)
		}
	}
	for _, p := range all {
		if err := b.place(ctx, p); err != nil {
			return fmt.Errorf("make %s: %w", p.name, err)
		}
	}
	return b.secondAppointments(ctx)
}

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err) // our own table
	}
	return t
}

func (b *builder) place(ctx context.Context, p place) error {
	in := org.AgencyInput{Code: p.code, Name: p.name, ShortName: p.short, Symbol: p.symbol, LevelCode: p.level, ValidFrom: date(p.since)}
	if p.key != "ub" {
		parent := b.ids["ub"]
		in.Parent = &parent
	}
	first := in
	if p.was != "" {
		first.Name, first.ShortName = p.was, p.wasShort
	}
	g, err := b.org.Agency(ctx, first, p.old)
	if err != nil {
		return err
	}
	b.ids[p.key] = g.ID
	if p.was != "" {
		in.ValidFrom, in.Reason = date(p.renamed), p.reason
		if _, err := b.org.Change(ctx, g.ID, in); err != nil {
			return err
		}
	}
	for _, name := range p.units {
		u, err := b.org.Unit(ctx, g.ID, org.UnitInput{Name: name, ValidFrom: date(p.since)})
		if err != nil {
			return err
		}
		b.units[p.key+name] = u.ID
	}
	for i, post := range p.posts {
		if err := b.person(ctx, p, post, i); err != nil {
			return err
		}
	}
	if p.ended == "" {
		return nil
	}
	successors := make([]id.Agency, len(p.successors))
	for i, key := range p.successors {
		successors[i] = b.ids[key]
	}
	return b.org.Dissolve(ctx, g.ID, org.Dissolution{On: date(p.ended), Successors: successors, Reason: p.reason})
}

func (b *builder) person(ctx context.Context, p place, post post, order int) error {
	name := post.name
	if name == "" {
		name = b.names.next()
	}
	login := username(p.key, name)
	b.serial++
	person, err := b.org.Person(ctx, org.PersonInput{FullName: name, DigitalIdentity: fmt.Sprintf("077%09d", 100000000+b.serial*7919),
		Email: login + "@tangiang.example", Phone: fmt.Sprintf("0900 000 %03d", b.serial)})
	if err != nil {
		return err
	}
	b.people[login] = person
	return b.appoint(ctx, person, p, post, order)
}

func (b *builder) appoint(ctx context.Context, person id.Person, p place, post post, order int) error {
	in := org.AppointmentInput{Agency: b.ids[p.key], Position: post.position, Roles: post.roles, Ordinal: 10 + order*10, ValidFrom: date("2024-01-02")}
	if since := date(p.since); since.After(in.ValidFrom) {
		in.ValidFrom = since
	}
	if post.unit != "" {
		unit := b.units[p.key+post.unit]
		in.Unit = &unit
	}
	_, err := b.org.Appoint(ctx, person, in)
	return err
}

// secondAppointments: the deputy director of one agency heads another, as often after the mergers.
func (b *builder) secondAppointments(ctx context.Context) error {
	return b.appoint(ctx, b.people["skhcn_leminhdat"], place{key: "cds", since: "1997-01-01"}, post{position: "Giám đốc", roles: []access.Role{access.Leader}}, 0)
}
