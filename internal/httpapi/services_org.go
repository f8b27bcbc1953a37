package httpapi

import (
	"context"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

// Accounts is what the API asks of auth.
type Accounts interface {
	Installation(ctx context.Context) (auth.Installation, error)
	SignIn(ctx context.Context, in auth.SignIn) (auth.SignedIn, error)
	SignOut(ctx context.Context, actor access.Actor) error
	Me(ctx context.Context, actor access.Actor) (auth.Me, error)
	ChooseAppointment(ctx context.Context, actor access.Actor, appointment id.Appointment) (auth.Me, error)
	ChangePassword(ctx context.Context, actor access.Actor, current, next string) error
	Sessions(ctx context.Context, actor access.Actor) ([]auth.Session, error)
	EndSession(ctx context.Context, actor access.Actor, session id.Session) error
	ResetPassword(ctx context.Context, actor access.Actor, person id.Person) (string, error)
	Unlock(ctx context.Context, actor access.Actor, person id.Person) error
	Disable(ctx context.Context, actor access.Actor, person id.Person) error
	Enable(ctx context.Context, actor access.Actor, person id.Person) error
}

// Organisation is what the API asks of org.
type Organisation interface {
	Levels(ctx context.Context) ([]org.Level, error)
	ListAgencies(ctx context.Context, f org.AgencyFilter) ([]org.Agency, string, error)
	GetAgency(ctx context.Context, agency id.Agency) (org.AgencyDetail, error)
	AddAgency(ctx context.Context, actor access.Actor, in org.AgencyInput) (org.Agency, error)
	ChangeAgency(ctx context.Context, actor access.Actor, agency id.Agency, version int, in org.AgencyInput) (org.Agency, error)
	Dissolve(ctx context.Context, actor access.Actor, agency id.Agency, version int, d org.Dissolution) (org.Agency, error)
	AddUnit(ctx context.Context, actor access.Actor, agency id.Agency, in org.UnitInput) (org.Unit, error)
	ChangeUnit(ctx context.Context, actor access.Actor, unit id.Unit, version int, in org.UnitInput) (org.Unit, error)
	ListMembers(ctx context.Context, actor access.Actor, agency id.Agency, state string) ([]org.Member, error)
	AddPerson(ctx context.Context, actor access.Actor, in org.NewPerson) (org.PersonCreated, error)
	ChangePerson(ctx context.Context, actor access.Actor, person id.Person, version int, in org.PersonInput) (org.Person, error)
	Appoint(ctx context.Context, actor access.Actor, person id.Person, in org.AppointmentInput) (org.Appointment, error)
	ChangeAppointment(ctx context.Context, actor access.Actor, appointment id.Appointment, version int, roles []access.Role, unit *id.Unit) (org.Appointment, error)
	EndAppointment(ctx context.Context, actor access.Actor, appointment id.Appointment, on time.Time) (org.Appointment, error)
	Directory(ctx context.Context, f org.DirectoryFilter) ([]org.Appointment, string, error)
	Import(ctx context.Context, actor access.Actor, kind org.ImportKind, csv []byte, dryRun bool) (org.ImportReport, error)
}
