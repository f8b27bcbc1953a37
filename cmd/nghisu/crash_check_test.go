package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// ranks orders the states of a document; it never goes back.
var ranks = []string{"draft", "submitted", "signed", "numbered", "sealed", "released"}

// rank of an acknowledged fact: what the document must have reached.
var rankOf = map[string]int{"created": 0, "submitted": 1, "signed": 2, "numbered": 3, "sealed": 4, "released": 5}

// revisionOf is the revision of the main file in the state of each rank.
var revisionOf = []int{1, 2, 3, 4, 5, 5}

// check asks the server, as the owner of each fact, whether it still holds.
func (city *crashCity) check(facts []fact) {
	city.t.Helper()
	ctx, cancel := context.WithTimeout(city.t.Context(), 60*time.Second)
	defer cancel()
	documents := map[string]int{}
	for _, f := range facts {
		if rank, ok := rankOf[f.kind]; ok {
			documents[f.id] = max(rank, documents[f.id])
		}
	}
	var group errgroup.Group
	group.SetLimit(4)
	for document, rank := range documents {
		group.Go(func() error {
			if err := city.checkDocument(ctx, document, rank); err != nil {
				city.t.Errorf("document %s, acknowledged as %s: %v", document, ranks[rank], err)
			}
			return nil
		})
	}
	for _, f := range facts {
		group.Go(func() error {
			if err := f.check(ctx); err != nil {
				city.t.Errorf("%s %s: %v", f.kind, f.id, err)
			}
			return nil
		})
	}
	_ = group.Wait()
}

// check covers the facts that are not about the state of a document.
func (f fact) check(ctx context.Context) error {
	switch f.kind {
	case "uploaded":
		var u struct{ State, SHA256 string }
		if err := f.owner.call(ctx, request{method: "GET", path: "/uploads/" + f.id}, &u); err != nil {
			return err
		}
		if u.State != "complete" || u.SHA256 != f.value {
			return fmt.Errorf("is %s with hash %s", u.State, u.SHA256)
		}
	case "accepted":
		var d struct {
			Delivery struct {
				Status int
				Number int `json:"arrival_number"`
			}
		}
		if err := f.owner.call(ctx, request{method: "GET", path: "/deliveries/" + f.id}, &d); err != nil {
			return err
		}
		if d.Delivery.Status != 3 || fmt.Sprint(d.Delivery.Number) != f.value {
			return fmt.Errorf("has status %d and number %d, want number %s", d.Delivery.Status, d.Delivery.Number, f.value)
		}
	}
	return nil
}

// checkDocument reads a document, its file and its deliveries as the sender's clerk.
func (city *crashCity) checkDocument(ctx context.Context, document string, rank int) error {
	var doc struct {
		State string
		Files []struct {
			ID, SHA256 string
			Revision   int
		}
		Steps []struct{ State string }
	}
	path := "/documents/" + document
	if err := city.clerk.call(ctx, request{method: "GET", path: path}, &doc); err != nil {
		return err
	}
	now := slices.Index(ranks, doc.State)
	if now < rank || len(doc.Files) != 1 || len(doc.Steps) != now+1 {
		return fmt.Errorf("is %s with %d files and %d steps", doc.State, len(doc.Files), len(doc.Steps))
	}
	file := doc.Files[0]
	if want := revisionOf[now]; file.Revision != want {
		return fmt.Errorf("file is at revision %d, want %d in state %s", file.Revision, want, doc.State)
	}
	status, body, err := city.clerk.once(ctx, request{method: "GET", path: fmt.Sprintf("%s/files/%s?revision=%d", path, file.ID, file.Revision)}, "")
	if sum := sha256.Sum256(body); err == nil && status == 200 && hex.EncodeToString(sum[:]) != file.SHA256 {
		return fmt.Errorf("content of the file has another hash than %s", file.SHA256)
	}
	if err == nil && status/100 == 4 {
		return fmt.Errorf("file answers %d: %s", status, body)
	}
	if now < rankOf["released"] {
		return nil
	}
	var deliveries struct{ Items []struct{ Transport string } }
	if err := city.clerk.call(ctx, request{method: "GET", path: path + "/deliveries"}, &deliveries); err != nil {
		return err
	}
	if len(deliveries.Items) != len(city.recipients) {
		return fmt.Errorf("went to %d agencies, want %d", len(deliveries.Items), len(city.recipients))
	}
	return nil
}

// halfDone are questions to the database whose answer must be zero at every moment.
var halfDone = map[string]string{
	"complete uploads without object": `select count(*) from uploads u where state = 'complete'
		and not exists (select from objects o where o.sha256 = u.sha256)`,
	"parts beyond what an upload received": `select count(*) from uploads u where state = 'open' and received <>
		(select coalesce(sum(size), 0) from upload_parts p where p.upload_id = u.id)`,
	"documents without file": `select count(*) from documents d where not exists (select from document_files f where f.document_id = d.id)`,
	"files without first revision": `select count(*) from document_files f
		where not exists (select from file_revisions r where r.file_id = f.id and r.revision = 1)`,
	"documents whose last step is another state": `select count(*) from documents d where state <>
		(select state from document_steps s where s.document_id = d.id order by at desc, id desc limit 1)`,
	"signatures made without the revision they made": `select count(*) from signature_items s where state = 'done'
		and not exists (select from file_revisions r where r.file_id = s.file_id and r.sha256 = s.output_sha256 and r.reason = s.purpose)`,
	"signed revisions without a signature made": `select count(*) from file_revisions r where reason in ('leader', 'seal')
		and not exists (select from signature_items s where s.file_id = r.file_id and s.output_sha256 = r.sha256 and s.state = 'done')`,
	"signed documents without signature": `select count(*) from documents d where state in ('signed', 'numbered', 'sealed', 'released')
		and not exists (select from signature_items s where s.document_id = d.id and s.purpose = 'leader' and s.state = 'done')`,
	"sealed documents without seal": `select count(*) from documents d where state in ('sealed', 'released')
		and not exists (select from signature_items s where s.document_id = d.id and s.purpose = 'seal' and s.state = 'done')`,
	"deliveries of documents not released": `select count(*) from deliveries v join documents d on d.id = v.document_id where d.state <> 'released'`,
	"released documents without a delivery to each recipient": `select count(*) from documents d join document_recipients r on r.document_id = d.id
		where d.state = 'released' and not exists (select from deliveries v where v.document_id = d.id and v.recipient_id = r.agency_id)`,
	"deliveries whose last event is another state": `select count(*) from deliveries v where (transport, coalesce(status, 0)) <>
		(select transport, coalesce(status, 0) from delivery_events e where e.delivery_id = v.id order by at desc, id desc limit 1)`,
	"numbers of arrival with gaps": `select count(*) from number_series n where series = 'arrival' and last <>
		(select count(*) from deliveries v where v.recipient_id = n.agency_id and v.arrival_year = n.year)`,
	"results acknowledged without audit event": `select count(*) from documents d where state = 'released'
		and not exists (select from audit_events e where e.object_id = d.id and e.kind = 'exchange.sent')`,
	"turns to speak without the audit events of their making": `select count(*) from floor_turns t where
		(t.asked and not exists (select from audit_events e where e.kind = 'meeting.floor_asked' and e.details->>'turn' = t.id::text))
		or (t.called_at is not null and not exists (select from audit_events e where e.kind = 'meeting.floor_called' and e.details->>'turn' = t.id::text))`,
	"audit events neither linked nor waiting": `select count(*) from audit_events e
		where not exists (select from audit_links l where l.event_id = e.id) and not exists (select from audit_pending p where p.event_id = e.id)`,
}

// checkNothingHalfDone looks at one moment of the database beside the running server, and at every
// object it refers to.
func (m *machine) checkNothingHalfDone() {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 60*time.Second)
	defer cancel()
	_, owner, ok := postgres.RunningEmbedded(m.data)
	if !ok {
		m.t.Fatal("no embedded database runs")
	}
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		m.t.Fatal(err)
	}
	for what, sql := range halfDone {
		var n int
		if err := tx.QueryRow(ctx, sql).Scan(&n); err != nil {
			m.t.Fatalf("%s: %v", what, err)
		}
		if n != 0 {
			m.t.Errorf("%d %s", n, what)
		}
	}
	rows, err := tx.Query(ctx, `select sha256 from objects`)
	if err != nil {
		m.t.Fatal(err)
	}
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[objects.Hash])
	if err != nil {
		m.t.Fatal(err)
	}
	checkObjects(ctx, m.t, filepath.Join(m.data, "objects"), hashes)
}

// checkObjects asks the store for every object that the database knows.
func checkObjects(ctx context.Context, t *testing.T, dir string, hashes []objects.Hash) {
	t.Helper()
	store, err := objects.OpenDisk(dir, objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hashes {
		if _, err := store.Stat(ctx, h); err != nil {
			t.Errorf("object %s: %v", h.Hex(), err)
		}
	}
}
