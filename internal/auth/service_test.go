package auth_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/internal/org/orgtest"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// cheap is a hash cost for tests.
var cheap = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const goodPassword = "Tram-Nam-7-Que"

type bundle struct {
	db     *postgres.DB
	auth   *auth.Service
	now    time.Time
	agency id.Agency
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.New(t), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	var err error
	b.auth, err = auth.New(auth.Deps{DB: b.db, Now: func() time.Time { return b.now }, Hash: &cheap})
	noErr(t, err)
	b.agency = orgtest.Agency(t, b.db, "H77.1", "Sở Tài chính")
	return b
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code errs.Code, key string) {
	t.Helper()
	if errs.CodeOf(err) != code || !strings.Contains(err.Error(), key) {
		t.Fatalf("got %v, want %s %s", err, code, key)
	}
}

// account gives the person an account with goodPassword, changed already unless first.
func (b *bundle) account(t *testing.T, a access.Actor, username string, first bool) string {
	t.Helper()
	password := ""
	noErr(t, postgres.InTx(t.Context(), b.db, func(tx *postgres.Tx) error {
		var err error
		password, err = b.auth.Open(t.Context(), tx, a.Person, username, a.Name, true)
		return err
	}))
	if !first {
		noErr(t, b.auth.ChangePassword(t.Context(), a, password, goodPassword))
		password = goodPassword
	}
	return password
}

func (b *bundle) signIn(t *testing.T, username, password string) auth.SignedIn {
	t.Helper()
	s, err := b.try(username, password)
	noErr(t, err)
	return s
}

func (b *bundle) try(username, password string) (auth.SignedIn, error) {
	return b.auth.SignIn(context.Background(), auth.SignIn{Username: username, Password: password, Address: "192.0.2.7"})
}

func (b *bundle) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	n := 0
	noErr(t, b.db.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

func TestService_SignIn(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	s := b.signIn(t, " STC_LanAnh ", goodPassword)
	if s.Next != auth.Done || !s.ExpiresAt.Equal(b.now.Add(12*time.Hour)) {
		t.Errorf("got %+v", s)
	}
	r, err := b.auth.Resolve(t.Context(), s.Token)
	noErr(t, err)
	if r.Actor.Person != lan.Person || r.Actor.Appointment != lan.Appointment || r.Actor.Agency != b.agency || !r.HasAppointment ||
		!r.Actor.Has(access.Clerk) || r.Actor.AgencyName != "Sở Tài chính" {
		t.Errorf("resolved %+v", r)
	}
	if n := b.count(t, `select count(*) from sessions where position($1::bytea in token_hash) > 0 or encode(token_hash, 'escape') like '%' || $2 || '%'`, []byte(s.Token), s.Token); n != 0 {
		t.Error("the token is stored in clear")
	}
	if n := b.count(t, `select count(*) from audit_events where kind = 'auth.signed_in' and person_id = $1`, lan.Person); n != 1 {
		t.Errorf("%d audit events", n)
	}
	_, err = b.auth.Resolve(t.Context(), s.Token+"x")
	wantCode(t, err, errs.Unauthenticated, "auth.sign_in_needed")
}

func TestService_SignIn_lockout(t *testing.T) {
	for name, username := range map[string]string{"an account": "stc_lananh", "a name nobody has": "nobody_here"} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.account(t, orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk), "stc_lananh", false)
			for range 4 {
				_, err := b.try(username, "wrong")
				wantCode(t, err, errs.Unauthenticated, "auth.wrong_credentials")
			}
			_, err := b.try(username, "wrong")
			wantCode(t, err, errs.TooMany, "auth.locked")
			_, err = b.try(username, goodPassword)
			wantCode(t, err, errs.TooMany, "auth.locked")
			b.now = b.now.Add(15*time.Minute + time.Second)
			_, err = b.try(username, "wrong")
			wantCode(t, err, errs.Unauthenticated, "auth.wrong_credentials")
			if n := b.count(t, `select count(*) from audit_events where kind = 'auth.locked_out'`); n != 1 {
				t.Errorf("%d lockouts recorded", n)
			}
			if name == "an account" {
				b.signIn(t, username, goodPassword)
				if n := b.count(t, `select count(*) from sign_in_names`); n != 0 {
					t.Error("failures are not forgotten after the right password")
				}
			}
		})
	}
}

// Many attempts at the same moment get no more tries than one after another.
func TestService_SignIn_parallelGuesses(t *testing.T) {
	b := setup(t)
	b.account(t, orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk), "stc_lananh", false)
	var wg sync.WaitGroup
	var mu sync.Mutex
	compared := 0
	for range 12 {
		wg.Go(func() {
			_, err := b.try("stc_lananh", "wrong")
			mu.Lock()
			defer mu.Unlock()
			if errs.Is(err, errs.Unauthenticated) {
				compared++
			}
		})
	}
	wg.Wait()
	if compared != 4 {
		t.Errorf("%d passwords were judged before the lock, want 4 and the fifth that locks", compared)
	}
}

func TestService_SignIn_addressLimit(t *testing.T) {
	b := setup(t)
	b.account(t, orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk), "stc_lananh", false)
	for i := range 60 {
		_, err := b.try(strings.Repeat("x", 3+i), "wrong")
		wantCode(t, err, errs.Unauthenticated, "auth.wrong")
	}
	_, err := b.try("stc_lananh", goodPassword)
	wantCode(t, err, errs.TooMany, "auth.too_many_from_address")
	written := `select (select count(*) from audit_events) + (select count(*) from sign_in_failures)`
	var before, after int
	noErr(t, b.db.QueryRow(t.Context(), written).Scan(&before))
	for range 3 {
		_, err = b.try("xxxx", "wrong")
		wantCode(t, err, errs.TooMany, "auth.too_many_from_address")
	}
	noErr(t, b.db.QueryRow(t.Context(), written).Scan(&after))
	if before != after {
		t.Errorf("an address at its limit wrote %d rows", after-before)
	}
	_, err = b.auth.SignIn(t.Context(), auth.SignIn{Username: "stc_lananh", Password: goodPassword, Address: "192.0.2.8"})
	noErr(t, err)
	b.now = b.now.Add(16 * time.Minute)
	b.signIn(t, "stc_lananh", goodPassword)
}

func TestService_firstPassword(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	first := b.account(t, lan, "stc_lananh", true)
	s := b.signIn(t, "stc_lananh", first)
	if s.Next != auth.MustChange {
		t.Errorf("next %s", s.Next)
	}
	r, err := b.auth.Resolve(t.Context(), s.Token)
	noErr(t, err)
	if !r.MustChange {
		t.Error("the session may act with a first password")
	}
	other := b.signIn(t, "stc_lananh", first)
	wantCode(t, b.auth.ChangePassword(t.Context(), r.Actor, first, "short"), errs.Invalid, "request.invalid")
	wantCode(t, b.auth.ChangePassword(t.Context(), r.Actor, "not it", goodPassword), errs.Invalid, "request.invalid")
	noErr(t, b.auth.ChangePassword(t.Context(), r.Actor, first, goodPassword))
	r, err = b.auth.Resolve(t.Context(), s.Token)
	noErr(t, err)
	if r.MustChange {
		t.Error("still asked to change")
	}
	_, err = b.auth.Resolve(t.Context(), other.Token)
	wantCode(t, err, errs.Unauthenticated, "auth.sign_in_needed")
	wantCode(t, b.auth.ChangePassword(t.Context(), r.Actor, goodPassword, goodPassword), errs.Invalid, "request.invalid")
}

// Somebody at another's open session cannot guess the password for ever.
func TestService_ChangePassword_guessing(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	s := b.signIn(t, "stc_lananh", goodPassword)
	r, err := b.auth.Resolve(t.Context(), s.Token)
	noErr(t, err)
	for range 5 {
		if err = b.auth.ChangePassword(t.Context(), r.Actor, "guess", "Khac-Han-8-Nua"); err == nil {
			t.Fatal("a guess was taken")
		}
	}
	wantCode(t, err, errs.TooMany, "auth.locked")
	_, err = b.auth.Resolve(t.Context(), s.Token)
	wantCode(t, err, errs.Unauthenticated, "auth.sign_in_needed")
}

// Guesses at the same moment get no more tries than one after another.
func TestService_ChangePassword_parallelGuesses(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	r, err := b.auth.Resolve(t.Context(), b.signIn(t, "stc_lananh", goodPassword).Token)
	noErr(t, err)
	var wg sync.WaitGroup
	var judged atomic.Int32
	for range 12 {
		wg.Go(func() {
			if err := b.auth.ChangePassword(t.Context(), r.Actor, "guess", "Khac-Han-8-Nua"); errs.Is(err, errs.Invalid) {
				judged.Add(1)
			}
		})
	}
	wg.Wait()
	if n := judged.Load(); n != 4 {
		t.Errorf("%d passwords were judged before the lock, want 4 and the fifth that locks", n)
	}
}

// The password given again counts for a while, in this session only.
func TestService_StepUp(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Leader)
	b.account(t, lan, "stc_lananh", false)
	here, elsewhere := b.signIn(t, "stc_lananh", goodPassword).Token, b.signIn(t, "stc_lananh", goodPassword).Token
	actor := func(token string) access.Actor {
		t.Helper()
		r, err := b.auth.Resolve(t.Context(), token)
		noErr(t, err)
		return r.Actor
	}
	wantCode(t, actor(here).NeedStepUp(b.now), errs.Forbidden, "auth.step_up_needed")
	_, err := b.auth.StepUp(t.Context(), actor(here), "guess")
	wantCode(t, err, errs.Invalid, "request.invalid")
	wantCode(t, actor(here).NeedStepUp(b.now), errs.Forbidden, "auth.step_up_needed")
	until, err := b.auth.StepUp(t.Context(), actor(here), goodPassword)
	noErr(t, err)
	if want := b.now.Add(5 * time.Minute); !until.Equal(want) {
		t.Errorf("counts until %s, want %s", until, want)
	}
	noErr(t, actor(here).NeedStepUp(b.now))
	me, err := b.auth.Me(t.Context(), actor(here))
	noErr(t, err)
	if me.SteppedUpUntil == nil || !me.SteppedUpUntil.Equal(until) {
		t.Errorf("me says %v", me.SteppedUpUntil)
	}
	wantCode(t, actor(elsewhere).NeedStepUp(b.now), errs.Forbidden, "auth.step_up_needed")
	b.now = until
	wantCode(t, actor(here).NeedStepUp(b.now), errs.Forbidden, "auth.step_up_needed")
	if me, err = b.auth.Me(t.Context(), actor(here)); err != nil || me.SteppedUpUntil != nil {
		t.Errorf("afterwards me says %v, %v", me.SteppedUpUntil, err)
	}
	var events int
	noErr(t, b.db.QueryRow(t.Context(), `select count(*) from audit_events where kind = 'auth.stepped_up'`).Scan(&events))
	if events != 1 {
		t.Errorf("%d events", events)
	}
}

// Whoever finds an open session cannot guess on: the lock ends it.
func TestService_StepUp_guessing(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Leader)
	b.account(t, lan, "stc_lananh", false)
	token := b.signIn(t, "stc_lananh", goodPassword).Token
	r, err := b.auth.Resolve(t.Context(), token)
	noErr(t, err)
	for range 5 {
		if _, err = b.auth.StepUp(t.Context(), r.Actor, "guess"); err == nil {
			t.Fatal("a guess was taken")
		}
	}
	wantCode(t, err, errs.TooMany, "auth.locked")
	if _, err = b.auth.Resolve(t.Context(), token); !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("the session goes on: %v", err)
	}
	if _, err = b.auth.StepUp(t.Context(), r.Actor, goodPassword); !errs.Is(err, errs.TooMany) {
		t.Errorf("the right password during the lock: %v", err)
	}
}

// A repeat of the command answers as the first did, though the present password is another by then.
func TestService_ChangePassword_repeated(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	r, err := b.auth.Resolve(t.Context(), b.signIn(t, "stc_lananh", goodPassword).Token)
	noErr(t, err)
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: lan.Person, Key: "12345678", Fingerprint: []byte{1}})
	for range 3 {
		noErr(t, b.auth.ChangePassword(ctx, r.Actor, goodPassword, "Khac-Han-8-Nua"))
	}
	b.signIn(t, "stc_lananh", "Khac-Han-8-Nua")
}

func TestService_appointments(t *testing.T) {
	b := setup(t)
	second := orgtest.Agency(t, b.db, "H77.2", "Văn phòng")
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	other := orgtest.Appoint(t, b.db, lan, second, access.Specialist)
	stranger := orgtest.Person(t, b.db, second, "Người Khác", access.Leader)
	b.account(t, lan, "stc_lananh", false)
	s := b.signIn(t, "stc_lananh", goodPassword)
	if s.Next != auth.ChooseAppointment {
		t.Fatalf("next %s", s.Next)
	}
	r, err := b.auth.Resolve(t.Context(), s.Token)
	noErr(t, err)
	if r.HasAppointment || len(r.Actor.Roles) > 0 {
		t.Fatalf("acts without a choice: %+v", r)
	}
	_, err = b.auth.ChooseAppointment(t.Context(), r.Actor, stranger.Appointment)
	wantCode(t, err, errs.NotFound, "request.not_found")
	m, err := b.auth.ChooseAppointment(t.Context(), r.Actor, other.Appointment)
	noErr(t, err)
	if m.Current != other.Appointment || len(m.Appointments) != 2 {
		t.Errorf("me %+v", m)
	}
	r, _ = b.auth.Resolve(t.Context(), s.Token)
	if r.Actor.Agency != second || !r.Actor.Has(access.Specialist) || r.Actor.Has(access.Clerk) {
		t.Errorf("acts as %+v", r.Actor)
	}
	t.Run("a dissolved agency is lost at the next request", func(t *testing.T) {
		_, err := b.db.Exec(t.Context(), `update agencies set valid_to = '2026-11-24' where id = $1`, second)
		noErr(t, err)
		r, err := b.auth.Resolve(t.Context(), s.Token)
		noErr(t, err)
		if r.HasAppointment || len(r.Actor.Roles) > 0 {
			t.Errorf("still acts: %+v", r)
		}
		m, err := b.auth.Me(t.Context(), r.Actor)
		noErr(t, err)
		if len(m.Appointments) != 1 || !id.IsZero(m.Current) {
			t.Errorf("me %+v", m)
		}
		_, err = b.auth.ChooseAppointment(t.Context(), r.Actor, other.Appointment)
		wantCode(t, err, errs.NotFound, "request.not_found")
	})
}

func TestService_sessions(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	stranger := orgtest.Person(t, b.db, b.agency, "Người Khác", access.Leader)
	b.account(t, lan, "stc_lananh", false)
	one, two := b.signIn(t, "stc_lananh", goodPassword), b.signIn(t, "stc_lananh", goodPassword)
	r, err := b.auth.Resolve(t.Context(), one.Token)
	noErr(t, err)
	sessions, err := b.auth.Sessions(t.Context(), r.Actor)
	noErr(t, err)
	if len(sessions) != 2 {
		t.Fatalf("%d sessions", len(sessions))
	}
	r2, _ := b.auth.Resolve(t.Context(), two.Token)
	wantCode(t, b.auth.EndSession(t.Context(), stranger, r2.Actor.Session), errs.NotFound, "request.not_found")
	noErr(t, b.auth.EndSession(t.Context(), r.Actor, r2.Actor.Session))
	_, err = b.auth.Resolve(t.Context(), two.Token)
	wantCode(t, err, errs.Unauthenticated, "auth")
	noErr(t, b.auth.SignOut(t.Context(), r.Actor))
	_, err = b.auth.Resolve(t.Context(), one.Token)
	wantCode(t, err, errs.Unauthenticated, "auth")
}

func TestService_Resolve_limits(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	lastUsed := func(s auth.SignedIn) time.Time {
		r, err := b.auth.Resolve(auth.Peek(t.Context()), s.Token)
		noErr(t, err)
		var at time.Time
		noErr(t, b.db.QueryRow(t.Context(), `select last_used_at from sessions where id = $1`, r.Actor.Session).Scan(&at))
		return at
	}
	t.Run("use is written at most once a minute, and not by the server's own looks", func(t *testing.T) {
		s := b.signIn(t, "stc_lananh", goodPassword)
		began := b.now
		b.now = began.Add(50 * time.Second)
		_, err := b.auth.Resolve(t.Context(), s.Token)
		noErr(t, err)
		if !lastUsed(s).Equal(began) {
			t.Error("written before a minute went by")
		}
		b.now = began.Add(70 * time.Second)
		if !lastUsed(s).Equal(began) {
			t.Error("a peek counted as use")
		}
		_, err = b.auth.Resolve(t.Context(), s.Token)
		noErr(t, err)
		if !lastUsed(s).Equal(b.now) {
			t.Error("not written after a minute")
		}
	})
	t.Run("ends after 8 hours without use", func(t *testing.T) {
		s := b.signIn(t, "stc_lananh", goodPassword)
		b.now = b.now.Add(8*time.Hour + time.Second)
		_, err := b.auth.Resolve(t.Context(), s.Token)
		wantCode(t, err, errs.Unauthenticated, "auth")
	})
	t.Run("ends after 15 minutes on a shared computer", func(t *testing.T) {
		s, err := b.auth.SignIn(t.Context(), auth.SignIn{Username: "stc_lananh", Password: goodPassword, Shared: true})
		noErr(t, err)
		b.now = b.now.Add(15*time.Minute + time.Second)
		_, err = b.auth.Resolve(t.Context(), s.Token)
		wantCode(t, err, errs.Unauthenticated, "auth")
	})
	t.Run("ends after 12 hours of use", func(t *testing.T) {
		s := b.signIn(t, "stc_lananh", goodPassword)
		for range 12 {
			_, err := b.auth.Resolve(t.Context(), s.Token)
			noErr(t, err)
			b.now = b.now.Add(time.Hour)
		}
		_, err := b.auth.Resolve(t.Context(), s.Token)
		wantCode(t, err, errs.Unauthenticated, "auth")
	})
}

func TestService_administration(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	admin := orgtest.Person(t, b.db, b.agency, "Quản Trị", access.AgencyAdmin)
	system := orgtest.Person(t, b.db, b.agency, "Hệ Thống", access.SystemAdmin)
	elsewhere := orgtest.Person(t, b.db, orgtest.Agency(t, b.db, "H77.2", "Văn phòng"), "Người Ngoài", access.AgencyAdmin)
	b.account(t, lan, "stc_lananh", false)
	b.account(t, system, "hethong", false)
	s := b.signIn(t, "stc_lananh", goodPassword)

	_, err := b.auth.ResetPassword(t.Context(), elsewhere, lan.Person)
	wantCode(t, err, errs.NotFound, "request.not_found")
	_, err = b.auth.ResetPassword(t.Context(), lan, lan.Person)
	wantCode(t, err, errs.Forbidden, "access.role_missing")
	_, err = b.auth.ResetPassword(t.Context(), admin, system.Person)
	wantCode(t, err, errs.Forbidden, "org.role_above_own")

	temporary, err := b.auth.ResetPassword(t.Context(), admin, lan.Person)
	noErr(t, err)
	_, err = b.auth.Resolve(t.Context(), s.Token)
	wantCode(t, err, errs.Unauthenticated, "auth")
	if s = b.signIn(t, "stc_lananh", temporary); s.Next != auth.MustChange {
		t.Errorf("next %s", s.Next)
	}
	for range 5 {
		_, err = b.try("stc_lananh", "wrong")
	}
	wantCode(t, err, errs.TooMany, "auth.locked")
	noErr(t, b.auth.Unlock(t.Context(), admin, lan.Person))
	b.signIn(t, "stc_lananh", temporary)

	wantCode(t, b.auth.Disable(t.Context(), admin, admin.Person), errs.Conflict, "auth.not_yourself")
	noErr(t, b.auth.Disable(t.Context(), admin, lan.Person))
	_, err = b.try("stc_lananh", temporary)
	wantCode(t, err, errs.Forbidden, "auth.account_disabled")
	_, err = b.auth.Resolve(t.Context(), s.Token)
	wantCode(t, err, errs.Unauthenticated, "auth")
	noErr(t, b.auth.Enable(t.Context(), admin, lan.Person))
	b.signIn(t, "stc_lananh", temporary)

	other := orgtest.Person(t, b.db, b.agency, "Hệ Thống Hai", access.SystemAdmin)
	wantCode(t, b.auth.Disable(t.Context(), other, system.Person), errs.Conflict, "org.last_administrator")
}

// A repeated command does not change the password twice, and what is stored of it holds no secret.
func TestService_ResetPassword_repeated(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	admin := orgtest.Person(t, b.db, b.agency, "Quản Trị", access.AgencyAdmin)
	b.account(t, lan, "stc_lananh", false)
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: admin.Person, Key: "reset-0001", Fingerprint: []byte("f")})
	first, err := b.auth.ResetPassword(ctx, admin, lan.Person)
	noErr(t, err)
	again, err := b.auth.ResetPassword(ctx, admin, lan.Person)
	noErr(t, err)
	if again != "" {
		t.Errorf("the repeat answered %q", again)
	}
	b.signIn(t, "stc_lananh", first)
	if n := b.count(t, `select count(*) from idempotency_keys where result::text like '%' || $1 || '%'`, first); n != 0 {
		t.Error("the password is stored")
	}
}

func TestService_secondFactorSeam(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	_, err := b.db.Exec(t.Context(), `update installation set second_factor_roles = array['clerk']`)
	noErr(t, err)
	s := b.signIn(t, "stc_lananh", goodPassword)
	r, err := b.auth.Resolve(t.Context(), s.Token)
	noErr(t, err)
	if s.Next != auth.SecondFactor || r.HasAppointment {
		t.Errorf("next %s, resolved %+v", s.Next, r)
	}
	_, err = b.auth.ChooseAppointment(t.Context(), r.Actor, lan.Appointment)
	wantCode(t, err, errs.Forbidden, "auth.second_factor_first")
}

// The database itself refuses demo accounts outside a demo installation.
func TestDemoAccountsOnlyInDemo(t *testing.T) {
	b := setup(t)
	lan := orgtest.Person(t, b.db, b.agency, "Đỗ Thị Lan Anh", access.Clerk)
	b.account(t, lan, "stc_lananh", false)
	_, err := b.db.Exec(t.Context(), `update accounts set demo = true`)
	wantCode(t, postgres.Translate(err), errs.Forbidden, "auth.demo_refused")
	_, err = b.db.Exec(t.Context(), `update installation set demo = true`)
	noErr(t, err)
	_, err = b.db.Exec(t.Context(), `update accounts set demo = true`)
	noErr(t, err)
	_, err = b.db.Exec(t.Context(), `update installation set demo = false`)
	wantCode(t, postgres.Translate(err), errs.Forbidden, "auth.demo_refused")
}

func TestService_CreateAdministrator(t *testing.T) {
	db := pgtest.New(t)
	accounts, err := auth.New(auth.Deps{DB: db, Hash: &cheap})
	noErr(t, err)
	orgs := org.New(org.Deps{DB: db, Accounts: accounts})
	in := org.FirstAdministrator{Username: "quantri", FullName: "Lê Thị Quản Trị", Position: "Quản trị hệ thống", AgencyCode: "h77", CityName: "Thành phố Mới"}
	_, err = orgs.CreateAdministrator(t.Context(), in)
	wantCode(t, err, errs.Invalid, "request.invalid")
	in.AgencyName = "UBND Thành phố Mới"
	password, err := orgs.CreateAdministrator(t.Context(), in)
	noErr(t, err)
	s, err := accounts.SignIn(t.Context(), auth.SignIn{Username: "quantri", Password: password})
	noErr(t, err)
	if s.Next != auth.MustChange {
		t.Errorf("next %s", s.Next)
	}
	_, err = orgs.CreateAdministrator(t.Context(), in)
	wantCode(t, err, errs.Conflict, "taken")
	reset, err := accounts.ResetByOperator(t.Context(), "QuanTri")
	noErr(t, err)
	_, err = accounts.SignIn(t.Context(), auth.SignIn{Username: "quantri", Password: reset})
	noErr(t, err)
}
