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
	rows, err := q.Query(ctx, `select `+certificateColumns+` from certificates c where c.id = $1`, which)
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
