-- +goose Up
-- Certificates the system can sign with. Development keys only for now: the key file lies beside the data.
create table certificates (
  id uuid primary key,
  holder text not null constraint certificates_holder check (holder in ('person', 'agency')),
  person_id uuid references persons (id),
  agency_id uuid references agencies (id),
  subject text not null,
  der bytea not null,
  serial text not null,
  key_name text not null constraint certificates_key_unique unique,
  development boolean not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  created_at timestamptz not null,
  constraint certificates_one_holder check ((person_id is null) <> (agency_id is null))
);
create unique index certificates_person on certificates (person_id) where person_id is not null;
create unique index certificates_agency on certificates (agency_id) where agency_id is not null;
-- Intent first, then the act, then its result.
create table signatures (
  id uuid primary key,
  document_id uuid not null references documents (id),
  file_id uuid not null references document_files (id),
  purpose text not null constraint signatures_purpose check (purpose in ('leader', 'seal')),
  certificate_id uuid not null references certificates (id),
  appointment_id uuid not null references appointments (id),
  state text not null constraint signatures_state check (state in ('intended', 'made', 'failed')),
  input_sha256 bytea not null,
  output_sha256 bytea,
  failure text not null default '',
  intended_at timestamptz not null,
  finished_at timestamptz
);
create index signatures_document on signatures (document_id);
-- one attempt at a time, and one success, per file and purpose
create unique index signatures_once on signatures (file_id, purpose) where state <> 'failed';
-- Verdicts on files, by content: the same bytes are judged once per verifier version.
create table verdicts (
  sha256 bytea not null,
  verifier integer not null,
  result jsonb not null,
  checked_at timestamptz not null,
  primary key (sha256, verifier)
);
