package signing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

const requestColumns = `r.id, r.person_id, r.appointment_id, r.agency_id, r.session_id, r.purpose, r.certificate_id, r.state, r.consent,
	r.reason, r.created_at, r.expires_at, r.ticket`

func scanRequest(row pgx.CollectableRow) (r Request, err error) {
	var consent []byte
	err = row.Scan(&r.ID, &r.Person, &r.Appointment, &r.Agency, &r.Session, &r.Purpose, &r.Certificate, &r.State, &consent,
		&r.Reason, &r.CreatedAt, &r.ExpiresAt, &r.ticket)
	if err == nil && consent != nil {
		err = json.Unmarshal(consent, &r.Consent)
	}
	return r, err
}

// findRequest reads a request with its items; lock is "" or "for update of r".
func findRequest(ctx context.Context, q postgres.Querier, request id.Request, lock string) (Request, error) {
	rows, err := q.Query(ctx, `select `+requestColumns+` from signature_requests r where r.id = $1 `+lock, request)
	if err != nil {
		return Request{}, postgres.Translate(err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRequest)
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{}, errs.Missing()
	}
	if err != nil {
		return Request{}, postgres.Translate(err)
	}
	all := []Request{r}
	err = readItems(ctx, q, all)
	return all[0], err
}

// readItems fills the items of requests.
func readItems(ctx context.Context, q postgres.Querier, requests []Request) error {
	place := make(map[id.Request]int, len(requests))
	ids := make([]id.Request, len(requests))
	for i, r := range requests {
		place[r.ID], ids[i] = i, r.ID
	}
	rows, err := q.Query(ctx, `select i.request_id, i.id, i.document_id, coalesce(d.number, ''), d.symbol, d.subject, i.file_id, coalesce(f.name, ''), i.state, i.failure, i.level
		from signature_items i join documents d on d.id = i.document_id left join document_files f on f.id = i.file_id
		where i.request_id = any($1) order by i.request_id, i.ordinal`, ids)
	if err != nil {
		return postgres.Translate(err)
	}
	var of id.Request
	var it Item
	var number, symbol string
	var file *id.File
	_, err = pgx.ForEachRow(rows, []any{&of, &it.ID, &it.Document, &number, &symbol, &it.Subject, &file, &it.FileName, &it.State, &it.Failure, &it.Level}, func() error {
		if it.Code, it.File = symbol, (id.File{}); number != "" {
			it.Code = number + "/" + symbol
		}
		if file != nil {
			it.File = *file
		}
		r := &requests[place[of]]
		r.Items = append(r.Items, it)
		return nil
	})
	return postgres.Translate(err)
}

// listRequests lists what is visible by condition, newest first.
func listRequests(ctx context.Context, q postgres.Querier, condition string, args ...any) ([]Request, error) {
	rows, err := q.Query(ctx, `select `+requestColumns+` from signature_requests r where `+condition, args...)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanRequest)
	if err != nil || len(found) == 0 {
		return nil, postgres.Translate(err)
	}
	return found, readItems(ctx, q, found)
}

func insertRequest(ctx context.Context, tx *postgres.Tx, r Request) error {
	_, err := tx.Exec(ctx, `insert into signature_requests (id, person_id, appointment_id, agency_id, session_id, purpose, certificate_id, state,
			created_at, expires_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)`,
		r.ID, r.Person, r.Appointment, r.Agency, r.Session, r.Purpose, r.Certificate, r.State, r.CreatedAt, r.ExpiresAt)
	return err
}

// newItem is a row to be inserted.
type newItem struct {
	Item
	request id.Request
	ordinal int
	purpose string
	input   *objects.Ref
	at      time.Time
}

func insertItem(ctx context.Context, tx *postgres.Tx, it newItem) error {
	var file *id.File
	var input *objects.Hash
	var size int64
	if it.input != nil {
		file, input, size = &it.File, &it.input.Hash, it.input.Size
	}
	_, err := tx.Exec(ctx, `insert into signature_items (id, request_id, ordinal, document_id, file_id, purpose, state, failure, input_sha256, input_size, intended_at,
			finished_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $7 = 'failed' then $11::timestamptz end)`,
		it.ID, it.request, it.ordinal, it.Document, file, it.purpose, string(it.State), it.Failure, input, size, it.at)
	return err
}

// listWork reads the open items of a request with everything that was prepared.
func listWork(ctx context.Context, q postgres.Querier, request id.Request) ([]work, error) {
	rows, err := q.Query(ctx, `select i.id, i.document_id, i.file_id, f.name, coalesce(d.number, ''), d.symbol, i.state, i.input_sha256, i.input_size,
			i.appendix, i.hole_start, i.hole_end, i.digest, i.attributes, i.value, i.output_sha256, coalesce(o.size, 0)
		from signature_items i join documents d on d.id = i.document_id join document_files f on f.id = i.file_id
		left join objects o on o.sha256 = i.output_sha256
		where i.request_id = $1 and i.state in ('prepared', 'waiting', 'signed') order by i.ordinal`, request)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w work, err error) {
		var number, symbol string
		var output *objects.Hash
		var size int64
		err = row.Scan(&w.ID, &w.Document, &w.File, &w.FileName, &number, &symbol, &w.State, &w.input.Hash, &w.input.Size,
			&w.appendix, &w.holeStart, &w.holeEnd, &w.digest, &w.attributes, &w.value, &output, &size)
		if w.Code = symbol; number != "" {
			w.Code = number + "/" + symbol
		}
		if output != nil {
			w.output = &objects.Ref{Hash: *output, Size: size}
		}
		return w, err
	})
	return found, postgres.Translate(err)
}

// beginAttempt notes that somebody begins to work on a request, and tells the how-manieth time it is.
func beginAttempt(ctx context.Context, q postgres.Querier, request id.Request, now time.Time) (n int, err error) {
	err = q.QueryRow(ctx, `update signature_requests set attempts = attempts + 1, changed_at = $2 where id = $1 returning attempts`, request, now).Scan(&n)
	return n, postgres.Translate(err)
}

// savePlan keeps what was prepared for an item.
func savePlan(ctx context.Context, q postgres.Querier, w work) error {
	_, err := q.Exec(ctx, `update signature_items set appendix = $2, hole_start = $3, hole_end = $4, digest = $5, attributes = $6
		where id = $1 and state = 'prepared'`, w.ID, w.appendix, w.holeStart, w.holeEnd, w.digest, w.attributes)
	return postgres.Translate(err)
}

// saveTicket notes that the hashes of a request are with a provider.
func saveTicket(ctx context.Context, tx *postgres.Tx, request id.Request, a keys.Answer, now time.Time) error {
	consent, err := json.Marshal(a.Consent)
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`update signature_requests set state = 'waiting', ticket = $2, consent = nullif($3::jsonb, 'null'::jsonb), changed_at = $4
		where id = $1 and state in ('prepared', 'waiting')`, request, a.Ticket, consent, now)
	batch.Queue(`update signature_items set state = 'waiting' where request_id = $1 and state = 'prepared' and attributes is not null`, request)
	return tx.SendBatch(ctx, batch).Close()
}

// saveValue keeps the value of an item before anything is done with it.
func saveValue(ctx context.Context, tx *postgres.Tx, item id.Signature, value []byte) error {
	tag, err := tx.Exec(ctx, `update signature_items set state = 'signed', value = $2
		where id = $1 and state in ('prepared', 'waiting') and value is null`, item, value)
	if err == nil && tag.RowsAffected() != 1 {
		return errInterrupted
	}
	return err
}

// finishItem marks an item as done; Conflict when it is not open any more. What was needed on the way goes.
func finishItem(ctx context.Context, tx *postgres.Tx, r signed, now time.Time) error {
	tag, err := tx.Exec(ctx, `update signature_items set state = 'done', output_sha256 = $2, level = $3, finished_at = $4, appendix = null
		where id = $1 and state = 'signed'`, r.work.ID, r.ref.Hash, r.level, now)
	if err == nil && tag.RowsAffected() != 1 {
		return errInterrupted
	}
	return err
}

// closeItems ends the open items of a document and tells which.
func closeItems(ctx context.Context, tx *postgres.Tx, e ending, doc id.Document) ([]work, error) {
	rows, err := tx.Query(ctx, `update signature_items set state = $3, failure = $4, finished_at = $5, appendix = null
		where request_id = $1 and document_id = $2 and state in ('prepared', 'waiting', 'signed')
		returning id, document_id, file_id, input_sha256`, e.request.ID, doc, string(e.item), e.failure, e.at)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (w work, err error) {
		return w, r.Scan(&w.ID, &w.Document, &w.File, &w.input.Hash)
	})
}

func updateRequest(ctx context.Context, tx *postgres.Tx, r Request, now time.Time) error {
	_, err := tx.Exec(ctx, `update signature_requests set state = $2, reason = $3, consent = null, changed_at = $4 where id = $1`,
		r.ID, r.State, r.Reason, now)
	return err
}

// listStale lists open requests that nobody touched since a moment, and those whose time is over.
func listStale(ctx context.Context, q postgres.Querier, before, now time.Time) ([]id.Request, error) {
	rows, err := q.Query(ctx, `select id from signature_requests where state in ('prepared', 'waiting') and (changed_at < $1 or expires_at < $2)
		order by changed_at limit 100`, before, now)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.Request])
	return found, postgres.Translate(err)
}

// place names the request and document of an item for errors.
func (w work) place() string { return fmt.Sprintf("item %s of document %s", w.ID, w.Document) }

func listTicketDocuments(ctx context.Context, q postgres.Querier, person id.Person, ticket string) ([]id.Document, error) {
	rows, err := q.Query(ctx, `select distinct i.document_id from signature_requests r join signature_items i on i.request_id = r.id
		where r.person_id = $1 and r.ticket = $2`, person, ticket)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.Document])
	return found, postgres.Translate(err)
}
