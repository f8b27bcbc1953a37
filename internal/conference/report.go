package conference

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/storage/postgres"
)

// Where says where a meeting's room is.
type Where string

// Where a room can be.
const (
	Here      Where = "here"
	Elsewhere Where = "elsewhere" // another node has it, and only that one knows its lines
	Nowhere   Where = "nobody"    // nobody is in it
)

// QualityReport is how the lines of a meeting's participants are.
type QualityReport struct {
	Where  Where
	At     time.Time
	People []PersonQuality // the worst first, then who has not come
}

// PersonQuality is how one participant's line is; of somebody who is invited and not there, only Person and Role.
type PersonQuality struct {
	Person   meeting.Attendee
	ID       string // of the participant; empty for who has not come
	Mic      bool
	Camera   bool
	Screen   bool
	JoinedAt time.Time
	Level    Level // empty while it is being connected
	Why      Why
	Since    time.Time // the level stands
	Figures  Figures
	Page     PageFigures
	Told     bool // the page told its figures lately
	Freezes  int  // since the participant came
	Frozen   time.Duration
}

// Quality reports on the lines of a meeting's participants, to who runs the meeting.
func (s *Service) Quality(ctx context.Context, actor access.Actor, meetingID id.Meeting) (QualityReport, error) {
	invited, err := s.Meetings.Oversee(ctx, actor, meetingID)
	if err != nil {
		return QualityReport{}, err
	}
	report := QualityReport{Where: Here, At: s.Now()}
	if !s.present(meetingID, &report) {
		if report.Where, err = s.whereIs(ctx, meetingID); err != nil {
			return QualityReport{}, postgres.Translate(err)
		}
	}
	if report.Where == Elsewhere { // who is there is not known here
		return report, nil
	}
	for _, who := range invited {
		if !slices.ContainsFunc(report.People, func(p PersonQuality) bool { return p.Person.Person.ID == who.Person.ID }) {
			report.People = append(report.People, PersonQuality{Person: who})
		}
	}
	return report, nil
}

// present adds who is in the room, the worst first; false when the room is not here.
func (s *Service) present(meetingID id.Meeting, report *QualityReport) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[meetingID]
	if r == nil {
		return false
	}
	now := time.Now()
	for _, m := range r.members {
		w := &m.line
		p := PersonQuality{Person: m.who, ID: m.id, Mic: m.mic, Camera: m.camera, Screen: m.screen, JoinedAt: w.joined, Level: w.state.Level,
			Why: w.state.Why, Since: w.state.Since, Figures: w.figures, Freezes: w.freezes, Frozen: w.frozen}
		if now.Sub(w.pageAt) < pageFor {
			p.Page, p.Told = w.page, true
		}
		report.People = append(report.People, p)
	}
	slices.SortStableFunc(report.People, func(a, b PersonQuality) int { return b.Level.rank() - a.Level.rank() })
	return true
}

// whereIs looks for a room that is not here.
func (s *Service) whereIs(ctx context.Context, meetingID id.Meeting) (Where, error) {
	var holder id.Node
	err := s.DB.QueryRow(ctx, `select node_id from room_leases where meeting_id = $1 and expires_at > $2`, meetingID, s.Now()).Scan(&holder)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Nowhere, nil
	case err != nil:
		return "", err
	case holder == s.node:
		return Nowhere, nil
	}
	return Elsewhere, nil
}
