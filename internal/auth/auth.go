// Package auth owns accounts, passwords, sessions and sign-in. A session is a row; the browser holds
// a random token of which only the SHA-256 is stored. It does not own people and appointments (org).
package auth

import (
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// Resolved is what a session token stands for at this moment.
type Resolved struct {
	Actor          access.Actor // Person and Session always set; the rest only with an appointment
	HasAppointment bool         // an appointment is chosen and still valid
	MustChange     bool         // the first password must be changed before anything else
}

// SignIn is an attempt to sign in.
type SignIn struct {
	Username  string
	Password  string
	Address   string // of the browser, after trusted proxies
	UserAgent string
	Shared    bool // a computer that others use too: short idle time
}

// Next is what comes after the password.
type Next string

// The closed list of what comes after the password.
const (
	Done              Next = "done"
	ChooseAppointment Next = "choose_appointment" // several, or none, are valid
	MustChange        Next = "change_password"
	SecondFactor      Next = "second_factor"
)

// SignedIn is a new session. Token is the secret of the cookie: it is nowhere else.
type SignedIn struct {
	Token     string
	ExpiresAt time.Time
	Next      Next
}

// Session is a running session as its person sees it. LastUsedAt is exact to the minute.
type Session struct {
	ID         id.Session
	Device     string
	Address    string
	CreatedAt  time.Time
	LastUsedAt time.Time
}

// Me is the person of a session with the appointments that can be chosen today.
type Me struct {
	Person       id.Person
	FullName     string
	Current      id.Appointment // zero when none is chosen, or it ended
	Appointments []org.Appointment
	MustChange   bool
	Demo         bool
	CityName     string
	// SteppedUpUntil is how long this session may sign without another password; nil when it may not.
	SteppedUpUntil *time.Time
}

// Installation is what anybody may know of this installation. DemoAccounts is empty unless Demo.
type Installation struct {
	CityName     string
	SupportPhone string
	Demo         bool
	DemoAccounts []DemoAccount
}

// DemoAccount is an account whose password everybody may know.
type DemoAccount struct {
	Username   string
	Password   string
	FullName   string
	Position   string
	AgencyName string
	Roles      []access.Role
}

// What breaking a constraint of our tables means.
var (
	_ = postgres.MapConstraint("accounts_username_unique", errs.New(errs.Conflict, "auth.username_taken"))
	_ = postgres.MapConstraint("accounts_username_format", errs.InvalidField("username", "org.username_form"))
	_ = postgres.MapConstraint("accounts_pkey", errs.New(errs.Conflict, "auth.has_account"))
	_ = postgres.MapConstraint("accounts_demo_only", errs.New(errs.Forbidden, "auth.demo_refused"))
)
