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
