package exchange_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/bench"
	"nghisu/internal/errs"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// Every combination of filters, read page by page, gives what a plain query over everything gives.
func TestService_ListIncoming(t *testing.T) {
	db := pgtest.New(t)
	conn, err := pgtest.Owner(t, db).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	city, err := bench.Fill(t.Context(), conn.Conn(), 2000)
	conn.Release()
	if err != nil {
		t.Fatal(err)
	}
	s := exchange.New(exchange.Deps{DB: db})
	clerk := access.Actor{Agency: city.Recipient, Roles: []access.Role{access.Clerk}}
	day := func(text string, add int) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at.AddDate(0, 0, add)
	}
	first, last := city.Days[0], city.Days[1]
	spans := [][2]time.Time{{}, {day(first, 60), {}}, {{}, day(last, -90)}, {day(first, 100), day(first, 140)}, {day(last, -3), day(last, 1)}}
	for _, state := range []exchange.ListState{exchange.All, exchange.Waiting, exchange.AcceptedOnes, exchange.RefusedOnes} {
		for urgency := -1; urgency <= 3; urgency++ {
			for _, sender := range []id.Agency{{}, city.BigSender, city.RareSender} {
				for i, span := range spans {
					f := exchange.Filter{State: state, Sender: sender, From: span[0], To: span[1], Limit: 23}
					if urgency >= 0 {
						f.Urgency = &urgency
					}
					name := fmt.Sprintf("%s, urgency %d, sender %s, span %d", state, urgency, sender, i)
					want := plainly(t, db, city.Recipient, f)
					got := readAll(t, s, clerk, f)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s (-want +got):\n%s", name, diff)
					}
				}
			}
		}
	}
	other := access.Actor{Agency: id.New[id.Agency](), Roles: []access.Role{access.Clerk}}
	if got := readAll(t, s, other, exchange.Filter{State: exchange.All, Limit: 200}); got != nil {
		t.Errorf("another agency sees %d", len(got))
	}
	for _, cursor := range []string{"x", "W10", "WzFd"} {
		_, _, err := s.ListIncoming(t.Context(), clerk, exchange.Filter{State: exchange.All, After: cursor, Limit: 5})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

func readAll(t *testing.T, s *exchange.Service, actor access.Actor, f exchange.Filter) (ids []id.Delivery) {
	t.Helper()
	for {
		page, next, err := s.ListIncoming(t.Context(), actor, f)
		if err != nil {
			t.Fatal(err)
		}
		if next != "" && len(page) != f.Limit {
			t.Fatalf("%d on a page of %d that is not the last", len(page), f.Limit)
		}
		for _, d := range page {
			ids = append(ids, d.ID)
		}
		if next == "" {
			return ids
		}
		f.After = next
	}
}

// plainly asks for the same by one query without pages, written apart from the code under test.
func plainly(t *testing.T, db *postgres.DB, recipient id.Agency, f exchange.Filter) []id.Delivery {
	t.Helper()
	status := map[exchange.ListState]int{exchange.Waiting: 1, exchange.RefusedOnes: 2, exchange.AcceptedOnes: 3}[f.State]
	order := "arrived_at desc, id desc"
	if f.State == exchange.Waiting {
		order = "urgency desc, " + order
	}
	urgency := -1
	if f.Urgency != nil {
		urgency = *f.Urgency
	}
	date := func(d time.Time) string {
		if d.IsZero() {
			return ""
		}
		return d.Format(time.DateOnly)
	}
	rows, err := db.Query(t.Context(), `select id from deliveries where recipient_id = $1 and arrived_at is not null
		and ($2::int = 0 or status = $2) and ($3::int < 0 or urgency = $3) and ($4::uuid = '00000000-0000-0000-0000-000000000000' or sender_id = $4)
		and ($5 = '' or (arrived_at at time zone 'Asia/Ho_Chi_Minh')::date >= $5::date)
		and ($6 = '' or (arrived_at at time zone 'Asia/Ho_Chi_Minh')::date <= $6::date)
		order by `+order, recipient, status, urgency, f.Sender, date(f.From), date(f.To))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[id.Delivery])
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) == 0 {
		return nil
	}
	return ids
}
