package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/org"
	"nghisu/internal/signing"
	"nghisu/internal/signing/images"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Parts are the services that the demo's content is made with: the same ones that people use.
type Parts struct {
	DB        *postgres.DB
	Feed      *live.Feed
	Jobs      exchange.Jobs
	Uploads   *upload.Service
	Documents *document.Service
	Images    *images.Service
	Signing   *signing.Service
	Exchange  *exchange.Service
	Meetings  *meeting.Service
}

// content makes documents and meetings.
type content struct {
	Parts
	now time.Time
}

// SeedContent adds documents on their way and meetings to a city that has none. To a city that has
// some it adds a meeting about to start when none goes on or begins within the hour, as on a later day.
func SeedContent(ctx context.Context, p Parts, now time.Time) (made bool, err error) {
	var empty bool
	err = p.DB.QueryRow(ctx, `select not exists (select from documents) and not exists (select from meetings)`).Scan(&empty)
	if err != nil {
		return false, postgres.Translate(err)
	}
	c := content{Parts: p, now: now}
	if !empty {
		return c.anotherMeeting(ctx)
	}
	if err := c.meetings(ctx); err != nil {
		return false, err
	}
	samples := samplePapers(org.Today(now))
	if err := c.drawImages(ctx, samples); err != nil {
		return false, err
	}
	for _, s := range samples {
		if err := c.document(ctx, s); err != nil {
			return false, fmt.Errorf("make document %s: %w", s.number, err)
		}
	}
	if err := c.copyOfPaper(ctx, samples[0]); err != nil {
		return false, fmt.Errorf("make copy: %w", err)
	}
	return true, nil
}

// copyOfPaper adds a "sao y": the paper of a sample passes for a scan, which the office numbers and seals.
func (c content) copyOfPaper(ctx context.Context, s sample) error {
	clerk, err := c.memberActor(ctx, s.key, access.Clerk)
	if err != nil {
		return err
	}
	scan, err := c.upload(ctx, clerk, s.paper, "Bản chụp.pdf")
	if err != nil {
		return err
	}
	to, err := c.agencies(ctx, s.to[:2])
	if err != nil {
		return err
	}
	d, err := c.Documents.CreateCopy(ctx, clerk, document.CopyInput{Upload: scan, Form: document.SaoY, Source: document.FromPaper,
		Subject: "Sao y Công văn: " + s.plain, Recipients: to})
	if err != nil {
		return err
	}
	if _, err := c.Documents.Number(ctx, clerk, d.ID, 0, document.Numbering{Number: "01", IssuedOn: org.Today(c.now)}); err != nil {
		return err
	}
	_, err = c.Signing.Seal(ctx, clerk, d.ID, 0)
	return err
}

// actor is somebody acting in the first appointment.
func (c content) actor(ctx context.Context, username string) (access.Actor, error) {
	var person id.Person
	if err := c.DB.QueryRow(ctx, `select person_id from accounts where username = $1 and demo`, username).Scan(&person); err != nil {
		return access.Actor{}, fmt.Errorf("find %s: %w", username, postgres.Translate(err))
	}
	held, err := org.ValidAppointments(ctx, c.DB, person, org.Today(c.now))
	if err != nil {
		return access.Actor{}, err
	}
	if len(held) == 0 {
		return access.Actor{}, fmt.Errorf("%s holds no appointment", username)
	}
	a := held[0]
	return access.Actor{Person: person, Appointment: a.ID, Agency: a.Agency, Name: a.FullName, Position: a.Position, AgencyName: a.AgencyName, Roles: a.Roles,
		SteppedUpUntil: time.Now().Add(time.Hour)}, nil
}

// member is the username of somebody of an agency with a role, the first in its order.
func (c content) member(ctx context.Context, key string, role access.Role) (string, error) {
	var username string
	err := c.DB.QueryRow(ctx, `select c.username from accounts c join appointments a on a.person_id = c.person_id
		where c.username like $1 and c.demo and a.roles @> array[$2] and a.valid_to is null order by a.ordinal, a.id limit 1`, key+`\_%`, string(role)).Scan(&username)
	if err != nil {
		return "", fmt.Errorf("find %s of %s: %w", role, key, postgres.Translate(err))
	}
	return username, nil
}

func (c content) memberActor(ctx context.Context, key string, role access.Role) (access.Actor, error) {
	username, err := c.member(ctx, key, role)
	if err != nil {
		return access.Actor{}, err
	}
	return c.actor(ctx, username)
}

// agencies finds agencies by key, through the people whose usernames begin with it.
func (c content) agencies(ctx context.Context, keys []string) ([]id.Agency, error) {
	ids := make([]id.Agency, len(keys))
	for i, key := range keys {
		a, err := c.memberActor(ctx, key, access.Clerk)
		if err != nil {
			return nil, err
		}
		ids[i] = a.Agency
	}
	return ids, nil
}

// upload draws a paper and uploads it as actor.
func (c content) upload(ctx context.Context, actor access.Actor, p paper, name string) (id.Upload, error) {
	data, err := p.pdf()
	if err != nil {
		return id.Upload{}, err
	}
	u, err := c.Uploads.Create(ctx, actor, name, int64(len(data)))
	if err != nil {
		return id.Upload{}, err
	}
	if _, err := c.Uploads.Append(ctx, actor, u.ID, 0, bytes.NewReader(data)); err != nil {
		return id.Upload{}, err
	}
	_, err = c.Uploads.Complete(ctx, actor, u.ID)
	return u.ID, err
}

// document takes one sample along its road.
func (c content) document(ctx context.Context, s sample) error {
	if s.clerk == "" {
		var err error
		if s.clerk, err = c.member(ctx, s.key, access.Clerk); err != nil {
			return err
		}
	}
	clerk, err := c.actor(ctx, s.clerk)
	if err != nil {
		return err
	}
	leader, err := c.actor(ctx, s.leader)
	if err != nil {
		return err
	}
	d, err := c.draft(ctx, s, clerk, leader)
	if err != nil {
		return err
	}
	switch s.until {
	case isDraft:
		return nil
	case isCancelled:
		_, err = c.Documents.Cancel(ctx, clerk, d.ID, 0, s.reason)
		return err
	}
	if _, err := c.Documents.Submit(ctx, clerk, d.ID, 0); err != nil {
		return err
	}
	switch s.until {
	case isSubmitted:
		return nil
	case isReturned:
		_, err = c.Documents.Return(ctx, leader, d.ID, 0, s.reason)
		return err
	}
	if _, err := c.Signing.SignAsLeader(ctx, leader, d.ID, 0); err != nil || s.until == isSigned {
		return err
	}
	sealer, err := c.memberActor(ctx, s.key, access.Clerk)
	if err != nil {
		return err
	}
	numbering := document.Numbering{Number: s.no, IssuedOn: org.Today(c.now)}
	if _, err := c.Documents.Number(ctx, sealer, d.ID, 0, numbering); err != nil || s.until == isNumbered {
		return err
	}
	if _, err := c.Signing.Seal(ctx, sealer, d.ID, 0); err != nil || s.until == isSealed {
		return err
	}
	if _, err := c.Exchange.Send(ctx, sealer, d.ID, 0); err != nil {
		return err
	}
	return c.deliver(ctx, s, sealer, d.ID)
}

func (c content) draft(ctx context.Context, s sample, clerk, leader access.Actor) (document.Document, error) {
	main, err := c.upload(ctx, clerk, s.paper, fileName(s.no, s.symbol))
	if err != nil {
		return document.Document{}, err
	}
	files := []document.InputFile{{Upload: main, Main: true}}
	if s.annex != nil {
		annex, err := c.upload(ctx, clerk, *s.annex, "Biểu mẫu 01.pdf")
		if err != nil {
			return document.Document{}, err
		}
		files = append(files, document.InputFile{Upload: annex})
	}
	to, err := c.agencies(ctx, s.to)
	if err != nil {
		return document.Document{}, err
	}
	return c.Documents.Create(ctx, clerk, document.Input{TypeCode: s.typeCode, Symbol: s.symbol,
		Subject: s.plain, Urgency: s.level, Signer: leader.Appointment, Recipients: to, Files: files})
}

func fileName(no, symbol string) string { return no + "-" + symbol + ".pdf" }

// errUnreachable stands for a recipient's node that does not answer.
var errUnreachable = errors.New("the recipient does not answer")

// unreachable is a store that nothing reaches, for deliveries that shall have failed.
type unreachable struct{}

func (unreachable) Stat(context.Context, objects.Hash) (objects.Info, error) {
	return objects.Info{}, errUnreachable
}

// mostAttempts is more than exchange makes in a round; an attempt that is not due does nothing.
const mostAttempts = 10

// deliver brings a released document to its recipients and answers for them.
func (c content) deliver(ctx context.Context, s sample, sender access.Actor, documentID id.Document) error {
	deliveries, err := c.Exchange.DeliveriesOf(ctx, sender, documentID)
	if err != nil {
		return err
	}
	byAgency := make(map[id.Agency]id.Delivery, len(deliveries))
	for _, d := range deliveries {
		byAgency[d.Recipient] = d.ID
	}
	broken := exchange.New(exchange.Deps{DB: c.DB, Store: unreachable{}, Jobs: c.Jobs, Feed: c.Feed})
	for _, key := range s.to {
		clerk, err := c.memberActor(ctx, key, access.Clerk)
		if err != nil {
			return err
		}
		delivery := byAgency[clerk.Agency]
		switch {
		case slices.Contains(s.queued, key):
		case slices.Contains(s.failed, key):
			for attempt := 1; attempt <= mostAttempts; attempt++ {
				if err := broken.Deliver(ctx, delivery, attempt); err != nil {
					return err
				}
			}
		default:
			if err := c.Exchange.Deliver(ctx, delivery, 1); err != nil {
				return err
			}
			if err := c.answer(ctx, s, key, clerk, delivery); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c content) answer(ctx context.Context, s sample, key string, clerk access.Actor, delivery id.Delivery) error {
	reason, answered := s.answers[key]
	if !answered {
		return nil
	}
	if reason != "" {
		_, err := c.Exchange.Refuse(ctx, clerk, delivery, 0, reason)
		return err
	}
	_, err := c.Exchange.Accept(ctx, clerk, delivery, 0)
	return err
}
