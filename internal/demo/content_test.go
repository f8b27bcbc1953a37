package demo_test

import (
	"log/slog"
	"testing"

	"nghisu/internal/demo"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/images"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/press"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

func parts(t *testing.T, db *postgres.DB) demo.Parts {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := objects.OpenDisk(t.TempDir(), objects.Options{Log: log})
	noErr(t, err)
	work, err := jobs.New(db, log)
	noErr(t, err)
	pki, err := devpki.Open(t.TempDir(), postgres.Now())
	noErr(t, err)
	p := demo.Parts{DB: db, Feed: live.NewFeed(), Jobs: work}
	p.Uploads = upload.New(upload.Deps{DB: db, Store: store, Log: log})
	p.Documents = document.New(document.Deps{DB: db, Uploads: p.Uploads, Store: store, Feed: p.Feed,
		Press: press.New(press.Deps{Store: store, Keeper: p.Uploads, Runner: sandbox.InProcess{}})})
	p.Images = images.New(images.Deps{DB: db, Store: store, Uploads: p.Uploads})
	p.Exchange = exchange.New(exchange.Deps{DB: db, Store: store, Jobs: work, Feed: p.Feed})
	p.Meetings = meeting.New(meeting.Deps{DB: db, Uploads: p.Uploads, Feed: p.Feed})
	p.Signing = signing.New(signing.Deps{DB: db, Store: store, Keeper: p.Uploads, Documents: p.Documents, PKI: pki, Jobs: work,
		Keys: keys.New(keys.Deps{DB: db, PKI: pki, Log: log}), Runner: sandbox.InProcess{}, Feed: p.Feed, Log: log})
	return p
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSeedContent(t *testing.T) {
	db := pgtest.New(t)
	_, err := demo.SeedCity(t.Context(), db, accounts(t, db), postgres.Now())
	noErr(t, err)
	p := parts(t, db)
	made, err := demo.SeedContent(t.Context(), p, postgres.Now())
	if err != nil || !made {
		t.Fatal(made, err)
	}
	for query, least := range map[string]int{
		`select count(distinct state) from documents`:                                                                      6,
		`select count(*) from documents where state = 'sealed' and copy_form = 'sao_y' and number = '01'`:                  1,
		`select count(*) from signature_images`:                                                                            10,
		`select count(distinct transport) from deliveries`:                                                                 3,
		`select count(distinct status) from deliveries`:                                                                    3,
		`select count(*) from signature_items where state = 'done'`:                                                        14,
		`select count(*) from meetings where state = 'convened' and starts_at between now() and now() + interval '10 min'`: 1,
		`select count(*) from meetings where state = 'closed' and starts_at < now() - interval '6 days'`:                   1,
		`select count(*) from meetings where starts_at > now() + interval '6 days'`:                                        1,
		`select count(*) from invitations where role = 'point' and sent_at is not null`:                                    50,
		`select count(*) from agenda_items i join papers p on p.item_id = i.id`:                                            6,
		`select count(*) from invitations where answer = 'declined'`:                                                       1,
	} {
		if n := count(t, db, query); n < least {
			t.Errorf("%s: %d, want at least %d", query, n, least)
		}
	}
	made, err = demo.SeedContent(t.Context(), p, postgres.Now())
	if made || err != nil {
		t.Errorf("a second time: %v, %v", made, err)
	}
	before := count(t, db, `select count(*) from meetings`)
	made, err = demo.SeedContent(t.Context(), p, postgres.Now().AddDate(0, 0, 1))
	if !made || err != nil || count(t, db, `select count(*) from meetings`) != before+1 {
		t.Errorf("the next day: %v, %v", made, err)
	}
}
