package auth

import "nghisu/internal/access"

// Resolved is what a session token stands for at this moment.
type Resolved struct {
	Actor          access.Actor // Person and Session always set; the rest only with an appointment
	HasAppointment bool         // an appointment is chosen and still valid
	MustChange     bool         // the first password must be changed before anything else
}
