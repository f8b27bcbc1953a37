package httpapi

import (
	"context"
	"errors"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
)

type listMembersInput struct {
	AgencyPath
	State string `query:"state" enum:"active,ended,all" default:"active" doc:"Appointments that hold today, that ended, or all"`
}

// AppointmentChange is what a request says about an appointment.
type AppointmentChange struct {
	AgencyID  id.Agency `json:"agency_id" format:"uuid"`
	UnitID    *id.Unit  `json:"unit_id,omitempty" format:"uuid"`
	Position  string    `json:"position" minLength:"1" maxLength:"120"`
	Roles     []string  `json:"roles" minItems:"1" nullable:"false" enum:"leader,clerk,secretary,specialist,agency_admin,system_admin,auditor"`
	ValidFrom string    `json:"valid_from,omitempty" format:"date" doc:"Today when left out"`
}

func roleList(names []string) []access.Role {
	roles := make([]access.Role, len(names))
	for i, n := range names {
		roles[i] = access.Role(n)
	}
	return roles
}

// NewPerson is a person to be added with the first appointment and an account.
type NewPerson struct {
	FullName        string   `json:"full_name" minLength:"1" maxLength:"100"`
	DigitalIdentity string   `json:"digital_identity" minLength:"3" maxLength:"40"`
	Email           string   `json:"email,omitempty" maxLength:"200"`
	Phone           string   `json:"phone,omitempty" maxLength:"20"`
	Username        string   `json:"username" minLength:"3" maxLength:"64"`
	Position        string   `json:"position" minLength:"1" maxLength:"120"`
	UnitID          *id.Unit `json:"unit_id,omitempty" format:"uuid"`
	Roles           []string `json:"roles" minItems:"1" nullable:"false" enum:"leader,clerk,secretary,specialist,agency_admin,system_admin,auditor"`
	ValidFrom       string   `json:"valid_from,omitempty" format:"date" doc:"Today when left out"`
}

type addPersonInput struct {
	AgencyPath
	Body NewPerson
}

type changePersonInput struct {
	PersonPath
	IfMatch
	Body struct {
		FullName        string `json:"full_name" minLength:"1" maxLength:"100"`
		DigitalIdentity string `json:"digital_identity" minLength:"3" maxLength:"40"`
		Email           string `json:"email,omitempty" maxLength:"200"`
		Phone           string `json:"phone,omitempty" maxLength:"20"`
	}
}

type appointInput struct {
	PersonPath
	Body AppointmentChange
}

type changeRolesInput struct {
	AppointmentPath
	IfMatch
	Body struct {
		UnitID *id.Unit `json:"unit_id,omitempty" format:"uuid"`
		Roles  []string `json:"roles" minItems:"1" nullable:"false" enum:"leader,clerk,secretary,specialist,agency_admin,system_admin,auditor"`
	}
}

type endAppointmentInput struct {
	AppointmentPath
	Body struct {
		On string `json:"on,omitempty" format:"date" doc:"First day on which it no longer holds; today when left out"`
	}
}

type directoryInput struct {
	Page
	Query    string `query:"q" maxLength:"200" doc:"Words of name, position or agency, case and marks ignored"`
	Role     string `query:"role" enum:"leader,clerk,secretary,specialist,agency_admin,system_admin,auditor"`
	AgencyID string `query:"agency_id" format:"uuid"`
}

func (a *API) registerPeople() {
	managers := Role(access.AgencyAdmin, access.SystemAdmin)
	get(a, Op{ID: "list-appointments", Path: "/appointments", Summary: "Directory of people in their appointments", Tag: "org", Access: Acting}, a.listAppointments)
	get(a, Op{ID: "list-members", Path: "/agencies/{agency_id}/people", Summary: "People of an agency, for its administrators", Tag: "org", Access: managers}, a.listMembers)
	post(a, Op{ID: "add-person", Path: "/agencies/{agency_id}/people", Summary: "Add a person with an appointment and an account", Tag: "org", Access: managers}, a.addPerson)
	put(a, Op{ID: "change-person", Path: "/people/{person_id}", Summary: "Change a person's data", Tag: "org", Access: managers}, a.changePerson)
	post(a, Op{ID: "appoint-person", Path: "/people/{person_id}/appointments", Summary: "Give a person one more appointment", Tag: "org", Access: managers}, a.appoint)
	put(a, Op{ID: "change-appointment", Path: "/appointments/{appointment_id}", Summary: "Change roles and unit of an appointment", Tag: "org", Access: managers}, a.changeAppointment)
	post(a, Op{ID: "end-appointment", Path: "/appointments/{appointment_id}/end", Summary: "End an appointment", Tag: "org", Access: managers}, a.endAppointment)
	post(a, Op{ID: "reset-password", Path: "/people/{person_id}/password-reset", Summary: "Give a person a new first password and end their sessions", Tag: "org", Access: managers}, a.resetPassword)
	post(a, Op{ID: "unlock-account", Path: "/people/{person_id}/unlock", Summary: "End the lock after failed attempts", Tag: "org", Access: managers, Status: 204}, a.accountCommand((*auth.Service).Unlock))
	post(a, Op{ID: "disable-account", Path: "/people/{person_id}/disable", Summary: "Disable an account and end its sessions", Tag: "org", Access: managers, Status: 204}, a.accountCommand((*auth.Service).Disable))
	post(a, Op{ID: "enable-account", Path: "/people/{person_id}/enable", Summary: "Enable a disabled account", Tag: "org", Access: managers, Status: 204}, a.accountCommand((*auth.Service).Enable))
}

func (a *API) listAppointments(ctx context.Context, _ access.Actor, in *directoryInput) (*List[AppointmentRef], error) {
	f := org.DirectoryFilter{Query: in.Query, Role: access.Role(in.Role), After: in.After, Limit: in.Limit}
	if in.AgencyID != "" {
		agency, err := id.Parse[id.Agency](in.AgencyID)
		if err != nil {
			return nil, errs.InvalidField("agency_id", "field.wrong_form")
		}
		f.Agency = &agency
	}
	found, next, err := a.Org.Directory(ctx, f)
	if err != nil {
		return nil, err
	}
	items := make([]AppointmentRef, 0, len(found))
	for _, p := range found {
		items = append(items, appointmentRef(p))
	}
	return list(items, next), nil
}

func (a *API) listMembers(ctx context.Context, actor access.Actor, in *listMembersInput) (*List[Member], error) {
	members, err := a.Org.ListMembers(ctx, actor, in.Agency, in.State)
	if err != nil {
		return nil, err
	}
	items := make([]Member, 0, len(members))
	for _, m := range members {
		items = append(items, memberDTO(m))
	}
	return list(items, ""), nil
}

func (a *API) addPerson(ctx context.Context, actor access.Actor, in *addPersonInput) (*Answer[PersonCreated], error) {
	from, err := readDate("valid_from", in.Body.ValidFrom)
	if err != nil {
		return nil, err
	}
	b := in.Body
	created, err := a.Org.AddPerson(ctx, actor, org.NewPerson{
		Person:      org.PersonInput{FullName: b.FullName, DigitalIdentity: b.DigitalIdentity, Email: b.Email, Phone: b.Phone},
		Username:    b.Username,
		Appointment: org.AppointmentInput{Agency: in.Agency, Unit: b.UnitID, Position: b.Position, Roles: roleList(b.Roles), ValidFrom: a.orToday(from)}})
	if err != nil {
		return nil, err
	}
	return answer(PersonCreated{Member: memberDTO(created.Member), TemporaryPassword: created.TemporaryPassword}), nil
}

func (a *API) changePerson(ctx context.Context, actor access.Actor, in *changePersonInput) (*Answer[Person], error) {
	p, err := a.Org.ChangePerson(ctx, actor, in.Person, in.Version(), org.PersonInput{FullName: in.Body.FullName,
		DigitalIdentity: in.Body.DigitalIdentity, Email: in.Body.Email, Phone: in.Body.Phone})
	if err != nil {
		return nil, currentAs(err, personDTO)
	}
	return answer(personDTO(p)), nil
}

func (a *API) appoint(ctx context.Context, actor access.Actor, in *appointInput) (*Answer[AppointmentRef], error) {
	from, err := readDate("valid_from", in.Body.ValidFrom)
	if err != nil {
		return nil, err
	}
	ap, err := a.Org.Appoint(ctx, actor, in.Person, org.AppointmentInput{Agency: in.Body.AgencyID, Unit: in.Body.UnitID,
		Position: in.Body.Position, Roles: roleList(in.Body.Roles), ValidFrom: a.orToday(from)})
	if err != nil {
		return nil, err
	}
	return answer(appointmentRef(ap)), nil
}

func (a *API) changeAppointment(ctx context.Context, actor access.Actor, in *changeRolesInput) (*Answer[AppointmentRef], error) {
	ap, err := a.Org.ChangeAppointment(ctx, actor, in.Appointment, in.Version(), roleList(in.Body.Roles), in.Body.UnitID)
	if err != nil {
		return nil, currentAs(err, appointmentRef)
	}
	return answer(appointmentRef(ap)), nil
}

func (a *API) endAppointment(ctx context.Context, actor access.Actor, in *endAppointmentInput) (*Answer[AppointmentRef], error) {
	on, err := readDate("on", in.Body.On)
	if err != nil {
		return nil, err
	}
	ap, err := a.Org.EndAppointment(ctx, actor, in.Appointment, a.orToday(on))
	if err != nil {
		return nil, err
	}
	return answer(appointmentRef(ap)), nil
}

func (a *API) resetPassword(ctx context.Context, actor access.Actor, in *PersonPath) (*Answer[TemporaryPassword], error) {
	password, err := a.Accounts.ResetPassword(ctx, actor, in.Person)
	if err != nil {
		return nil, err
	}
	return answer(TemporaryPassword{TemporaryPassword: password}), nil
}

// accountCommand makes the handler of a command on a person's account that answers nothing.
func (a *API) accountCommand(command func(*auth.Service, context.Context, access.Actor, id.Person) error) Handler[PersonPath, struct{}] {
	return func(ctx context.Context, actor access.Actor, in *PersonPath) (*struct{}, error) {
		return nil, command(a.Accounts, ctx, actor, in.Person)
	}
}

// currentAs brings the current state that a stale command is answered with into the shape of the API.
func currentAs[T, D any](err error, dto func(T) D) error {
	var e *errs.Error
	if errors.As(err, &e) && e.Code == errs.Stale {
		if current, ok := e.Current.(T); ok {
			c := *e
			c.Current = dto(current)
			return &c
		}
	}
	return err
}
