package conference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/internal/sfu"
	"nghisu/internal/sfu/offer"
	"nghisu/storage/postgres"
)

// Way is what a session of a device is for. A device may have one session of each.
type Way string

// The ways.
const (
	Sends    Way = "send"    // WHIP
	Receives Way = "receive" // WHEP
)

// DeviceJoin is what a device that has shown its token asks for. It is the whole of what a gateway for
// another protocol needs (ADR 16): a device, a way, an offer.
type DeviceJoin struct {
	Device meeting.Device
	Way    Way
	Offer  string // session description
}

// DeviceSession is a device's connection to a room. It is the same for the room as a page's, but that its
// messages go nowhere, and that it never leads.
type DeviceSession struct {
	*sfu.Participant
	ID         string // of the participant in the room
	Answer     string
	ICEServers []ICEServer
}

// roomDevice is what a member has that is a device.
type roomDevice struct {
	meeting.Device
	way    Way
	offer  string
	answer string
	on     switches // what its description sends
}

// JoinDevice lets a device into its meeting's room. An earlier session of the same device and way, which a
// device that lost its network left behind, is replaced.
func (s *Service) JoinDevice(ctx context.Context, j DeviceJoin) (DeviceSession, error) {
	switch {
	case s.Media == nil:
		return DeviceSession{}, errs.New(errs.Unavailable, "conference.unavailable")
	case j.Way == Sends && !j.Device.MaySend:
		return DeviceSession{}, errs.New(errs.Forbidden, "device.may_not_send")
	case j.Way == Receives && !j.Device.MayReceive:
		return DeviceSession{}, errs.New(errs.Forbidden, "device.may_not_receive")
	}
	admission, err := s.Meetings.Admission(ctx, j.Device.Meeting)
	if err != nil {
		return DeviceSession{}, err
	}
	who, err := admission.AdmitDevice(j.Device)
	if err != nil {
		return DeviceSession{}, err
	}
	if j.Way == Sends && who.Role == meeting.Observer {
		return DeviceSession{}, errs.New(errs.Forbidden, "device.observer_sends")
	}
	r, err := s.enter(ctx, admission)
	if err != nil {
		return DeviceSession{}, err
	}
	m := &member{id: id.New[id.Stay]().String(), room: r, actor: j.Device.Actor(), who: who, send: func(any) {}, stay: id.New[id.Stay](),
		device: "device:" + j.Device.ID.String() + ":" + string(j.Way), dev: &roomDevice{Device: j.Device, way: j.Way, offer: j.Offer}}
	if err := s.settle(ctx, m, joining{actor: m.actor, device: m.device, other: otherKeep}); err != nil {
		return DeviceSession{}, err
	}
	if err := s.Meetings.NoteDeviceUse(ctx, j.Device.ID); err != nil {
		s.Log.WarnContext(ctx, "rooms: note use of device", "device", j.Device.ID, "error", err)
	}
	return s.deviceSession(m), nil
}

func (s *Service) deviceSession(m *member) DeviceSession {
	out := DeviceSession{Participant: m.media, ID: m.id, Answer: m.dev.answer}
	if s.ICEServers != nil {
		out.ICEServers = s.ICEServers(m.actor.Person)
	}
	return out
}

// DeviceSession finds a session that a device has on this node; NotFound when it ended or is another's.
func (s *Service) DeviceSession(device id.Device, way Way, session string) (DeviceSession, error) {
	m := s.deviceMember(device, way, session)
	if m == nil {
		return DeviceSession{}, errs.Missing()
	}
	return s.deviceSession(m), nil
}

// EndDevice takes a device's session out of the room, because the device says so.
func (s *Service) EndDevice(device id.Device, way Way, session string) error {
	m := s.deviceMember(device, way, session)
	if m == nil {
		return errs.Missing()
	}
	s.leave(m, reasonLeft)
	return nil
}

func (s *Service) deviceMember(device id.Device, way Way, session string) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		for _, m := range r.members {
			if m.dev != nil && m.dev.ID == device && m.dev.way == way && m.id == session {
				return m
			}
		}
	}
	return nil
}

// describe answers a device's offer, and takes from it what the device sends.
func (s *Service) describe(m *member) error {
	text, roles, err := m.dev.roles()
	if err == nil {
		m.dev.answer, err = m.media.Offer(text, roles)
	}
	switch {
	case errors.Is(err, sfu.ErrBadDescription):
		return errs.Wrap(errs.Invalid, "device.bad_description", err)
	case errors.Is(err, sfu.ErrClosed):
		return errs.Wrap(errs.Unavailable, "conference.unavailable", err)
	case err != nil:
		return err
	}
	m.dev.on = switches{mic: m.media.Sends(sfu.Audio), camera: m.media.Sends(sfu.Video)}
	return nil
}

// wishes is what a member would have on when it gets other rights: a person what is on now, a room device also
// what it gets a right to. Nobody sits at a device to turn it on; whoever asked for its token wished it heard.
// Needs Service.mu.
func (m *member) wishes(now switches, next meeting.Rights) switches {
	if m.dev != nil {
		now.mic = now.mic || next.Mic && !m.rights.Mic && m.dev.on.mic
		now.camera = now.camera || next.Camera && !m.rights.Camera && m.dev.on.camera
	}
	return now
}

// hearDevice turns the sound of a room device on again that was muted. Needs s.mu.
func (s *Service) hearDevice(m *member) {
	if m.mic || !m.dev.on.mic {
		return
	}
	m.mic = true
	m.forward()
	m.room.aim()
	m.room.tell(nil, m.changed())
}

// isHallDevice tells whether the member is the sound of the hall itself. Needs Service.mu.
func (m *member) isHallDevice() bool { return m.dev != nil && m.who.Role == meeting.Hall }

// onlyReceives tells whether the member is a device that watches and listens.
func (m *member) onlyReceives() bool { return m.dev != nil && m.dev.way == Receives }

// roles says what the m-lines of a device's offer are for. Whoever sends must not receive, and the other way
// round: the token says what a device may, not its description.
func (d *roomDevice) roles() (text string, roles map[string]sfu.Role, err error) {
	o, err := offer.Parse(d.offer)
	if err != nil {
		return "", nil, errs.Wrap(errs.Invalid, "device.malformed", err)
	}
	if !slices.ContainsFunc(o.Media, func(m offer.Media) bool { return !m.Refused() }) {
		return "", nil, errs.New(errs.Invalid, "device.no_codec")
	}
	text = d.offer
	if d.way == Receives {
		text, roles = offer.ReceiveOnly(d.offer), map[string]sfu.Role{}
	}
	videos := []sfu.Role{sfu.Main, sfu.Shown}
	for _, m := range o.Media {
		sends := m.Direction == offer.SendOnly || m.Direction == offer.SendRecv
		switch {
		case m.Refused() || m.Direction == offer.Inactive:
		case d.way == Sends && !sends, d.way == Receives && m.Direction == offer.SendOnly:
			return "", nil, errs.Wrap(errs.Invalid, "device.wrong_direction", fmt.Errorf("m-line %s is %s", m.Mid, m.Direction))
		case d.way == Sends:
		case m.Kind == "audio":
			roles[m.Mid] = sfu.Voice
		case len(videos) > 0: // who speaks, then the shown screen, then the others
			roles[m.Mid], videos = videos[0], videos[1:]
		default:
			roles[m.Mid] = sfu.Tile
		}
	}
	return text, roles, nil
}

// shown tells whether pages see the member: a device that sends is one participant, however many sessions it
// has. Needs Service.mu.
func (m *member) shown() bool {
	return m.dev == nil || m.dev.way == Sends || m.twin(Sends) == nil
}

// twin is the session that the member's device has in the other way; nil when there is none. Needs Service.mu.
func (m *member) twin(way Way) *member {
	for _, o := range m.room.members {
		if o != m && m.dev != nil && o.dev != nil && o.dev.ID == m.dev.ID && o.dev.way == way {
			return o
		}
	}
	return nil
}

// came is what the others are told of a new member. Needs Service.mu.
func (m *member) came() participantsMessage {
	out := m.changed()
	if m.dev != nil && m.dev.way == Sends {
		if t := m.twin(Receives); t != nil { // seen until now in its place
			out.Left = append(out.Left, t.id)
		}
	}
	return out
}

// went is what the others are told when a member has left. Needs Service.mu, and the member no more in the room.
func (m *member) went() participantsMessage {
	out := participantsMessage{Type: "room.participants", Changed: []participant{}, Left: []string{}}
	if m.shown() {
		out.Left = append(out.Left, m.id)
	}
	if m.dev != nil && m.dev.way == Sends {
		if t := m.twin(Receives); t != nil {
			out.Changed = append(out.Changed, t.wire())
		}
	}
	return out
}

// readmitDevices looks again at the devices of a room: their tokens may have ended.
func (s *Service) readmitDevices(ctx context.Context, a meeting.Admission, all []*member) error {
	if !slices.ContainsFunc(all, func(m *member) bool { return m.dev != nil }) {
		return nil
	}
	works, err := s.Meetings.WorkingDevices(ctx, a.Meeting)
	if err != nil {
		return err
	}
	for _, m := range all {
		switch d, ok := works[deviceOf(m)]; {
		case m.dev == nil:
		case !ok || m.dev.way == Sends && !d.MaySend:
			s.leave(m, "device_revoked")
		}
	}
	return nil
}

func deviceOf(m *member) id.Device {
	if m.dev == nil {
		return id.Device{}
	}
	return m.dev.ID
}

// expireDevices has the rooms looked at whose devices' tokens ran out.
func (s *Service) expireDevices() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	for meetingID, r := range s.rooms {
		if slices.ContainsFunc(r.members, func(m *member) bool { return m.dev != nil && !m.dev.Works(now) }) {
			s.recheck[meetingID] = true
		}
	}
}

// DevicePresence is a device with what it does in the room now.
type DevicePresence struct {
	meeting.Device
	SendsSince    *time.Time // nil while it does not
	ReceivesSince *time.Time
}

// Devices lists the devices of a meeting that the actor looks after, with what they do now on any node.
func (s *Service) Devices(ctx context.Context, actor access.Actor, meetingID id.Meeting) ([]DevicePresence, error) {
	all, err := s.Meetings.Devices(ctx, actor, meetingID)
	if err != nil {
		return nil, err
	}
	rows, err := s.DB.Query(ctx, `select room_device_id, device like '%:send', min(joined_at) from room_stays
		where meeting_id = $1 and room_device_id is not null and left_at is null group by 1, 2`, meetingID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	type key struct {
		device id.Device
		sends  bool
	}
	since := map[key]time.Time{}
	var k key
	var at time.Time
	if _, err := pgx.ForEachRow(rows, []any{&k.device, &k.sends, &at}, func() error { since[k] = at; return nil }); err != nil {
		return nil, postgres.Translate(err)
	}
	out := make([]DevicePresence, len(all))
	for i, d := range all {
		out[i] = DevicePresence{Device: d}
		if at, ok := since[key{d.ID, true}]; ok {
			out[i].SendsSince = &at
		}
		if at, ok := since[key{d.ID, false}]; ok {
			out[i].ReceivesSince = &at
		}
	}
	return out, nil
}
