package conference

import (
	"slices"

	"nghisu/internal/errs"
	"nghisu/internal/sfu"
)

// What a page wants done with another device of the same person that is in the room already. Without a
// wish the page is told, and asks the person.
const (
	otherAsk     = ""
	otherReplace = "replace"
	otherKeep    = "keep"
)

// switches are what a page says of its own devices: what is on.
type switches struct{ mic, camera, screen bool }

// otherDevices are the connections of the same seat from other tabs and devices. Needs Service.mu.
func (r *room) otherDevices(m joining) []*member {
	var out []*member
	for _, o := range r.members {
		if o.dev == nil && o.actor.Appointment == m.actor.Appointment && o.device != m.device {
			out = append(out, o)
		}
	}
	return out
}

// checkDevices refuses a person who is in the room with another device and has not said what becomes of it.
func (s *Service) checkDevices(r *room, j joining) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.other == otherAsk && len(r.otherDevices(j)) > 0 {
		return errs.New(errs.Conflict, "conference.other_device")
	}
	return nil
}

// setMedia takes what a person says of the own devices. Nothing is forwarded of a device that is off, nor of
// one that the person has no right to; a page that does not know is told again.
func (s *Service) setMedia(m *member, on switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.gone {
		return
	}
	if allowed := on.within(m.rights); allowed != on {
		m.send(m.rightsMessage())
		on = allowed
	}
	if (switches{m.mic, m.camera, m.screen}) == on {
		return
	}
	m.mic, m.camera = on.mic, on.camera
	s.show(m, on.screen)
	m.forward()
	m.room.aim()
	m.room.tell(nil, m.changed())
}

// show begins or ends the showing of a screen. One person shows at a time: whoever begins later takes over,
// and the earlier is told. Needs s.mu; the caller forwards m and tells of it.
func (s *Service) show(m *member, on bool) {
	m.screen = on
	if !on {
		return
	}
	for _, o := range slices.Clone(m.room.members) {
		if o == m || !o.screen {
			continue
		}
		o.screen = false
		o.forward()
		o.send(screenEndedMessage{Type: "room.screen_ended", By: m.who.Person.FullName})
		m.room.tell(nil, o.changed())
	}
}

// forward lets through what is on. Needs Service.mu.
func (m *member) forward() {
	m.media.Forward(sfu.Audio, m.mic)
	m.media.Forward(sfu.Video, m.camera)
	m.media.Forward(sfu.Screen, m.screen)
	m.media.Forward(sfu.ScreenSound, m.screen)
}
