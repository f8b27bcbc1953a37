package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// useEvery is how often the last use of a session is written.
const useEvery = time.Minute

type peekKey struct{}

// Peek marks ctx: Resolve then looks at the session without counting that as use, for checks that
// the server makes by itself (an open socket must not keep an abandoned session alive).
func Peek(ctx context.Context) context.Context { return context.WithValue(ctx, peekKey{}, true) }

// Resolve finds out who a session token belongs to: one query. The appointment is there only while
// it holds and its agency exists. Unauthenticated when the session is unknown or has ended.
func (s *Service) Resolve(ctx context.Context, token string) (Resolved, error) {
	now := s.now()
	var (
		r           Resolved
		lastUsed    time.Time
		factorDue   bool
		appointment *id.Appointment
		agency      *id.Agency
		steppedUp   *time.Time
	)
	err := s.db.QueryRow(ctx, `
		select s.id, s.last_used_at, s.second_factor_due, s.stepped_up_at, p.id, p.full_name, c.must_change, a.id, a.agency_id, coalesce(a.position, ''), a.roles, coalesce(g.name, '')
		from sessions s join accounts c on c.person_id = s.person_id join persons p on p.id = s.person_id
		left join (appointments a join agencies g on g.id = a.agency_id) on a.id = s.appointment_id
			and a.valid_from <= $3 and (a.valid_to is null or a.valid_to > $3)
			and g.valid_from <= $3 and (g.valid_to is null or g.valid_to > $3)
		where s.token_hash = $2 and c.disabled_at is null and `+running,
		now, tokenHash(token), org.Today(now)).Scan(&r.Actor.Session, &lastUsed, &factorDue, &steppedUp, &r.Actor.Person, &r.Actor.Name, &r.MustChange,
		&appointment, &agency, &r.Actor.Position, &r.Actor.Roles, &r.Actor.AgencyName)
	if errors.Is(err, pgx.ErrNoRows) {
		return Resolved{}, errs.New(errs.Unauthenticated, "auth.sign_in_needed")
	}
	if err != nil {
		return Resolved{}, postgres.Translate(err)
	}
	if steppedUp != nil {
		r.Actor.SteppedUpUntil = steppedUp.Add(s.limits.StepUp)
	}
	if appointment != nil && !factorDue {
		r.HasAppointment = true
		r.Actor.Appointment, r.Actor.Agency = *appointment, *agency
	} else {
		r.Actor.Position, r.Actor.Roles, r.Actor.AgencyName = "", nil, ""
	}
	if peek, _ := ctx.Value(peekKey{}).(bool); !peek && now.Sub(lastUsed) >= useEvery {
		s.noteUse(ctx, r.Actor.Session, now)
	}
	return r, nil
}

// noteUse writes the last use. A request does not fail for it.
func (s *Service) noteUse(ctx context.Context, session id.Session, now time.Time) {
	_, err := s.db.Exec(ctx, `update sessions set last_used_at = $2 where id = $1 and last_used_at < $3 and ended_at is null`, session, now, now.Add(-useEvery/2))
	if err != nil {
		s.log.WarnContext(ctx, "note use of session", slog.Any("error", err))
	}
}

// Me tells who the actor is and which appointments can be chosen today.
func (s *Service) Me(ctx context.Context, actor access.Actor) (Me, error) {
	return s.readMe(ctx, s.db, actor, actor.Appointment)
}

func (s *Service) readMe(ctx context.Context, q postgres.Querier, actor access.Actor, current id.Appointment) (Me, error) {
	m := Me{Person: actor.Person, FullName: actor.Name, Current: current}
	if until := actor.SteppedUpUntil; until.After(s.now()) {
		m.SteppedUpUntil = &until
	}
	err := q.QueryRow(ctx, `select i.city_name, i.demo, c.must_change from installation i, accounts c where c.person_id = $1`, actor.Person).
		Scan(&m.CityName, &m.Demo, &m.MustChange)
	if err != nil {
		return Me{}, postgres.Translate(err)
	}
	m.Appointments, err = org.ValidAppointments(ctx, q, actor.Person, org.Today(s.now()))
	return m, err
}

// ChooseAppointment makes the session act in another of the person's appointments that hold today.
func (s *Service) ChooseAppointment(ctx context.Context, actor access.Actor, appointment id.Appointment) (Me, error) {
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Me, error) {
		now := s.now()
		held, err := org.ValidAppointments(ctx, tx, actor.Person, org.Today(now))
		if err != nil {
			return Me{}, err
		}
		var chosen *org.Appointment
		for i := range held {
			if held[i].ID == appointment {
				chosen = &held[i]
			}
		}
		if chosen == nil {
			return Me{}, errs.Missing()
		}
		tag, err := tx.Exec(ctx, `update sessions set appointment_id = $2 where id = $1 and ended_at is null and not second_factor_due`, actor.Session, appointment)
		if err != nil {
			return Me{}, err
		}
		if tag.RowsAffected() == 0 {
			return Me{}, errs.New(errs.Forbidden, "auth.second_factor_first")
		}
		before := actor.Appointment
		actor.Appointment, actor.Agency = chosen.ID, chosen.Agency
		details := map[string]any{}
		if !id.IsZero(before) {
			details["before"] = before
		}
		if err := audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.AppointmentChosen, Object: appointment.UUID, Details: details}); err != nil {
			return Me{}, err
		}
		return s.readMe(ctx, tx, actor, appointment)
	})
}

// SignOut ends the session of the actor.
func (s *Service) SignOut(ctx context.Context, actor access.Actor) error {
	return postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now := s.now()
		n, err := endSession(ctx, tx, actor.Person, actor.Session, "signed_out", now)
		if err != nil || n == 0 {
			return err
		}
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.SignedOut, Object: actor.Person.UUID})
	})
}

// Sessions lists the actor's running sessions, the last used first.
func (s *Service) Sessions(ctx context.Context, actor access.Actor) ([]Session, error) {
	sessions, err := listSessions(ctx, s.db, actor.Person, s.now())
	return sessions, postgres.Translate(err)
}

// EndSession ends one of the actor's own sessions; its next request is anonymous.
func (s *Service) EndSession(ctx context.Context, actor access.Actor, session id.Session) error {
	return postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now := s.now()
		n, err := endSession(ctx, tx, actor.Person, session, "ended_by_person", now)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.Missing()
		}
		s.feed.Touch(tx, live.Person(actor.Person.UUID))
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.SessionEnded, Object: session.UUID})
	})
}
