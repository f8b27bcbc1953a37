package conference

import (
	"encoding/json"

	"nghisu/internal/meeting"
)

// The messages of a room, server to page; docs/live-protocol.md.

type participant struct {
	ID              string `json:"id"`
	AppointmentID   string `json:"appointment_id"`
	FullName        string `json:"full_name"`
	Position        string `json:"position"`
	AgencyName      string `json:"agency_name"`
	AgencyShortName string `json:"agency_short_name"`
	Role            string `json:"role"`
	Mic             bool   `json:"mic"`
	Camera          bool   `json:"camera"`
	Screen          bool   `json:"screen"`
	Line            Level  `json:"line"`        // empty in the first seconds
	DeviceName      string `json:"device_name"` // of a room device in the person's place; empty for the person's own page
}

type joinedMessage struct {
	Type          string        `json:"type"`
	ParticipantID string        `json:"participant_id"`
	Leads         bool          `json:"leads"`
	ICEServers    []ICEServer   `json:"ice_servers"`
	Participants  []participant `json:"participants"`
	Rights        rights        `json:"rights"`
}

// rights are what a member may send now.
type rights struct {
	Mic    bool `json:"mic"`
	Camera bool `json:"camera"`
	Screen bool `json:"screen"`
}

func rightsOf(r meeting.Rights) rights { return rights{Mic: r.Mic, Camera: r.Camera, Screen: r.Screen} }

type rightsMessage struct {
	Type string `json:"type"`
	rights
	Leads bool `json:"leads"`
}

type floorIs struct {
	Type  string          `json:"type"`
	Floor json.RawMessage `json:"floor"` // written once for all who hear it
}

type micAskedMessage struct {
	Type string `json:"type"`
	By   string `json:"by"`
}

type participantsMessage struct {
	Type    string        `json:"type"`
	Changed []participant `json:"changed"`
	Left    []string      `json:"left"`
}

type track struct {
	Mid         string `json:"mid"`
	Participant string `json:"participant_id"`
	Kind        string `json:"kind"`
	Paused      bool   `json:"paused,omitempty"` // the line does not take the picture
}

type tracksMessage struct {
	Type   string  `json:"type"`
	Tracks []track `json:"tracks"`
}

type descriptionMessage struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
}

type mutedMessage struct {
	Type string `json:"type"`
	By   string `json:"by"`
}

type screenEndedMessage struct {
	Type string `json:"type"`
	By   string `json:"by"` // who shows a screen now
}

type closedMessage struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

type errorMessage struct {
	Type string `json:"type"`
	Of   string `json:"of"`
	Key  string `json:"key"`
}

// wire is a member as the others see it. Needs Service.mu.
func (m *member) wire() participant {
	p := m.who.Person
	device := ""
	if m.dev != nil {
		device = m.dev.Name
	}
	return participant{DeviceName: device, ID: m.id, AppointmentID: p.ID.String(), FullName: p.FullName, Position: p.Position,
		AgencyName: p.AgencyName, AgencyShortName: p.AgencyShortName, Role: string(m.who.Role), Mic: m.mic, Camera: m.camera,
		Screen: m.screen, Line: m.line.state.Level}
}

// joinedMessage welcomes a member. Needs s.mu.
func (s *Service) joinedMessage(m *member) joinedMessage {
	out := joinedMessage{Type: "room.joined", ParticipantID: m.id, Leads: m.who.Leads, ICEServers: []ICEServer{}, Rights: rightsOf(m.rights),
		Participants: make([]participant, 0, len(m.room.members))}
	if s.ICEServers != nil {
		out.ICEServers = append(out.ICEServers, s.ICEServers(m.actor.Person)...)
	}
	for _, o := range m.room.members {
		if o.shown() {
			out.Participants = append(out.Participants, o.wire())
		}
	}
	return out
}
