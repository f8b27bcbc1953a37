package signing

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

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
	Trust     string
	Report    judge.Report
	checkedAt time.Time
	retryAt   *time.Time       // when to judge again what could not be found out; nil when all was
	evidence  []judge.Evidence // from outside of the file
}

// due reports whether it is time to judge again.
func (r storedReport) due(now time.Time) bool { return r.retryAt != nil && !now.Before(*r.retryAt) }

// findReport reads a report of this verifier; found is false when there is none.
func findReport(ctx context.Context, q postgres.Querier, h objects.Hash) (r storedReport, found bool, err error) {
	var body []byte
	err = q.QueryRow(ctx, `select trust, result, checked_at, retry_at from verdicts where sha256 = $1 and verifier = $2`, h, judge.Version).
		Scan(&r.Trust, &body, &r.checkedAt, &r.retryAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, postgres.Translate(err)
	}
	return r, true, json.Unmarshal(body, &r.Report)
}

// saveReport keeps a report and what it stands on; a newer one replaces an older.
func saveReport(ctx context.Context, tx *postgres.Tx, h objects.Hash, r storedReport) error {
	body, err := json.Marshal(r.Report)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into verdicts (sha256, verifier, trust, result, checked_at, retry_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (sha256, verifier) do update set trust = excluded.trust, result = excluded.result, checked_at = excluded.checked_at,
		retry_at = excluded.retry_at`, h, judge.Version, r.Trust, body, r.checkedAt, r.retryAt)
	if err != nil {
		return err
	}
	for _, e := range r.evidence {
		sum := sha256.Sum256(e.Body)
		_, err = tx.Exec(ctx, `insert into evidence (sha256, kind, body, fetched_at) values ($1, $2, $3, $4) on conflict do nothing`,
			sum[:], string(e.Kind), e.Body, r.checkedAt)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into verdict_evidence (sha256, verifier, evidence) values ($1, $2, $3) on conflict do nothing`,
			h, judge.Version, sum[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// listEvidence is what earlier verdicts on the same content stand on, of any version of the verifier, the
// newest first.
func listEvidence(ctx context.Context, q postgres.Querier, h objects.Hash) ([]judge.Evidence, error) {
	rows, err := q.Query(ctx, `select e.kind, e.body from evidence e
		where e.sha256 in (select evidence from verdict_evidence where sha256 = $1) order by e.fetched_at desc, e.sha256 limit 50`, h)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (e judge.Evidence, err error) { return e, r.Scan(&e.Kind, &e.Body) })
	return out, postgres.Translate(err)
}

// listUnjudged lists the newest contents of files of documents that have no verdict under these anchors, or
// whose verdict is due.
func listUnjudged(ctx context.Context, q postgres.Querier, trust string, now time.Time, limit int) ([]objects.Ref, error) {
	rows, err := q.Query(ctx, `select r.sha256, r.size from file_revisions r
		where not exists (select from verdicts v where v.sha256 = r.sha256 and v.verifier = $1 and v.trust = $2 and (v.retry_at is null or v.retry_at > $3))
		and not exists (select from file_revisions n where n.file_id = r.file_id and n.revision > r.revision)
		order by r.made_at desc limit $4`, judge.Version, trust, now, limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (o objects.Ref, err error) { return o, r.Scan(&o.Hash, &o.Size) })
	return out, postgres.Translate(err)
}
