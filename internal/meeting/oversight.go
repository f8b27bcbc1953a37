package meeting

import (
	"context"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// Oversee lists everybody whom an invitation was sent to, for those who run the meeting: its organisers, and
// whoever leads in its room.
func (s *Service) Oversee(ctx context.Context, actor access.Actor, meetingID id.Meeting) ([]Attendee, error) {
	m, err := findMeeting(ctx, s.DB, meetingID, false)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	st := m.standingOf(actor)
	switch {
	case !st.maySee():
		return nil, errs.Missing()
	case !st.leads() && !(st.invited() && st.invitation.Role.Leads()):
		return nil, errs.New(errs.Forbidden, "meeting.not_leading")
	}
	var all []Attendee
	for _, i := range m.Invitations {
		if i.SentAt != nil {
			all = append(all, Attendee{Person: i.Person, Role: i.Role, Leads: i.Role.Leads()})
		}
	}
	return all, nil
}
