package conference

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
)

// turnMessage and floorMessage are the queue of speakers as HTTP has it too.
type turnMessage struct {
	ID              id.Turn        `json:"id"`
	AppointmentID   id.Appointment `json:"appointment_id"`
	FullName        string         `json:"full_name"`
	Position        string         `json:"position"`
	AgencyName      string         `json:"agency_name"`
	AgencyShortName string         `json:"agency_short_name"`
	ItemID          *id.Item       `json:"item_id"`
	Topic           string         `json:"topic"`
	Asked           bool           `json:"asked"`
	AskedAt         time.Time      `json:"asked_at"`
	CalledAt        *time.Time     `json:"called_at"`
	EndsAt          *time.Time     `json:"ends_at"`
	Seconds         int            `json:"seconds"`
	EndedAt         *time.Time     `json:"ended_at"`
	State           string         `json:"state"`
}

type floorMessage struct {
	MeetingID  id.Meeting    `json:"meeting_id"`
	Version    int           `json:"version"`
	Mode       string        `json:"mode"`
	ModeChosen bool          `json:"mode_chosen"`
	Seconds    int           `json:"seconds"`
	Now        *turnMessage  `json:"now"`
	Waiting    []turnMessage `json:"waiting"`
	Spoken     int           `json:"spoken"`
	ServerTime time.Time     `json:"server_time"`
}

// FloorJSON is the queue of speakers as pages read it in "room.floor".
func FloorJSON(f meeting.Floor) json.RawMessage {
	out := floorMessage{MeetingID: f.Meeting, Version: f.Version, Mode: string(f.Mode), ModeChosen: f.Chosen, Seconds: f.Seconds,
		Waiting: make([]turnMessage, len(f.Waiting)), Spoken: f.Spoken, ServerTime: f.At}
	if f.Now != nil {
		now := turnWire(*f.Now)
		out.Now = &now
	}
	for i, t := range f.Waiting {
		out.Waiting[i] = turnWire(t)
	}
	body, err := json.Marshal(out)
	if err != nil { // every field is a string, a number or a time
		panic(err)
	}
	return body
}

func turnWire(t meeting.Turn) turnMessage {
	return turnMessage{ID: t.ID, AppointmentID: t.Person.ID, FullName: t.Person.FullName, Position: t.Person.Position,
		AgencyName: t.Person.AgencyName, AgencyShortName: t.Person.AgencyShortName, ItemID: t.Item, Topic: t.Topic, Asked: t.Asked,
		AskedAt: t.AskedAt, CalledAt: t.CalledAt, EndsAt: t.EndsAt, Seconds: t.Seconds, EndedAt: t.EndedAt, State: string(t.State)}
}

// setFloor takes the queue of speakers of a meeting whose room may be here: rights and who is always heard
// follow at once. An older floor than the known one is nothing new.
func (s *Service) setFloor(f meeting.Floor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[f.Meeting]
	if r == nil || (r.floorKnown && f.Version <= r.floor.Version) {
		return
	}
	r.floor, r.floorKnown = f, true
	var changed []*member
	told := map[*member]bool{}
	for _, m := range r.members {
		newRights, switched := m.judge()
		if told[m] = newRights; switched {
			changed = append(changed, m)
		}
	}
	r.aim()
	message := r.floorMessage(s.Now())
	for _, m := range r.speakersFirst() { // whoever is called waits for nobody's messages
		m.send(message)
		if told[m] {
			m.send(m.rightsMessage())
		}
	}
	r.tellOf(changed)
}

// floorMessage tells the floor as it is at now. Needs Service.mu.
func (r *room) floorMessage(now time.Time) floorIs {
	f := r.floor
	f.At = now
	return floorIs{Type: "room.floor", Floor: FloorJSON(f)}
}

// speakersFirst lists the members with those of who has the floor first. Needs Service.mu.
func (r *room) speakersFirst() []*member {
	out := slices.Clone(r.members)
	slices.SortStableFunc(out, func(a, b *member) int {
		switch x, y := r.floor.Speaks(a.who.Person.ID), r.floor.Speaks(b.who.Person.ID); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	return out
}

// aim gives the floor of the media plane to the connection of who has the floor: with several devices to the
// one that is heard, else to the last that came. Needs Service.mu.
func (r *room) aim() {
	var speaker *member
	for _, m := range r.members {
		if r.floor.Speaks(m.who.Person.ID) && !m.onlyReceives() && (speaker == nil || m.mic || !speaker.mic) {
			speaker = m
		}
	}
	if speaker == r.speaker {
		return
	}
	before := r.speaker
	if r.speaker = speaker; speaker != nil {
		speaker.media.Floor(true)
	} else {
		before.media.Floor(false)
	}
}

// needFloor reads the floor of a room that does not know it yet.
func (s *Service) needFloor(ctx context.Context, r *room) error {
	s.mu.Lock()
	known := r.floorKnown
	s.mu.Unlock()
	if known {
		return nil
	}
	f, err := s.Meetings.Floor(ctx, r.meeting)
	if err == nil {
		s.setFloor(f)
	}
	return err
}

// noteFloors remembers of which rooms the floor changed, by the topics of hints. Needs s.mu.
func (s *Service) noteFloors(topics []live.Topic, reset bool) {
	for meetingID := range s.rooms {
		if reset || slices.Contains(topics, live.Floor(meetingID.UUID)) {
			s.refloor[meetingID] = true
		}
	}
}

// readFloors reads the floors that changed, once per room.
func (s *Service) readFloors(ctx context.Context) {
	s.mu.Lock()
	due := make([]id.Meeting, 0, len(s.refloor))
	for meetingID := range s.refloor {
		due = append(due, meetingID)
	}
	clear(s.refloor)
	s.mu.Unlock()
	for _, meetingID := range due {
		err := s.try(ctx, "read floor", func(ctx context.Context) error {
			f, err := s.Meetings.Floor(ctx, meetingID)
			if err == nil {
				s.setFloor(f)
			}
			return err
		})
		if err != nil {
			s.mu.Lock()
			s.refloor[meetingID] = true
			s.mu.Unlock()
		}
	}
}
