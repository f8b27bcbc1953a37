package meeting

import (
	"context"
	"slices"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// AddPaper puts a complete upload under an item. name is shown to people; the name of the file when empty.
func (s *Service) AddPaper(ctx context.Context, actor access.Actor, itemID id.Item, uploadID id.Upload, name string) (View, error) {
	return s.itemCommand(ctx, actor, itemID, 0, func(tx *postgres.Tx, m *Meeting, item *Item, now time.Time) (audit.Event, error) {
		if len(item.Papers) >= MaxPapers {
			return audit.Event{}, errs.New(errs.Conflict, "meeting.too_many_papers")
		}
		taken, err := s.Uploads.Take(ctx, tx, actor, uploadID)
		if err != nil {
			return audit.Event{}, err
		}
		p := newPaper(taken, actor, now)
		p.ID, p.Revision = id.New[id.Paper](), 1
		if name = strings.TrimSpace(name); name != "" {
			p.Name = name
		}
		if err := insertPaper(ctx, tx, itemID, p); err != nil {
			return audit.Event{}, err
		}
		item.Papers = append(item.Papers, p)
		return paperEvent(audit.PaperAdded, p), insertRevision(ctx, tx, p, actor)
	})
}

// ReplacePaper makes a complete upload the next revision ("bản") of a paper; the old ones are kept.
func (s *Service) ReplacePaper(ctx context.Context, actor access.Actor, paperID id.Paper, uploadID id.Upload) (View, error) {
	return s.paperCommand(ctx, actor, paperID, func(tx *postgres.Tx, _ *Item, p *Paper, now time.Time) (audit.Event, error) {
		taken, err := s.Uploads.Take(ctx, tx, actor, uploadID)
		if err != nil {
			return audit.Event{}, err
		}
		next := newPaper(taken, actor, now)
		next.ID, next.Name, next.Revision = p.ID, p.Name, p.Revision+1
		*p = next
		return paperEvent(audit.PaperAdded, next), insertRevision(ctx, tx, next, actor)
	})
}

// RemovePaper takes a paper off its item; its revisions are kept for the record.
func (s *Service) RemovePaper(ctx context.Context, actor access.Actor, paperID id.Paper) (View, error) {
	return s.paperCommand(ctx, actor, paperID, func(tx *postgres.Tx, item *Item, p *Paper, now time.Time) (audit.Event, error) {
		event := paperEvent(audit.PaperRemoved, *p)
		item.Papers = slices.DeleteFunc(item.Papers, func(x Paper) bool { return x.ID == paperID })
		return event, removePaper(ctx, tx, paperID, now)
	})
}

// Content names the bytes of a revision of a paper.
type Content struct {
	Ref  objects.Ref
	Name string
}

// FindPaper finds a revision of a paper, the newest when revision is 0, for whoever may see the meeting.
func (s *Service) FindPaper(ctx context.Context, actor access.Actor, paperID id.Paper, revision int) (Content, error) {
	meetingID, err := meetingOfPaper(ctx, s.DB, paperID)
	if err != nil {
		return Content{}, postgres.Translate(err)
	}
	if err := s.MaySee(ctx, actor, meetingID); err != nil {
		return Content{}, err
	}
	var c Content
	err = s.DB.QueryRow(ctx, `select r.sha256, r.size, p.name from papers p join paper_revisions r on r.paper_id = p.id
		where p.id = $1 and ($2 = 0 or r.revision = $2) order by r.revision desc limit 1`, paperID, revision).
		Scan(&c.Ref.Hash, &c.Ref.Size, &c.Name)
	return c, postgres.Translate(err)
}

// paperCommand is command for a meeting named by one of its papers.
func (s *Service) paperCommand(ctx context.Context, actor access.Actor, paperID id.Paper,
	do func(tx *postgres.Tx, item *Item, p *Paper, now time.Time) (audit.Event, error)) (View, error) {
	meetingID, err := meetingOfPaper(ctx, s.DB, paperID)
	if err != nil {
		return View{}, postgres.Translate(err)
	}
	return s.command(ctx, actor, meetingID, 0, DoChange, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		for i := range m.Items {
			for p := range m.Items[i].Papers {
				if m.Items[i].Papers[p].ID == paperID {
					return do(tx, &m.Items[i], &m.Items[i].Papers[p], now)
				}
			}
		}
		return audit.Event{}, errs.Missing() // removed by somebody else meanwhile
	})
}

func newPaper(t upload.Taken, actor access.Actor, now time.Time) Paper {
	return Paper{Name: t.Name, Hash: t.Hash, Size: t.Size, AddedAt: now, AddedBy: actor.Name}
}

func paperEvent(kind audit.Kind, p Paper) audit.Event {
	return audit.Event{Kind: kind, Details: map[string]any{"paper": p.ID.String(), "revision": p.Revision, "sha256": p.Hash.Hex()}}
}

func insertPaper(ctx context.Context, q postgres.Querier, itemID id.Item, p Paper) error {
	_, err := q.Exec(ctx, `insert into papers (id, item_id, ordinal, name)
		select $1, $2, coalesce(max(ordinal), 0) + 1, $3 from papers where item_id = $2`, p.ID, itemID, p.Name)
	return err
}

func insertRevision(ctx context.Context, q postgres.Querier, p Paper, by access.Actor) error {
	_, err := q.Exec(ctx, `insert into paper_revisions (paper_id, revision, sha256, size, added_by, added_at) values ($1, $2, $3, $4, $5, $6)`,
		p.ID, p.Revision, p.Hash, p.Size, by.Appointment, p.AddedAt)
	return err
}

func removePaper(ctx context.Context, q postgres.Querier, paperID id.Paper, now time.Time) error {
	_, err := q.Exec(ctx, `update papers set removed_at = $2 where id = $1`, paperID, now)
	return err
}
