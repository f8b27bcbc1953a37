package migrations_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The dump is made from the catalogs, because the PostgreSQL we install has no pg_dump and because
// its text must be the same on every version we run on. Tables of River and goose are left out.
const ours = `c.relnamespace = 'public'::regnamespace and c.relname !~ '^(river_|goose_)'`

var parts = []struct{ title, query string }{
	{"Extensions", `select format('create extension %I;', extname) from pg_extension where extname <> 'plpgsql' order by 1`},
	{"Types", `
		select format('create type %I as enum (%s);', t.typname,
			(select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
		from pg_type t where t.typtype = 'e' and t.typnamespace = 'public'::regnamespace and t.typname !~ '^river_' order by 1`},
	{"Functions", `
		select pg_get_functiondef(p.oid) || ';' from pg_proc p
		where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p') and p.proname !~ '^river_'
			and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
		order by p.proname, pg_get_function_identity_arguments(p.oid)`},
	{"Tables", `
		select format(E'create table %I (\n%s\n);', c.relname, (
			select string_agg(line, E',\n' order by kind, place, line) from (
				select 1 as kind, a.attnum as place, format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
					case when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
						when a.attidentity <> '' then ' generated ' || case a.attidentity when 'a' then 'always' else 'by default' end || ' as identity'
						else coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') end,
					case when a.attnotnull then ' not null' else '' end) as line
				from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
				where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
				union all
				select 2, array_position(array['p', 'u', 'x', 'c', 'f'], k.contype::text),
					format('  constraint %I %s', k.conname, pg_get_constraintdef(k.oid))
				from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'x', 'c', 'f')
			) lines))
		from pg_class c where c.relkind in ('r', 'p') and ` + ours + ` order by c.relname`},
	{"Views", `
		select format(E'create view %I as\n%s', c.relname, pg_get_viewdef(c.oid))
		from pg_class c where c.relkind in ('v', 'm') and ` + ours + ` order by c.relname`},
	{"Indexes", `
		select replace(pg_get_indexdef(i.indexrelid), ' ON public.', ' ON ') || ';'
		from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
		where ` + ours + ` and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
		order by c.relname, x.relname`},
	{"Triggers", `
		select pg_get_triggerdef(g.oid) || ';' from pg_trigger g join pg_class c on c.oid = g.tgrelid
		where not g.tgisinternal and ` + ours + ` order by c.relname, g.tgname`},
	{"Rights of nghisu_app", `
		select format('grant %s on %I to nghisu_app;', string_agg(lower(p.privilege_type), ', ' order by p.privilege_type), c.relname)
		from pg_class c cross join lateral aclexplode(c.relacl) p
		where c.relkind in ('r', 'p', 'v', 'm') and p.grantee = 'nghisu_app'::regrole and c.relnamespace = 'public'::regnamespace
			and p.privilege_type <> 'MAINTAIN' -- since PostgreSQL 17 only
		group by c.relname order by c.relname`},
}

func dump(ctx context.Context, conn *pgx.Conn) (string, error) {
	var b strings.Builder
	b.WriteString("-- The schema that the steps in this folder make, written by `make gen`. Do not edit.\n")
	for _, part := range parts {
		rows, err := conn.Query(ctx, part.query)
		if err != nil {
			return "", fmt.Errorf("dump %s: %w", part.title, err)
		}
		items, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return "", fmt.Errorf("dump %s: %w", part.title, err)
		}
		if len(items) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n-- %s\n", part.title)
		for _, item := range items {
			b.WriteString(strings.TrimRight(item, "\n") + "\n")
		}
	}
	return b.String(), nil
}
