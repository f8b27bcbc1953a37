package signing

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

func insertIntent(ctx context.Context, tx *postgres.Tx, a act, in intent, cert id.Certificate, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into signatures (id, document_id, file_id, purpose, certificate_id, appointment_id, state, input_sha256, intended_at)
		values ($1, $2, $3, $4, $5, $6, 'intended', $7, $8)`,
		in.id, a.document, in.file.ID, string(a.purpose), cert, a.actor.Appointment, in.file.Ref.Hash, now)
	return err
}

// finishIntent marks an intent as made; Conflict when it is not open any more.
func finishIntent(ctx context.Context, tx *postgres.Tx, r signed, now time.Time) error {
	tag, err := tx.Exec(ctx, `update signatures set state = 'made', output_sha256 = $2, finished_at = $3 where id = $1 and state = 'intended'`,
		r.intent.id, r.ref.Hash, now)
	if err == nil && tag.RowsAffected() != 1 {
		return errInterrupted
	}
	return err
}

// failIntent marks an intent as failed; false when it is not open any more.
func failIntent(ctx context.Context, tx *postgres.Tx, signature id.Signature, failure string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `update signatures set state = 'failed', failure = $2, finished_at = $3 where id = $1 and state = 'intended'`,
		signature, failure, now)
	return err == nil && tag.RowsAffected() == 1, err
}

// dead is an intent whose process is gone.
type dead struct {
	id      id.Signature
	file    id.File
	purpose string
	agency  id.Agency
}

// failOpen marks all open intents of a document as failed and tells which.
func failOpen(ctx context.Context, tx *postgres.Tx, documentID id.Document, failure string, now time.Time) ([]dead, error) {
	rows, err := tx.Query(ctx, `update signatures s set state = 'failed', failure = $2, finished_at = $3
		from documents d where s.document_id = $1 and s.state = 'intended' and d.id = s.document_id
		returning s.id, s.file_id, s.purpose, d.agency_id`, documentID, failure, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (d dead, err error) {
		return d, r.Scan(&d.id, &d.file, &d.purpose, &d.agency)
	})
}

// listStale lists documents with intents from before a moment.
func listStale(ctx context.Context, q postgres.Querier, before time.Time) ([]id.Document, error) {
	rows, err := q.Query(ctx, `select distinct document_id from signatures where state = 'intended' and intended_at < $1 limit 100`, before)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.Document])
	return found, postgres.Translate(err)
}

// holder is whom a certificate in our table belongs to; one of the two is set.
type holder struct {
	Person *id.Person
	Agency *id.Agency
}

// listHolders tells whom the given certificates belong to, by their DER.
func listHolders(ctx context.Context, q postgres.Querier, ders [][]byte) (map[string]holder, error) {
	rows, err := q.Query(ctx, `select der, person_id, agency_id from certificates where der = any($1)`, ders)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := map[string]holder{}
	var der []byte
	var h holder
	_, err = pgx.ForEachRow(rows, []any{&der, &h.Person, &h.Agency}, func() error {
		out[string(der)] = h
		h = holder{}
		return nil
	})
	return out, postgres.Translate(err)
}

// storedReport is a report with the anchors it was made under: with others it says nothing.
type storedReport struct {
	Trust     string       `json:"trust"`
	Report    judge.Report `json:"report"`
	checkedAt time.Time    // in a column of its own
}

// findReport reads a report of this verifier; found is false when there is none.
func findReport(ctx context.Context, q postgres.Querier, h objects.Hash) (r storedReport, found bool, err error) {
	var body []byte
	err = q.QueryRow(ctx, `select result, checked_at from verdicts where sha256 = $1 and verifier = $2`, h, judge.Version).Scan(&body, &r.checkedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, postgres.Translate(err)
	}
	return r, true, json.Unmarshal(body, &r)
}

// saveReport keeps a report; a newer one replaces an older.
func saveReport(ctx context.Context, q postgres.Querier, h objects.Hash, r storedReport) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `insert into verdicts (sha256, verifier, result, checked_at) values ($1, $2, $3, $4)
		on conflict (sha256, verifier) do update set result = excluded.result, checked_at = excluded.checked_at`, h, judge.Version, body, r.checkedAt)
	return err
}
