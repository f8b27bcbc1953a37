package httpapi

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/conference"
)

// LineQuality is how the line of one participant of a room is.
type LineQuality struct {
	Appointment   AppointmentRef `json:"appointment"`
	Role          string         `json:"role"`
	ParticipantID string         `json:"participant_id" doc:"Empty for who is invited and not there"`
	State         string         `json:"state" enum:"absent,connecting,good,weak,poor,lost"`
	Why           string         `json:"why" enum:",not_connected,silent,no_media,loss_up,loss_down,few_packets,round_trip,narrow_up,narrow_down,returned" doc:"What makes the line what it is; empty for a good one"`
	Since         *time.Time     `json:"since" doc:"The state stands since"`
	JoinedAt      *time.Time     `json:"joined_at"`
	Mic           bool           `json:"mic"`
	Camera        bool           `json:"camera"`
	Screen        bool           `json:"screen"`
	Way           string         `json:"way" enum:",udp,tcp,relay_udp,relay_tcp,relay_tls" doc:"Way of the media"`
	LossUp        float64        `json:"loss_up" doc:"Percent of the packets from the participant, over six seconds"`
	LossDown      float64        `json:"loss_down" doc:"Percent of the packets to the participant"`
	RoundTrip     int            `json:"round_trip_ms"`
	Jitter        int            `json:"jitter_ms"`
	UpAudio       int            `json:"up_audio_kbps"`
	UpVideo       int            `json:"up_video_kbps"`
	UpScreen      int            `json:"up_screen_kbps"`
	Down          int            `json:"down_kbps"`
	Estimate      int            `json:"estimate_kbps" doc:"What the line to the participant takes; 0 while that is not known"`
	Sends         int            `json:"sends_layer" doc:"Best layer of the camera that comes in, from 1; 0 for none"`
	SendsOf       int            `json:"sends_layers"`
	Gets          int            `json:"gets_layer" doc:"Layer in the participant's largest place"`
	GetsOf        int            `json:"gets_layers"`
	Page          *PageQuality   `json:"page" doc:"What the page told in the last seconds; null when it did not"`
	Freezes       int            `json:"freezes" doc:"Pictures that stood still, since the participant came"`
	FrozenMS      int            `json:"frozen_ms"`
}

// PageQuality is what only the participant's page can measure.
type PageQuality struct {
	FPS       float64 `json:"fps" doc:"Of the largest picture"`
	Width     int     `json:"width" doc:"Of the largest picture, in pixels"`
	Concealed float64 `json:"concealed" doc:"Percent of the sound that had to be made up"`
	DecodeMS  float64 `json:"decode_ms" doc:"For one picture"`
	Limited   string  `json:"limited" enum:",bandwidth,cpu" doc:"What keeps the page from sending better pictures"`
}

// MeetingQuality is how the lines of a meeting's participants are.
type MeetingQuality struct {
	Where      string        `json:"where" enum:"here,elsewhere,nobody" doc:"elsewhere: another node has the room, and its lines are not known here"`
	MeasuredAt time.Time     `json:"measured_at"`
	Items      []LineQuality `json:"items" nullable:"false" doc:"The worst first, then who has not come"`
}

// registerQuality adds the figures of rooms for those who run them.
func (a *API) registerQuality() {
	get(a, Op{ID: "get-meeting-quality", Path: "/meetings/{meeting_id}/quality", Tag: "meeting", Access: Acting,
		Summary: "How the lines of a meeting's participants are; for chair, secretary, operator and organisers"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[MeetingQuality], error) {
			report, err := a.Conference.Quality(ctx, actor, in.Meeting)
			if err != nil {
				return nil, err
			}
			out := MeetingQuality{Where: string(report.Where), MeasuredAt: report.At, Items: make([]LineQuality, len(report.People))}
			for i, p := range report.People {
				out.Items[i] = lineQuality(p)
			}
			return answer(out), nil
		})
}

func lineQuality(p conference.PersonQuality) LineQuality {
	out := LineQuality{Appointment: appointmentRef(p.Person.Person), Role: string(p.Person.Role), ParticipantID: p.ID, State: "absent"}
	if p.ID == "" {
		return out
	}
	f := p.Figures
	out.State, out.Why, out.JoinedAt = string(p.Level), string(p.Why), &p.JoinedAt
	if p.Level == "" {
		out.State = "connecting"
	} else {
		out.Since = &p.Since
	}
	out.Mic, out.Camera, out.Screen, out.Way = p.Mic, p.Camera, p.Screen, f.Way
	out.LossUp, out.LossDown = percent(f.LossUp), percent(f.LossDown)
	out.RoundTrip, out.Jitter = int(f.RoundTrip.Milliseconds()), int(f.Jitter.Milliseconds())
	out.UpAudio, out.UpVideo, out.UpScreen, out.Down, out.Estimate = f.UpAudio, f.UpVideo, f.UpScreen, f.Down, f.Estimate
	out.Sends, out.SendsOf, out.Gets, out.GetsOf = f.Sends, f.SendsOf, f.Gets, f.GetsOf
	out.Freezes, out.FrozenMS = p.Freezes, int(p.Frozen.Milliseconds())
	if p.Told {
		out.Page = &PageQuality{FPS: p.Page.FPS, Width: p.Page.Width, Concealed: percent(p.Page.Concealed),
			DecodeMS: float64(p.Page.Decode.Microseconds()) / 1000, Limited: string(p.Page.Limited)}
	}
	return out
}

// percent is a share with one decimal.
func percent(share float64) float64 { return float64(int(share*1000+0.5)) / 10 }
