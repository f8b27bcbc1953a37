package httpapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/auth"
	"nghisu/internal/conference"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/inbox"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/org"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/images"
	"nghisu/internal/signing/inspection"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/trust"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// fixture is one thing of every kind, all belonging to agency A, and agency B that may see none of them.
type fixture struct {
	db       *postgres.DB
	params   map[string]string // by the name of the path parameter
	secrets  map[string]string // what another agency's lists must not show
	personA  id.Person
	personB  id.Person
	agencyA  id.Agency
	agencyB  id.Agency
	postA    id.Appointment
	postB    id.Appointment
	sessionA id.Session
	before   []string
}

func (f *fixture) actorA(roles ...access.Role) access.Actor {
	return access.Actor{Person: f.personA, Appointment: f.postA, Agency: f.agencyA, Session: f.sessionA, Name: "Nguyễn Văn A", Position: "Giám đốc", AgencyName: "Sở A", Roles: roles}
}

func (f *fixture) actorB(roles ...access.Role) access.Actor {
	return access.Actor{Person: f.personB, Appointment: f.postB, Agency: f.agencyB, Session: id.New[id.Session](), Name: "Trần Thị B", Position: "Giám đốc", AgencyName: "Sở B", Roles: roles}
}

func makeFixture(t *testing.T, db *postgres.DB) *fixture {
	t.Helper()
	f := &fixture{db: db, personA: id.New[id.Person](), personB: id.New[id.Person](), agencyA: id.New[id.Agency](), agencyB: id.New[id.Agency](),
		postA: id.New[id.Appointment](), postB: id.New[id.Appointment](), sessionA: id.New[id.Session]()}
	unit, session, up := id.New[id.Unit](), f.sessionA, id.New[id.Upload]()
	check := id.New[id.Check]()
	doc, file, delivery := id.New[id.Document](), id.New[id.File](), id.New[id.Delivery]()
	meet, item, paper := id.New[id.Meeting](), id.New[id.Item](), id.New[id.Paper]()
	hash := sha256.Sum256([]byte("paper"))
	now := postgres.Now()
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := db.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	for i, a := range []id.Agency{f.agencyA, f.agencyB} {
		exec(`insert into agencies (id, code, sort, name, short_name, symbol, level_code, valid_from, search, created_at, updated_at)
			values ($1, $2, $2, $3, $3, 'SA', 'department', '2020-01-01', '', $4, $4)`, a, []string{"H77.1", "H77.2"}[i], []string{"Sở A", "Sở B"}[i], now)
	}
	exec(`insert into units (id, agency_id, name, valid_from) values ($1, $2, 'Văn phòng', '2020-01-01')`, unit, f.agencyA)
	for i, p := range []id.Person{f.personA, f.personB} {
		exec(`insert into persons (id, full_name, digital_identity, search, created_at, updated_at) values ($1, $2, $2, '', $3, $3)`, p, []string{"Nguyễn Văn A", "Trần Thị B"}[i], now)
		exec(`insert into appointments (id, person_id, agency_id, position, roles, valid_from, search, created_at) values ($1, $2, $3, 'Giám đốc', '{leader,clerk,secretary}', '2020-01-01', '', $4)`,
			[]id.Appointment{f.postA, f.postB}[i], p, []id.Agency{f.agencyA, f.agencyB}[i], now)
	}
	exec(`insert into accounts (person_id, username, password_hash, created_at, changed_at) values ($1, 'nguyenvana', 'x', $2, $2)`, f.personA, now)
	exec(`insert into sessions (id, token_hash, person_id, appointment_id, device, address, idle_seconds, created_at, last_used_at, expires_at)
		values ($1, $2, $3, $4, '', '', 3600, $5, $5, $6)`, session, hash[:], f.personA, f.postA, now, now.Add(time.Hour))
	exec(`insert into objects (sha256, size, content_type, created_at) values ($1, 5, 'application/pdf', $2)`, hash[:], now)
	exec(`insert into signature_checks (id, person_id, agency_id, name, size, sha256, created_at) values ($1, $2, $3, 'Đơn của A.pdf', 5, $4, $5)`,
		check, f.personA, f.agencyA, hash[:], now)
	exec(`insert into uploads (id, person_id, agency_id, name, size, created_at, updated_at) values ($1, $2, $3, 'a.pdf', 10, $4, $4)`, up, f.personA, f.agencyA, now)
	exec(`insert into documents (id, agency_id, type_code, number, symbol, issued_on, subject, urgency, state, signer_id, created_by, released_at, created_at, updated_at)
		values ($1, $2, 'QĐ', '05', 'QĐ-SA', '2026-11-20', 'Bí mật của Sở A', 1, 'released', $3, $3, $4, $4, $4)`, doc, f.agencyA, f.postA, now)
	exec(`insert into document_files (id, document_id, ordinal, main, name) values ($1, $2, 1, true, 'a.pdf')`, file, doc)
	exec(`insert into file_revisions (file_id, revision, sha256, size, reason, made_by, made_at) values ($1, 1, $2, 5, 'upload', $3, $4)`, file, hash[:], f.postA, now)
	exec(`insert into deliveries (id, document_id, sender_id, recipient_id, transport, status, urgency, type_code, number, symbol, issued_on, subject, sender_name, file_count, queued_at, arrived_at, changed_at)
		values ($1, $2, $3, $3, 'delivered', 1, 1, 'QĐ', '05', 'QĐ-SA', '2026-11-20', 'Bí mật của Sở A', 'Sở A', 1, $4, $4, $4)`, delivery, doc, f.agencyA, now)
	exec(`insert into meetings (id, agency_id, title, starts_at, ends_at, state, chair_id, secretary_id, created_at, updated_at)
		values ($1, $2, 'Họp kín của Sở A', $3, $4, 'convened', $5, $5, $6, $6)`, meet, f.agencyA, now.Add(10*time.Minute), now.Add(time.Hour), f.postA, now)
	exec(`insert into agenda_items (id, meeting_id, ordinal, title, minutes) values ($1, $2, 1, 'Mục một', 10)`, item, meet)
	exec(`insert into papers (id, item_id, ordinal, name) values ($1, $2, 1, 'Báo cáo')`, paper, item)
	exec(`insert into paper_revisions (paper_id, revision, sha256, size, added_by, added_at) values ($1, 1, $2, 5, $3, $4)`, paper, hash[:], f.postA, now)
	exec(`insert into invitations (meeting_id, appointment_id, role, ordinal, sent_at) values ($1, $2, 'chair', 1, $3)`, meet, f.postA, now)
	turn := id.New[id.Turn]()
	exec(`insert into floor_turns (id, meeting_id, appointment_id, topic, asked, asked_at, ordinal, seconds, state) values ($1, $2, $3, 'Ý kiến của Sở A', true, $4, 1, 300, 'waiting')`,
		turn, meet, f.postA, now)
	device := id.New[id.Device]()
	exec(`insert into room_devices (id, meeting_id, appointment_id, name, may_send, may_receive, token_hash, created_by, created_at, expires_at)
		values ($1, $2, $3, 'Camera hội trường', true, true, $4, $3, $5, $6)`, device, meet, f.postA, hash[:], now, now.Add(time.Hour))
	request, certificate := id.New[id.Request](), id.New[id.Certificate]()
	exec(`insert into certificates (id, holder, person_id, subject, der, serial, kind, key_name, valid_from, valid_to, created_at)
		values ($1, 'person', $2, 'CN=A', $3, '1', 'development', 'a', $4, $4, $4)`, certificate, f.personA, selfSigned(t), now)
	exec(`insert into signature_requests (id, person_id, appointment_id, agency_id, session_id, purpose, certificate_id, state, created_at, expires_at, changed_at)
		values ($1, $2, $3, $4, $5, 'leader', $6, 'done', $7, $7, $7)`, request, f.personA, f.postA, f.agencyA, session, certificate, now)
	exec(`insert into signature_items (id, request_id, document_id, file_id, purpose, state, input_sha256, output_sha256, intended_at)
		values ($1, $2, $3, $4, 'leader', 'done', $5, $5, $6)`, id.New[id.Signature](), request, doc, file, hash[:], now)
	f.params = map[string]string{
		"request_id": request.String(), "token": "khong-co-lien-ket-nay",
		"agency_id": f.agencyA.String(), "unit_id": unit.String(), "person_id": f.personA.String(), "appointment_id": f.postA.String(),
		"session_id": session.String(), "upload_id": up.String(), "document_id": doc.String(), "file_id": file.String(), "delivery_id": delivery.String(),
		"device_id": device.String(), "stay_id": id.New[id.Stay]().String(),
		"meeting_id": meet.String(), "item_id": item.String(), "paper_id": paper.String(), "turn_id": turn.String(),
		"n": "1", "p": "1", "a": "1", "b": "1", "check_id": check.String(),
		"anchor_id": id.New[id.Anchor]().String(), "certificate_id": id.New[id.Certificate]().String(),
	}
	f.secrets = map[string]string{"a document": doc.String(), "a delivery": delivery.String(), "a meeting": meet.String(), "a session": session.String(),
		"a subject": "Bí mật của Sở A", "a title": "Họp kín của Sở A", "an upload": up.String(), "a check": check.String(), "a request for signatures": request.String()}
	f.before = f.state(t)
	return f
}

// selfSigned is a certificate that can be read, and no more.
func selfSigned(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Nguyễn Văn A"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// state is everything that a refused call must leave as it was.
func (f *fixture) state(t *testing.T) []string {
	t.Helper()
	var rows []string
	for _, table := range []string{"agencies", "units", "persons", "appointments", "accounts", "sessions", "uploads", "documents", "document_files",
		"deliveries", "delivery_events", "meetings", "agenda_items", "papers", "invitations", "room_devices", "floor_turns", "signature_checks", "signature_requests", "signature_items"} {
		var text string
		if err := f.db.QueryRow(t.Context(), `select $1 || coalesce((select string_agg(r::text, ' ' order by r::text) from `+table+` r), '')`, table+": ").Scan(&text); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, text)
	}
	return rows
}

func (f *fixture) unchanged(t *testing.T) {
	t.Helper()
	if after := f.state(t); !slices.Equal(f.before, after) {
		t.Errorf("refused calls changed something (-before +after):\n%s", cmp.Diff(f.before, after))
	}
}

// apiUnderTest is the whole API on real services.
func apiUnderTest(t *testing.T, db *postgres.DB, sessions Sessions) *API {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	feed := live.NewFeed()
	store, err := objects.OpenDisk(t.TempDir(), objects.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), strings.NewReader("paper"), 5); err != nil { // the content that makeFixture refers to
		t.Fatal(err)
	}
	accounts, err := auth.New(auth.Deps{DB: db, Feed: feed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	uploads := upload.New(upload.Deps{DB: db, Store: store, Log: log})
	queue, err := jobs.New(db, log)
	if err != nil {
		t.Fatal(err)
	}
	pki, err := devpki.Open(t.TempDir(), postgres.Now())
	if err != nil {
		t.Fatal(err)
	}
	documents := document.New(document.Deps{DB: db, Uploads: uploads, Press: exchangetest.Press{Uploads: uploads, Store: store}, Store: store, Feed: feed})
	keyring, err := keys.OpenKeyring(filepath.Join(t.TempDir(), "encryption.keys"))
	if err != nil {
		t.Fatal(err)
	}
	signingKeys := keys.New(keys.Deps{DB: db, PKI: pki, Log: log, Keyring: keyring})
	meetings, hub := meeting.New(meeting.Deps{DB: db, Uploads: uploads, Feed: feed}), live.NewHub()
	signatures := signing.New(signing.Deps{DB: db, Store: store, Keeper: uploads, Documents: documents, PKI: pki, Jobs: queue,
		Keys: signingKeys, Runner: sandbox.InProcess{}, Feed: feed, Log: log})
	return New(Deps{
		DB: db, Log: log, Now: postgres.Now, Version: "test", Hub: hub, Audit: audit.NewReader(db), Objects: store,
		Sessions: sessions, Accounts: accounts, Uploads: uploads,
		Org:         org.New(org.Deps{DB: db, Accounts: accounts, Feed: feed}),
		Documents:   documents,
		Exchange:    exchange.New(exchange.Deps{DB: db, Store: store, Jobs: queue, Feed: feed}),
		Inbox:       inbox.New(inbox.Deps{DB: db}),
		Signing:     signatures,
		Inspections: inspection.New(inspection.Deps{DB: db, Uploads: uploads, Judge: signatures}),
		Keys:        signingKeys,
		Trust:       trust.New(trust.Deps{DB: db}),
		Meetings:    meetings,
		Conference:  conference.New(conference.Deps{DB: db, Meetings: meetings, Feed: feed, Hub: hub, Log: log, Address: "test"}),
		Images:      images.New(images.Deps{DB: db, Store: store, Uploads: uploads}),
	})
}
