// Package bench measures the product on data of a city's size: it fills a database of its own and
// sends requests to a running server. It decides no limit; whoever reads the figures does.
package bench

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
)

// City is what Fill made: who may be asked for.
type City struct {
	Clerk      id.Person // of the busiest agency; has no account yet
	Recipient  id.Agency // the busiest agency
	BigSender  id.Agency // sent it a third of what it has
	RareSender id.Agency // sent it a handful
	Deliveries int       // in the whole database
	Incoming   int       // of the busiest agency
	Days       [2]string // first and last day of arrival there
}

const agencies = 60

// Fill writes a city of 60 agencies with the given number of deliveries over the last 300 days, one
// quarter of them to one agency: most accepted, some refused, some waiting, urgent ones rare, a third
// from one sender, and leaves the planner with true statistics. conn belongs to the owner of the tables.
func Fill(ctx context.Context, conn *pgx.Conn, deliveries int) (City, error) {
	for _, step := range fillSteps {
		if _, err := conn.Exec(ctx, step.sql, step.args(deliveries)...); err != nil {
			return City{}, fmt.Errorf("fill %s: %w", step.name, err)
		}
	}
	for _, table := range []string{"agencies", "persons", "appointments", "documents", "deliveries"} {
		if _, err := conn.Exec(ctx, "vacuum (analyze) "+table); err != nil {
			return City{}, fmt.Errorf("vacuum %s: %w", table, err)
		}
	}
	if _, err := conn.Exec(ctx, "checkpoint"); err != nil {
		return City{}, fmt.Errorf("checkpoint: %w", err)
	}
	var c City
	err := conn.QueryRow(ctx, `
		select a.person_id, a.agency_id, (select id from agencies where code = 'BENCH.2'), (select id from agencies where code = 'BENCH.60'),
			(select count(*) from deliveries), count(*), min(d.arrived_at)::date::text, max(d.arrived_at)::date::text
		from deliveries d join appointments a on a.agency_id = d.recipient_id and a.roles = '{clerk}'
		where d.recipient_id = (select id from agencies where code = 'BENCH.1') group by 1, 2`).
		Scan(&c.Clerk, &c.Recipient, &c.BigSender, &c.RareSender, &c.Deliveries, &c.Incoming, &c.Days[0], &c.Days[1])
	if err != nil {
		return City{}, fmt.Errorf("read what was filled: %w", err)
	}
	return c, nil
}

type fillStep struct {
	name string
	sql  string
	size bool // takes the number of deliveries
}

func (s fillStep) args(deliveries int) []any {
	if s.size {
		return []any{deliveries}
	}
	return nil
}

// fillSteps write the rows, all by the server itself. Ids are of version 7 and grow with time, as
// those of the product do.
var fillSteps = []fillStep{
	{"functions", `
		create function pg_temp.uuid7(at timestamptz, i bigint) returns uuid language sql immutable as $$
			select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3)
				|| '8' || substr(md5(i::text), 4, 15))::uuid $$`, false},
	{"agencies", fmt.Sprintf(`
		insert into agencies (id, code, sort, name, short_name, symbol, level_code, valid_from, search, created_at, updated_at)
		select pg_temp.uuid7('2026-01-01', i), 'BENCH.' || i, 'BENCH.' || lpad(i::text, 3, '0'), 'Cơ quan số ' || i, 'CQ ' || i, 'CQ' || i,
			'department', '2020-01-01', 'co quan so ' || i, '2026-01-01', '2026-01-01'
		from generate_series(1, %d) i`, agencies), false},
	{"people", fmt.Sprintf(`
		insert into persons (id, full_name, digital_identity, search, created_at, updated_at)
		select pg_temp.uuid7('2026-01-02', i), 'Nguyễn Văn ' || i, 'BENCH-' || i, 'nguyen van ' || i, '2026-01-01', '2026-01-01'
		from generate_series(1, %d) i`, 2*agencies), false},
	{"appointments", fmt.Sprintf(`
		insert into appointments (id, person_id, agency_id, position, roles, valid_from, search, created_at)
		select pg_temp.uuid7('2026-01-03', i), pg_temp.uuid7('2026-01-02', i), pg_temp.uuid7('2026-01-01', (i + 1) / 2),
			case i %% 2 when 0 then 'Văn thư' else 'Giám đốc' end, case i %% 2 when 0 then '{clerk}' else '{leader}' end::text[],
			'2020-01-01', '', '2026-01-01'
		from generate_series(1, %d) i`, 2*agencies), false},
	{"plan", `
		create temporary table plan as
		select i, at, recipient, urgency, status, case
				when recipient = 1 and rare then 60 when recipient = 1 and s < 0.34 then 2
				else 1 + (recipient + 1 + floor(s * 56))::int % 59 end sender
		from (select i, date_trunc('milliseconds', now() - make_interval(secs => 300 * 86400 * (1 - i / $1::float8))) at,
				case when i % 4 = 0 then 1 else 2 + i % 59 end recipient, random() s, i % 4000 = 0 rare,
				case when u < 0.85 then 0 when u < 0.95 then 1 when u < 0.99 then 2 else 3 end urgency,
				case when a < 0.03 or i > 0.98 * $1 then 1 when a < 0.07 then 2 else 3 end status
			from (select i, random() u, random() a from generate_series(1, $1) i) x) y`, true},
	{"documents", `
		insert into documents (id, agency_id, type_code, number, symbol, issued_on, subject, urgency, state, signer_id, created_by,
			released_at, created_at, updated_at)
		select pg_temp.uuid7(at, i), pg_temp.uuid7('2026-01-01', sender), 'CV', case when i < 10 then '0' else '' end || i, 'CQ-VP', at::date,
			'V/v triển khai nhiệm vụ công tác số ' || i || ' theo Kế hoạch của Ủy ban nhân dân thành phố', urgency, 'released',
			pg_temp.uuid7('2026-01-03', 2 * sender - 1), pg_temp.uuid7('2026-01-03', 2 * sender), at, at, at
		from plan`, false},
	{"deliveries", `
		insert into deliveries (id, document_id, sender_id, recipient_id, transport, status, urgency, type_code, number, symbol, issued_on,
			subject, sender_name, file_count, attempts, queued_at, changed_at, arrived_at, opened_at, decided_at,
			arrival_number, arrival_year, refusal_reason)
		select pg_temp.uuid7(at, i + 1000000000), d.id, d.agency_id, pg_temp.uuid7('2026-01-01', p.recipient), 'delivered', p.status, p.urgency,
			d.type_code, d.number, d.symbol, d.issued_on, d.subject, 'Cơ quan số ' || p.sender, 1 + p.i % 3, 1, at, at, at,
			case when p.status <> 1 then at end, case when p.status <> 1 then at end,
			case when p.status = 3 then row_number() over (partition by p.recipient, p.status order by p.i) end,
			case when p.status = 3 then 2026 end, case when p.status = 2 then 'Thiếu phụ lục' else '' end
		from plan p join documents d on d.id = pg_temp.uuid7(p.at, p.i)`, false},
}
