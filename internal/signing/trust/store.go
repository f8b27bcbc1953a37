package trust

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

func insertAnchor(ctx context.Context, tx *postgres.Tx, a Anchor, by id.Appointment) error {
	c := a.Certificate
	_, err := tx.Exec(ctx, `insert into trust_anchors (id, list, name, subject, issuer, der, sha256, valid_from, valid_to, added_at, added_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, string(a.List), a.Name, c.Subject.String(), c.Issuer.String(), c.Raw, a.SHA256[:], c.NotBefore.UTC(), c.NotAfter.UTC(), a.AddedAt, by)
	return err
}

// deleteAnchor takes an anchor away and tells what it was.
func deleteAnchor(ctx context.Context, tx *postgres.Tx, anchor id.Anchor) (Anchor, error) {
	a := Anchor{ID: anchor}
	var hash []byte
	err := tx.QueryRow(ctx, `delete from trust_anchors where id = $1 returning list, name, sha256`, anchor).Scan(&a.List, &a.Name, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, errNotFound
	}
	copy(a.SHA256[:], hash)
	return a, err
}

func listAnchors(ctx context.Context, q postgres.Querier) ([]Anchor, error) {
	rows, err := q.Query(ctx, `select t.id, t.list, t.name, t.der, t.sha256, t.added_at, p.full_name from trust_anchors t
		join appointments a on a.id = t.added_by join persons p on p.id = a.person_id order by t.list, t.name, t.id`)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (a Anchor, err error) {
		var der, hash []byte
		if err := r.Scan(&a.ID, &a.List, &a.Name, &der, &hash, &a.AddedAt, &a.AddedBy); err != nil {
			return a, err
		}
		copy(a.SHA256[:], hash)
		a.Certificate, err = x509.ParseCertificate(der)
		return a, err
	})
	return out, postgres.Translate(err)
}
