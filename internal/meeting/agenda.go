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
	"nghisu/storage/postgres"
)

// ItemFacts are what the secretary states about an agenda item.
type ItemFacts struct {
	Title     string
	Minutes   int // planned length
	Presenter string
}

// clean checks the facts and makes an item of them; path leads to them in the request.
func (f ItemFacts) clean(path string) (Item, error) {
	i := Item{ID: id.New[id.Item](), Title: strings.TrimSpace(f.Title), Minutes: f.Minutes, Presenter: strings.TrimSpace(f.Presenter)}
	if i.Title == "" {
		return Item{}, errs.InvalidField(path+"title", "field.required")
	}
	if i.Minutes < 0 || i.Minutes > 600 {
		return Item{}, errs.InvalidField(path+"minutes", "field.not_allowed")
	}
	return i, nil
}

// AddItem puts an item at the end of the agenda.
func (s *Service) AddItem(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int, f ItemFacts) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoChange, func(tx *postgres.Tx, m *Meeting, _ time.Time) (audit.Event, error) {
		if len(m.Items) >= MaxItems {
			return audit.Event{}, errs.New(errs.Conflict, "meeting.too_many_items")
		}
		item, err := f.clean("")
		if err != nil {
			return audit.Event{}, err
		}
		item.Ordinal = len(m.Items) + 1
		m.Items = append(m.Items, item)
		m.schedule()
		return itemEvent("added", item.ID), insertItem(ctx, tx, m.ID, item)
	})
}

// ChangeItem states the facts of an item anew.
func (s *Service) ChangeItem(ctx context.Context, actor access.Actor, itemID id.Item, version int, f ItemFacts) (View, error) {
	return s.itemCommand(ctx, actor, itemID, version, func(tx *postgres.Tx, m *Meeting, item *Item, _ time.Time) (audit.Event, error) {
		clean, err := f.clean("")
		if err != nil {
			return audit.Event{}, err
		}
		item.Title, item.Minutes, item.Presenter = clean.Title, clean.Minutes, clean.Presenter
		m.schedule()
		return itemEvent("changed", itemID), updateItem(ctx, tx, item)
	})
}

// RemoveItem takes an item off the agenda, unless it was begun.
func (s *Service) RemoveItem(ctx context.Context, actor access.Actor, itemID id.Item, version int) (View, error) {
	return s.itemCommand(ctx, actor, itemID, version, func(tx *postgres.Tx, m *Meeting, item *Item, now time.Time) (audit.Event, error) {
		if item.StartedAt != nil {
			return audit.Event{}, errs.New(errs.Conflict, "meeting.item_begun")
		}
		if m.State != Draft && len(m.Items) == 1 {
			return audit.Event{}, errs.New(errs.Conflict, "meeting.no_items")
		}
		if err := removeItem(ctx, tx, itemID, now); err != nil {
			return audit.Event{}, err
		}
		m.Items = slices.DeleteFunc(m.Items, func(i Item) bool { return i.ID == itemID })
		m.schedule()
		return itemEvent("removed", itemID), writeOrder(ctx, tx, m.Items)
	})
}

// Reorder puts the agenda into the given order, which names every item once.
func (s *Service) Reorder(ctx context.Context, actor access.Actor, meetingID id.Meeting, version int, order []id.Item) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoChange, func(tx *postgres.Tx, m *Meeting, _ time.Time) (audit.Event, error) {
		items := make([]Item, 0, len(order))
		seen := map[id.Item]bool{}
		for _, itemID := range order {
			if item := m.item(itemID); item != nil && !seen[itemID] {
				items = append(items, *item)
				seen[itemID] = true
			}
		}
		if len(items) != len(m.Items) || len(order) != len(m.Items) {
			return audit.Event{}, errs.InvalidField("item_ids", "meeting.order_incomplete")
		}
		m.Items = items
		if err := writeOrder(ctx, tx, m.Items); err != nil {
			return audit.Event{}, err
		}
		m.schedule()
		return audit.Event{Kind: audit.MeetingChanged, Details: map[string]any{"what": "order"}}, nil
	})
}

// CallItem goes on to an item: the one before ends, this one begins, or goes on when it was begun.
func (s *Service) CallItem(ctx context.Context, actor access.Actor, meetingID id.Meeting, itemID id.Item, version int) (View, error) {
	return s.command(ctx, actor, meetingID, version, DoCallItem, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		event := audit.Event{Kind: audit.ItemCalled, Details: map[string]any{"item": itemID.String()}}
		item := m.item(itemID)
		if item == nil {
			return audit.Event{}, errs.InvalidField("item_id", "meeting.unknown_item")
		}
		if m.CurrentItem != nil && *m.CurrentItem == itemID {
			return event, nil
		}
		if err := m.endCurrentItem(ctx, tx, now); err != nil {
			return audit.Event{}, err
		}
		if item.StartedAt == nil {
			item.StartedAt = &now
		}
		item.EndedAt = nil
		m.CurrentItem = &itemID
		return event, updateItem(ctx, tx, item)
	})
}

// endCurrentItem ends the item the meeting is at, if any.
func (m *Meeting) endCurrentItem(ctx context.Context, tx *postgres.Tx, now time.Time) error {
	if m.CurrentItem == nil {
		return nil
	}
	item := m.item(*m.CurrentItem)
	m.CurrentItem = nil
	if item == nil {
		return nil
	}
	item.EndedAt = &now
	return updateItem(ctx, tx, item)
}

// itemCommand is command for a meeting named by one of its items.
func (s *Service) itemCommand(ctx context.Context, actor access.Actor, itemID id.Item, version int,
	do func(tx *postgres.Tx, m *Meeting, item *Item, now time.Time) (audit.Event, error)) (View, error) {
	meetingID, err := meetingOfItem(ctx, s.DB, itemID)
	if err != nil {
		return View{}, postgres.Translate(err)
	}
	return s.command(ctx, actor, meetingID, version, DoChange, func(tx *postgres.Tx, m *Meeting, now time.Time) (audit.Event, error) {
		item := m.item(itemID)
		if item == nil { // removed by somebody else meanwhile
			return audit.Event{}, errs.Missing()
		}
		return do(tx, m, item, now)
	})
}

func itemEvent(what string, itemID id.Item) audit.Event {
	return audit.Event{Kind: audit.ItemChanged, Details: map[string]any{"what": what, "item": itemID.String()}}
}
