package document

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

var (
	_ = postgres.MapConstraint("documents_number_unique", errs.New(errs.Conflict, "document.number_taken"))
	_ = postgres.MapConstraint("document_recipients_agency_id_fkey", errs.InvalidField("recipient_ids", "document.recipient_unknown"))
)

// officerColumns, joined by officerJoin under the alias in place of $, make an Officer.
const officerColumns = `%[1]s.id, %[1]s.person_id, %[1]s_p.full_name, %[1]s.position, %[1]s.agency_id, %[1]s_a.name,
	%[1]s_a.short_name, coalesce(%[1]s_u.name, ''), %[1]s.roles`

// officers reads people in their appointments, whether these are still valid or not.
func officers(ctx context.Context, q postgres.Querier, ids []id.Appointment) (map[id.Appointment]Officer, error) {
	rows, err := q.Query(ctx, `
		select o.id, o.person_id, p.full_name, o.position, o.agency_id, a.name, a.short_name, coalesce(u.name, ''), o.roles
		from appointments o join persons p on p.id = o.person_id join agencies a on a.id = o.agency_id
		left join units u on u.id = o.unit_id
		where o.id = any($1)`, ids)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Officer, error) {
		var o Officer
		var roles []string
		err := row.Scan(&o.ID, &o.Person, &o.FullName, &o.Position, &o.Agency, &o.AgencyName, &o.AgencyShortName, &o.UnitName, &roles)
		for _, r := range roles {
			o.Roles = append(o.Roles, access.Role(r))
		}
		return o, err
	})
	m := make(map[id.Appointment]Officer, len(found))
	for _, o := range found {
		m[o.ID] = o
	}
	return m, err
}
