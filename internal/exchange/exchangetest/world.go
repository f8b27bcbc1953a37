// Package exchangetest makes a small city with documents on their way, for tests of the features
// from document to inbox and of the HTTP edge. Tests only.
package exchangetest

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/id"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// Side is an agency with somebody in every role that matters.
type Side struct {
	Agency     id.Agency
	Name       string
	Clerk      access.Actor
	Leader     access.Actor
	Secretary  access.Actor
	Specialist access.Actor
}

// World is a city of five agencies: one that sends, four that receive.
type World struct {
	DB        *postgres.DB
	Store     objects.Store
	Uploads   *upload.Service
	Documents *document.Service
	Exchange  *exchange.Service
	Feed      *live.Feed
	Clock     *Clock
	Sender    Side
	Receivers []Side
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now tells the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the clock.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set puts the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// New makes the city on a fresh database, on the morning of 24 November 2026, with its files on disk.
func New(t testing.TB) *World {
	t.Helper()
	store, err := objects.OpenDisk(t.TempDir(), objects.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	return NewOn(t, store)
}

// NewOn makes the city with its files in the store.
func NewOn(t testing.TB, store objects.Store) *World {
	t.Helper()
	w := &World{DB: pgtest.New(t), Store: store, Feed: live.NewFeed(), Clock: &Clock{now: time.Date(2026, 11, 24, 1, 12, 0, 0, time.UTC)}}
	log := slog.New(slog.DiscardHandler)
	client, err := jobs.New(w.DB, log)
	if err != nil {
		t.Fatalf("open jobs: %v", err)
	}
	w.Uploads = upload.New(upload.Deps{DB: w.DB, Store: store, Log: log, Now: w.Clock.Now})
	w.Documents = w.DocumentsWith(Press{w.Uploads, store})
	w.Exchange = exchange.New(exchange.Deps{DB: w.DB, Store: store, Jobs: client, Feed: w.Feed, Now: w.Clock.Now})
	w.Sender = NewSide(t, w.DB, "H77.1", "Sở Tài chính")
	for i, name := range []string{"Sở Xây dựng", "Sở Tư pháp", "UBND phường Bạch Đằng", "UBND xã Phú Lâm"} {
		w.Receivers = append(w.Receivers, NewSide(t, w.DB, fmt.Sprintf("H77.%d", i+2), name))
	}
	return w
}

// DocumentsWith is the service of documents with another press.
func (w *World) DocumentsWith(p document.Press) *document.Service {
	return document.New(document.Deps{DB: w.DB, Uploads: w.Uploads, Press: p, Store: w.Store, Feed: w.Feed, Now: w.Clock.Now})
}

// ExchangeOn is the exchange on another store.
func (w *World) ExchangeOn(t testing.TB, store exchange.Store) *exchange.Service {
	t.Helper()
	client, err := jobs.New(w.DB, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open jobs: %v", err)
	}
	return exchange.New(exchange.Deps{DB: w.DB, Store: store, Jobs: client, Feed: w.Feed, Now: w.Clock.Now})
}

// NewSide adds an agency with its people.
func NewSide(t testing.TB, db *postgres.DB, code, name string) Side {
	t.Helper()
	a := orgtest.Agency(t, db, code, name)
	return Side{Agency: a, Name: name,
		Clerk:      orgtest.Person(t, db, a, "Văn thư "+name, access.Clerk),
		Leader:     orgtest.Person(t, db, a, "Giám đốc "+name, access.Leader),
		Secretary:  orgtest.Person(t, db, a, "Thư ký "+name, access.Secretary),
		Specialist: orgtest.Person(t, db, a, "Chuyên viên "+name, access.Specialist)}
}

// Upload uploads a small PDF with the word in it.
func (w *World) Upload(t testing.TB, actor access.Actor, word string) id.Upload {
	t.Helper()
	body := fmt.Sprintf("%%PDF-1.7\n%% %s %s\n%%%%EOF\n", word, id.New[id.Upload]())
	u, err := w.Uploads.Create(t.Context(), actor, word+".pdf", int64(len(body)))
	if err == nil {
		_, err = w.Uploads.Append(t.Context(), actor, u.ID, 0, strings.NewReader(body))
	}
	if err == nil {
		_, err = w.Uploads.Complete(t.Context(), actor, u.ID)
	}
	if err != nil {
		t.Fatalf("upload: %v", err)
	}
	return u.ID
}

// Input is a correct draft of actor with a main file and one attachment, to the receivers given, or
// to all.
func (w *World) Input(t testing.TB, actor access.Actor, to ...Side) document.Input {
	t.Helper()
	if len(to) == 0 {
		to = w.Receivers
	}
	in := document.Input{TypeCode: "QĐ", Symbol: "QĐ-STC", Subject: "Về việc phân bổ kinh phí", Signer: w.Sender.Leader.Appointment,
		Files: []document.InputFile{{Upload: w.Upload(t, actor, "van-ban"), Main: true}, {Upload: w.Upload(t, actor, "phu-luc")}}}
	for _, s := range to {
		in.Recipients = append(in.Recipients, s.Agency)
	}
	return in
}

// Draft prepares a document.
func (w *World) Draft(t testing.TB, to ...Side) document.Document {
	t.Helper()
	d, err := w.Documents.Create(t.Context(), w.Sender.Clerk, w.Input(t, w.Sender.Clerk, to...))
	if err != nil {
		t.Fatalf("create document: %v", err)
	}
	return d
}

// Submitted prepares a document and asks the leader to sign.
func (w *World) Submitted(t testing.TB, to ...Side) document.Document {
	t.Helper()
	d, err := w.Documents.Submit(t.Context(), w.Sender.Clerk, w.Draft(t, to...).ID, 0)
	if err != nil {
		t.Fatalf("submit document: %v", err)
	}
	return d
}

// Sealed prepares a document up to the agency's seal. The signatures are pretended: another revision
// of each file, without cryptography.
func (w *World) Sealed(t testing.TB, to ...Side) document.Document {
	t.Helper()
	return w.Sign(t, w.Numbered(t, to...).ID, w.Sender.Clerk, document.BySeal)
}

// Numbered prepares a document up to its number; the leader's signature is pretended, see Sealed.
func (w *World) Numbered(t testing.TB, to ...Side) document.Document {
	t.Helper()
	return w.Number(t, w.Sign(t, w.Submitted(t, to...).ID, w.Sender.Leader, document.ByLeader).ID)
}

// Number gives a signed document the next number and today's date.
func (w *World) Number(t testing.TB, documentID id.Document) document.Document {
	t.Helper()
	n, err := w.Documents.SuggestNumber(t.Context(), w.Sender.Clerk, documentID)
	if err != nil {
		t.Fatalf("suggest number: %v", err)
	}
	d, err := w.Documents.Number(t.Context(), w.Sender.Clerk, documentID, 0, n)
	if err != nil {
		t.Fatalf("number document: %v", err)
	}
	return d
}

// Sign pretends to sign every file that needs it.
func (w *World) Sign(t testing.TB, documentID id.Document, actor access.Actor, purpose document.Purpose) document.Document {
	t.Helper()
	d, err := w.Documents.Get(t.Context(), w.Sender.Clerk, documentID)
	if err != nil {
		t.Fatalf("get document: %v", err)
	}
	for _, f := range d.NeedsSignature(purpose) {
		if err := w.SignFile(t, documentID, actor, purpose, f.ID); err != nil {
			t.Fatalf("record signature: %v", err)
		}
	}
	if d, err = w.Documents.Get(t.Context(), w.Sender.Clerk, documentID); err != nil {
		t.Fatalf("get document: %v", err)
	}
	return d
}

// SignFile pretends to sign one file.
func (w *World) SignFile(t testing.TB, documentID id.Document, actor access.Actor, purpose document.Purpose, fileID id.File) error {
	t.Helper()
	ref, err := w.Uploads.Keep(t.Context(), fmt.Appendf(nil, "%%PDF-1.7\n%% %s %s\n%%%%EOF\n", purpose, fileID), upload.PDF)
	if err != nil {
		t.Fatalf("keep signed file: %v", err)
	}
	return postgres.InTx(t.Context(), w.DB, func(tx *postgres.Tx) error {
		d, err := document.LockForSigning(t.Context(), tx, documentID)
		if err != nil {
			return err
		}
		return document.RecordSignature(t.Context(), tx, actor, d, document.Signature{File: fileID, Purpose: purpose, Ref: ref, At: w.Clock.Now()})
	})
}

// Sent sends a document and gives its deliveries, still queued.
func (w *World) Sent(t testing.TB, to ...Side) []exchange.Delivery {
	t.Helper()
	d := w.Sealed(t, to...)
	if _, err := w.Exchange.Send(t.Context(), w.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatalf("send document: %v", err)
	}
	return w.Deliveries(t, d.ID)
}

// Arrived sends a document and lets it arrive everywhere.
func (w *World) Arrived(t testing.TB, to ...Side) []exchange.Delivery {
	t.Helper()
	sent := w.Sent(t, to...)
	for _, d := range sent {
		if err := w.Exchange.Deliver(t.Context(), d.ID, 1); err != nil {
			t.Fatalf("deliver: %v", err)
		}
	}
	return w.Deliveries(t, sent[0].Document)
}

// Deliveries reads where a document stands, in the order of its recipients.
func (w *World) Deliveries(t testing.TB, documentID id.Document) []exchange.Delivery {
	t.Helper()
	ds, err := w.Exchange.DeliveriesOf(t.Context(), w.Sender.Clerk, documentID)
	if err != nil {
		t.Fatalf("list deliveries: %v", err)
	}
	return ds
}
