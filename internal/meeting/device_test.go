package meeting_test

import (
	"testing"
	"time"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/storage/postgres"
)

func TestService_AddDevice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.convened(t)
	m := v.Meeting.ID
	camera := meeting.DeviceFacts{Appointment: b.health.Appointment, Name: "  Camera   hội trường ", MaySend: true}
	added := must(b.s.AddDevice(t.Context(), b.secretary, m, camera))(t)
	if d := added.Device; d.Name != "Camera hội trường" || d.Role != meeting.Member || d.Person.ID != b.health.Appointment || len(added.Token) != 43 ||
		!d.ExpiresAt.After(v.Meeting.EndsAt) {
		t.Errorf("added %+v, a token of %d", d, len(added.Token))
	}
	found := must(b.s.DeviceByToken(t.Context(), added.Token))(t)
	if found.ID != added.Device.ID || found.MayReceive || !found.MaySend {
		t.Errorf("found %+v", found)
	}
	for name, c := range map[string]struct {
		facts meeting.DeviceFacts
		key   string
	}{
		"without a name":  {meeting.DeviceFacts{Appointment: b.health.Appointment, MaySend: true}, "request.invalid"},
		"without a way":   {meeting.DeviceFacts{Appointment: b.health.Appointment, Name: "x"}, "request.invalid"},
		"of a stranger":   {meeting.DeviceFacts{Appointment: b.stranger.Appointment, Name: "x", MaySend: true}, "request.invalid"},
		"observer sends":  {meeting.DeviceFacts{Appointment: b.district.Appointment, Name: "x", MaySend: true}, "request.invalid"},
		"observer's both": {meeting.DeviceFacts{Appointment: b.district.Appointment, Name: "x", MaySend: true, MayReceive: true}, "request.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.s.AddDevice(t.Context(), b.secretary, m, c.facts)
			refused(t, err, errs.Invalid, c.key)
		})
	}
	must(b.s.AddDevice(t.Context(), b.secretary, m, meeting.DeviceFacts{Appointment: b.district.Appointment, Name: "Màn hình", MayReceive: true}))(t)
	own := must(b.s.AddDevice(t.Context(), b.health, m, meeting.DeviceFacts{Appointment: b.health.Appointment, Name: "Của mình", MaySend: true}))(t)
	_, err := b.s.AddDevice(t.Context(), b.health, m, meeting.DeviceFacts{Appointment: b.chair.Appointment, Name: "x", MaySend: true})
	refused(t, err, errs.Forbidden, "device.not_yours")
	_, err = b.s.AddDevice(t.Context(), b.stranger, m, camera)
	refused(t, err, errs.NotFound, "request.not_found")

	if all := must(b.s.Devices(t.Context(), b.chair, m))(t); len(all) != 3 {
		t.Errorf("the chair sees %d devices", len(all))
	}
	if all := must(b.s.Devices(t.Context(), b.health, m))(t); len(all) != 2 || all[1].ID != own.Device.ID {
		t.Errorf("a point sees %+v", all)
	}
	_, err = b.s.Devices(t.Context(), b.stranger, m)
	refused(t, err, errs.NotFound, "request.not_found")
}

func TestService_RevokeDevice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.convened(t).Meeting
	facts := meeting.DeviceFacts{Appointment: b.health.Appointment, Name: "Camera", MaySend: true}
	added := must(b.s.AddDevice(t.Context(), b.secretary, m.ID, facts))(t)
	refused(t, b.s.RevokeDevice(t.Context(), b.district, m.ID, added.Device.ID), errs.NotFound, "request.not_found")
	refused(t, b.s.RevokeDevice(t.Context(), b.secretary, m.ID, id.New[id.Device]()), errs.NotFound, "request.not_found")
	for range 2 { // the second time nothing happens
		if err := b.s.RevokeDevice(t.Context(), b.health, m.ID, added.Device.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.s.DeviceByToken(t.Context(), added.Token)
	refused(t, err, errs.Unauthenticated, "device.revoked")
	var n int
	if err := b.db.QueryRow(t.Context(), `select count(*) from audit_events where kind like 'conference.device_%'`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d events, %v", n, err)
	}
	_, err = b.s.DeviceByToken(t.Context(), "guess")
	refused(t, err, errs.Unauthenticated, "device.bad_token")
}

// A token lasts some hours longer than the meeting, also when that is put off.
func TestService_DeviceByToken_expires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.convened(t).Meeting
	added := must(b.s.AddDevice(t.Context(), b.secretary, m.ID, meeting.DeviceFacts{Appointment: b.health.Appointment, Name: "Camera", MaySend: true}))(t)
	f := b.facts()
	f.StartsAt, f.EndsAt = f.StartsAt.Add(24*time.Hour), f.EndsAt.Add(24*time.Hour)
	must(b.s.Change(t.Context(), b.secretary, m.ID, 0, f))(t)
	b.now = f.EndsAt.Add(time.Hour)
	must(b.s.DeviceByToken(t.Context(), added.Token))(t)
	b.now = f.EndsAt.Add(24 * time.Hour)
	_, err := b.s.DeviceByToken(t.Context(), added.Token)
	refused(t, err, errs.Unauthenticated, "device.expired")
}

// A repeat answers the same device without its token, which is kept nowhere.
func TestService_AddDevice_repeated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.convened(t).Meeting
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: b.secretary.Person, Key: "device-0001", Fingerprint: []byte("x")})
	facts := meeting.DeviceFacts{Appointment: b.health.Appointment, Name: "Camera", MaySend: true}
	first, again := must(b.s.AddDevice(ctx, b.secretary, m.ID, facts))(t), must(b.s.AddDevice(ctx, b.secretary, m.ID, facts))(t)
	if first.Device.ID != again.Device.ID || again.Token != "" || first.Token == "" {
		t.Errorf("first %v, again %v with a token of %d", first.Device.ID, again.Device.ID, len(again.Token))
	}
}
