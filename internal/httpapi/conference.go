package httpapi

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/conference"
)

// Attendance is a person's presence in the room of a meeting.
type Attendance struct {
	Appointment AppointmentRef `json:"appointment"`
	JoinedAt    time.Time      `json:"joined_at" doc:"First coming"`
	LeftAt      *time.Time     `json:"left_at" doc:"Last leaving; null while present"`
	Stays       int            `json:"stays" doc:"How often the person came"`
	Seconds     int            `json:"seconds" doc:"Time present, together"`
}

// AttendanceList is everybody who was in the room, in the order of their coming.
type AttendanceList struct {
	Items []Attendance `json:"items" nullable:"false"`
}

// registerConference adds the record of attendance; the room itself is on the live socket.
func (a *API) registerConference() {
	get(a, Op{ID: "get-attendance", Path: "/meetings/{meeting_id}/attendance", Tag: "meeting", Access: Acting,
		Summary: "Who was in the room of a meeting, and how long"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[AttendanceList], error) {
			found, err := a.Conference.Attendance(ctx, actor, in.Meeting)
			if err != nil {
				return nil, err
			}
			out := AttendanceList{Items: make([]Attendance, len(found))}
			for i, f := range found {
				out.Items[i] = Attendance{Appointment: appointmentRef(f.Person), JoinedAt: f.JoinedAt, LeftAt: f.LeftAt, Stays: f.Stays, Seconds: f.Seconds}
			}
			return answer(out), nil
		})
}

// conferenceRooms lets the sockets of pages into the rooms of this node.
type conferenceRooms struct{ *conference.Service }

// Open makes the room session of one socket.
func (r conferenceRooms) Open(_ context.Context, send func(message any)) RoomSession {
	return r.Service.Open(send)
}
