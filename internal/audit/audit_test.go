package audit_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

func actor() access.Actor {
	return access.Actor{Person: id.New[id.Person](), Appointment: id.New[id.Appointment](), Agency: id.New[id.Agency](), Roles: []access.Role{access.Auditor}}
}

func appendEvents(t *testing.T, db *postgres.DB, a access.Actor, n int) []uuid.UUID {
	t.Helper()
	var objects []uuid.UUID
	for range n {
		object := uuid.New()
		objects = append(objects, object)
		err := postgres.InTx(t.Context(), db, func(tx *postgres.Tx) error {
			return audit.Append(t.Context(), tx, a, postgres.Now(), audit.Event{Kind: audit.DocumentSent, Object: object, Details: map[string]any{"số": "05/QĐ-UBND", "b": 1, "a": nil}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return objects
}

func link(t *testing.T, db *postgres.DB) int {
	t.Helper()
	n, err := audit.NewChainer(db, slog.New(slog.DiscardHandler)).LinkPending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func verify(t *testing.T, db *postgres.DB) audit.Report {
	t.Helper()
	rep, err := audit.Verify(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestChain_isWholeAndTellsItsTail(t *testing.T) {
	db := pgtest.New(t)
	if rep := verify(t, db); rep.Linked != 0 || rep.Head != "" || len(rep.Findings) != 0 {
		t.Fatalf("empty record: %+v", rep)
	}
	appendEvents(t, db, actor(), 700) // more than one batch
	if n := link(t, db); n != 700 {
		t.Fatalf("linked %d", n)
	}
	appendEvents(t, db, actor(), 3)
	rep := verify(t, db)
	if rep.Linked != 700 || rep.Pending != 3 || len(rep.Findings) != 0 || len(rep.Head) != 64 {
		t.Fatalf("report: %+v", rep)
	}
}

func TestChain_oneChainerAtATime(t *testing.T) {
	db := pgtest.New(t)
	appendEvents(t, db, actor(), 60)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			c := audit.NewChainer(db, slog.New(slog.DiscardHandler))
			for range 5 {
				if _, err := c.LinkPending(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	appendEvents(t, db, actor(), 60)
	wg.Wait()
	link(t, db)
	if rep := verify(t, db); rep.Linked != 120 || rep.Pending != 0 || len(rep.Findings) != 0 {
		t.Fatalf("report: %+v", rep)
	}
}

func TestChain_damageIsFound(t *testing.T) {
	cases := map[string]struct {
		sql    string
		reason string
	}{
		"changed details": {`update audit_events set details = '{"số": "06/QĐ-UBND"}' where id = (select event_id from audit_links where seq = 5)`, "event or link was changed"},
		"changed time":    {`update audit_events set at = at + interval '1 second' where id = (select event_id from audit_links where seq = 5)`, "event or link was changed"},
		"changed actor":   {`update audit_events set person_id = null where id = (select event_id from audit_links where seq = 5)`, "event or link was changed"},
		"removed link":    {`delete from audit_links where seq = 5`, "link 5 expected here"},
		"removed tail":    {`delete from audit_links where seq = 10`, "event is neither linked nor waiting to be"},
		"swapped events": {`with l as (select array_agg(event_id order by seq) e from audit_links where seq in (4, 5)), d as (delete from audit_links where seq in (4, 5) returning seq, hash)
			insert into audit_links (seq, event_id, hash) select d.seq, case d.seq when 4 then l.e[2] else l.e[1] end, d.hash from d, l`, "event or link was changed"},
		"foreign hash": {`update audit_links set hash = sha256('x') where seq = 10`, "event or link was changed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := pgtest.New(t)
			appendEvents(t, db, actor(), 10)
			link(t, db)
			owner := pgtest.Owner(t, db)
			tx, err := owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), `alter table audit_links drop constraint audit_links_once`); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), c.sql); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			rep := verify(t, db)
			if len(rep.Findings) == 0 || rep.Findings[0].Reason != c.reason {
				t.Fatalf("findings: %+v", rep.Findings)
			}
		})
	}
}

// The application's role can add to the record and read it, nothing else.
func TestRecord_isAppendOnlyForTheApplication(t *testing.T) {
	db := pgtest.New(t)
	appendEvents(t, db, actor(), 2)
	link(t, db)
	for _, sql := range []string{
		`update audit_events set kind = 'x'`, `delete from audit_events`, `truncate audit_events cascade`,
		`update audit_links set seq = seq + 1`, `delete from audit_links`, `truncate audit_links`,
		`alter table audit_events disable trigger all`, `drop table audit_links`,
	} {
		if _, err := db.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
	if rep := verify(t, db); rep.Linked != 2 || len(rep.Findings) != 0 {
		t.Fatalf("report: %+v", rep)
	}
}

func TestReader_showsOnlyWhatTheActorMay(t *testing.T) {
	db := pgtest.New(t)
	mine, theirs := actor(), actor()
	a := appendEvents(t, db, mine, 3)
	appendEvents(t, db, theirs, 2)
	link(t, db)
	r := audit.NewReader(db)
	count := func(who access.Actor, f audit.Filter) int {
		f.Limit = 100
		entries, err := r.List(t.Context(), who, f)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	admin := mine
	admin.Roles = []access.Role{access.AgencyAdmin}
	clerk := mine
	clerk.Roles = []access.Role{access.Clerk}
	got := []int{count(mine, audit.Filter{}), count(admin, audit.Filter{}), count(mine, audit.Filter{Object: a[1]}),
		count(mine, audit.Filter{Kind: "exchange"}), count(mine, audit.Filter{Kind: "auth"})}
	if diff := cmp.Diff([]int{5, 3, 1, 5, 0}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if _, err := r.List(t.Context(), clerk, audit.Filter{Limit: 1}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("clerk: %v", err)
	}
	first, err := r.List(t.Context(), mine, audit.Filter{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(mine, audit.Filter{After: first[1].ID}); n != 3 {
		t.Errorf("second page has %d", n)
	}
	s, err := r.Status(t.Context(), mine)
	if diff := cmp.Diff(audit.Status{Linked: 5}, s); diff != "" || err != nil {
		t.Errorf("status: %v %s", err, diff)
	}
}
