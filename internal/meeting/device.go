package meeting

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// Limits of room devices.
const (
	// MaxDevices is how many devices with a token one meeting has at once: a hall and 200 points, some with two.
	MaxDevices    = 400
	maxDeviceName = 100 // characters
	// deviceLasts is for how long after the planned end of the meeting a token still opens the room.
	deviceLasts = 6 * time.Hour
)

// Device is a room codec, an encoder or a player that is in a meeting's room in the place of an invited
// person, by a token of its own: it sends by WHIP or receives by WHEP, or both.
type Device struct {
	ID         id.Device
	Meeting    id.Meeting
	Person     org.Appointment // in whose place it stands
	Role       Role            // of that invitation; empty when there is none any more
	Name       string
	MaySend    bool
	MayReceive bool
	CreatedBy  string // full name
	CreatedAt  time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
}

// Works tells whether the device's token opens the room at now.
func (d Device) Works(now time.Time) bool { return d.RevokedAt == nil && d.ExpiresAt.After(now) }

// Actor is the person in whose place the device stands, for the record. It holds no roles.
func (d Device) Actor() access.Actor {
	return access.Actor{Person: d.Person.Person, Appointment: d.Person.ID, Agency: d.Person.Agency, Name: d.Person.FullName,
		Position: d.Person.Position, AgencyName: d.Person.AgencyName}
}

// DeviceFacts are what is stated about a new device.
type DeviceFacts struct {
	Appointment id.Appointment
	Name        string
	MaySend     bool
	MayReceive  bool
}

// DeviceAdded is a new device with its token. The token is not kept: a repeat of the command answers
// without it.
type DeviceAdded struct {
	Device Device
	Token  string `json:"-"`
}

// tendsDevices tells whether the actor looks after all devices of the meeting: whoever leads it. Whoever
// is invited looks after the devices in the own place.
func (s standing) tendsDevices() bool {
	return s.leads() || s.invited() && s.invitation.Role.Leads()
}

// Devices lists the devices of a meeting that the actor looks after, the oldest first.
func (s *Service) Devices(ctx context.Context, actor access.Actor, meetingID id.Meeting) ([]Device, error) {
	m, err := findMeeting(ctx, s.DB, meetingID, false)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	st := m.standingOf(actor)
	if !st.maySee() {
		return nil, errs.Missing()
	}
	all, err := listDevices(ctx, s.DB, meetingID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	var out []Device
	for _, d := range all {
		if st.tendsDevices() || d.Person.ID == actor.Appointment {
			out = append(out, d)
		}
	}
	return out, nil
}

// AddDevice makes a token for a device in an invited person's place.
func (s *Service) AddDevice(ctx context.Context, actor access.Actor, meetingID id.Meeting, f DeviceFacts) (DeviceAdded, error) {
	return postgres.Once(ctx, s.DB, func(tx *postgres.Tx) (DeviceAdded, error) {
		now := s.Now()
		m, err := findMeeting(ctx, tx, meetingID, true)
		if err != nil {
			return DeviceAdded{}, err
		}
		st := m.standingOf(actor)
		if err := m.allowDevice(st, actor, f.Appointment); err != nil {
			return DeviceAdded{}, err
		}
		i, err := m.checkDevice(&f)
		if err != nil {
			return DeviceAdded{}, err
		}
		n, err := countDevices(ctx, tx, meetingID, now)
		if err != nil {
			return DeviceAdded{}, err
		}
		if n >= MaxDevices {
			return DeviceAdded{}, errs.New(errs.Conflict, "device.too_many")
		}
		token := newDeviceToken()
		d := Device{ID: id.New[id.Device](), Meeting: m.ID, Person: i.Person, Role: i.Role, Name: f.Name, MaySend: f.MaySend,
			MayReceive: f.MayReceive, CreatedBy: actor.Name, CreatedAt: now, ExpiresAt: m.EndsAt.Add(deviceLasts)}
		if err := insertDevice(ctx, tx, d, hashDeviceToken(token), actor.Appointment); err != nil {
			return DeviceAdded{}, err
		}
		s.Feed.Touch(tx, live.Meeting(m.ID.UUID))
		return DeviceAdded{Device: d, Token: token}, audit.Append(ctx, tx, actor, now, d.event(audit.DeviceAdded, m))
	})
}

// allowDevice says who may make or revoke a device in somebody's place, and until when.
func (m *Meeting) allowDevice(st standing, actor access.Actor, place id.Appointment) error {
	switch {
	case !st.maySee():
		return errs.Missing()
	case !st.tendsDevices() && (!st.invited() || place != actor.Appointment):
		return errs.New(errs.Forbidden, "device.not_yours")
	case !m.Online:
		return errs.New(errs.Conflict, "meeting.not_online")
	}
	return m.stateIn(Draft, Convened, Live)
}

// checkDevice cleans the facts and finds the invitation in whose place the device shall stand.
func (m *Meeting) checkDevice(f *DeviceFacts) (*Invitation, error) {
	var wrong []errs.Field
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	if f.Name == "" {
		wrong = append(wrong, errs.Field{Path: "name", Key: "field.required"})
	} else if len([]rune(f.Name)) > maxDeviceName {
		wrong = append(wrong, errs.Field{Path: "name", Key: "field.too_long"})
	}
	if !f.MaySend && !f.MayReceive {
		wrong = append(wrong, errs.Field{Path: "may_send", Key: "device.no_way"})
	}
	var found *Invitation
	for i := range m.Invitations {
		if m.Invitations[i].Person.ID == f.Appointment {
			found = &m.Invitations[i]
		}
	}
	switch {
	case found == nil:
		wrong = append(wrong, errs.Field{Path: "appointment_id", Key: "device.not_invited"})
	case found.Role == Observer && f.MaySend:
		wrong = append(wrong, errs.Field{Path: "may_send", Key: "device.observer_sends"})
	}
	return found, errs.InvalidFields(wrong)
}

// RevokeDevice ends a device's token; the device leaves the room at once. Revoking twice is no error.
func (s *Service) RevokeDevice(ctx context.Context, actor access.Actor, meetingID id.Meeting, deviceID id.Device) error {
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		m, err := findMeeting(ctx, tx, meetingID, true)
		if err != nil {
			return err
		}
		st := m.standingOf(actor)
		if !st.maySee() {
			return errs.Missing()
		}
		d, err := findDevice(ctx, tx, meetingID, deviceID)
		if err != nil {
			return err
		}
		if !st.tendsDevices() && d.Person.ID != actor.Appointment {
			return errs.Missing() // of others one knows nothing
		}
		if d.RevokedAt != nil {
			return nil
		}
		if err := revokeDevice(ctx, tx, deviceID, actor.Appointment, now); err != nil {
			return err
		}
		s.Feed.Touch(tx, live.Meeting(m.ID.UUID))
		return audit.Append(ctx, tx, actor, now, d.event(audit.DeviceRevoked, m))
	})
}

// event is the record of something that happened to a device.
func (d Device) event(kind audit.Kind, m *Meeting) audit.Event {
	return audit.Event{Kind: kind, Object: m.ID.UUID, Agency: m.Agency, Details: map[string]any{"device": d.Name, "device_id": d.ID.String(),
		"appointment": d.Person.ID.String(), "may_send": d.MaySend, "may_receive": d.MayReceive}}
}

// DeviceByToken finds the device whose token this is; Unauthenticated when there is none, or it was
// revoked or ran out.
func (s *Service) DeviceByToken(ctx context.Context, token string) (Device, error) {
	d, err := findDeviceByToken(ctx, s.DB, hashDeviceToken(token))
	switch {
	case errs.Is(postgres.Translate(err), errs.NotFound):
		return Device{}, errs.New(errs.Unauthenticated, "device.bad_token")
	case err != nil:
		return Device{}, postgres.Translate(err)
	case d.RevokedAt != nil:
		return Device{}, errs.New(errs.Unauthenticated, "device.revoked")
	case !d.Works(s.Now()):
		return Device{}, errs.New(errs.Unauthenticated, "device.expired")
	}
	return d, nil
}

// WorkingDevices are the devices of a meeting whose tokens open the room now.
func (s *Service) WorkingDevices(ctx context.Context, meetingID id.Meeting) (map[id.Device]Device, error) {
	all, err := listDevices(ctx, s.DB, meetingID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	now := s.Now()
	out := map[id.Device]Device{}
	for _, d := range all {
		if d.Works(now) {
			out[d.ID] = d
		}
	}
	return out, nil
}

// NoteDeviceUse remembers that a device came just now.
func (s *Service) NoteDeviceUse(ctx context.Context, deviceID id.Device) error {
	_, err := s.DB.Exec(ctx, `update room_devices set last_used_at = $2 where id = $1`, deviceID, s.Now())
	return postgres.Translate(err)
}

// newDeviceToken is a secret of 256 bits, in letters that pass through every form field and command line.
func newDeviceToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashDeviceToken is what is kept of a token. It needs no slow hash: nobody guesses 256 bits.
func hashDeviceToken(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
