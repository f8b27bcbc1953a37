package meeting

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

var (
	_ = postgres.MapConstraint("room_devices_name_length", errs.InvalidField("name", "field.wrong_form"))
	_ = postgres.MapConstraint("room_devices_way", errs.InvalidField("may_send", "device.no_way"))
)

const deviceQuery = `select d.id, d.meeting_id, coalesce(i.role, ''), d.name, d.may_send, d.may_receive, w.full_name, d.created_at, d.expires_at,
	d.revoked_at, d.last_used_at, ` + personColumns + personTables + ` join room_devices d on d.appointment_id = a.id
	left join invitations i on i.meeting_id = d.meeting_id and i.appointment_id = d.appointment_id
	join appointments b on b.id = d.created_by join persons w on w.id = b.person_id `

func scanDevice(r pgx.CollectableRow) (Device, error) {
	var d Device
	return d, r.Scan(append([]any{&d.ID, &d.Meeting, &d.Role, &d.Name, &d.MaySend, &d.MayReceive, &d.CreatedBy, &d.CreatedAt, &d.ExpiresAt,
		&d.RevokedAt, &d.LastUsedAt}, personFields(&d.Person)...)...)
}

func listDevices(ctx context.Context, q postgres.Querier, meetingID id.Meeting) ([]Device, error) {
	rows, err := q.Query(ctx, deviceQuery+`where d.meeting_id = $1 order by d.created_at, d.id`, meetingID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanDevice)
}

func findDevice(ctx context.Context, q postgres.Querier, meetingID id.Meeting, deviceID id.Device) (Device, error) {
	rows, err := q.Query(ctx, deviceQuery+`where d.meeting_id = $1 and d.id = $2`, meetingID, deviceID)
	if err != nil {
		return Device{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanDevice)
}

func findDeviceByToken(ctx context.Context, q postgres.Querier, hash []byte) (Device, error) {
	rows, err := q.Query(ctx, deviceQuery+`where d.token_hash = $1`, hash)
	if err != nil {
		return Device{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanDevice)
}

// countDevices counts the devices of a meeting whose tokens work.
func countDevices(ctx context.Context, q postgres.Querier, meetingID id.Meeting, now time.Time) (n int, err error) {
	return n, q.QueryRow(ctx, `select count(*) from room_devices where meeting_id = $1 and revoked_at is null and expires_at > $2`, meetingID, now).Scan(&n)
}

func insertDevice(ctx context.Context, q postgres.Querier, d Device, hash []byte, by id.Appointment) error {
	_, err := q.Exec(ctx, `insert into room_devices (id, meeting_id, appointment_id, name, may_send, may_receive, token_hash, created_by, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, d.ID, d.Meeting, d.Person.ID, d.Name, d.MaySend, d.MayReceive, hash, by, d.CreatedAt, d.ExpiresAt)
	return err
}

func revokeDevice(ctx context.Context, q postgres.Querier, deviceID id.Device, by id.Appointment, now time.Time) error {
	_, err := q.Exec(ctx, `update room_devices set revoked_at = $3, revoked_by = $2 where id = $1`, deviceID, by, now)
	return err
}

// moveDevices lets tokens that were not revoked last as long as the meeting's new end asks.
func moveDevices(ctx context.Context, q postgres.Querier, m *Meeting) error {
	_, err := q.Exec(ctx, `update room_devices set expires_at = $2 where meeting_id = $1 and revoked_at is null`, m.ID, m.EndsAt.Add(deviceLasts))
	return err
}
