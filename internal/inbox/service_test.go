package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/inbox"
)

// city is a world and the work read in it.
type city struct {
	*exchangetest.World
	*testing.T
}

func (c city) work(actor access.Actor) inbox.Work {
	c.Helper()
	w, err := inbox.New(inbox.Deps{DB: c.DB, Now: c.Clock.Now}).Work(c.Context(), actor)
	if err != nil {
		c.Fatal(err)
	}
	return w
}

// kinds are what waits, with the code or title of each.
func kinds(w inbox.Work) (out []string) {
	for _, i := range w.Items {
		name := i.Code
		if name == "" {
			name = i.Title
		}
		out = append(out, string(i.Kind)+" "+name)
	}
	return out
}

func (c city) expect(who string, actor access.Actor, want ...string) inbox.Work {
	c.Helper()
	w := c.work(actor)
	if diff := cmp.Diff(want, kinds(w)); diff != "" {
		c.Errorf("work of %s (-want +got):\n%s", who, diff)
	}
	return w
}

func TestService_Work_followsADocument(t *testing.T) {
	c := city{exchangetest.New(t), t}
	in := c.Input(t, c.Sender.Specialist, c.Receivers[0], c.Receivers[1])
	d, err := c.Documents.Create(t.Context(), c.Sender.Specialist, in)
	if err == nil {
		c.expect("the specialist, of a new draft", c.Sender.Specialist)
		_, err = c.Documents.Submit(t.Context(), c.Sender.Specialist, d.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := c.expect("the leader", c.Sender.Leader, "sign "+in.Subject)
	if i := w.Items[0]; i.Meta != c.Sender.Specialist.Name || i.Object != d.ID.UUID || !i.Since.Equal(c.Clock.Now()) {
		t.Errorf("to sign: %+v", i)
	}
	c.expect("the clerk, before the signature", c.Sender.Clerk)
	c.expect("another agency's leader", c.Receivers[0].Leader)
	if _, err := c.Documents.Return(t.Context(), c.Sender.Leader, d.ID, 0, "Sai căn cứ"); err != nil {
		t.Fatal(err)
	}
	w = c.expect("the specialist, of a returned draft", c.Sender.Specialist, "returned "+in.Subject)
	if w.Items[0].Meta != "Sai căn cứ" {
		t.Errorf("returned: %+v", w.Items[0])
	}
	c.expect("the leader, after the return", c.Sender.Leader)
	if _, err := c.Documents.Submit(t.Context(), c.Sender.Specialist, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	c.Sign(t, d.ID, c.Sender.Leader, document.ByLeader)
	c.expect("the clerk, to number", c.Sender.Clerk, "number "+in.Subject)
	c.Number(t, d.ID)
	c.expect("the clerk, to seal", c.Sender.Clerk, "seal 01/QĐ-STC")
	c.Sign(t, d.ID, c.Sender.Clerk, document.BySeal)
	c.expect("the clerk, to send", c.Sender.Clerk, "send 01/QĐ-STC")
	if _, err := c.Exchange.Send(t.Context(), c.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err = c.DB.Exec(t.Context(), `update agencies set valid_to = '2026-11-24' where id = $1`, c.Receivers[1].Agency)
	if err != nil {
		t.Fatal(err)
	}
	ds := c.Deliveries(t, d.ID)
	for _, x := range ds {
		if err := c.Exchange.Deliver(t.Context(), x.ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	w = c.expect("the clerk, of a failure", c.Sender.Clerk, "failed_delivery 01/QĐ-STC")
	if w.Items[0].Object != d.ID.UUID || w.Items[0].Meta != c.Receivers[1].Name {
		t.Errorf("failed: %+v", w.Items[0])
	}
	want := []inbox.SentDocument{{Document: d.ID, Code: "01/QĐ-STC", Subject: in.Subject, Sent: c.Clock.Now(), Total: 2, Waiting: 1, Failed: 1}}
	for who, actor := range map[string]access.Actor{"clerk": c.Sender.Clerk, "leader": c.Sender.Leader, "specialist": c.Sender.Specialist} {
		if diff := cmp.Diff(want, c.work(actor).Sent); diff != "" {
			t.Errorf("sent, as %s (-want +got):\n%s", who, diff)
		}
	}
	if got := c.work(c.Sender.Secretary).Sent; len(got) != 0 {
		t.Errorf("the secretary had no part in %+v", got)
	}
	w = c.expect("the recipient's clerk", c.Receivers[0].Clerk, "accept 01/QĐ-STC")
	if w.Counts.WaitingDeliveries != 1 || w.Items[0].Meta != c.Sender.Name || w.Items[0].Object != ds[0].ID.UUID {
		t.Errorf("to accept: %+v", w)
	}
	if w := c.expect("the recipient's leader", c.Receivers[0].Leader); w.Counts.WaitingDeliveries != 1 {
		t.Errorf("counts of the leader: %+v", w.Counts)
	}
	if w := c.expect("the recipient's specialist", c.Receivers[0].Specialist); w.Counts.WaitingDeliveries != 0 {
		t.Errorf("counts of the specialist: %+v", w.Counts)
	}
}

func TestService_Work_urgentFirstThenLongestWaiting(t *testing.T) {
	c := city{exchangetest.New(t), t}
	for i, urgency := range []int{0, 2, 0, 3, 2} {
		c.Clock.Add(time.Minute)
		in := c.Input(t, c.Sender.Clerk)
		in.Urgency, in.Subject = urgency, fmt.Sprint("Việc ", i+1)
		d, err := c.Documents.Create(t.Context(), c.Sender.Clerk, in)
		if err == nil {
			_, err = c.Documents.Submit(t.Context(), c.Sender.Clerk, d.ID, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c.expect("the leader", c.Sender.Leader, "sign Việc 4", "sign Việc 2", "sign Việc 5", "sign Việc 1", "sign Việc 3")
}

func TestService_Work_meetings(t *testing.T) {
	c := city{exchangetest.New(t), t}
	now := c.Clock.Now() // 08:12 in Vietnam
	me := c.Receivers[0].Leader
	for _, m := range []struct {
		title, state, answer, role string
		in                         time.Duration // until it begins; each takes an hour
		sent                       bool
	}{
		{"ended this morning", "convened", "accepted", "member", -3 * time.Hour, true},
		{"ended yesterday", "convened", "accepted", "member", -24 * time.Hour, true},
		{"closed", "closed", "accepted", "member", -2 * time.Hour, true},
		{"running", "live", "accepted", "member", -30 * time.Minute, true},
		{"to answer", "convened", "none", "member", 2 * time.Hour, true},
		{"chaired by me", "convened", "none", "chair", 26 * time.Hour, true},
		{"next month", "convened", "none", "observer", 30 * 24 * time.Hour, true},
		{"not convened yet", "draft", "none", "member", 3 * time.Hour, false},
		{"cancelled", "cancelled", "none", "member", 3 * time.Hour, true},
	} {
		meeting := id.New[id.Meeting]()
		var sent *time.Time
		if m.sent {
			sent = &now
		}
		_, err := c.DB.Exec(t.Context(), `insert into meetings (id, agency_id, title, starts_at, ends_at, place, state, chair_id, secretary_id, created_at, updated_at)
			values ($1, $2, $3, $4, $5, 'Phòng họp 2', $6, $7, $8, $9, $9)`, meeting, c.Sender.Agency, m.title, now.Add(m.in), now.Add(m.in+time.Hour), m.state,
			c.Sender.Leader.Appointment, c.Sender.Secretary.Appointment, now)
		if err == nil {
			_, err = c.DB.Exec(t.Context(), `insert into invitations (meeting_id, appointment_id, role, ordinal, sent_at, answer) values ($1, $2, $3, 1, $4, $5)`,
				meeting, me.Appointment, m.role, sent, m.answer)
		}
		if err == nil {
			_, err = c.DB.Exec(t.Context(), `insert into agenda_items (id, meeting_id, ordinal, title, minutes) values ($1, $2, 1, 'Mục 1', 10)`, id.New[id.Item](), meeting)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w := c.expect("an invited leader", me, "answer_invitation to answer", "answer_invitation next month")
	if w.Items[0].DueAt == nil || !w.Items[0].DueAt.Equal(now.Add(2*time.Hour)) || w.Items[0].Meta != c.Sender.Name || w.Counts.Invitations != 2 {
		t.Errorf("to answer: %+v, counts %+v", w.Items[0], w.Counts)
	}
	var titles []string
	for _, m := range w.Meetings {
		titles = append(titles, m.Title)
	}
	if diff := cmp.Diff([]string{"ended this morning", "running", "to answer", "chaired by me"}, titles); diff != "" {
		t.Errorf("meetings (-want +got):\n%s", diff)
	}
	if m := w.Meetings[2]; m.ItemCount != 1 || m.ChairName != c.Sender.Leader.Name || m.MyAnswer != "none" || m.Place != "Phòng họp 2" {
		t.Errorf("meeting %+v", m)
	}
	if w := c.work(c.Receivers[1].Leader); len(w.Meetings) != 0 || w.Counts.Invitations != 0 {
		t.Errorf("somebody who is not invited sees %+v", w)
	}
}

// NĐ 68/2024 Đ.29, 31: who signs knows in time that the certificate ends.
func TestService_Work_certificatesThatEnd(t *testing.T) {
	c := city{exchangetest.New(t), t}
	admin := c.Sender.Secretary
	admin.Roles = []access.Role{access.SystemAdmin}
	add := func(kind string, person *id.Person, agency *id.Agency, days int, disabled bool) id.Certificate {
		t.Helper()
		which := id.New[id.Certificate]()
		holder, off := "person", (*time.Time)(nil)
		if agency != nil {
			holder = "agency"
		}
		now := c.Clock.Now()
		if disabled {
			off = &now
		}
		var name *string
		if kind == "development" {
			text := which.String()
			name = &text
		}
		_, err := c.DB.Exec(t.Context(), `insert into certificates (id, holder, person_id, agency_id, kind, subject, der, serial, key_name, valid_from, valid_to, created_at, disabled_at)
			values ($1::uuid, $2, $3, $4, $5, 'CN=x', uuid_send($1::uuid), '1', $6, $7::timestamptz - interval '1 year', $8, $7, $9)`,
			which, holder, person, agency, kind, name, now, now.AddDate(0, 0, days), off)
		if err != nil {
			t.Fatal(err)
		}
		return which
	}
	leader, clerk, office := c.Sender.Leader.Person, c.Sender.Clerk.Person, c.Sender.Agency
	seal := add("pkcs11", nil, &office, 29, false)
	own := add("csc", &leader, nil, 6, false)
	add("pkcs12", &leader, nil, -1, false)        // ended, and the one above lasts longer
	add("pkcs12", &clerk, nil, 59, true)          // taken out of use
	add("pkcs12", &clerk, nil, 61, false)         // too early to say
	add("development", nil, &office, 2000, false) // does not stand in for the seal
	_, err := c.DB.Exec(t.Context(), `insert into trust_anchors (id, list, name, subject, issuer, der, sha256, valid_from, valid_to, added_at, added_by)
		values (gen_random_uuid(), 'tsa', 'Cấp dấu thời gian', '', '', '', '', $1, $2, $1, $3)`, c.Clock.Now(), c.Clock.Now().AddDate(0, 0, 40), c.Sender.Clerk.Appointment)
	if err != nil {
		t.Fatal(err)
	}
	name := c.Sender.Leader.Name
	w := c.expect("the administrator", admin, "certificate_expires "+name, "certificate_expires "+c.Sender.Name, "certificate_expires Cấp dấu thời gian")
	if w.Items[0].Object != own.UUID || w.Items[0].Urgency != 2 || w.Items[1].Object != seal.UUID || w.Items[1].Urgency != 1 || w.Items[1].DueAt == nil {
		t.Errorf("items: %+v", w.Items)
	}
	c.expect("the clerk", c.Sender.Clerk, "certificate_expires "+c.Sender.Name)
	c.expect("another clerk", c.Receivers[0].Clerk)
	c.expect("the leader", c.Sender.Leader)
}
