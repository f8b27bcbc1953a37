package httpapi

import (
	"context"
	"net/http"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// Installation is what the sign-in page shows before anybody has signed in.
type Installation struct {
	CityName          string        `json:"city_name"`
	SupportPhone      string        `json:"support_phone"`
	Demo              bool          `json:"demo"`
	SecureContextHint bool          `json:"secure_context_hint" doc:"True when the page was reached without HTTPS from another machine: camera and microphone will not work"`
	DemoAccounts      []DemoAccount `json:"demo_accounts" nullable:"false" doc:"Empty unless this is a demo installation"`
}

// DemoAccount is an account whose password everybody may know.
type DemoAccount struct {
	Username   string   `json:"username"`
	Password   string   `json:"password"`
	FullName   string   `json:"full_name"`
	Position   string   `json:"position"`
	AgencyName string   `json:"agency_name"`
	Roles      []string `json:"roles" nullable:"false"`
}

// SignInResult tells what comes after the password.
type SignInResult struct {
	Next string `json:"next" enum:"done,choose_appointment,change_password,second_factor"`
}

// PersonRef names a person.
type PersonRef struct {
	ID       id.Person `json:"id" format:"uuid"`
	FullName string    `json:"full_name"`
}

// Me is the person of the session and the appointments to act in.
type Me struct {
	Person             PersonRef        `json:"person"`
	Current            *AppointmentRef  `json:"current,omitempty" doc:"The appointment the session acts in; absent until one is chosen, or when it ended"`
	Appointments       []AppointmentRef `json:"appointments" nullable:"false"`
	MustChangePassword bool             `json:"must_change_password"`
	Demo               bool             `json:"demo"`
	CityName           string           `json:"city_name"`
	SteppedUpUntil     *time.Time       `json:"stepped_up_until" doc:"Until when this session may sign; null when the password must be given again first"`
}

// SessionInfo is one of the caller's own sessions.
type SessionInfo struct {
	ID         id.Session `json:"id" format:"uuid"`
	Device     string     `json:"device"`
	Address    string     `json:"address"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt time.Time  `json:"last_used_at" doc:"To the minute"`
	Current    bool       `json:"current"`
}

type signInInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Username       string `json:"username" minLength:"1" maxLength:"100"`
		Password       string `json:"password" minLength:"1" maxLength:"500"`
		SharedComputer bool   `json:"shared_computer,omitempty" doc:"The session ends after 15 minutes without use, and with the browser"`
	}
}

type signInOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      SignInResult
}

type signOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type chooseAppointmentInput struct {
	Body struct {
		AppointmentID id.Appointment `json:"appointment_id" format:"uuid"`
	}
}

type changePasswordInput struct {
	Body struct {
		CurrentPassword string `json:"current_password" minLength:"1" maxLength:"500"`
		NewPassword     string `json:"new_password" minLength:"1" maxLength:"500"`
	}
}

type stepUpInput struct {
	Body struct {
		Password string `json:"password" minLength:"1" maxLength:"500"`
	}
}

// StepUpResult tells how long the password that was given again counts.
type StepUpResult struct {
	Until time.Time `json:"until"`
}

type sessionPath struct {
	Session id.Session `path:"session_id" format:"uuid"`
}

func (a *API) registerAuth() {
	get(a, Op{ID: "get-installation", Path: "/installation", Summary: "What the sign-in page shows", Tag: "auth", Access: Public}, a.installation)
	post(a, Op{ID: "sign-in", Path: "/sign-in", Summary: "Sign in with username and password", Tag: "auth", Access: Public, Free: true}, a.signIn)
	post(a, Op{ID: "sign-out", Path: "/sign-out", Summary: "End the session", Tag: "auth", Access: SignedIn, Free: true, Status: http.StatusNoContent}, a.signOut)
	get(a, Op{ID: "get-me", Path: "/me", Summary: "Who I am and what I may act in", Tag: "auth", Access: SignedIn}, a.me)
	post(a, Op{ID: "choose-appointment", Path: "/me/appointment", Summary: "Act in another appointment from now on", Tag: "auth", Access: SignedIn}, a.chooseAppointment)
	post(a, Op{ID: "change-password", Path: "/me/password", Summary: "Change my password; my other sessions end", Tag: "auth", Access: SignedIn, Secret: true, Status: http.StatusNoContent}, a.changePassword)
	post(a, Op{ID: "step-up", Path: "/step-up", Summary: "Give my password again, before I sign", Tag: "auth", Access: SignedIn, Free: true, Secret: true}, a.stepUp)
	get(a, Op{ID: "list-sessions", Path: "/me/sessions", Summary: "My running sessions", Tag: "auth", Access: SignedIn}, a.listSessions)
	del(a, Op{ID: "end-session", Path: "/me/sessions/{session_id}", Summary: "End one of my sessions", Tag: "auth", Access: SignedIn, Status: http.StatusNoContent}, a.endSession)
}

func (a *API) installation(ctx context.Context, _ access.Actor, _ *struct{}) (*Answer[Installation], error) {
	in, err := a.Accounts.Installation(ctx)
	if err != nil {
		return nil, err
	}
	c := callerOf(ctx)
	out := Installation{CityName: in.CityName, SupportPhone: in.SupportPhone, Demo: in.Demo,
		SecureContextHint: !c.secure && !c.loopback, DemoAccounts: []DemoAccount{}}
	for _, d := range in.DemoAccounts {
		roles := make([]string, len(d.Roles))
		for i, r := range d.Roles {
			roles[i] = string(r)
		}
		out.DemoAccounts = append(out.DemoAccounts, DemoAccount{Username: d.Username, Password: d.Password, FullName: d.FullName,
			Position: d.Position, AgencyName: d.AgencyName, Roles: roles})
	}
	return answer(out), nil
}

func (a *API) signIn(ctx context.Context, _ access.Actor, in *signInInput) (*signInOutput, error) {
	c := callerOf(ctx)
	if !c.secure && !c.loopback {
		in, err := a.Accounts.Installation(ctx)
		if err != nil {
			return nil, err
		}
		if !in.Demo {
			return nil, errs.New(errs.Forbidden, "auth.https_needed")
		}
	}
	s, err := a.Accounts.SignIn(ctx, auth.SignIn{Username: in.Body.Username, Password: in.Body.Password, Address: c.address,
		UserAgent: in.UserAgent, Shared: in.Body.SharedComputer})
	if err != nil {
		return nil, err
	}
	cookie := sessionCookie(c, s.Token)
	if !in.Body.SharedComputer {
		cookie.MaxAge = int(s.ExpiresAt.Sub(a.Now()).Seconds())
	}
	return &signInOutput{SetCookie: cookie, Body: SignInResult{Next: string(s.Next)}}, nil
}

// sessionCookie is out of reach of scripts and of other sites' requests. It asks for HTTPS except
// where there is none: on this machine, and in a demo (signIn refuses the rest).
func sessionCookie(c caller, token string) http.Cookie {
	return http.Cookie{Name: SessionCookie, Value: token, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode}
}

func (a *API) signOut(ctx context.Context, actor access.Actor, _ *struct{}) (*signOutOutput, error) {
	if err := a.Accounts.SignOut(ctx, actor); err != nil {
		return nil, err
	}
	cookie := sessionCookie(callerOf(ctx), "")
	cookie.MaxAge = -1
	return &signOutOutput{SetCookie: cookie}, nil
}

func (a *API) me(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[Me], error) {
	m, err := a.Accounts.Me(ctx, actor)
	if err != nil {
		return nil, err
	}
	return answer(meDTO(m)), nil
}

func meDTO(m auth.Me) Me {
	out := Me{Person: PersonRef{ID: m.Person, FullName: m.FullName}, Appointments: []AppointmentRef{}, MustChangePassword: m.MustChange,
		Demo: m.Demo, CityName: m.CityName, SteppedUpUntil: m.SteppedUpUntil}
	for _, ap := range m.Appointments {
		ref := appointmentRef(ap)
		out.Appointments = append(out.Appointments, ref)
		if ap.ID == m.Current {
			out.Current = &ref
		}
	}
	return out
}

func (a *API) chooseAppointment(ctx context.Context, actor access.Actor, in *chooseAppointmentInput) (*Answer[Me], error) {
	m, err := a.Accounts.ChooseAppointment(ctx, actor, in.Body.AppointmentID)
	if err != nil {
		return nil, err
	}
	return answer(meDTO(m)), nil
}

func (a *API) changePassword(ctx context.Context, actor access.Actor, in *changePasswordInput) (*struct{}, error) {
	return nil, a.Accounts.ChangePassword(ctx, actor, in.Body.CurrentPassword, in.Body.NewPassword)
}

func (a *API) stepUp(ctx context.Context, actor access.Actor, in *stepUpInput) (*Answer[StepUpResult], error) {
	until, err := a.Accounts.StepUp(ctx, actor, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return answer(StepUpResult{Until: until}), nil
}

func (a *API) listSessions(ctx context.Context, actor access.Actor, _ *struct{}) (*List[SessionInfo], error) {
	sessions, err := a.Accounts.Sessions(ctx, actor)
	if err != nil {
		return nil, err
	}
	items := make([]SessionInfo, 0, len(sessions))
	for _, s := range sessions {
		items = append(items, SessionInfo{ID: s.ID, Device: s.Device, Address: s.Address, CreatedAt: s.CreatedAt,
			LastUsedAt: s.LastUsedAt, Current: s.ID == actor.Session})
	}
	return list(items, ""), nil
}

func (a *API) endSession(ctx context.Context, actor access.Actor, in *sessionPath) (*struct{}, error) {
	return nil, a.Accounts.EndSession(ctx, actor, in.Session)
}
