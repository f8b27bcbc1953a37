package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/inbox"
)

// WorkItem is one piece of work that waits for the caller.
type WorkItem struct {
	Kind     string     `json:"kind" enum:"sign,number,seal,send,returned,accept,failed_delivery,answer_invitation,certificate_expires"`
	ObjectID uuid.UUID  `json:"object_id" format:"uuid" doc:"Document (sign, number, seal, send, returned, failed_delivery), delivery (accept), certificate (certificate_expires) or meeting"`
	Title    string     `json:"title"`
	Meta     string     `json:"meta" doc:"Who it comes from, or why it came back"`
	Code     string     `json:"code" doc:"Number and symbol; empty for meetings and documents without a number yet"`
	Urgency  int        `json:"urgency"`
	DueAt    *time.Time `json:"due_at"`
	Since    time.Time  `json:"since"`
}

// WorkMeeting is a meeting of today or the next days.
type WorkMeeting struct {
	ID        id.Meeting `json:"id" format:"uuid"`
	Title     string     `json:"title"`
	StartsAt  time.Time  `json:"starts_at"`
	EndsAt    time.Time  `json:"ends_at"`
	Place     string     `json:"place"`
	Online    bool       `json:"online"`
	State     string     `json:"state" enum:"convened,live"`
	MyAnswer  string     `json:"my_answer" enum:"none,accepted,declined"`
	ItemCount int        `json:"item_count"`
	ChairName string     `json:"chair_name"`
}

// WorkSent is a released document of the caller with where its recipients stand.
type WorkSent struct {
	DocumentID id.Document `json:"document_id" format:"uuid"`
	Code       string      `json:"code"`
	Subject    string      `json:"subject"`
	SentAt     time.Time   `json:"sent_at"`
	Total      int         `json:"total"`
	Waiting    int         `json:"waiting"`
	Accepted   int         `json:"accepted"`
	Refused    int         `json:"refused"`
	Failed     int         `json:"failed"`
}

// WorkCounts are the figures of the menu.
type WorkCounts struct {
	WaitingDeliveries int `json:"waiting_deliveries"`
	Invitations       int `json:"invitations"`
}

// Work is everything that waits for the caller.
type Work struct {
	Items    []WorkItem    `json:"items" nullable:"false" doc:"Most urgent first, then longest waiting"`
	Meetings []WorkMeeting `json:"meetings" nullable:"false"`
	Sent     []WorkSent    `json:"sent" nullable:"false"`
	Counts   WorkCounts    `json:"counts"`
}

// registerInbox adds the route of the home page.
func (a *API) registerInbox() {
	get(a, Op{ID: "get-work", Path: "/work", Tag: "inbox", Access: Acting, Summary: "What waits for the caller"},
		func(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[Work], error) {
			w, err := a.Inbox.Work(ctx, actor)
			if err != nil {
				return nil, err
			}
			return answer(workBody(w)), nil
		})
}

func workBody(w inbox.Work) Work {
	out := Work{Items: make([]WorkItem, 0, len(w.Items)), Meetings: make([]WorkMeeting, 0, len(w.Meetings)),
		Sent: make([]WorkSent, 0, len(w.Sent)), Counts: WorkCounts(w.Counts)}
	for _, i := range w.Items {
		out.Items = append(out.Items, WorkItem{Kind: string(i.Kind), ObjectID: i.Object, Title: i.Title, Meta: i.Meta,
			Code: i.Code, Urgency: i.Urgency, DueAt: i.DueAt, Since: i.Since})
	}
	for _, m := range w.Meetings {
		out.Meetings = append(out.Meetings, WorkMeeting(m))
	}
	for _, s := range w.Sent {
		out.Sent = append(out.Sent, WorkSent{DocumentID: s.Document, Code: s.Code, Subject: s.Subject, SentAt: s.Sent,
			Total: s.Total, Waiting: s.Waiting, Accepted: s.Accepted, Refused: s.Refused, Failed: s.Failed})
	}
	return out
}
