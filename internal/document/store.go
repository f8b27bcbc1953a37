package document

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// What breaking a constraint of our tables means.
var (
	errNumberTaken = errs.New(errs.Conflict, "document.number_taken")
	_              = postgres.MapConstraint("documents_number_unique", errNumberTaken)
	_              = postgres.MapConstraint("documents_signer_id_fkey", errs.InvalidField("signer_id", "document.signer_unknown"))
)

const documentColumns = `d.id, d.agency_id, a.name, d.type_code, d.number, d.symbol, d.issued_on, d.subject, d.urgency, d.state,
	d.signer_id, d.created_by, d.return_reason, d.released_at, d.created_at, d.updated_at, d.version,
	d.pending_request_id, d.fields, d.copy_form, d.copy_source, d.copy_warnings`

// findDocument reads a document whole. With lock "for update of d" nobody else changes it, or what
// belongs to it, until the transaction ends.
func findDocument(ctx context.Context, q postgres.Querier, documentID id.Document, lock string) (Document, error) {
	var d Document
	var signer, creator id.Appointment
	var copied struct {
		form     *CopyForm
		source   *CopySource
		warnings []string
	}
	err := q.QueryRow(ctx, `select `+documentColumns+` from documents d join agencies a on a.id = d.agency_id
		where d.id = $1 `+lock, documentID).Scan(&d.ID, &d.Agency, &d.AgencyName, &d.TypeCode, &d.Number, &d.Symbol, &d.IssuedOn,
		&d.Subject, &d.Urgency, &d.State, &signer, &creator, &d.ReturnReason, &d.ReleasedAt, &d.CreatedAt, &d.UpdatedAt, &d.Version,
		&d.Pending, &d.Fields, &copied.form, &copied.source, &copied.warnings)
	if errors.Is(err, pgx.ErrNoRows) {
		return Document{}, errs.Missing()
	}
	if err != nil {
		return Document{}, postgres.Translate(err)
	}
	if copied.form != nil {
		d.Copy = &CopyOf{Form: *copied.form, Source: *copied.source, Warnings: copied.warnings}
	}
	if d.Recipients, err = listRecipients(ctx, q, d.ID); err != nil {
		return Document{}, postgres.Translate(err)
	}
	if d.Files, err = ListFiles(ctx, q, d.ID); err != nil {
		return Document{}, err
	}
	if err = readPeople(ctx, q, &d, signer, creator); err != nil {
		return Document{}, postgres.Translate(err)
	}
	return d, nil
}

// readPeople fills the steps, and everybody named in the document.
func readPeople(ctx context.Context, q postgres.Querier, d *Document, signer, creator id.Appointment) error {
	rows, err := q.Query(ctx, `select at, state, appointment_id, reason from document_steps
		where document_id = $1 order by at, id`, d.ID)
	if err != nil {
		return err
	}
	named := []id.Appointment{signer, creator}
	var by []*id.Appointment
	d.Steps, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Step, error) {
		var s Step
		var who *id.Appointment
		err := row.Scan(&s.At, &s.State, &who, &s.Reason)
		if by = append(by, who); who != nil {
			named = append(named, *who)
		}
		return s, err
	})
	if err != nil {
		return err
	}
	people, err := Appointments(ctx, q, named)
	if err != nil {
		return err
	}
	if a, ok := people[signer]; ok {
		d.Signer = &a
	}
	d.CreatedBy = people[creator]
	for i, who := range by {
		if who != nil {
			a := people[*who]
			d.Steps[i].By = &a
		}
	}
	return nil
}

// Appointments reads appointments with the names that records show, whether they still hold or not.
func Appointments(ctx context.Context, q postgres.Querier, ids []id.Appointment) (map[id.Appointment]org.Appointment, error) {
	rows, err := q.Query(ctx, `
		select o.id, o.person_id, p.full_name, o.position, o.agency_id, a.name, a.short_name, o.unit_id, coalesce(u.name, ''),
			o.roles, o.ordinal, o.valid_from, o.valid_to, o.version
		from appointments o join persons p on p.id = o.person_id join agencies a on a.id = o.agency_id
		left join units u on u.id = o.unit_id
		where o.id = any($1)`, ids)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (org.Appointment, error) {
		var o org.Appointment
		var roles []string
		err := row.Scan(&o.ID, &o.Person, &o.FullName, &o.Position, &o.Agency, &o.AgencyName, &o.AgencyShortName, &o.Unit,
			&o.UnitName, &roles, &o.Ordinal, &o.ValidFrom, &o.ValidTo, &o.Version)
		for _, r := range roles {
			o.Roles = append(o.Roles, access.Role(r))
		}
		return o, err
	})
	m := make(map[id.Appointment]org.Appointment, len(found))
	for _, o := range found {
		m[o.ID] = o
	}
	return m, postgres.Translate(err)
}

func listRecipients(ctx context.Context, q postgres.Querier, documentID id.Document) ([]Recipient, error) {
	rows, err := q.Query(ctx, `select r.agency_id, a.name from document_recipients r join agencies a on a.id = r.agency_id
		where r.document_id = $1 order by r.ordinal`, documentID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Recipient, err error) {
		return r, row.Scan(&r.Agency, &r.Name)
	})
}

// ListFiles reads the files of a document as they stand, main file first. It decides no right: the
// caller has.
func ListFiles(ctx context.Context, q postgres.Querier, documentID id.Document) ([]File, error) {
	rows, err := q.Query(ctx, `
		select f.id, f.name, f.main, r.revision, r.reason, r.sha256, r.size
		from document_files f cross join lateral (
			select * from file_revisions r where r.file_id = f.id order by r.revision desc limit 1) r
		where f.document_id = $1 and f.removed_at is null
		order by f.main desc, f.ordinal`, documentID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	files, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f File, err error) {
		return f, row.Scan(&f.ID, &f.Name, &f.Main, &f.Revision, &f.Reason, &f.Ref.Hash, &f.Ref.Size)
	})
	return files, postgres.Translate(err)
}

func insertDocument(ctx context.Context, tx *postgres.Tx, d Document, in Input) error {
	var form *CopyForm
	var source *CopySource
	warnings := []string{}
	if in.Copy != nil {
		form, source, warnings = &in.Copy.Form, &in.Copy.Source, in.Copy.Warnings
	}
	_, err := tx.Exec(ctx, `insert into documents (id, agency_id, type_code, symbol, subject, urgency, state, signer_id, created_by,
			created_at, updated_at, copy_form, copy_source, copy_warnings)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13)`, d.ID, d.Agency, in.TypeCode, in.Symbol, in.Subject,
		in.Urgency, Draft, orNull(in.Signer), d.CreatedBy.ID, d.CreatedAt, form, source, warnings)
	return err
}

func updateContent(ctx context.Context, tx *postgres.Tx, documentID id.Document, in Input, now time.Time) error {
	_, err := tx.Exec(ctx, `update documents set type_code = $2, symbol = $3, subject = $4,
			urgency = $5, signer_id = $6, updated_at = $7, version = version + 1 where id = $1`,
		documentID, in.TypeCode, in.Symbol, in.Subject, in.Urgency, orNull(in.Signer), now)
	return err
}

// orNull is the signer as a column: copies have none.
func orNull(signer id.Appointment) *id.Appointment {
	if id.IsZero(signer) {
		return nil
	}
	return &signer
}

func replaceRecipients(ctx context.Context, tx *postgres.Tx, documentID id.Document, agencies []id.Agency) error {
	if _, err := tx.Exec(ctx, `delete from document_recipients where document_id = $1`, documentID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into document_recipients (document_id, agency_id, ordinal)
		select $1, x.agency, x.ordinal from unnest($2::uuid[]) with ordinality as x (agency, ordinal)`, documentID, agencies)
	return err
}

// newFile is a file to be added to a document.
type newFile struct {
	document id.Document
	id       id.File
	ordinal  int
	main     bool
	name     string
	at       time.Time
}

func insertFile(ctx context.Context, tx *postgres.Tx, f newFile) error {
	_, err := tx.Exec(ctx, `insert into document_files (id, document_id, ordinal, main, name) values ($1, $2, $3, $4, $5)`,
		f.id, f.document, f.ordinal, f.main, f.name)
	return err
}

// lastOrdinal is the highest place among the files of a document, removed ones included.
func lastOrdinal(ctx context.Context, q postgres.Querier, documentID id.Document) (n int, err error) {
	return n, q.QueryRow(ctx, `select coalesce(max(ordinal), 0) from document_files where document_id = $1`, documentID).Scan(&n)
}

// keepFiles removes all files of a draft but those given, and unmarks the main one.
func keepFiles(ctx context.Context, tx *postgres.Tx, documentID id.Document, kept []id.File, now time.Time) error {
	_, err := tx.Exec(ctx, `update document_files set main = false,
			removed_at = case when id = any($2) then null else $3::timestamptz end
		where document_id = $1 and removed_at is null`, documentID, kept, now)
	return err
}

func markMain(ctx context.Context, tx *postgres.Tx, fileID id.File) error {
	_, err := tx.Exec(ctx, `update document_files set main = true where id = $1`, fileID)
	return err
}

func insertRevision(ctx context.Context, tx *postgres.Tx, fileID id.File, r revision) error {
	_, err := tx.Exec(ctx, `insert into file_revisions (file_id, revision, sha256, size, reason, made_by, made_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, fileID, r.number, r.ref.Hash, r.ref.Size, r.reason, r.by, r.at)
	return err
}

func insertStep(ctx context.Context, tx *postgres.Tx, documentID id.Document, s Step) error {
	var by *id.Appointment
	if s.By != nil {
		by = &s.By.ID
	}
	_, err := tx.Exec(ctx, `insert into document_steps (id, document_id, at, state, appointment_id, reason)
		values ($1, $2, $3, $4, $5, $6)`, id.New[id.Event](), documentID, s.At, s.State, by, s.Reason)
	return err
}

func updateState(ctx context.Context, tx *postgres.Tx, documentID id.Document, to State, reason string, now time.Time) error {
	_, err := tx.Exec(ctx, `update documents set state = $2, updated_at = $4::timestamptz, version = version + 1,
			return_reason = case when $2 = 'draft' then $3 else '' end,
			released_at = case when $2 = 'released' then $4::timestamptz end
		where id = $1`, documentID, string(to), reason, now)
	return err
}

// updatePending says which request for signatures holds the document. It is no change of the document:
// its version stays.
func updatePending(ctx context.Context, tx *postgres.Tx, documentID id.Document, request *id.Request) error {
	_, err := tx.Exec(ctx, `update documents set pending_request_id = $2 where id = $1`, documentID, request)
	return err
}

// activeAgencies tells which of the agencies exist on the day.
func activeAgencies(ctx context.Context, q postgres.Querier, agencies []id.Agency, day time.Time) (map[id.Agency]bool, error) {
	rows, err := q.Query(ctx, `select id from agencies
		where id = any($1) and valid_from <= $2 and (valid_to is null or valid_to > $2)`, agencies, day)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.Agency])
	m := make(map[id.Agency]bool, len(found))
	for _, a := range found {
		m[a] = true
	}
	return m, err
}

// isLeaderOf reports whether the appointment is a leader's of the agency on the day.
func isLeaderOf(ctx context.Context, q postgres.Querier, appointment id.Appointment, agency id.Agency, day time.Time) (ok bool, err error) {
	err = q.QueryRow(ctx, `select exists (select from appointments where id = $1 and agency_id = $2 and 'leader' = any(roles)
		and valid_from <= $3 and (valid_to is null or valid_to > $3))`, appointment, agency, day).Scan(&ok)
	return ok, err
}

func listSummaries(ctx context.Context, q postgres.Querier, agency id.Agency, creator *id.Appointment, f Filter) ([]Summary, error) {
	where, args := `d.agency_id = $1`, []any{agency}
	add := func(condition string, values ...any) {
		places := make([]any, len(values))
		for i, v := range values {
			args = append(args, v)
			places[i] = len(args)
		}
		where += " and " + fmt.Sprintf(condition, places...)
	}
	if creator != nil {
		add(`d.created_by = $%d`, *creator)
	}
	if f.State != "" {
		add(`d.state = $%d`, f.State)
	}
	if f.After != "" {
		var at time.Time
		var last id.Document
		if err := postgres.ReadCursor(f.After, &at, &last); err != nil {
			return nil, err
		}
		add(`(d.created_at, d.id) < ($%d, $%d)`, at, last)
	}
	args = append(args, f.Limit+1)
	rows, err := q.Query(ctx, fmt.Sprintf(`
		select d.id, d.type_code, d.number, d.symbol, d.issued_on, d.subject, d.urgency, d.state, coalesce(sp.full_name, ''), cp.full_name,
			(select count(*) from document_recipients r where r.document_id = d.id),
			(select count(*) from document_files f where f.document_id = d.id and f.removed_at is null),
			d.return_reason, d.released_at, d.created_at, d.updated_at, d.version
		from documents d
		left join appointments s on s.id = d.signer_id left join persons sp on sp.id = s.person_id
		join appointments c on c.id = d.created_by join persons cp on cp.id = c.person_id
		where %s order by d.created_at desc, d.id desc limit $%d`, where, len(args)), args...)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Summary, err error) {
		return s, row.Scan(&s.ID, &s.TypeCode, &s.Number, &s.Symbol, &s.IssuedOn, &s.Subject, &s.Urgency, &s.State, &s.SignerName,
			&s.CreatedByName, &s.RecipientCount, &s.FileCount, &s.ReturnReason, &s.ReleasedAt, &s.CreatedAt, &s.UpdatedAt, &s.Version)
	})
	return found, postgres.Translate(err)
}
