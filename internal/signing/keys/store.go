package keys

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

var _ = postgres.MapConstraint("certificates_once", errs.New(errs.Conflict, "keys.already_there"))

const certificateColumns = `c.id, c.kind, c.der, c.chain, c.person_id, c.agency_id, coalesce(c.key_name, ''), c.source, c.disabled_at`

func scanCertificate(row pgx.CollectableRow) (c Certificate, err error) {
	var der, source []byte
	var chain [][]byte
	if err = row.Scan(&c.ID, &c.Kind, &der, &chain, &c.Person, &c.Agency, &c.settings.KeyName, &source, &c.disabled); err != nil {
		return c, err
	}
	if c.Leaf, err = x509.ParseCertificate(der); err != nil {
		return c, fmt.Errorf("read certificate %s: %w", c.ID, err)
	}
	for _, der := range chain {
		above, err := x509.ParseCertificate(der)
		if err != nil {
			return c, fmt.Errorf("read chain of certificate %s: %w", c.ID, err)
		}
		c.Chain = append(c.Chain, above)
	}
	c.Name, c.Development = c.Leaf.Subject.CommonName, c.Kind == Development
	return c, json.Unmarshal(source, &c.settings)
}

// listCertificates lists everything a holder ever had, those of legal value first, then those that last longest.
func listCertificates(ctx context.Context, q postgres.Querier, h Holder) ([]Certificate, error) {
	rows, err := q.Query(ctx, `select `+certificateColumns+` from certificates c where c.person_id = $1 or c.agency_id = $2
		order by c.kind = 'development', c.valid_to desc, c.id`, h.Person, h.Agency)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	all, err := pgx.CollectRows(rows, scanCertificate)
	return all, postgres.Translate(err)
}

func findCertificate(ctx context.Context, q postgres.Querier, which id.Certificate) (Certificate, error) {
	return oneCertificate(ctx, q, which, "")
}

func lockCertificate(ctx context.Context, tx *postgres.Tx, which id.Certificate) (Certificate, error) {
	return oneCertificate(ctx, tx, which, " for update")
}

func oneCertificate(ctx context.Context, q postgres.Querier, which id.Certificate, lock string) (Certificate, error) {
	rows, err := q.Query(ctx, `select `+certificateColumns+` from certificates c where c.id = $1`+lock, which)
	if err != nil {
		return Certificate{}, postgres.Translate(err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCertificate)
	return c, postgres.Translate(err)
}

// insertCertificate adds a certificate; false when one with the same key name is there already.
func insertCertificate(ctx context.Context, tx *postgres.Tx, c Certificate, by *id.Appointment, now time.Time) (bool, error) {
	holder := "person"
	if c.Agency != nil {
		holder = "agency"
	}
	source, err := json.Marshal(c.settings)
	if err != nil {
		return false, err
	}
	chain := make([][]byte, 0, len(c.Chain))
	for _, above := range c.Chain {
		chain = append(chain, above.Raw)
	}
	var keyName *string
	if c.settings.KeyName != "" {
		keyName = &c.settings.KeyName
	}
	tag, err := tx.Exec(ctx, `insert into certificates (id, holder, person_id, agency_id, kind, subject, issuer, der, chain, serial, key_name, source,
			added_by, valid_from, valid_to, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (key_name) do nothing`,
		c.ID, holder, c.Person, c.Agency, string(c.Kind), c.Leaf.Subject.String(), c.Leaf.Issuer.String(), c.Leaf.Raw, chain, serial(c), keyName, source,
		by, c.Leaf.NotBefore.UTC(), c.Leaf.NotAfter.UTC(), now)
	return err == nil && tag.RowsAffected() == 1, postgres.Translate(err)
}

// findIdentity reads the full name and the digital identity of a person.
func findIdentity(ctx context.Context, q postgres.Querier, person id.Person) (name, identity string, err error) {
	err = q.QueryRow(ctx, `select full_name, digital_identity from persons where id = $1`, person).Scan(&name, &identity)
	return name, identity, postgres.Translate(err)
}

// disableCertificate takes a certificate out of use and destroys its private key.
func disableCertificate(ctx context.Context, tx *postgres.Tx, which id.Certificate, by id.Appointment, now time.Time) error {
	_, err := tx.Exec(ctx, `with gone as (delete from private_keys where certificate_id = $1)
		update certificates set disabled_at = $2, disabled_by = $3 where id = $1`, which, now, by)
	return postgres.Translate(err)
}

// checkHolder is NotFound for people and agencies that do not exist.
func checkHolder(ctx context.Context, q postgres.Querier, h Holder) error {
	var there bool
	err := q.QueryRow(ctx, `select exists (select from persons where id = $1) or exists (select from agencies where id = $2)`, h.Person, h.Agency).Scan(&there)
	if err == nil && !there {
		return errs.New(errs.NotFound, "keys.no_holder")
	}
	return postgres.Translate(err)
}

const entryQuery = `select ` + certificateColumns + `, coalesce(p.full_name, g.name), c.created_at
	from certificates c left join persons p on p.id = c.person_id left join agencies g on g.id = c.agency_id `

// entryRow scans the columns of entryQuery.
type entryRow struct {
	pgx.CollectableRow
	name *string
	at   *time.Time
}

func (r entryRow) Scan(dest ...any) error {
	return r.CollectableRow.Scan(append(dest, r.name, r.at)...)
}

func scanEntry(row pgx.CollectableRow) (e Entry, err error) {
	e.Certificate, err = scanCertificate(entryRow{row, &e.HolderName, &e.AddedAt})
	return e, err
}

// listEntries lists one more than the limit, so that the caller knows whether there is a next page.
func listEntries(ctx context.Context, q postgres.Querier, f Filter, soon time.Time) ([]Entry, error) {
	var after *id.Certificate
	if !id.IsZero(f.After) {
		after = &f.After
	}
	rows, err := q.Query(ctx, entryQuery+`where ($1::uuid is null or c.id < $1)
			and (not $2 or c.disabled_at is null and c.valid_to < $3)
			and ($4 = '' or p.search like '%' || $4 || '%' or g.search like '%' || $4 || '%')
		order by c.id desc limit $5`, after, f.Ending, soon, org.Fold(f.Text), f.Limit+1)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	all, err := pgx.CollectRows(rows, scanEntry)
	return all, postgres.Translate(err)
}

func findEntry(ctx context.Context, q postgres.Querier, which id.Certificate) (Entry, error) {
	rows, err := q.Query(ctx, entryQuery+`where c.id = $1`, which)
	if err != nil {
		return Entry{}, postgres.Translate(err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEntry)
	return e, postgres.Translate(err)
}

func insertPrivateKey(ctx context.Context, tx *postgres.Tx, which id.Certificate, s secret, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into private_keys (certificate_id, sealed_with, sealed, created_at) values ($1, $2, $3, $4)`, which, s.with, s.sealed, now)
	return postgres.Translate(err)
}

func findPrivateKey(ctx context.Context, q postgres.Querier, which id.Certificate) (s secret, err error) {
	err = q.QueryRow(ctx, `select sealed_with, sealed from private_keys where certificate_id = $1`, which).Scan(&s.with, &s.sealed)
	return s, postgres.Translate(err)
}

func lockPrivateKey(ctx context.Context, tx *postgres.Tx, which id.Certificate) (s secret, err error) {
	err = tx.QueryRow(ctx, `select sealed_with, sealed from private_keys where certificate_id = $1 for update`, which).Scan(&s.with, &s.sealed)
	return s, postgres.Translate(err)
}

func updatePrivateKey(ctx context.Context, tx *postgres.Tx, which id.Certificate, s secret) error {
	_, err := tx.Exec(ctx, `update private_keys set sealed_with = $2, sealed = $3 where certificate_id = $1`, which, s.with, s.sealed)
	return postgres.Translate(err)
}

func listSealedOtherwise(ctx context.Context, q postgres.Querier, active string) ([]id.Certificate, error) {
	rows, err := q.Query(ctx, `select certificate_id from private_keys where sealed_with <> $1`, active)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.Certificate])
	return found, postgres.Translate(err)
}
