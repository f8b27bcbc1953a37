package conference

import (
	"context"
	"slices"

	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/meeting"
	"nghisu/storage/postgres"
)

// joinMutedFrom is how many people are in a room that is joined with the microphone off.
const joinMutedFrom = 12

// within is what may be on of what is on.
func (on switches) within(r meeting.Rights) switches {
	return switches{mic: on.mic && r.Mic, camera: on.camera && r.Camera, screen: on.screen && r.Screen}
}

// welcome gives a member who comes rights, and lets on of the wished switches what those allow. Whoever
// comes into a large meeting comes with the microphone off, but for who has the floor, and for a page that
// comes back with the microphone it had. Needs s.mu, before m is among the members.
func (s *Service) welcome(m *member, wish switches) {
	r := m.room
	m.rights = r.floor.Rights(m.who.Person.ID, m.who.Role)
	on := wish.within(m.rights)
	if len(r.members) >= joinMutedFrom && !r.floor.Speaks(m.who.Person.ID) && !r.wasHeard(m) && !m.isHallDevice() {
		on.mic = false
	}
	m.mic, m.camera = on.mic, on.camera
	s.show(m, on.screen)
	m.forward()
}

// wasHeard tells whether the page of m is here already, from before a reload, with its microphone on.
func (r *room) wasHeard(m *member) bool {
	return slices.ContainsFunc(r.members, func(o *member) bool {
		return o.actor.Appointment == m.actor.Appointment && o.device == m.device && o.mic
	})
}

// judge gives a member the rights that follow from role and floor. What may not be sent any more is off at
// once, and stays off when the right comes back: only the person turns it on, or it is a room device's. It
// reports what the page and what the others are to be told. Needs Service.mu.
func (m *member) judge() (newRights, switched bool) {
	rights := m.room.floor.Rights(m.who.Person.ID, m.who.Role)
	if rights == m.rights {
		return false, false
	}
	before := switches{m.mic, m.camera, m.screen}
	on := m.wishes(before, rights).within(rights)
	m.rights = rights
	if switched = on != before; switched {
		m.mic, m.camera, m.screen = on.mic, on.camera, on.screen
		m.forward()
	}
	return true, switched
}

// rightsMessage tells a member what it may send. Needs Service.mu.
func (m *member) rightsMessage() rightsMessage {
	return rightsMessage{Type: "room.rights", rights: rightsOf(m.rights), Leads: m.who.Leads}
}

// muteAll turns every microphone off but those of who leads, of the hall and of who has the floor. Everybody
// turns the own on again, as far as the floor allows.
func (s *Service) muteAll(ctx context.Context, by *member) error {
	s.mu.Lock()
	if !by.who.Leads {
		s.mu.Unlock()
		return errs.New(errs.Forbidden, "conference.not_leading")
	}
	var changed []*member
	for _, m := range by.room.members {
		if !m.mic || m.who.Leads || m.who.Role == meeting.Hall || m.room.floor.Speaks(m.who.Person.ID) {
			continue
		}
		m.mic = false
		m.forward()
		m.send(mutedMessage{Type: "room.muted", By: by.who.Person.FullName})
		changed = append(changed, m)
	}
	by.room.tellOf(changed)
	s.mu.Unlock()
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		return audit.Append(ctx, tx, by.actor, s.Now(), audit.Event{Kind: audit.RoomMutedAll, Object: by.room.meeting.UUID, Agency: by.room.agency,
			Details: map[string]any{"people": len(changed)}})
	})
}

// tellOf tells everybody how some are now, in one message: a page takes only so many. Needs Service.mu.
func (r *room) tellOf(changed []*member) {
	if len(changed) == 0 {
		return
	}
	message := participantsMessage{Type: "room.participants", Left: []string{}}
	for _, m := range changed {
		message.Changed = append(message.Changed, m.wire())
	}
	r.tell(nil, message)
}

// askMic asks somebody to turn the microphone on. Nobody is heard without wishing it.
func (s *Service) askMic(by *member, target string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !by.who.Leads {
		return errs.New(errs.Forbidden, "conference.not_leading")
	}
	i := slices.IndexFunc(by.room.members, func(m *member) bool { return m.id == target })
	if i < 0 {
		return errs.New(errs.NotFound, "conference.unknown_participant")
	}
	m := by.room.members[i]
	if !m.rights.Mic {
		return errs.New(errs.Conflict, "conference.mic_not_allowed")
	}
	if m.dev != nil {
		s.hearDevice(m)
		return nil
	}
	m.send(micAskedMessage{Type: "room.mic_asked", By: by.who.Person.FullName})
	return nil
}
