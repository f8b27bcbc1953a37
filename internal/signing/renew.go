package signing

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// RenewArgs is the job that gives files a newer timestamp before the certificate of the last one ends.
type RenewArgs struct{}

// Kind names the job.
func (RenewArgs) Kind() string { return "signing.renew" }

// How a run of the renewal divides its time. What fails is tried again later, so that it does not stand in
// the way of the others.
const (
	renewEvery = 10 * time.Minute
	renewFor   = 90 * time.Second // of the two minutes that a job has
	renewBatch = 50
	retryRenew = 6 * time.Hour
)

// due is a file whose proof of time is about to end.
type due struct {
	document id.Document
	file     id.File
	ref      objects.Ref
	again    bool // its timestamp is about to end; otherwise it did not come as far as it should
}

// Renew renews the files that are due, the most urgent first, and forgets evidence that nobody uses any
// more. It may run several times at once, on any node: who comes second finds the file changed and leaves it.
func (s *Service) Renew(ctx context.Context) error {
	if err := forgetEvidence(ctx, s.DB, s.Now()); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, renewFor)
	defer cancel()
	for {
		now := s.Now()
		list, err := listDue(ctx, s.DB, now.Add(s.RenewBefore), now.Add(-retryRenew))
		if err != nil || len(list) == 0 {
			return err
		}
		for _, d := range list {
			if limited.Err() != nil {
				return nil // the next run goes on
			}
			if err := s.renewOne(limited, d); err != nil && limited.Err() == nil {
				s.Log.WarnContext(ctx, "a file could not be renewed", "file", d.file, "error", err)
				if err := noteFailure(ctx, s.DB, d.ref.Hash, failureOf(err), s.Now()); err != nil {
					return err
				}
			}
		}
	}
}

func failureOf(err error) string {
	text := err.Error()
	return text[:min(len(text), 500)]
}

func (s *Service) renewOne(ctx context.Context, d due) error {
	out, err := s.preserve(ctx, d.ref, judge.BLTA, d.again)
	if err != nil {
		return err // evidence without a timestamp over it is no renewal
	}
	if out.ref.Hash == d.ref.Hash {
		return nil // it had everything
	}
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		doc, err := document.RecordRenewal(ctx, tx, d.document, document.Renewal{File: d.file, Before: d.ref.Hash, Ref: out.ref, At: now})
		if errs.Is(err, errs.Conflict) {
			return nil // somebody was first
		}
		if err != nil {
			return err
		}
		s.Feed.Touch(tx, doc.Topics()...)
		return audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.FileRenewed, Object: d.document.UUID, Agency: doc.Agency,
			Details: map[string]any{"file": d.file, "input": d.ref.Hash.Hex(), "output": out.ref.Hash.Hex(), "level": string(out.level)}})
	})
}

// row is what is known about how provable the signatures in some content are, and until when.
type row struct {
	hash    objects.Hash
	level   judge.Level
	endsAt  time.Time
	failure string // why it did not come further
	at      time.Time
}

func savePreserved(ctx context.Context, q postgres.Querier, r row) error {
	_, err := q.Exec(ctx, `insert into preserved_files (sha256, level, ends_at, preserved_at, tried_at, failure)
		values ($1, $2, $3, $4::timestamptz, case when $5::text = '' then null else $4::timestamptz end, $5::text)
		on conflict (sha256) do update set level = excluded.level, ends_at = excluded.ends_at, preserved_at = excluded.preserved_at,
			tried_at = excluded.tried_at, failure = excluded.failure`, r.hash, string(r.level), r.endsAt, r.at, r.failure)
	return postgres.Translate(err)
}

// noteFailure puts off the next attempt.
func noteFailure(ctx context.Context, q postgres.Querier, h objects.Hash, failure string, now time.Time) error {
	_, err := q.Exec(ctx, `update preserved_files set tried_at = $2, failure = $3 where sha256 = $1`, h, now, failure)
	return postgres.Translate(err)
}

// listDue lists files of sealed and released documents whose newest content ends before a moment or did not
// come to the last level, and was not tried since another moment.
func listDue(ctx context.Context, q postgres.Querier, before, tried time.Time) ([]due, error) {
	rows, err := q.Query(ctx, `select f.document_id, f.id, r.sha256, r.size, p.level = 'B-LTA'
		from preserved_files p
		join file_revisions r on r.sha256 = p.sha256
		join document_files f on f.id = r.file_id and f.removed_at is null
		join documents d on d.id = f.document_id and d.state in ('sealed', 'released')
		where (p.ends_at < $1 or p.level <> 'B-LTA') and (p.tried_at is null or p.tried_at < $2)
			and not exists (select from file_revisions n where n.file_id = r.file_id and n.revision > r.revision)
		order by p.ends_at, f.id limit $3`, before, tried, renewBatch)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d due, err error) {
		return d, row.Scan(&d.document, &d.file, &d.ref.Hash, &d.ref.Size, &d.again)
	})
	return list, postgres.Translate(err)
}
